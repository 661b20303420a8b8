#pragma once
// The dead man's timers of the emulated OKX, an account's by tag: what is not set again in time cancels the
// account's orders. Set by REST, run by the venue's tick; one thread.
#include <map>
#include <string>
#include <utility>

#include "connectors/okx/emulated_call.hpp"
#include "connectors/okx/emulated_order_notes.hpp"

namespace arb::okx {

class EmulatedDeadMan : EmulatedPart {
  public:
    using EmulatedPart::EmulatedPart;

    Answer set(const EmulatedCall& call);
    void run(Timestamp now);

  private:
    std::map<std::pair<AccountId, std::string>, Timestamp> timers_;  ///< by tag
};

}  // namespace arb::okx
