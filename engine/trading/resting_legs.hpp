#pragma once
// Legs that rest, of open packages: their price follows, where the venue can change it in place and else by
// cancelling and sending what is left anew; they are taken back; each fill is told with the edge that it had
// against the other side, and the money of hedges that may be needed is kept. Part of PackageExecutor; core
// thread.
#include "engine/trading/open_packages.hpp"
#include "engine/trading/order_sender.hpp"
#include "engine/trading/package_listener.hpp"

namespace arb {

class RestingLegs {
  public:
    /// All outlive it.
    RestingLegs(OpenPackages& packages, const Markets& markets, RiskGate& risk, OrderSender& sender,
                PackageListener& listener)
        : packages_(&packages), markets_(&markets), risk_(&risk), sender_(&sender), listener_(&listener)
    {
    }

    RestingState state(PackageId package, std::size_t leg) const;
    /// Its order shall have another price. False: there is none, or the venue's order budget is used up.
    bool reprice(PackageId package, std::size_t leg, Price price, Timestamp now);
    /// What rests is cancelled, and nothing follows it.
    void withdraw(PackageId package, Timestamp now);
    /// What became of a change of price. `follows`: another one may be wished.
    void on_amend_event(OpenPackage& open, std::size_t leg, const OrderEvent& event, bool follows,
                        Timestamp now);
    /// The order is over. Where another price is wanted, what is left of it goes on at that.
    bool send_next(OpenPackage& open, std::size_t leg, Timestamp now);
    /// Cancels again what is being cancelled for too long, and what has a price that nobody confirms.
    void on_time(OpenPackage& open, Timestamp now);
    /// What the fill would have earned had the other side been taken at its best in the same instant.
    void note_quoted(OpenPackage& open, std::size_t leg, const Fill& fill) const;
    /// The money of a hedge that may be needed at any moment opens nothing else.
    void reserve_hedges(const OpenPackage& open);
    /// The leg's order has this price.
    static void set_price(OpenPackage& open, std::size_t leg, Price price);

  private:
    void change_price(OpenPackage& open, std::size_t leg, Timestamp now);
    bool amend(OpenPackage& open, std::size_t leg, Timestamp now);
    void cancel(OpenPackage& open, std::size_t leg, Timestamp now);

    OpenPackages* packages_;
    const Markets* markets_;
    RiskGate* risk_;
    OrderSender* sender_;
    PackageListener* listener_;
};

}  // namespace arb
