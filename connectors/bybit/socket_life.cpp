#include "connectors/bybit/socket_life.hpp"

#include <algorithm>

namespace arb::bybit {
namespace {

// "Connect": a ping every 20 s, each answered.
constexpr Duration kPrivatePingEvery = seconds(20);
constexpr Duration kPrivateSilenceMax = seconds(45);
constexpr std::int64_t kLogOnValidMs = 10'000;
constexpr Duration kPauseFirst = seconds(5);
constexpr Duration kPauseMax = seconds(60);
// A dial whose end nobody told of.
constexpr Duration kDialMax = seconds(120);

}  // namespace

void SocketLife::connect(Timestamp now, Outbox& outbox)
{
    connection_ = kNoConnection;
    if (tools_->shut) {
        state_ = State::idle;
        return;
    }
    state_ = State::connecting;
    again_ = now + kDialMax;
    outbox.wake_at(tools_->setup.id, again_);
    outbox.connect(tools_->setup.id, url_);
}

void SocketLife::start(Timestamp now, Outbox& outbox)
{
    if (state_ == State::idle) connect(now, outbox);
}

bool SocketLife::on_open(ConnectionId connection, std::string_view url, Timestamp now, FactSink& sink,
                         Outbox& outbox)
{
    if (url.substr(0, url.find('?')) != url_) return false;
    if (standing() || tools_->shut || state_ == State::idle) {
        surplus_.push_back(connection);
        outbox.reconnect(connection, "not needed");
        return true;
    }
    connection_ = connection;
    state_ = State::logging_on;
    heard_ = now;
    ping_due_ = now + kPrivatePingEvery;
    log_on_max_ = now + kAnswerMax;
    const std::string_view text =
        tools_->encoder.log_on(++tools_->requests, tools_->timestamp(now) + kLogOnValidMs);
    if (text.empty()) {
        log_on_failed({Outcome::refused, RejectReason::permission}, 0, "the signer refused", now, sink,
                      outbox);
        return true;
    }
    outbox.used_key(tools_->setup.id, "auth");
    outbox.send(connection, text);
    outbox.wake_at(tools_->setup.id, log_on_max_);
    return true;
}

bool SocketLife::heard(ConnectionId connection, Timestamp now)
{
    if (connection != connection_ || connection == kNoConnection) {
        return std::find(surplus_.begin(), surplus_.end(), connection) != surplus_.end();
    }
    heard_ = now;
    return true;
}

bool SocketLife::on_close(ConnectionId connection, Timestamp now, Outbox& outbox)
{
    if (connection == kNoConnection) return false;
    if (const auto found = std::find(surplus_.begin(), surplus_.end(), connection); found != surplus_.end()) {
        surplus_.erase(found);
        return true;
    }
    if (connection != connection_) return false;
    connection_ = kNoConnection;
    if (again_ > now && pause_ > Duration{} && state_ == State::closing) {
        state_ = State::pausing;
        outbox.wake_at(tools_->setup.id, again_);
    } else {
        connect(now, outbox);
    }
    return true;
}

void SocketLife::on_lost_dial(Timestamp now, Outbox& outbox)
{
    if (state_ == State::connecting) connect(now, outbox);
}

void SocketLife::log_on_failed(Verdict verdict, std::int64_t code, std::string_view text, Timestamp now,
                               FactSink& sink, Outbox& outbox)
{
    // A clock can be set right, another key is another start.
    if (verdict.outcome == Outcome::key_trouble && verdict.reason != RejectReason::clock) tools_->shut = true;
    pause_ = pause_ > Duration{} ? std::min(Duration{pause_.ns * 2}, kPauseMax) : kPauseFirst;
    again_ = now + pause_;
    state_ = State::closing;
    tools_->end(RequestKind::session, verdict, sink, kForeignOrder, code, text);
    outbox.reconnect(connection_, "log-on failed");
}

void SocketLife::close(std::string_view why, Outbox& outbox)
{
    if (state_ != State::logging_on && state_ != State::open) return;
    state_ = State::closing;
    pause_ = {};
    outbox.reconnect(connection_, why);
}

void SocketLife::on_wake(Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (state_ == State::pausing || state_ == State::connecting) {
        if (now >= again_)
            connect(now, outbox);
        else
            outbox.wake_at(tools_->setup.id, again_);
        return;
    }
    if (state_ == State::logging_on && now >= log_on_max_) {
        log_on_failed({}, 0, "no answer to the log-on", now, sink, outbox);
        return;
    }
    if (state_ != State::logging_on && state_ != State::open) return;
    if (now - heard_ >= kPrivateSilenceMax) {
        close("nothing heard for 45 s", outbox);
        return;
    }
    if (now >= ping_due_) {
        pause_ = {};  // it has lived a while: the next trouble starts with a short pause again
        outbox.send(connection_, tools_->encoder.ping(++tools_->requests));
        ping_due_ = now + kPrivatePingEvery;
    }
    Timestamp due = std::min(ping_due_, heard_ + kPrivateSilenceMax);
    if (state_ == State::logging_on) due = std::min(due, log_on_max_);
    outbox.wake_at(tools_->setup.id, due);
}

}  // namespace arb::bybit
