#include "engine/rehearsal/heard_facts.hpp"

#include <algorithm>

namespace arb {
namespace {

bool is_end(OrderStatus status)
{
    return status == OrderStatus::filled || status == OrderStatus::cancelled ||
           status == OrderStatus::rejected;
}

}  // namespace

KeyReport HeardKey::whole() const
{
    KeyReport whole = report;
    whole.label = label;
    whole.text = text;
    whole.foreign = foreign;
    whole.missing = missing;
    whole.address_list = address_list;
    return whole;
}

HeardMark HeardFacts::mark() const
{
    return {orders_.size(), fills_.size(), balances_.size(), ends_.size()};
}

const HeardEnd* HeardFacts::end_since(const HeardMark& mark, RequestKind kind, OrderId order) const
{
    for (std::size_t i = mark.ends; i < ends_.size(); ++i) {
        if (ends_[i].end.kind == kind && (order == kForeignOrder || ends_[i].end.order == order))
            return &ends_[i];
    }
    return nullptr;
}

const HeardOrder* HeardFacts::order_since(const HeardMark& mark, OrderId order, ReportSource source) const
{
    for (std::size_t i = orders_.size(); i-- > mark.orders;) {
        if (orders_[i].report.order == order && orders_[i].report.source == source) return &orders_[i];
    }
    return nullptr;
}

HeardMoney HeardFacts::money_since(const HeardMark& mark) const
{
    HeardMoney money;
    for (std::size_t i = mark.balances; i < balances_.size(); ++i) {
        if (balances_[i].report.source == ReportSource::query)
            money[balances_[i].asset] = balances_[i].report;
    }
    return money;
}

const FeeReport* HeardFacts::fee_of(ListingId listing) const
{
    for (std::size_t i = fees_.size(); i-- > 0;) {
        if (fees_[i].listing == listing) return &fees_[i];
    }
    return nullptr;
}

Quantity HeardFacts::most_filled(OrderId order) const
{
    Quantity most;
    for (const HeardOrder& heard : orders_) {
        if (heard.report.order == order && heard.report.has_filled)
            most = std::max(most, heard.report.filled);
    }
    return most;
}

bool HeardFacts::works_still(OrderId order) const
{
    bool worked = false;
    for (const HeardOrder& heard : orders_) {
        if (heard.report.order != order) continue;
        worked |= heard.report.status == OrderStatus::working;
        if (is_end(heard.report.status)) return false;
    }
    return worked;
}

bool HeardFacts::revived(OrderId order) const
{
    bool ended = false, works = false;
    for (const HeardOrder& heard : orders_) {
        if (heard.report.order != order) continue;
        const bool asked = heard.report.source == ReportSource::query;
        if (is_end(heard.report.status)) ended = true;
        if (asked && ended) works = heard.report.status == OrderStatus::working;
    }
    return works;
}

void HeardFacts::add(const OrderReport& report, Timestamp now)
{
    HeardOrder heard{report, std::string(report.venue_id), now};
    heard.report.venue_id = heard.report.client_id = {};
    orders_.push_back(std::move(heard));
}

void HeardFacts::add(const FillReport& report, Timestamp now)
{
    HeardFill heard{report, std::string(report.fee_asset), std::string(report.trade_id), now};
    heard.report.fee_asset = heard.report.trade_id = heard.report.venue_id = {};
    fills_.push_back(std::move(heard));
}

void HeardFacts::add(const BalanceReport& report)
{
    HeardBalance heard{report, std::string(report.asset)};
    heard.report.asset = {};
    balances_.push_back(std::move(heard));
}

void HeardFacts::add(const RequestEnd& end, Timestamp now)
{
    HeardEnd heard{end, std::string(end.code), std::string(end.text), now};
    heard.end.code = heard.end.text = {};
    ends_.push_back(std::move(heard));
}

void HeardFacts::add(const KeyReport& report)
{
    HeardKey heard{report,
                   std::string(report.label),
                   std::string(report.text),
                   std::string(report.foreign),
                   std::string(report.missing),
                   std::string(report.address_list)};
    heard.report.label = heard.report.text = heard.report.foreign = {};
    heard.report.missing = heard.report.address_list = {};
    key_reports_.push_back(std::move(heard));
}

}  // namespace arb
