#include "connectors/coinbase/coinbase.hpp"

#include <algorithm>

#include "connectors/coinbase/instruments.hpp"

namespace arb::coinbase {
namespace {

constexpr FeedRules kFeedRules{kSilence, "no frame for ten seconds, not even a heartbeat", {}, false};

}  // namespace

Coinbase::Coinbase(const VenueSetup& setup)
    : TradingVenue(setup), id_(setup.id), table_(*setup.table), decoder_(setup), feeds_(setup.id, kFeedRules)
{
    if (setup.credentials != nullptr) account_ = std::make_unique<Account>(setup);
}

SequenceRule Coinbase::sequence_rule(const Listing&) const
{
    SequenceRule rule;
    rule.kind = SequenceKind::connection;
    return rule;
}

// A hole in a connection's numbers renews every book on it, and snapshots are megabytes: few books a
// connection.
std::vector<ConnectionPlan> Coinbase::plan(std::span<const ListingId> listings)
{
    // Listings of one book stay together: its frames are for each of them.
    std::vector<std::vector<ListingId>> books;
    for (const ListingId id : listings) {
        const auto same = std::find_if(books.begin(), books.end(), [&](const std::vector<ListingId>& book) {
            return published_as(table_.listing(book[0])) == published_as(table_.listing(id));
        });
        if (same == books.end())
            books.push_back({id});
        else
            same->push_back(id);
    }
    std::vector<ConnectionPlan> plans;
    for (std::size_t i = 0; i < books.size(); ++i) {
        if (i % kProductsPerConnection == 0) plans.push_back({std::string(kStreamUrl), {}});
        std::vector<ListingId>& planned = plans.back().listings;
        planned.insert(planned.end(), books[i].begin(), books[i].end());
    }
    return feeds_.set_plans(std::move(plans));
}

std::string Coinbase::message(std::string_view type, std::string_view channel,
                              std::span<const ListingId> listings) const
{
    std::string text = "{\"type\":\"";
    text.append(type).append("\",\"channel\":\"").append(channel).append("\"");
    if (!listings.empty()) {
        text += ",\"product_ids\":[";
        std::vector<std::string_view> named;
        for (const ListingId listing : listings) {
            const std::string_view product = published_as(table_.listing(listing));
            if (std::find(named.begin(), named.end(), product) != named.end()) continue;
            named.push_back(product);
            if (text.back() != '[') text += ',';
            text.append("\"").append(product).append("\"");
        }
        text += ']';
    }
    return text + "}";
}

void Coinbase::on_open(ConnectionId id, std::string_view url, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (account_ && account_->on_open(id, url, now, sink, outbox)) return;
    decoder_.forget(id);
    const FeedSockets::Socket socket = feeds_.on_open(id, url, now, outbox);
    if (socket.plan == nullptr) return;
    // One channel a message; the connection is dropped unless one arrives within five seconds, so these go
    // out at once.
    const std::vector<ListingId>& listings = socket.plan->listings;
    may_send(socket.is_first ? 4 : 3, now);
    outbox.send(id, message("subscribe", "heartbeats", {}));
    outbox.send(id, message("subscribe", "level2", listings));
    outbox.send(id, message("subscribe", "market_trades", listings));
    if (!socket.is_first) return;
    // One connection hears of all products whether they trade.
    std::vector<ListingId> all;
    for (const ConnectionPlan& plan : feeds_.plans())
        all.insert(all.end(), plan.listings.begin(), plan.listings.end());
    outbox.send(id, message("subscribe", "status", all));
}

void Coinbase::on_frame(ConnectionId id, PaddedText frame, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (account_ && account_->on_frame(id, frame, now, sink, outbox)) return;
    feeds_.heard(id, now);
    decoder_.decode(id, frame, now, sink);
}

void Coinbase::on_http(const HttpReply& reply, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (account_) account_->on_http(reply, now, sink, outbox);
}

void Coinbase::on_close(ConnectionId id, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (account_ && account_->on_close(id, now, sink, outbox)) return;
    const FeedSockets::Socket socket = feeds_.on_close(id);
    decoder_.forget(id);
    if (!socket.is_ours && account_) account_->on_lost_dial(now, outbox);
    if (socket.plan == nullptr) return;
    const std::vector<ListingId>& gone = socket.plan->listings;  // they are subscribed afresh on open
    std::erase_if(pending_,
                  [&gone](ListingId l) { return std::find(gone.begin(), gone.end(), l) != gone.end(); });
}

void Coinbase::on_wake(Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (account_) account_->on_wake(now, sink, outbox);
    (void)feeds_.on_wake(now, outbox);
    flush_pending(now, outbox);
}

// Counts messages against the allowance of this second; false: they would exceed it.
bool Coinbase::may_send(unsigned messages, Timestamp now)
{
    if (!window_begin_.known() || now >= window_begin_ + seconds(1) || now < window_begin_) {
        window_begin_ = now;
        window_sent_ = 0;
    }
    if (window_sent_ + messages > kMessagesPerSecond) return false;
    window_sent_ += messages;
    return true;
}

void Coinbase::renew(ConnectionId id, std::span<const ListingId> listings, Outbox& outbox) const
{
    outbox.send(id, message("unsubscribe", "level2", listings));
    outbox.send(id, message("subscribe", "level2", listings));
}

// A hole in the connection's counter asks for all its books at once: the first go out singly, the rest as one
// message.
void Coinbase::resync(ListingId listing, Timestamp now, Outbox& outbox)
{
    if (std::find(pending_.begin(), pending_.end(), listing) != pending_.end()) return;
    pending_.push_back(listing);
    flush_pending(now, outbox);
}

void Coinbase::flush_pending(Timestamp now, Outbox& outbox)
{
    for (std::size_t i = 0; i < feeds_.connections() && !pending_.empty(); ++i) {
        const ConnectionPlan* const plan = feeds_.plan_of(static_cast<ConnectionId>(i));
        if (plan == nullptr) continue;
        const std::vector<ListingId>& planned = plan->listings;
        const auto elsewhere = [&planned](ListingId l) {
            return std::find(planned.begin(), planned.end(), l) == planned.end();
        };
        const auto here = std::stable_partition(pending_.begin(), pending_.end(), elsewhere);
        if (here == pending_.end()) continue;
        if (!may_send(2, now)) {
            outbox.wake_at(id_, window_begin_ + seconds(1));
            return;
        }
        renew(static_cast<ConnectionId>(i), {here, pending_.end()}, outbox);
        pending_.erase(here, pending_.end());
    }
    pending_.clear();  // no open connection holds them: they are subscribed afresh on open
}

}  // namespace arb::coinbase
