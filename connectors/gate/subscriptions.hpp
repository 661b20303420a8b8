#pragma once
// What is subscribed on the websockets of market data, and how it is asked for: lists of pairs, a refused
// list again pair by pair (one bad pair refuses all), and what the server failed to do once more later.
// A part of the venue; core thread, sans-I/O.
#include <string>
#include <string_view>
#include <vector>

#include "connectors/gate/decoder.hpp"
#include "engine/venue/venue.hpp"

namespace arb::gate {

class Subscriptions {
  public:
    /// `depth`: levels wanted a side; 0: as many as come fastest.
    Subscriptions(VenueId venue, const InstrumentTable& table, std::uint32_t depth);

    void subscribe(ConnectionId connection, const std::vector<ListingId>& listings, Timestamp now,
                   Outbox& outbox) const;
    /// Ends one book's stream and begins it anew, which makes the venue send the whole book.
    void renew_book(ConnectionId connection, ListingId listing, Timestamp now, Outbox& outbox) const;
    /// The venue refused a subscription of this connection.
    void on_refused(ConnectionId connection, const Decoder::Refusal& refusal, Timestamp now, Outbox& outbox);
    void on_close(ConnectionId connection);
    void on_wake(Timestamp now, Outbox& outbox);
    void ping(ConnectionId connection, Timestamp now, Outbox& outbox) const;

  private:
    struct Waiting {
        ConnectionId connection{};
        ListingId listing = kNoListing;
        bool book = false;
        Timestamp due;
    };
    std::string name_of(ListingId listing, bool book) const;
    ListingId listing_of(std::string_view name, bool book) const;
    void send(ConnectionId connection, bool book, std::string_view event, std::string_view payload,
              Timestamp now, Outbox& outbox) const;

    VenueId venue_;
    const InstrumentTable* table_;
    std::string_view prefix_;  ///< of the channels of this market
    std::uint32_t depth_;
    std::vector<Waiting> waiting_;
};

}  // namespace arb::gate
