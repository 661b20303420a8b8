#pragma once
// What the matching does not know of an order at the emulated Coinbase, and how the venue tells the whole of
// it: which orders clients never see, what market orders said of themselves, edits, and orders that are taken
// but not open yet. Changed by EmulatedOrders and by what the matching tells; one thread, no errors.
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/coinbase/emulated_dialect.hpp"

namespace arb::coinbase {

/// What a market order said of itself.
struct MarketTerms {
    bool market = false;
    std::string money;  ///< quote_size; empty: its size is the base's
};

class EmulatedOrderNotes : EmulatedPart {
  public:
    struct Terms {
        Price price;
        Quantity quantity;
        Timestamp accepted;
    };

    using EmulatedPart::EmulatedPart;

    /// The matching refused it: for clients there never was such an order.
    void hide(std::uint64_t id) { hidden_.insert(id); }
    bool is_hidden(std::uint64_t id) const { return hidden_.count(id) != 0; }
    /// By the venue's id; nullptr: there is none of this account's.
    const EmulatedOrder* find(AccountId account, std::string_view id) const;
    void keep_terms(std::uint64_t id, MarketTerms said) { market_orders_[id] = std::move(said); }
    bool is_market(std::uint64_t id) const { return market_orders_.count(id) != 0; }
    /// An edit was taken, of an order with these terms.
    void edit(std::uint64_t id, const Terms& before) { amends_[id].before = before; }
    /// The matching has told of the order.
    void settle_in(const EmulatedOrder& order, Timestamp now);
    /// Orders that have become open meanwhile.
    std::vector<const EmulatedOrder*> settled(Timestamp now);
    bool is_settling(std::uint64_t id) const { return settling_.count(id) != 0; }

    std::string_view status_word(const EmulatedOrder& order) const;
    std::string configuration_json(const EmulatedOrder& order) const;
    /// As lists tell it, with that status.
    std::string order_json(const EmulatedOrder& order, std::string_view word) const;
    /// As the user channel tells it.
    std::string stream_order_json(const EmulatedOrder& order) const;

  private:
    struct Settling {
        AccountId account{};
        std::string_view word;  ///< its status until then
        Timestamp until;
    };
    struct Amends {
        Terms before;  ///< the latest of them
        std::uint32_t count = 0;
        std::vector<Terms> latest;
    };
    bool note_amend(const EmulatedOrder& order, Timestamp now);
    EmulatedOrder standing(const EmulatedOrder& order) const;
    std::string amends_json(const EmulatedOrder& order) const;

    std::set<std::uint64_t> hidden_;
    std::map<std::uint64_t, MarketTerms> market_orders_;
    std::map<std::uint64_t, Settling> settling_;  ///< taken, not open yet; or an edit is under way
    std::map<std::uint64_t, Amends> amends_;
};

}  // namespace arb::coinbase
