#include "connectors/okx/okx.hpp"

#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "connectors/okx/emulator.hpp"
#include "connectors/okx/test_support.hpp"

namespace arb::okx::test {

std::string frame(const std::string& name)
{
    std::ifstream file(std::string(ARBITER_SOURCE_DIR "/connectors/okx/frames/") + name + ".json");
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
constexpr const char* kUrl = "wss://ws.okx.com/ws/v5/public";

Timestamp at(std::int64_t s)
{
    return Timestamp{1'790'000'000'000'000'000} + seconds(s);
}

class OkxVenueTest : public ::testing::Test {
  protected:
    const InstrumentTable table_ = table();
    std::unique_ptr<Venue> venue_ = type().make({VenueId{0}, &table_, 0});
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

TEST_F(OkxVenueTest, DeclaresChainedNumbersAndTheChecksum)
{
    const SequenceRule rule = venue_->sequence_rule(table_.listing(kSpot));
    EXPECT_EQ(rule.kind, SequenceKind::chained);
    EXPECT_EQ(rule.checksum, ChecksumKind::okx);
    EXPECT_FALSE(rule.rest_snapshot);
}

TEST_F(OkxVenueTest, SubscribesWhatThePlanPutOnTheConnection)
{
    const std::vector<ListingId> wanted{kSpot, kFuture};
    const auto plans = venue_->plan(wanted);
    ASSERT_EQ(plans.size(), 1U);
    EXPECT_EQ(plans[0].url, kUrl);
    EXPECT_EQ(plans[0].listings, wanted);
    open(kFirst, 0);
    ASSERT_EQ(wishes_.sent.size(), 2U);
    EXPECT_EQ(wishes_.sent[0].connection, kFirst);
    EXPECT_EQ(wishes_.sent[0].text,
              R"({"op":"subscribe","args":[{"channel":"books","instId":"BTC-USDT"},)"
              R"({"channel":"trades","instId":"BTC-USDT"},{"channel":"books","instId":"BTC-USD-260925"},)"
              R"({"channel":"trades","instId":"BTC-USD-260925"}]})");
    EXPECT_EQ(wishes_.sent[1].text,
              R"({"op":"subscribe","args":[{"channel":"status"},{"channel":"instruments","instType":"SPOT"},)"
              R"({"channel":"instruments","instType":"FUTURES"}]})")
        << "whether they trade";
    EXPECT_EQ(wishes_.wakes, std::vector<Timestamp>{at(20)});
    frame_at(kFirst, frame("subscribed"), at(1));
    ASSERT_EQ(sink_.acks.size(), 1U);
    EXPECT_EQ(sink_.acks[0].listing, kSpot);
}

TEST_F(OkxVenueTest, HearsOfAHaltWhileItsBookBegins)
{
    venue_->plan(std::vector<ListingId>{kSpot});
    open(kFirst, 0);
    frame_at(kFirst, frame("instruments_push"), at(1));
    ASSERT_EQ(sink_.statuses.size(), 1U);
    EXPECT_EQ(sink_.statuses[0], (std::pair{kSpot, ListingStatus::halted}));
    venue_->on_close(kFirst, at(2), sink_, wishes_);
    open(kFirst, 3);
    ASSERT_EQ(sink_.statuses.size(), 2U);
    EXPECT_EQ(sink_.statuses[1], (std::pair{kSpot, ListingStatus::unknown}))
        << "what was said counts no more";
}

TEST_F(OkxVenueTest, ChoosesTheChannelByDepth)
{
    const auto channel = [this](std::uint32_t depth) {
        Wishes wishes;
        const auto venue = type().make({VenueId{0}, &table_, depth});
        venue->plan(std::vector<ListingId>{kSpot});
        venue->on_open(kFirst, kUrl, at(0), sink_, wishes);
        return wishes.sent.at(0).text;
    };
    EXPECT_NE(channel(1).find(R"("channel":"bbo-tbt")"), std::string::npos);
    EXPECT_NE(channel(5).find(R"("channel":"books5")"), std::string::npos);
    EXPECT_NE(channel(50).find(R"("channel":"books")"), std::string::npos);
}

TEST_F(OkxVenueTest, SpreadsListingsAndGivesEachConnectionItsOwnPlanBack)
{
    const std::vector<ListingId> wanted(30, kSpot);
    const auto plans = venue_->plan(wanted);
    ASSERT_EQ(plans.size(), 2U);
    EXPECT_EQ(plans[0].listings.size(), 25U);
    EXPECT_EQ(plans[1].listings.size(), 5U);
    open(kFirst, 0);
    open(kSecond, 0);
    ASSERT_EQ(wishes_.sent.size(), 3U);
    const std::string first = wishes_.sent[0].text;
    const std::string states = wishes_.sent[1].text;
    const std::string second = wishes_.sent[2].text;
    EXPECT_GT(first.size(), second.size());
    venue_->on_close(kFirst, at(1), sink_, wishes_);
    venue_->on_close(kSecond, at(1), sink_, wishes_);
    open(kSecond, 2);
    open(kFirst, 3);
    ASSERT_EQ(wishes_.sent.size(), 6U);
    EXPECT_EQ(wishes_.sent[3].text, second);
    EXPECT_EQ(wishes_.sent[4].text, first);
    EXPECT_EQ(wishes_.sent[5].text, states) << "one connection hears of all states";
}

TEST_F(OkxVenueTest, PingsASilentConnectionAndGivesItUpAfterThirtySeconds)
{
    venue_->plan(std::vector<ListingId>{kSpot});
    open(kFirst, 0);
    wishes_.sent.clear();
    frame_at(kFirst, frame("books_snapshot"), at(5));
    venue_->on_wake(at(20), sink_, wishes_);
    EXPECT_TRUE(wishes_.sent.empty()) << "heard 15 s ago";
    EXPECT_EQ(wishes_.wakes.back(), at(25));
    venue_->on_wake(at(25), sink_, wishes_);
    ASSERT_EQ(wishes_.sent.size(), 1U);
    EXPECT_EQ(wishes_.sent[0].text, "ping");
    EXPECT_EQ(wishes_.wakes.back(), at(35));
    frame_at(kFirst, "pong", at(26));
    venue_->on_wake(at(35), sink_, wishes_);
    EXPECT_TRUE(wishes_.reconnects.empty());
    venue_->on_wake(at(46), sink_, wishes_);
    EXPECT_EQ(wishes_.sent.size(), 2U);
    EXPECT_EQ(wishes_.sent[1].text, "ping");
    venue_->on_wake(at(56), sink_, wishes_);
    EXPECT_EQ(wishes_.reconnects, std::vector<ConnectionId>{kFirst});
    venue_->on_wake(at(90), sink_, wishes_);
    EXPECT_EQ(wishes_.reconnects.size(), 1U) << "asked once";
    EXPECT_TRUE(sink_.troubles.empty());
}

TEST_F(OkxVenueTest, ReconnectsOnceWhenTheVenueAnnouncesMaintenance)
{
    venue_->plan(std::vector<ListingId>{kSpot});
    open(kFirst, 0);
    frame_at(kFirst, frame("notice"), at(1));
    frame_at(kFirst, frame("notice"), at(2));
    EXPECT_EQ(wishes_.reconnects, std::vector<ConnectionId>{kFirst});
    venue_->on_close(kFirst, at(3), sink_, wishes_);
    wishes_.sent.clear();
    open(kFirst, 4);
    EXPECT_EQ(wishes_.sent.size(), 2U) << "subscribed again";
}

TEST_F(OkxVenueTest, ResyncsByUnsubscribingAndSubscribingTheBook)
{
    venue_->plan(std::vector<ListingId>{kSpot, kSwap});
    venue_->resync(kSwap, at(0), wishes_);
    EXPECT_TRUE(wishes_.sent.empty()) << "no connection stands";
    open(kFirst, 0);
    wishes_.sent.clear();
    venue_->resync(kFuture, at(1), wishes_);
    EXPECT_TRUE(wishes_.sent.empty()) << "not subscribed";
    venue_->resync(kSwap, at(1), wishes_);
    ASSERT_EQ(wishes_.sent.size(), 2U);
    EXPECT_EQ(wishes_.sent[0].text,
              R"({"op":"unsubscribe","args":[{"channel":"books","instId":"BTC-USDT-SWAP"}]})");
    EXPECT_EQ(wishes_.sent[1].text,
              R"({"op":"subscribe","args":[{"channel":"books","instId":"BTC-USDT-SWAP"}]})");
    venue_->on_close(kFirst, at(2), sink_, wishes_);
    venue_->resync(kSwap, at(3), wishes_);
    EXPECT_EQ(wishes_.sent.size(), 2U);
}

TEST_F(OkxVenueTest, DecodesFramesOfConnectionsItDidNotPlan)
{
    frame_at(kSecond, frame("books_snapshot"), at(0));
    EXPECT_EQ(sink_.books.size(), 1U);
}

TEST_F(OkxVenueTest, ReadsBookRepliesAndLeavesOtherRepliesAlone)
{
    const auto reply = [this](std::string_view url, int status, std::string_view body) {
        venue_->on_http({url, status, buffer_.assign(body)}, at(0), sink_, wishes_);
    };
    reply("https://www.okx.com/api/v5/public/instruments?instType=SPOT", 200, frame("instruments"));
    EXPECT_EQ(sink_.facts() + sink_.troubles.size(), 0U);
    reply("https://www.okx.com/api/v5/market/books?sz=400&instId=BTC-USDT", 200, frame("books_reply"));
    EXPECT_EQ(sink_.books.size(), 1U);
    reply("https://www.okx.com/api/v5/market/books?instId=BTC-USDT", 503, "<html>");
    ASSERT_EQ(sink_.troubles.size(), 1U);
    EXPECT_EQ(sink_.troubles[0].reason, UndecodedReason::venue_error);
}

// The emulator was written after the documentation; what the venue decodes from it must be what went in.
TEST_F(OkxVenueTest, UnderstandsTheEmulator)
{
    const auto emulator = type().make_emulator("");
    const std::vector<Level> bids{{{610'004}, {500}}, {{609'990}, {1'200}}};
    const std::vector<Level> asks{{{610'005}, {2'500}}};
    const std::vector<Level> gone{{{609'990}, {0}}};
    for (const ListingId id : {kSpot, kSwap, kFuture}) {
        const Listing& listing = table_.listing(id);
        const Instrument& instrument = table_.instrument_of(id);
        Sink sink;
        std::vector<VenueMessage> messages;
        emulator->subscribe(instrument, listing, {bids, asks}, at(1), messages);
        emulator->change(instrument, listing, gone, asks, {bids, asks}, at(2), messages);
        emulator->change(instrument, listing, {}, {}, {bids, asks}, at(62), messages);
        emulator->trade(instrument, listing, {id, {610'005}, {300}, Side::sell, at(3), {}}, messages);
        for (const VenueMessage& message : messages) {
            ASSERT_FALSE(message.http);
            venue_->on_frame(kFirst, buffer_.assign(message.text), at(9), sink, wishes_);
        }
        EXPECT_TRUE(sink.troubles.empty());
        EXPECT_EQ(sink.acks.size(), 2U);
        ASSERT_EQ(sink.books.size(), 3U);
        EXPECT_TRUE(sink.books[0].update.snapshot);
        EXPECT_EQ(sink.books[0].bids, bids);
        EXPECT_EQ(sink.books[0].asks, asks);
        EXPECT_EQ(sink.books[0].update.venue_time, at(1));
        EXPECT_EQ(sink.books[1].bids, gone);
        EXPECT_EQ(sink.books[1].update.sequence_previous, sink.books[0].update.sequence_last);
        EXPECT_GT(sink.books[1].update.sequence_last, sink.books[1].update.sequence_previous);
        EXPECT_EQ(sink.books[2].update.sequence_previous, sink.books[2].update.sequence_last) << "keepalive";
        ASSERT_EQ(sink.trades.size(), 1U);
        EXPECT_EQ(sink.trades[0].quantity.units, 300);
        EXPECT_EQ(sink.trades[0].aggressor, Side::sell);
    }
}

}  // namespace
}  // namespace arb::okx::test
