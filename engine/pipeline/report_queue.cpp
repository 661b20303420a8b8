#include "engine/pipeline/report_queue.hpp"

namespace arb {
namespace {

template <class... Calls>
struct Overloaded : Calls... {
    using Calls::operator()...;
};
template <class... Calls>
Overloaded(Calls...) -> Overloaded<Calls...>;

}  // namespace

ReportQueue::ReportQueue(PackageListener* packages, TradingListener* trading)
    : packages_(packages), trading_(trading)
{
    // More in one instant than this is no trading any more; it would cost an allocation.
    waiting_.reserve(256);
}

void ReportQueue::tell()
{
    // Whoever hears it asks for nothing that would be told here.
    for (const Told& told : waiting_) tell_one(told);
    waiting_.clear();
}

void ReportQueue::tell_one(const Told& told)
{
    std::visit(
        Overloaded{
            [&](const Begun& t) { packages_->on_package(t.package, t.orders, t.time); },
            [&](const Closing& t) { packages_->on_exposure(t.package, t.line); },
            [&](const Ordered& t) { packages_->on_order(t.order, t.purpose, t.time); },
            [&](const Amended& t) { packages_->on_amended(t.order, t.price, t.time); },
            [&](const Filled& t) { packages_->on_fill(t.package, t.intent, t.fill, t.purpose, t.time); },
            [&](const Rejected& t) { packages_->on_reject(t.package, t.intent, t.reason, t.time); },
            [&](const Stuck& t) { packages_->on_stuck(t.package, t.excess, t.why, t.time); },
            [&](const PackageEnd& t) { packages_->on_end(t); },
            [&](const Changed& t) { trading_->on_order_state(t.change, t.time); }},
        told);
}

TradingListener* ReportQueue::now_listening()
{
    tell();
    return trading_;
}

void ReportQueue::on_package(const Package& package, const LegOrders& orders, Timestamp now)
{
    if (packages_ != nullptr) waiting_.push_back(Begun{package, orders, now});
}

void ReportQueue::on_exposure(const Package& package, const ExposureLine& line)
{
    if (packages_ != nullptr) waiting_.push_back(Closing{package, line});
}

void ReportQueue::on_order(const ApprovedOrder& order, OrderPurpose purpose, Timestamp now)
{
    if (packages_ != nullptr) waiting_.push_back(Ordered{order, purpose, now});
}

void ReportQueue::on_amended(OrderId order, Price price, Timestamp now)
{
    if (packages_ != nullptr) waiting_.push_back(Amended{order, price, now});
}

void ReportQueue::on_fill(const Package& package, const OrderIntent& intent, const Fill& fill,
                          OrderPurpose purpose, Timestamp now)
{
    if (packages_ != nullptr) waiting_.push_back(Filled{package, intent, fill, purpose, now});
}

void ReportQueue::on_reject(const Package& package, const OrderIntent& intent, RejectReason reason,
                            Timestamp now)
{
    if (packages_ != nullptr) waiting_.push_back(Rejected{package, intent, reason, now});
}

void ReportQueue::on_stuck(const Package& package, const Residual& excess, const char* why, Timestamp now)
{
    if (packages_ != nullptr) waiting_.push_back(Stuck{package, excess, why, now});
}

void ReportQueue::on_end(const PackageEnd& end)
{
    if (packages_ != nullptr) waiting_.push_back(end);
}

void ReportQueue::on_order_state(const OrderChange& change, Timestamp now)
{
    if (trading_ != nullptr) waiting_.push_back(Changed{change, now});
}

void ReportQueue::on_phase(Phase phase, Timestamp now)
{
    if (TradingListener* to = now_listening()) to->on_phase(phase, now);
}

void ReportQueue::on_channel(VenueId venue, Channel channel, bool ready, Timestamp now)
{
    if (TradingListener* to = now_listening()) to->on_channel(venue, channel, ready, now);
}

void ReportQueue::on_request_end(VenueId venue, const RequestEnd& end, Timestamp now)
{
    if (TradingListener* to = now_listening()) to->on_request_end(venue, end, now);
}

void ReportQueue::on_balance(VenueId venue, std::string_view asset, Amount ours, Amount theirs, bool final,
                             Timestamp now)
{
    if (TradingListener* to = now_listening()) to->on_balance(venue, asset, ours, theirs, final, now);
}

void ReportQueue::on_flag(MarketId market, VenueId venue, std::string_view why, Timestamp now)
{
    if (TradingListener* to = now_listening()) to->on_flag(market, venue, why, now);
}

void ReportQueue::on_flag_cleared(MarketId market, Timestamp now)
{
    if (TradingListener* to = now_listening()) to->on_flag_cleared(market, now);
}

void ReportQueue::on_note(std::string_view text, Timestamp now)
{
    if (TradingListener* to = now_listening()) to->on_note(text, now);
}

void ReportQueue::on_halt(VenueId venue, std::string_view why, Timestamp now)
{
    if (TradingListener* to = now_listening()) to->on_halt(venue, why, now);
}

void ReportQueue::on_halt_over(VenueId venue, Timestamp now)
{
    if (TradingListener* to = now_listening()) to->on_halt_over(venue, now);
}

void ReportQueue::on_key(const KeyNews& news, Timestamp now)
{
    if (TradingListener* to = now_listening()) to->on_key(news, now);
}

void ReportQueue::on_late_fill(ListingId listing, Side side, const Fill& fill, OrderId order, Timestamp now)
{
    if (TradingListener* to = now_listening()) to->on_late_fill(listing, side, fill, order, now);
}

}  // namespace arb
