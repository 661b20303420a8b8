#include "connectors/kraken/decoder.hpp"

#include <algorithm>
#include <utility>

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
      statuses_(setup.id, *setup.table),
      books_(table_.listings().size(), BookState{offered_depth(setup.depth), {}})
{
    events_.reserve(64);
    trades_.reserve(1024);
    states_.reserve(table_.listings().size() + 1);
}

void Decoder::decode(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink)
{
    const Input input{connection, frame.data + frame.size, now};
    if (TextCursor(frame.data, input.end).peek('[')) {
        decode_array(frame, input, sink);
        return;
    }
    if (decode_documented(frame, input, sink)) return;
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

void Decoder::decode_object(const Envelope& envelope, const Input& input, FactSink& sink)
{
    if (!envelope.method.empty() || !envelope.error.empty()) return decode_method(envelope, input, sink);
    if (!envelope.event.empty()) return decode_event(envelope, input, sink);
    if (envelope.channel == "book") return decode_books(envelope, input, sink);
    if (envelope.channel == "instrument" || envelope.channel == "status")
        return decode_states(envelope, input, sink);
    if (harmless(envelope.channel)) return;
    if (envelope.channel == "trade" || envelope.channel == "ticker") {
        TextCursor cursor(envelope.data, input.end);
        const bool trade = envelope.channel == "trade";
        // A trade snapshot lists what happened before the subscription: history, not news.
        if (trade && envelope.type == "snapshot") return;
        trades_.clear();
        const bool read =
            envelope.data != nullptr && read_array(cursor, [&] {
                return trade ? read_trade(cursor, input, sink) : read_ticker(cursor, input, sink);
            });
        if (!read) {
            sink.on_undecoded(
                {envelope.data == nullptr ? UndecodedReason::missing_field : UndecodedReason::malformed,
                 kNoListing, input.connection, envelope.channel});
            return;
        }
        for (const Trade& each : trades_) sink.on_trade(each);
        return;
    }
    sink.on_undecoded(
        {envelope.channel.empty() ? UndecodedReason::missing_field : UndecodedReason::unknown_message,
         kNoListing, input.connection, envelope.channel});
}

// The levels of all books in a message are collected before the first fact leaves: a frame is not half
// applied.
void Decoder::decode_books(const Envelope& envelope, const Input& input, FactSink& sink)
{
    UndecodedReason reason = UndecodedReason::missing_field;
    bids_.clear();
    asks_.clear();
    events_.clear();
    TextCursor cursor(envelope.data, input.end);
    bool read = false;
    if (envelope.data != nullptr) {
        reason = cursor.peek('[') ? UndecodedReason::malformed : UndecodedReason::wrong_type;
        read = read_array(cursor, [&] { return read_book(cursor, input, events_.emplace_back(), reason); });
    }
    if (!read) {
        sink.on_undecoded({reason, kNoListing, input.connection, envelope.channel});
        for (const BookEvent& event : events_) {
            if (event.listing != nullptr)
                sink.on_undecoded({reason, event.listing->id, input.connection, {}});
        }
        return;
    }
    for (BookEvent& event : events_) {
        event.snapshot = envelope.type == "snapshot";
        if (!event.snapshot && envelope.type != "update") {
            event.failed = true;
            event.reason = UndecodedReason::unknown_message;
        }
        emit(event, input, sink);
    }
}

bool Decoder::read_book(TextCursor& cursor, const Input& input, BookEvent& event, UndecodedReason& reason)
{
    bool has_symbol = false;
    const auto text = [&](std::string_view& out) {
        if (!cursor.peek('"')) reason = UndecodedReason::wrong_type;
        return cursor.string(out);
    };
    const auto member = [&](std::string_view key) {
        if (key == "symbol") {
            if (has_symbol || !text(event.symbol)) return false;
            has_symbol = true;
            event.listing = table_.find_symbol(venue_, event.symbol);
            return true;
        }
        if (key == "bids" || key == "asks") {
            BookSide& side = key == "bids" ? event.bids : event.asks;
            if (side.at != nullptr) return false;
            side.at = cursor.at();
            return event.listing != nullptr ? read_side(cursor, input, event, key == "bids")
                                            : cursor.skip_value();
        }
        if (key == "checksum") return !event.has_checksum && read_checksum(cursor, input, event);
        if (key == "timestamp") {
            std::string_view time;
            if (!text(time)) return false;
            event.wording.newest = clock_.read(time);
            return true;
        }
        return cursor.skip_value();
    };
    if (!read_object(cursor, member)) return false;
    if (!has_symbol) {
        reason = UndecodedReason::missing_field;
        return false;
    }
    if (event.bids.at == nullptr && event.asks.at == nullptr) {
        event.failed = true;
        event.reason = UndecodedReason::missing_field;
    }
    if (event.listing == nullptr) return true;
    for (const bool bids : {true, false}) {  // sides that stood before the symbol
        const BookSide& side = bids ? event.bids : event.asks;
        if (side.at == nullptr || side.read) continue;
        TextCursor late(side.at, input.end);
        if (!read_side(late, input, event, bids)) return false;
    }
    return true;
}

// A level that cannot be read spoils its own book only: the cursor goes on behind the array.
bool Decoder::read_side(TextCursor& cursor, const Input& input, BookEvent& event, bool bids)
{
    BookSide& side = bids ? event.bids : event.asks;
    LevelList& list = bids ? bids_ : asks_;
    UndecodedReason reason = UndecodedReason::malformed;
    side.read = true;
    side.begin = list.size();
    if (!read_objects(cursor, event.listing->wire, list, event.wording, reason)) {
        event.failed = true;
        event.reason = reason;
        cursor = TextCursor(side.at, input.end);
        if (!cursor.skip_value()) return false;
    }
    side.end = list.size();
    return true;
}

bool Decoder::read_checksum(TextCursor& cursor, const Input& input, BookEvent& event) const
{
    std::int64_t value = 0;
    UndecodedReason reason = UndecodedReason::malformed;
    event.has_checksum = true;
    const char* begin = cursor.at();
    if (!cursor.decimal(0, value, reason) || !ends(cursor) || value < 0 || value > 0xffff'ffff) {
        event.failed = true;
        event.reason = UndecodedReason::bad_number;
        cursor = TextCursor(begin, input.end);
        return cursor.skip_value();
    }
    event.checksum = static_cast<std::uint32_t>(value);
    return true;
}

void Decoder::emit(const BookEvent& event, const Input& input, FactSink& sink)
{
    if (event.listing == nullptr) {
        sink.on_undecoded({UndecodedReason::unknown_instrument, kNoListing, input.connection, event.symbol});
        return;
    }
    if (event.failed) {
        sink.on_undecoded({event.reason, event.listing->id, input.connection, {}});
        return;
    }
    // A message keeps one wording, but a removal may say "qty":0; and one without levels still carries a
    // checksum.
    BookState& state = books_[index(event.listing->id)];
    const bool levels = event.bids.end > event.bids.begin || event.asks.end > event.asks.begin;
    if (event.snapshot && levels) state.text = {};
    state.text.price = std::max(state.text.price, event.wording.text.price);
    state.text.quantity = std::max(state.text.quantity, event.wording.text.quantity);
    BookUpdate update;
    update.listing = event.listing->id;
    update.snapshot = event.snapshot;
    update.has_checksum = event.has_checksum;
    update.checksum = event.checksum;
    update.text = state.text;
    update.depth = state.depth;
    update.venue_time = event.wording.newest;
    update.receive_time = input.now;
    update.bids = bids_.view().subspan(event.bids.begin, event.bids.end - event.bids.begin);
    update.asks = asks_.view().subspan(event.asks.begin, event.asks.end - event.asks.begin);
    sink.on_book(update);
}

}  // namespace arb::kraken
