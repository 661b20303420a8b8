#pragma once
// Our own orders and what venues say of them. An intent is a wish; only RiskGate turns one into an
// ApprovedOrder (engine/trading/risk_gate.hpp), and only that can be sent. Events carry the venue's evidence:
// fills with the venue's trade id, and the terminal word. Plain values, core thread.
#include <array>
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

/// It never rests: it has ended when the venue has answered.
constexpr bool is_immediate(TimeInForce tif)
{
    return tif == TimeInForce::ioc || tif == TimeInForce::fok;
}

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
    would_take,    ///< post-only that would trade at once
    no_market,     ///< the book is not known at the venue's moment of matching, or trading is halted
    unfilled,      ///< fill-or-kill that could not be filled
    price_limit,   ///< outside the venue's own price band
    rate_limited,  ///< the venue refused to look at it: too many requests, or banned
    permission,    ///< key, signature, IP address or permission refused
    clock,         ///< our timestamp was outside the venue's window
    duplicate,     ///< the client id is in use: the order may already be there
    self_trade,    ///< would have traded with our own order
    too_many,      ///< too many open orders
    other,         ///< refused by a documented code that fits nothing above
    count_,
};

const char* name(RejectReason reason);

/// What a fee was taken from. Many spot venues charge a buyer in the asset bought.
enum class FeeAsset : std::uint8_t {
    quote,
    base,
    other,  ///< a third asset (a venue's own token)
};

struct Fill {
    OrderId order{};             ///< set where the fill is told on
    std::uint64_t trade_id = 0;  ///< the venue's; a fill counts once by it
    Price price;
    Quantity quantity;
    Amount notional;  ///< quote currency
    Amount fee;       ///< valued in quote currency, negative for a rebate
    bool maker = false;
    FeeAsset fee_asset = FeeAsset::quote;
    Amount fee_paid;                  ///< in the fee's asset; used unless that is the quote currency
    std::array<char, 16> fee_name{};  ///< FeeAsset::other: the asset, zero-terminated
    /// The trade as the venue's statements name it, zero-terminated; empty: simulated, or too long to be
    /// kept.
    std::array<char, 40> trade_name{};
    Timestamp venue_time;  ///< 0: not told
};

enum class OrderEventKind : std::uint8_t {
    accepted,
    fill,
    done,          ///< terminal: filled or the rest cancelled
    rejected,      ///< terminal: nothing happened
    amended,       ///< it has the price it was to have from here on
    amend_failed,  ///< it has its old price, or what became of the wish is not known
};

struct OrderEvent {
    OrderId order{};
    OrderEventKind kind = OrderEventKind::accepted;
    RejectReason reason = RejectReason::none;
    Fill fill;
    Timestamp time;  ///< when we learn of it
    Price price{};   ///< amended: its limit
};

/// Proof that an order passed the gate. Only RiskGate makes one, and a venue accepts nothing else.
class ApprovedOrder {
  public:
    OrderId id() const { return id_; }
    PackageId package() const { return package_; }
    const OrderIntent& intent() const { return intent_; }

  private:
    friend class RiskGate;
    ApprovedOrder(OrderId id, PackageId package, const OrderIntent& intent)
        : id_(id), package_(package), intent_(intent)
    {
    }
    OrderId id_;
    PackageId package_;
    OrderIntent intent_;
};

/// Proof that another price of an order that rests passed the gate; only RiskGate makes one. The order keeps
/// its id, and what of it is filled stays filled.
class ApprovedAmend {
  public:
    OrderId id() const { return id_; }
    PackageId package() const { return package_; }
    /// The order as it shall stand: the new price, the quantity it was ordered with.
    const OrderIntent& intent() const { return intent_; }

  private:
    friend class RiskGate;
    ApprovedAmend(OrderId id, PackageId package, const OrderIntent& intent)
        : id_(id), package_(package), intent_(intent)
    {
    }
    OrderId id_;
    PackageId package_;
    OrderIntent intent_;
};

}  // namespace arb
