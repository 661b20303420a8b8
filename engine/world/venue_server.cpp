// VenueServer, inwards: connections, requests and frames, and what the plan makes of their answers.
#include "engine/world/venue_server.hpp"

#include <utility>

namespace arb {
namespace {

// A REST connection that gets no answer is not kept for ever; clients give up long before.
constexpr Duration kSilenceMax = seconds(60);
constexpr int kNotFound = 404;

ServerRequest ours(const net::ServerRequest& request)
{
    ServerRequest result;
    result.method = request.method;
    result.target = request.target;
    for (const net::Header& header : request.headers) result.headers.emplace_back(header.name, header.value);
    result.body = std::string(request.body.view());
    result.remote = request.remote;
    return result;
}

SessionId ours(net::SessionId session)
{
    return static_cast<SessionId>(session);
}

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
      server_(std::make_unique<net::Server>(loop, setup_.identity, static_cast<net::ServerHandler&>(*this),
                                            policy_of(setup_)))
{
    port_ = server_->listen(setup_.address, setup_.port);
}

VenueServer::~VenueServer() = default;

void VenueServer::on_request(net::ExchangeId exchange, net::ServerRequest& request)
{
    ++counts_.requests;
    at(clock_->now() + setup_.latency,
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
    ServerReply reply = setup_.venue->on_request(request, venue_now(), *this);
    const WatchedMarket::Seen seen = setup_.market->end();
    const MishapChoice mishap = fate_of(seen, RequestRoute::rest);
    switch (mishap.what) {
        case Mishap::cut:
            server_->cut_exchange(exchange);
            break;
        case Mishap::silence:
            at(now + kSilenceMax, [this, exchange] { server_->cut_exchange(exchange); });
            break;
        case Mishap::failure:
            answer(exchange, setup_.venue->failed(), {});
            break;
        case Mishap::delay:
            answer(exchange, std::move(reply), mishap.lasts);
            break;
        case Mishap::none:
        case Mishap::duplicate:
        case Mishap::reorder:
            answer(exchange, std::move(reply), {});
            break;
    }
    deliver();
}

void VenueServer::answer(net::ExchangeId exchange, ServerReply reply, Duration delay)
{
    at(clock_->now() + setup_.latency + delay, [this, exchange, reply = std::move(reply)] {
        net::Headers headers;
        for (const auto& [key, value] : reply.headers) headers.push_back({key, value});
        // False: the client has gone.
        (void)server_->respond(exchange, reply.status, headers, reply.body);
    });
}

int VenueServer::on_upgrade(net::SessionId id, const net::ServerRequest& request)
{
    const Timestamp now = clock_->now();
    if (now < banned_until_) return setup_.venue->banned(banned_until_ - now).status;
    const SessionId session = ours(id);
    sessions_[session] = {};
    if (!setup_.venue->on_session(session, ours(request), venue_now(), *this)) {
        sessions_.erase(session);
        return kNotFound;
    }
    ++counts_.sessions;
    return 101;
}

void VenueServer::on_session_open(net::SessionId id)
{
    if (Session* session = find(ours(id))) session->open = true;
    deliver();
    run_due();
}

void VenueServer::on_session_frame(net::SessionId id, char* data, std::size_t size)
{
    Session* session = find(ours(id));
    if (session == nullptr || session->frozen) return;
    ++counts_.frames_in;
    session->last_in = std::max(session->last_in, clock_->now() + setup_.latency);
    at(session->last_in, [this, id = ours(id), text = std::string(data, size)] { take_frame(id, text); });
    run_due();
}

void VenueServer::take_frame(SessionId id, const std::string& text)
{
    if (find(id) == nullptr) return;  // closed while it was under way
    asking_ = id;
    setup_.market->begin(RequestRoute::websocket, setup_.faults, clock_->now());
    setup_.venue->on_session_frame(id, text, venue_now(), *this);
    const WatchedMarket::Seen seen = setup_.market->end();
    asking_.reset();
    release(id, fate_of(seen, RequestRoute::websocket), text);
    deliver();
}

// The venue's answers to a request go out, or meet their fate.
void VenueServer::release(SessionId id, const MishapChoice& mishap, const std::string& request)
{
    std::vector<Outgoing> answers = std::exchange(answers_, {});
    if (mishap.what == Mishap::cut) {
        cut(id);
        return;
    }
    if (mishap.what == Mishap::failure) {
        std::string words = setup_.venue->failed_frame(request);
        if (!words.empty()) queue(id, {std::move(words), 0, false}, {});
    }
    const bool lost = mishap.what == Mishap::silence || mishap.what == Mishap::failure;
    for (Outgoing& answer : answers) {
        // The venue's wish to close the connection stands in any case.
        if (lost && answer.close_code == 0) continue;
        queue(id, std::move(answer), mishap.what == Mishap::delay ? mishap.lasts : Duration{});
    }
}

void VenueServer::on_session_closed(net::SessionId id, const net::CloseInfo&)
{
    if (sessions_.erase(ours(id)) == 0) return;
    setup_.venue->on_session_closed(ours(id));
    deliver();
    run_due();
}

}  // namespace arb
