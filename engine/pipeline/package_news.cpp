#include "engine/pipeline/package_news.hpp"

namespace arb {
namespace {

Decision of_order(DecisionKind kind, OrderId id, const OrderIntent& intent, Timestamp now)
{
    Decision decision;
    decision.kind = kind;
    decision.time = now;
    decision.id = static_cast<std::uint64_t>(id);
    decision.listing = intent.listing;
    decision.side = intent.side;
    decision.price = intent.price.units;
    decision.quantity = intent.quantity.units;
    return decision;
}

}  // namespace

PackageNews::PackageNews(DecisionTrail& decisions, ReportQueue& reports, InstrumentWatch& instruments)
    : decisions_(&decisions), reports_(&reports), instruments_(&instruments)
{
    ended_.reserve(OpenPackages::kMost);
}

void PackageNews::on_package(const Package& package, const LegOrders& orders, Timestamp now)
{
    if (live_ != nullptr) live_->packages().on_package(package, orders);
    reports_->on_package(package, orders, now);
}

void PackageNews::on_next_order(const ApprovedOrder& order, Timestamp now)
{
    if (live_ != nullptr) live_->packages().on_next_order(order, now);
}

void PackageNews::on_amend(const ApprovedAmend& amend, Timestamp now)
{
    if (live_ != nullptr) live_->packages().on_amend(amend);
    decisions_->add(of_order(DecisionKind::amend, amend.id(), amend.intent(), now));
}

void PackageNews::on_amended(OrderId order, Price price, Timestamp now)
{
    reports_->on_amended(order, price, now);
}

void PackageNews::on_exposure(const Package& package, const ExposureLine& line)
{
    if (live_ != nullptr) live_->packages().on_exposure(package, line);
    reports_->on_exposure(package, line);
}

void PackageNews::on_order(const ApprovedOrder& order, OrderPurpose purpose, Timestamp now)
{
    if (live_ != nullptr && purpose != OrderPurpose::leg)
        live_->packages().on_unwind(order, executor_->rate_elsewhere(order.id()), now);
    decisions_->add(of_order(DecisionKind::order, order.id(), order.intent(), now));
    reports_->on_order(order, purpose, now);
}

void PackageNews::on_fill(const Package& package, const OrderIntent& intent, const Fill& fill,
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
    decisions_->add(decision);
    reports_->on_fill(package, intent, fill, purpose, now);
}

void PackageNews::on_reject(const Package& package, const OrderIntent& intent, RejectReason reason,
                            Timestamp now)
{
    instruments_->on_refusal(reason);
    Decision decision;
    decision.kind = DecisionKind::rejected;
    decision.time = now;
    decision.id = static_cast<std::uint64_t>(package.id);
    decision.listing = intent.listing;
    decision.number = static_cast<std::int64_t>(reason);
    decisions_->add(decision);
    reports_->on_reject(package, intent, reason, now);
}

void PackageNews::on_refused_often(ListingId listing, Timestamp until, Timestamp now)
{
    if (live_ != nullptr) live_->packages().on_refused_often(listing, until, now);
}

void PackageNews::on_stuck(const Package& package, const Residual& excess, const char* why, Timestamp now)
{
    if (live_ != nullptr) live_->packages().on_stuck(package, excess, why, now);
    reports_->on_stuck(package, excess, why, now);
}

void PackageNews::on_end(const PackageEnd& end)
{
    if (live_ != nullptr) live_->packages().on_end(end);
    Decision decision;
    decision.kind = DecisionKind::package_end;
    decision.time = end.finished;
    decision.id = static_cast<std::uint64_t>(end.package.id);
    decision.number = end.flagged ? 1 : 0;
    decision.amount = end.waterfall.realised.units;
    decisions_->add(decision);
    reports_->on_end(end);
    if (ended_.size() < ended_.capacity()) ended_.push_back(end);
}

}  // namespace arb
