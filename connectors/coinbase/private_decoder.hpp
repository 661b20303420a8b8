#pragma once
// Coinbase's private messages to facts: orders of the user channel and of the order history, fills, accounts,
// fee tiers. Used by the user stream and the REST half, core thread. Each object is read whole or told as
// undecoded. Client ids that are not ours become kForeignOrder. Orders and fills of products that are not
// configured are passed over.
#include <array>
#include <string_view>

#include "connectors/coinbase/aliases.hpp"
#include "connectors/coinbase/known_orders.hpp"
#include "connectors/coinbase/private_fields.hpp"
#include "engine/venue/venue.hpp"

namespace arb::coinbase {

/// What became of an object.
enum class Reading : std::uint8_t {
    told,        ///< a fact was handed on
    elsewhere,   ///< a product or kind that is not ours
    unreadable,  ///< told as undecoded
};

class PrivateDecoder {
  public:
    explicit PrivateDecoder(const VenueSetup& setup)
        : venue_(setup.id), table_(setup.table), aliases_(*setup.table, setup.id)
    {
    }

    KnownOrders& known() { return known_; }

    /// An element of the user channel's `orders`. `entry` is what is known of it afterwards, if told.
    Reading stream_order(simdjson::dom::object object, Timestamp time, FactSink& sink, KnownOrder*& entry);
    /// An order of the history.
    Reading history_order(simdjson::dom::object object, FactSink& sink, KnownOrder*& entry);
    /// An element of `fills`; the order must be among the known ones. `size` is the filled quantity.
    Reading fill(simdjson::dom::object object, FactSink& sink, Quantity& size);
    /// The listing of an order's product; nullptr: none of ours. An order on an alias product may be told
    /// under its target's name: an order that is known, by either id, stays where it is.
    const Listing* listing_of(std::string_view product, std::string_view venue_id, OrderId order);
    /// Where an order of ours was sent.
    void sent_to(OrderId order, ListingId listing)
    {
        if (published_as(table_->listing(listing)) != table_->listing(listing).symbol)
            sent_[sent_count_++ % sent_.size()] = {order, listing};
    }

  private:
    static Reading unreadable(const PrivateFields& fields, FactSink& sink, std::string_view text);
    KnownOrder* tell(OrderReport& report, FactSink& sink);

    VenueId venue_;
    const InstrumentTable* table_;
    Aliases aliases_;
    KnownOrders known_;
    struct Sent {
        OrderId order = kForeignOrder;
        ListingId listing = kNoListing;
    };
    std::array<Sent, 256> sent_{};  ///< the latest orders on alias products
    std::size_t sent_count_ = 0;
};

/// The venue's status word and reject reason as ours; false: a word that is not documented.
bool read_status(std::string_view word, std::string_view reject_reason, Quantity filled, OrderStatus& status,
                 RejectReason& reason);

}  // namespace arb::coinbase
