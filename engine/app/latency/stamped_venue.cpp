#include "engine/app/latency/stamped_venue.hpp"

#include <chrono>
#include <stdexcept>
#include <utility>

#include "engine/world/venue_sessions.hpp"

namespace arb {
namespace {

constexpr Duration kTick = milliseconds(100);
constexpr std::uint64_t kSeed = 7;

// What an order request looks like at venues that take them by websocket. Cancels and log-ons are not meant.
bool is_order(std::string_view text)
{
    return text.find(R"("op":"order")") != std::string_view::npos ||
           text.find(R"("op":"order.create")") != std::string_view::npos ||
           text.find(R"("method":"order.place")") != std::string_view::npos;
}

ExchangeRules rules()
{
    ExchangeRules result;
    result.taker_fee = {5 * kRatePerBasisPoint};
    result.maker_fee = {2 * kRatePerBasisPoint};
    return result;
}

}  // namespace

std::int64_t steady_stamp()
{
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
}

StampedVenue::StampedVenue(net::Loop& loop, const LiveClock& clock, const StampedVenueSetup& setup)
    : clock_(&clock),
      exchange_(*setup.table, setup.id, rules()),
      keys_(setup.type->make_emulated_keys(kSeed, static_cast<std::uint32_t>(kClient)))
{
    EmulatedVenueSetup venue;
    venue.id = setup.id;
    venue.table = setup.table;
    venue.market = setup.market;
    venue.definitions = setup.definitions;
    venue.exchange = &exchange_;
    venue.keys = &keys_;
    venue.seed = kSeed;
    venue_ = setup.type->make_emulated_venue(venue);
    server_ = std::make_unique<net::Server>(loop, setup.identity, static_cast<net::ServerHandler&>(*this));
    port_ = server_->listen("127.0.0.1", 0);
}

StampedVenue::~StampedVenue() = default;

const EmulatedKey& StampedVenue::trade_key() const
{
    for (const EmulatedKey& key : keys_) {
        if (key.label == "trade") return key;
    }
    throw std::runtime_error("the venue has no key labelled 'trade'");
}

Departure StampedVenue::set_book(ListingId listing, const std::vector<Level>& bids,
                                 const std::vector<Level>& asks)
{
    exchange_.set_street(listing, bids, asks, clock_->now());
    return deliver();
}

void StampedVenue::turn()
{
    const Timestamp now = clock_->now();
    if (now < ticked_ + kTick) return;
    ticked_ = now;
    exchange_.on_time(now);
    venue_->on_tick(now, *this);
    (void)deliver();
}

std::optional<Arrival> StampedVenue::waiting() const
{
    return held_.empty() ? std::nullopt : std::optional(held_.front().arrival);
}

std::size_t StampedVenue::release()
{
    const std::vector<Held> orders = std::exchange(held_, {});
    for (const Held& order : orders) take(order.session, order.text);
    return orders.size();
}

void StampedVenue::on_request(net::ExchangeId exchange, net::ServerRequest& request)
{
    const ServerReply reply = venue_->on_request(ours(request), clock_->now(), *this);
    net::Headers headers;
    for (const auto& [key, value] : reply.headers) headers.push_back({key, value});
    (void)server_->respond(exchange, reply.status, headers, reply.body);
    (void)deliver();
}

int StampedVenue::on_upgrade(net::SessionId session, const net::ServerRequest& request)
{
    return venue_->on_session(ours(session), ours(request), clock_->now(), *this) ? 101 : 404;
}

void StampedVenue::on_session_open(net::SessionId)
{
    (void)deliver();
}

void StampedVenue::on_session_frame(net::SessionId session, char* data, std::size_t size)
{
    const std::int64_t at = steady_stamp();
    const std::string_view text(data, size);
    if (is_order(text))
        held_.push_back({ours(session), std::string(text), {at, size}});
    else
        take(ours(session), text);
}

void StampedVenue::on_session_closed(net::SessionId session, const net::CloseInfo&)
{
    venue_->on_session_closed(ours(session));
    (void)deliver();
}

void StampedVenue::take(SessionId session, std::string_view text)
{
    venue_->on_session_frame(session, text, clock_->now(), *this);
    (void)deliver();
}

void StampedVenue::send(SessionId session, std::string text)
{
    out_.push_back({session, std::move(text), 0});
}

void StampedVenue::close(SessionId session, int code, std::string_view reason)
{
    out_.push_back({session, std::string(reason), code});
}

Departure StampedVenue::deliver()
{
    exchange_.deliver(*venue_, clock_->now(), *this);
    return flush();
}

// The venue has finished composing: what is stamped is the socket's part alone.
Departure StampedVenue::flush()
{
    Departure first;
    for (const Message& message : out_) {
        if (message.close_code != 0) {
            server_->close(theirs(message.session), message.close_code, message.text);
            continue;
        }
        if (first.at == 0) first = {steady_stamp(), message.text.size()};
        // False: the session is going; on_session_closed follows.
        (void)server_->send(theirs(message.session), message.text);
    }
    out_.clear();
    return first;
}

EchoServer::EchoServer(net::Loop& loop, const net::ServerIdentity& identity)
    : server_(loop, identity, static_cast<net::ServerHandler&>(*this))
{
    port_ = server_.listen("127.0.0.1", 0);
}

void EchoServer::on_request(net::ExchangeId exchange, net::ServerRequest&)
{
    (void)server_.respond(exchange, 404, {}, {});
}

std::int64_t EchoServer::send(std::string_view text)
{
    if (!session_) throw std::runtime_error("the echo's connection is down");
    back_ = 0;
    sent_ = text.size();
    const std::int64_t at = steady_stamp();
    (void)server_.send(*session_, text);
    return at;
}

void EchoServer::on_session_frame(net::SessionId, char*, std::size_t size)
{
    const std::int64_t at = steady_stamp();
    // Anything else than what was sent is no echo: the bench then waits in vain and says so.
    if (size == sent_) back_ = at;
}

}  // namespace arb
