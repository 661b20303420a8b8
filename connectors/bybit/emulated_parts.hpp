#pragma once
// The emulated Bybit in parts, which know each other by this: EmulatedBybit hands requests and frames to the
// part that answers them. One thread.
#include <tuple>

#include "connectors/bybit/emulated_account.hpp"
#include "connectors/bybit/emulated_instruments.hpp"
#include "connectors/bybit/emulated_lists.hpp"
#include "connectors/bybit/emulated_orders.hpp"
#include "connectors/bybit/emulated_sessions.hpp"

namespace arb::bybit {

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
