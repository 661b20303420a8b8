// VenueServer, outwards: the queue of messages and their delays, the venue's tick, the operator's hand.
#include <algorithm>
#include <utility>

#include "engine/world/venue_server.hpp"

namespace arb {
namespace {

constexpr Duration kServerTick = milliseconds(100);
// A message that was to go out after the next one does not wait for a next one for ever.
constexpr Duration kHoldMax = milliseconds(200);

net::SessionId theirs(SessionId session)
{
    return static_cast<net::SessionId>(session);
}

}  // namespace

VenueServer::Session* VenueServer::find(SessionId session)
{
    const auto found = sessions_.find(session);
    return found == sessions_.end() ? nullptr : &found->second;
}

SessionId VenueServer::session_at(std::size_t place) const
{
    return std::next(sessions_.begin(), static_cast<std::ptrdiff_t>(place))->first;
}

void VenueServer::at(Timestamp time, std::function<void()> action)
{
    due_.emplace(time, std::move(action));
}

void VenueServer::run_due()
{
    // An action may queue others that are due at once: the loop outside takes them.
    if (running_) return;
    running_ = true;
    while (!due_.empty() && due_.begin()->first <= clock_->now()) {
        const std::function<void()> action = std::move(due_.begin()->second);
        due_.erase(due_.begin());
        action();
    }
    running_ = false;
}

Timestamp VenueServer::next_due() const
{
    const Timestamp tick = ticked_ + kServerTick;
    return due_.empty() ? tick : std::min(tick, due_.begin()->first);
}

void VenueServer::turn()
{
    run_due();
    const Timestamp now = clock_->now();
    if (now < ticked_ + kServerTick) return;
    ticked_ = now;
    if (setup_.on_time) setup_.on_time(venue_now());
    setup_.venue->on_tick(venue_now(), *this);
    deliver();
    run_due();
}

void VenueServer::deliver()
{
    if (setup_.deliver) setup_.deliver(venue_now(), *this);
    run_due();
}

void VenueServer::send(SessionId session, std::string text)
{
    if (asking_ == session) {
        answers_.push_back({std::move(text), 0, false});
        return;
    }
    MishapChoice mishap;
    if (setup_.faults != nullptr) mishap = setup_.faults->on_message(clock_->now());
    if (mishap.what != Mishap::none) ++counts_.mishaps;
    if (mishap.what == Mishap::silence) return;
    if (mishap.what == Mishap::duplicate) queue(session, {text, 0, false}, {});
    queue(session, {std::move(text), 0, mishap.what == Mishap::reorder},
          mishap.what == Mishap::delay ? mishap.lasts : Duration{});
}

void VenueServer::close(SessionId session, int code, std::string_view reason)
{
    Outgoing message{std::string(reason), code, false};
    if (asking_ == session)
        answers_.push_back(std::move(message));
    else
        queue(session, std::move(message), {});
}

void VenueServer::queue(SessionId id, Outgoing message, Duration delay)
{
    Session* session = find(id);
    if (session == nullptr || session->frozen) return;
    session->last_out = std::max(session->last_out, clock_->now() + setup_.latency + delay);
    session->backlog += message.text.size();
    if (session->backlog > setup_.backlog_bytes_max) {
        // Not now: the venue may be in the middle of going through its sessions.
        session->frozen = true;
        at(clock_->now(), [this, id] { cut(id); });
        return;
    }
    at(session->last_out, [this, id, message = std::move(message)] { put(id, message); });
}

void VenueServer::put(SessionId id, const Outgoing& message)
{
    Session* session = find(id);
    if (session == nullptr) return;
    session->backlog -= message.text.size();
    if (session->frozen) return;
    if (message.close_code != 0) {
        flush_held(id);
        server_->close(theirs(id), message.close_code, message.text);
        return;
    }
    if (message.hold && !session->held) {
        session->held = message.text;
        at(clock_->now() + kHoldMax, [this, id] { flush_held(id); });
        return;
    }
    ++counts_.frames_out;
    // False: it is closing, and on_session_closed follows.
    (void)server_->send(theirs(id), message.text);
    flush_held(id);
}

void VenueServer::flush_held(SessionId id)
{
    Session* session = find(id);
    if (session == nullptr || !session->held) return;
    const std::string text = *std::exchange(session->held, std::nullopt);
    if (session->frozen) return;
    ++counts_.frames_out;
    (void)server_->send(theirs(id), text);
}

void VenueServer::cut(SessionId session)
{
    if (sessions_.erase(session) == 0) return;
    ++counts_.cut;
    server_->cut(theirs(session));
    setup_.venue->on_session_closed(session);
    deliver();
}

void VenueServer::ban(Duration lasts)
{
    banned_until_ = std::max(banned_until_, clock_->now() + lasts);
}

void VenueServer::key_changed(const EmulatedKey& key)
{
    setup_.venue->on_key_changed(key, venue_now(), *this);
    deliver();
}

void VenueServer::cut_session(std::size_t place)
{
    if (place < sessions_.size()) cut(session_at(place));
}

void VenueServer::freeze_session(std::size_t place, Duration lasts)
{
    if (place >= sessions_.size()) return;
    const SessionId id = session_at(place);
    Session& session = sessions_[id];
    if (session.frozen || !session.open) return;
    session.frozen = true;
    server_->freeze(theirs(id));
    at(clock_->now() + lasts, [this, id] { cut(id); });
}

}  // namespace arb
