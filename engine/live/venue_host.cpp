#include "engine/live/venue_host.hpp"

#include <algorithm>

namespace arb {
namespace {

constexpr Duration kTick = milliseconds(100);

net::SessionId of(SessionId id)
{
    return static_cast<net::SessionId>(id);
}
SessionId of(net::SessionId id)
{
    return static_cast<SessionId>(id);
}

ServerRequest request_of(net::ServerRequest& request)
{
    ServerRequest result;
    result.method = request.method;
    result.target = request.target;
    for (const net::Header& header : request.headers) result.headers.emplace_back(header.name, header.value);
    result.body = std::string(request.body.view());
    result.remote = request.remote;
    return result;
}

}  // namespace

const char* name(Fate fate)
{
    constexpr const char* kNames[] = {"pass",      "drop",        "mute",       "cut_before",
                                      "cut_after", "fail_before", "fail_after", "ban",
                                      "duplicate", "reorder",     "freeze"};
    return kNames[static_cast<std::size_t>(fate)];
}

VenueHost::VenueHost(net::Loop& loop, const net::ServerIdentity& identity, EmulatedVenue& venue,
                     HostFaults* faults, std::function<Timestamp()> now,
                     std::function<void(SessionOutbox&)> deliver)
    : venue_(&venue),
      faults_(faults),
      now_(std::move(now)),
      deliver_(std::move(deliver)),
      server_(std::make_unique<net::Server>(loop, identity, static_cast<net::ServerHandler&>(*this)))
{
}

VenueHost::~VenueHost() = default;

std::uint16_t VenueHost::listen(std::uint16_t port)
{
    return server_->listen("127.0.0.1", port);
}

void VenueHost::later(Duration delay, std::function<void()> action)
{
    later_.emplace(now_() + delay, std::move(action));
}

void VenueHost::on_time()
{
    const Timestamp now = now_();
    while (!later_.empty() && later_.begin()->first <= now) {
        const std::function<void()> action = std::move(later_.begin()->second);
        later_.erase(later_.begin());
        action();
    }
    if (now - ticked_ < kTick) return;
    ticked_ = now;
    venue_->on_tick(now, *this);
    deliver_(*this);
}

void VenueHost::answer(net::ExchangeId exchange, const ServerReply& reply)
{
    net::Headers headers;
    for (const auto& [key, value] : reply.headers) headers.push_back({key, value});
    (void)server_->respond(exchange, reply.status, headers, reply.body);
}

void VenueHost::on_request(net::ExchangeId exchange, net::ServerRequest& incoming)
{
    const ServerRequest request = request_of(incoming);
    const Timestamp now = now_();
    Ordeal ordeal;
    if (faults_ != nullptr) ordeal = faults_->on_request(request, now);
    if (ordeal.fate == Fate::ban) banned_until_ = now + ordeal.ban;
    if (now < banned_until_) {
        // Rounded up: a client that waits so long is let in.
        answer(exchange, venue_->banned({(banned_until_ - now).ns + seconds(1).ns - 1}));
        return;
    }
    if (ordeal.delay.ns > 0) {
        later(ordeal.delay, [this, exchange, request, ordeal] { serve(exchange, request, ordeal); });
        return;
    }
    serve(exchange, request, ordeal);
}

void VenueHost::serve(net::ExchangeId exchange, const ServerRequest& request, const Ordeal& ordeal)
{
    const bool executed =
        ordeal.fate != Fate::drop && ordeal.fate != Fate::cut_before && ordeal.fate != Fate::fail_before;
    ServerReply reply;
    if (executed) reply = venue_->on_request(request, now_(), *this);
    switch (ordeal.fate) {
        case Fate::cut_before:
        case Fate::cut_after:
            server_->cut_exchange(exchange);
            break;
        case Fate::fail_before:
        case Fate::fail_after:
            answer(exchange, venue_->failed());
            break;
        case Fate::drop:
        case Fate::mute:
        case Fate::freeze:
            // No answer: the client's deadline ends it, and the connection with it.
            later(seconds(30), [this, exchange] { server_->cut_exchange(exchange); });
            break;
        default:
            answer(exchange, reply);
            break;
    }
    deliver_(*this);
}

int VenueHost::on_upgrade(net::SessionId session, const net::ServerRequest& incoming)
{
    ServerRequest request;
    request.method = incoming.method;
    request.target = incoming.target;
    for (const net::Header& header : incoming.headers)
        request.headers.emplace_back(header.name, header.value);
    request.remote = incoming.remote;
    const Timestamp now = now_();
    if (now < banned_until_) return 403;
    early_[of(session)] = {};
    const bool accepted = venue_->on_session(of(session), request, now, *this);
    if (!accepted) early_.erase(of(session));
    return accepted ? 101 : 404;
}

void VenueHost::on_session_open(net::SessionId session)
{
    const auto found = early_.find(of(session));
    if (found == early_.end()) return;
    const std::vector<std::string> waiting = std::move(found->second);
    early_.erase(found);
    for (const std::string& text : waiting) put(of(session), text);
}

void VenueHost::on_session_frame(net::SessionId session, char* data, std::size_t size)
{
    const std::string text(data, size);
    Ordeal ordeal;
    if (faults_ != nullptr) ordeal = faults_->on_frame_in(text, now_());
    const auto handle = [this, session, text, ordeal] {
        switch (ordeal.fate) {
            case Fate::drop:
                return;
            case Fate::freeze:
                server_->freeze(session);
                return;
            case Fate::cut_before:
                venue_->on_session_closed(of(session));
                server_->cut(session);
                return;
            case Fate::fail_before: {
                const std::string refusal = venue_->failed_frame(text);
                if (!refusal.empty()) send(of(session), refusal);
                return;
            }
            default:
                break;
        }
        venue_->on_session_frame(of(session), text, now_(), *this);
        if (ordeal.fate == Fate::cut_after) {
            venue_->on_session_closed(of(session));
            server_->cut(session);
        }
        deliver_(*this);
    };
    if (ordeal.delay.ns > 0)
        later(ordeal.delay, handle);
    else
        handle();
}

void VenueHost::on_session_closed(net::SessionId session, const net::CloseInfo&)
{
    early_.erase(of(session));
    held_.erase(of(session));
    quiet_until_.erase(of(session));
    venue_->on_session_closed(of(session));
}

void VenueHost::put(SessionId session, const std::string& text)
{
    (void)server_->send(of(session), text);
    const auto held = held_.find(session);
    if (held == held_.end()) return;
    const std::string behind = std::move(held->second);
    held_.erase(held);
    (void)server_->send(of(session), behind);
}

void VenueHost::send(SessionId session, std::string text)
{
    const auto early = early_.find(session);
    if (early != early_.end()) {
        early->second.push_back(std::move(text));
        return;
    }
    Ordeal ordeal;
    const Timestamp now = now_();
    if (faults_ != nullptr) ordeal = faults_->on_frame_out(text, now);
    switch (ordeal.fate) {
        case Fate::drop:
        case Fate::mute:
            return;
        case Fate::cut_before:
        case Fate::cut_after:
            venue_->on_session_closed(session);
            server_->cut(of(session));
            return;
        case Fate::freeze:
            server_->freeze(of(session));
            return;
        case Fate::reorder:
            if (held_.find(session) == held_.end()) {
                held_[session] = std::move(text);
                return;
            }
            break;
        default:
            break;
    }
    // A delayed message holds up those behind it: a stream does not overtake itself.
    Timestamp& quiet = quiet_until_[session];
    if (ordeal.delay.ns > 0) quiet = std::max(quiet, now + ordeal.delay);
    const bool twice = ordeal.fate == Fate::duplicate;
    if (quiet > now) {
        later(quiet - now, [this, session, text, twice] {
            put(session, text);
            if (twice) put(session, text);
        });
        return;
    }
    put(session, text);
    if (twice) put(session, text);
}

void VenueHost::close(SessionId session, int code, std::string_view reason)
{
    server_->close(of(session), code, reason);
}

}  // namespace arb
