// Golden frames to exact facts: every kind of message of the Coinbase market-data websocket.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "connectors/coinbase/test_support.hpp"

namespace arb::coinbase {

std::string golden(const std::string& name)
{
    std::ifstream file(std::string(ARBITER_SOURCE_DIR) + "/connectors/coinbase/frames/" + name + ".json");
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

namespace {

TEST(CoinbaseDecoder, snapshot)
{
    EXPECT_EQ(
        decoded(golden("l2_snapshot")).text(),
        "sequence 0\n"
        "book snapshot BTC-USD 05:06:07.123456789Z bids 30000.01x0.5 29999.99x1.25000001 asks 30000.02x3\n");
}

TEST(CoinbaseDecoder, update_with_removals)
{
    EXPECT_EQ(decoded(golden("l2_update")).text(),
              "sequence 1\n"
              "book update BTC-USD 05:06:08.500000000Z bids 29999.99x0 asks 30000.02x0 30000.5x0.00000007\n");
}

TEST(CoinbaseDecoder, several_events_are_several_books)
{
    EXPECT_EQ(decoded(golden("l2_two_events")).text(),
              "sequence 2\n"
              "book update BTC-USD 05:06:09.000000000Z bids 30000x2 asks\n"
              "book update ETH-USD 05:06:09.000000000Z bids asks 2000.1x7.5\n");
}

TEST(CoinbaseDecoder, any_key_order_and_blanks)
{
    EXPECT_EQ(decoded(golden("l2_reordered")).text(),
              "sequence 9\nbook update BTC-USD 05:06:10.000000000Z bids 30000.01x0.5 asks 30000.02x3\n");
}

TEST(CoinbaseDecoder, the_two_ways_agree)
{
    for (const char* name : {"l2_snapshot", "l2_update", "l2_two_events"}) {
        const std::string frame = golden(name);
        EXPECT_EQ(decoded(frame).text(), decoded(frame + "\n").text())
            << name;  // the blank takes the general way
    }
}

TEST(CoinbaseDecoder, trades_name_the_maker)
{
    EXPECT_EQ(decoded(golden("market_trades")).text(),
              "sequence 4\n"
              "trade BTC-USD buy 30000.02x0.3 05:06:09.100001000Z\n"
              "trade ETH-USD sell 2000x1.5 05:06:09.100000000Z\n");
}

TEST(CoinbaseDecoder, trades_before_the_subscription_are_no_news)
{
    EXPECT_EQ(decoded(golden("market_trades_snapshot")).text(), "sequence 3\n");
}

TEST(CoinbaseDecoder, ticker_is_a_quote)
{
    EXPECT_EQ(decoded(golden("ticker")).text(),
              "sequence 5\nquote BTC-USD 30000.01x0.5 30000.5x0.00000007 #5\n");
    std::string frame = golden("ticker");
    frame.replace(frame.find("30000.01"), 8, "");
    EXPECT_EQ(decoded(frame).text(), "sequence 5\nquote BTC-USD 0x0 30000.5x0.00000007 #5\n");
}

TEST(CoinbaseDecoder, heartbeat_tells_the_time)
{
    EXPECT_EQ(decoded(golden("heartbeats")).text(), "sequence 6\ntime 05:06:10.000000001Z\n");
}

TEST(CoinbaseDecoder, harmless_channels_count_in_the_sequence)
{
    EXPECT_EQ(decoded(golden("candles")).text(), "sequence 8\n");
}

TEST(CoinbaseDecoder, errors_and_unknown_channels)
{
    EXPECT_EQ(decoded(golden("error")).text(), "undecoded venue_error [authentication failure]\n");
    EXPECT_EQ(decoded(R"({"channel":"news","sequence_num":3,"events":[]})").text(),
              "sequence 3\nundecoded unknown_message [news]\n");
}

TEST(CoinbaseDecoder, subscriptions_list_what_stands)
{
    Decoder decoder(setup());
    Recorder recorder;
    const auto feed = [&](std::string text) {
        PaddedBuffer buffer(text);
        recorder.lines.clear();
        decoder.decode(ConnectionId{1}, buffer.text_of(), Timestamp{7}, recorder);
        return recorder.text();
    };
    const std::string both = golden("subscriptions");
    std::string one = both;
    one.replace(one.find(",\"ETH-USD\""), 10, "");
    EXPECT_EQ(feed(both), "sequence 7\nsubscribed BTC-USD\nsubscribed ETH-USD\n");
    EXPECT_EQ(feed(both), "sequence 7\n");
    EXPECT_EQ(feed(one), "sequence 7\nended ETH-USD\n");
    EXPECT_EQ(feed(both), "sequence 7\nsubscribed ETH-USD\n");
    decoder.forget(ConnectionId{1});
    EXPECT_EQ(feed(both), "sequence 7\nsubscribed BTC-USD\nsubscribed ETH-USD\n");
}

TEST(CoinbaseDecoder, status_of_products)
{
    EXPECT_EQ(decoded(golden("status")).text(), "sequence 9\nstatus BTC-USD halted\n");
    std::string frame = golden("status");
    frame.replace(frame.find("\"offline\""), 9, "7");
    EXPECT_EQ(decoded(frame).text(), "sequence 9\nundecoded unknown_message [status]\n");
}

TEST(CoinbaseDecoder, clock_text_agrees_with_the_parser)
{
    ClockText clock;
    for (const char* text :
         {"2026-03-04T05:06:07.123456789Z", "2026-03-04T05:06:59Z", "2026-03-04T05:06:00.5Z",
          "2026-03-04T05:07:00.000001Z", "2026-03-04T05:07:01.Z", "2026-03-04T05:07:1.5Z",
          "2026-03-04T05:07:61Z", "1970-01-01T00:00:00Z", "", "2026-03-04T05:07:01.5",
          "2026-03-04T05:07:01+00:00", "2026-03-04T05:07:60Z", "2026-03-04T05:07:01.1234567891Z"}) {
        EXPECT_EQ(clock.read(text), parse_utc(text).value_or(Timestamp{})) << text;
    }
}

}  // namespace
}  // namespace arb::coinbase
