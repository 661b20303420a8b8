#include "connectors/kraken/states.hpp"

#include <algorithm>
#include <iterator>

#include "connectors/kraken/instruments.hpp"
#include "engine/venue/json_walk.hpp"

namespace arb::kraken {
namespace {

bool known_word(std::string_view word)
{
    static constexpr std::string_view kWords[] = {"online",      "cancel_only",     "post_only",
                                                  "limit_only",  "reduce_only",     "delisted",
                                                  "maintenance", "work_in_progress"};
    return std::find(std::begin(kWords), std::end(kWords), word) != std::end(kWords);
}

}  // namespace

StateDecoder::StateDecoder(const VenueSetup& setup)
    : venue_(setup.id), table_(*setup.table), statuses_(setup.id, *setup.table)
{
    states_.reserve(table_.listings().size() + 1);
}

// A message about pairs or the system that cannot be read says nothing of books: they are not doubted for it.
void StateDecoder::decode(std::string_view channel, const char* data, const FrameInput& input, FactSink& sink)
{
    const bool pairs = channel == "instrument";
    states_.clear();
    TextCursor cursor(data, input.end);
    const auto of_pairs = [&](std::string_view key) {
        return key == "pairs" ? read_array(cursor, [&] { return read_pair(cursor); }) : cursor.skip_value();
    };
    const bool read = data != nullptr && (pairs ? read_object(cursor, of_pairs)
                                                : read_array(cursor, [&] { return read_system(cursor); }));
    if (!read) {
        sink.on_undecoded({UndecodedReason::unknown_message, kNoListing, input.connection, channel});
        return;
    }
    for (const State& state : states_) {
        if (!known_word(state.word))
            sink.on_undecoded({UndecodedReason::unknown_message, kNoListing, input.connection, state.word});
        // limit_only and post_only refuse orders that take.
        const bool trades = state.word == kOnline;
        if (state.listing != nullptr)
            statuses_.tell(state.listing->id, trades, sink);
        else
            statuses_.tell_all(trades, sink);
    }
}

// Pairs that are absent from a message are as they were.
bool StateDecoder::read_pair(TextCursor& cursor)
{
    std::string_view symbol;
    State state;
    const auto member = [&](std::string_view key) {
        if (key == "symbol") return cursor.string(symbol);
        if (key == "status") return cursor.string(state.word);
        return cursor.skip_value();
    };
    if (!read_object(cursor, member)) return false;
    state.listing = table_.find_symbol(venue_, symbol);
    if (state.listing != nullptr && states_.size() < states_.capacity()) states_.push_back(state);
    return true;
}

bool StateDecoder::read_system(TextCursor& cursor)
{
    State state;
    const auto member = [&](std::string_view key) {
        return key == "system" ? cursor.string(state.word) : cursor.skip_value();
    };
    if (!read_object(cursor, member)) return false;
    if (states_.size() < states_.capacity()) states_.push_back(state);
    return true;
}

}  // namespace arb::kraken
