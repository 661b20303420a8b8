#include "connectors/gate/subscriptions.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "connectors/gate/signer.hpp"

namespace arb::gate {
namespace {

constexpr std::size_t kPairsPerRequest = 25;
constexpr Duration kAgainAfter = seconds(10);

}  // namespace

Subscriptions::Subscriptions(VenueId venue, const InstrumentTable& table, std::uint32_t depth)
    : venue_(venue),
      table_(&table),
      prefix_(table.venue(venue).market == "spot" ? "spot" : "futures"),
      // 50 levels come every 20 ms, 400 every 100 ms.
      depth_(depth <= 50 ? 50 : 400)
{
}

std::string Subscriptions::name_of(ListingId listing, bool book) const
{
    const std::string& symbol = table_->listing(listing).symbol;
    return book ? fmt::format("ob.{}.{}", symbol, depth_) : symbol;
}

ListingId Subscriptions::listing_of(std::string_view name, bool book) const
{
    std::uint32_t depth = 0;
    if (book) name = symbol_of_stream(name, depth);
    const Listing* const listing = depth == (book ? depth_ : 0) ? table_->find_symbol(venue_, name) : nullptr;
    return listing == nullptr ? kNoListing : listing->id;
}

void Subscriptions::send(ConnectionId connection, bool book, std::string_view event, std::string_view payload,
                         Timestamp now, Outbox& outbox) const
{
    outbox.send(connection, fmt::format(R"({{"time":{},"channel":"{}.{}","event":"{}","payload":[{}]}})",
                                        unix_seconds(now), prefix_, book ? "obu" : "trades", event, payload));
}

void Subscriptions::subscribe(ConnectionId connection, const std::vector<ListingId>& listings, Timestamp now,
                              Outbox& outbox) const
{
    for (std::size_t at = 0; at < listings.size(); at += kPairsPerRequest) {
        const std::size_t end = std::min(at + kPairsPerRequest, listings.size());
        for (const bool book : {true, false}) {
            std::string payload;
            for (std::size_t i = at; i < end; ++i)
                payload += fmt::format(R"({}"{}")", i == at ? "" : ",", name_of(listings[i], book));
            send(connection, book, "subscribe", payload, now, outbox);
        }
    }
}

void Subscriptions::renew_book(ConnectionId connection, ListingId listing, Timestamp now,
                               Outbox& outbox) const
{
    const std::string payload = fmt::format("\"{}\"", name_of(listing, true));
    send(connection, true, "unsubscribe", payload, now, outbox);
    send(connection, true, "subscribe", payload, now, outbox);
}

// Only names of our own listings are sent back: what a frame says is hostile.
void Subscriptions::on_refused(ConnectionId connection, const Decoder::Refusal& refusal, Timestamp now,
                               Outbox& outbox)
{
    const bool book = refusal.channel == fmt::format("{}.obu", prefix_);
    if (!book && refusal.channel != fmt::format("{}.trades", prefix_)) return;
    const bool list = refusal.wanted.size() > 1 && refusal.wanted.size() <= kPairsPerRequest;
    for (const std::string_view name : refusal.wanted) {
        const ListingId listing = listing_of(name, book);
        if (listing == kNoListing) continue;
        if (list) {
            send(connection, book, "subscribe", fmt::format("\"{}\"", name_of(listing, book)), now, outbox);
        } else if (refusal.server_fault && refusal.wanted.size() == 1) {
            const bool waits = std::any_of(waiting_.begin(), waiting_.end(), [&](const Waiting& one) {
                return one.connection == connection && one.listing == listing && one.book == book;
            });
            if (waits) continue;
            waiting_.push_back({connection, listing, book, now + kAgainAfter});
            outbox.wake_at(venue_, now + kAgainAfter);
        }
    }
}

void Subscriptions::on_close(ConnectionId connection)
{
    std::erase_if(waiting_, [connection](const Waiting& one) { return one.connection == connection; });
}

void Subscriptions::on_wake(Timestamp now, Outbox& outbox)
{
    std::erase_if(waiting_, [&](const Waiting& one) {
        if (now < one.due) {
            outbox.wake_at(venue_, one.due);
            return false;
        }
        send(one.connection, one.book, "subscribe", fmt::format("\"{}\"", name_of(one.listing, one.book)),
             now, outbox);
        return true;
    });
}

void Subscriptions::ping(ConnectionId connection, Timestamp now, Outbox& outbox) const
{
    outbox.send(connection, fmt::format(R"({{"time":{},"channel":"{}.ping"}})", unix_seconds(now), prefix_));
}

}  // namespace arb::gate
