#pragma once
// The first pass of an import: decodes with the venue's own connector at a scale finer than its instruments,
// so that it sees which listings occur and the finest step in each one's prices and quantities. Unknown
// symbols are guessed from their text and marked as inferred; of known ones, units finer than tick and lot
// (orders older than a change of the step) are noted as price_unit and quantity_unit. Cold path, one thread.
#include <memory>
#include <string>
#include <vector>

#include "engine/journal/import.hpp"
#include "engine/venue/venue.hpp"

namespace arb {

class ConnectorLearner final : public VenueDirectory::Learner, private FactSink, private Outbox {
  public:
    ConnectorLearner(const ConnectorType& type, const VenueKey& key,
                     const std::vector<ListingDefinition>& known);
    ~ConnectorLearner() override;

    void open(std::uint16_t connection, std::string_view url, Timestamp time) override;
    void frame(std::uint16_t connection, std::string_view text, Timestamp time) override;
    void http(std::string_view url, std::string_view body, Timestamp time) override;
    std::vector<ListingDefinition> result() const override;

  private:
    struct Seen {
        ListingDefinition definition;
        bool learnt = false;  // guessed from its symbol
        bool seen = false;
        unsigned price_decimals = 0;  // needed by what was seen
        unsigned quantity_decimals = 0;
        unsigned order = 0;
    };
    struct Opened {
        std::uint16_t connection;
        std::string url;
        Timestamp time;
    };
    void rebuild();
    void note(ListingId listing, Price price, Quantity quantity);
    template <class Feed>
    void feed(Feed&& feed);

    void on_book(const BookUpdate& update) override;
    void on_quote(const BestQuote& quote) override;
    void on_trade(const Trade& trade) override;
    void on_connection_sequence(ConnectionId, std::uint64_t) override {}
    void on_acknowledged(ConnectionId, ListingId, bool) override {}
    void on_venue_time(Timestamp, Timestamp) override {}
    void on_undecoded(const Undecoded& undecoded) override;
    void send(ConnectionId, std::string_view) override {}
    void request(const HttpRequest&) override {}
    void wake_at(VenueId, Timestamp) override {}
    void reconnect(ConnectionId, std::string_view) override {}

    const ConnectorType* type_;
    VenueKey key_;
    std::vector<Seen> listings_;  // by place in the table
    std::unique_ptr<InstrumentTable> table_;
    std::unique_ptr<Venue> venue_;
    std::vector<Opened> opened_;
    std::vector<std::string> unknown_;   // symbols met in the current input
    std::vector<std::string> hopeless_;  // symbols that tell nothing
    PaddedBuffer buffer_;
    unsigned next_order_ = 0;
};

}  // namespace arb
