#pragma once
// The emulated Kraken's channel `instrument`, which tells what each pair takes. Part of the emulated venue;
// one thread.
#include <map>
#include <string>

#include "connectors/kraken/emulated_dialect.hpp"
#include "connectors/kraken/emulated_sessions.hpp"

namespace arb::kraken {

class EmulatedStates {
  public:
    /// Both outlive it.
    EmulatedStates(const EmulatedDialect& dialect, EmulatedSessions& sessions)
        : dialect_(dialect), sessions_(sessions)
    {
    }

    void subscribe(const SocketCall& call);
    /// Pairs whose status is another one than what was told last.
    void tell(Timestamp now, SessionOutbox& out);

  private:
    const EmulatedDialect& dialect_;
    EmulatedSessions& sessions_;
    std::map<ListingId, std::string> told_;
};

}  // namespace arb::kraken
