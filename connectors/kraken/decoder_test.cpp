// Golden frames to exact facts: every kind of message of Kraken's public websocket, v2 and v1.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "connectors/kraken/symbols.hpp"
#include "connectors/kraken/test_support.hpp"

namespace arb::kraken {

std::string golden(const std::string& name)
{
    std::ifstream file(std::string(ARBITER_SOURCE_DIR) + "/connectors/kraken/frames/" + name + ".json");
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

namespace {

const char* const kSnapshot =
    "book snapshot DOGE/USD 05:06:07.123456000Z bids 0.5x7.25 0.4999x100.00000001 0.499x1 asks 0.5001x12 "
    "0.5002x0.1"
    " crc 1187149529 text 4.8 depth 1000\n";

TEST(KrakenDecoder, snapshot)
{
    EXPECT_EQ(decoded(golden("book_snapshot")).text(), kSnapshot);
}

TEST(KrakenDecoder, a_removal_without_decimals_does_not_change_the_wording)
{
    EXPECT_EQ(decoded(golden("book_update")).text(),
              "book update DOGE/USD 05:06:08.500000000Z bids asks 0.5001x0 0.5003x3 crc 2149777427 text 4.8 "
              "depth 1000\n");
}

TEST(KrakenDecoder, any_key_order_and_blanks)
{
    EXPECT_EQ(
        decoded(golden("book_reordered")).text(),
        "book update DOGE/USD 05:06:09.000000000Z bids asks 0.5003x3 crc 2149777427 text 4.8 depth 1000\n");
}

TEST(KrakenDecoder, the_two_ways_agree)
{
    for (const char* name : {"book_snapshot", "book_update"}) {
        EXPECT_EQ(decoded(golden(name)).text(), decoded(golden(name) + "\n").text()) << name;
    }
}

TEST(KrakenDecoder, the_wording_is_kept_from_the_snapshot)
{
    Decoder decoder(setup());
    Recorder recorder;
    const auto update = [&](const std::string& bids) {
        recorder.lines.clear();
        feed(decoder,
             R"({"channel":"book","type":"update","data":[{"symbol":"DOGE/USD","bids":[)" + bids +
                 R"(],"asks":[],"checksum":1}]})",
             recorder);
        return recorder.lines.at(0).substr(recorder.lines.at(0).find("text"));
    };
    feed(decoder, golden("book_snapshot"), recorder);
    EXPECT_EQ(update(""), "text 4.8 depth 1000");
    EXPECT_EQ(update(R"({"price":0.5,"qty":0})"), "text 4.8 depth 1000");
    EXPECT_EQ(update(R"({"price":0.500000,"qty":0.1})"), "text 6.8 depth 1000");
    feed(decoder, golden("book_snapshot"), recorder);
    EXPECT_EQ(update(""), "text 4.8 depth 1000") << "a snapshot begins anew";
}

TEST(KrakenDecoder, confirmations_tell_the_depth)
{
    Decoder decoder(setup(10));
    Recorder recorder;
    feed(decoder, golden("book_update"), recorder);
    feed(decoder, golden("ack_subscribe"), recorder);
    feed(decoder, golden("book_update"), recorder);
    feed(decoder, golden("ack_unsubscribe"), recorder);
    ASSERT_EQ(recorder.lines.size(), 4U);
    EXPECT_TRUE(recorder.lines[0].ends_with("depth 10"));
    EXPECT_EQ(recorder.lines[1], "subscribed DOGE/USD");
    EXPECT_TRUE(recorder.lines[2].ends_with("depth 25"));
    EXPECT_EQ(recorder.lines[3], "ended DOGE/USD");
}

TEST(KrakenDecoder, depths_on_offer)
{
    EXPECT_EQ(offered_depth(0), 1000U);
    EXPECT_EQ(offered_depth(1), 10U);
    EXPECT_EQ(offered_depth(10), 10U);
    EXPECT_EQ(offered_depth(11), 25U);
    EXPECT_EQ(offered_depth(400), 500U);
    EXPECT_EQ(offered_depth(100'000), 1000U);
}

TEST(KrakenDecoder, trades_name_the_taker)
{
    EXPECT_EQ(decoded(golden("trade")).text(),
              "trade DOGE/USD sell 0.5x7.25 05:06:08.250001000Z\n"
              "trade BTC/USD buy 30000.1x0.00000001 05:06:08.300000000Z\n");
    EXPECT_EQ(decoded(golden("trade_snapshot")).text(), "") << "history, not news";
}

TEST(KrakenDecoder, ticker_is_a_quote)
{
    EXPECT_EQ(decoded(golden("ticker")).text(), "quote BTC/USD 30000.1x0.5 30000.2x1\n");
    std::string frame = golden("ticker");
    frame.replace(frame.find("30000.1"), 7, "0.0");
    EXPECT_EQ(decoded(frame).text(), "quote BTC/USD 0x0 30000.2x1\n") << "no bid";
}

TEST(KrakenDecoder, other_messages)
{
    for (const char* name : {"heartbeat", "status", "v1_heartbeat"}) {
        EXPECT_EQ(decoded(golden(name)).text(), "") << name;
    }
    EXPECT_EQ(decoded(golden("instrument")).text(), "status BTC/USD trading\n");
    EXPECT_EQ(decoded(golden("instrument_update")).text(), "status BTC/USD halted\n");
    EXPECT_EQ(decoded(golden("status_maintenance")).text(),
              "status DOGE/USD halted\nstatus BTC/USD halted\n");
    EXPECT_EQ(decoded(golden("pong")).text(), "time 05:06:07.200001000Z\n");
    EXPECT_EQ(decoded(golden("error")).text(),
              "undecoded venue_error [Currency pair not supported XXX/YYY]\n");
    EXPECT_EQ(decoded(golden("v1_error")).text(),
              "undecoded venue_error [Subscription depth not supported]\n");
    EXPECT_EQ(decoded(golden("v1_ack")).text(), "subscribed DOGE/USD\n");
    EXPECT_EQ(decoded(R"({"channel":"news","data":[]})").text(), "undecoded unknown_message [news]\n");
    EXPECT_EQ(decoded(R"({"method":"dance","success":true})").text(), "undecoded unknown_message [dance]\n");
    EXPECT_EQ(decoded(R"({"event":"party"})").text(), "undecoded unknown_message [party]\n");
}

TEST(KrakenDecoder, v1_snapshot_has_no_checksum)
{
    EXPECT_EQ(decoded(golden("v1_book_snapshot")).text(),
              "book snapshot DOGE/USD 05:06:07.100001000Z bids 0.5x7.25 asks 0.5001x12 0.5002x0.1 text 9.8 "
              "depth 100\n");
}

TEST(KrakenDecoder, v1_two_maps_are_one_change)
{
    EXPECT_EQ(decoded(golden("v1_book_update")).text(),
              "book update DOGE/USD 05:06:08.250000000Z bids 0.4999x2 asks 0.5001x0 crc 2213090875 text 9.8 "
              "depth 100\n");
}

TEST(KrakenDecoder, v1_trades_and_tickers)
{
    EXPECT_EQ(decoded(golden("v1_trade")).text(),
              "trade BTC/USD sell 0.5x40 05:06:08.250001000Z\n"
              "trade BTC/USD buy 30000.1x0.00000001 05:06:08.300000000Z\n");
    EXPECT_EQ(decoded(golden("v1_ticker")).text(), "quote BTC/USD 30000.1x0.5 30000.2x1\n");
    EXPECT_EQ(decoded(R"([1,["a"],"spread","XBT/USD"])").text(), "");
    EXPECT_EQ(decoded(R"([1,["a"],"ohlc-5","XBT/USD"])").text(), "");
    EXPECT_EQ(decoded(R"([1,["a"],"news","XBT/USD"])").text(), "undecoded unknown_message [news]\n");
    EXPECT_EQ(decoded(R"([1,{},"book-10","XBT\/JPY"])").text(), "undecoded unknown_instrument [BTC/JPY]\n");
}

TEST(KrakenSymbols, old_names_become_new)
{
    SymbolBuffer buffer;
    EXPECT_EQ(modern_symbol("XBT/USD", buffer), "BTC/USD");
    EXPECT_EQ(modern_symbol("XDG/XBT", buffer), "DOGE/BTC");
    EXPECT_EQ(modern_symbol("KSM/EUR", buffer), "KSM/EUR");
    EXPECT_EQ(modern_symbol("XBTUSD", buffer), "XBTUSD");
    EXPECT_EQ(modern_symbol("/", buffer), "/");
    const std::string wide = "XBT/" + std::string(100, 'A');
    EXPECT_EQ(modern_symbol(wide, buffer), wide);
}

TEST(KrakenDecoder, clock_text_agrees_with_the_parser)
{
    ClockText clock;
    for (const char* text :
         {"2026-03-04T05:06:07.123456Z", "2026-03-04T05:06:59Z", "2026-03-04T05:06:00.5Z",
          "2026-03-04T05:07:00.000001Z", "2026-03-04T05:07:61Z", "", "2026-03-04T05:07:01.5"}) {
        EXPECT_EQ(clock.read(text), parse_utc(text).value_or(Timestamp{})) << text;
    }
}

}  // namespace
}  // namespace arb::kraken
