#pragma once
// What everybody may see of the emulated Gate, on its public channels and by REST. Each depth of a book is
// kept as its subscribers have it, so that a change says what differs and its ids follow each other. Asked by
// EmulatedEndpoints and EmulatedSessions; one thread.
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "connectors/gate/emulated_dialect.hpp"
#include "connectors/gate/emulator.hpp"

namespace arb::gate {

/// A message for who subscribed to that topic, "spot.obu ob.BTC_USDT.50".
struct PublicNews {
    std::string topic, text;
};

class EmulatedMarketData : EmulatedPart {
  public:
    using EmulatedPart::EmulatedPart;

    VenueAnswer time(const EmulatedCall& call) const;
    VenueAnswer instruments(const EmulatedCall& call) const;
    VenueAnswer order_book(const EmulatedCall& call);
    VenueAnswer funding_rates(const EmulatedCall& call) const;

    /// Gate's word against a subscription; empty: there is such a stream.
    std::string refusal(std::string_view channel, std::string_view name) const;
    /// What a new subscriber of a stream that there is hears first; empty: nothing.
    std::string first_message(std::string_view topic, std::string_view name, Timestamp now);

    std::vector<PublicNews> book_changed(ListingId id, const EmulatedBook& book, Timestamp now);
    std::vector<PublicNews> traded(const Trade& trade);

  private:
    using SideMap = std::map<std::int64_t, std::int64_t>;  ///< quantities by price
    /// One depth of one book.
    struct Feed {
        SideMap bids, asks;
        std::int64_t update = 0;
        int changes = 0;
        bool known = false;
    };

    bool read_stream(std::string_view name, const Listing*& listing, std::uint32_t& depth) const;
    Feed& feed(ListingId listing, std::uint32_t depth);
    void change_feed(const Listing& listing, std::uint32_t depth, const EmulatedBook& book, Timestamp now,
                     std::vector<PublicNews>& out);
    std::string full_message(const Listing& listing, std::uint32_t depth, Timestamp now);
    std::string top_message(const Listing& listing, Timestamp now);
    std::string ticker_message(const Listing& listing, Timestamp now) const;

    std::unique_ptr<Emulator> emulator_ =
        make_emulator(setup_.market);  ///< instrument lists and public trades
    std::map<std::pair<ListingId, std::uint32_t>, Feed> feeds_;
};

}  // namespace arb::gate
