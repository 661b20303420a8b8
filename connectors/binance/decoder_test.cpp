// Golden frames to exact facts, through the quick reader and through the general walk, which must agree.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "connectors/binance/test_support.hpp"

namespace arb::binance {
namespace {

std::string read_file(const std::string& path)
{
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

using test::Remembered;

constexpr Timestamp kNow{1'700'000'009'000'000'000};
constexpr ConnectionId kConnection{3};

class DecoderTest : public ::testing::Test {
  protected:
    static std::string frame_text(const std::string& name)
    {
        std::string text =
            read_file(std::string(ARBITER_SOURCE_DIR) + "/connectors/binance/frames/" + name + ".json");
        EXPECT_FALSE(text.empty()) << name;
        return text;
    }
    // Decodes both ways, checks that the facts are as many, and returns those of the ordinary way.
    Remembered decode(std::string_view market, const std::string& name)
    {
        const InstrumentTable table = test::table_of(market);
        Decoder decoder({VenueId{0}, &table, 0});
        const std::string text = frame_text(name);
        PaddedBuffer buffer(text);
        Remembered quick, general;
        control_ = decoder.frame(kConnection, buffer.text_of(), kNow, quick);
        const Control other = decoder.frame_general(kConnection, buffer.text_of(), kNow, general);
        EXPECT_EQ(control_.kind, other.kind);
        EXPECT_EQ(control_.id, other.id);
        EXPECT_EQ(quick.facts(), general.facts()) << name;
        EXPECT_EQ(quick.troubles, general.troubles) << name;
        for (std::size_t i = 0; i < quick.books.size(); ++i) {
            EXPECT_EQ(quick.books[i].bids, general.books[i].bids);
            EXPECT_EQ(quick.books[i].asks, general.books[i].asks);
        }
        return quick;
    }
    Remembered snapshot(std::string_view market, const std::string& name, std::string_view url,
                        int status = 200)
    {
        const InstrumentTable table = test::table_of(market);
        Decoder decoder({VenueId{0}, &table, 0});
        PaddedBuffer buffer(frame_text(name));
        Remembered sink;
        decoder.http({url, status, buffer.text_of()}, kNow, sink);
        return sink;
    }
    Control control_;
};

constexpr Timestamp milliseconds_at(std::int64_t ms)
{
    return {ms * 1'000'000};
}

TEST_F(DecoderTest, SpotDepthIsADeltaWithItsRangeOfUpdateIds)
{
    const Remembered facts = decode("spot", "spot_depth");
    ASSERT_EQ(facts.books.size(), 1U);
    const auto& [update, bids, asks] = facts.books[0];
    EXPECT_EQ(update.listing, ListingId{0});
    EXPECT_FALSE(update.snapshot);
    EXPECT_FALSE(update.has_previous);
    EXPECT_FALSE(update.has_checksum);
    EXPECT_EQ(update.sequence_first, 501U);
    EXPECT_EQ(update.sequence_last, 504U);
    EXPECT_EQ(update.venue_time, milliseconds_at(1700000000123));
    EXPECT_EQ(update.receive_time, kNow);
    // In units of 0.01 and 0.00001.
    EXPECT_EQ(bids, (std::vector<Level>{{{3700010}, {150000}}, {{3699900}, {0}}}));
    EXPECT_EQ(asks, (std::vector<Level>{{{3700125}, {420}}}));
}

TEST_F(DecoderTest, FuturesTellWhetherContractsTrade)
{
    for (const char* market : {"usdm", "coinm"}) {
        const Remembered facts = decode(market, std::string(market) + "_contract_info");
        using Told = std::vector<std::pair<ListingId, ListingStatus>>;
        EXPECT_EQ(facts.statuses, (Told{{ListingId{0}, ListingStatus::halted}})) << market;
        EXPECT_TRUE(facts.troubles.empty());
    }
    EXPECT_TRUE(decode("coinm", "usdm_contract_info").statuses.empty()) << "of the other market";
}

TEST_F(DecoderTest, TheCombinedStreamWrapperIsOpened)
{
    const Remembered facts = decode("spot", "spot_depth_wrapped");
    ASSERT_EQ(facts.books.size(), 1U);
    EXPECT_EQ(facts.books[0].update.listing, ListingId{1});
    EXPECT_TRUE(facts.books[0].bids.empty());
    EXPECT_EQ(facts.books[0].asks, (std::vector<Level>{{{5400}, {120000}}}));
}

TEST_F(DecoderTest, SpotBookTickerHasNeitherTypeNorTime)
{
    for (const char* name : {"spot_book_ticker", "spot_book_ticker_wrapped"}) {
        const Remembered facts = decode("spot", name);
        ASSERT_EQ(facts.quotes.size(), 1U) << name;
        const BestQuote& quote = facts.quotes[0];
        EXPECT_EQ(quote.listing, ListingId{0});
        EXPECT_EQ(quote.bid.price, Price{3700010});
        EXPECT_EQ(quote.ask, (Level{{3700020}, {25000}}));
        EXPECT_FALSE(quote.venue_time.known());
        EXPECT_EQ(quote.receive_time, kNow);
    }
    EXPECT_EQ(decode("spot", "spot_book_ticker").quotes[0].sequence, 9001U);
}

TEST_F(DecoderTest, TradesNameTheAggressor)
{
    Remembered facts = decode("spot", "spot_trade");
    ASSERT_EQ(facts.trades.size(), 1U);
    EXPECT_EQ(facts.trades[0].price, Price{3700020});
    EXPECT_EQ(facts.trades[0].quantity, Quantity{1300});
    EXPECT_EQ(facts.trades[0].aggressor, Side::sell);  // the buyer was the maker
    EXPECT_EQ(facts.trades[0].venue_time, milliseconds_at(1700000000499));
    facts = decode("spot", "spot_trade_old");  // with the order ids of both sides, as until 2023
    ASSERT_EQ(facts.trades.size(), 1U);
    EXPECT_EQ(facts.trades[0].aggressor, Side::buy);
    facts = decode("spot", "spot_agg_trade");
    ASSERT_EQ(facts.trades.size(), 1U);
    EXPECT_EQ(facts.trades[0].price, Price{3699999});
    EXPECT_EQ(facts.trades[0].quantity, Quantity{200000});
}

TEST_F(DecoderTest, UsdmDepthChainsByPreviousIdAndKeepsTheMatchingTime)
{
    Remembered facts = decode("usdm", "usdm_depth");
    ASSERT_EQ(facts.books.size(), 1U);
    const BookUpdate& update = facts.books[0].update;
    EXPECT_TRUE(update.has_previous);
    EXPECT_EQ(update.sequence_previous, 90050U);
    EXPECT_EQ(update.sequence_first, 90100U);
    EXPECT_EQ(update.sequence_last, 90250U);
    EXPECT_EQ(update.venue_time, milliseconds_at(1700000000118));
    EXPECT_EQ(facts.books[0].bids, (std::vector<Level>{{{370105}, {0}}, {{370104}, {2125}}}));
    facts = decode("usdm", "usdm_depth_new");  // newer keys, no levels: still a link of the chain
    ASSERT_EQ(facts.books.size(), 1U);
    EXPECT_EQ(facts.books[0].update.sequence_previous, 90250U);
}

TEST_F(DecoderTest, UsdmQuotesAndTrades)
{
    Remembered facts = decode("usdm", "usdm_book_ticker");
    ASSERT_EQ(facts.quotes.size(), 1U);
    EXPECT_EQ(facts.quotes[0].bid, (Level{{370104}, {2125}}));
    EXPECT_EQ(facts.quotes[0].venue_time, milliseconds_at(1700000000130));
    facts = decode("usdm", "usdm_agg_trade");
    ASSERT_EQ(facts.trades.size(), 1U);
    EXPECT_EQ(facts.trades[0].quantity, Quantity{400});
    facts = decode("usdm", "usdm_trade");
    ASSERT_EQ(facts.trades.size(), 1U);
    EXPECT_EQ(facts.trades[0].aggressor, Side::sell);
    facts = decode("usdm", "usdm_trade_fund");
    EXPECT_EQ(facts.facts(), 0U);
    EXPECT_TRUE(facts.troubles.empty());
}

TEST_F(DecoderTest, CoinmContractsBecomeQuoteCurrency)
{
    Remembered facts = decode("coinm", "coinm_depth");
    ASSERT_EQ(facts.books.size(), 1U);
    EXPECT_EQ(facts.books[0].bids, (std::vector<Level>{{{370051}, {1200}}}));  // 12 contracts of 100 USD
    EXPECT_EQ(facts.books[0].asks, (std::vector<Level>{{{370052}, {0}}, {{370060}, {300}}}));
    facts = decode("coinm", "coinm_book_ticker");
    ASSERT_EQ(facts.quotes.size(), 1U);
    EXPECT_EQ(facts.quotes[0].ask, (Level{{370053}, {700}}));
    facts = decode("coinm", "coinm_agg_trade");
    ASSERT_EQ(facts.trades.size(), 1U);
    EXPECT_EQ(facts.trades[0].listing, ListingId{1});
    EXPECT_EQ(facts.trades[0].quantity, Quantity{500});
}

TEST_F(DecoderTest, KnownMessagesWithoutBookContentAreSilent)
{
    for (const char* name : {"spot_kline", "spot_ticker", "spot_partial"}) {
        const Remembered facts = decode("spot", name);
        EXPECT_EQ(facts.facts(), 0U) << name;
        EXPECT_TRUE(facts.troubles.empty()) << name;
    }
    // A partial book of the futures has a delta's shape; only the stream's name tells that it is none.
    for (const char* name : {"usdm_mark_price", "usdm_partial"}) {
        const Remembered facts = decode("usdm", name);
        EXPECT_EQ(facts.facts(), 0U) << name;
        EXPECT_TRUE(facts.troubles.empty()) << name;
    }
}

TEST_F(DecoderTest, RepliesAndErrors)
{
    Remembered facts = decode("spot", "subscribed");
    EXPECT_EQ(control_.kind, Control::Kind::reply);
    EXPECT_EQ(control_.id, 1U);
    EXPECT_TRUE(facts.troubles.empty());
    decode("spot", "subscriptions");
    EXPECT_EQ(control_.kind, Control::Kind::reply);
    EXPECT_EQ(control_.id, 2U);
    facts = decode("spot", "error");
    EXPECT_EQ(control_.kind, Control::Kind::error);
    EXPECT_EQ(control_.id, 1U);
    ASSERT_EQ(facts.troubles.size(), 1U);
    EXPECT_EQ(facts.troubles[0].reason, UndecodedReason::venue_error);
    EXPECT_EQ(facts.troubles[0].text, "Invalid request: missing field `method`");
    facts = decode("spot", "error_nested");
    EXPECT_EQ(control_.kind, Control::Kind::error);
    ASSERT_EQ(facts.troubles.size(), 1U);
    EXPECT_EQ(facts.troubles[0].text, "Invalid JSON: expected value");
    for (const char* name : {"server_shutdown", "server_shutdown_wrapped"}) {
        decode("spot", name);
        EXPECT_EQ(control_.kind, Control::Kind::shutdown) << name;
    }
}

TEST_F(DecoderTest, RestDepthIsASnapshotOfTheSymbolInTheUrl)
{
    Remembered facts =
        snapshot("spot", "spot_snapshot", "https://api.binance.com/api/v3/depth?symbol=BTCUSDT&limit=5000");
    ASSERT_EQ(facts.books.size(), 1U);
    EXPECT_TRUE(facts.books[0].update.snapshot);
    EXPECT_EQ(facts.books[0].update.listing, ListingId{0});
    EXPECT_EQ(facts.books[0].update.sequence_last, 502U);
    EXPECT_EQ(facts.books[0].update.limit, 5000U) << "what it could hold at most";
    EXPECT_FALSE(facts.books[0].update.venue_time.known());
    EXPECT_EQ(facts.books[0].bids, (std::vector<Level>{{{3700000}, {300000}}, {{3699900}, {70000}}}));
    EXPECT_EQ(facts.books[0].asks, (std::vector<Level>{{{3700100}, {10000}}}));
    facts = snapshot("usdm", "usdm_snapshot",
                     "https://fapi.binance.com/fapi/v1/depth?limit=1000&symbol=%42TCUSDT");
    ASSERT_EQ(facts.books.size(), 1U);
    EXPECT_EQ(facts.books[0].update.venue_time, milliseconds_at(1700000000119));
    EXPECT_EQ(facts.books[0].asks.size(), 2U);
    facts = snapshot("coinm", "coinm_snapshot",
                     "https://dapi.binance.com/dapi/v1/depth?symbol=BTCUSD_PERP&limit=1000");
    ASSERT_EQ(facts.books.size(), 1U);
    EXPECT_EQ(facts.books[0].bids, (std::vector<Level>{{{370050}, {800}}}));
}

TEST(SnapshotLimit, IsWhatTheUrlAsksForElseTheVenuesDefault)
{
    EXPECT_EQ(snapshot_limit("https://x/api/v3/depth?symbol=BTCUSDT&limit=1000", Market::spot), 1000U);
    EXPECT_EQ(snapshot_limit("https://x/api/v3/depth?limit=5&symbol=BTCUSDT", Market::spot), 5U);
    EXPECT_EQ(snapshot_limit("https://x/api/v3/depth?symbol=BTCUSDT", Market::spot), 100U);
    EXPECT_EQ(snapshot_limit("https://x/fapi/v1/depth?symbol=BTCUSDT&unlimit=7", Market::usdm), 500U);
    EXPECT_EQ(snapshot_limit("https://x/fapi/v1/depth", Market::coinm), 500U);
    EXPECT_EQ(snapshot_limit("https://x/api/v3/depth?limit=99999999999999", Market::spot), 999'999U);
}

TEST_F(DecoderTest, RestTroubleIsCountedForItsBook)
{
    const char* const url = "https://api.binance.com/api/v3/depth?symbol=ETHBTC&limit=5000";
    Remembered facts = snapshot("spot", "rest_error", url, 400);
    ASSERT_EQ(facts.troubles.size(), 1U);
    EXPECT_EQ(facts.troubles[0],
              (Remembered::Trouble{UndecodedReason::venue_error, ListingId{1}, "Invalid symbol."}));
    facts = snapshot("spot", "spot_kline", url);  // JSON, but no depth
    ASSERT_EQ(facts.troubles.size(), 1U);
    EXPECT_EQ(facts.troubles[0].listing, ListingId{1});
    EXPECT_EQ(facts.troubles[0].reason, UndecodedReason::missing_field);
    facts = snapshot("spot", "spot_snapshot", "https://api.binance.com/api/v3/depth?symbol=XYZ&limit=5000");
    ASSERT_EQ(facts.troubles.size(), 1U);
    EXPECT_EQ(facts.troubles[0],
              (Remembered::Trouble{UndecodedReason::unknown_instrument, kNoListing, "XYZ"}));
    // The reply to another symbol's question.
    facts = snapshot("coinm", "coinm_snapshot",
                     "https://dapi.binance.com/dapi/v1/depth?symbol=BTCUSD_231229&limit=1000");
    EXPECT_TRUE(facts.books.empty());
    EXPECT_EQ(facts.troubles.size(), 1U);
    facts = snapshot("spot", "spot_exchange_info", "https://api.binance.com/api/v3/exchangeInfo");
    EXPECT_TRUE(facts.troubles.empty());
}

}  // namespace
}  // namespace arb::binance
