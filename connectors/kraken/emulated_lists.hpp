#pragma once
// What a client asks the emulated Kraken by REST about his own: orders, trades, balances, fees, what a key
// may do. Orders name their pair by its altname, trades and fees by its key. Const; part of the emulated
// venue.
#include <optional>
#include <string>
#include <string_view>

#include "connectors/kraken/emulated_dialect.hpp"
#include "connectors/kraken/emulated_forms.hpp"
#include "connectors/kraken/emulated_terms.hpp"

namespace arb::kraken {

class EmulatedLists : EmulatedPart {
  public:
    using EmulatedPart::EmulatedPart;

    /// nullopt: that is no list.
    std::optional<Answer> answer(std::string_view name, std::string_view form, const EmulatedKey& key) const;
    Answer key_info(const EmulatedKey& key) const;

  private:
    Answer orders(const EmulatedKey& key, std::string_view form, bool open) const;
    Answer query_orders(const EmulatedKey& key, std::string_view form) const;
    Answer trades(const EmulatedKey& key, std::string_view form) const;
    Answer balances(const EmulatedKey& key, bool extended) const;
    Answer volume(std::string_view form) const;
    std::string order_json(const EmulatedOrder& order, bool with_trades) const;
};

}  // namespace arb::kraken
