#pragma once
// SIGINT, SIGTERM and SIGHUP (a terminal that went away) counted instead of ending the process, while an
// object of this lives. SIGPIPE is ignored: a log that nobody reads must not end a trading process. One
// object at a time, main thread.
#include <csignal>

namespace arb {

class Signals {
  public:
    Signals();
    ~Signals();
    Signals(const Signals&) = delete;
    Signals& operator=(const Signals&) = delete;
    int count() const;

  private:
    struct sigaction old_int_ {
    }, old_term_{}, old_hangup_{}, old_pipe_{};
};

}  // namespace arb
