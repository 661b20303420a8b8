#pragma once
// Bybit's words about orders, executions, wallets and positions as facts: one reader for the private stream
// and for REST lists, which share their objects. Called by the private stream and the REST half on the core
// thread. Entries of other categories and of symbols that are not listed are left out of a stream and of
// positions; in a list of orders or executions, and where an entry cannot be read, they are told as Undecoded
// and make the answer false. No allocation, no exception.
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include "connectors/bybit/errors.hpp"
#include "engine/venue/venue.hpp"

namespace arb::bybit {

class PrivateDecoder {
  public:
    explicit PrivateDecoder(const VenueSetup& setup)
        : venue_(setup.id), table_(setup.table), category_(setup.table->venue(setup.id).market)
    {
        sides_.resize(table_->listings().size());
    }

    /// A frame with a `topic`.
    void event(const simdjson::dom::object& root, ConnectionId connection, FactSink& sink);

    bool order(simdjson::dom::element entry, ReportSource source, ConnectionId connection, FactSink& sink);
    bool execution(simdjson::dom::element entry, ReportSource source, ConnectionId connection,
                   FactSink& sink) const;
    /// An account with its coins.
    bool wallet(simdjson::dom::element entry, ReportSource source, Timestamp time, ConnectionId connection,
                FactSink& sink) const;
    bool position(simdjson::dom::element entry, ReportSource source, Timestamp time, ConnectionId connection,
                  FactSink& sink) const;

    // Hedge mode: a position is told as the sum of both sides of its symbol. note_side keeps one of them and
    // comes for every row of a list before the first position() of it.
    void note_side(simdjson::dom::element entry);

  private:
    struct Sides {
        Quantity bought, sold;
    };
    /// The report's status in the light of what was told before.
    OrderStatus settled(const OrderReport& report);
    bool ours(std::string_view category) const { return category.empty() || category == category_; }
    static bool trouble(UndecodedReason reason, ConnectionId connection, std::string_view text,
                        FactSink& sink);
    static bool stranger(ReportSource source, ConnectionId connection, std::string_view symbol,
                         FactSink& sink);

    VenueId venue_;
    const InstrumentTable* table_;
    std::string category_;
    std::vector<Sides> sides_;            // by listing
    std::array<OrderId, 1024> rested_{};  // our orders that were told working, each in its number's place
};

}  // namespace arb::bybit
