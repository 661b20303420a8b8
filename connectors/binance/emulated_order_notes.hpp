#pragma once
// What the matching behind the emulated Binance does not know of an order: how it was told, what was asked
// for with it, whether the venue's history has it. By the order's number; one thread, no errors.
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "engine/emulate/emulated_venue.hpp"
#include "engine/emulate/words.hpp"

namespace arb::binance {

/// Spot has another type of order for what never takes.
inline constexpr Word<TimeInForce> kForces[] = {
    {"GTC", TimeInForce::gtc},
    {"IOC", TimeInForce::ioc},
    {"FOK", TimeInForce::fok},
    {"GTX", TimeInForce::post_only},
};

class EmulatedOrderNotes {
  public:
    /// Refused, and so not in the venue's history.
    void hide(std::uint64_t order) { notes_[order].hidden = true; }
    bool hidden(const EmulatedOrder& order) const { return note(order.id).hidden; }

    /// A market order, and the money that it was told by.
    void set_market(std::uint64_t order, Amount money) { notes_[order].market = money; }
    bool is_market(const EmulatedOrder& order) const { return note(order.id).market.has_value(); }
    Amount money(const EmulatedOrder& order) const { return note(order.id).market.value_or(Amount{}); }

    void set_prevention(std::uint64_t order, std::string_view mode) { notes_[order].prevention = mode; }
    std::string_view prevention(std::uint64_t order) const { return note(order).prevention; }

    /// In hedge mode.
    void set_position_side(std::uint64_t order, std::string_view side) { notes_[order].side = side; }
    std::string_view position_side(std::uint64_t order) const { return note(order).side; }

    /// "modifyId" of the last amend; empty: it had none.
    void set_mark(std::uint64_t order, std::string_view mark) { notes_[order].mark = mark; }
    std::string_view mark(std::uint64_t order) const { return note(order).mark; }
    /// The first word of an open order after its terms were changed tells that.
    bool tells_amend(const EmulatedOrder& order, const EmulatedTrade* trade)
    {
        if (trade != nullptr || order.state != EmulatedState::open || order.amends == 0) return false;
        return std::exchange(notes_[order.id].amends_told, order.amends) != order.amends;
    }

  private:
    struct Note {
        bool hidden = false;
        std::optional<Amount> market;
        std::string prevention = "EXPIRE_MAKER", side = "BOTH", mark;
        std::uint32_t amends_told = 0;
    };
    const Note& note(std::uint64_t order) const
    {
        static const Note kNone;
        const auto found = notes_.find(order);
        return found == notes_.end() ? kNone : found->second;
    }

    std::map<std::uint64_t, Note> notes_;
};

}  // namespace arb::binance
