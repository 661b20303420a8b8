#include "engine/pipeline/fact_intake.hpp"

#include "engine/base/path_stamps.hpp"

namespace arb {
namespace {

// Whether a message that names no listing may have been a change of a book. What is read far enough to be of
// a kind that we do not know, of an instrument that is not ours, or the venue's own word about an error, is
// none.
bool may_be_book(UndecodedReason reason)
{
    return reason != UndecodedReason::unknown_instrument && reason != UndecodedReason::unknown_message &&
           reason != UndecodedReason::venue_error;
}

}  // namespace

FactIntake::FactIntake(Markets& markets, InstrumentWatch& instruments)
    : markets_(&markets),
      instruments_(&instruments),
      facts_(markets.table().listings().size()),
      last_input_(markets.table().listings().size())
{
    const std::size_t count = markets.table().venue_count();
    venues_.reserve(count);
    for (std::size_t v = 0; v < count; ++v) venues_.emplace_back(*this, static_cast<VenueId>(v));
}

void FactIntake::begin(ConnectionId connection, Timestamp now)
{
    connection_ = connection;
    now_ = now;
    frame_in_past_ = false;
    ++input_;
}

std::vector<FactSink*> FactIntake::sinks()
{
    std::vector<FactSink*> all;
    for (Sink& sink : venues_) all.push_back(&sink);
    return all;
}

void FactIntake::touch(ListingId listing)
{
    if (last_input_[index(listing)] == input_) return;
    last_input_[index(listing)] = input_;
    ++facts_[index(listing)].frames;
}

void FactIntake::on_book(const BookUpdate& update)
{
    stamp_path(PathStage::decoded);
    touch(update.listing);
    if (frame_in_past_) return;
    if (offsets_ != nullptr && update.venue_time.known()) {
        (*offsets_)[index(update.listing)].push_back((update.receive_time - update.venue_time).ns);
    }
    markets_->on_update(connection_, update);
}

void FactIntake::on_undecoded(const Undecoded& undecoded)
{
    ++undecoded_[static_cast<std::size_t>(undecoded.reason)];
    if (undecoded.listing != kNoListing) {
        touch(undecoded.listing);
        markets_->on_unreadable(undecoded.listing, now_, connection_);
    } else if (connection_ != kNoConnection && may_be_book(undecoded.reason)) {
        markets_->on_unreadable_frame(connection_, now_);
    }
}

std::uint64_t FactIntake::undecoded_total() const
{
    std::uint64_t total = 0;
    for (const std::uint64_t count : undecoded_) total += count;
    return total;
}

void FactIntake::Sink::on_quote(const BestQuote& quote)
{
    intake_->touch(quote.listing);
    ++intake_->facts_[index(quote.listing)].quotes;
}

void FactIntake::Sink::on_trade(const Trade& trade)
{
    intake_->touch(trade.listing);
    ++intake_->facts_[index(trade.listing)].trades;
    if (intake_->simulated_ != nullptr) intake_->simulated_->on_trade(trade);
}

void FactIntake::Sink::on_connection_sequence(ConnectionId connection, std::uint64_t sequence)
{
    intake_->frame_in_past_ = !intake_->markets_->on_connection_sequence(connection, sequence, intake_->now_);
}

void FactIntake::Sink::on_listing_status(ListingId listing, ListingStatus status)
{
    intake_->instruments_->on_status(listing, status);
}

void FactIntake::Sink::on_order_report(const OrderReport& report)
{
    if (intake_->live_ != nullptr) intake_->live_->on_order_report(report, intake_->now_);
}
void FactIntake::Sink::on_fill_report(const FillReport& report)
{
    if (intake_->live_ != nullptr) intake_->live_->on_fill_report(report, intake_->now_);
}
void FactIntake::Sink::on_balance_report(const BalanceReport& report)
{
    if (intake_->live_ != nullptr) intake_->live_->on_balance_report(venue_, report);
}
void FactIntake::Sink::on_fee_report(const FeeReport& report)
{
    if (intake_->live_ != nullptr) intake_->live_->on_fee_report(report);
}
void FactIntake::Sink::on_request_end(const RequestEnd& end)
{
    if (intake_->live_ != nullptr) intake_->live_->on_request_end(venue_, end, intake_->now_);
}
void FactIntake::Sink::on_channel(Channel channel, bool ready)
{
    if (intake_->live_ != nullptr) intake_->live_->on_channel(venue_, channel, ready, intake_->now_);
}
void FactIntake::Sink::on_clock_sample(Timestamp venue_time, Timestamp sent, Timestamp received)
{
    if (intake_->live_ != nullptr)
        intake_->live_->on_clock_sample(venue_, venue_time, sent, received, intake_->now_);
}
void FactIntake::Sink::on_key_report(const KeyReport& report)
{
    if (intake_->live_ != nullptr) intake_->live_->on_key_report(venue_, report, intake_->now_);
}

}  // namespace arb
