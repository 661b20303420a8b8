#pragma once
// The trading calls of Venue, handed to the connector's Account, which exists when there are credentials (and
// the market is traded in); without it nothing happens, but that a question about a key is answered.
// `Account` has start, send_order, amend_order, cancel_order, query_order, query and, where the venue wants
// times in its own clock, set_clock_offset. Base of a connector's venue class; same rules as Venue.
#include <memory>

#include "engine/connect/request_end.hpp"
#include "engine/venue/venue.hpp"

namespace arb {

template <class Account>
class TradingVenue : public Venue {
  public:
    explicit TradingVenue(const VenueSetup& setup) : credentials_(setup.credentials) {}

    void start_session(Timestamp now, FactSink& sink, Outbox& outbox) final
    {
        if (account_) account_->start(now, sink, outbox);
    }
    void send_order(const ApprovedOrder& order, Timestamp now, FactSink& sink, Outbox& outbox) final
    {
        if (account_) account_->send_order(order, now, sink, outbox);
    }
    void amend_order(const OrderReference& order, const ApprovedAmend& amend, Timestamp now, FactSink& sink,
                     Outbox& outbox) final
    {
        if (account_) account_->amend_order(order, amend, now, sink, outbox);
    }
    void cancel_order(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox) final
    {
        if (account_) account_->cancel_order(order, now, sink, outbox);
    }
    void query_order(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox) final
    {
        if (account_) account_->query_order(order, now, sink, outbox);
    }
    void cancel_all(std::span<const ListingId> listings, Timestamp now, FactSink& sink, Outbox& outbox) final
    {
        query(RequestKind::cancel_all, listings, {}, now, sink, outbox);
    }
    void query_open_orders(std::span<const ListingId> listings, Timestamp now, FactSink& sink,
                           Outbox& outbox) final
    {
        query(RequestKind::open_orders, listings, {}, now, sink, outbox);
    }
    void query_fills(std::span<const ListingId> listings, Timestamp since, Timestamp now, FactSink& sink,
                     Outbox& outbox) final
    {
        query(RequestKind::fills, listings, since, now, sink, outbox);
    }
    void query_balances(Timestamp now, FactSink& sink, Outbox& outbox) final
    {
        query(RequestKind::balances, {}, {}, now, sink, outbox);
    }
    void query_fees(std::span<const ListingId> listings, Timestamp now, FactSink& sink, Outbox& outbox) final
    {
        query(RequestKind::fees, listings, {}, now, sink, outbox);
    }
    void query_time(Timestamp now, FactSink& sink, Outbox& outbox) final
    {
        query(RequestKind::time, {}, {}, now, sink, outbox);
    }
    void query_key(Timestamp now, FactSink& sink, Outbox& outbox) final
    {
        if (account_)
            query(RequestKind::key_info, {}, {}, now, sink, outbox);
        else
            tell_no_key(credentials_, sink);
    }
    void set_clock_offset(Duration offset) final
    {
        if constexpr (requires(Account & account) { account.set_clock_offset(offset); }) {
            if (account_) account_->set_clock_offset(offset);
        }
    }

  protected:
    void query(RequestKind kind, std::span<const ListingId> listings, Timestamp since, Timestamp now,
               FactSink& sink, Outbox& outbox)
    {
        if (account_) account_->query(kind, listings, since, now, sink, outbox);
    }

    std::unique_ptr<Account> account_;  ///< null: market data only

  private:
    const Credentials* credentials_;
};

}  // namespace arb
