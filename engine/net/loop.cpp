#include "engine/net/loop.hpp"

#include <sched.h>

#include <algorithm>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "engine/net/loop_core.hpp"

namespace arb::net {

namespace asio = boost::asio;

namespace {

/// Socket events of one turn.
constexpr int kHandlersMax = 64;

}  // namespace

struct LoopCore::Guard {
    asio::executor_work_guard<asio::io_context::executor_type> work;
};

LoopCore::LoopCore(Idle idle)
    : idle_(idle),
      read_buffer_(kReadBufferBytes),
      // The hint 1 promises that one thread runs it: asio then takes no locks on each turn.
      io_(std::make_unique<asio::io_context>(1)),
      guard_(new Guard{asio::make_work_guard(*io_)})
{
    read_clock();
    tick_next_ = now_ + kTick;
}

LoopCore::~LoopCore() = default;

void LoopCore::remove(Ticking* ticking)
{
    // Removal may come from inside a tick: leave a hole, tick_if_due() closes it.
    std::replace(tickings_.begin(), tickings_.end(), ticking, static_cast<Ticking*>(nullptr));
}

void LoopCore::wake()
{
    asio::post(*io_, [] {});
}

bool LoopCore::poll()
{
    // Two peers that answer each other at once keep each other ready for ever: io_context::poll() would not
    // return, and deadlines and deferred calls would starve.
    int handled = 0;
    while (handled < kHandlersMax && io_->poll_one() > 0) ++handled;
    return handled > 0;
}

bool LoopCore::run_deferred()
{
    if (deferred_.empty()) return false;
    running_.swap(deferred_);  // what these calls defer runs in the next turn
    for (const auto& call : running_) call();
    running_.clear();
    return true;
}

bool LoopCore::tick_if_due()
{
    if (now_ < tick_next_) return false;
    tick_next_ = now_ + kTick;
    for (std::size_t i = 0; i < tickings_.size(); ++i) {
        if (tickings_[i] != nullptr) tickings_[i]->on_tick(now_);
    }
    tickings_.erase(std::remove(tickings_.begin(), tickings_.end(), nullptr), tickings_.end());
    return !deferred_.empty();
}

bool LoopCore::run_once(std::chrono::nanoseconds max_wait)
{
    read_clock();
    const TimePoint until = now_ + max_wait;
    for (;;) {
        bool busy = run_deferred();
        busy = poll() || busy;
        busy = tick_if_due() || busy;
        if (busy || now_ >= until) return busy;
        if (idle_ == Idle::sleep) {
            const auto wait = std::min(until, tick_next_) - now_;
            const bool woken = wait.count() > 0 && io_->run_one_for(wait) > 0;
            read_clock();
            if (woken) return true;
        } else {
            if (idle_ == Idle::yield) sched_yield();
            read_clock();
        }
    }
}

Loop::Loop(Idle idle) : core_(std::make_unique<LoopCore>(idle)) {}
Loop::~Loop() = default;

bool Loop::run_once(std::chrono::nanoseconds max_wait)
{
    return core_->run_once(max_wait);
}

void Loop::set_idle(Idle idle)
{
    core_->set_idle(idle);
}

std::chrono::steady_clock::time_point Loop::now() const
{
    return core_->now();
}

void Loop::wake()
{
    core_->wake();
}

}  // namespace arb::net
