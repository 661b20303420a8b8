#pragma once
// Orders at the emulated OKX from wherever they come, alone or in batches: placed and cancelled here, amended
// by EmulatedAmends. Asked by EmulatedOkx and its websockets; one thread. Refusals are OKX's codes in
// answers.
#include "connectors/okx/emulated_amends.hpp"

namespace arb::okx {

class EmulatedOrders : EmulatedPart {
  public:
    using EmulatedPart::EmulatedPart;

    Answer one(OrderVerb verb, const OrderWish& wish);
    /// Up to 20 orders, which `wishes` lists.
    Answer batch(OrderVerb verb, const OrderWish& wishes);

  private:
    Answer place(const OrderWish& wish);
    Answer cancel(const OrderWish& wish);
    /// OKX's code where the account's settings do not allow the order; empty: they do.
    std::string_view unsettled(const JsonBody& argument, const Listing& listing) const;

    EmulatedAmends amends_{parts_};
};

}  // namespace arb::okx
