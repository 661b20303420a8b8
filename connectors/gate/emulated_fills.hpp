#pragma once
// Fills of the emulated Gate in its words, for both markets, with Gate's numbers: it counts them by market,
// so that two markets have fills of one number. Asked by lists and for the account's channel; one thread.
#include <map>
#include <string>

#include "connectors/gate/emulated_dialect.hpp"

namespace arb::gate {

class EmulatedFills : EmulatedPart {
  public:
    using EmulatedPart::EmulatedPart;

    /// As lists tell it.
    std::string fill_json(const EmulatedTrade& trade, Form form);
    /// As contracts' list of a span of time tells it, under another name and without milliseconds.
    std::string fill_of_span(const EmulatedTrade& trade, Form form);
    /// As the account's channel tells it.
    std::string fill_news(const EmulatedTrade& trade, Form form);

  private:
    std::uint64_t number(const EmulatedTrade& trade);
    std::string client_text(const EmulatedTrade& trade) const;
    std::string contract_fill(const EmulatedTrade& trade, Form form);

    std::map<std::uint64_t, std::uint64_t> numbers_;  ///< by the matching's trade id
    std::map<ListingId, std::uint64_t> last_;
};

}  // namespace arb::gate
