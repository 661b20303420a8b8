#pragma once
// The loop that turns every socket of this folder. One thread constructs it, calls run_once and uses all
// clients and servers made on it; only wake() may come from elsewhere. It must outlive them. Nothing in here
// throws after the construction; time is the steady clock.
#include <chrono>
#include <memory>

namespace arb::net {

class LoopCore;

/// What run_once does while nothing is ready: poll again at once, yield the processor between polls, or wait
/// in the kernel (a few microseconds to tens of them slower to notice a frame).
enum class Idle { spin, yield, sleep };

class Loop {
  public:
    explicit Loop(Idle idle = Idle::sleep);
    ~Loop();
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    /// Handles everything that is ready; when nothing is, idles up to `max_wait` for something (0: returns at
    /// once). True when anything happened. All callbacks of this folder come from here and from nowhere else.
    /// Must not be called from a callback.
    bool run_once(std::chrono::nanoseconds max_wait);

    void set_idle(Idle idle);

    /// The steady clock as this turn of the loop read it.
    std::chrono::steady_clock::time_point now() const;

    /// Any thread: ends the waiting of a sleeping run_once.
    void wake();

    LoopCore& core() { return *core_; }  ///< for the other classes of this folder

  private:
    std::unique_ptr<LoopCore> core_;
};

}  // namespace arb::net
