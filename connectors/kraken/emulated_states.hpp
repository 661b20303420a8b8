#pragma once
// The emulated Kraken's channel `instrument`, which tells what each pair takes. Part of the emulated venue;
// one thread.
#include <map>
#include <string>

#include "connectors/kraken/emulated_sessions.hpp"
#include "connectors/kraken/emulated_words.hpp"

namespace arb::kraken {

class EmulatedStates {
  public:
    /// Both outlive it.
    EmulatedStates(const EmulatedWords& words, EmulatedSessions& sessions)
        : words_(words), sessions_(sessions)
    {
    }

    void subscribe(const SocketCall& call);
    /// Pairs whose status is another one than what was told last.
    void tell(Timestamp now, SessionOutbox& out);

  private:
    const EmulatedWords& words_;
    EmulatedSessions& sessions_;
    std::map<ListingId, std::string> told_;
};

}  // namespace arb::kraken
