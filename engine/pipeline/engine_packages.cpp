// What strategies wish and what the executor tells: decisions, then on to the live half and the report.
#include "engine/pipeline/engine.hpp"

namespace arb {

bool Engine::propose(Package& package, Timestamp now)
{
    package.id = static_cast<PackageId>(next_package_);
    // Ids of a live run never meet those of another.
    if (live_ != nullptr)
        package.id = static_cast<PackageId>((std::uint64_t{live_->epoch()} << 16) + next_package_);
    package.strategy = strategy_;
    RiskReason reason = executor_->full() ? RiskReason::rate : RiskReason::none;
    if (live_ != nullptr && live_->desk_full()) reason = RiskReason::open_orders;
    std::optional<LegOrders> orders;
    if (reason == RiskReason::none) orders = risk_->approve(package, now, reason);
    Decision decision;
    decision.time = now;
    decision.id = next_package_;
    decision.quantity = package.quantity.units;
    decision.price = package.edge.units;
    decision.kind = orders ? DecisionKind::package : DecisionKind::refused;
    decision.number = static_cast<std::int64_t>(reason);
    decided(decision);
    if (!orders) return false;
    ++next_package_;
    if (package.resting() == nullptr)
        crossings_->taken(package.market, package.buy.member, package.sell.member);
    executor_->start(package, *orders, now);
    return true;
}

PackageState Engine::state(PackageId package) const
{
    return executor_->state(package);
}

bool Engine::reprice(PackageId package, Price price, Timestamp now)
{
    return executor_->reprice(package, price, now);
}

void Engine::withdraw(PackageId package, Timestamp now)
{
    executor_->withdraw(package, now);
}

void Engine::missed(MarketId market, std::size_t buy, std::size_t sell, MissedReason reason)
{
    // The gate refuses what is halted before it looks at a limit: then the limits are not what the report
    // should send its reader to.
    if (reason == MissedReason::risk) {
        const auto& members = markets_->consolidated(market).definition().members;
        for (const std::size_t member : {buy, sell}) {
            if (parts_.table->listing(members[member].listing).status == ListingStatus::halted)
                reason = MissedReason::halted;
        }
    }
    crossings_->missed(market, buy, sell, reason);
}

bool Engine::in_flight(MarketId market, std::size_t buy, std::size_t sell) const
{
    return executor_->in_flight(market, buy, sell);
}

void Engine::on_package(const Package& package, const LegOrders& orders, Timestamp now)
{
    if (live_ != nullptr) live_->on_package(package, orders);
    if (parts_.listener != nullptr) parts_.listener->on_package(package, orders, now);
}

void Engine::on_next_order(const ApprovedOrder& order, Timestamp now)
{
    if (live_ != nullptr) live_->on_next_order(order, now);
}

void Engine::on_exposure(const Package& package, const ExposureLine& line)
{
    if (live_ != nullptr) live_->on_exposure(package, line);
    if (parts_.listener != nullptr) parts_.listener->on_exposure(package, line);
}

void Engine::on_order(const ApprovedOrder& order, OrderPurpose purpose, Timestamp now)
{
    if (live_ != nullptr && purpose != OrderPurpose::leg) live_->on_unwind(order, now);
    Decision decision;
    decision.kind = DecisionKind::order;
    decision.time = now;
    decision.id = static_cast<std::uint64_t>(order.id());
    decision.listing = order.intent().listing;
    decision.side = order.intent().side;
    decision.price = order.intent().price.units;
    decision.quantity = order.intent().quantity.units;
    decided(decision);
    if (parts_.listener != nullptr) parts_.listener->on_order(order, purpose, now);
}

void Engine::on_fill(const Package& package, const OrderIntent& intent, const Fill& fill,
                     OrderPurpose purpose, Timestamp now)
{
    if (live_ != nullptr) live_->on_fill(intent.listing, intent.side, fill);
    Decision decision;
    decision.kind = DecisionKind::fill;
    decision.time = now;
    decision.id = static_cast<std::uint64_t>(package.id);
    decision.listing = intent.listing;
    decision.side = intent.side;
    decision.price = fill.price.units;
    decision.quantity = fill.quantity.units;
    decision.amount = fill.fee.units;
    decided(decision);
    if (parts_.listener != nullptr) parts_.listener->on_fill(package, intent, fill, purpose, now);
}

void Engine::on_reject(const Package& package, const OrderIntent& intent, RejectReason reason, Timestamp now)
{
    instruments_.on_refusal(reason);
    Decision decision;
    decision.kind = DecisionKind::rejected;
    decision.time = now;
    decision.id = static_cast<std::uint64_t>(package.id);
    decision.listing = intent.listing;
    decision.number = static_cast<std::int64_t>(reason);
    decided(decision);
    if (parts_.listener != nullptr) parts_.listener->on_reject(package, intent, reason, now);
}

void Engine::on_refused_often(ListingId listing, Timestamp until, Timestamp now)
{
    if (live_ != nullptr) live_->on_refused_often(listing, until, now);
}

void Engine::on_stuck(const Package& package, std::int64_t excess, const char* why, Timestamp now)
{
    if (live_ != nullptr) live_->on_stuck(package, excess, why, now);
    if (parts_.listener != nullptr) parts_.listener->on_stuck(package, excess, why, now);
}

void Engine::on_end(const PackageEnd& end)
{
    if (live_ != nullptr) live_->on_end(end);
    Decision decision;
    decision.kind = DecisionKind::package_end;
    decision.time = end.finished;
    decision.id = static_cast<std::uint64_t>(end.package.id);
    decision.number = end.flagged ? 1 : 0;
    decision.amount = end.waterfall.realised.units;
    decided(decision);
    if (parts_.listener != nullptr) parts_.listener->on_end(end);
}

void Engine::decided(const Decision& decision)
{
    decision.add_to(hash_);
    if (parts_.decisions != nullptr) parts_.decisions->on_decision(decision);
}

}  // namespace arb
