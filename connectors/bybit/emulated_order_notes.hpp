#pragma once
// What the matching does not know of an order at the emulated Bybit, and how the venue tells the whole of it
// and its trades. Changed by EmulatedOrders; one thread, no errors.
#include <map>
#include <string>

#include "connectors/bybit/emulated_dialect.hpp"
#include "engine/emulate/words.hpp"

namespace arb::bybit {

inline constexpr Word<TimeInForce> kForces[] = {
    {"GTC", TimeInForce::gtc},
    {"IOC", TimeInForce::ioc},
    {"FOK", TimeInForce::fok},
    {"PostOnly", TimeInForce::post_only},
};

/// What a client asked for beside what the matching knows.
struct AskedTerms {
    int position = 0;
    bool market = false, quote_units = false, reduce_only = false;
    std::string prevention = "None";
    std::string quantity;     ///< as it was asked for, in `quote_units`
    bool would_take = false;  ///< post-only: it ended because its new price would have taken
};

class EmulatedOrderNotes : EmulatedPart {
  public:
    using EmulatedPart::EmulatedPart;

    void keep(std::uint64_t id, AskedTerms asked) { asked_[id] = std::move(asked); }
    /// It ends because its new price would have taken.
    void end_taker(std::uint64_t id) { asked_[id].would_take = true; }
    /// The order that a call names; nullptr: there is none of this account's.
    const EmulatedOrder* find(const EmulatedCall& call) const;

    std::string order_json(const EmulatedOrder& matched) const;
    std::string trade_json(const EmulatedTrade& trade, const EmulatedOrder* order) const;
    /// As `execution.fast` tells it.
    std::string fast_json(const EmulatedTrade& trade, const EmulatedOrder& order) const;

  private:
    std::map<std::uint64_t, AskedTerms> asked_;  ///< by the matching's order id
};

}  // namespace arb::bybit
