#pragma once
// Our own orders and what venues say of them. An intent is a wish; only RiskGate turns one into an
// ApprovedOrder (engine/trading/risk_gate.hpp), and only that can be sent. Events carry the venue's evidence:
// fills with the venue's trade id, and the terminal word. Plain values, core thread.
#include <cstdint>

#include "engine/base/ids.hpp"
#include "engine/base/money.hpp"
#include "engine/base/time.hpp"

namespace arb {

enum class TimeInForce : std::uint8_t {
    ioc,        ///< fill at once what the limit allows, cancel the rest
    fok,        ///< all at once or nothing
    gtc,        ///< rest until cancelled
    post_only,  ///< rest, refused if it would take
};

struct OrderIntent {
    ListingId listing = kNoListing;
    Side side = Side::buy;
    TimeInForce time_in_force = TimeInForce::ioc;
    Price price;  ///< limit; there are no unpriced orders
    Quantity quantity;
};

enum class RejectReason : std::uint8_t {
    none,
    tick,  ///< price off the venue's step
    lot,   ///< quantity off the venue's step or below its minimum
    notional_minimum,
    balance,
    would_take,  ///< post-only that would trade at once
    no_market,   ///< the book is not known at the venue's moment of matching, or trading is halted
    count_,
};

const char* name(RejectReason reason);

struct Fill {
    std::uint64_t trade_id = 0;  ///< the venue's; a fill counts once by it
    Price price;
    Quantity quantity;
    Amount notional;  ///< quote currency
    Amount fee;       ///< quote currency, negative for a rebate
    bool maker = false;
};

enum class OrderEventKind : std::uint8_t {
    accepted,
    fill,
    done,      ///< terminal: filled or the rest cancelled
    rejected,  ///< terminal: nothing happened
};

struct OrderEvent {
    OrderId order{};
    OrderEventKind kind = OrderEventKind::accepted;
    RejectReason reason = RejectReason::none;
    Fill fill;
    Timestamp time;  ///< when we learn of it
};

}  // namespace arb
