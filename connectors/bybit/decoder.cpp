#include "connectors/bybit/decoder.hpp"

#include <algorithm>
#include <array>

#include "connectors/bybit/quick.hpp"
#include "engine/base/ensure.hpp"

namespace arb::bybit {
namespace {

constexpr std::size_t kFrameExpected = std::size_t{1} << 18;
constexpr std::size_t kTradesMax = 4096;  // the venue sends at most 1024 in one message

constexpr unsigned kTickerSides = kDataBids | kDataAsks | kDataBidSize | kDataAskSize;

// Public topics that say nothing about books, quotes or trades.
constexpr std::array<std::string_view, 10> kQuietTopics{
    "kline.", "kline_lt.",  "allLiquidation.", "liquidation.", "tickers_lt.",
    "lt.",    "insurance.", "priceLimit.",     "adlAlert.",    "system.",
};

bool take_prefix(std::string_view& text, std::string_view prefix)
{
    if (text.substr(0, prefix.size()) != prefix) return false;
    text.remove_prefix(prefix.size());
    return true;
}

}  // namespace

Decoder::Decoder(VenueId venue, const InstrumentTable& table) : venue_(venue), table_(&table)
{
    // Larger messages grow the parser once.
    ENSURE(parser_.allocate(kFrameExpected) == simdjson::SUCCESS, "the decoder finds its scratch memory");
    message_.trades.reserve(kTradesMax);
}

void Decoder::decode(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink)
{
    frame_ = frame;
    message_.clear();
    if (read_quick(frame, venue_, *table_, message_)) {
        complete() ? message_.hand_on_book(now, sink) : report_failure(connection, sink);
        return;
    }
    message_.clear();
    if (!read()) {
        report_failure(connection, sink);
    } else if ((message_.seen & kRootOperation) != 0) {
        message_.hand_on_reply(connection, now, sink);
    } else {
        message_.hand_on(connection, now, sink);
    }
}

void Decoder::report_failure(ConnectionId connection, FactSink& sink) const
{
    const ListingId listing = message_.listing_in_doubt(frame_, venue_, *table_);
    sink.on_undecoded({reason_, listing, connection, message_.symbol});
}

bool Decoder::read()
{
    return walk_root(
               parser_, frame_, reason_,
               [this](JsonKey key, JsonValue& value, bool& data_waits) {
                   return read_root_field(key, value, data_waits);
               },
               [this](JsonValue& value) { return read_data(value); }) &&
           complete();
}

bool Decoder::read_root_field(JsonKey key, JsonValue& value, bool& data_waits)
{
    PublicMessage& m = message_;
    if (key == "topic") return once(m.seen, kRootTopic) && read_topic(value);
    if (key == "type") return once(m.seen, kRootType) && read_kind(value);
    if (key == "ts") return once(m.seen, kRootSent) && read_bare_time(value, m.sent, reason_);
    if (key == "data") {
        if (!once(m.seen, kRootData)) return false;
        data_waits = (m.seen & kRootTopic) == 0;
        return data_waits || read_data(value);
    }
    if (key == "cts") return once(m.seen, kRootMatched) && read_bare_time(value, m.matched, reason_);
    if (key == "cs") return once(m.seen, kRootCross) && read_integer(value, m.cross_sequence, reason_);
    if (key == "op") return once(m.seen, kRootOperation) && read_text(value, m.operation, reason_);
    if (key == "success") return once(m.seen, kRootSuccess) && read_success(value);
    if (key == "ret_msg") return once(m.seen, kRootText) && read_text(value, m.text, reason_);
    if (key == "args") return once(m.seen, kRootArgs) && read_pong(value);
    return true;
}

bool Decoder::read_topic(JsonValue& value)
{
    PublicMessage& m = message_;
    if (!read_text(value, m.topic, reason_)) return false;
    std::string_view rest = m.topic;
    if (take_prefix(rest, "orderbook.")) {
        const std::size_t dot = rest.find('.');
        const std::string_view depth = rest.substr(0, dot);
        rest.remove_prefix(std::min(depth.size() + 1, rest.size()));
        // orderbook.rpi levels have another shape and orderbook.full needs its own REST book: neither is
        // asked for.
        if (depth == "1") {
            m.content = Content::top;
        } else if (depth == "50" || depth == "200" || depth == "500" || depth == "1000") {
            m.content = Content::book;
        }
    } else if (take_prefix(rest, "publicTrade.")) {
        m.content = Content::trades;
    } else if (take_prefix(rest, "tickers.")) {
        m.content = Content::ticker;
    } else if (std::any_of(kQuietTopics.begin(), kQuietTopics.end(), [rest](std::string_view topic) {
                   return rest.substr(0, topic.size()) == topic;
               })) {
        m.content = Content::quiet;
    }
    m.symbol = rest;
    m.listing = table_->find_symbol(venue_, rest);
    return true;
}

bool Decoder::read_kind(JsonValue& value)
{
    std::string_view kind;
    if (!read_text(value, kind, reason_)) return false;
    // Replies on the option address have the type COMMAND_RESP; market messages are checked in complete().
    if (kind == "snapshot") message_.kind = Kind::snapshot;
    if (kind == "delta") message_.kind = Kind::delta;
    return true;
}

bool Decoder::read_success(JsonValue& value)
{
    const auto error = value.get_bool().get(message_.success);
    return error == simdjson::SUCCESS || fail(arb::reason_of(error));
}

// {"op":"pong","args":["1675418560633"]}: the venue's clock. Other replies may carry other arguments.
bool Decoder::read_pong(JsonValue& value)
{
    const std::string_view token = value.raw_json_token();
    if (token.empty() || token.front() != '[') return true;
    TextCursor cursor(token.data(), frame_.data + frame_.size);
    constexpr std::int64_t kMillisecondsMax = std::numeric_limits<std::int64_t>::max() / 1'000'000;
    std::int64_t milliseconds_sent = 0;
    UndecodedReason ignored{};
    if (cursor.take('[') && cursor.decimal(0, milliseconds_sent, ignored) && milliseconds_sent > 0 &&
        milliseconds_sent <= kMillisecondsMax) {
        message_.pong = {milliseconds_sent * 1'000'000};
    }
    return true;
}

bool Decoder::read_data(JsonValue& value)
{
    const Content content = message_.content;
    if (content == Content::quiet || content == Content::unknown || message_.listing == nullptr) return true;
    if (content == Content::trades) return read_trades(value);
    JsonObject object;
    if (const auto error = value.get_object().get(object); error != simdjson::SUCCESS)
        return fail(arb::reason_of(error));
    return content == Content::ticker ? read_ticker(object) : read_book(object);
}

bool Decoder::read_book(JsonObject& object)
{
    PublicMessage& m = message_;
    const WireScale& scale = m.listing->wire;
    const char* end = frame_.data + frame_.size;
    return for_members(object, reason_, [&](JsonKey key, JsonValue& value) {
        bool good = true;
        if (key == "b") {
            good = once(m.seen_data, kDataBids) && read_levels(value, end, scale, m.bids, reason_);
        } else if (key == "a") {
            good = once(m.seen_data, kDataAsks) && read_levels(value, end, scale, m.asks, reason_);
        } else if (key == "u") {
            good = once(m.seen_data, kDataUpdate) && read_integer(value, m.update, reason_);
        } else if (key == "seq") {
            good = once(m.seen_data, kDataCross) && read_integer(value, m.cross_sequence, reason_);
        } else if (key == "s") {
            std::string_view symbol;
            good = once(m.seen_data, kDataSymbol) && read_text(value, symbol, reason_);
            if (good && symbol != m.symbol) return fail(UndecodedReason::malformed);
        }
        return good;
    });
}

bool Decoder::read_trades(JsonValue& value)
{
    JsonArray elements;
    if (const auto error = value.get_array().get(elements); error != simdjson::SUCCESS)
        return fail(arb::reason_of(error));
    for (auto element : elements) {
        JsonObject object;
        if (const auto error = element.get_object().get(object); error != simdjson::SUCCESS) {
            return fail(arb::reason_of(error));
        }
        if (!read_trade(object)) return false;
    }
    return true;
}

bool Decoder::read_trade(JsonObject& object)
{
    Trade trade;
    trade.listing = message_.listing->id;
    const WireScale& scale = message_.listing->wire;
    unsigned seen = 0;
    const bool all = for_members(object, reason_, [&](JsonKey key, JsonValue& value) {
        bool good = true;
        if (key == "T") {
            good = once(seen, kDataTime) && read_bare_time(value, trade.venue_time, reason_);
        } else if (key == "S") {
            std::string_view side;
            good = once(seen, kDataSide) && read_text(value, side, reason_);
            if (good && side != "Buy" && side != "Sell") return fail(UndecodedReason::malformed);
            trade.aggressor = side == "Sell" ? Side::sell : Side::buy;
        } else if (key == "v") {
            good = once(seen, kDataSize) && read_quantity(value, scale, trade.quantity, reason_);
        } else if (key == "p") {
            good = once(seen, kDataPrice) && read_price(value, scale, trade.price, reason_);
        }
        return good;
    });
    if (!all) return false;
    if (seen != (kDataTime | kDataSide | kDataSize | kDataPrice)) return fail(UndecodedReason::missing_field);
    if (trade.quantity.zero()) return fail(UndecodedReason::bad_quantity);
    if (message_.trades.size() == kTradesMax) return fail(UndecodedReason::too_many_levels);
    message_.trades.push_back(trade);
    return true;
}

bool Decoder::read_ticker(JsonObject& object)
{
    PublicMessage& m = message_;
    const bool all = for_members(object, reason_, [&](JsonKey key, JsonValue& value) {
        bool good = true;
        if (key == "bid1Price") {
            good = once(m.seen_data, kDataBids) && read_quote_side(value, &m.quote.bid.price, nullptr);
        } else if (key == "bid1Size") {
            good = once(m.seen_data, kDataBidSize) && read_quote_side(value, nullptr, &m.quote.bid.quantity);
        } else if (key == "ask1Price") {
            good = once(m.seen_data, kDataAsks) && read_quote_side(value, &m.quote.ask.price, nullptr);
        } else if (key == "ask1Size") {
            good = once(m.seen_data, kDataAskSize) && read_quote_side(value, nullptr, &m.quote.ask.quantity);
        }
        return good;
    });
    if (!all) return false;
    m.both_sides = (m.seen_data & kTickerSides) == kTickerSides;
    return true;
}

// A side without orders has empty texts.
bool Decoder::read_quote_side(JsonValue& value, Price* price, Quantity* quantity)
{
    std::string_view text;
    if (!read_text(value, text, reason_)) return false;
    if (text.empty()) return true;
    const WireScale& scale = message_.listing->wire;
    return price != nullptr ? read_price(value, scale, *price, reason_)
                            : read_quantity(value, scale, *quantity, reason_);
}

// The frame has been read to its end: is everything there that its kind needs?
bool Decoder::complete()
{
    const PublicMessage& m = message_;
    if ((m.seen & kRootOperation) != 0 || (m.seen & kRootTopic) == 0) return true;
    if (m.content == Content::quiet || m.content == Content::unknown || m.listing == nullptr) return true;
    if ((m.seen & kRootData) == 0 || (m.seen & kRootSent) == 0 || (m.seen & kRootType) == 0) {
        return fail(UndecodedReason::missing_field);
    }
    if (m.kind == Kind::none) return fail(UndecodedReason::malformed);
    if (m.content == Content::trades || m.content == Content::ticker) return true;
    constexpr unsigned kNeeded = kDataBids | kDataAsks | kDataUpdate;
    if ((m.seen_data & kNeeded) != kNeeded) return fail(UndecodedReason::missing_field);
    return (m.update > 0 && m.cross_sequence >= 0) || fail(UndecodedReason::bad_number);
}

}  // namespace arb::bybit
