#include "engine/market/snapshot_reach.hpp"

#include <algorithm>

namespace arb {
namespace {

// The widest step between two levels of the snapshot may be this much wider out there. A quick market sweeps
// more than that at once (recorded: a sixth of what a snapshot of 1,000 levels told, and the price was
// right), so half of what was told is no hole yet either.
constexpr std::int64_t kHoleFactor = 4;

}  // namespace

void SnapshotReach::forget()
{
    bids_ = {};
    asks_ = {};
}

template <class BookSideType>
void SnapshotReach::learn_side(const BookSideType& side, bool cut, Edge& edge)
{
    edge = {};
    if (!cut || side.empty()) return;
    edge.cut = true;
    bool first = true;
    std::int64_t last = 0;
    std::int64_t widest = 0;
    side.for_each([&](const Level& level) {
        if (first)
            edge.price = level.price.units;
        else
            widest = std::max(widest, std::max(level.price.units, last) - std::min(level.price.units, last));
        last = level.price.units;
        first = false;
    });
    if (__builtin_mul_overflow(widest, kHoleFactor, &edge.hole)) edge.hole = widest;
    const std::int64_t told = std::max(last, edge.price) - std::min(last, edge.price);
    edge.hole = std::max(edge.hole, told / 2);
}

void SnapshotReach::learn(const OrderBook& book, bool bids_cut, bool asks_cut)
{
    learn_side(book.bids(), bids_cut, bids_);
    learn_side(book.asks(), asks_cut, asks_);
}

SnapshotReach::Verdict SnapshotReach::judge_side(bool empty, std::int64_t beyond, Edge& edge,
                                                 std::int64_t best)
{
    if (empty) return Verdict::lost;
    if (beyond <= 0) return Verdict::inside;
    if (beyond > edge.hole) return Verdict::lost;
    edge.price = best;
    return Verdict::beyond;
}

SnapshotReach::Verdict SnapshotReach::judge(const OrderBook& book)
{
    Verdict verdict = Verdict::inside;
    if (bids_.cut) {
        const std::int64_t best = book.bids().empty() ? 0 : book.bids().best().price.units;
        verdict = std::max(verdict, judge_side(book.bids().empty(), bids_.price - best, bids_, best));
    }
    if (asks_.cut) {
        const std::int64_t best = book.asks().empty() ? 0 : book.asks().best().price.units;
        verdict = std::max(verdict, judge_side(book.asks().empty(), best - asks_.price, asks_, best));
    }
    return verdict;
}

}  // namespace arb
