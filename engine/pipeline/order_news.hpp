#pragma once
// What OrderDesk concludes, handed on: events of orders wait until the executor may hear them, late fills
// become lines of exposure and of the log, strangers go to their watch, contradictions are told. Core thread.
#include <vector>

#include "engine/pipeline/stranger_watch.hpp"
#include "engine/pipeline/watermarks.hpp"
#include "engine/trading/package_executor.hpp"

namespace arb {

class OrderNews final : public OrderDeskListener {
  public:
    OrderNews(const LiveContext& context, StrangerWatch& strangers, MarketFlags& flags,
              StateRecords& records);
    void connect(PackageExecutor& executor, const OrderDesk& desk, const Watermarks& watermarks)
    {
        executor_ = &executor;
        desk_ = &desk;
        watermarks_ = &watermarks;
    }

    void on_order_event(const OrderEvent& event, Timestamp now) override;
    void on_order_state(const OrderChange& change, Timestamp now) override;
    void on_late_fill(const FillReport& report, const Fill& counted, Timestamp now) override;
    void on_old_fill(const FillReport& report, Timestamp now) override;
    void on_stranger(const Stranger& stranger, Timestamp now) override;
    void on_contradiction(OrderId order, ListingId listing, const char* what, bool money,
                          Timestamp now) override;
    void on_reopened(OrderId order, const OrderIntent& left, Timestamp now) override;
    void on_reopened_end(OrderId order) override;
    Amount value_fee(ListingId listing, const Fill& fill) override;

    /// Hands the executor what became of its orders, until nothing is left: handling an event may send an
    /// order, and a connector may refuse it at once.
    void drain(Timestamp now);
    /// A fill that nobody waited for any more is a line of exposure of its own.
    void add_late(ListingId listing, Side side, const Fill& fill, Timestamp now);
    /// Late fills that were not told of yet: visit(ListingId).
    template <class Visit>
    void take_late(Visit&& visit)
    {
        for (const ListingId listing : late_) visit(listing);
        late_.clear();
    }

  private:
    LiveContext context_;
    StrangerWatch* strangers_;
    MarketFlags* flags_;
    StateRecords* records_;
    PackageExecutor* executor_ = nullptr;
    const OrderDesk* desk_ = nullptr;
    const Watermarks* watermarks_ = nullptr;
    std::vector<OrderEvent> events_;
    std::vector<ListingId> late_;
};

}  // namespace arb
