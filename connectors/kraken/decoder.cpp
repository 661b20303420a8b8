#include "connectors/kraken/decoder.hpp"

#include <utility>

#include "connectors/kraken/symbols.hpp"
#include "engine/venue/json_walk.hpp"

namespace arb::kraken {
namespace {

using simdjson::error_code;
namespace ondemand = simdjson::ondemand;

UndecodedReason reason_of(error_code error)
{
    return error == error_code::INCORRECT_TYPE ? UndecodedReason::wrong_type : UndecodedReason::malformed;
}

// Known to the documentation, of no use to a book: passed over without a word.
bool harmless(std::string_view channel)
{
    return channel == "heartbeat" || channel == "ohlc" || channel == "level3" || channel == "executions" ||
           channel == "balances";
}

}  // namespace

std::uint32_t offered_depth(std::uint32_t depth)
{
    if (depth == 0) return kDepthDefault;
    for (const std::uint32_t offered : {10U, 25U, 100U, 500U}) {
        if (depth <= offered) return offered;
    }
    return 1000;
}

Decoder::Decoder(const VenueSetup& setup)
    : venue_(setup.id),
      table_(*setup.table),
      books_(table_, offered_depth(setup.depth)),
      book_decoder_(setup, books_),
      feeds_(setup),
      states_(setup),
      v1_(setup, books_, parser_)
{
}

void Decoder::decode(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink)
{
    const FrameInput input{connection, frame.data + frame.size, now};
    if (TextCursor(frame.data, input.end).peek('[')) {
        v1_.decode(frame, input, sink);
        return;
    }
    if (book_decoder_.decode_documented(frame, input, sink)) return;
    Envelope envelope;
    UndecodedReason reason = UndecodedReason::malformed;
    if (read_envelope(frame, envelope, reason))
        decode_object(envelope, input, sink);
    else
        sink.on_undecoded({reason, kNoListing, connection, {}});
}

bool Decoder::read_envelope(PaddedText frame, Envelope& envelope, UndecodedReason& reason)
{
    ondemand::document document;
    ondemand::object object;
    error_code error = parser_.iterate(frame.data, frame.size, frame.size + kTextPadding).get(document);
    if (!error) error = document.get_object().get(object);
    if (error) {
        reason = reason_of(error);
        return false;
    }
    const std::pair<const char*, std::string_view*> texts[] = {{"channel", &envelope.channel},
                                                               {"type", &envelope.type},
                                                               {"method", &envelope.method},
                                                               {"error", &envelope.error},
                                                               {"time_out", &envelope.time_out},
                                                               {"event", &envelope.event},
                                                               {"status", &envelope.status},
                                                               {"pair", &envelope.pair},
                                                               {"channelName", &envelope.channel_name},
                                                               {"errorMessage", &envelope.error_message}};
    for (auto item : object) {
        ondemand::field field;
        error = std::move(item).get(field);
        if (error) break;
        ondemand::value value = field.value();
        const ondemand::raw_json_string key = field.key();
        bool again = false;
        if (key == "data") {
            again = envelope.data != nullptr;
            envelope.data = value.raw_json_token().data();
        } else if (key == "result") {
            again = envelope.result != nullptr;
            envelope.result = value.raw_json_token().data();
        } else if (key == "success") {
            error = value.get_bool().get(envelope.success);
        } else {
            for (const auto& [name, text] : texts) {
                if (!key.unsafe_is_equal(name)) continue;
                again = !text->empty();
                error = value.get_string().get(*text);
                break;
            }
        }
        if (again) error = error_code::TAPE_ERROR;
        if (error) break;
    }
    if (!error && document.current_location().error() != error_code::OUT_OF_BOUNDS)
        error = error_code::TRAILING_CONTENT;
    if (error) reason = reason_of(error);
    return !error;
}

void Decoder::decode_object(const Envelope& envelope, const FrameInput& input, FactSink& sink)
{
    const std::string_view channel = envelope.channel;
    if (!envelope.method.empty() || !envelope.error.empty()) return decode_method(envelope, input, sink);
    if (!envelope.event.empty()) return decode_event(envelope, input, sink);
    if (channel == "book") return book_decoder_.decode(envelope.type, envelope.data, input, sink);
    if (channel == "instrument" || channel == "status")
        return states_.decode(channel, envelope.data, input, sink);
    if (harmless(channel)) return;
    if (channel == "trade" || channel == "ticker") {
        // A trade snapshot lists what happened before the subscription: history, not news.
        if (channel == "ticker" || envelope.type != "snapshot")
            feeds_.decode(channel, envelope.data, input, sink);
        return;
    }
    sink.on_undecoded({channel.empty() ? UndecodedReason::missing_field : UndecodedReason::unknown_message,
                       kNoListing, input.connection, channel});
}

// "subscribe" and "unsubscribe": one confirmation a symbol, which tells the depth that truncation goes by.
void Decoder::decode_method(const Envelope& envelope, const FrameInput& input, FactSink& sink)
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
        books_.set_depth(listing->id, static_cast<std::uint32_t>(depth));
    }
    sink.on_acknowledged(input.connection, listing->id, subscribed);
}

// v1 speaks of subscriptions and heartbeats in objects with "event".
void Decoder::decode_event(const Envelope& envelope, const FrameInput& input, FactSink& sink) const
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

}  // namespace arb::kraken
