#pragma once
// What a connector on real sockets said, kept as copies, and short ways to ask for it; the gate that approves
// single orders of a test. Used by LifeClient (venue_life_client.hpp). Tests only, one thread; a test's
// mistake stops it with an ENSURE.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "engine/market/markets.hpp"
#include "engine/trading/risk_gate.hpp"
#include "engine/venue/venue.hpp"
#include "tests/support/venue_link.hpp"

namespace arb::test {

class LifeFacts : public FactSink {
  public:
    /// What stands of an order, as OrderDesk takes it: the stream may be quicker than the reply, and news
    /// that comes behind later news changes nothing.
    const LinkOrder* last(OrderId id) const
    {
        const auto stage = [](OrderStatus status) {
            return status == OrderStatus::pending || status == OrderStatus::absent ? 0
                   : status == OrderStatus::working                                ? 1
                                                                                   : 2;
        };
        const LinkOrder* found = nullptr;
        for (const LinkOrder& order : orders) {
            if (order.report.order != id) continue;
            if (found == nullptr || stage(order.report.status) >= stage(found->report.status)) found = &order;
        }
        return found;
    }
    const LinkEnd* last_end(RequestKind kind, OrderId id = kForeignOrder) const
    {
        const LinkEnd* found = nullptr;
        for (const LinkEnd& end : ends) {
            if (end.end.kind == kind && (id == kForeignOrder || end.end.order == id)) found = &end;
        }
        return found;
    }
    std::size_t end_count(RequestKind kind) const
    {
        return static_cast<std::size_t>(std::count_if(
            ends.begin(), ends.end(), [&](const LinkEnd& end) { return end.end.kind == kind; }));
    }
    bool ready(Channel channel) const
    {
        bool up = false;
        for (const LinkChannel& c : channels) {
            if (c.channel == channel) up = c.ready;
        }
        return up;
    }
    bool ready() const { return ready(Channel::order_entry) && ready(Channel::private_stream); }
    /// Sum of fills counted once by trade id.
    Quantity filled(OrderId id) const
    {
        Quantity sum;
        std::vector<std::string> seen;
        for (const LinkFill& fill : fills) {
            if (fill.report.order != id || std::find(seen.begin(), seen.end(), fill.trade_id) != seen.end())
                continue;
            seen.push_back(fill.trade_id);
            sum = sum + fill.report.quantity;
        }
        return sum;
    }

    std::vector<LinkOrder> orders;
    std::vector<LinkFill> fills;
    std::vector<LinkBalance> balances;
    std::vector<LinkEnd> ends;
    std::vector<LinkChannel> channels;
    std::vector<Duration> clock_offsets;
    std::vector<std::string> key_uses;
    std::vector<std::string> undecoded;

    // FactSink, what is only kept
    void on_quote(const BestQuote&) override {}
    void on_trade(const Trade&) override {}
    void on_acknowledged(ConnectionId, ListingId, bool) override {}
    void on_venue_time(Timestamp, Timestamp) override {}
    void on_order_report(const OrderReport& r) override
    {
        orders.push_back({r, std::string(r.venue_id), std::string(r.client_id)});
    }
    void on_fill_report(const FillReport& r) override
    {
        fills.push_back({r, std::string(r.trade_id), std::string(r.fee_asset), std::string(r.venue_id)});
    }
    void on_balance_report(const BalanceReport& r) override { balances.push_back({std::string(r.asset), r}); }
    void on_request_end(const RequestEnd& e) override
    {
        ends.push_back({e, std::string(e.code), std::string(e.text)});
    }
    void on_channel(Channel channel, bool up) override { channels.push_back({channel, up, {}}); }
};

/// Markets of one listing each, whose books are judged by these rules.
inline std::unique_ptr<Markets> books_of(const InstrumentTable& table, const std::vector<SequenceRule>& rules)
{
    std::vector<MarketDefinition> markets;
    for (const Listing& listing : table.listings()) {
        const Instrument& instrument = table.instrument(listing.instrument);
        markets.push_back({listing.symbol,
                           instrument.base,
                           instrument.quote,
                           instrument.price_decimals,
                           instrument.quantity_decimals,
                           {{listing.id, 1, 1}}});
    }
    return std::make_unique<Markets>(table, rules, BookLimits{}, markets, nullptr);
}

/// Approves whatever keeps the rules of the venue's table.
class LifeGate {
  public:
    LifeGate(const InstrumentTable& table, std::uint32_t epoch)
        : table_(&table),
          books_(books_of(table, std::vector<SequenceRule>(table.listings().size()))),
          portfolio_(table)
    {
        for (const Account& account : std::vector<Account>(portfolio_.accounts()))
            portfolio_.set_start(account.venue, account.asset, money("1000000000"));
        RiskLimits limits;
        limits.order_notional_max = money("1000000000");
        limits.orders_per_second = 4000;
        limits.price_band = {INT64_MAX / 4};
        gate_ = std::make_unique<RiskGate>(*books_, portfolio_, limits,
                                           std::vector<Rate>(table.listings().size()));
        gate_->set_epoch(epoch);
    }
    ApprovedOrder approve(const OrderIntent& intent, Timestamp now)
    {
        // The gate compares with a book: here one around the order's own price.
        const Level bids[] = {{intent.price, intent.quantity}};
        const Level asks[] = {
            {{intent.price.units + table_->listing(intent.listing).tick.units}, intent.quantity}};
        BookUpdate update;
        update.listing = intent.listing;
        update.snapshot = true;
        update.bids = bids;
        update.asks = asks;
        update.receive_time = now;
        books_->on_update(kNoConnection, update);
        books_->clear_changed();
        RiskReason reason = RiskReason::none;
        const auto order = gate_->approve_unwind(
            {PackageId{1}, static_cast<MarketId>(index(intent.listing)), {}, 0}, intent, now, reason);
        ENSURE(order.has_value(), name(reason));
        gate_->on_done(order->id());  // nothing stays reserved
        return *order;
    }

  private:
    const InstrumentTable* table_;
    std::unique_ptr<Markets> books_;
    Portfolio portfolio_;
    std::unique_ptr<RiskGate> gate_;
};

}  // namespace arb::test
