#pragma once
// Orders placed at the emulated Kraken, one or many at a time: what a client asks for in the websocket's
// words is read, judged and handed to the matching. Part of the emulated venue; one thread.
#include <string>
#include <vector>

#include "connectors/kraken/emulated_dialect.hpp"
#include "connectors/kraken/emulated_forms.hpp"
#include "connectors/kraken/emulated_limits.hpp"
#include "connectors/kraken/emulated_terms.hpp"

namespace arb::kraken {

class EmulatedOrders : EmulatedPart {
  public:
    using EmulatedPart::EmulatedPart;

    /// `only_looked_at`: judged and not placed.
    Answer add(const EmulatedKey& key, const Json& parameters, bool only_looked_at, Timestamp now);
    /// The refusal of them all, or one answer an order.
    std::string add_all(const EmulatedKey& key, const Listing* listing, const std::vector<Json>& orders,
                        bool only_looked_at, Timestamp now, std::vector<Answer>& answers);
    /// The same, as the websocket asks and is answered.
    Answer add_batch(const EmulatedKey& key, const Json& parameters, Timestamp now);

  private:
    struct Wish {
        PlaceOrder order;
        OrderTerms terms;
    };
    /// The refusal; empty: `wish` is what was asked for.
    std::string read(const EmulatedKey& key, const Listing& listing, const Json& parameters,
                     Wish& wish) const;
    std::string read_amounts(const Listing& listing, const Json& parameters, Wish& wish) const;
    /// What is found wrong before an order meets the market; empty: nothing.
    std::string judge(const Wish& wish) const;
    Answer submit(Wish wish, Timestamp now);
};

}  // namespace arb::kraken
