// The Kraken state machine: subscriptions, pings, silence, renewal of books, reopening.
#include <gtest/gtest.h>

#include "connectors/kraken/test_support.hpp"

namespace arb::kraken {
namespace {

constexpr Timestamp kStart{1'700'000'000'000'000'000};
const std::vector<ListingId> kBoth = {ListingId{0}, ListingId{1}};

struct Bench {
    std::unique_ptr<Venue> venue = type().make(setup(25));
    Recorder sink;
    Letters outbox;

    std::vector<std::string> taken() { return std::exchange(outbox.lines, {}); }
    void open(std::uint16_t id, Timestamp now = kStart)
    {
        venue->on_open(ConnectionId{id}, kStreamUrl, now, sink, outbox);
    }
    void frame(std::uint16_t id, const std::string& text, Timestamp now)
    {
        PaddedBuffer buffer(text);
        venue->on_frame(ConnectionId{id}, buffer.text_of(), now, sink, outbox);
    }
};

TEST(KrakenVenue, judged_by_the_checksum)
{
    Bench bench;
    const SequenceRule rule = bench.venue->sequence_rule(table().listing(ListingId{0}));
    EXPECT_EQ(rule.kind, SequenceKind::none);
    EXPECT_EQ(rule.checksum, ChecksumKind::kraken);
    EXPECT_FALSE(rule.rest_snapshot);
}

TEST(KrakenVenue, subscribes_on_open)
{
    Bench bench;
    const std::vector<ConnectionPlan> plans = bench.venue->plan(kBoth);
    ASSERT_EQ(plans.size(), 1U);
    EXPECT_EQ(plans[0].url, "wss://ws.kraken.com/v2");
    bench.open(2);
    EXPECT_EQ(
        bench.taken(),
        (std::vector<std::string>{
            R"(2 {"method":"subscribe","params":{"channel":"book","symbol":["DOGE/USD","BTC/USD"],"depth":25,"snapshot":true},"req_id":1})",
            R"(2 {"method":"subscribe","params":{"channel":"trade","symbol":["DOGE/USD","BTC/USD"],"snapshot":false},"req_id":2})",
            R"(2 {"method":"subscribe","params":{"channel":"instrument","snapshot":true},"req_id":3})"}));
}

TEST(KrakenVenue, pings_while_news_comes_and_gives_up_in_silence)
{
    Bench bench;
    bench.venue->plan(kBoth);
    bench.open(0);
    bench.taken();
    EXPECT_EQ(bench.outbox.wake, kStart + kSilence);
    for (const int second : {8, 16}) bench.frame(0, golden("heartbeat"), kStart + seconds(second));
    bench.venue->on_wake(kStart + seconds(16), bench.sink, bench.outbox);
    EXPECT_TRUE(bench.taken().empty());
    EXPECT_EQ(bench.outbox.wake, kStart + kPingEvery);
    bench.venue->on_wake(kStart + kPingEvery, bench.sink, bench.outbox);
    EXPECT_EQ(bench.taken(), std::vector<std::string>{R"(0 {"method":"ping","req_id":4})"});
    EXPECT_EQ(bench.outbox.wake, kStart + seconds(26));
    bench.venue->on_wake(kStart + seconds(26), bench.sink, bench.outbox);
    EXPECT_EQ(bench.taken(), std::vector<std::string>{"0 reconnect"});
    bench.venue->on_wake(kStart + seconds(40), bench.sink, bench.outbox);
    EXPECT_TRUE(bench.taken().empty()) << "asked once";
    bench.venue->on_close(ConnectionId{0}, kStart + seconds(41), bench.sink, bench.outbox);
    bench.open(5, kStart + seconds(42));
    EXPECT_EQ(bench.taken().size(), 3U);
}

TEST(KrakenVenue, renews_one_book)
{
    Bench bench;
    bench.venue->plan(kBoth);
    bench.open(0);
    bench.taken();
    bench.venue->resync(ListingId{1}, kStart, bench.outbox);
    EXPECT_EQ(
        bench.taken(),
        (std::vector<std::string>{
            R"(0 {"method":"unsubscribe","params":{"channel":"book","symbol":["BTC/USD"],"depth":25},"req_id":4})",
            R"(0 {"method":"subscribe","params":{"channel":"book","symbol":["BTC/USD"],"depth":25,"snapshot":true},"req_id":5})"}));
}

TEST(KrakenVenue, a_recordings_connection_is_never_written_to)
{
    Bench bench;
    bench.venue->on_open(ConnectionId{0}, "wss://ws.kraken.com", kStart, bench.sink, bench.outbox);
    bench.frame(0, golden("v1_book_snapshot"), kStart + seconds(1));
    bench.frame(7, golden("v1_book_update"), kStart + seconds(19));
    bench.frame(0, golden("v1_heartbeat"), kStart + seconds(19));
    bench.venue->on_wake(kStart + seconds(25), bench.sink, bench.outbox);
    bench.venue->resync(ListingId{0}, kStart, bench.outbox);
    EXPECT_TRUE(bench.taken().empty());
    EXPECT_EQ(bench.sink.books, 2U);
}

}  // namespace
}  // namespace arb::kraken
