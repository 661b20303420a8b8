#include "connectors/kraken/books.hpp"

#include <algorithm>

#include "engine/venue/json_walk.hpp"

namespace arb::kraken {

void Books::tell(const BookEvent& event, const FrameInput& input, FactSink& sink)
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
    BookState& state = states_[index(event.listing->id)];
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

bool read_checksum(TextCursor& cursor, const FrameInput& input, BookEvent& event)
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

}  // namespace arb::kraken
