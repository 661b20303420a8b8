#pragma once
// Previews at the emulated Coinbase: what an order would cost and why it would be refused, without placing
// it. Asked by EmulatedCoinbase; one thread.
#include "connectors/coinbase/emulated_call.hpp"
#include "connectors/coinbase/emulated_order_notes.hpp"

namespace arb::coinbase {

class EmulatedPreview {
  public:
    EmulatedPreview(const EmulatedVenueSetup& setup, const EmulatedWords& words)
        : setup_(setup), words_(words)
    {
    }

    CoinbaseAnswer preview(const EmulatedCall& call);

  private:
    PlaceError foreseen(const PlaceOrder& order, Amount total) const;
    std::string preview_json(const PlaceOrder& order, const MarketTerms& said, std::string_view refusal);

    const EmulatedVenueSetup& setup_;
    const EmulatedWords& words_;
    std::uint64_t previews_ = 0;
};

}  // namespace arb::coinbase
