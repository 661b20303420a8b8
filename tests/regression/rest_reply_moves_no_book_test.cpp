// Escaped once: a REST snapshot was booked to the connection of the frame before it, so closing that
// connection emptied a book that another one feeds.

#include <gtest/gtest.h>

#include "connectors/registry.hpp"
#include "engine/journal/writer.hpp"
#include "engine/sim/session.hpp"
#include "tests/market/support.hpp"
#include "tests/support/temporary_folder.hpp"

namespace arb {
namespace {

TEST(Regression, a_rest_reply_leaves_its_book_on_its_connection)
{
    const InstrumentTable table = test::one_listing();
    Markets markets(table, std::vector<SequenceRule>(1), BookLimits{}, {}, nullptr);
    markets.on_update(ConnectionId{0}, test::delta(0, 0).bid(99, 1).view());
    markets.on_update(kNoConnection, test::snapshot(0).view());
    markets.on_close(ConnectionId{1}, test::time_ms(2));
    EXPECT_EQ(markets.builder(ListingId{0}).state(), BookState::valid);
    markets.on_close(ConnectionId{0}, test::time_ms(2));
    EXPECT_EQ(markets.builder(ListingId{0}).state(), BookState::empty);
}

std::string delta_of(const char* symbol)
{
    return std::string(R"({"e":"depthUpdate","E":1700000000123,"s":")") + symbol +
           R"(","U":501,"u":504,"b":[["100.1","1"]],"a":[["100.2","1"]]})";
}

TEST(Regression, the_engine_keeps_it_so_from_the_frames_on)
{
    const test::TemporaryFolder folder;
    const std::string path = folder.at("replies.arb");
    const std::string stream = "wss://stream.binance.com:9443/ws";
    JournalHeader header;
    header.venues = {{{"binance", "spot"},
                      {test::definition("BTCUSDT", "0.1", "1"), test::definition("ETHUSDT", "0.1", "1")}}};
    header.venues[0].definitions[1].base = "ETH";
    JournalWriter writer = JournalWriter::create(path, header).take();
    writer.open(VenueId{0}, ConnectionId{0}, test::at_ms(1), stream);
    writer.open(VenueId{0}, ConnectionId{1}, test::at_ms(2), stream);
    writer.frame(VenueId{0}, ConnectionId{0}, test::at_ms(3), delta_of("BTCUSDT"));
    writer.frame(VenueId{0}, ConnectionId{1}, test::at_ms(4), delta_of("ETHUSDT"));
    writer.http(VenueId{0}, test::at_ms(5), "https://api.binance.com/api/v3/depth?symbol=BTCUSDT&limit=100",
                200, R"({"lastUpdateId":502,"bids":[["100.0","1"]],"asks":[["100.3","1"]]})");
    writer.close(VenueId{0}, ConnectionId{1}, test::at_ms(6), "test");
    writer.close(VenueId{0}, ConnectionId{0}, test::at_ms(7), "test");
    ASSERT_TRUE(static_cast<bool>(writer.finish()));
    SessionRequest request;
    request.recordings = {path};
    request.plugins.connectors = connectors();
    request.trading = false;
    Session session(std::move(request));
    const BookBuilder& btc = session.engine().markets().builder(ListingId{0});
    for (int i = 0; i < 5; ++i) session.step();
    EXPECT_EQ(btc.state(), BookState::valid);
    session.step();  // the other connection closes
    EXPECT_EQ(btc.state(), BookState::valid);
    session.step();  // its own
    EXPECT_EQ(btc.state(), BookState::empty);
}

}  // namespace
}  // namespace arb
