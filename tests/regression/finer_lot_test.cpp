// Escaped once: a REST snapshot holds orders older than a change of the lot, with more decimals than today's
// lot; refusing them left the book without a snapshot for ever.
#include <gtest/gtest.h>

#include "connectors/registry.hpp"
#include "tests/market/support.hpp"

namespace arb {
namespace {

class Sink final : public FactSink, public Outbox {
  public:
    test::Levels bids;
    std::vector<UndecodedReason> troubles;
    void on_book(const BookUpdate& update) override { bids.assign(update.bids.begin(), update.bids.end()); }
    void on_quote(const BestQuote&) override {}
    void on_trade(const Trade&) override {}
    void on_connection_sequence(ConnectionId, std::uint64_t) override {}
    void on_acknowledged(ConnectionId, ListingId, bool) override {}
    void on_venue_time(Timestamp, Timestamp) override {}
    void on_undecoded(const Undecoded& undecoded) override { troubles.push_back(undecoded.reason); }
    void send(ConnectionId, std::string_view) override {}
    void request(const HttpRequest&) override {}
    void wake_at(VenueId, Timestamp) override {}
    void reconnect(ConnectionId, std::string_view) override {}
};

Sink snapshot_with(const char* quantity_unit)
{
    ListingDefinition d = test::definition("BTCUSDT", "0.1", "0.001");
    d.quantity_unit = *Decimal::parse(quantity_unit);
    const InstrumentTable table = InstrumentTable::build({{{"binance", "spot"}, {d}}}).take();
    Sink sink;
    for (const ConnectorType* type : connectors()) {
        if (type->exchange != "binance") continue;
        const auto venue = type->make({VenueId{0}, &table, 0});
        (void)venue->plan(std::vector<ListingId>{ListingId{0}});
        const PaddedBuffer body(
            R"({"lastUpdateId":502,"bids":[["100.0","0.123456"]],"asks":[["100.3","1"]]})");
        venue->on_http({type->snapshot_url("spot", "BTCUSDT"), 200, body.text_of()}, test::at_ms(1), sink,
                       sink);
    }
    return sink;
}

TEST(Regression, a_snapshot_finer_than_todays_lot_is_read)
{
    const Sink sink = snapshot_with("0.000001");
    EXPECT_TRUE(sink.troubles.empty());
    ASSERT_EQ(sink.bids.size(), 1U);
    EXPECT_EQ(sink.bids[0].quantity.units, 123'456);
}

TEST(Regression, without_a_finer_unit_that_level_alone_is_cut_and_counted)
{
    const Sink sink = snapshot_with("0");
    ASSERT_EQ(sink.bids.size(), 1U);
    EXPECT_EQ(sink.bids[0].quantity.units, 123);
    ASSERT_EQ(sink.troubles.size(), 1U);
    EXPECT_EQ(sink.troubles[0], UndecodedReason::too_precise);
}

}  // namespace
}  // namespace arb
