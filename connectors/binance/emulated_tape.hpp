#pragma once
// Public trades of the emulated Binance: on streams, by REST and on the websocket API under the same numbers.
// Each trade is an aggregate of its own. One thread; errors are Binance's codes in answers.
#include <vector>

#include "connectors/binance/emulated_sessions.hpp"
#include "engine/emulate/public_tape.hpp"

namespace arb::binance {

class EmulatedTape : EmulatedPart {
  public:
    using EmulatedPart::EmulatedPart;

    Answer recent_trades(const Call&) const;
    Answer historical_trades(const Call&) const;
    Answer aggregate_trades(const Call&) const;
    Answer average_of_minutes(const Call&) const;
    TapeDay day(ListingId id, Timestamp now) const { return tape_.day(id, now); }

    /// A book, which a tape begins with.
    void open(ListingId id, const EmulatedBook& book, Timestamp now) { tape_.begin(id, book, now); }
    void on_trade(const Trade& trade, SessionOutbox& out);

  private:
    static constexpr std::uint64_t kFirstTrade = 7'001;

    Answer list_trades(const Call&, bool from) const;
    Answer pick_trades(const Call&, bool times, ListingId& id, std::vector<const TapeTrade*>& found) const;

    PublicTape tape_{table_, kFirstTrade};
};

}  // namespace arb::binance
