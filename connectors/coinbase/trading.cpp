// The trading half of the venue: each call goes to Account, which exists when there are credentials.
#include "connectors/coinbase/coinbase.hpp"

namespace arb::coinbase {

void Coinbase::start_session(Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (account_) account_->start(now, sink, outbox);
}

void Coinbase::send_order(const ApprovedOrder& order, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (account_) account_->send_order(order, now, sink, outbox);
}

void Coinbase::amend_order(const OrderReference& order, const ApprovedAmend& amend, Timestamp now,
                           FactSink& sink, Outbox& outbox)
{
    if (account_) account_->amend_order(order, amend, now, sink, outbox);
}

void Coinbase::cancel_order(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (account_) account_->cancel_order(order, now, sink, outbox);
}

void Coinbase::cancel_all(std::span<const ListingId> listings, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (account_) account_->ask(RequestKind::cancel_all, listings, {}, now, sink, outbox);
}

void Coinbase::query_order(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (account_) account_->query_order(order, now, sink, outbox);
}

void Coinbase::query_open_orders(std::span<const ListingId> listings, Timestamp now, FactSink& sink,
                                 Outbox& outbox)
{
    if (account_) account_->ask(RequestKind::open_orders, listings, {}, now, sink, outbox);
}

void Coinbase::query_fills(std::span<const ListingId> listings, Timestamp since, Timestamp now,
                           FactSink& sink, Outbox& outbox)
{
    if (account_) account_->ask(RequestKind::fills, listings, since, now, sink, outbox);
}

void Coinbase::query_balances(Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (account_) account_->ask(RequestKind::balances, {}, {}, now, sink, outbox);
}

void Coinbase::query_fees(std::span<const ListingId> listings, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (account_) account_->ask(RequestKind::fees, listings, {}, now, sink, outbox);
}

void Coinbase::query_time(Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (account_) account_->ask(RequestKind::time, {}, {}, now, sink, outbox);
}

void Coinbase::query_key(Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (account_) account_->ask(RequestKind::key_info, {}, {}, now, sink, outbox);
}

void Coinbase::set_clock_offset(Duration offset)
{
    if (account_) account_->set_clock_offset(offset);
}

}  // namespace arb::coinbase
