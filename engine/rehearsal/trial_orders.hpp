#pragma once
// The orders of a rehearsal, as in a run: through the gate, kept by the desk until the venue's evidence ends
// them, counted by the portfolio. One thread.
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "engine/rehearsal/heard_facts.hpp"
#include "engine/rehearsal/mask.hpp"
#include "engine/rehearsal/setup.hpp"
#include "engine/rehearsal/venue_requests.hpp"
#include "engine/trading/order_desk.hpp"

namespace arb {

class TrialOrders final : private OrderDeskListener {
  public:
    /// All but the setup outlive it.
    TrialOrders(const RehearsalSetup& setup, const Markets& markets, VenueRequests& requests,
                const HeardFacts& heard, const Mask& mask);

    std::optional<OrderId> send(const OrderIntent& intent, bool closing, Timestamp now, std::string& refusal);
    /// False: the gate refuses it, or the order does not rest by the venue's word.
    bool amend(OrderId order, Price price, Timestamp now, std::string& refusal);
    void cancel(OrderId order, Timestamp now);
    void on_report(const OrderReport& report, Timestamp now);
    /// The gate's money is what the venue told.
    void adopt_balances(const HeardMoney& money);

    OrderReference reference(OrderId order) const;
    bool over(OrderId order) const;
    bool any_open() const { return desk_.open().count() > 0; }
    template <class Visit>
    void for_each_open(Visit&& visit) const
    {
        desk_.open().for_each(visit);
    }
    /// By its fills, each counted once.
    Quantity filled(OrderId order) const;
    /// The same, or more where a report about the order tells more than its fills do.
    Quantity most_filled(OrderId order) const { return std::max(filled(order), heard_->most_filled(order)); }
    /// An order that was told as working and of whose end nothing was told: that it is in no answer any more
    /// proves nothing.
    bool vanished(OrderId order) const;
    bool any_sent() const { return !sent_.empty(); }
    template <class Visit>
    void for_each_sent(Visit&& visit) const
    {
        for (const Sent& sent : sent_) visit(sent.id, sent.intent);
    }
    const OrderIntent* intent_of(OrderId order) const;
    /// What the orders of this rehearsal left: base assets more (or less) than before.
    Amount left_over() const;
    bool money_known() const { return money_known_; }
    /// Where the venue said two things of one order that cannot both be true.
    const std::vector<std::string>& contradictions() const { return contradictions_; }
    OrderDesk& desk() { return desk_; }
    RiskGate& gate() { return gate_; }
    const RiskGate& gate() const { return gate_; }

  private:
    struct Sent {
        OrderId id{};
        OrderIntent intent;
        Timestamp at;
        std::string venue_id;
        bool over = false;
        Quantity filled;
    };
    Sent* find(OrderId order);
    const Sent* find(OrderId order) const { return const_cast<TrialOrders*>(this)->find(order); }
    // OrderDeskListener
    void on_order_event(const OrderEvent& event, Timestamp now) override;
    void on_order_state(const OrderChange&, Timestamp) override {}
    void on_late_fill(const FillReport& fill, const Fill& counted, Timestamp now) override;
    void on_stranger(const Stranger& stranger, Timestamp now) override;
    void on_contradiction(OrderId order, ListingId listing, const char* what, bool money,
                          Timestamp now) override;
    void on_reopened(OrderId order, const OrderIntent& left, Timestamp now) override;
    void on_reopened_end(OrderId order) override;

    ListingId listing_;
    VenueRequests* requests_;
    const HeardFacts* heard_;
    const Mask* mask_;
    Portfolio portfolio_;
    RiskGate gate_;
    OrderDesk desk_;
    std::vector<Sent> sent_;
    std::vector<std::string> contradictions_;
    bool money_known_ = false;
};

}  // namespace arb
