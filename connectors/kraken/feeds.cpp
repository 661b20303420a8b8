// The Kraken decoder's lesser messages: replies to our requests, v1 events, v2 trades and tickers.
#include "connectors/kraken/decoder.hpp"
#include "connectors/kraken/symbols.hpp"
#include "engine/venue/json_walk.hpp"

namespace arb::kraken {
namespace {

// A ticker of an empty side says 0 (or null).
bool read_quote(const char* price_at, const char* quantity_at, const char* end, const WireScale& scale,
                Level& out, UndecodedReason& reason)
{
    out = {};
    if (price_at == nullptr || quantity_at == nullptr || *price_at == 'n') return true;
    TextCursor price(price_at, end);
    std::int64_t units = 0;
    if (price.decimal(scale.price_decimals, units, reason) && units == 0 && ends(price)) return true;
    return read_level_at(price_at, quantity_at, end, scale, out, reason);
}

}  // namespace

// "subscribe" and "unsubscribe": one confirmation a symbol, which tells the depth that truncation goes by.
void Decoder::decode_method(const Envelope& envelope, const Input& input, FactSink& sink)
{
    if (!envelope.success || !envelope.error.empty()) {
        sink.on_undecoded({UndecodedReason::venue_error, kNoListing, input.connection, envelope.error});
        return;
    }
    if (envelope.method == "pong") {
        const std::optional<Timestamp> time = parse_utc(envelope.time_out);
        if (time) sink.on_venue_time(*time, input.now);
        return;
    }
    const bool subscribed = envelope.method == "subscribe";
    if (!subscribed && envelope.method != "unsubscribe") {
        sink.on_undecoded({UndecodedReason::unknown_message, kNoListing, input.connection, envelope.method});
        return;
    }
    if (envelope.result == nullptr) return;
    std::string_view channel, symbol;
    std::int64_t depth = 0;
    UndecodedReason reason = UndecodedReason::malformed;
    TextCursor cursor(envelope.result, input.end);
    const bool read = read_object(cursor, [&](std::string_view key) {
        if (key == "channel") return cursor.string(channel);
        if (key == "symbol") return cursor.string(symbol);
        if (key == "depth") return cursor.decimal(0, depth, reason);
        return cursor.skip_value();
    });
    if (!read) {
        sink.on_undecoded({UndecodedReason::malformed, kNoListing, input.connection, envelope.method});
        return;
    }
    const Listing* listing = channel == "book" ? table_.find_symbol(venue_, symbol) : nullptr;
    if (listing == nullptr) return;
    if (depth > 0 && depth <= static_cast<std::int64_t>(kLevelsMax)) {
        books_[index(listing->id)].depth = static_cast<std::uint32_t>(depth);
    }
    sink.on_acknowledged(input.connection, listing->id, subscribed);
}

// v1 speaks of subscriptions and heartbeats in objects with "event".
void Decoder::decode_event(const Envelope& envelope, const Input& input, FactSink& sink)
{
    if (envelope.event == "heartbeat" || envelope.event == "systemStatus" || envelope.event == "pong") return;
    if (envelope.event == "error" || envelope.status == "error") {
        sink.on_undecoded(
            {UndecodedReason::venue_error, kNoListing, input.connection, envelope.error_message});
        return;
    }
    if (envelope.event != "subscriptionStatus") {
        sink.on_undecoded({UndecodedReason::unknown_message, kNoListing, input.connection, envelope.event});
        return;
    }
    if (!envelope.channel_name.starts_with("book")) return;
    SymbolBuffer buffer;
    const Listing* listing = table_.find_symbol(venue_, modern_symbol(envelope.pair, buffer));
    if (listing != nullptr)
        sink.on_acknowledged(input.connection, listing->id, envelope.status == "subscribed");
}

bool Decoder::read_trade(TextCursor& cursor, const Input& input, FactSink& sink)
{
    std::string_view symbol, side, time;
    const char* price = nullptr;
    const char* quantity = nullptr;
    const auto member = [&](std::string_view key) {
        if (key == "symbol") return cursor.string(symbol);
        if (key == "side") return cursor.string(side);
        if (key == "price") return remember(cursor, price);
        if (key == "qty") return remember(cursor, quantity);
        if (key == "timestamp") return cursor.string(time);
        return cursor.skip_value();
    };
    if (!read_object(cursor, member)) return false;
    const auto report = [&](UndecodedReason reason, std::string_view text) {
        sink.on_undecoded({reason, kNoListing, input.connection, text});
        return true;
    };
    if (symbol.empty() || price == nullptr || quantity == nullptr)
        return report(UndecodedReason::missing_field, {});
    const Listing* listing = table_.find_symbol(venue_, symbol);
    if (listing == nullptr) return report(UndecodedReason::unknown_instrument, symbol);
    if (side != "buy" && side != "sell") return report(UndecodedReason::missing_field, side);
    Level level;
    UndecodedReason reason = UndecodedReason::malformed;
    if (!read_level_at(price, quantity, input.end, listing->wire, level, reason))
        return report(reason, symbol);
    Trade trade;
    trade.listing = listing->id;
    trade.price = level.price;
    trade.quantity = level.quantity;
    trade.aggressor = side == "buy" ? Side::buy : Side::sell;  // "side" is the taker's
    trade.venue_time = clock_.read(time);
    trade.receive_time = input.now;
    trades_.push_back(trade);
    return true;
}

bool Decoder::read_ticker(TextCursor& cursor, const Input& input, FactSink& sink)
{
    std::string_view symbol, time;
    const char* bid = nullptr;
    const char* bid_quantity = nullptr;
    const char* ask = nullptr;
    const char* ask_quantity = nullptr;
    const auto member = [&](std::string_view key) {
        if (key == "symbol") return cursor.string(symbol);
        if (key == "bid") return remember(cursor, bid);
        if (key == "bid_qty") return remember(cursor, bid_quantity);
        if (key == "ask") return remember(cursor, ask);
        if (key == "ask_qty") return remember(cursor, ask_quantity);
        if (key == "timestamp") return cursor.string(time);
        return cursor.skip_value();
    };
    if (!read_object(cursor, member)) return false;
    const Listing* listing = table_.find_symbol(venue_, symbol);
    if (listing == nullptr) {
        sink.on_undecoded(
            {symbol.empty() ? UndecodedReason::missing_field : UndecodedReason::unknown_instrument,
             kNoListing, input.connection, symbol});
        return true;
    }
    BestQuote quote;
    UndecodedReason reason = UndecodedReason::malformed;
    if (!read_quote(bid, bid_quantity, input.end, listing->wire, quote.bid, reason) ||
        !read_quote(ask, ask_quantity, input.end, listing->wire, quote.ask, reason)) {
        sink.on_undecoded({reason, kNoListing, input.connection, symbol});
        return true;
    }
    if (quote.bid.quantity.zero() && quote.ask.quantity.zero()) return true;
    quote.listing = listing->id;
    quote.venue_time = clock_.read(time);
    quote.receive_time = input.now;
    sink.on_quote(quote);
    return true;
}

}  // namespace arb::kraken
