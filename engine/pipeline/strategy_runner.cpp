#include "engine/pipeline/strategy_runner.hpp"

#include <charconv>

#include <fmt/format.h>

#include "engine/base/path_stamps.hpp"
#include "engine/pipeline/held_release.hpp"

namespace arb {

// First of all that is asked in an instant: from here on wishes are new ones.
void StrategyRunner::tell_ends(PackageNews& news, Timestamp now)
{
    if (wake_.known() && now >= wake_) wake_ = {};
    const MarketView seen = view();
    news.take_ended([&](const PackageEnd& end) {
        asked_ = end.package.strategy;
        if (asked_ < strategies_.size()) strategies_[asked_]->on_package(end, now, seen, *this);
    });
}

void StrategyRunner::on_market(MarketId market, Timestamp now)
{
    const MarketView seen = view();
    for (asked_ = 0; asked_ < strategies_.size(); ++asked_)
        strategies_[asked_]->on_market(market, now, seen, *this);
}

void StrategyRunner::on_time(Timestamp now)
{
    const MarketView seen = view();
    for (asked_ = 0; asked_ < strategies_.size(); ++asked_) strategies_[asked_]->on_time(now, seen, *this);
}

// Why it is refused before the gate judges it.
RiskReason StrategyRunner::refusal(Package& package, Timestamp now) const
{
    if (parts_.executor.full()) return RiskReason::rate;
    if (parts_.live != nullptr && parts_.live->desk_full()) return RiskReason::open_orders;
    if (*parts_.executor.refuses(package) != '\0') return RiskReason::legs;
    return set_rates(package, now) ? RiskReason::none : RiskReason::no_rate;
}

bool StrategyRunner::propose(Package& package, Timestamp now)
{
    package.id = static_cast<PackageId>(next_package_);
    // Ids of a live run never meet those of another.
    if (parts_.live != nullptr)
        package.id =
            static_cast<PackageId>((std::uint64_t{parts_.live->records().epoch()} << 16) + next_package_);
    package.strategy = asked_;
    stamp_path(PathStage::proposed);
    RiskReason reason = refusal(package, now);
    std::optional<LegOrders> orders;
    if (reason == RiskReason::none) orders = parts_.risk.approve(package, now, reason);
    Decision decision;
    decision.time = now;
    decision.id = next_package_;
    decision.quantity = package.quantity.units;
    decision.price = package.edge.units;
    decision.kind = orders ? DecisionKind::package : DecisionKind::refused;
    decision.number = static_cast<std::int64_t>(reason);
    parts_.decisions.add(decision);
    refused_for_ = reason;
    if (!orders) return false;
    stamp_path(PathStage::approved);
    ++next_package_;
    note_taken(package);
    parts_.executor.start(package, *orders, now);
    return true;
}

bool StrategyRunner::release(std::string_view package, Timestamp now, std::string& why)
{
    std::uint64_t id = 0;
    const auto [end, error] = std::from_chars(package.data(), package.data() + package.size(), id);
    const bool number = error == std::errc{} && end == package.data() + package.size();
    const HeldPosition* held = number ? parts_.held.find(static_cast<PackageId>(id)) : nullptr;
    if (held == nullptr) {
        why = "no package of that number holds anything; `arbiter status` lists what is held";
        return false;
    }
    asked_ = held->strategy;
    std::optional<Package> release = release_of(*held, parts_.markets, parts_.band, now, why);
    if (!release) return false;
    const std::string_view busy = parts_.executor.refuses(*release);
    if (propose(*release, now)) return true;
    why = busy.empty() ? fmt::format("the risk gate refuses it: {}", name(refused_for_)) : busy;
    return false;
}

// Where legs are paid in another currency than the package is counted in.
bool StrategyRunner::set_rates(Package& package, Timestamp now) const
{
    const ListingId own = parts_.markets.consolidated(package.market).definition().members.front().listing;
    for (Leg& leg : package.each()) {
        if (leg.market == package.market) continue;
        const std::optional<Amount> rate = parts_.risk.rates().between(leg.intent.listing, own, now);
        if (!rate) return false;
        leg.rate = *rate;
    }
    return true;
}

// A crossing is between two venues of one market.
void StrategyRunner::note_taken(const Package& package)
{
    const Leg* buy = package.first(Side::buy);
    const Leg* sell = package.first(Side::sell);
    const bool crosses = package.count == 2 && buy != nullptr && sell != nullptr &&
                         buy->market == sell->market && !package.has(Part::rest);
    if (crosses) parts_.crossings.taken(buy->market, buy->member, sell->member);
}

RestingState StrategyRunner::state(PackageId package, std::size_t leg) const
{
    return parts_.executor.state(package, leg);
}

bool StrategyRunner::reprice(PackageId package, std::size_t leg, Price price, Timestamp now)
{
    return parts_.executor.reprice(package, leg, price, now);
}

void StrategyRunner::withdraw(PackageId package, Timestamp now)
{
    parts_.executor.withdraw(package, now);
}

const HeldPosition* StrategyRunner::held(PackageId package) const
{
    return parts_.held.find(package);
}

void StrategyRunner::missed(MarketId market, std::size_t buy, std::size_t sell, MissedReason reason)
{
    // The gate refuses what is halted before it looks at a limit: then the limits are not what the report
    // should send its reader to.
    if (reason == MissedReason::risk) {
        const auto& members = parts_.markets.consolidated(market).definition().members;
        for (const std::size_t member : {buy, sell}) {
            if (parts_.markets.table().listing(members[member].listing).status == ListingStatus::halted)
                reason = MissedReason::halted;
        }
    }
    // What the gate has just refused is what is spoken of.
    parts_.crossings.missed(market, buy, sell, reason, refused_for_);
}

bool StrategyRunner::in_flight(MarketId market, std::size_t buy, std::size_t sell) const
{
    return parts_.executor.in_flight(market, buy, sell);
}

}  // namespace arb
