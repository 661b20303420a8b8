#pragma once
// Disconnect protection ("DCP") of the emulated Bybit: once all sockets of an account that subscribed it are
// dead for the window, every order is cancelled. The sessions tell who listens; one thread.
#include <map>

#include "connectors/bybit/emulated_dialect.hpp"

namespace arb::bybit {

class EmulatedDeadMan : EmulatedPart {
  public:
    using EmulatedPart::EmulatedPart;

    Answer set(const EmulatedCall& call);
    Answer information(const EmulatedCall& call) const;
    bool is_on(AccountId account) const { return switches_.count(account) > 0; }
    std::string_view topic() const { return dialect_.spot() ? "dcp.spot" : "dcp.future"; }
    /// The account's session is subscribed, or not any more.
    void listen(SessionId session, AccountId account, bool subscribed, Timestamp now);

  private:
    struct Switch {
        Duration window;
        bool armed = false;
    };

    std::string_view product() const { return dialect_.spot() ? "SPOT" : "DERIVATIVES"; }
    void watch(AccountId account, Timestamp now);

    std::map<AccountId, Switch> switches_;
    std::map<SessionId, AccountId> listeners_;
};

}  // namespace arb::bybit
