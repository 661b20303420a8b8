#include "engine/sim/book_use.hpp"

#include <algorithm>

namespace arb {

BookUse use_of(const Session& session, const Listing& listing)
{
    const InstrumentTable& table = session.engine().markets().table();
    const BookBuilder& builder = session.engine().markets().builder(listing.id);
    BookUse use;
    use.venue = table.label(listing.venue);
    use.symbol = listing.symbol;
    use.recorded = session.inputs().recorded(listing.id);
    use.usable = builder.times().in(BookTrouble::none, session.now());
    use.left_out = builder.stats().left_out + session.inputs().left_out(listing.id);
    // What nobody accounts for lies before the book's first word.
    std::int64_t waiting = use.recorded.ns - use.usable.ns;
    for (std::size_t i = 1; i < static_cast<std::size_t>(BookTrouble::count_); ++i) {
        const auto trouble = static_cast<BookTrouble>(i);
        if (trouble == BookTrouble::waiting || trouble == BookTrouble::ended) continue;
        const Duration time = builder.times().in(trouble, session.now());
        waiting -= time.ns;
        if (time.ns > 0) use.unusable.emplace_back(trouble, time);
    }
    if (waiting > 0) use.unusable.emplace_back(BookTrouble::waiting, nanoseconds(waiting));
    std::stable_sort(use.unusable.begin(), use.unusable.end(),
                     [](const auto& a, const auto& b) { return a.second > b.second; });
    return use;
}

}  // namespace arb
