#pragma once
// How far a cut snapshot tells a book. A REST snapshot holds at most so many levels a side; what lies beyond
// its last one is not known until it changes. When the best price walks out there the levels between may be
// missing. Real books show what matters: where updates have told the levels out there densely the best price
// is right again, and only the depth behind it is uncertain; where the next known level is far away, or
// there is none, the best price itself is unknown. Core thread; no allocation.
#include <cstdint>

#include "engine/market/order_book.hpp"

namespace arb {

class SnapshotReach {
  public:
    enum class Verdict : std::uint8_t {
        inside,
        beyond,  ///< a side has gone further than before into what the snapshot did not tell
        lost,    ///< what is best there is not known
    };

    void forget();
    /// After a snapshot has become the book; a side that is cut ends at its last level.
    void learn(const OrderBook& book, bool bids_cut, bool asks_cut);
    bool cut() const { return bids_.cut || asks_.cut; }
    /// After an update. Remembers how far a side has gone.
    Verdict judge(const OrderBook& book);

  private:
    struct Edge {
        bool cut = false;
        std::int64_t price = 0;  ///< the worst price that is told
        std::int64_t hole = 0;   ///< between levels: more than this is no chance
    };
    template <class BookSideType>
    static void learn_side(const BookSideType& side, bool cut, Edge& edge);
    static Verdict judge_side(bool empty, std::int64_t beyond, Edge& edge, std::int64_t best);

    Edge bids_, asks_;
};

}  // namespace arb
