// BinanceVenue's trading half: each call goes to Account, which exists when there are credentials.
#include "connectors/binance/binance.hpp"

namespace arb::binance {

TradingFeatures BinanceVenue::trading_features() const
{
    if (market_ != Market::coinm) return binance::trading_features(market_);
    TradingFeatures none;
    none.dead_man_note = "COIN-M is market data only here";
    return none;
}

void BinanceVenue::start_session(Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (!account_) return;
    std::vector<ListingId> planned;
    for (const Planned& entry : planned_) {
        if (entry.books)
            planned.insert(planned.end(), entry.plan.listings.begin(), entry.plan.listings.end());
    }
    account_->start(planned, now, sink, outbox);
}

void BinanceVenue::send_order(const ApprovedOrder& order, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (account_) account_->send_order(order, now, sink, outbox);
}

void BinanceVenue::amend_order(const OrderReference& order, const ApprovedAmend& amend, Timestamp now,
                               FactSink& sink, Outbox& outbox)
{
    if (account_) account_->amend_order(order, amend, now, sink, outbox);
}

void BinanceVenue::cancel_order(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (account_) account_->cancel_order(order, now, sink, outbox);
}

void BinanceVenue::cancel_all(std::span<const ListingId> listings, Timestamp now, FactSink& sink,
                              Outbox& outbox)
{
    if (account_) account_->query(RequestKind::cancel_all, listings, {}, now, sink, outbox);
}

void BinanceVenue::query_order(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (account_) account_->query_order(order, now, sink, outbox);
}

void BinanceVenue::query_open_orders(std::span<const ListingId> listings, Timestamp now, FactSink& sink,
                                     Outbox& outbox)
{
    if (account_) account_->query(RequestKind::open_orders, listings, {}, now, sink, outbox);
}

void BinanceVenue::query_fills(std::span<const ListingId> listings, Timestamp since, Timestamp now,
                               FactSink& sink, Outbox& outbox)
{
    if (account_) account_->query(RequestKind::fills, listings, since, now, sink, outbox);
}

void BinanceVenue::query_balances(Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (account_) account_->query(RequestKind::balances, {}, {}, now, sink, outbox);
}

void BinanceVenue::query_fees(std::span<const ListingId> listings, Timestamp now, FactSink& sink,
                              Outbox& outbox)
{
    if (account_) account_->query(RequestKind::fees, listings, {}, now, sink, outbox);
}

void BinanceVenue::query_time(Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (account_) account_->query(RequestKind::time, {}, {}, now, sink, outbox);
}

void BinanceVenue::query_key(Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (account_) return account_->query(RequestKind::key_info, {}, {}, now, sink, outbox);
    // Whoever asks waits for the report.
    KeyReport report;
    if (setup_.credentials != nullptr) report.label = setup_.credentials->label;
    report.text = "no key is used here";
    sink.on_key_report(report);
    RequestEnd end;
    end.kind = RequestKind::key_info;
    end.outcome = Outcome::refused;
    end.text = report.text;
    sink.on_request_end(end);
}

void BinanceVenue::set_clock_offset(Duration offset)
{
    if (account_) account_->set_clock_offset(offset);
}

}  // namespace arb::binance
