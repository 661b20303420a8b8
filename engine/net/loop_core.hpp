#pragma once
// Inside of Loop, for the .cpp files of engine/net alone: the io_context, the coarse clock that deadlines
// hang on, the deferred calls that make callbacks come from run_once only, and one read buffer for all
// sockets. Loop thread only.
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/net/loop.hpp"

namespace boost::asio {
class io_context;
}

namespace arb::net {

using TimePoint = std::chrono::steady_clock::time_point;

/// Called every kTick; deadlines are no finer than that, and cost no timer each.
class Ticking {
  public:
    virtual void on_tick(TimePoint now) = 0;

  protected:
    ~Ticking() = default;
};

class LoopCore {
  public:
    static constexpr std::chrono::milliseconds kTick{5};
    static constexpr std::size_t kReadBufferBytes = 64U << 10U;

    explicit LoopCore(Idle idle);
    ~LoopCore();
    LoopCore(const LoopCore&) = delete;
    LoopCore& operator=(const LoopCore&) = delete;

    bool run_once(std::chrono::nanoseconds max_wait);
    void set_idle(Idle idle) { idle_ = idle; }
    void wake();

    boost::asio::io_context& io() { return *io_; }
    TimePoint now() const { return now_; }
    char* read_buffer() { return read_buffer_.data(); }

    void add(Ticking* ticking) { tickings_.push_back(ticking); }
    void remove(Ticking* ticking);

    /// Runs `call` at the beginning of the next turn: never from inside the caller.
    void defer(std::function<void()> call) { deferred_.push_back(std::move(call)); }

    /// Addresses that a name had not long ago ("host" -> texts), so that a reconnect needs no name server.
    struct Resolved {
        std::vector<std::string> addresses;
        TimePoint at;
    };
    std::unordered_map<std::string, Resolved>& resolved() { return resolved_; }

  private:
    struct Guard;
    bool poll();
    bool run_deferred();
    bool tick_if_due();
    void read_clock() { now_ = std::chrono::steady_clock::now(); }

    Idle idle_;
    TimePoint now_;
    TimePoint tick_next_;
    std::vector<Ticking*> tickings_;
    std::vector<std::function<void()>> deferred_;
    std::vector<std::function<void()>> running_;
    std::vector<char> read_buffer_;
    std::unordered_map<std::string, Resolved> resolved_;
    std::unique_ptr<boost::asio::io_context> io_;
    std::unique_ptr<Guard> guard_;
};

}  // namespace arb::net
