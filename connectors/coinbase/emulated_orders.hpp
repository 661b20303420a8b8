#pragma once
// Orders at the emulated Coinbase: placing, cancelling in batches, amending, which the venue calls editing,
// and previews: what an order would cost, and why it would be refused. Asked by EmulatedCoinbase; one thread.
#include "connectors/coinbase/emulated_call.hpp"
#include "connectors/coinbase/emulated_order_notes.hpp"

namespace arb::coinbase {

class EmulatedOrders : EmulatedPart {
  public:
    using EmulatedPart::EmulatedPart;

    CoinbaseAnswer place(const EmulatedCall& call);
    CoinbaseAnswer cancel(const EmulatedCall& call);
    /// Another price or size for a limit order that rests.
    CoinbaseAnswer amend(const EmulatedCall& call);
    CoinbaseAnswer preview(const EmulatedCall& call);

  private:
    CoinbaseAnswer placed(const EmulatedOrder& order) const;
    CoinbaseAnswer amend_terms(JsonBody body, const EmulatedOrder& order, Timestamp now);
    PlaceError foreseen(const PlaceOrder& order, Amount total) const;
    std::string preview_json(const PlaceOrder& order, const MarketTerms& said, std::string_view refusal);

    std::uint64_t previews_ = 0;
};

}  // namespace arb::coinbase
