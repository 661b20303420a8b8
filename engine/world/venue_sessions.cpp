#include "engine/world/venue_sessions.hpp"

#include <utility>

namespace arb {
namespace {

// A message that was to go out after the next one does not wait for a next one for ever.
constexpr Duration kHoldMax = milliseconds(200);

}  // namespace

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

VenueSessions::Session* VenueSessions::find(SessionId session)
{
    const auto found = sessions_.find(session);
    return found == sessions_.end() ? nullptr : &found->second;
}

SessionId VenueSessions::session_at(std::size_t place) const
{
    return std::next(sessions_.begin(), static_cast<std::ptrdiff_t>(place))->first;
}

void VenueSessions::open(SessionId id)
{
    if (Session* session = find(id)) session->open = true;
}

std::optional<Timestamp> VenueSessions::arrival(SessionId id)
{
    Session* session = find(id);
    if (session == nullptr || session->frozen) return std::nullopt;
    session->last_in = std::max(session->last_in, setup_.clock->now() + setup_.latency);
    return session->last_in;
}

void VenueSessions::release(const MishapChoice& mishap, std::string failure)
{
    const SessionId id = *std::exchange(asking_, std::nullopt);
    std::vector<Outgoing> answers = std::exchange(answers_, {});
    if (mishap.what == Mishap::cut) {
        cut(id);
        return;
    }
    if (!failure.empty()) queue(id, {std::move(failure), 0, false}, {});
    const bool lost = mishap.what == Mishap::silence || mishap.what == Mishap::failure;
    for (Outgoing& answer : answers) {
        // The venue's wish to close the connection stands in any case.
        if (lost && answer.close_code == 0) continue;
        queue(id, std::move(answer), mishap.what == Mishap::delay ? mishap.lasts : Duration{});
    }
}

void VenueSessions::send(SessionId session, std::string text)
{
    if (asking_ == session) {
        answers_.push_back({std::move(text), 0, false});
        return;
    }
    MishapChoice mishap;
    if (setup_.faults != nullptr) mishap = setup_.faults->on_message(setup_.clock->now());
    if (mishap.what != Mishap::none) ++setup_.counts->mishaps;
    if (mishap.what == Mishap::silence) return;
    if (mishap.what == Mishap::duplicate) queue(session, {text, 0, false}, {});
    queue(session, {std::move(text), 0, mishap.what == Mishap::reorder},
          mishap.what == Mishap::delay ? mishap.lasts : Duration{});
}

void VenueSessions::close(SessionId session, int code, std::string_view reason)
{
    Outgoing message{std::string(reason), code, false};
    if (asking_ == session)
        answers_.push_back(std::move(message));
    else
        queue(session, std::move(message), {});
}

void VenueSessions::queue(SessionId id, Outgoing message, Duration delay)
{
    Session* session = find(id);
    if (session == nullptr || session->frozen) return;
    session->last_out = std::max(session->last_out, setup_.clock->now() + setup_.latency + delay);
    session->backlog += message.text.size();
    if (session->backlog > setup_.backlog_bytes_max) {
        // Not now: the venue may be in the middle of going through its sessions.
        session->frozen = true;
        setup_.due->at(setup_.clock->now(), [this, id] { cut(id); });
        return;
    }
    setup_.due->at(session->last_out, [this, id, message = std::move(message)] { put(id, message); });
}

void VenueSessions::put(SessionId id, const Outgoing& message)
{
    Session* session = find(id);
    if (session == nullptr) return;
    session->backlog -= message.text.size();
    if (session->frozen) return;
    if (message.close_code != 0) {
        flush_held(id);
        setup_.server->close(theirs(id), message.close_code, message.text);
        return;
    }
    if (message.hold && !session->held) {
        session->held = message.text;
        setup_.due->at(setup_.clock->now() + kHoldMax, [this, id] { flush_held(id); });
        return;
    }
    ++setup_.counts->frames_out;
    // False: it is closing, and on_session_closed follows.
    (void)setup_.server->send(theirs(id), message.text);
    flush_held(id);
}

void VenueSessions::flush_held(SessionId id)
{
    Session* session = find(id);
    if (session == nullptr || !session->held) return;
    const std::string text = *std::exchange(session->held, std::nullopt);
    if (session->frozen) return;
    ++setup_.counts->frames_out;
    (void)setup_.server->send(theirs(id), text);
}

void VenueSessions::cut(SessionId session)
{
    if (sessions_.erase(session) == 0) return;
    ++setup_.counts->cut;
    setup_.server->cut(theirs(session));
    setup_.on_cut(session);
}

void VenueSessions::cut_at(std::size_t place)
{
    if (place < sessions_.size()) cut(session_at(place));
}

void VenueSessions::freeze_at(std::size_t place, Duration lasts)
{
    if (place >= sessions_.size()) return;
    const SessionId id = session_at(place);
    Session& session = sessions_[id];
    if (session.frozen || !session.open) return;
    session.frozen = true;
    setup_.server->freeze(theirs(id));
    setup_.due->at(setup_.clock->now() + lasts, [this, id] { cut(id); });
}

}  // namespace arb
