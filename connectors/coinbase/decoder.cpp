#include "connectors/coinbase/decoder.hpp"

#include <utility>

#include "connectors/coinbase/levels.hpp"
#include "engine/venue/json_walk.hpp"

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

Decoder::Decoder(const VenueSetup& setup)
    : venue_(setup.id),
      table_(*setup.table),
      aliases_(*setup.table, setup.id),
      acknowledged_(table_.listings().size())
{
    events_.reserve(64);
    trades_.reserve(1024);
    states_.reserve(table_.listings().size());
}

void Decoder::forget(ConnectionId connection)
{
    for (Acknowledgement& mark : acknowledged_) {
        if (mark.connection == connection) mark = {};
    }
}

// Each pass reads the levels in the units of other listings; most frames need the first alone.
void Decoder::decode(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink)
{
    pass_ = 0;
    do {
        more_ = false;
        decode_once(connection, frame, now, sink);
        ++pass_;
    } while (more_);
}

void Decoder::decode_once(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink)
{
    if (decode_documented(connection, frame, now, sink)) return;
    Envelope envelope;
    UndecodedReason reason = UndecodedReason::malformed;
    if (!read_envelope(frame, envelope, reason)) {
        sink.on_undecoded({reason, kNoListing, connection, {}});
        return;
    }
    const Input input{connection,        frame.data + frame.size, now, clock_.read(envelope.timestamp),
                      envelope.sequence, !envelope.has_sequence};
    if (envelope.channel == "l2_data") {
        decode_books(envelope, input, sink);
        return;
    }
    if (envelope.has_sequence && pass_ == 0) sink.on_connection_sequence(connection, envelope.sequence);
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
    TextCursor cursor(envelope.events, input.end);
    bool read = false;
    if (envelope.channel == "market_trades" || envelope.channel == "ticker" || envelope.channel == "status" ||
        envelope.channel == "subscriptions") {
        if (envelope.events == nullptr)
            reason = UndecodedReason::missing_field;
        else if (envelope.channel == "market_trades")
            read = read_trades(cursor, input, sink, reason);
        else if (envelope.channel == "ticker")
            read = read_tickers(cursor, input, sink, reason);
        else if (envelope.channel == "status")
            read = read_states(cursor, input, sink, reason);
        else
            read = read_subscriptions(cursor, input, sink, reason);
        if (!read) sink.on_undecoded({reason, kNoListing, connection, envelope.channel});
        return;
    }
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

// The levels of all events are collected before the first fact leaves: a frame is not half applied. Its
// sequence number is withheld when its structure breaks, since what it changed is then unknown: the hole
// invalidates the books.
void Decoder::decode_books(const Envelope& envelope, const Input& input, FactSink& sink)
{
    UndecodedReason reason = UndecodedReason::missing_field;
    bids_.clear();
    asks_.clear();
    events_.clear();
    bool read = false;
    if (envelope.events != nullptr) {
        TextCursor cursor(envelope.events, input.end);
        read = read_book_events(cursor, input, reason);
    }
    if (!read) {
        if (pass_ == 0) sink.on_undecoded({reason, kNoListing, input.connection, envelope.channel});
        for (const BookEvent& event : events_) {
            if (event.listing != nullptr)
                sink.on_undecoded({reason, event.listing->id, input.connection, {}});
        }
        return;
    }
    if (envelope.has_sequence && pass_ == 0) sink.on_connection_sequence(input.connection, envelope.sequence);
    for (const BookEvent& event : events_) emit(event, input, sink);
}

bool Decoder::read_book_events(TextCursor& cursor, const Input& input, UndecodedReason& reason)
{
    reason = cursor.peek('[') ? UndecodedReason::malformed : UndecodedReason::wrong_type;
    return read_array(cursor, [&] { return read_book_event(cursor, input, events_.emplace_back(), reason); });
}

bool Decoder::read_book_event(TextCursor& cursor, const Input& input, BookEvent& event,
                              UndecodedReason& reason)
{
    const auto text = [&](std::string_view& out) {
        if (!cursor.peek('"')) reason = UndecodedReason::wrong_type;
        return cursor.string(out);
    };
    const auto member = [&](std::string_view key) {
        if (key == "type") {
            std::string_view type;
            if (event.has_type || !text(type)) return false;
            event.has_type = true;
            event.snapshot = type == "snapshot";
            if (event.snapshot || type == "update") return true;
            event.failed = true;
            event.reason = UndecodedReason::unknown_message;
            return true;
        }
        if (key == "product_id") {
            if (event.has_product || !text(event.product)) return false;
            event.has_product = true;
            event.listing = listing_of(event.product);
            return true;
        }
        if (key != "updates") return cursor.skip_value();
        if (event.updates != nullptr) return false;
        event.updates = cursor.at();
        return event.listing != nullptr ? read_levels(cursor, input, event) : cursor.skip_value();
    };
    if (!read_object(cursor, member)) return false;
    if (!event.has_type || !event.has_product || event.updates == nullptr) {
        event.failed = true;
        event.reason = UndecodedReason::missing_field;
        // Without a product it is unknown whose book changed.
        if (!event.has_product) reason = UndecodedReason::missing_field;
        return event.has_product;
    }
    if (event.listing != nullptr && !event.failed && !event.levels_read) {
        TextCursor levels(event.updates, input.end);  // the product stood behind the levels
        return read_levels(levels, input, event);
    }
    return true;
}

// A level that cannot be read spoils its own event only: the cursor goes on behind the array.
bool Decoder::read_levels(TextCursor& cursor, const Input& input, BookEvent& event)
{
    event.levels_read = true;
    event.bids_begin = bids_.size();
    event.asks_begin = asks_.size();
    UndecodedReason reason = UndecodedReason::malformed;
    if (!read_updates(cursor, event.listing->wire, bids_, asks_, reason)) {
        event.failed = true;
        event.reason = reason;
        cursor = TextCursor(event.updates, input.end);
        if (!cursor.skip_value()) return false;
    }
    event.bids_end = bids_.size();
    event.asks_end = asks_.size();
    return true;
}

void Decoder::emit(const BookEvent& event, const Input& input, FactSink& sink) const
{
    if (event.listing == nullptr) {
        if (!nobodys(event.product)) return;
        sink.on_undecoded({UndecodedReason::unknown_instrument, kNoListing, input.connection, event.product});
        return;
    }
    if (event.failed) {
        sink.on_undecoded({event.reason, event.listing->id, input.connection, {}});
        return;
    }
    BookUpdate update;
    update.listing = event.listing->id;
    update.snapshot = event.snapshot;
    update.sequence_last = input.sequence;
    update.unnumbered = input.unnumbered;
    update.venue_time = input.venue_time;
    update.receive_time = input.now;
    update.bids = bids_.view().subspan(event.bids_begin, event.bids_end - event.bids_begin);
    update.asks = asks_.view().subspan(event.asks_begin, event.asks_end - event.asks_begin);
    sink.on_book(update);
}

}  // namespace arb::coinbase
