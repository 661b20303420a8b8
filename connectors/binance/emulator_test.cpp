// What the emulator writes, the connector must read back: instruments, levels, numbering, trades.
#include "connectors/binance/emulator.hpp"

#include <gtest/gtest.h>

#include "connectors/binance/test_support.hpp"
#include "engine/emulate/emulator.hpp"

namespace arb::binance {
namespace {

using test::Remembered;

constexpr Timestamp kTime{1'700'000'000'250'000'000};

class EmulatorTest : public ::testing::TestWithParam<const char*> {
  protected:
    void deliver(const std::vector<VenueMessage>& messages)
    {
        for (const VenueMessage& message : messages) {
            PaddedBuffer buffer(message.text);
            if (message.http)
                decoder_.http({message.url, 200, buffer.text_of()}, kTime, sink_);
            else
                decoder_.frame(ConnectionId{1}, buffer.text_of(), kTime, sink_);
        }
    }
    Level level(std::int64_t ticks, std::int64_t lots) const
    {
        return {{listing_.tick.units * ticks}, {listing_.lot.units * lots}};
    }

    InstrumentTable table_ = test::table_of(GetParam());
    const Listing& listing_ = table_.listing(ListingId{0});
    const Instrument& instrument_ = table_.instrument_of(ListingId{0});
    std::unique_ptr<Emulator> emulator_ = type().make_emulator(GetParam());
    Decoder decoder_{VenueSetup{VenueId{0}, &table_, 0}};
    Remembered sink_;
};

TEST_P(EmulatorTest, BooksQuotesAndTradesSurviveTheWire)
{
    const std::vector<Level> bids{level(1000, 5), level(999, 70)}, asks{level(1001, 3)};
    std::vector<VenueMessage> out;
    emulator_->subscribe(instrument_, listing_, {bids, asks}, kTime, out);
    deliver(out);
    ASSERT_TRUE(sink_.troubles.empty());
    ASSERT_EQ(sink_.books.size(), 2U);  // a buffered change, then the snapshot
    const Remembered::Book buffered = sink_.books[0], snapshot = sink_.books[1];
    EXPECT_FALSE(buffered.update.snapshot);
    EXPECT_TRUE(snapshot.update.snapshot);
    EXPECT_LE(buffered.update.sequence_first, snapshot.update.sequence_last);
    EXPECT_GE(buffered.update.sequence_last, snapshot.update.sequence_last);
    EXPECT_EQ(snapshot.bids, bids);
    EXPECT_EQ(snapshot.asks, asks);
    ASSERT_EQ(sink_.quotes.size(), 1U);
    EXPECT_EQ(sink_.quotes[0].bid, bids[0]);
    EXPECT_EQ(sink_.quotes[0].ask, asks[0]);

    std::uint64_t last = buffered.update.sequence_last;
    for (int i = 0; i < 3; ++i) {
        sink_.clear();
        out.clear();
        const std::vector<Level> changed{level(1000, 0), level(999, 8 + i)}, now{level(999, 8 + i)};
        emulator_->change(instrument_, listing_, changed, {}, {now, asks}, kTime, out);
        deliver(out);
        ASSERT_EQ(sink_.books.size(), 1U);
        EXPECT_EQ(sink_.books[0].bids, changed);
        EXPECT_TRUE(sink_.books[0].asks.empty());
        const BookUpdate& update = sink_.books[0].update;
        if (update.has_previous) {
            EXPECT_EQ(update.sequence_previous, last);
        } else {
            EXPECT_EQ(update.sequence_first, last + 1);
        }
        EXPECT_GE(update.sequence_last, update.sequence_first);
        last = update.sequence_last;
        ASSERT_EQ(sink_.quotes.size(), 1U);
        EXPECT_EQ(sink_.quotes[0].bid, now[0]);
    }

    sink_.clear();
    out.clear();
    Trade trade;
    trade.listing = listing_.id;
    trade.price = level(1001, 0).price;
    trade.quantity = level(0, 2).quantity;
    trade.aggressor = Side::sell;
    trade.venue_time = kTime;
    emulator_->trade(instrument_, listing_, trade, out);
    deliver(out);
    ASSERT_EQ(sink_.trades.size(), 1U);
    EXPECT_EQ(sink_.trades[0].price, trade.price);
    EXPECT_EQ(sink_.trades[0].quantity, trade.quantity);
    EXPECT_EQ(sink_.trades[0].aggressor, Side::sell);
    EXPECT_EQ(sink_.trades[0].venue_time, kTime);
    EXPECT_TRUE(sink_.troubles.empty());
}

TEST_P(EmulatorTest, AnEmptiedSideIsQuotedAsNone)
{
    const std::vector<Level> bids{level(10, 1)}, gone{level(10, 0)};
    std::vector<VenueMessage> out;
    emulator_->subscribe(instrument_, listing_, {bids, {}}, kTime, out);
    emulator_->change(instrument_, listing_, gone, {}, {}, kTime, out);
    deliver(out);
    EXPECT_TRUE(sink_.troubles.empty());
    ASSERT_EQ(sink_.quotes.size(), 2U);
    EXPECT_EQ(sink_.quotes[0].ask, Level{});
    EXPECT_EQ(sink_.quotes[1].bid, Level{});
}

TEST_P(EmulatorTest, InstrumentsAreReadBack)
{
    const std::string market = GetParam();
    std::vector<ListingDefinition> definitions;
    for (const char* symbol : {"BTCUSDT", "BTCUSDT_231229"}) {
        if (market == "usdm") definitions.push_back(test::listing(market, symbol, "0.1", "0.001"));
    }
    for (const char* symbol : {"BTCUSD_PERP", "LINKUSD_231229"}) {
        if (market == "coinm") definitions.push_back(test::listing(market, symbol, "0.1", "1"));
    }
    if (market == "spot") definitions.push_back(test::listing(market, "ETHBTC", "0.00001", "0.0001"));
    if (market != "coinm") definitions[0].notional_min = test::decimal("7.5");
    definitions.back().status = ListingStatus::halted;
    const VenueMessage reply = emulator_->instruments(definitions);
    EXPECT_TRUE(reply.http);
    EXPECT_EQ(type().market_of_url(reply.url), market);
    auto read = type().read_instruments(market, reply.url, reply.text);
    ASSERT_TRUE(read) << read.error().message;
    // The connector's own: no part of what the venue says.
    for (ListingDefinition& d : read.value()) d.price_unit = d.quantity_unit = {};
    EXPECT_EQ(read.value(), definitions);
}

TEST_P(EmulatorTest, SpeaksAtTheAddressThatTheVenuePlans)
{
    const auto venue = type().make({VenueId{0}, &table_, 0});
    const ListingId listings[] = {ListingId{0}};
    EXPECT_EQ(venue->plan(listings)[0].url, emulator_->stream_url());
    EXPECT_EQ(type().stream_url(GetParam()), emulator_->stream_url());
}

INSTANTIATE_TEST_SUITE_P(Markets, EmulatorTest, ::testing::Values("spot", "usdm", "coinm"),
                         [](const auto& market) { return std::string(market.param); });

}  // namespace
}  // namespace arb::binance
