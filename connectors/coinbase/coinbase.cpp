#include "connectors/coinbase/coinbase.hpp"

#include <algorithm>

#include "connectors/coinbase/instruments.hpp"

namespace arb::coinbase {

Coinbase::Coinbase(const VenueSetup& setup) : id_(setup.id), table_(*setup.table), decoder_(setup)
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
    plans_.clear();
    for (Connection& entry : connections_) entry.plan = kNoPlan;
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
    for (std::size_t i = 0; i < books.size(); ++i) {
        if (i % kProductsPerConnection == 0) plans_.push_back({std::string(kStreamUrl), {}});
        std::vector<ListingId>& planned = plans_.back().listings;
        planned.insert(planned.end(), books[i].begin(), books[i].end());
    }
    return plans_;
}

Coinbase::Connection& Coinbase::connection(ConnectionId id)
{
    if (connections_.size() <= index(id)) connections_.resize(index(id) + 1);
    return connections_[index(id)];
}

bool Coinbase::served(std::size_t plan) const
{
    return std::any_of(connections_.begin(), connections_.end(),
                       [plan](const Connection& c) { return c.open && c.plan == plan; });
}

std::size_t Coinbase::choose_plan(const Connection& chosen, std::string_view url) const
{
    if (chosen.plan < plans_.size() && !served(chosen.plan)) return chosen.plan;
    for (std::size_t i = 0; i < plans_.size(); ++i) {
        if (plans_[i].url == url && !served(i)) return i;
    }
    return kNoPlan;
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
    Connection& opened = connection(id);
    opened.open = false;
    decoder_.forget(id);
    opened.plan = choose_plan(opened, url);
    opened.open = true;
    opened.giving_up = false;
    opened.last_frame = now;
    outbox.wake_at(id_, now + kSilence);
    if (opened.plan == kNoPlan) return;
    // One channel a message; the connection is dropped unless one arrives within five seconds, so these go
    // out at once.
    const std::vector<ListingId>& listings = plans_[opened.plan].listings;
    const bool hears_states = opened.plan == 0;
    may_send(hears_states ? 4 : 3, now);
    outbox.send(id, message("subscribe", "heartbeats", {}));
    outbox.send(id, message("subscribe", "level2", listings));
    outbox.send(id, message("subscribe", "market_trades", listings));
    if (!hears_states) return;
    // One connection hears of all products whether they trade.
    std::vector<ListingId> all;
    for (const ConnectionPlan& plan : plans_)
        all.insert(all.end(), plan.listings.begin(), plan.listings.end());
    outbox.send(id, message("subscribe", "status", all));
}

void Coinbase::on_frame(ConnectionId id, PaddedText frame, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (account_ && account_->on_frame(id, frame, now, sink, outbox)) return;
    if (index(id) < connections_.size()) connections_[index(id)].last_frame = now;
    decoder_.decode(id, frame, now, sink);
}

void Coinbase::on_http(const HttpReply& reply, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (account_) account_->on_http(reply, now, sink, outbox);
}

void Coinbase::on_close(ConnectionId id, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (account_ && account_->on_close(id, now, sink, outbox)) return;
    Connection& closed = connection(id);
    closed.open = false;
    closed.giving_up = false;
    decoder_.forget(id);
    if (closed.plan == kNoPlan) {
        if (account_) account_->on_lost_dial(outbox);
        return;
    }
    const std::vector<ListingId>& gone = plans_[closed.plan].listings;  // they are subscribed afresh on open
    std::erase_if(pending_,
                  [&gone](ListingId l) { return std::find(gone.begin(), gone.end(), l) != gone.end(); });
}

void Coinbase::on_wake(Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (account_) account_->on_wake(now, sink, outbox);
    for (std::size_t i = 0; i < connections_.size(); ++i) {
        Connection& watched = connections_[i];
        if (!watched.open || watched.giving_up) continue;
        if (now >= watched.last_frame + kSilence) {
            watched.giving_up = true;
            outbox.reconnect(static_cast<ConnectionId>(i), "no frame for ten seconds, not even a heartbeat");
        } else {
            outbox.wake_at(id_, watched.last_frame + kSilence);
        }
    }
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
    for (std::size_t i = 0; i < connections_.size() && !pending_.empty(); ++i) {
        const Connection& target = connections_[i];
        if (!target.open || target.plan == kNoPlan) continue;
        const std::vector<ListingId>& planned = plans_[target.plan].listings;
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
