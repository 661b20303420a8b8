#include "engine/app/shell/signals.hpp"

namespace arb {
namespace {

volatile std::sig_atomic_t signals_received = 0;

extern "C" void count_signal(int)
{
    signals_received = signals_received + 1;
}

}  // namespace

Signals::Signals()
{
    signals_received = 0;
    struct sigaction action {};
    action.sa_handler = &count_signal;
    sigaction(SIGINT, &action, &old_int_);
    sigaction(SIGTERM, &action, &old_term_);
    // Whoever started it under nohup wants it to go on.
    sigaction(SIGHUP, nullptr, &old_hangup_);
    if (old_hangup_.sa_handler != SIG_IGN) sigaction(SIGHUP, &action, nullptr);
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, &old_pipe_);
}

Signals::~Signals()
{
    sigaction(SIGINT, &old_int_, nullptr);
    sigaction(SIGTERM, &old_term_, nullptr);
    sigaction(SIGHUP, &old_hangup_, nullptr);
    sigaction(SIGPIPE, &old_pipe_, nullptr);
}

int Signals::count() const
{
    return signals_received;
}

}  // namespace arb
