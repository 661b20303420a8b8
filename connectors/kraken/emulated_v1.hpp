#pragma once
// The emulated Kraken's older public websocket (v1), as far as books and trades: arrays that name their
// channel and pair last, numbers as text, pairs in their old spelling. Part of the emulated venue; one
// thread.
#include <map>
#include <string>
#include <utility>

#include "connectors/kraken/emulated_dialect.hpp"
#include "connectors/kraken/emulated_sessions.hpp"
#include "connectors/kraken/emulator.hpp"

namespace arb::kraken {

class EmulatedV1 : EmulatedPart {
  public:
    using EmulatedPart::EmulatedPart;

    void on_frame(SessionId id, const Json& message, Timestamp now, SessionOutbox& out);
    /// To one that is in its channel.
    void tell_book(SessionId id, const Listing& listing, std::span<const Level> bids,
                   std::span<const Level> asks, const EmulatedBook& book, Timestamp now, SessionOutbox& out);
    std::string trade_frame(const Listing& listing, const Trade& trade) const;
    void close(SessionId id);

  private:
    void subscribe(SessionId id, const Json& message, const Listing& listing, Timestamp now,
                   SessionOutbox& out);
    std::string level_rows(const Listing& listing, std::span<const Level> levels, Timestamp now) const;

    std::map<std::pair<SessionId, ListingId>, Emulator> books_;  ///< each cut to the depth asked for
};

}  // namespace arb::kraken
