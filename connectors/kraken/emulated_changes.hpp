#pragma once
// What a client of the emulated Kraken does to orders that stand: amends, cancels of one, of many and of all,
// and the timer that cancels all of them. Part of the emulated venue; one thread.
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

}  // namespace arb::kraken
