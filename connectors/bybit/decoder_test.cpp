#include "connectors/bybit/decoder.hpp"

#include <tuple>

#include <gtest/gtest.h>

#include "connectors/bybit/test_support.hpp"

namespace arb::bybit::test {
namespace {

constexpr Timestamp kNow{1'790'000'000'999'000'000};
constexpr ConnectionId kConnection{7};

class BybitDecoder : public ::testing::Test {
  protected:
    const InstrumentTable table_ = table();
    Decoder linear_{kLinearVenue, table_};
    Decoder spot_{kSpotVenue, table_};
    PaddedBuffer buffer_;

    Sink decode(std::string_view text, Decoder* decoder = nullptr)
    {
        Sink sink;
        (decoder != nullptr ? decoder : &linear_)->decode(kConnection, buffer_.assign(text), kNow, sink);
        return sink;
    }
    /// Expects one trouble and not a single fact.
    void expect_trouble(std::string_view text, UndecodedReason reason, ListingId listing)
    {
        const Sink sink = decode(text);
        EXPECT_EQ(sink.facts(), 0U) << text;
        ASSERT_EQ(sink.troubles.size(), 1U) << text;
        EXPECT_STREQ(name(sink.troubles[0].reason), name(reason)) << text;
        EXPECT_EQ(sink.troubles[0].listing, listing) << text;
    }
};

/// A blank in front sends a frame to the general walk: it must say the same as the fast path.
void expect_same(const Sink& quick, const Sink& general, const std::string& text)
{
    ASSERT_EQ(quick.facts(), general.facts()) << text;
    ASSERT_EQ(quick.books.size(), general.books.size()) << text;
    ASSERT_EQ(quick.troubles.size(), general.troubles.size()) << text;
    for (std::size_t i = 0; i < quick.troubles.size(); ++i) {
        EXPECT_EQ(quick.troubles[i].reason, general.troubles[i].reason) << text;
        EXPECT_EQ(quick.troubles[i].listing, general.troubles[i].listing) << text;
    }
    for (std::size_t i = 0; i < quick.books.size(); ++i) {
        const BookUpdate& a = quick.books[i].update;
        const BookUpdate& b = general.books[i].update;
        EXPECT_EQ(quick.books[i].bids, general.books[i].bids) << text;
        EXPECT_EQ(quick.books[i].asks, general.books[i].asks) << text;
        EXPECT_EQ(std::tie(a.listing, a.snapshot, a.has_checksum, a.checksum, a.sequence_last,
                           a.sequence_previous, a.has_previous, a.venue_time),
                  std::tie(b.listing, b.snapshot, b.has_checksum, b.checksum, b.sequence_last,
                           b.sequence_previous, b.has_previous, b.venue_time))
            << text;
    }
}

std::vector<Level> levels(std::initializer_list<std::pair<std::int64_t, std::int64_t>> pairs)
{
    std::vector<Level> result;
    for (const auto& [price, quantity] : pairs) result.push_back({{price}, {quantity}});
    return result;
}

TEST_F(BybitDecoder, ReadsASnapshot)
{
    const Sink sink = decode(frame("book_snapshot_linear"));
    ASSERT_EQ(sink.books.size(), 1U);
    const SeenBook& book = sink.books[0];
    EXPECT_EQ(book.update.listing, kLinear);
    EXPECT_TRUE(book.update.snapshot);
    EXPECT_FALSE(book.update.has_checksum);
    EXPECT_FALSE(book.update.has_previous);
    EXPECT_EQ(book.update.sequence_last, 18'521'288U);
    EXPECT_EQ(book.update.venue_time.ns, 1'790'000'000'123'000'000) << "cts, the time of the matching engine";
    EXPECT_EQ(book.update.receive_time, kNow);
    EXPECT_EQ(book.bids, levels({{610'004, 500}, {609'990, 12}}));
    EXPECT_EQ(book.asks, levels({{610'005, 250}, {610'010, 1'001}, {610'102, 4'000}}));
    EXPECT_EQ(sink.facts(), 1U);
    EXPECT_TRUE(sink.troubles.empty());
}

TEST_F(BybitDecoder, ReadsDeltasOfBothMarkets)
{
    const Sink linear = decode(frame("book_delta_linear"));
    ASSERT_EQ(linear.books.size(), 1U);
    EXPECT_FALSE(linear.books[0].update.snapshot);
    EXPECT_EQ(linear.books[0].update.sequence_last, 18'521'289U);
    EXPECT_EQ(linear.books[0].bids, levels({{610'004, 625}}));
    EXPECT_EQ(linear.books[0].asks, levels({{610'005, 0}, {610'009, 750}}));
    const Sink spot = decode(frame("book_delta_spot"), &spot_);
    ASSERT_EQ(spot.books.size(), 1U);
    EXPECT_EQ(spot.books[0].update.listing, kSpot) << "the same symbol, another instrument";
    EXPECT_EQ(spot.books[0].bids, levels({{611'404, 875'077}}));
    EXPECT_EQ(spot.books[0].asks, levels({{611'546, 99'480}, {612'391, 0}}));
}

TEST_F(BybitDecoder, HandsOnTheRestartNumberAsSent)
{
    const Sink sink = decode(frame("book_restart"));
    ASSERT_EQ(sink.books.size(), 1U);
    EXPECT_EQ(sink.books[0].update.sequence_last, 1U);
    EXPECT_TRUE(sink.books[0].update.snapshot);
}

TEST_F(BybitDecoder, TakesLevelOneAsAQuoteNotABook)
{
    const Sink top = decode(frame("top_snapshot"));
    ASSERT_EQ(top.quotes.size(), 1U);
    EXPECT_EQ(top.facts(), 1U);
    EXPECT_EQ(top.quotes[0].bid, (Level{{610'004}, {500}}));
    EXPECT_EQ(top.quotes[0].ask, (Level{{610'005}, {250}}));
    EXPECT_EQ(top.quotes[0].sequence, 7'961'638'800U);
    EXPECT_EQ(top.quotes[0].venue_time.ns, 1'790'000'000'201'000'000);
    const Sink half = decode(frame("top_one_sided"));
    ASSERT_EQ(half.quotes.size(), 1U);
    EXPECT_TRUE(half.quotes[0].bid.quantity.zero());
    EXPECT_EQ(half.quotes[0].ask.price.units, 610'005);
    const std::string delta = replaced(frame("top_one_sided"), "snapshot", "delta");
    EXPECT_EQ(decode(delta).facts(), 0U) << "the other side is not known from this message";
    const Sink moved =
        decode(replaced(replaced(frame("top_snapshot"), "snapshot", "delta"), R"([["61000.40","0.500"]])",
                        R"([["61000.40","0"],["61000.30","1.000"]])"));
    ASSERT_EQ(moved.quotes.size(), 1U);
    EXPECT_EQ(moved.quotes[0].bid, (Level{{610'003}, {1'000}}));
}

TEST_F(BybitDecoder, TakesTickersThatTellBothSidesAsQuotes)
{
    const Sink both = decode(frame("ticker_snapshot_linear"));
    ASSERT_EQ(both.quotes.size(), 1U);
    EXPECT_EQ(both.quotes[0].bid, (Level{{610'004}, {5'954}}));
    EXPECT_EQ(both.quotes[0].ask, (Level{{610'005}, {10'470}}));
    EXPECT_EQ(both.quotes[0].sequence, 7'961'638'900U);
    EXPECT_EQ(both.quotes[0].venue_time.ns, 1'790'000'000'400'000'000);
    for (const Sink& silent :
         {decode(frame("ticker_delta_one_side")), decode(frame("ticker_spot"), &spot_)}) {
        EXPECT_EQ(silent.facts() + silent.troubles.size(), 0U);
    }
}

TEST_F(BybitDecoder, ReadsTrades)
{
    const Sink sink = decode(frame("trades"));
    ASSERT_EQ(sink.trades.size(), 2U);
    EXPECT_EQ(sink.trades[0].listing, kLinear);
    EXPECT_EQ(sink.trades[0].price.units, 610'004);
    EXPECT_EQ(sink.trades[0].quantity.units, 4);
    EXPECT_EQ(sink.trades[0].aggressor, Side::sell);
    EXPECT_EQ(sink.trades[0].venue_time.ns, 1'790'000'000'700'000'000);
    EXPECT_EQ(sink.trades[1].aggressor, Side::buy);
    EXPECT_EQ(sink.trades[1].quantity.units, 1'250);
    EXPECT_EQ(sink.trades[1].receive_time, kNow);
}

TEST_F(BybitDecoder, ReadsReplies)
{
    const Sink subscribed = decode(frame("subscribed"));
    ASSERT_EQ(subscribed.acks.size(), 1U);
    EXPECT_EQ(subscribed.acks[0].listing, kNoListing);
    EXPECT_TRUE(subscribed.acks[0].subscribed);
    const Sink unsubscribed = decode(frame("unsubscribed"));
    ASSERT_EQ(unsubscribed.acks.size(), 1U);
    EXPECT_FALSE(unsubscribed.acks[0].subscribed);
    const Sink refused = decode(frame("refused"));
    EXPECT_EQ(refused.facts(), 0U);
    ASSERT_EQ(refused.troubles.size(), 1U);
    EXPECT_EQ(refused.troubles[0].reason, UndecodedReason::venue_error);
    EXPECT_EQ(refused.troubles[0].text, "Invalid topic: orderbook.50.NOPEUSDT");
    const Sink pong = decode(frame("pong_with_time"));
    EXPECT_EQ(pong.times, std::vector<Timestamp>{{1'790'000'000'800'000'000}});
    for (const char* harmless : {"pong", "kline"}) {
        const Sink silent = decode(frame(harmless));
        EXPECT_EQ(silent.facts() + silent.troubles.size(), 0U) << harmless;
    }
}

TEST_F(BybitDecoder, DoesNotDependOnKeyOrderOrBlanks)
{
    const Sink plain = decode(frame("book_delta_linear"));
    const std::string reordered =
        R"( { "data" : { "seq":7961638790,"u" : 18521289 ,"a":[ ["61000.50" , "0" ] ,["61000.90","0.750","x",{"y":[]}]],)"
        "\r\n\t"
        R"("new":{"b":[1]}, "b" : [["61000.40","0.625"]],"s":"BTCUSDT"} ,"cts":1790000000146 , "type":"delta",)"
        R"("ts":1790000000150,"topic" : "orderbook.50.BTCUSDT" } )";
    const Sink other = decode(reordered);
    ASSERT_EQ(other.books.size(), 1U);
    EXPECT_EQ(other.books[0].bids, plain.books[0].bids);
    EXPECT_EQ(other.books[0].asks, plain.books[0].asks);
    EXPECT_EQ(other.books[0].update.sequence_last, 18'521'289U);
    EXPECT_EQ(other.books[0].update.venue_time, plain.books[0].update.venue_time);
    EXPECT_FALSE(other.books[0].update.snapshot);
}

// What lies behind a cut frame is anything: here the rest of the frame itself, the most tempting
// continuation.
TEST_F(BybitDecoder, HandsNothingOnFromAFrameCutAnywhere)
{
    for (const char* golden :
         {"book_snapshot_linear", "book_delta_linear", "trades", "ticker_snapshot_linear"}) {
        const std::string text = frame(golden);
        const bool book = std::string_view(golden).substr(0, 4) == "book";
        const PaddedBuffer whole(text);
        const std::size_t topic_end = text.find("BTCUSDT\"") + 8;
        for (std::size_t size = 0; size < text.size(); ++size) {
            Sink sink;
            linear_.decode(kConnection, {whole.text_of().data, size}, kNow, sink);
            ASSERT_EQ(sink.facts(), 0U) << golden << " cut at " << size;
            ASSERT_EQ(sink.troubles.size(), 1U) << golden << " cut at " << size;
            EXPECT_EQ(sink.troubles[0].listing, book && size >= topic_end ? kLinear : kNoListing) << size;
            const Sink zeros = decode(text.substr(0, size));
            ASSERT_EQ(zeros.facts(), 0U) << golden << " cut at " << size;
            ASSERT_EQ(zeros.troubles.size(), 1U) << golden << " cut at " << size;
        }
        EXPECT_GT(decode(text).facts(), 0U) << golden;
        EXPECT_EQ(decode(text + "}").facts(), 0U) << golden;
        EXPECT_EQ(decode(text + " x").facts(), 0U) << golden;
        EXPECT_EQ(decode(text + text).facts(), 0U) << golden;
    }
}

TEST_F(BybitDecoder, NamesTheReasonOfABadDelta)
{
    struct Case {
        const char* from;
        const char* to;
        UndecodedReason reason;
    };
    using enum UndecodedReason;
    const Case cases[] = {
        {R"("61000.90")", R"("NaN")", bad_number},
        {R"("61000.90")", R"("6.1e4")", bad_number},
        {R"("61000.90")", R"("")", bad_number},
        {R"("61000.90")", R"("99999999999999999999")", bad_number},
        {R"("61000.90")", R"("0.00")", bad_price},
        {R"("61000.90")", R"("-61000.90")", bad_price},
        {R"("61000.90")", R"("61000.95")", too_precise},
        {R"("0.750")", R"("-0.750")", bad_quantity},
        {R"("0.750")", R"("0.7501")", too_precise},
        {R"("0.750")", R"(true)", bad_number},
        {R"(["61000.40","0.625"])", R"(["61000.40"])", malformed},
        {R"([["61000.40","0.625"]])", R"({"61000.40":"0.625"})", wrong_type},
        {R"([["61000.40","0.625"]])", R"(null)", wrong_type},
        {R"("b":[)", R"("c":[)", missing_field},
        {R"("b":[)", R"("a":[)", malformed},
        {R"("u":18521289)", R"("u":18521289,"u":18521290)", malformed},
        {R"("u":18521289,)", "", missing_field},
        {R"("u":18521289)", R"("u":"18521289")", wrong_type},
        {R"("u":18521289)", R"("u":99999999999999999999)", bad_number},
        {R"("u":18521289)", R"("u":0)", bad_number},
        {R"("u":18521289)", R"("u":-4)", bad_number},
        {R"("type":"delta")", R"("type":"change")", malformed},
        {R"("type":"delta",)", "", missing_field},
        {R"("type":"delta")", R"("type":1)", wrong_type},
        {R"("ts":1790000000150)", R"("ts":17900000001500000)", bad_number},
        {R"("ts":1790000000150)", R"("ts":-1)", bad_number},
        {R"("cts":1790000000146)", R"("cts":"late")", wrong_type},
        {R"("s":"BTCUSDT")", R"("s":"ETHUSDT")", malformed},
        {R"("data":{)", R"("date":{)", missing_field},
    };
    for (const Case& c : cases) {
        SCOPED_TRACE(c.to);
        expect_trouble(replaced(frame("book_delta_linear"), c.from, c.to), c.reason, kLinear);
    }
}

TEST_F(BybitDecoder, RefusesWhatItCannotPlace)
{
    using enum UndecodedReason;
    const std::string delta = frame("book_delta_linear");
    expect_trouble("", malformed, kNoListing);
    expect_trouble("  ", malformed, kNoListing);
    expect_trouble("pong", malformed, kNoListing);
    expect_trouble("[]", malformed, kNoListing);
    expect_trouble("{}", unknown_message, kNoListing);
    expect_trouble("\xff\xfe{}", malformed, kNoListing);
    expect_trouble(std::string(100'000, '{'), malformed, kNoListing);
    expect_trouble(R"({"topic":)" + std::string(5'000, '[') + std::string(5'000, ']') + "}", wrong_type,
                   kNoListing);
    expect_trouble(replaced(delta, "BTCUSDT", "NOPEUSDT"), unknown_instrument, kNoListing);
    expect_trouble(replaced(delta, "orderbook.50.", "orderbook.rpi."), unknown_message, kNoListing);
    expect_trouble(replaced(delta, "orderbook.50.", "orderbook.full."), unknown_message, kNoListing);
    expect_trouble(replaced(delta, "orderbook.50.BTCUSDT", "orderbook"), unknown_message, kNoListing);
    expect_trouble(replaced(frame("trades"), R"("S":"Sell")", R"("S":"sell")"), malformed, kNoListing);
    expect_trouble(replaced(frame("trades"), R"("v":"0.004")", R"("v":"0.000")"), bad_quantity, kNoListing);
    expect_trouble(replaced(frame("trades"), R"("p":"61000.40",)", ""), missing_field, kNoListing);
    expect_trouble(
        replaced(frame("ticker_snapshot_linear"), R"("bid1Price":"61000.40")", R"("bid1Price":"x")"),
        bad_number, kNoListing);
    expect_trouble(replaced(frame("subscribed"), "true", "\"yes\""), wrong_type, kNoListing);
    expect_trouble(R"({"op":"surprise"})", unknown_message, kNoListing);
    const Sink unknown = decode(replaced(delta, "BTCUSDT", "NOPEUSDT"));
    EXPECT_EQ(unknown.troubles[0].text, "NOPEUSDT");
}

// Every byte of golden frames replaced by characters that matter to JSON: whatever comes out, nothing breaks,
// and a book is handed on only with positive prices.
TEST_F(BybitDecoder, SurvivesEveryOneByteChange)
{
    for (const char* golden : {"book_delta_linear", "book_snapshot_linear", "top_snapshot", "trades",
                               "ticker_snapshot_linear", "pong_with_time"}) {
        const std::string text = frame(golden);
        for (std::size_t i = 0; i < text.size(); ++i) {
            for (const char c : std::string_view("\"{}[]:,\\ 09-.e\x00\x80", 17)) {
                std::string changed = text;
                changed[i] = c;
                const Sink sink = decode(changed);
                expect_same(sink, decode(" " + changed), changed);
                EXPECT_LE(sink.books.size(), 1U);
                EXPECT_LE(sink.troubles.size(), 1U);
                for (const SeenBook& book : sink.books) {
                    for (const Level& level : book.bids) ASSERT_GT(level.price.units, 0) << changed;
                    for (const Level& level : book.asks) ASSERT_GE(level.quantity.units, 0) << changed;
                }
            }
        }
    }
}

}  // namespace
}  // namespace arb::bybit::test
