#include "connectors/gate/decoder.hpp"

#include "engine/base/ensure.hpp"
#include "engine/venue/json_walk.hpp"

namespace arb::gate {
namespace {

constexpr std::size_t kFrameExpected = std::size_t{1} << 18;

}  // namespace

Decoder::Decoder(VenueId venue, const InstrumentTable& table)
    : venue_(venue),
      table_(&table),
      prefix_(table.venue(venue).market == "spot" ? "spot." : "futures."),
      books_(venue, table, prefix_),
      trades_(venue, table, prefix_ == "spot.")
{
    // Larger messages grow the parser once.
    ENSURE(parser_.allocate(kFrameExpected) == simdjson::SUCCESS, "the decoder finds its scratch memory");
    refusal_.wanted.reserve(64);
}

Decoder::News Decoder::decode(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink)
{
    frame_ = frame;
    if (books_.decode_quick(frame, now, sink)) return News::none;
    envelope_ = {};
    if (!read_envelope(frame)) {
        sink.on_undecoded({reason_, books_.listing_in_doubt(frame), connection, {}});
        return News::none;
    }
    const Envelope& e = envelope_;
    // The trading side's, in a recording that is read without it.
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

void Decoder::hand_on_data(ConnectionId connection, Timestamp now, FactSink& sink)
{
    const Envelope& e = envelope_;
    const Content kind = content();
    if (kind == Content::unknown || (!e.event.empty() && e.event != "update"))
        return sink.on_undecoded({UndecodedReason::unknown_message, kNoListing, connection, e.channel});
    if (kind == Content::quiet) return;
    const auto tell_stranger = [&](std::string_view name) {
        if (!name.empty())
            sink.on_undecoded({UndecodedReason::unknown_instrument, kNoListing, connection, name});
    };
    if (kind == Content::book) {
        if (!books_.read(e.result, frame_, e.sent))
            return sink.on_undecoded(
                {books_.reason(), books_.listing_in_doubt(frame_), connection, e.channel});
        if (books_.listing() == nullptr) return tell_stranger(books_.stream());
        return books_.hand_on(now, sink);
    }
    const bool read = kind == Content::trades ? trades_.read_trades(e.result, frame_)
                                              : trades_.read_quote(e.result, frame_);
    // Trades and quotes are no books: what they are about stays as it is.
    if (!read) return sink.on_undecoded({trades_.reason(), kNoListing, connection, e.channel});
    tell_stranger(trades_.stranger());
    trades_.hand_on(now, sink);
}

Decoder::News Decoder::hand_on_reply(ConnectionId connection, FactSink& sink)
{
    const Envelope& e = envelope_;
    const bool subscribed = e.event == "subscribe";
    if (content() == Content::quiet) return News::none;
    if (!read_payload()) {
        const auto reason = e.failed ? UndecodedReason::venue_error : reason_;
        sink.on_undecoded({reason, kNoListing, connection, e.text});
        return News::none;
    }
    // "Alert sub": the stream is subscribed already.
    constexpr std::string_view kAlready = "Alert sub";
    const bool already = subscribed && e.code == 2 && refusal_.wanted.size() == 1 &&
                         e.text.substr(0, kAlready.size()) == kAlready;
    if (e.failed && !already) {
        sink.on_undecoded({UndecodedReason::venue_error, kNoListing, connection, e.text});
        constexpr std::int64_t kServerFault = 3;
        refusal_.channel = e.channel;
        refusal_.server_fault = e.code == kServerFault;
        return subscribed ? News::refused : News::none;
    }
    for (const std::string_view name : refusal_.wanted) {
        std::uint32_t depth = 0;
        const std::string_view stream = symbol_of_stream(name, depth);
        const Listing* const listing = table_->find_symbol(venue_, stream.empty() ? name : stream);
        sink.on_acknowledged(connection, listing == nullptr ? kNoListing : listing->id, subscribed);
    }
    return News::none;
}

}  // namespace arb::gate
