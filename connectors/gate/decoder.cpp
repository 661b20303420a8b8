#include "connectors/gate/decoder.hpp"

#include "engine/base/ensure.hpp"
#include "engine/venue/json_walk.hpp"

namespace arb::gate {
namespace {

constexpr std::size_t kFrameExpected = std::size_t{1} << 18;

}  // namespace

std::string_view symbol_of_stream(std::string_view stream, std::uint32_t& depth)
{
    constexpr std::string_view kBegin = "ob.";
    const std::size_t dot = stream.rfind('.');
    if (stream.substr(0, kBegin.size()) != kBegin || dot < kBegin.size()) return {};
    const std::string_view levels = stream.substr(dot + 1);
    if (levels == "50")
        depth = 50;
    else if (levels == "400")
        depth = 400;
    else
        return {};
    return stream.substr(kBegin.size(), dot - kBegin.size());
}

Decoder::Decoder(VenueId venue, const InstrumentTable& table)
    : venue_(venue),
      table_(&table),
      prefix_(table.venue(venue).market == "spot" ? "spot." : "futures."),
      quick_(R"({"channel":")" + prefix_ + R"(obu","result":{"t":)")
{
    // Larger messages grow the parser once.
    ENSURE(parser_.allocate(kFrameExpected) == simdjson::SUCCESS, "the decoder finds its scratch memory");
    trades_.reserve(kTradesMost);
    refusal_.wanted.reserve(64);
}

Decoder::News Decoder::decode(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink)
{
    frame_ = frame;
    bids_.clear();
    asks_.clear();
    book_ = {};
    if (read_quick(frame)) {
        hand_on_book(now, sink);
        return News::none;
    }
    bids_.clear();
    asks_.clear();
    book_ = {};
    envelope_ = {};
    stranger_ = {};
    if (!read_envelope(frame)) {
        sink.on_undecoded({reason_, listing_in_doubt(), connection, {}});
        return News::none;
    }
    const Envelope& e = envelope_;
    // The trading half's, in a recording that is read without it.
    if (e.is_request) return News::none;
    if (e.channel.empty()) {
        if (e.type == "upgrade" && !e.failed) return News::upgrade;
        const auto reason = e.failed ? UndecodedReason::venue_error : UndecodedReason::unknown_message;
        sink.on_undecoded({reason, kNoListing, connection, e.text});
    } else if (e.event == "subscribe" || e.event == "unsubscribe") {
        return hand_on_reply(connection, sink);
    } else if (e.failed) {
        sink.on_undecoded({UndecodedReason::venue_error, kNoListing, connection, e.text});
    } else if (e.event.empty() && e.channel.substr(0, prefix_.size()) == prefix_ &&
               e.channel.substr(prefix_.size()) == "pong") {
        if (e.sent.known()) sink.on_venue_time(e.sent, now);
    } else {
        hand_on_data(connection, now, sink);
    }
    return News::none;
}

bool Decoder::read_envelope(PaddedText frame)
{
    JsonDocument document;
    JsonObject root;
    if (parser_.iterate(frame.data, frame.size, frame.size + kTextPadding).get(document) !=
            simdjson::SUCCESS ||
        document.get_object().get(root) != simdjson::SUCCESS) {
        return fail(UndecodedReason::malformed);
    }
    unsigned seen = 0;
    const bool read = for_members(
        root, reason_, [&](JsonKey key, JsonValue& value) { return read_root_field(key, value, seen); });
    if (!read) return false;
    // A location that is left belongs to what follows the closing brace.
    return document.current_location().error() == simdjson::OUT_OF_BOUNDS || fail(UndecodedReason::malformed);
}

bool Decoder::read_root_field(JsonKey key, JsonValue& value, unsigned& seen)
{
    Envelope& e = envelope_;
    if (key == "channel") return once(seen, kRootChannel) && read_text(value, e.channel, reason_);
    if (key == "event") return once(seen, kRootEvent) && read_text(value, e.event, reason_);
    if (key == "type") return once(seen, kRootType) && read_text(value, e.type, reason_);
    if (key == "time_ms") return once(seen, kRootSent) && read_bare_time(value, e.sent, reason_);
    if (key == "msg") return once(seen, kRootText) && read_text(value, e.text, reason_);
    if (key == "request_id") {
        e.is_request = true;
        return true;
    }
    if (key == "error") return once(seen, kRootError) && read_error(value);
    if (key == "result") {
        e.result = value.raw_json_token().data();
        return once(seen, kRootResult);
    }
    if (key == "payload") {
        e.payload = value.raw_json_token().data();
        return once(seen, kRootPayload);
    }
    return true;
}

// Null is success; whatever else stands there is none.
bool Decoder::read_error(JsonValue& value)
{
    Envelope& e = envelope_;
    const std::string_view token = value.raw_json_token();
    if (token.substr(0, 4) == "null") return true;
    e.failed = true;
    JsonObject object;
    if (token.substr(0, 1) != "{" || value.get_object().get(object) != simdjson::SUCCESS)
        return fail(UndecodedReason::wrong_type);
    return for_members(object, reason_, [&](JsonKey key, JsonValue& item) {
        if (key == "code") return read_integer(item, e.code, reason_);
        return key != "message" || read_text(item, e.text, reason_);
    });
}

bool Decoder::read_payload()
{
    refusal_.wanted.clear();
    if (envelope_.payload == nullptr) return fail(UndecodedReason::missing_field);
    TextCursor cursor(envelope_.payload, frame_.data + frame_.size);
    const bool read = read_array(cursor, [&] {
        std::string_view name;
        if (!cursor.string(name)) return false;
        refusal_.wanted.push_back(name);
        return true;
    });
    return read || fail(UndecodedReason::malformed);
}

Decoder::Content Decoder::content() const
{
    std::string_view channel = envelope_.channel;
    if (channel.substr(0, prefix_.size()) != prefix_) return Content::unknown;
    channel.remove_prefix(prefix_.size());
    if (channel == "obu") return Content::book;
    if (channel == "trades") return Content::trades;
    if (channel == "book_ticker") return Content::ticker;
    // Of no use to a book. Other kinds of books are not passed over: a book that is spoken of and not
    // followed should be heard of.
    for (const std::string_view quiet : {"tickers", "orders", "usertrades", "balances"}) {
        if (channel == quiet) return Content::quiet;
    }
    return Content::unknown;
}

bool Decoder::name_listing(std::string_view stream)
{
    book_.stream = stream;
    const std::string_view symbol = symbol_of_stream(stream, book_.depth);
    book_.listing = symbol.empty() ? nullptr : table_->find_symbol(venue_, symbol);
    return true;
}

bool Decoder::read_book()
{
    if (envelope_.result == nullptr) return fail(UndecodedReason::missing_field);
    const char* const end = frame_.data + frame_.size;
    TextCursor cursor(envelope_.result, end);
    if (!cursor.peek('{')) return fail(UndecodedReason::wrong_type);
    unsigned seen = 0;
    const char *bids = nullptr, *asks = nullptr;
    reason_ = UndecodedReason::malformed;
    if (!read_object(cursor,
                     [&](std::string_view key) { return read_book_field(key, cursor, seen, bids, asks); })) {
        return false;
    }
    if ((seen & kBookStream) == 0) return fail(UndecodedReason::missing_field);
    if (!book_.time.known()) book_.time = envelope_.sent;
    if (book_.listing == nullptr) return true;  // somebody else's
    // A whole book tells both sides; a change may leave out a side.
    const unsigned needed = book_.full ? kBookLast | kBookBids | kBookAsks : kBookFirst | kBookLast;
    if ((seen & needed) != needed) return fail(UndecodedReason::missing_field);
    if (book_.last <= 0 || (!book_.full && (book_.first <= 0 || book_.first > book_.last)))
        return fail(UndecodedReason::bad_number);
    for (const auto& [at, levels] : {std::pair{bids, &bids_}, std::pair{asks, &asks_}}) {
        if (at == nullptr) continue;
        TextCursor side(at, end);
        if (!side.peek('[')) return fail(UndecodedReason::wrong_type);
        if (!read_pairs(side, book_.listing->wire, *levels, reason_)) return false;
    }
    return true;
}

bool Decoder::read_book_field(std::string_view key, TextCursor& cursor, unsigned& seen, const char*& bids,
                              const char*& asks)
{
    if (key == "t") return once(seen, kBookTime) && read_time(cursor, book_.time);
    if (key == "U") return once(seen, kBookFirst) && cursor.decimal(0, book_.first, reason_);
    if (key == "u") return once(seen, kBookLast) && cursor.decimal(0, book_.last, reason_);
    if (key == "b") return once(seen, kBookBids) && remember(cursor, bids);
    if (key == "a") return once(seen, kBookAsks) && remember(cursor, asks);
    if (key == "s") {
        std::string_view stream;
        return once(seen, kBookStream) && cursor.string(stream) && name_listing(stream);
    }
    if (key == "full") {
        book_.full = cursor.peek('t');
        const bool known = book_.full || cursor.peek('f');
        const std::string_view word = book_.full ? "true" : "false";
        const std::string_view rest(cursor.at(),
                                    static_cast<std::size_t>(frame_.data + frame_.size - cursor.at()));
        if (!known || rest.substr(0, word.size()) != word) return fail(UndecodedReason::wrong_type);
        return once(seen, kBookFull) && cursor.skip_value();
    }
    return cursor.skip_value();
}

/// Milliseconds since 1970, with or without a fraction, bare or in quotes.
bool Decoder::read_time(TextCursor& cursor, Timestamp& out)
{
    constexpr unsigned kNanoseconds = 6;
    if (!cursor.decimal(kNanoseconds, out.ns, reason_)) return false;
    return out.ns >= 0 || fail(UndecodedReason::bad_number);
}

}  // namespace arb::gate
