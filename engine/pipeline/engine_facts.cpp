// What venues say and wish, handed on: facts to books and the live half, wishes to the driver.
#include "engine/pipeline/engine.hpp"

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

void Engine::on_book(const BookUpdate& update)
{
    touch(update.listing);
    if (frame_in_past_) return;
    if (offsets_ != nullptr && update.venue_time.known()) {
        (*offsets_)[index(update.listing)].push_back((update.receive_time - update.venue_time).ns);
    }
    markets_->on_update(connection_, update);
}

void Engine::on_quote(const BestQuote& quote)
{
    touch(quote.listing);
    ++facts_[index(quote.listing)].quotes;
}

void Engine::on_trade(const Trade& trade)
{
    touch(trade.listing);
    ++facts_[index(trade.listing)].trades;
    if (parts_.sender != nullptr) parts_.sender->on_trade(trade);
}

void Engine::on_connection_sequence(ConnectionId connection, std::uint64_t sequence)
{
    frame_in_past_ = !markets_->on_connection_sequence(connection, sequence, now_);
}

void Engine::on_acknowledged(ConnectionId, ListingId, bool) {}

void Engine::on_venue_time(Timestamp, Timestamp) {}

void Engine::on_undecoded(const Undecoded& undecoded)
{
    ++undecoded_[static_cast<std::size_t>(undecoded.reason)];
    if (undecoded.listing != kNoListing) {
        touch(undecoded.listing);
        markets_->on_unreadable(undecoded.listing, now_, connection_);
    } else if (connection_ != kNoConnection && may_be_book(undecoded.reason)) {
        markets_->on_unreadable_frame(connection_, now_);
    }
}

void Engine::on_listing_status(ListingId listing, ListingStatus status)
{
    instruments_.on_status(listing, status);
}

std::uint64_t Engine::undecoded_total() const
{
    std::uint64_t total = 0;
    for (const std::uint64_t count : undecoded_) total += count;
    return total;
}

void Engine::on_order_report(const OrderReport& report)
{
    if (live_ != nullptr) live_->on_order_report(report, now_);
}
void Engine::on_fill_report(const FillReport& report)
{
    if (live_ != nullptr) live_->on_fill_report(report, now_);
}
void Engine::on_balance_report(const BalanceReport& report)
{
    if (live_ != nullptr) live_->on_balance_report(venue_, report, now_);
}
void Engine::on_fee_report(const FeeReport& report)
{
    if (live_ != nullptr) live_->on_fee_report(report);
}
void Engine::on_request_end(const RequestEnd& end)
{
    if (live_ != nullptr) live_->on_request_end(venue_, end, now_);
}
void Engine::on_channel(Channel channel, bool ready)
{
    if (live_ != nullptr) live_->on_channel(venue_, channel, ready, now_);
}
void Engine::on_key_report(const KeyReport& report)
{
    if (live_ != nullptr) live_->on_key_report(venue_, report, now_);
}
void Engine::on_clock_sample(Timestamp venue_time, Timestamp sent, Timestamp received)
{
    if (live_ != nullptr) live_->on_clock_sample(venue_, venue_time, sent, received, now_);
}

void Engine::send(ConnectionId connection, std::string_view text)
{
    ++outbound_;
    if (parts_.outbox != nullptr) parts_.outbox->send(connection, text);
}
void Engine::request(const HttpRequest& request)
{
    ++outbound_;
    if (parts_.outbox != nullptr) parts_.outbox->request(request);
}
void Engine::wake_at(VenueId venue, Timestamp time)
{
    if (parts_.outbox != nullptr) parts_.outbox->wake_at(venue, time);
}
void Engine::reconnect(ConnectionId connection, std::string_view why)
{
    ++outbound_;
    if (parts_.outbox != nullptr) parts_.outbox->reconnect(connection, why);
}
void Engine::connect(VenueId venue, std::string_view url)
{
    ++outbound_;
    if (parts_.outbox != nullptr) parts_.outbox->connect(venue, url);
}
void Engine::used_key(VenueId venue, std::string_view endpoint)
{
    if (parts_.outbox != nullptr) parts_.outbox->used_key(venue, endpoint);
}

void Engine::used_key_of(VenueId venue, std::string_view label, std::string_view endpoint)
{
    if (parts_.outbox != nullptr) parts_.outbox->used_key_of(venue, label, endpoint);
}

}  // namespace arb
