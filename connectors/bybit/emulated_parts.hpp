#pragma once
// The emulated Bybit in parts, which know each other by this: EmulatedBybit hands requests and frames to the
// part that answers them. One thread.
#include <tuple>

#include "connectors/bybit/emulated_account.hpp"
#include "connectors/bybit/emulated_instruments.hpp"
#include "connectors/bybit/emulated_lists.hpp"
#include "connectors/bybit/emulated_orders.hpp"
#include "connectors/bybit/emulated_sessions.hpp"
#include "connectors/bybit/emulated_tape.hpp"

namespace arb::bybit {

/// The counter that all topics share, never contiguous within one: `seq` of books and trades, `cs` of
/// tickers.
class EmulatedSequence {
  public:
    std::int64_t next(std::int64_t step) { return value_ += step; }
    std::int64_t value() const { return value_; }

  private:
    std::int64_t value_ = 7'961'638'724;
};

struct EmulatedParts {
    EmulatedVenueSetup setup;
    EmulatedDialect dialect{setup};
    EmulatedWorth worth{*this};
    EmulatedSequence sequence{};
    EmulatedIdentity identity{setup};
    EmulatedInstruments instruments{*this};
    EmulatedBooks books{*this};
    EmulatedTape tape{*this};
    EmulatedPositions positions{*this};
    EmulatedOrderNotes notes{*this};
    EmulatedOrders orders{*this};
    EmulatedLists lists{*this};
    EmulatedDeadMan dead_man{*this};
    EmulatedAccount account{*this};
    EmulatedSessions sessions{*this};

    /// Counts a call and does what is posted to that path, which is one of the venue's.
    Answer post(std::string_view path, const EmulatedCall& call);

    /// Those that answer endpoints.
    auto answering()
    {
        return std::tie(instruments, books, tape, orders, lists, positions, account, dead_man);
    }
};

}  // namespace arb::bybit
