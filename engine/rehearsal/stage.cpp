#include "engine/rehearsal/stage.hpp"

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

std::vector<ListingId> all_of(const InstrumentTable& table)
{
    std::vector<ListingId> ids;
    for (const Listing& listing : table.listings()) ids.push_back(listing.id);
    return ids;
}

}  // namespace

Stage::Stage(const RehearsalSetup& setup, Outbox& outbox)
    : setup_(setup),
      outbox_(&outbox),
      venue_(std::make_unique<KeyedVenue>(setup.type->make, venue_setup(setup))),
      listings_(all_of(*setup.table)),
      feed_(*setup.table, rules(), setup.books),
      requests_(*venue_, *this, outbox),
      orders_(setup, feed_.markets(), requests_, heard_, mask)
{
    const TradingFeatures features = venue_->trading_features();
    orders_.desk().set_features(VenueId{0}, features);
    orders_.gate().pace().set_budget(VenueId{0}, features.orders_per_second, features.cancels_reserved);
    for (const RehearsalKey& key : setup.keys) mask.know(key.credentials->key_id);
    if (setup.offset) venue_->set_clock_offset(*setup.offset);
}

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
    orders_.desk().on_time(now);
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

void Stage::on_order_report(const OrderReport& report)
{
    mask.know(report.venue_id);
    heard_.add(report, now_);
    orders_.on_report(report, now_);
}

void Stage::on_fill_report(const FillReport& report)
{
    mask.know(report.venue_id);
    heard_.add(report, now_);
    orders_.desk().on_fill(report, now_);
}

void Stage::on_fee_report(const FeeReport& report)
{
    heard_.add(report);
    orders_.gate().fees().set_taker(report.listing, report.taker);
}

void Stage::on_request_end(const RequestEnd& end)
{
    heard_.add(end, now_);
    orders_.desk().on_end(VenueId{0}, end, now_);
}

void Stage::on_channel(Channel channel, bool ready)
{
    ready_[static_cast<std::size_t>(channel)] = ready;
    orders_.desk().on_channel(VenueId{0}, channel, ready, now_);
}

// As the engine: every answer corrects what is signed.
void Stage::on_clock_sample(Timestamp venue_time, Timestamp sent, Timestamp received)
{
    clock_.add(venue_time, sent, received);
    venue_->set_clock_offset(clock_.offset());
}

}  // namespace arb
