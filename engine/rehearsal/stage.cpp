#include "engine/rehearsal/stage.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace arb {
namespace {

VenueSetup venue_setup(const RehearsalSetup& setup)
{
    VenueSetup venue;
    venue.table = setup.table;
    venue.pools = setup.pools;
    return venue;
}

std::vector<Rate> fees_or_none(const RehearsalSetup& setup)
{
    std::vector<Rate> fees = setup.fees_taker;
    fees.resize(setup.table->listings().size());
    return fees;
}

std::vector<ListingId> all_of(const InstrumentTable& table)
{
    std::vector<ListingId> ids;
    for (const Listing& listing : table.listings()) ids.push_back(listing.id);
    return ids;
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

Stage::Stage(const RehearsalSetup& setup, Outbox& outbox)
    : setup_(setup),
      outbox_(&outbox),
      venue_(std::make_unique<KeyedVenue>(setup.type->make, venue_setup(setup))),
      listings_(all_of(*setup.table)),
      feed_(*setup.table, rules(), setup.books),
      portfolio_(*setup.table),
      gate_(feed_.markets(), portfolio_, setup.risk, fees_or_none(setup)),
      desk_(*setup.table, OrderDeskLimits{}, *this, *this)
{
    gate_.set_epoch(setup.epoch);
    desk_.epochs().begin(setup.epoch);
    const TradingFeatures features = venue_->trading_features();
    desk_.set_features(VenueId{0}, features);
    gate_.pace().set_budget(VenueId{0}, features.orders_per_second, features.cancels_reserved);
    for (const RehearsalKey& key : setup.keys) mask.know(key.credentials->key_id);
    if (setup.offset) venue_->set_clock_offset(*setup.offset);
}

Stage::~Stage() = default;

std::vector<SequenceRule> Stage::rules() const
{
    std::vector<SequenceRule> rules;
    for (const Listing& listing : setup_.table->listings()) rules.push_back(venue_->sequence_rule(listing));
    return rules;
}

void Stage::begin_input(ConnectionId connection, Timestamp now)
{
    now_ = now;
    if (!begun_.known()) begun_ = now;
    feed_.begin_input(connection, now);
}

void Stage::on_time(Timestamp now)
{
    now_ = now;
    if (!begun_.known()) begun_ = now;
    desk_.on_time(now);
}

// What was heard.

HeardMark Stage::mark() const
{
    return {orders_.size(), fills_.size(), balances_.size(), ends_.size()};
}

const HeardEnd* Stage::end_since(const HeardMark& mark, RequestKind kind, OrderId order) const
{
    for (std::size_t i = mark.ends; i < ends_.size(); ++i) {
        if (ends_[i].end.kind == kind && (order == kForeignOrder || ends_[i].end.order == order))
            return &ends_[i];
    }
    return nullptr;
}

const HeardOrder* Stage::order_since(const HeardMark& mark, OrderId order, ReportSource source) const
{
    for (std::size_t i = orders_.size(); i-- > mark.orders;) {
        if (orders_[i].report.order == order && orders_[i].report.source == source) return &orders_[i];
    }
    return nullptr;
}

HeardMoney Stage::money_since(const HeardMark& mark) const
{
    HeardMoney money;
    for (std::size_t i = mark.balances; i < balances_.size(); ++i) {
        if (balances_[i].report.source == ReportSource::query)
            money[balances_[i].asset] = balances_[i].report;
    }
    return money;
}

const FeeReport* Stage::fee_of(ListingId listing) const
{
    for (std::size_t i = fees_.size(); i-- > 0;) {
        if (fees_[i].listing == listing) return &fees_[i];
    }
    return nullptr;
}

std::string Stage::words(const HeardEnd& end) const
{
    std::string text = name(end.end.outcome);
    if (end.end.outcome != Outcome::done && end.end.reason != RejectReason::none)
        text += fmt::format(" ({})", name(end.end.reason));
    if (end.end.outcome != Outcome::done && !end.code.empty()) text += " " + mask.hidden(end.code);
    if (end.end.outcome != Outcome::done && !end.text.empty()) text += ": " + mask.hidden(end.text);
    return text;
}

void Stage::on_connection_sequence(ConnectionId connection, std::uint64_t sequence)
{
    feed_.on_connection_sequence(connection, sequence);
}

void Stage::on_acknowledged(ConnectionId, ListingId listing, bool subscribed)
{
    feed_.on_acknowledged(listing, subscribed);
}

void Stage::on_order_report(const OrderReport& report)
{
    mask.know(report.venue_id);
    HeardOrder heard{report, std::string(report.venue_id), now_};
    heard.report.venue_id = heard.report.client_id = {};
    orders_.push_back(std::move(heard));
    if (Sent* sent = find(report.order); sent != nullptr && !report.venue_id.empty())
        sent->venue_id = report.venue_id;
    desk_.on_report(report, now_);
}

void Stage::on_fill_report(const FillReport& report)
{
    mask.know(report.venue_id);
    HeardFill heard{report, std::string(report.fee_asset), std::string(report.trade_id), now_};
    heard.report.fee_asset = heard.report.trade_id = heard.report.venue_id = {};
    fills_.push_back(std::move(heard));
    desk_.on_fill(report, now_);
}

void Stage::on_balance_report(const BalanceReport& report)
{
    HeardBalance heard{report, std::string(report.asset)};
    heard.report.asset = {};
    balances_.push_back(std::move(heard));
}

void Stage::on_fee_report(const FeeReport& report)
{
    fees_.push_back(report);
    gate_.fees().set_taker(report.listing, report.taker);
}

void Stage::on_request_end(const RequestEnd& end)
{
    HeardEnd heard{end, std::string(end.code), std::string(end.text), now_};
    heard.end.code = heard.end.text = {};
    ends_.push_back(std::move(heard));
    desk_.on_end(VenueId{0}, end, now_);
}

void Stage::on_channel(Channel channel, bool ready)
{
    ready_[static_cast<std::size_t>(channel)] = ready;
    desk_.on_channel(VenueId{0}, channel, ready, now_);
}

// As the engine: every answer corrects what is signed.
void Stage::on_clock_sample(Timestamp venue_time, Timestamp sent, Timestamp received)
{
    clock_.add(venue_time, sent, received);
    venue_->set_clock_offset(clock_.offset());
}

void Stage::on_key_report(const KeyReport& report)
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
