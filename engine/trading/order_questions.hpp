#pragma once
// When a venue is asked what became of an order: after a silence, after an outcome that is not known, when a
// fill is missing, when its private stream fell; with pauses that double. By client id, and by its fills
// where they alone can tell. Part of OrderDesk; core thread.
#include "engine/trading/known_fills.hpp"
#include "engine/trading/open_orders.hpp"
#include "engine/trading/order_requests.hpp"

namespace arb {

struct OrderDeskLimits {
    Duration answer_max = seconds(2);          ///< no word of an order for so long: ask
    Duration fills_grace = milliseconds(250);  ///< after a terminal word, before missing fills are asked for
    Duration query_first = milliseconds(100);  ///< after an unknown outcome
    Duration query_most = seconds(5);          ///< the pause between questions doubles up to this
    std::size_t trades_kept = TradeMemory::kKept;
};

class OrderQuestions {
  public:
    /// Both outlive it.
    OrderQuestions(const OrderDeskLimits& limits, OrderRequests& requests)
        : limits_(&limits), requests_(&requests)
    {
    }

    /// Asks about it now, as far as something is still to be asked.
    void ask(DeskOrder& order, Timestamp now);
    /// Asks about it now, whatever its turn; that alone is no doubt about it.
    void ask_early(const DeskOrder& order, Timestamp now);
    /// Nothing was heard of it for so long that nobody knows where it is.
    static bool silent(const DeskOrder& order);
    std::uint64_t asked() const { return asked_; }
    /// What of an order may be told is not older than this: the venue's clock is not ours.
    static Timestamp fills_from(const DeskOrder& order);

  private:
    const OrderDeskLimits* limits_;
    OrderRequests* requests_;
    std::uint64_t asked_ = 0;
};

}  // namespace arb
