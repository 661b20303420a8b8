// Six minutes of the three markets as they were sent, read with the steps that exchangeInfo told of them: no
// level is too fine, no book is lost. The captures are not part of the project: skipped where they are not.
#include <gtest/gtest.h>

#include <filesystem>

#include <fmt/format.h>

#include "connectors/binance/test_support.hpp"
#include "engine/journal/line_source.hpp"
#include "engine/market/book_builder.hpp"

namespace arb::binance {
namespace {

struct RecordedMarket {
    const char *market, *symbol, *tick, *price_max, *lot, *quantity_max, *file;
};

class RecordedSteps : public ::testing::TestWithParam<RecordedMarket> {};

INSTANTIATE_TEST_SUITE_P(
    Markets, RecordedSteps,
    ::testing::Values(RecordedMarket{"spot", "BTCUSDT", "0.01000000", "1000000.00000000", "0.00001000",
                                     "9000.00000000", "binance_spot_btcusdt_20240808.txt.zst"},
                      RecordedMarket{"usdm", "BTCUSDT", "0.10", "4529764", "0.001", "1000",
                                     "binance_usdm_btcusdt_20240808.txt.zst"},
                      RecordedMarket{"coinm", "BTCUSD_PERP", "0.1", "4520958", "1", "1000000",
                                     "binance_coinm_btcusd_perp_20240808.txt.zst"}),
    [](const auto& info) { return std::string(info.param.market); });

InstrumentTable table_of_list(const RecordedMarket& m)
{
    const std::string body = fmt::format(
        R"({{"symbols":[{{"symbol":"{}","status":"TRADING","contractStatus":"TRADING","contractSize":100,)"
        R"("contractType":"PERPETUAL","baseAsset":"BTC","quoteAsset":"{}","baseAssetPrecision":8,)"
        R"("quotePrecision":8,"filters":[{{"filterType":"PRICE_FILTER","maxPrice":"{}","tickSize":"{}"}},)"
        R"({{"filterType":"LOT_SIZE","minQty":"{}","maxQty":"{}","stepSize":"{}"}}]}}]}})",
        m.symbol, std::string_view(m.market) == "coinm" ? "USD" : "USDT", m.price_max, m.tick, m.lot,
        m.quantity_max, m.lot);
    const std::string url = type().instrument_urls(m.market)[0];
    auto read = type().read_instruments(m.market, url, body);
    EXPECT_TRUE(read);
    return InstrumentTable::build({{{"binance", m.market}, std::move(read).take()}}).take();
}

struct Judged final : test::Remembered {
    explicit Judged(BookBuilder& b) : builder(b) {}
    void on_book(const BookUpdate& update) override
    {
        outcomes[static_cast<std::size_t>(builder.apply(update))]++;
        lost += was_valid && !builder.valid() ? 1 : 0;
        was_valid = builder.valid();
    }
    void on_quote(const BestQuote&) override {}
    void on_trade(const Trade&) override {}
    BookBuilder& builder;
    std::array<std::size_t, 8> outcomes{};
    bool was_valid = false;
    int lost = 0;
};

TEST_P(RecordedSteps, EveryLevelIsReadAndTheBookStaysValid)
{
    const char* const folder = std::getenv("ARBITER_DATA");
    const std::string root = folder != nullptr ? folder : std::string(ARBITER_SOURCE_DIR) + "/../shared/data";
    const std::string path = root + "/multi_venue/" + GetParam().file;
    if (!std::filesystem::exists(path)) GTEST_SKIP() << "no capture " << path << "; set ARBITER_DATA";
    auto source = LineSource::open(path);
    ASSERT_TRUE(source);
    const InstrumentTable table = table_of_list(GetParam());
    const Listing& listing = table.listings()[0];
    const auto venue = type().make({VenueId{0}, &table, 0});
    const auto plans = venue->plan(std::vector<ListingId>{listing.id});
    BookBuilder builder(table.instrument_of(listing.id), listing, venue->sequence_rule(listing), {});
    Judged sink(builder);
    test::Wishes wishes;
    venue->on_open(ConnectionId{1}, plans[0].url, Timestamp{1}, sink, wishes);
    const std::string snapshot_url = type().snapshot_url(GetParam().market, GetParam().symbol);
    std::string_view line;
    PaddedBuffer buffer;
    while (source.value().next(line)) {
        const std::size_t space = line.find(' ');
        const Timestamp time{std::stoll(std::string(line.substr(0, space)))};
        const PaddedText text = buffer.assign(line.substr(space + 1));
        if (line.find("lastUpdateId", space) < space + 16)
            venue->on_http({snapshot_url, 200, text}, time, sink, wishes);
        else
            venue->on_frame(ConnectionId{1}, text, time, sink, wishes);
    }
    EXPECT_TRUE(sink.troubles.empty()) << name(sink.troubles[0].reason) << " " << sink.troubles.size();
    EXPECT_EQ(sink.lost, 0);
    EXPECT_TRUE(builder.valid());
    EXPECT_EQ(builder.stats().gaps, 0U);
    EXPECT_GT(builder.stats().applied, 1'000U);
}

}  // namespace
}  // namespace arb::binance
