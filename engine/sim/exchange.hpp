#pragma once
// The venues' matching, simulated over recorded books. An order sent at t reaches the venue at t + order
// latency, and what a venue does is heard of after the feed latency, like its book: so an order meets the
// book that is received at t + order latency + feed latency, and its answer is heard at that same instant.
// Rejects what the venue would reject (step, minimum, balance), fills level by level at the levels' prices,
// charges maker or taker fees, and remembers what was taken (TakenLiquidity). Resting orders stand in a queue
// (queue_place.hpp): they fill at their own price with trades that the feed tells, once those before them are
// served, and when the book trades through it; a cancel travels like an order and can come too late. Core
// thread; a bounded number of orders may be out.
#include <cstdint>
#include <memory>
#include <vector>

#include "engine/market/markets.hpp"
#include "engine/pipeline/assembly.hpp"
#include "engine/pipeline/driven.hpp"
#include "engine/sim/queue_place.hpp"
#include "engine/trading/package_executor.hpp"
#include "engine/trading/portfolio.hpp"

namespace arb {

struct VenueModel {
    Duration feed_latency;
    Duration order_latency;
};

class SimExchange final : public OrderSender, public PaperVenues {
  public:
    SimExchange(const InstrumentTable& table, TakenLiquidity& taken, std::vector<VenueModel> venues,
                std::vector<ListingFees> fees, Rate margin, QueueModel queue = QueueModel::pessimistic);

    /// The books that orders meet; set once, before the first order.
    void connect(const Markets& markets) { markets_ = &markets; }
    /// The venue's own record of our balances starts like ours and is kept apart from it.
    Portfolio& balances() { return balances_; }
    const Portfolio& balances() const { return balances_; }

    void send(const ApprovedOrder& order, Timestamp now) override;
    void cancel(OrderId order, Timestamp now) override;
    /// Before the run() of that instant.
    void on_trade(const Trade& trade) override;
    void set_fees(ListingId listing, Rate maker, Rate taker) override;
    Timestamp next_due() const override;
    void run(Timestamp now, std::vector<OrderEvent>& out) override;

    std::uint64_t orders() const { return orders_; }
    std::uint64_t rejects() const { return rejects_; }

  private:
    struct Pending {
        Timestamp due;
        std::uint64_t sequence = 0;
        OrderId id{};
        OrderIntent intent;
        bool cancel = false;
    };
    struct Resting {
        OrderId id{};
        OrderIntent intent;
        Quantity left;
        QueuePlace place;
        Quantity served;  ///< by trades that came to our turn, not told yet
    };

    RejectReason judge(const OrderIntent& intent) const;
    bool funded(const OrderIntent& intent) const;
    Quantity available(const OrderIntent& intent) const;
    void match(const Pending& order, Timestamp now, std::vector<OrderEvent>& out);
    void fill(OrderId id, const OrderIntent& intent, Price price, Quantity quantity, bool maker,
              Timestamp now, std::vector<OrderEvent>& out);
    void check_resting(Timestamp now, std::vector<OrderEvent>& out);
    Quantity served(Resting& order);
    void end_cancelled(OrderId id, Timestamp now, std::vector<OrderEvent>& out);
    Quantity shown(const OrderIntent& intent) const;
    void add_pending(Pending pending, Timestamp now);

    const InstrumentTable* table_;
    TakenLiquidity* taken_;
    const Markets* markets_ = nullptr;
    std::vector<VenueModel> venues_;
    std::vector<ListingFees> fees_;
    Rate margin_;
    QueueModel queue_;
    Portfolio balances_;
    std::vector<Pending> pending_;  // sorted by due time, then by when they were sent; earliest at the back
    std::vector<Resting> resting_;
    std::uint64_t sequence_ = 0;
    std::uint64_t trade_ = 0;
    std::uint64_t orders_ = 0;
    std::uint64_t rejects_ = 0;
};

/// With the latencies, fees, margin and queues of a configuration.
std::unique_ptr<SimExchange> make_exchange(const EngineConfig& config, const InstrumentTable& table,
                                           TakenLiquidity& taken);

}  // namespace arb
