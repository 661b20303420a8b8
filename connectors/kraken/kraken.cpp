#include "connectors/kraken/kraken.hpp"

#include <fmt/format.h>

#include "connectors/kraken/instruments.hpp"

namespace arb::kraken {
namespace {

constexpr FeedRules kFeedRules{kSilence, "no frame for ten seconds, not even a heartbeat", kPingEvery, false};

}  // namespace

Kraken::Kraken(const VenueSetup& setup)
    : TradingVenue(setup),
      table_(*setup.table),
      decoder_(setup),
      depth_(offered_depth(setup.depth)),
      feeds_(setup.id, kFeedRules)
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
    return feeds_.set_plans(plans_of(kStreamUrl, listings, kSymbolsPerConnection));
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
    const FeedSockets::Socket socket = feeds_.on_open(id, url, now, outbox);
    if (socket.plan == nullptr) return;
    outbox.send(id, book_message("subscribe", socket.plan->listings));
    outbox.send(id, trade_message(socket.plan->listings));
    // The system's status comes to every connection unasked; one hears of all pairs.
    if (socket.is_first)
        outbox.send(id, fmt::format(R"({{"method":"subscribe","params":{{"channel":"instrument",)"
                                    R"("snapshot":true}},"req_id":{}}})",
                                    ++request_));
}

void Kraken::on_frame(ConnectionId id, PaddedText frame, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (account_ != nullptr && account_->on_frame(id, frame, now, sink, outbox)) return;
    feeds_.heard(id, now);
    decoder_.decode(id, frame, now, sink);
}

void Kraken::on_http(const HttpReply& reply, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (account_ != nullptr) (void)account_->on_http(reply, now, sink, outbox);
}

void Kraken::on_close(ConnectionId id, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (account_ != nullptr && account_->on_close(id, now, sink, outbox)) return;
    if (!feeds_.on_close(id).is_ours && account_ != nullptr) account_->on_lost_dial(now, sink, outbox);
}

void Kraken::on_wake(Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (account_ != nullptr) account_->on_wake(now, sink, outbox);
    for (const ConnectionId id : feeds_.on_wake(now, outbox))
        outbox.send(id, fmt::format(R"({{"method":"ping","req_id":{}}})", ++request_));
}

void Kraken::resync(ListingId listing, Timestamp, Outbox& outbox)
{
    const std::optional<ConnectionId> id = feeds_.serving(listing);
    if (!id) return;
    outbox.send(*id, book_message("unsubscribe", {&listing, 1}));
    outbox.send(*id, book_message("subscribe", {&listing, 1}));
}

}  // namespace arb::kraken
