// What strategies and operators wish and what the executor tells: decisions, then on to live trading and the
// report.
#include <charconv>

#include <fmt/format.h>

#include "engine/pipeline/engine.hpp"
#include "engine/pipeline/held_release.hpp"

namespace arb {

bool Engine::propose(Package& package, Timestamp now)
{
    package.id = static_cast<PackageId>(next_package_);
    // Ids of a live run never meet those of another.
    if (live_ != nullptr)
        package.id = static_cast<PackageId>((std::uint64_t{live_->records().epoch()} << 16) + next_package_);
    package.strategy = strategy_;
    RiskReason reason = executor_->full() ? RiskReason::rate : RiskReason::none;
    if (live_ != nullptr && live_->desk_full()) reason = RiskReason::open_orders;
    if (reason == RiskReason::none && *executor_->refuses(package) != '\0') reason = RiskReason::legs;
    if (reason == RiskReason::none && !set_rates(package, now)) reason = RiskReason::no_rate;
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
    refused_for_ = reason;
    if (!orders) return false;
    ++next_package_;
    note_taken(package);
    executor_->start(package, *orders, now);
    return true;
}

bool Engine::release_held(std::string_view package, Timestamp now)
{
    std::uint64_t id = 0;
    const auto [end, error] = std::from_chars(package.data(), package.data() + package.size(), id);
    const bool number = error == std::errc{} && end == package.data() + package.size();
    const HeldPosition* held = number ? held_->find(static_cast<PackageId>(id)) : nullptr;
    if (held == nullptr) {
        refusal_ = "no package of that number holds anything; `arbiter status` lists what is held";
        return false;
    }
    strategy_ = held->strategy;
    const Rate band = parts_.config->executor.unwind_band;
    std::optional<Package> release = release_of(*held, *markets_, band, now, refusal_);
    if (!release) return false;
    const std::string_view busy = executor_->refuses(*release);
    if (propose(*release, now)) return true;
    refusal_ = busy.empty() ? fmt::format("the risk gate refuses it: {}", name(refused_for_)) : busy;
    return false;
}

// Where legs are paid in another currency than the package is counted in.
bool Engine::set_rates(Package& package, Timestamp now) const
{
    const ListingId own = markets_->consolidated(package.market).definition().members.front().listing;
    for (Leg& leg : package.each()) {
        if (leg.market == package.market) continue;
        const std::optional<Amount> rate = risk_->rates().between(leg.intent.listing, own, now);
        if (!rate) return false;
        leg.rate = *rate;
    }
    return true;
}

// A crossing is between two venues of one market.
void Engine::note_taken(const Package& package)
{
    const Leg* buy = package.first(Side::buy);
    const Leg* sell = package.first(Side::sell);
    const bool crosses = package.count == 2 && buy != nullptr && sell != nullptr &&
                         buy->market == sell->market && !package.has(Part::rest);
    if (crosses) crossings_->taken(buy->market, buy->member, sell->member);
}

RestingState Engine::state(PackageId package, std::size_t leg) const
{
    return executor_->state(package, leg);
}

bool Engine::reprice(PackageId package, std::size_t leg, Price price, Timestamp now)
{
    return executor_->reprice(package, leg, price, now);
}

void Engine::withdraw(PackageId package, Timestamp now)
{
    executor_->withdraw(package, now);
}

const HeldPosition* Engine::held(PackageId package) const
{
    return held_->find(package);
}

// Those that ended since the strategies were asked last.
void Engine::tell_ends(Timestamp now)
{
    const MarketView view{*markets_, *risk_, portfolio_, *crossings_};
    for (std::size_t i = 0; i < ended_.size(); ++i) {
        const PackageEnd end = ended_[i];
        strategy_ = end.package.strategy;
        if (strategy_ < strategies_.size()) strategies_[strategy_]->on_package(end, now, view, *this);
    }
    ended_.clear();
}

// What open exposure would bring now, less what it cost: it counts in the day's loss before it is closed.
void Engine::judge_open_result(Timestamp now)
{
    if (!parts_.config->risk.loss_day_max || now - open_judged_ < seconds(1)) return;
    open_judged_ = now;
    Amount result;
    const auto add = [&](MarketId market, std::int64_t quantity, Amount cost) {
        if (quantity == 0 && cost.zero()) return;
        const ListingId listing = markets_->consolidated(market).definition().members.front().listing;
        // What nobody can value has lost all that it cost.
        const Amount worth = risk_->worth_now(market, quantity, now).value_or(Amount{});
        result += risk_->counted(listing, quantity < 0 && worth.zero() ? -absolute(cost) : worth - cost, now);
    };
    for (std::size_t m = 0; m < exposure_->market_count(); ++m) {
        const ExposureLine line = exposure_->sum(static_cast<MarketId>(m));
        add(static_cast<MarketId>(m), line.quantity, line.cost);
    }
    executor_->for_each_open(
        [&](const PackageExecutor::View& view) { add(view.market, view.excess, view.value); });
    if (risk_->on_open_result(result, now) && live_ != nullptr) live_->packages().on_loss_limit(now);
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
    if (live_ != nullptr) live_->packages().on_package(package, orders);
    reports_->on_package(package, orders, now);
}

void Engine::on_next_order(const ApprovedOrder& order, Timestamp now)
{
    if (live_ != nullptr) live_->packages().on_next_order(order, now);
}

void Engine::on_exposure(const Package& package, const ExposureLine& line)
{
    if (live_ != nullptr) live_->packages().on_exposure(package, line);
    reports_->on_exposure(package, line);
}

void Engine::on_order(const ApprovedOrder& order, OrderPurpose purpose, Timestamp now)
{
    if (live_ != nullptr && purpose != OrderPurpose::leg)
        live_->packages().on_unwind(order, executor_->rate_elsewhere(order.id()), now);
    Decision decision;
    decision.kind = DecisionKind::order;
    decision.time = now;
    decision.id = static_cast<std::uint64_t>(order.id());
    decision.listing = order.intent().listing;
    decision.side = order.intent().side;
    decision.price = order.intent().price.units;
    decision.quantity = order.intent().quantity.units;
    decided(decision);
    reports_->on_order(order, purpose, now);
}

void Engine::on_fill(const Package& package, const OrderIntent& intent, const Fill& fill,
                     OrderPurpose purpose, Timestamp now)
{
    if (live_ != nullptr) live_->packages().on_fill(intent.listing, intent.side, fill);
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
    reports_->on_fill(package, intent, fill, purpose, now);
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
    reports_->on_reject(package, intent, reason, now);
}

void Engine::on_refused_often(ListingId listing, Timestamp until, Timestamp now)
{
    if (live_ != nullptr) live_->packages().on_refused_often(listing, until, now);
}

void Engine::on_stuck(const Package& package, const Residual& excess, const char* why, Timestamp now)
{
    if (live_ != nullptr) live_->packages().on_stuck(package, excess, why, now);
    reports_->on_stuck(package, excess, why, now);
}

void Engine::on_end(const PackageEnd& end)
{
    if (live_ != nullptr) live_->packages().on_end(end);
    Decision decision;
    decision.kind = DecisionKind::package_end;
    decision.time = end.finished;
    decision.id = static_cast<std::uint64_t>(end.package.id);
    decision.number = end.flagged ? 1 : 0;
    decision.amount = end.waterfall.realised.units;
    decided(decision);
    reports_->on_end(end);
    if (ended_.size() < ended_.capacity()) ended_.push_back(end);
}

void Engine::decided(const Decision& decision)
{
    decision.add_to(hash_);
    if (parts_.decisions != nullptr) parts_.decisions->on_decision(decision);
}

}  // namespace arb
