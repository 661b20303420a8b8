#include "connectors/bybit/bybit.hpp"

#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "connectors/bybit/emulator.hpp"
#include "connectors/bybit/test_support.hpp"

namespace arb::bybit::test {

std::string frame(const std::string& name)
{
    std::ifstream file(std::string(ARBITER_SOURCE_DIR "/connectors/bybit/frames/") + name + ".json");
    EXPECT_TRUE(file.good()) << "no golden frame " << name;
    std::stringstream text;
    text << file.rdbuf();
    std::string result = text.str();
    while (!result.empty() && result.back() == '\n') result.pop_back();
    return result;
}

std::string replaced(std::string text, const std::string& from, const std::string& to)
{
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << "the text has no " << from;
    return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

namespace {

constexpr ConnectionId kFirst{3};
constexpr ConnectionId kSecond{4};
constexpr const char* kUrl = "wss://stream.bybit.com/v5/public/linear";

Timestamp at(std::int64_t s)
{
    return Timestamp{1'790'000'000'000'000'000} + seconds(s);
}

class BybitVenueTest : public ::testing::Test {
  protected:
    const InstrumentTable table_ = table();
    std::unique_ptr<Venue> venue_ = type().make({kLinearVenue, &table_, 0});
    Sink sink_;
    Wishes wishes_;
    PaddedBuffer buffer_;

    void frame_at(ConnectionId connection, std::string_view text, Timestamp now)
    {
        venue_->on_frame(connection, buffer_.assign(text), now, sink_, wishes_);
    }
    void open(ConnectionId connection, std::int64_t s)
    {
        venue_->on_open(connection, kUrl, at(s), sink_, wishes_);
    }
};

TEST_F(BybitVenueTest, DeclaresCountedNumbersThatRestartAtOne)
{
    const SequenceRule rule = venue_->sequence_rule(table_.listing(kLinear));
    EXPECT_EQ(rule.kind, SequenceKind::increment);
    EXPECT_TRUE(rule.one_is_restart);
    EXPECT_EQ(rule.checksum, ChecksumKind::none);
    EXPECT_FALSE(rule.rest_snapshot);
}

TEST_F(BybitVenueTest, SubscribesWhatThePlanPutOnTheConnection)
{
    const auto plans = venue_->plan(std::vector<ListingId>{kLinear});
    ASSERT_EQ(plans.size(), 1U);
    EXPECT_EQ(plans[0].url, kUrl);
    open(kFirst, 0);
    ASSERT_EQ(wishes_.sent.size(), 1U);
    EXPECT_EQ(wishes_.sent[0].text,
              R"({"req_id":"1","op":"subscribe","args":["orderbook.50.BTCUSDT","publicTrade.BTCUSDT"]})");
    EXPECT_EQ(wishes_.wakes, std::vector<Timestamp>{at(20)});
    frame_at(kFirst, frame("subscribed"), at(1));
    EXPECT_EQ(sink_.acks.size(), 1U);
}

TEST_F(BybitVenueTest, ServesEachMarketAtItsOwnAddressAndDepth)
{
    const auto spot = type().make({kSpotVenue, &table_, 120});
    const auto plans = spot->plan(std::vector<ListingId>{kSpot});
    ASSERT_EQ(plans.size(), 1U);
    EXPECT_EQ(plans[0].url, "wss://stream.bybit.com/v5/public/spot");
    spot->on_open(kFirst, plans[0].url, at(0), sink_, wishes_);
    ASSERT_EQ(wishes_.sent.size(), 1U);
    EXPECT_NE(wishes_.sent[0].text.find("\"orderbook.200.BTCUSDT\""), std::string::npos);
    for (const auto& [depth, topic] :
         {std::pair{1U, "orderbook.1."}, {50U, "orderbook.50."}, {999U, "orderbook.1000."}}) {
        Wishes wishes;
        const auto venue = type().make({kLinearVenue, &table_, depth});
        venue->plan(std::vector<ListingId>{kLinear});
        venue->on_open(kFirst, kUrl, at(0), sink_, wishes);
        EXPECT_NE(wishes.sent.at(0).text.find(topic), std::string::npos) << depth;
    }
}

TEST_F(BybitVenueTest, AsksForAtMostTenTopicsAtOnceAndSpreadsConnections)
{
    const auto plans = venue_->plan(std::vector<ListingId>(207, kLinear));
    ASSERT_EQ(plans.size(), 2U);
    EXPECT_EQ(plans[1].listings.size(), 7U);
    open(kFirst, 0);
    EXPECT_EQ(wishes_.sent.size(), 40U) << "200 listings, two topics each";
    wishes_.sent.clear();
    open(kSecond, 0);
    ASSERT_EQ(wishes_.sent.size(), 2U);
    for (const auto& [sent, topics] : {std::pair{wishes_.sent[0].text, 10}, {wishes_.sent[1].text, 4}}) {
        int count = 0;
        for (std::size_t i = sent.find("BTCUSDT"); i != std::string::npos; i = sent.find("BTCUSDT", i + 1))
            ++count;
        EXPECT_EQ(count, topics) << sent;
    }
    venue_->on_close(kFirst, at(1), sink_, wishes_);
    venue_->on_close(kSecond, at(1), sink_, wishes_);
    wishes_.sent.clear();
    open(kSecond, 2);
    EXPECT_EQ(wishes_.sent.size(), 2U) << "its own plan again";
}

TEST_F(BybitVenueTest, PingsEveryTwentySecondsAndGivesUpASilentConnection)
{
    venue_->plan(std::vector<ListingId>{kLinear});
    open(kFirst, 0);
    wishes_.sent.clear();
    frame_at(kFirst, frame("book_snapshot_linear"), at(19));
    venue_->on_wake(at(20), sink_, wishes_);
    ASSERT_EQ(wishes_.sent.size(), 1U) << "data does not replace the ping";
    EXPECT_EQ(wishes_.sent[0].text, R"({"req_id":"2","op":"ping"})");
    EXPECT_EQ(wishes_.wakes.back(), at(40));
    frame_at(kFirst, frame("pong"), at(21));
    venue_->on_wake(at(30), sink_, wishes_);
    EXPECT_EQ(wishes_.sent.size(), 1U) << "not due";
    venue_->on_wake(at(40), sink_, wishes_);
    EXPECT_EQ(wishes_.sent.size(), 2U);
    venue_->on_wake(at(60), sink_, wishes_);
    EXPECT_EQ(wishes_.wakes.back(), at(66)) << "45 s after the pong";
    EXPECT_TRUE(wishes_.reconnects.empty());
    venue_->on_wake(at(66), sink_, wishes_);
    EXPECT_EQ(wishes_.reconnects, std::vector<ConnectionId>{kFirst});
    venue_->on_wake(at(99), sink_, wishes_);
    EXPECT_EQ(wishes_.reconnects.size(), 1U) << "asked once";
    EXPECT_TRUE(sink_.troubles.empty());
}

TEST_F(BybitVenueTest, ResyncsByUnsubscribingAndSubscribingTheBook)
{
    venue_->plan(std::vector<ListingId>{kLinear});
    venue_->resync(kLinear, at(0), wishes_);
    EXPECT_TRUE(wishes_.sent.empty()) << "no connection stands";
    open(kFirst, 0);
    wishes_.sent.clear();
    venue_->resync(kLinear, at(1), wishes_);
    ASSERT_EQ(wishes_.sent.size(), 2U);
    EXPECT_EQ(wishes_.sent[0].text, R"({"req_id":"2","op":"unsubscribe","args":["orderbook.50.BTCUSDT"]})");
    EXPECT_EQ(wishes_.sent[1].text, R"({"req_id":"3","op":"subscribe","args":["orderbook.50.BTCUSDT"]})");
    venue_->on_close(kFirst, at(2), sink_, wishes_);
    venue_->resync(kLinear, at(3), wishes_);
    EXPECT_EQ(wishes_.sent.size(), 2U);
}

TEST_F(BybitVenueTest, DecodesFramesOfConnectionsItDidNotPlan)
{
    frame_at(kSecond, frame("book_snapshot_linear"), at(0));
    EXPECT_EQ(sink_.books.size(), 1U);
}

// The emulator was written after the documentation; what the venue decodes from it must be what went in.
TEST_F(BybitVenueTest, UnderstandsTheEmulator)
{
    for (const auto& [market, venue_id, id] :
         {std::tuple{"linear", kLinearVenue, kLinear}, std::tuple{"spot", kSpotVenue, kSpot}}) {
        const auto emulator = type().make_emulator(market);
        const auto venue = type().make({venue_id, &table_, 0});
        EXPECT_EQ(type().market_of_url(emulator->stream_url()), market);
        const std::vector<Level> bids{{{610'004}, {500}}, {{609'990}, {1'200}}};
        const std::vector<Level> asks{{{610'010}, {2'500}}};
        const std::vector<Level> gone{{{609'990}, {0}}};
        std::vector<VenueMessage> messages;
        const Listing& listing = table_.listing(id);
        const Instrument& instrument = table_.instrument_of(id);
        emulator->subscribe(instrument, listing, {bids, asks}, at(1), messages);
        emulator->change(instrument, listing, gone, asks, {bids, asks}, at(2), messages);
        emulator->trade(instrument, listing, {id, {610'005}, {300}, Side::sell, at(3), {}}, messages);
        Sink sink;
        for (const VenueMessage& message : messages) {
            ASSERT_FALSE(message.http);
            venue->on_frame(kFirst, buffer_.assign(message.text), at(9), sink, wishes_);
        }
        EXPECT_TRUE(sink.troubles.empty());
        EXPECT_EQ(sink.acks.size(), 1U);
        ASSERT_EQ(sink.books.size(), 2U);
        EXPECT_TRUE(sink.books[0].update.snapshot);
        EXPECT_EQ(sink.books[0].update.listing, id);
        EXPECT_EQ(sink.books[0].bids, bids);
        EXPECT_EQ(sink.books[0].asks, asks);
        EXPECT_EQ(sink.books[0].update.venue_time, at(1));
        EXPECT_EQ(sink.books[1].bids, gone);
        EXPECT_EQ(sink.books[1].update.sequence_last, sink.books[0].update.sequence_last + 1);
        ASSERT_EQ(sink.trades.size(), 1U);
        EXPECT_EQ(sink.trades[0].quantity.units, 300);
        EXPECT_EQ(sink.trades[0].venue_time, at(3));
    }
}

}  // namespace
}  // namespace arb::bybit::test
