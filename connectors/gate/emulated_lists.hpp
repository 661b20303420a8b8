#pragma once
// The questions about an account's orders and fills at the emulated Gate: one order, pages of orders, pages
// of fills, and for contracts both by spans of time (EmulatedLists); fills in its words, with Gate's numbers:
// it counts them by market, so that two markets have fills of one number (EmulatedFills). One thread.
#include <map>
#include <string>
#include <string_view>

#include "connectors/gate/emulated_dialect.hpp"
#include "connectors/gate/emulated_order_notes.hpp"

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

class EmulatedLists : EmulatedPart {
  public:
    using EmulatedPart::EmulatedPart;

    VenueAnswer order(const EmulatedCall& call) const;
    VenueAnswer orders(const EmulatedCall& call) const;
    VenueAnswer orders_of_span(const EmulatedCall& call) const;
    VenueAnswer fills(const EmulatedCall& call) { return list_fills(call, false); }
    VenueAnswer fills_of_span(const EmulatedCall& call) { return list_fills(call, true); }

  private:
    /// How many entries of a list come before the page that is asked for.
    std::size_t skipped_entries(const EmulatedCall& call, std::size_t page) const;
    /// `status` empty: those that are open and those that have ended.
    VenueAnswer list_orders(const EmulatedCall& call, const Listing* listing, std::string_view status) const;
    VenueAnswer list_fills(const EmulatedCall& call, bool by_span);
};

}  // namespace arb::gate
