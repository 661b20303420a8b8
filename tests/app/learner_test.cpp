// The first pass of imports: unknown symbols are learnt with the decimals they were seen with, and known
// ones keep their tick and lot while finer units are noted.
#include "engine/app/recordings/learner.hpp"

#include <gtest/gtest.h>

#include "connectors/registry.hpp"

namespace arb {
namespace {

constexpr Timestamp kLearnerNow{1'700'000'000'000'000'000};
const VenueKey kSpot{"binance", "spot"};

const ConnectorType& binance()
{
    for (const ConnectorType* type : connectors()) {
        if (type->exchange == "binance") return *type;
    }
    throw std::logic_error("there is a connector for binance");
}

std::string delta(const std::string& symbol, const std::string& bid, const std::string& quantity)
{
    return R"({"e":"depthUpdate","E":1700000000123,"s":")" + symbol + R"(","U":501,"u":504,"b":[[")" + bid +
           "\",\"" + quantity + R"("]],"a":[["37001.00000000","0.00000000"]]})";
}

ListingDefinition known(const char* tick, const char* lot)
{
    ListingDefinition d = *binance().guess_listing("spot", "BTCUSDT");
    d.tick = *Decimal::parse(tick);
    d.lot = *Decimal::parse(lot);
    return d;
}

std::vector<ListingDefinition> learnt(const std::vector<ListingDefinition>& definitions,
                                      const std::vector<std::string>& frames)
{
    ConnectorLearner learner(binance(), kSpot, definitions);
    learner.open(1, binance().stream_url("spot"), kLearnerNow);
    for (const std::string& frame : frames) learner.frame(1, frame, kLearnerNow);
    return learner.result();
}

TEST(Learner, unknown_symbols_get_the_decimals_they_were_seen_with)
{
    const auto result = learnt({}, {delta("BTCUSDT", "37000.10000000", "1.50000000"),
                                    delta("ETHUSDT", "2000.00000000", "3.00000000"),
                                    delta("BTCUSDT", "37000.25000000", "0.00420000")});
    ASSERT_EQ(result.size(), 2U);
    EXPECT_EQ(result[0].symbol, "BTCUSDT");
    EXPECT_EQ(result[0].instrument_name(), "BTC/USDT");
    EXPECT_TRUE(result[0].inferred);
    EXPECT_EQ(result[0].tick.text(), "0.01");
    EXPECT_EQ(result[0].lot.text(), "0.0001");
    EXPECT_EQ(result[1].instrument_name(), "ETH/USDT");
    EXPECT_EQ(result[1].tick.text(), "1");
    EXPECT_EQ(result[1].lot.text(), "1");
}

TEST(Learner, finer_units_of_old_orders_are_noted_beside_tick_and_lot)
{
    const auto result = learnt({known("0.1", "0.001")}, {delta("BTCUSDT", "37000.25", "0.123456")});
    ASSERT_EQ(result.size(), 1U);
    EXPECT_FALSE(result[0].inferred);
    EXPECT_EQ(result[0].tick.text(), "0.1");
    EXPECT_EQ(result[0].lot.text(), "0.001");
    EXPECT_EQ(result[0].price_unit.text(), "0.01");
    EXPECT_EQ(result[0].quantity_unit.text(), "0.000001");
}

TEST(Learner, known_listings_stay_as_they_are_and_unseen_ones_are_left_out)
{
    ListingDefinition eth = *binance().guess_listing("spot", "ETHUSDT");
    eth.tick = eth.lot = *Decimal::parse("0.01");
    const ListingDefinition btc = known("0.01", "0.00001");
    const auto result = learnt({btc, eth}, {delta("BTCUSDT", "37000.10000000", "0.00420000")});
    ASSERT_EQ(result.size(), 1U);
    EXPECT_EQ(result[0], btc);
}

TEST(Learner, what_tells_nothing_teaches_nothing)
{
    EXPECT_TRUE(
        learnt({}, {"", "{}", "[]", "nonsense", delta("", "1", "1"), delta("BTCUSDT", "x", "1")}).empty());
}

}  // namespace
}  // namespace arb
