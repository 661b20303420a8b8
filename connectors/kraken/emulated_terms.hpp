#pragma once
// What the matching does not know of the emulated Kraken's orders: that one is a market order, the money it
// may spend, its client's number, and when it was amended. Part of the emulated venue; one thread.
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/emulate/emulated_venue.hpp"

namespace arb::kraken {

struct OrderTerms {
    bool is_market = false;
    Amount money;  ///< to spend; zero: its volume is a quantity
    std::optional<std::int32_t> userref;
};

class EmulatedTerms {
  public:
    /// `exchange` outlives it.
    explicit EmulatedTerms(const EmulatedMarket& exchange) : exchange_(exchange) {}

    void keep(std::uint64_t id, const OrderTerms& terms);
    const OrderTerms& of(std::uint64_t id) const;
    /// Open orders with that number of their client's.
    std::vector<const EmulatedOrder*> with_reference(AccountId account, std::string_view userref) const;

    /// An order was told of by the matching. True: it was amended since that was told last.
    bool note(const EmulatedOrder& order, const EmulatedTrade* trade, Timestamp now);
    /// Since when it is as it is.
    Timestamp begin_of(const EmulatedOrder& order) const;

  private:
    struct Amended {
        std::uint32_t times = 0;  ///< as told
        Timestamp last;
    };
    const EmulatedMarket& exchange_;
    std::map<std::uint64_t, OrderTerms> terms_;  ///< of orders that have any
    std::map<std::uint64_t, Amended> amended_;   ///< open orders, by id
};

}  // namespace arb::kraken
