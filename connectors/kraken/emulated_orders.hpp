#pragma once
// Orders at the emulated Kraken: placed, one or many at a time, what a client asks for in the websocket's
// words read, judged and handed to the matching (EmulatedOrders); amends, cancels of one, of many and of all,
// and the timer that cancels all of them (EmulatedChanges). Part of the emulated venue; one thread.
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/kraken/emulated_dialect.hpp"
#include "connectors/kraken/emulated_forms.hpp"
#include "connectors/kraken/emulated_limits.hpp"
#include "connectors/kraken/emulated_terms.hpp"

namespace arb::kraken {

class EmulatedChanges : EmulatedPart {
  public:
    using EmulatedPart::EmulatedPart;

    Answer amend(const EmulatedKey& key, const Json& parameters, Timestamp now);
    Answer cancel(const EmulatedKey& key, std::string_view id, bool by_client, Timestamp now);
    /// As the websocket asks: one answer an order.
    std::vector<Answer> cancel_each(const EmulatedKey& key, const Json& parameters, Timestamp now);
    /// At least `least` ids.
    Answer cancel_many(const EmulatedKey& key, const std::set<std::string>& ids,
                       const std::set<std::string>& clients, std::size_t least, Timestamp now);
    /// As the websocket asks.
    Answer cancel_batch(const EmulatedKey& key, const Json& parameters, Timestamp now);
    Answer cancel_all(const EmulatedKey& key, Timestamp now);
    /// In so many seconds; 0: never.
    Answer cancel_after(const EmulatedKey& key, std::string_view timeout, Timestamp now);

  private:
    const EmulatedOrder* find(const EmulatedKey& key, std::string_view id, bool by_client) const;
    /// The refusal; empty: it was done.
    std::string amend_order(const EmulatedOrder& order, const Json& parameters, Timestamp now);

    std::uint64_t next_amend_ = 1;
};

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
