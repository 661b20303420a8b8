// The state machine: plans, subscriptions, acknowledgements, snapshots, silence, budgets, close and reopen.
#include <gtest/gtest.h>

#include "connectors/binance/emulator.hpp"
#include "connectors/binance/test_support.hpp"
#include "engine/emulate/emulator.hpp"

namespace arb::binance {
namespace {

using test::Remembered;
using test::Wishes;

constexpr Timestamp kStart{1'700'000'000'000'000'000};
constexpr ConnectionId kFirst{1}, kSecond{2};

class VenueTest : public ::testing::Test {
  protected:
    void make(InstrumentTable table, std::uint32_t depth = 0)
    {
        table_ = std::move(table);
        venue_ = type().make({VenueId{0}, &table_, depth});
        std::vector<ListingId> listings;
        for (const Listing& listing : table_.listings()) listings.push_back(listing.id);
        plans_ = venue_->plan(listings);
    }
    void frame(ConnectionId connection, std::string_view text, Timestamp now)
    {
        PaddedBuffer buffer(text);
        venue_->on_frame(connection, buffer.text_of(), now, sink_, wishes_);
    }
    void http(std::string_view url, int status, std::string_view body, Timestamp now)
    {
        PaddedBuffer buffer(body);
        venue_->on_http({url, status, buffer.text_of()}, now, sink_, wishes_);
    }
    static InstrumentTable many(std::size_t count)
    {
        InstrumentTable::VenueListings venue{{"binance", "spot"}, {}};
        for (std::size_t i = 0; i < count; ++i) {
            venue.definitions.push_back(
                test::listing("spot", "COIN" + std::to_string(i) + "USDT", "0.01", "0.1"));
        }
        return InstrumentTable::build({venue}).value();
    }

    InstrumentTable table_;
    std::unique_ptr<Venue> venue_;
    std::vector<ConnectionPlan> plans_;
    Remembered sink_;
    Wishes wishes_;
};

constexpr std::string_view kSpotDepth = "https://api.binance.com/api/v3/depth?symbol=BTCUSDT&limit=5000";

TEST_F(VenueTest, SpotSubscribesEverythingInOneRequest)
{
    make(test::table_of("spot"));
    ASSERT_EQ(plans_.size(), 1U);
    EXPECT_EQ(plans_[0].url, "wss://stream.binance.com:9443/ws");
    EXPECT_EQ(plans_[0].listings.size(), 2U);
    venue_->on_open(kFirst, plans_[0].url, kStart, sink_, wishes_);
    ASSERT_EQ(wishes_.sent.size(), 1U);
    EXPECT_EQ(wishes_.sent[0],
              R"({"method":"SUBSCRIBE","params":["btcusdt@depth@100ms","btcusdt@bookTicker","btcusdt@trade",)"
              R"("ethbtc@depth@100ms","ethbtc@bookTicker","ethbtc@trade"],"id":1})");
    EXPECT_TRUE(wishes_.urls.empty());
    EXPECT_FALSE(wishes_.wakes.empty());
}

TEST_F(VenueTest, SnapshotsAreAskedForOnceTheStreamsRun)
{
    make(test::table_of("spot"));
    venue_->on_open(kFirst, plans_[0].url, kStart, sink_, wishes_);
    frame(kFirst, R"({"result":null,"id":99})", kStart);
    EXPECT_TRUE(sink_.acknowledged.empty());
    frame(kFirst, R"({"result":null,"id":1})", kStart);
    ASSERT_EQ(sink_.acknowledged.size(), 2U);
    EXPECT_EQ(sink_.acknowledged[0].listing, ListingId{0});
    EXPECT_TRUE(sink_.acknowledged[0].subscribed);
    ASSERT_EQ(wishes_.urls.size(), 2U);
    EXPECT_EQ(wishes_.urls[0], kSpotDepth);
    http(kSpotDepth, 200, R"({"lastUpdateId":5,"bids":[],"asks":[]})", kStart);
    EXPECT_EQ(sink_.books.size(), 1U);
    frame(kFirst, R"({"result":null,"id":1})", kStart);  // an answer given twice counts once
    EXPECT_EQ(sink_.acknowledged.size(), 2U);
}

TEST_F(VenueTest, FuturesRoutesBooksAndTradesApart)
{
    make(test::table_of("usdm"));
    ASSERT_EQ(plans_.size(), 2U);
    EXPECT_EQ(plans_[0].url, "wss://fstream.binance.com/public/ws");
    EXPECT_EQ(plans_[1].url, "wss://fstream.binance.com/market/ws");
    venue_->on_open(kFirst, plans_[1].url, kStart, sink_, wishes_);
    venue_->on_open(kSecond, plans_[0].url, kStart, sink_, wishes_);
    ASSERT_EQ(wishes_.sent.size(), 2U);
    EXPECT_EQ(wishes_.sent[0],
              R"({"method":"SUBSCRIBE","params":["btcusdt@aggTrade","!contractInfo"],"id":1})");
    EXPECT_EQ(wishes_.sent[1],
              R"({"method":"SUBSCRIBE","params":["btcusdt@depth@100ms","btcusdt@bookTicker"],"id":2})");
    frame(kFirst, R"({"result":null,"id":1})", kStart);
    EXPECT_TRUE(wishes_.urls.empty());  // trades need no snapshot
    frame(kSecond, R"({"result":null,"id":2})", kStart);
    ASSERT_EQ(wishes_.urls.size(), 1U);
    EXPECT_EQ(wishes_.urls[0], "https://fapi.binance.com/fapi/v1/depth?symbol=BTCUSDT&limit=1000");
}

TEST_F(VenueTest, SequenceRules)
{
    make(test::table_of("spot"));
    SequenceRule rule = venue_->sequence_rule(table_.listing(ListingId{0}));
    EXPECT_EQ(rule.kind, SequenceKind::range);
    EXPECT_TRUE(rule.rest_snapshot);
    EXPECT_FALSE(rule.join_covers_snapshot);
    for (const char* market : {"usdm", "coinm"}) {
        make(test::table_of(market));
        rule = venue_->sequence_rule(table_.listing(ListingId{0}));
        EXPECT_EQ(rule.kind, SequenceKind::chained);
        EXPECT_TRUE(rule.rest_snapshot);
        EXPECT_TRUE(rule.join_covers_snapshot);
        EXPECT_EQ(rule.checksum, ChecksumKind::none);
    }
}

TEST_F(VenueTest, SilenceIsProbedThenEnded)
{
    make(test::table_of("spot"));
    venue_->on_open(kFirst, plans_[0].url, kStart, sink_, wishes_);
    frame(kFirst, R"({"result":null,"id":1})", kStart);
    wishes_.clear();
    venue_->on_wake(kStart + seconds(14), sink_, wishes_);
    EXPECT_TRUE(wishes_.sent.empty());
    venue_->on_wake(kStart + seconds(15), sink_, wishes_);
    venue_->on_wake(kStart + seconds(16), sink_, wishes_);
    ASSERT_EQ(wishes_.sent.size(), 1U);
    EXPECT_EQ(wishes_.sent[0], R"({"method":"LIST_SUBSCRIPTIONS","id":2})");
    frame(kFirst, R"({"result":["btcusdt@trade"],"id":2})", kStart + seconds(17));
    EXPECT_EQ(sink_.acknowledged.size(), 2U);
    venue_->on_wake(kStart + seconds(31), sink_, wishes_);
    EXPECT_TRUE(wishes_.reconnects.empty());
    venue_->on_wake(kStart + seconds(32), sink_, wishes_);
    EXPECT_EQ(wishes_.sent.size(), 2U);
    wishes_.clear();
    venue_->on_wake(kStart + seconds(47), sink_, wishes_);
    ASSERT_EQ(wishes_.reconnects.size(), 1U);
    EXPECT_EQ(wishes_.reconnects[0], "no message for 30 seconds");
    venue_->on_wake(kStart + seconds(60), sink_, wishes_);
    EXPECT_EQ(wishes_.reconnects.size(), 1U);  // asked once
}

TEST_F(VenueTest, AnUnansweredSubscriptionEndsTheConnection)
{
    make(test::table_of("spot"));
    venue_->on_open(kFirst, plans_[0].url, kStart, sink_, wishes_);
    frame(kFirst, R"({"u":1,"s":"BTCUSDT","b":"1","B":"1","a":"2","A":"1"})", kStart + seconds(9));
    venue_->on_wake(kStart + seconds(9), sink_, wishes_);
    EXPECT_TRUE(wishes_.reconnects.empty());
    venue_->on_wake(kStart + seconds(10), sink_, wishes_);
    EXPECT_EQ(wishes_.reconnects.size(), 1U);
}

TEST_F(VenueTest, ShutdownAndRefusalReconnectAtOnce)
{
    make(test::table_of("spot"));
    venue_->on_open(kFirst, plans_[0].url, kStart, sink_, wishes_);
    frame(kFirst, R"({"e":"serverShutdown","E":1700000000000})", kStart);
    ASSERT_EQ(wishes_.reconnects.size(), 1U);
    wishes_.clear();
    venue_->on_close(kFirst, kStart, sink_, wishes_);
    venue_->on_open(kFirst, plans_[0].url, kStart, sink_, wishes_);
    ASSERT_EQ(wishes_.sent.size(), 1U);
    EXPECT_NE(wishes_.sent[0].find("\"id\":2}"), std::string::npos);
    frame(kFirst, R"({"code":2,"msg":"Invalid request","id":1})", kStart);  // of the former connection
    EXPECT_TRUE(wishes_.reconnects.empty());
    frame(kFirst, R"({"code":2,"msg":"Invalid request","id":2})", kStart);
    EXPECT_EQ(wishes_.reconnects.size(), 1U);
}

TEST_F(VenueTest, CloseForgetsWaitingRequests)
{
    make(many(100));
    venue_->on_open(kFirst, plans_[0].url, kStart, sink_, wishes_);
    for (int id = 1; id <= 3; ++id)
        frame(kFirst, R"({"result":null,"id":)" + std::to_string(id) + "}", kStart);
    EXPECT_EQ(wishes_.urls.size(), 15U);  // what the weight of a minute allows
    venue_->on_close(kFirst, kStart, sink_, wishes_);
    wishes_.clear();
    venue_->on_wake(kStart + seconds(100), sink_, wishes_);
    EXPECT_TRUE(wishes_.urls.empty());
    frame(kFirst, R"({"result":null,"id":1})", kStart);  // a frame that was still on its way
    EXPECT_TRUE(wishes_.urls.empty());
}

TEST_F(VenueTest, ManyListingsStayWithinTheBudgets)
{
    make(many(250));
    ASSERT_EQ(plans_.size(), 3U);
    EXPECT_EQ(plans_[2].listings.size(), 50U);
    venue_->on_open(kFirst, plans_[0].url, kStart, sink_, wishes_);
    venue_->on_open(kSecond, plans_[0].url, kStart, sink_, wishes_);
    ASSERT_GE(wishes_.sent.size(), 2U);
    EXPECT_NE(wishes_.sent.back().find("coin199usdt@trade"), std::string::npos);  // one address, two plans
    EXPECT_LE(wishes_.sent.size(), 6U);
    std::size_t streams = 0;
    for (const std::string& text : wishes_.sent) {
        EXPECT_LT(text.size(), 4096U);
        for (const char c : text) streams += c == '@' ? 1 : 0;
    }
    EXPECT_EQ(streams, 200U * 4);  // depth@100ms has two
    // Snapshots: fifteen in any minute.
    wishes_.clear();
    for (int id = 1; id <= 6; ++id)
        frame(kFirst, R"({"result":null,"id":)" + std::to_string(id) + "}", kStart);
    EXPECT_EQ(wishes_.urls.size(), 15U);
    for (int s = 1; s <= 60; ++s) venue_->on_wake(kStart + seconds(s), sink_, wishes_);
    EXPECT_EQ(wishes_.urls.size(), 15U);
    venue_->on_wake(kStart + seconds(61), sink_, wishes_);
    EXPECT_EQ(wishes_.urls.size(), 30U);
}

TEST_F(VenueTest, ResyncAsksForOneSnapshotAndHeedsBackOff)
{
    make(test::table_of("spot"), 500);
    venue_->resync(ListingId{0}, kStart, wishes_);
    ASSERT_EQ(wishes_.urls.size(), 1U);
    EXPECT_EQ(wishes_.urls[0], "https://api.binance.com/api/v3/depth?symbol=BTCUSDT&limit=500");
    http(wishes_.urls[0], 429, R"({"code":-1003,"msg":"Too much request weight used"})", kStart);
    ASSERT_EQ(sink_.troubles.size(), 1U);
    EXPECT_EQ(sink_.troubles[0].reason, UndecodedReason::venue_error);
    EXPECT_EQ(sink_.troubles[0].listing, ListingId{0});
    wishes_.clear();
    venue_->resync(ListingId{0}, kStart + seconds(1), wishes_);
    venue_->resync(ListingId{0}, kStart + seconds(2), wishes_);
    EXPECT_TRUE(wishes_.urls.empty());
    ASSERT_FALSE(wishes_.wakes.empty());
    EXPECT_EQ(wishes_.wakes.back(), kStart + seconds(60));
    venue_->on_wake(kStart + seconds(60), sink_, wishes_);
    EXPECT_EQ(wishes_.urls.size(), 1U);
}

TEST_F(VenueTest, ARecordingsOwnAddressNeedsNoSubscription)
{
    make(test::table_of("spot"));
    venue_->on_open(kFirst, "wss://stream.binance.com:9443/stream?streams=btcusdt@bookTicker", kStart, sink_,
                    wishes_);
    EXPECT_TRUE(wishes_.sent.empty());
    frame(kFirst, R"({"u":1,"s":"BTCUSDT","b":"1","B":"1","a":"2","A":"1"})", kStart);
    frame(kSecond, R"({"u":1,"s":"BTCUSDT","b":"1","B":"1","a":"2","A":"1"})", kStart);  // never opened
    EXPECT_EQ(sink_.quotes.size(), 2U);
}

}  // namespace
}  // namespace arb::binance
