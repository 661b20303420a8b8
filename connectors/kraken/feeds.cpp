#include "connectors/kraken/feeds.hpp"

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

FeedDecoder::FeedDecoder(const VenueSetup& setup) : venue_(setup.id), table_(*setup.table)
{
    trades_.reserve(1024);
}

void FeedDecoder::decode(std::string_view channel, const char* data, const FrameInput& input, FactSink& sink)
{
    TextCursor cursor(data, input.end);
    const bool trade = channel == "trade";
    trades_.clear();
    const bool read = data != nullptr && read_array(cursor, [&] {
                          return trade ? read_trade(cursor, input, sink) : read_ticker(cursor, input, sink);
                      });
    if (!read) {
        sink.on_undecoded({data == nullptr ? UndecodedReason::missing_field : UndecodedReason::malformed,
                           kNoListing, input.connection, channel});
        return;
    }
    for (const Trade& each : trades_) sink.on_trade(each);
}

bool FeedDecoder::read_trade(TextCursor& cursor, const FrameInput& input, FactSink& sink)
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

bool FeedDecoder::read_ticker(TextCursor& cursor, const FrameInput& input, FactSink& sink)
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
