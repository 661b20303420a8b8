#include "connectors/coinbase/decoder.hpp"

#include <utility>

namespace arb::coinbase {
namespace {

using simdjson::error_code;
namespace ondemand = simdjson::ondemand;

UndecodedReason reason_of(error_code error)
{
    switch (error) {
        case error_code::INCORRECT_TYPE:
            return UndecodedReason::wrong_type;
        case error_code::NUMBER_ERROR:
        case error_code::NUMBER_OUT_OF_RANGE:
            return UndecodedReason::bad_number;
        default:
            return UndecodedReason::malformed;
    }
}

// Known to the documentation, of no use to a book: passed over without a word.
bool harmless(std::string_view channel)
{
    return channel == "candles" || channel == "ticker_batch" || channel == "user" ||
           channel == "futures_balance_summary";
}

}  // namespace

// Each pass reads the levels in the units of other listings; most frames need the first alone.
void Decoder::decode(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink)
{
    products_.begin();
    do {
        decode_once(connection, frame, now, sink);
    } while (products_.next_pass());
}

void Decoder::decode_once(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink)
{
    if (books_.decode_documented(connection, frame, now, sink)) return;
    Envelope envelope;
    UndecodedReason reason = UndecodedReason::malformed;
    if (!read_envelope(frame, envelope, reason)) {
        sink.on_undecoded({reason, kNoListing, connection, {}});
        return;
    }
    const FrameInput input{connection,        frame.data + frame.size, now, clock_.read(envelope.timestamp),
                           envelope.sequence, !envelope.has_sequence};
    if (envelope.channel == "l2_data") {
        books_.decode(envelope.events, input, sink);
        return;
    }
    if (envelope.has_sequence && products_.is_first_pass())
        sink.on_connection_sequence(connection, envelope.sequence);
    if (envelope.channel.empty()) {
        const bool error = envelope.type == "error";
        sink.on_undecoded({error ? UndecodedReason::venue_error : UndecodedReason::missing_field, kNoListing,
                           connection, envelope.message});
        return;
    }
    if (envelope.channel == "heartbeats") {
        // current_time is Go's debugging format; the envelope says the same in RFC 3339.
        if (input.venue_time.known()) sink.on_venue_time(input.venue_time, now);
        return;
    }
    if (harmless(envelope.channel)) return;
    if (feeds_.decode(envelope.channel, envelope.events, input, sink)) return;
    sink.on_undecoded({UndecodedReason::unknown_message, kNoListing, connection, envelope.channel});
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
    for (auto item : object) {
        ondemand::field field;
        error = std::move(item).get(field);
        if (error) break;
        ondemand::value value = field.value();
        const ondemand::raw_json_string key = field.key();
        bool again = false;
        if (key == "channel") {
            again = !envelope.channel.empty();
            error = value.get_string().get(envelope.channel);
        } else if (key == "timestamp") {
            again = !envelope.timestamp.empty();
            error = value.get_string().get(envelope.timestamp);
        } else if (key == "sequence_num") {
            again = envelope.has_sequence;
            const char first = value.raw_json_token().front();
            error = value.get_uint64().get(envelope.sequence);
            // simdjson calls a number that is too large one of the wrong type.
            if (error && (first == '-' || (first >= '0' && first <= '9'))) error = error_code::NUMBER_ERROR;
            envelope.has_sequence = true;
        } else if (key == "events") {
            again = envelope.events != nullptr;
            envelope.events = value.raw_json_token().data();
        } else if (key == "type") {
            error = value.get_string().get(envelope.type);
        } else if (key == "message") {
            error = value.get_string().get(envelope.message);
        }
        if (again) error = error_code::TAPE_ERROR;
        if (error) break;
    }
    if (!error && document.current_location().error() != error_code::OUT_OF_BOUNDS)
        error = error_code::TRAILING_CONTENT;
    if (error) reason = reason_of(error);
    return !error;
}

}  // namespace arb::coinbase
