#include "engine/connect/private_socket.hpp"

#include <algorithm>
#include <string>

namespace arb {
namespace {

// So long after a dial nobody has told how it ended: it is dialled once more.
constexpr Duration kDialMost = seconds(120);

}  // namespace

void PrivateSocket::come_back(Timestamp now, Outbox& outbox)
{
    connection_ = kNoConnection;
    answer_due_ = {};
    state_ = State::idle;
    if (!rules_.rests) start(now, outbox);
}

void PrivateSocket::start(Timestamp now, Outbox& outbox, std::string_view query)
{
    if (state_ != State::idle || *shut_) return;
    state_ = State::dialling;
    again_ = now + kDialMost;
    outbox.wake_at(venue_, again_);
    outbox.connect(venue_, std::string(rules_.url).append(query));
}

PrivateSocket::Event PrivateSocket::on_open(ConnectionId connection, std::string_view url, Timestamp now,
                                            Outbox& outbox)
{
    if (url.substr(0, url.find('?')) != rules_.url) return Event::not_ours;
    if (*shut_ || (state_ != State::dialling && state_ != State::pausing)) {
        surplus_.push_back(connection);
        outbox.reconnect(connection, "not needed");
        return Event::surplus;
    }
    connection_ = connection;
    state_ = State::logging_on;
    opened_ = heard_ = now;
    pinged_ = false;
    ping_due_ = now + rules_.ping_after;
    await(now, outbox);
    return Event::ours;
}

void PrivateSocket::await(Timestamp now, Outbox& outbox)
{
    answer_due_ = now + rules_.answer_most;
    outbox.wake_at(venue_, answer_due_);
}

void PrivateSocket::logged_on()
{
    if (state_ != State::logging_on) return;
    state_ = State::open;
    answer_due_ = {};
}

PrivateSocket::Event PrivateSocket::heard(ConnectionId connection, Timestamp now)
{
    if (connection != connection_ || connection == kNoConnection) {
        const bool surplus = std::find(surplus_.begin(), surplus_.end(), connection) != surplus_.end();
        return surplus ? Event::surplus : Event::not_ours;
    }
    heard_ = now;
    pinged_ = false;
    return Event::ours;
}

PrivateSocket::Event PrivateSocket::on_close(ConnectionId connection, Timestamp now, Outbox& outbox)
{
    if (connection == kNoConnection) return Event::not_ours;
    if (const auto found = std::find(surplus_.begin(), surplus_.end(), connection); found != surplus_.end()) {
        surplus_.erase(found);
        return Event::surplus;
    }
    if (connection != connection_) return Event::not_ours;
    if (state_ == State::closing && again_ > now && !*shut_) {
        connection_ = kNoConnection;
        answer_due_ = {};
        state_ = State::pausing;
        outbox.wake_at(venue_, again_);
    } else {
        come_back(now, outbox);
    }
    return Event::ours;
}

void PrivateSocket::on_lost_dial(Timestamp now, Outbox& outbox)
{
    if (state_ == State::dialling) come_back(now, outbox);
}

void PrivateSocket::log_on_failed(std::string_view why, Timestamp now, Outbox& outbox)
{
    // It has lived a while: the trouble is a new one.
    if (now - opened_ >= rules_.silence) pause_ = {};
    pause_ = pause_ > Duration{} ? std::min(Duration{pause_.ns * 2}, rules_.pause_most) : rules_.pause_first;
    close(why, outbox, pause_ > Duration{} ? now + pause_ : Timestamp{});
}

void PrivateSocket::close(std::string_view why, Outbox& outbox, Timestamp again)
{
    if (state_ != State::logging_on && state_ != State::open) return;
    state_ = State::closing;
    answer_due_ = {};
    again_ = again;
    outbox.reconnect(connection_, why);
}

PrivateSocket::Due PrivateSocket::on_wake(Timestamp now, Outbox& outbox)
{
    if (state_ == State::pausing || state_ == State::dialling) {
        if (now >= again_)
            come_back(now, outbox);
        else
            outbox.wake_at(venue_, again_);
        return Due::nothing;
    }
    if (state_ != State::logging_on && state_ != State::open) return Due::nothing;
    if (answer_due_.known() && now >= answer_due_) {
        answer_due_ = {};
        return Due::no_answer;
    }
    const bool borne = !rules_.pings_answered;
    if (!borne && now - heard_ >= rules_.silence) {
        close(rules_.silence_text, outbox);
        return Due::nothing;
    }
    Due what = Due::nothing;
    Timestamp due = (borne ? now : heard_) + rules_.silence;
    if (rules_.ping_after > Duration{}) {
        const bool when_silent = rules_.ping_when_silent;
        if (when_silent ? !pinged_ && now - heard_ >= rules_.ping_after : now >= ping_due_) {
            pinged_ = true;
            ping_due_ = now + rules_.ping_after;
            what = Due::ping;
        }
        if (!when_silent || !pinged_)
            due = std::min(due, when_silent ? heard_ + rules_.ping_after : ping_due_);
    }
    if (answer_due_.known()) due = std::min(due, answer_due_);
    outbox.wake_at(venue_, due);
    return what;
}

}  // namespace arb
