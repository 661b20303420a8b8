#include "connectors/kraken/kraken.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "connectors/kraken/instruments.hpp"

namespace arb::kraken {

Kraken::Kraken(const VenueSetup& setup)
    : id_(setup.id), table_(*setup.table), decoder_(setup), depth_(offered_depth(setup.depth))
{
    if (setup.credentials != nullptr) account_ = std::make_unique<Account>(setup);
}

SequenceRule Kraken::sequence_rule(const Listing&) const
{
    SequenceRule rule;
    rule.checksum = ChecksumKind::kraken;
    return rule;
}

std::vector<ConnectionPlan> Kraken::plan(std::span<const ListingId> listings)
{
    plans_.clear();
    for (Connection& entry : connections_) entry.plan = kNoPlan;
    for (std::size_t at = 0; at < listings.size(); at += kSymbolsPerConnection) {
        const auto part = listings.subspan(at, std::min(kSymbolsPerConnection, listings.size() - at));
        plans_.push_back({std::string(kStreamUrl), {part.begin(), part.end()}});
    }
    return plans_;
}

Kraken::Connection& Kraken::connection(ConnectionId id)
{
    if (connections_.size() <= index(id)) connections_.resize(index(id) + 1);
    return connections_[index(id)];
}

bool Kraken::served(std::size_t plan) const
{
    return std::any_of(connections_.begin(), connections_.end(),
                       [plan](const Connection& c) { return c.open && c.plan == plan; });
}

std::size_t Kraken::choose_plan(const Connection& chosen, std::string_view url) const
{
    if (chosen.plan < plans_.size() && !served(chosen.plan)) return chosen.plan;
    for (std::size_t i = 0; i < plans_.size(); ++i) {
        if (plans_[i].url == url && !served(i)) return i;
    }
    return kNoPlan;
}

std::string Kraken::symbols(std::span<const ListingId> listings) const
{
    std::string text = "[";
    for (const ListingId listing : listings) {
        if (text.size() > 1) text += ',';
        text.append("\"").append(table_.listing(listing).symbol).append("\"");
    }
    return text + "]";
}

// The depth takes part in both: a subscription is found again by channel, symbol and depth.
std::string Kraken::book_message(std::string_view method, std::span<const ListingId> listings)
{
    return fmt::format(
        R"({{"method":"{}","params":{{"channel":"book","symbol":{},"depth":{}{}}},"req_id":{}}})", method,
        symbols(listings), depth_, method == "subscribe" ? R"(,"snapshot":true)" : "", ++request_);
}

std::string Kraken::trade_message(std::span<const ListingId> listings)
{
    return fmt::format(
        R"({{"method":"subscribe","params":{{"channel":"trade","symbol":{},"snapshot":false}},"req_id":{}}})",
        symbols(listings), ++request_);
}

void Kraken::on_open(ConnectionId id, std::string_view url, Timestamp now, FactSink&, Outbox& outbox)
{
    if (account_ != nullptr && account_->on_open(id, url, now, outbox)) return;
    Connection& opened = connection(id);
    opened.open = false;
    opened.plan = choose_plan(opened, url);
    opened.open = true;
    opened.giving_up = false;
    opened.last_frame = now;
    opened.next_ping = now + kPingEvery;
    outbox.wake_at(id_, now + kSilence);
    if (opened.plan == kNoPlan) return;
    const std::vector<ListingId>& listings = plans_[opened.plan].listings;
    outbox.send(id, book_message("subscribe", listings));
    outbox.send(id, trade_message(listings));
    // The system's status comes to every connection unasked; one hears of all pairs.
    if (opened.plan == 0)
        outbox.send(id, fmt::format(R"({{"method":"subscribe","params":{{"channel":"instrument",)"
                                    R"("snapshot":true}},"req_id":{}}})",
                                    ++request_));
}

void Kraken::on_frame(ConnectionId id, PaddedText frame, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (account_ != nullptr && account_->on_frame(id, frame, now, sink, outbox)) return;
    if (index(id) < connections_.size()) connections_[index(id)].last_frame = now;
    decoder_.decode(id, frame, now, sink);
}

void Kraken::on_http(const HttpReply& reply, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (account_ != nullptr) (void)account_->on_http(reply, now, sink, outbox);
}

void Kraken::on_close(ConnectionId id, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (account_ != nullptr && account_->on_close(id, now, sink, outbox)) return;
    Connection& closed = connection(id);
    if (!closed.open && account_ != nullptr) account_->on_lost_dial(now, sink, outbox);
    closed.open = false;
    closed.giving_up = false;
}

void Kraken::on_wake(Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (account_ != nullptr) account_->on_wake(now, sink, outbox);
    for (std::size_t i = 0; i < connections_.size(); ++i) {
        Connection& watched = connections_[i];
        if (!watched.open || watched.giving_up) continue;
        const auto id = static_cast<ConnectionId>(i);
        if (now >= watched.last_frame + kSilence) {
            watched.giving_up = true;
            outbox.reconnect(id, "no frame for ten seconds, not even a heartbeat");
            continue;
        }
        // Without a plan the connection is another's (a recording's): it is watched, never written to.
        if (watched.plan != kNoPlan && now >= watched.next_ping) {
            outbox.send(id, fmt::format(R"({{"method":"ping","req_id":{}}})", ++request_));
            watched.next_ping = now + kPingEvery;
        }
        const Timestamp silent = watched.last_frame + kSilence;
        outbox.wake_at(id_, watched.plan == kNoPlan ? silent : std::min(silent, watched.next_ping));
    }
}

void Kraken::resync(ListingId listing, Timestamp, Outbox& outbox)
{
    for (std::size_t i = 0; i < connections_.size(); ++i) {
        const Connection& target = connections_[i];
        if (!target.open || target.plan == kNoPlan) continue;
        const std::vector<ListingId>& planned = plans_[target.plan].listings;
        if (std::find(planned.begin(), planned.end(), listing) == planned.end()) continue;
        const auto id = static_cast<ConnectionId>(i);
        outbox.send(id, book_message("unsubscribe", {&listing, 1}));
        outbox.send(id, book_message("subscribe", {&listing, 1}));
        return;
    }
}

}  // namespace arb::kraken
