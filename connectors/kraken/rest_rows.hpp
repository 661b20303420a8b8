#pragma once
// What the rows of Kraken's REST replies say, as facts: orders, trades, balances, fees, and what the venue
// calls pairs and assets. A row that cannot be read or placed is reported and clears the question's
// `complete`: whoever asked must not take the answer for the whole truth. Called by Questions; core thread,
// allocates.
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <simdjson.h>

#include "connectors/kraken/names.hpp"
#include "connectors/kraken/order_memory.hpp"
#include "engine/connect/inquiries.hpp"
#include "engine/venue/venue.hpp"

namespace arb::kraken {

/// A trade names its order by the venue's id alone: it waits until the owner is known.
struct Homeless {
    FillReport report;
    std::string trade_id, venue_id, fee_asset;
};

class RestRows {
  public:
    using Json = simdjson::dom::element;

    RestRows(const VenueSetup& setup, OrderMemory& orders)
        : setup_(setup), orders_(&orders), pairs_(*setup.table, setup.id)
    {
    }

    /// True: it is the order that was asked for.
    bool order(std::string_view id, const Json& row, Inquiry& question, FactSink& sink);
    /// Of the orders of which the stream told too little: those of which enough is known now come first in
    /// `ids`, and are done.
    void wanted(const Json& result, Inquiry& question, FactSink& sink);
    void trade(std::string_view id, const Json& row, Inquiry& question, std::vector<Homeless>& out,
               FactSink& sink);
    /// The orders of these of which nobody knows whose they are.
    std::vector<std::string> without_owner(const std::vector<Homeless>& trades) const;
    /// Whose orders these are.
    void owners(const Json& result);
    /// The trades whose owners are known. The others are not told as a stranger's: something is missing.
    void place(const std::vector<Homeless>& trades, Inquiry& question, FactSink& sink) const;
    void balances(const Json& result, Inquiry& question, FactSink& sink);
    void fees(const Json& result, std::span<const ListingId> asked, Inquiry& question, FactSink& sink);
    /// Rows of all assets, or of the pair of that name.
    void names(const Json& result, const std::vector<std::string>& pair);

    bool knows_assets() const { return assets_.known(); }
    /// There are rewards beside it, which the stream counts apart.
    bool is_rewarded(std::string_view asset) const;
    std::string_view for_request(ListingId listing) const { return pairs_.for_request(listing); }
    /// Names of pairs that nobody knows, for the venue to be asked; each comes once.
    std::vector<std::string> take_unknown() { return std::exchange(unknown_, {}); }
    /// The venue did not say what it is: it comes once more.
    void forget(const std::string& pair) { std::erase(asked_pairs_, pair); }

    static void undecoded(UndecodedReason reason, std::string_view text, FactSink& sink)
    {
        sink.on_undecoded({reason, kNoListing, kNoConnection, text});
    }

  private:
    const Listing* listing_of(std::string_view pair, Inquiry& question, FactSink& sink);
    static void spoil(Inquiry& question, UndecodedReason reason, std::string_view text, FactSink& sink)
    {
        question.complete = false;
        undecoded(reason, text, sink);
    }

    VenueSetup setup_;
    OrderMemory* orders_;
    AssetNames assets_;
    PairNames pairs_;
    std::vector<std::string> asked_pairs_;  ///< the venue was asked what they are, or is to be
    std::vector<std::string> unknown_;      ///< of them, those that it is still to be asked for
    std::vector<std::string> rewarded_;
};

}  // namespace arb::kraken
