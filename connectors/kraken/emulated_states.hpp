#pragma once
// The emulated Kraken's channel `instrument`, which tells what each pair takes. Part of the emulated venue;
// one thread.
#include <map>
#include <string>

#include "connectors/kraken/emulated_dialect.hpp"
#include "connectors/kraken/emulated_sessions.hpp"

namespace arb::kraken {

class EmulatedStates : EmulatedPart {
  public:
    using EmulatedPart::EmulatedPart;

    void subscribe(const SocketCall& call);
    /// Pairs whose status is another one than what was told last.
    void tell(Timestamp now, SessionOutbox& out);

  private:
    std::map<ListingId, std::string> told_;
};

}  // namespace arb::kraken
