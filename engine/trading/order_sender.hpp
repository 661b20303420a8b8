#pragma once
// The way of an approved order out of the trading core: to the simulated exchange, or to OrderDesk and the
// signed connectors. Core thread.
#include "engine/base/market_data.hpp"
#include "engine/base/order.hpp"

namespace arb {

/// Where approved orders go: the simulated exchange, or OrderDesk and the signed connectors.
class OrderSender {
  public:
    virtual ~OrderSender() = default;
    virtual void send(const ApprovedOrder& order, Timestamp now) = 0;
    /// Asks that an order which may rest is taken back; what became of it is told like any other news.
    virtual void cancel(OrderId order, Timestamp now) = 0;
    /// Its price can be changed while it rests, and nothing of it is in doubt.
    virtual bool amendable(OrderId) const { return false; }
    /// Ends in an event `amended` or `amend_failed`, or in silence.
    virtual void amend(const ApprovedAmend&, Timestamp /*now*/) {}
    /// Nothing was heard of this order for longer than is waited: its venue is asked, once.
    virtual void ask(OrderId, Timestamp /*now*/) {}
    /// A simulated venue charges other fees from here on; real ones say so with each fill.
    virtual void set_fees(ListingId, Rate /*maker*/, Rate /*taker*/) {}
    /// What the feed tells of others' trades: a simulated venue serves its queues with them.
    virtual void on_trade(const Trade&) {}
};

}  // namespace arb
