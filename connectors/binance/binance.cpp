#include "connectors/binance/binance.hpp"

#include <algorithm>

#include "connectors/binance/urls.hpp"
#include "connectors/binance/weights.hpp"

namespace arb::binance {
namespace {

// Three streams a listing; the venue allows 1024 streams a connection.
constexpr std::size_t kListingsPerConnection = 100;

// A symbol goes into a JSON text as it is.
bool plain(std::string_view symbol)
{
    return !symbol.empty() && std::none_of(symbol.begin(), symbol.end(), [](char c) {
        return c == '"' || c == '\\' || (c >= 0 && c < ' ');
    });
}

// Stream names are lowercase.
std::string stream(std::string_view symbol, std::string_view kind)
{
    std::string name(symbol);
    for (char& c : name) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    name += '@';
    name += kind;
    return name;
}

}  // namespace

BinanceVenue::BinanceVenue(const VenueSetup& setup)
    : TradingVenue(setup),
      setup_(with_pools(setup)),
      market_(market_of(setup.table->venue(setup.id).market)),
      pool_(&pool_of(*setup_.pools, market_)),
      decoder_(setup)
{
    if (setup.credentials != nullptr && setup.credentials->signer != nullptr && market_ != Market::coinm)
        account_ = std::make_unique<Account>(setup_, market_);
}

SequenceRule BinanceVenue::sequence_rule(const Listing&) const
{
    SequenceRule rule;
    rule.rest_snapshot = true;
    if (market_ == Market::spot) {
        rule.kind = SequenceKind::range;
    } else {
        // "How to manage a local order book correctly" of the futures: ids jump, only `pu` chains them.
        rule.kind = SequenceKind::chained;
        rule.join_covers_snapshot = true;
    }
    return rule;
}

std::vector<ConnectionPlan> BinanceVenue::plan(std::span<const ListingId> listings)
{
    planned_.clear();
    const std::string trade_url = trade_stream_url(market_);
    std::vector<ListingId> good;
    for (const ListingId id : listings) {
        if (plain(setup_.table->listing(id).symbol)) good.push_back(id);
    }
    for (std::size_t first = 0; first < good.size(); first += kListingsPerConnection) {
        const auto begin = good.begin() + static_cast<std::ptrdiff_t>(first);
        const auto count = static_cast<std::ptrdiff_t>(std::min(kListingsPerConnection, good.size() - first));
        const std::vector<ListingId> some(begin, begin + count);
        planned_.push_back({{stream_url(market_), some}, true, trade_url.empty(), false, {}});
        if (!trade_url.empty()) planned_.push_back({{trade_url, some}, false, true, false, {}});
    }
    if (account_) account_->plan(good);
    std::vector<ConnectionPlan> plans;
    for (const Planned& planned : planned_) plans.push_back(planned.plan);
    return plans;
}

Session* BinanceVenue::session(ConnectionId connection)
{
    for (Session& session : sessions_) {
        if (session.connection() == connection) return &session;
    }
    return nullptr;
}

BinanceVenue::Planned* BinanceVenue::planned(ConnectionId connection)
{
    for (Planned& planned : planned_) {
        if (planned.taken && planned.connection == connection) return &planned;
    }
    return nullptr;
}

void BinanceVenue::subscribe(Session& session, const Planned& planned, Timestamp now, FactSink& sink)
{
    std::vector<std::string> streams;
    std::vector<ListingId> listings;
    const auto add = [&](const Listing& listing, std::string_view kind) {
        streams.push_back(stream(listing.symbol, kind));
        listings.push_back(listing.id);
    };
    for (const ListingId id : planned.plan.listings) {
        const Listing& listing = setup_.table->listing(id);
        if (planned.books) {
            add(listing, "depth@100ms");
            add(listing, "bookTicker");
        }
        // The futures document aggregated trades only.
        if (planned.trades) add(listing, market_ == Market::spot ? "trade" : "aggTrade");
    }
    // The futures tell of all contracts at once whether they trade, on the stream of the trades; the spot
    // market has no such stream.
    const bool first = std::none_of(planned_.begin(), planned_.end(),
                                    [&](const Planned& other) { return &other < &planned && other.trades; });
    if (planned.trades && first && market_ != Market::spot && !streams.empty()) {
        streams.emplace_back("!contractInfo");
        listings.push_back(listings.back());
        decoder_.forget_contracts(sink);
    }
    session.subscribe(streams, listings, next_id_, now);
}

void BinanceVenue::on_open(ConnectionId connection, std::string_view url, Timestamp now, FactSink& sink,
                           Outbox& outbox)
{
    if (account_ && account_->on_open(connection, url, now, sink, outbox)) return;
    on_close(connection, now, sink, outbox);
    sessions_.emplace_back(setup_.id, connection, now);
    // Several plans share one address: the first that has no connection. An address of no plan (a recording
    // made elsewhere) was subscribed by its own url.
    for (Planned& planned : planned_) {
        if (planned.taken || planned.plan.url != url) continue;
        planned.taken = true;
        planned.connection = connection;
        subscribe(sessions_.back(), planned, now, sink);
        break;
    }
    sessions_.back().wake(next_id_, now, outbox);
}

void BinanceVenue::on_frame(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink,
                            Outbox& outbox)
{
    Session* const open = session(connection);
    if (open == nullptr && account_ && account_->on_frame(connection, frame, now, sink, outbox)) return;
    if (open != nullptr) open->received(now);
    const Control control = decoder_.frame(connection, frame, now, sink);
    if (__builtin_expect(control.kind != Control::Kind::none, 0) && open != nullptr) {
        on_control(control, *open, now, sink, outbox);
    }
}

void BinanceVenue::on_control(const Control& control, Session& session, Timestamp now, FactSink& sink,
                              Outbox& outbox)
{
    if (control.kind == Control::Kind::shutdown) {
        // "serverShutdown": no lead time is promised, so at once.
        session.leave("the venue announced a server shutdown", outbox);
        return;
    }
    const std::vector<ListingId> listings = session.acknowledged(control.id);
    if (control.kind == Control::Kind::error) {
        // A refused SUBSCRIBE leaves its books without data: start the connection over, with the driver's
        // back-off.
        if (!listings.empty()) session.leave("the venue refused a subscription", outbox);
        return;
    }
    const Planned* const plan = planned(session.connection());
    for (const ListingId listing : listings) {
        sink.on_acknowledged(session.connection(), listing, true);
        // The stream runs before the snapshot is taken, so that no change falls between them.
        if (plan != nullptr && plan->books) snapshots_.add(listing);
    }
    request_snapshots(now, outbox);
}

void BinanceVenue::on_http(const HttpReply& reply, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (account_ && account_->on_http(reply, now, sink, outbox)) return;
    heed(*pool_, reply, now);
    decoder_.http(reply, now, sink);
    request_snapshots(now, outbox);
}

void BinanceVenue::on_close(ConnectionId connection, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (account_ && account_->on_close(connection, now, sink, outbox)) return;
    if (Planned* const plan = planned(connection)) {
        plan->taken = false;
        if (plan->books) {
            for (const ListingId listing : plan->plan.listings) snapshots_.remove(listing);
        }
    }
    sessions_.erase(std::remove_if(sessions_.begin(), sessions_.end(),
                                   [connection](const Session& s) { return s.connection() == connection; }),
                    sessions_.end());
}

void BinanceVenue::on_wake(Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (account_) account_->on_wake(now, sink, outbox);
    for (Session& session : sessions_) session.wake(next_id_, now, outbox);
    request_snapshots(now, outbox);
}

void BinanceVenue::resync(ListingId listing, Timestamp now, Outbox& outbox)
{
    snapshots_.add(listing);
    request_snapshots(now, outbox);
}

void BinanceVenue::request_snapshots(Timestamp now, Outbox& outbox)
{
    const std::uint32_t weight = snapshot_weight(market_, setup_.depth);
    const std::uint32_t most = books_most(*pool_);
    while (!snapshots_.empty() && pool_->may(weight, most, now)) {
        HttpRequest request;
        request.venue = setup_.id;
        request.url = snapshot_url(market_, setup_.table->listing(snapshots_.take()).symbol, setup_.depth);
        request.count_header = kUsedWeight;
        pool_->spend(weight, now);
        outbox.request(request);
    }
    if (!snapshots_.empty()) outbox.wake_at(setup_.id, pool_->next(weight, most, now));
}

TradingFeatures BinanceVenue::trading_features() const
{
    if (market_ != Market::coinm) return binance::trading_features(market_);
    TradingFeatures none;
    none.dead_man_note = "COIN-M is market data only here";
    return none;
}

}  // namespace arb::binance
