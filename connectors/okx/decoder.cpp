#include "connectors/okx/decoder.hpp"

#include <algorithm>
#include <array>

#include "connectors/okx/facts.hpp"
#include "connectors/okx/quick.hpp"
#include "engine/base/ensure.hpp"

namespace arb::okx {
namespace {

constexpr std::size_t kFrameExpected = std::size_t{1} << 18;
constexpr std::size_t kTradesMax = 4096;

// Public channels that say nothing about books, quotes, trades or whether an instrument trades. A trailing
// '*' stands for any ending.
constexpr std::array<std::string_view, 20> kQuietChannels{
    "candle*",       "mark-price*",          "index-*",           "funding-rate",
    "open-interest", "price-limit",          "estimated-price",   "opt-summary",
    "adl-warning",   "liquidation-orders",   "block-*",           "public-*",
    "sprd-*",        "call-auction*",        "economic-calendar", "option-trades",
    "account*",      "balance_and_position", "orders*",           "positions*"};

bool quiet_channel(std::string_view channel)
{
    return std::any_of(kQuietChannels.begin(), kQuietChannels.end(), [channel](std::string_view name) {
        if (name.back() != '*') return channel == name;
        name.remove_suffix(1);
        return channel.substr(0, name.size()) == name;
    });
}

}  // namespace

Decoder::Decoder(VenueId venue, const InstrumentTable& table)
    : venue_(venue), table_(&table), states_(venue, table)
{
    // Larger messages grow the parser once.
    ENSURE(parser_.allocate(kFrameExpected) == simdjson::SUCCESS, "the decoder finds its scratch memory");
    trades_.reserve(kTradesMax);
}

bool Decoder::decode(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink)
{
    if (frame.view() == "pong") return false;  // a plain text frame, not JSON ("Connection", heartbeats)
    message_ = {};
    bids_.clear();
    asks_.clear();
    if (read_quick_book(frame, venue_, *table_, message_, bids_, asks_)) {
        frame_ = frame;
        complete() ? hand_on_book(message_, bids_, asks_, now, sink) : report_failure(connection, sink);
        return false;
    }
    message_ = {};
    if (!read(frame)) {
        report_failure(connection, sink);
        return false;
    }
    if ((message_.seen & kRootEvent) != 0) {
        hand_on_event(message_, connection, sink);
        return message_.event == "notice" && message_.code == "64008";
    }
    if ((message_.seen & kRootCode) != 0 && message_.code != "0") {
        sink.on_undecoded({UndecodedReason::venue_error, kNoListing, connection, message_.text});
    } else {
        hand_on(connection, now, sink);
    }
    return false;
}

void Decoder::decode_book_reply(std::string_view symbol, PaddedText body, Timestamp now, FactSink& sink)
{
    message_ = {};
    message_.channel = "books";
    message_.symbol = symbol;
    message_.content = Content::book;
    message_.action = Action::snapshot;
    message_.listing = table_->find_symbol(venue_, symbol);
    message_.seen = kRootArg | kRootAction;
    if (!read(body)) {
        report_failure({}, sink);
    } else if (message_.code != "0") {
        sink.on_undecoded({UndecodedReason::venue_error, kNoListing, {}, message_.text});
    } else {
        hand_on({}, now, sink);
    }
}

bool Decoder::read(PaddedText frame)
{
    frame_ = frame;
    bids_.clear();
    asks_.clear();
    trades_.clear();
    states_.clear();
    return walk_root(
               parser_, frame, reason_,
               [this](JsonKey key, JsonValue& value, bool& data_waits) {
                   return read_root_field(key, value, data_waits);
               },
               [this](JsonValue& value) { return read_data(value); }) &&
           complete();
}

bool Decoder::read_root_field(JsonKey key, JsonValue& value, bool& data_waits)
{
    PublicMessage& m = message_;
    if (key == "arg") return once(m.seen, kRootArg) && read_arg(value);
    if (key == "action") return once(m.seen, kRootAction) && read_action(value);
    if (key == "data") {
        if (!once(m.seen, kRootData)) return false;
        data_waits = (m.seen & kRootArg) == 0;
        return data_waits || read_data(value);
    }
    if (key == "event") return once(m.seen, kRootEvent) && read_text(value, m.event, reason_);
    if (key == "code") return once(m.seen, kRootCode) && read_text(value, m.code, reason_);
    if (key == "msg") return once(m.seen, kRootText) && read_text(value, m.text, reason_);
    return true;
}

bool Decoder::read_arg(JsonValue& value)
{
    JsonObject arg;
    if (const auto error = value.get_object().get(arg); error != simdjson::SUCCESS)
        return fail(reason_of(error));
    PublicMessage& m = message_;
    unsigned seen = 0;
    const bool all = for_members(arg, reason_, [&](JsonKey key, JsonValue& item) {
        if (key == "channel") return once(seen, 1) && read_text(item, m.channel, reason_);
        return key != "instId" || (once(seen, 2) && read_text(item, m.symbol, reason_));
    });
    if (!all) return false;
    const std::string_view channel = m.channel;
    if (channel == "books" || channel == "books5" || channel == "books-l2-tbt" ||
        channel == "books50-l2-tbt") {
        m.content = Content::book;
    } else if (channel == "trades" || channel == "trades-all") {
        m.content = Content::trades;
    } else if (channel == "bbo-tbt") {
        m.content = Content::top;
    } else if (channel == "tickers") {
        m.content = Content::ticker;
    } else if (channel == "instruments") {
        m.content = Content::instruments;
    } else if (channel == "status") {
        m.content = Content::service;
    } else if (quiet_channel(channel)) {
        m.content = Content::quiet;
    }
    m.listing = table_->find_symbol(venue_, m.symbol);
    return true;
}

bool Decoder::read_action(JsonValue& value)
{
    std::string_view action;
    if (!read_text(value, action, reason_)) return false;
    if (action != "snapshot" && action != "update") return fail(UndecodedReason::malformed);
    message_.action = action == "snapshot" ? Action::snapshot : Action::update;
    return true;
}

bool Decoder::read_data(JsonValue& value)
{
    const Content content = message_.content;
    const bool states = content == Content::instruments || content == Content::service;
    if (!states && (content == Content::quiet || content == Content::unknown || message_.listing == nullptr))
        return true;
    if ((message_.seen & kRootCode) != 0 && message_.code != "0")
        return true;  // an error reply holds nothing
    JsonArray elements;
    if (const auto error = value.get_array().get(elements); error != simdjson::SUCCESS)
        return fail(reason_of(error));
    std::size_t count = 0;
    for (auto element : elements) {
        JsonObject object;
        if (const auto error = element.get_object().get(object); error != simdjson::SUCCESS) {
            return fail(reason_of(error));
        }
        if (content == Content::trades || states) {
            const bool good = content == Content::trades        ? read_trade(object)
                              : content == Content::instruments ? states_.read_instrument(object, reason_)
                                                                : states_.read_service(object, reason_);
            if (!good) return false;
            continue;
        }
        // Books and tickers come one to a message; two would need two places in the numbering.
        if (++count > 1) return fail(UndecodedReason::malformed);
        if (!(content == Content::ticker ? read_ticker(object) : read_book(object))) return false;
    }
    return content == Content::trades || states || count == 1 || fail(UndecodedReason::missing_field);
}

bool Decoder::read_book(JsonObject& object)
{
    PublicMessage& m = message_;
    const WireScale& scale = m.listing->wire;
    const char* end = frame_.data + frame_.size;
    return for_members(object, reason_, [&](JsonKey key, JsonValue& value) {
        bool good = true;
        if (key == "asks") {
            good = once(m.seen_data, kDataAsks) && read_levels(value, end, scale, asks_, reason_);
        } else if (key == "bids") {
            good = once(m.seen_data, kDataBids) && read_levels(value, end, scale, bids_, reason_);
        } else if (key == "ts") {
            good = once(m.seen_data, kDataTime) && read_quoted_time(value, m.time, reason_);
        } else if (key == "checksum") {
            good = once(m.seen_data, kDataChecksum) && read_integer(value, m.checksum, reason_);
        } else if (key == "seqId") {
            good = once(m.seen_data, kDataSequence) && read_integer(value, m.sequence, reason_);
        } else if (key == "prevSeqId") {
            good = once(m.seen_data, kDataPrevious) && read_integer(value, m.previous, reason_);
        }
        return good;
    });
}

bool Decoder::read_trade(JsonObject& object)
{
    Trade trade;
    trade.listing = message_.listing->id;
    const WireScale& scale = message_.listing->wire;
    unsigned seen = 0;
    const bool all = for_members(object, reason_, [&](JsonKey key, JsonValue& value) {
        bool good = true;
        if (key == "px") {
            good = once(seen, kDataPrice) && read_price(value, scale, trade.price, reason_);
        } else if (key == "sz") {
            good = once(seen, kDataSize) && read_quantity(value, scale, trade.quantity, reason_);
        } else if (key == "side") {
            std::string_view side;
            good = once(seen, kDataSide) && read_text(value, side, reason_);
            if (good && side != "buy" && side != "sell") return fail(UndecodedReason::malformed);
            trade.aggressor = side == "sell" ? Side::sell : Side::buy;
        } else if (key == "ts") {
            good = once(seen, kDataTime) && read_quoted_time(value, trade.venue_time, reason_);
        }
        return good;
    });
    if (!all) return false;
    if (seen != (kDataPrice | kDataSize | kDataSide | kDataTime)) return fail(UndecodedReason::missing_field);
    if (trade.quantity.zero()) return fail(UndecodedReason::bad_quantity);
    if (trades_.size() == kTradesMax) return fail(UndecodedReason::too_many_levels);
    trades_.push_back(trade);
    return true;
}

bool Decoder::read_ticker(JsonObject& object)
{
    PublicMessage& m = message_;
    return for_members(object, reason_, [&](JsonKey key, JsonValue& value) {
        bool good = true;
        if (key == "bidPx") {
            good = once(m.seen_data, kDataBids) && read_quote_side(value, &m.quote.bid.price, nullptr);
        } else if (key == "bidSz") {
            good = once(m.seen_data, kDataBidSize) && read_quote_side(value, nullptr, &m.quote.bid.quantity);
        } else if (key == "askPx") {
            good = once(m.seen_data, kDataAsks) && read_quote_side(value, &m.quote.ask.price, nullptr);
        } else if (key == "askSz") {
            good = once(m.seen_data, kDataAskSize) && read_quote_side(value, nullptr, &m.quote.ask.quantity);
        } else if (key == "ts") {
            good = once(m.seen_data, kDataTime) && read_quoted_time(value, m.time, reason_);
        }
        return good;
    });
}

// An instrument without a bid or an offer has empty texts there.
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
    if ((m.seen & kRootEvent) != 0) return true;
    if ((m.seen & kRootCode) != 0 && m.code != "0") return true;  // an error reply, told as such
    if ((m.seen & kRootArg) == 0) return true;                    // no market message: unknown_message
    if (m.content == Content::quiet || m.content == Content::unknown || m.listing == nullptr) return true;
    if ((m.seen & kRootData) == 0) return fail(UndecodedReason::missing_field);
    if (m.content == Content::trades) return true;
    unsigned needed = kDataAsks | kDataBids | kDataTime;
    if (m.content == Content::ticker) needed |= kDataBidSize | kDataAskSize;
    if ((m.seen_data & needed) != needed) return fail(UndecodedReason::missing_field);
    if (m.content != Content::book) return true;
    if (m.action == Action::none && m.channel != "books5") return fail(UndecodedReason::missing_field);
    // Signed 32 bits as documented; an unsigned spelling of the same bits would do no harm.
    if (m.checksum < std::numeric_limits<std::int32_t>::min() ||
        m.checksum > std::numeric_limits<std::uint32_t>::max()) {
        return fail(UndecodedReason::bad_number);
    }
    if (((m.seen_data & kDataSequence) != 0 && m.sequence < 0) || m.previous < -1) {
        return fail(UndecodedReason::bad_number);
    }
    return true;
}

void Decoder::hand_on(ConnectionId connection, Timestamp now, FactSink& sink)
{
    const PublicMessage& m = message_;
    if (m.content == Content::quiet) return;
    if (m.content == Content::instruments || m.content == Content::service)
        return states_.hand_on(connection, sink);
    if (m.content == Content::unknown) {
        const std::string_view text = m.channel.empty() ? m.text : m.channel;
        sink.on_undecoded({UndecodedReason::unknown_message, kNoListing, connection, text});
        return;
    }
    if (m.listing == nullptr) {
        sink.on_undecoded({UndecodedReason::unknown_instrument, kNoListing, connection, m.symbol});
        return;
    }
    if (m.content == Content::trades) {
        for (Trade& trade : trades_) {
            trade.receive_time = now;
            sink.on_trade(trade);
        }
    } else if (m.content == Content::book) {
        hand_on_book(m, bids_, asks_, now, sink);
    } else {
        hand_on_top(m, bids_, asks_, now, sink);
    }
}

void Decoder::report_failure(ConnectionId connection, FactSink& sink) const
{
    sink.on_undecoded(
        {reason_, listing_in_doubt(message_, frame_, venue_, *table_), connection, message_.symbol});
}

}  // namespace arb::okx
