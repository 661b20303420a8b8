#include "engine/world/venue_server.hpp"

#include <algorithm>
#include <utility>

namespace arb {
namespace {

// A REST connection that gets no answer is not kept for ever; clients give up long before.
constexpr Duration kSilenceMax = seconds(60);
constexpr Duration kServerTick = milliseconds(100);
constexpr int kNotFound = 404;

net::ServerPolicy policy_of(const VenueServerSetup& setup)
{
    net::ServerPolicy policy;
    policy.connections_max = setup.connections_max;
    // A client that does not read is cut when this is full, or when its socket takes nothing for so long.
    policy.limits.send_buffer_bytes_max = setup.backlog_bytes_max;
    policy.limits.send_progress = std::chrono::seconds(5);
    return policy;
}

}  // namespace

VenueServer::VenueServer(net::Loop& loop, const LiveClock& clock, VenueServerSetup setup)
    : clock_(&clock),
      setup_(std::move(setup)),
      sessions_({&server_, clock_, &due_, &counts_, setup_.faults, setup_.latency, setup_.backlog_bytes_max,
                 [this](SessionId session) { gone(session); }}),
      server_(loop, setup_.identity, static_cast<net::ServerHandler&>(*this), policy_of(setup_)),
      port_(server_.listen(setup_.address, setup_.port))
{
}

void VenueServer::run_due()
{
    // An action may queue others that are due at once: the loop outside takes them.
    if (running_) return;
    running_ = true;
    while (due_.run_one(clock_->now())) {
    }
    running_ = false;
}

Timestamp VenueServer::next_due() const
{
    return due_.next(ticked_ + kServerTick);
}

void VenueServer::turn()
{
    run_due();
    const Timestamp now = clock_->now();
    if (now < ticked_ + kServerTick) return;
    ticked_ = now;
    if (setup_.on_time) setup_.on_time(venue_now());
    setup_.venue->on_tick(venue_now(), sessions_);
    deliver();
}

void VenueServer::deliver()
{
    if (setup_.deliver) setup_.deliver(venue_now(), sessions_);
    run_due();
}

void VenueServer::ban(Duration lasts)
{
    banned_until_ = std::max(banned_until_, clock_->now() + lasts);
}

void VenueServer::key_changed(const EmulatedKey& key)
{
    setup_.venue->on_key_changed(key, venue_now(), sessions_);
    deliver();
}

void VenueServer::on_request(net::ExchangeId exchange, net::ServerRequest& request)
{
    ++counts_.requests;
    due_.at(clock_->now() + setup_.latency,
            [this, exchange, request = ours(request)] { serve(exchange, request); });
    run_due();
}

MishapChoice VenueServer::fate_of(const WatchedMarket::Seen& seen, RequestRoute route)
{
    MishapChoice choice = seen.kept_back;
    if (choice.what == Mishap::none && setup_.faults != nullptr)
        choice = setup_.faults->on_answer(route, seen.deed, clock_->now());
    if (choice.what != Mishap::none) ++counts_.mishaps;
    return choice;
}

void VenueServer::serve(net::ExchangeId exchange, const ServerRequest& request)
{
    const Timestamp now = clock_->now();
    if (now < banned_until_) {
        // Rounded up to seconds: a client that waits so long is let in.
        answer(exchange, setup_.venue->banned({(banned_until_ - now).ns + seconds(1).ns - 1}), {});
        return;
    }
    setup_.market->begin(RequestRoute::rest, setup_.faults, now);
    ServerReply reply = setup_.venue->on_request(request, venue_now(), sessions_);
    const MishapChoice mishap = fate_of(setup_.market->end(), RequestRoute::rest);
    if (mishap.what == Mishap::cut)
        server_.cut_exchange(exchange);
    else if (mishap.what == Mishap::silence)
        due_.at(now + kSilenceMax, [this, exchange] { server_.cut_exchange(exchange); });
    else
        answer(exchange, mishap.what == Mishap::failure ? setup_.venue->failed() : std::move(reply),
               mishap.what == Mishap::delay ? mishap.lasts : Duration{});
    deliver();
}

void VenueServer::answer(net::ExchangeId exchange, ServerReply reply, Duration delay)
{
    due_.at(clock_->now() + setup_.latency + delay, [this, exchange, reply = std::move(reply)] {
        net::Headers headers;
        for (const auto& [key, value] : reply.headers) headers.push_back({key, value});
        // False: the client has gone.
        (void)server_.respond(exchange, reply.status, headers, reply.body);
    });
}

int VenueServer::on_upgrade(net::SessionId id, const net::ServerRequest& request)
{
    const Timestamp now = clock_->now();
    if (now < banned_until_) return setup_.venue->banned(banned_until_ - now).status;
    sessions_.add(ours(id));
    if (!setup_.venue->on_session(ours(id), ours(request), venue_now(), sessions_)) {
        (void)sessions_.remove(ours(id));
        return kNotFound;
    }
    ++counts_.sessions;
    return 101;
}

void VenueServer::on_session_open(net::SessionId id)
{
    sessions_.open(ours(id));
    deliver();
}

void VenueServer::on_session_frame(net::SessionId id, char* data, std::size_t size)
{
    const std::optional<Timestamp> arrival = sessions_.arrival(ours(id));
    if (!arrival) return;
    ++counts_.frames_in;
    due_.at(*arrival, [this, id = ours(id), text = std::string(data, size)] { take_frame(id, text); });
    run_due();
}

void VenueServer::take_frame(SessionId id, const std::string& text)
{
    if (!sessions_.has(id)) return;  // closed while it was under way
    sessions_.begin_request(id);
    setup_.market->begin(RequestRoute::websocket, setup_.faults, clock_->now());
    setup_.venue->on_session_frame(id, text, venue_now(), sessions_);
    const MishapChoice mishap = fate_of(setup_.market->end(), RequestRoute::websocket);
    sessions_.release(mishap,
                      mishap.what == Mishap::failure ? setup_.venue->failed_frame(text) : std::string());
    deliver();
}

void VenueServer::on_session_closed(net::SessionId id, const net::CloseInfo&)
{
    if (sessions_.remove(ours(id))) gone(ours(id));
}

void VenueServer::gone(SessionId session)
{
    setup_.venue->on_session_closed(session);
    deliver();
}

}  // namespace arb
