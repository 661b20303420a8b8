#include "connectors/coinbase/book_frames.hpp"

#include "connectors/coinbase/levels.hpp"
#include "engine/venue/json_walk.hpp"

namespace arb::coinbase {
namespace {

bool read_count(const char*& at, const char* end, std::uint64_t& out)
{
    const char* begin = at;
    out = 0;
    while (at < end && *at >= '0' && *at <= '9' && at - begin < 19)
        out = out * 10 + static_cast<unsigned>(*at++ - '0');
    return at != begin && (*begin != '0' || at - begin == 1);
}

}  // namespace

void BookFrames::begin()
{
    bids_.clear();
    asks_.clear();
    events_.clear();
}

bool BookFrames::decode_documented(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink)
{
    const char* at = frame.data;
    const char* end = frame.data + frame.size;
    FrameInput input{connection, end, now, {}, 0, false};
    if (!skip(at, R"({"channel":"l2_data",)")) return false;
    skip(at, R"("client_id":"",)");
    std::string_view time;
    if (!skip(at, R"("timestamp":")") || at >= end || !read_plain(at, end, time)) return false;
    if (!skip(at, R"(,"sequence_num":)") || at >= end || !read_count(at, end, input.sequence)) return false;
    if (!skip(at, R"(,"events":[)") || at >= end) return false;
    begin();
    do {
        if (!read_documented_event(at, end)) return false;
    } while (skip(at, ","));
    if (!skip(at, "]}") || at != end) return false;
    input.venue_time = clock_.read(time);
    if (products_.is_first_pass()) sink.on_connection_sequence(connection, input.sequence);
    for (const BookEvent& event : events_) emit(event, input, sink);
    return true;
}

bool BookFrames::read_documented_event(const char*& at, const char* end)
{
    BookEvent& event = events_.emplace_back();
    event.snapshot = skip(at, R"({"type":"snapshot","product_id":")");
    if (!event.snapshot && !skip(at, R"({"type":"update","product_id":")")) return false;
    if (at >= end || !read_plain(at, end, event.product) || !skip(at, R"(,"updates":[)") || at >= end)
        return false;
    event.listing = products_.listing_of(event.product);
    if (event.listing == nullptr) return false;
    event.bids_begin = bids_.size();
    event.asks_begin = asks_.size();
    if (!read_documented(at, end, event.listing->wire, bids_, asks_) || at >= end || !skip(at, "}"))
        return false;
    event.bids_end = bids_.size();
    event.asks_end = asks_.size();
    return at < end;
}

// The levels of all events are collected before the first fact leaves: a frame is not half applied. Its
// sequence number is withheld when its structure breaks, since what it changed is then unknown: the hole
// invalidates the books.
void BookFrames::decode(const char* events, const FrameInput& input, FactSink& sink)
{
    UndecodedReason reason = UndecodedReason::missing_field;
    begin();
    bool read = false;
    if (events != nullptr) {
        TextCursor cursor(events, input.end);
        reason = cursor.peek('[') ? UndecodedReason::malformed : UndecodedReason::wrong_type;
        read = read_array(cursor, [&] { return read_event(cursor, input, events_.emplace_back(), reason); });
    }
    if (!read) {
        if (products_.is_first_pass()) sink.on_undecoded({reason, kNoListing, input.connection, "l2_data"});
        for (const BookEvent& event : events_) {
            if (event.listing != nullptr)
                sink.on_undecoded({reason, event.listing->id, input.connection, {}});
        }
        return;
    }
    if (!input.unnumbered && products_.is_first_pass())
        sink.on_connection_sequence(input.connection, input.sequence);
    for (const BookEvent& event : events_) emit(event, input, sink);
}

bool BookFrames::read_event(TextCursor& cursor, const FrameInput& input, BookEvent& event,
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
            event.listing = products_.listing_of(event.product);
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
bool BookFrames::read_levels(TextCursor& cursor, const FrameInput& input, BookEvent& event)
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

void BookFrames::emit(const BookEvent& event, const FrameInput& input, FactSink& sink) const
{
    if (event.listing == nullptr) {
        if (!products_.nobodys(event.product)) return;
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
