#include "connectors/okx/decoder.hpp"

#include <tuple>

#include <gtest/gtest.h>

#include "connectors/okx/test_support.hpp"

namespace arb::okx::test {
namespace {

constexpr Timestamp kNow{1'790'000'000'999'000'000};
constexpr ConnectionId kConnection{7};

class OkxDecoder : public ::testing::Test {
  protected:
    const InstrumentTable table_ = table();
    Decoder decoder_{VenueId{0}, table_};
    PaddedBuffer buffer_;

    Sink decode(std::string_view text)
    {
        Sink sink;
        closing_ = decoder_.decode(kConnection, buffer_.assign(text), kNow, sink);
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
    bool closing_ = false;
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

TEST_F(OkxDecoder, ReadsASnapshot)
{
    const Sink sink = decode(frame("books_snapshot"));
    ASSERT_EQ(sink.books.size(), 1U);
    const SeenBook& book = sink.books[0];
    EXPECT_EQ(book.update.listing, kSpot);
    EXPECT_TRUE(book.update.snapshot);
    EXPECT_FALSE(book.update.has_checksum) << "0 is no checksum";
    EXPECT_FALSE(book.update.has_previous) << "-1 is no number";
    EXPECT_EQ(book.update.sequence_last, 70'001U);
    EXPECT_EQ(book.update.venue_time.ns, 1'790'000'000'123'000'000);
    EXPECT_EQ(book.update.receive_time, kNow);
    EXPECT_EQ(book.asks, levels({{610'005, 25'000'000}, {610'010, 100'000'001}, {610'102, 400'000'000}}));
    EXPECT_EQ(book.bids, levels({{610'004, 50'000'000}, {609'990, 12'000}}));
    EXPECT_TRUE(sink.troubles.empty());
    EXPECT_EQ(sink.facts(), 1U);
}

TEST_F(OkxDecoder, ReadsADelta)
{
    const Sink sink = decode(frame("books_update"));
    ASSERT_EQ(sink.books.size(), 1U);
    EXPECT_FALSE(sink.books[0].update.snapshot);
    EXPECT_TRUE(sink.books[0].update.has_previous);
    EXPECT_EQ(sink.books[0].update.sequence_previous, 70'001U);
    EXPECT_EQ(sink.books[0].update.sequence_last, 70'009U);
    EXPECT_FALSE(sink.books[0].update.unnumbered);
    EXPECT_EQ(sink.books[0].asks, levels({{610'005, 0}, {610'009, 75'000'000}}));
    EXPECT_EQ(sink.books[0].bids, levels({{610'004, 62'500'000}}));
}

TEST_F(OkxDecoder, HandsOnKeepalivesAndRestartedNumbersAsSent)
{
    const Sink keepalive = decode(frame("books_keepalive"));
    ASSERT_EQ(keepalive.books.size(), 1U);
    EXPECT_TRUE(keepalive.books[0].bids.empty() && keepalive.books[0].asks.empty());
    EXPECT_EQ(keepalive.books[0].update.sequence_previous, keepalive.books[0].update.sequence_last);
    const Sink reset = decode(frame("books_sequence_reset"));
    ASSERT_EQ(reset.books.size(), 1U);
    EXPECT_EQ(reset.books[0].update.sequence_previous, 70'009U);
    EXPECT_EQ(reset.books[0].update.sequence_last, 12U);
}

TEST_F(OkxDecoder, ConvertsContractsToTheInstrumentsUnits)
{
    const Sink inverse = decode(frame("books_contracts_update"));
    ASSERT_EQ(inverse.books.size(), 1U);
    EXPECT_EQ(inverse.books[0].update.listing, kFuture);
    EXPECT_EQ(inverse.books[0].asks, levels({{621'115, 41'500}})) << "415 contracts of 100 USD";
    EXPECT_EQ(inverse.books[0].bids, levels({{621'000, 700}, {620'999, 0}}));
    const Sink linear = decode(frame("books_swap_update"));
    ASSERT_EQ(linear.books.size(), 1U);
    EXPECT_EQ(linear.books[0].update.listing, kSwap);
    EXPECT_EQ(linear.books[0].asks, levels({{610'201, 1'234}})) << "12.34 contracts are 0.1234 BTC";
}

TEST_F(OkxDecoder, ReadsMessagesOf2022WithASignedChecksumAndNoNumbers)
{
    const Sink sink = decode(frame("books_2022_update"));
    ASSERT_EQ(sink.books.size(), 1U);
    EXPECT_TRUE(sink.books[0].update.has_checksum);
    EXPECT_EQ(sink.books[0].update.checksum, 2'413'953'002U) << "two's complement of -1881014294";
    EXPECT_FALSE(sink.books[0].update.has_previous);
    EXPECT_TRUE(sink.books[0].update.unnumbered);
    EXPECT_EQ(sink.books[0].update.sequence_last, 0U);
}

TEST_F(OkxDecoder, TakesEachBooks5MessageAsASnapshot)
{
    const Sink sink = decode(frame("books5"));
    ASSERT_EQ(sink.books.size(), 1U);
    EXPECT_TRUE(sink.books[0].update.snapshot);
    EXPECT_EQ(sink.books[0].update.sequence_last, 70'020U);
    EXPECT_EQ(sink.books[0].asks.size(), 2U);
}

TEST_F(OkxDecoder, ReadsBestQuotes)
{
    const Sink top = decode(frame("bbo_tbt"));
    ASSERT_EQ(top.quotes.size(), 1U);
    EXPECT_EQ(top.facts(), 1U);
    EXPECT_EQ(top.quotes[0].listing, kSpot);
    EXPECT_EQ(top.quotes[0].bid, (Level{{610'004}, {50'000'000}}));
    EXPECT_EQ(top.quotes[0].ask, (Level{{610'005}, {25'000'000}}));
    EXPECT_EQ(top.quotes[0].sequence, 70'021U);
    const Sink ticker = decode(frame("tickers"));
    ASSERT_EQ(ticker.quotes.size(), 1U);
    EXPECT_EQ(ticker.quotes[0].listing, kSwap);
    EXPECT_EQ(ticker.quotes[0].bid, (Level{{610'005}, {550}}));
    EXPECT_EQ(ticker.quotes[0].ask, (Level{{610'006}, {1'100}}));
    EXPECT_EQ(ticker.quotes[0].venue_time.ns, 1'790'000'000'500'000'000);
    const Sink half = decode(frame("tickers_one_sided"));
    ASSERT_EQ(half.quotes.size(), 1U);
    EXPECT_TRUE(half.quotes[0].bid.quantity.zero());
    EXPECT_EQ(half.quotes[0].ask.price.units, 610'006);
}

TEST_F(OkxDecoder, ReadsTrades)
{
    const Sink sink = decode(frame("trades"));
    ASSERT_EQ(sink.trades.size(), 2U);
    EXPECT_EQ(sink.trades[0].price.units, 610'005);
    EXPECT_EQ(sink.trades[0].quantity.units, 12'060'306);
    EXPECT_EQ(sink.trades[0].aggressor, Side::buy);
    EXPECT_EQ(sink.trades[1].aggressor, Side::sell);
    EXPECT_EQ(sink.trades[1].venue_time.ns, 1'790'000'000'601'000'000);
    EXPECT_EQ(sink.trades[1].receive_time, kNow);
}

TEST_F(OkxDecoder, ReadsEvents)
{
    const Sink subscribed = decode(frame("subscribed"));
    ASSERT_EQ(subscribed.acks.size(), 1U);
    EXPECT_EQ(subscribed.acks[0].listing, kSpot);
    EXPECT_TRUE(subscribed.acks[0].subscribed);
    const Sink unsubscribed = decode(frame("unsubscribed"));
    ASSERT_EQ(unsubscribed.acks.size(), 1U);
    EXPECT_FALSE(unsubscribed.acks[0].subscribed);
    const Sink error = decode(frame("error"));
    ASSERT_EQ(error.troubles.size(), 1U);
    EXPECT_EQ(error.troubles[0].reason, UndecodedReason::venue_error);
    EXPECT_EQ(error.troubles[0].text, "Wrong URL or channel:books,instId:NOPE-USDT does not exist");
    EXPECT_FALSE(closing_);
    EXPECT_TRUE(decode(frame("notice")).troubles.empty());
    EXPECT_TRUE(closing_);
}

TEST_F(OkxDecoder, IsSilentAboutKnownHarmlessMessages)
{
    for (const std::string& text :
         {std::string("pong"), frame("funding_rate"), frame("channel_conn_count")}) {
        const Sink sink = decode(text);
        EXPECT_EQ(sink.facts() + sink.troubles.size(), 0U) << text;
    }
}

TEST_F(OkxDecoder, TellsWhetherInstrumentsAndTheServiceTrade)
{
    using Told = std::vector<std::pair<ListingId, ListingStatus>>;
    EXPECT_EQ(decode(frame("instruments_push")).statuses, (Told{{kSpot, ListingStatus::halted}}));
    const Told none = decode(replaced(frame("status"), R"("ongoing")", R"("scheduled")")).statuses;
    EXPECT_TRUE(none.empty());
    EXPECT_EQ(decode(frame("status")).statuses.size(), table_.listings().size());
    EXPECT_TRUE(decode(frame("status")).statuses.empty()) << "no news";
    const Told over = decode(replaced(frame("status"), R"("ongoing")", R"("completed")")).statuses;
    ASSERT_EQ(over.size(), table_.listings().size());
    for (const auto& [listing, status] : over) {
        EXPECT_EQ(status, listing == kSpot ? ListingStatus::halted : ListingStatus::trading);
    }
    const Sink odd = decode(replaced(frame("instruments_push"), R"("suspend")", "7"));
    EXPECT_TRUE(odd.statuses.empty());
    ASSERT_EQ(odd.troubles.size(), 1U);
    EXPECT_EQ(odd.troubles[0].listing, kNoListing);
}

TEST_F(OkxDecoder, ReadsABookReply)
{
    Sink sink;
    decoder_.decode_book_reply("BTC-USDT", buffer_.assign(frame("books_reply")), kNow, sink);
    ASSERT_EQ(sink.books.size(), 1U);
    EXPECT_TRUE(sink.books[0].update.snapshot);
    EXPECT_EQ(sink.books[0].update.sequence_last, 70'030U);
    decoder_.decode_book_reply("BTC-USDT", buffer_.assign(frame("books_reply_error")), kNow, sink);
    decoder_.decode_book_reply("NOPE-USDT", buffer_.assign(frame("books_reply")), kNow, sink);
    EXPECT_EQ(sink.books.size(), 1U);
    ASSERT_EQ(sink.troubles.size(), 2U);
    EXPECT_EQ(sink.troubles[0].text, "Instrument ID does not exist");
    EXPECT_EQ(sink.troubles[1].reason, UndecodedReason::unknown_instrument);
}

TEST_F(OkxDecoder, DoesNotDependOnKeyOrderOrBlanks)
{
    const Sink plain = decode(frame("books_update"));
    const std::string reordered =
        R"( { "data" : [ { "seqId" : 70009 , "prevSeqId":70001,"new":{"a":[1,2]}, "bids":[ [ "61000.4" , "0.625","0","3" ] ],)"
        R"("ts" : "1790000000223" ,"asks":[["61000.5","0","0","0"],["61000.9","0.75","0","2"]]} ] ,"checksum":5,)"
        "\n\t"
        R"("action":"update","arg":{"instId" : "BTC-USDT" ,"channel":"books"} } )";
    const Sink other = decode(reordered);
    ASSERT_EQ(other.books.size(), 1U);
    EXPECT_EQ(other.books[0].bids, plain.books[0].bids);
    EXPECT_EQ(other.books[0].asks, plain.books[0].asks);
    EXPECT_EQ(other.books[0].update.sequence_previous, 70'001U);
    EXPECT_EQ(other.books[0].update.sequence_last, 70'009U);
    EXPECT_TRUE(other.troubles.empty());
}

// What lies behind a cut frame is anything: here the rest of the frame itself, the most tempting
// continuation.
TEST_F(OkxDecoder, HandsNothingOnFromAFrameCutAnywhere)
{
    for (const char* golden : {"books_snapshot", "books_update", "trades", "tickers", "bbo_tbt"}) {
        const std::string text = frame(golden);
        PaddedBuffer whole(text);
        const std::size_t symbol_end = text.find("\"}") + 1;
        for (std::size_t size = 0; size < text.size(); ++size) {
            Sink sink;
            EXPECT_FALSE(decoder_.decode(kConnection, {whole.text_of().data, size}, kNow, sink));
            ASSERT_EQ(sink.facts(), 0U) << golden << " cut at " << size;
            ASSERT_EQ(sink.troubles.size(), 1U) << golden << " cut at " << size;
            const bool book = std::string_view(golden).substr(0, 5) == "books";
            EXPECT_EQ(sink.troubles[0].listing, book && size >= symbol_end ? kSpot : kNoListing) << size;
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

TEST_F(OkxDecoder, NamesTheReasonOfABadDelta)
{
    struct Case {
        const char* from;
        const char* to;
        UndecodedReason reason;
    };
    using enum UndecodedReason;
    const Case cases[] = {
        {R"("61000.9")", R"("NaN")", bad_number},
        {R"("61000.9")", R"(NaN)", bad_number},
        {R"("61000.9")", R"("6.1e4")", bad_number},
        {R"("61000.9")", R"("")", bad_number},
        {R"("61000.9")", R"("99999999999999999999")", bad_number},
        {R"("61000.9")", R"("0")", bad_price},
        {R"("61000.9")", R"("-61000.9")", bad_price},
        {R"("61000.9")", R"("61000.95")", too_precise},
        {R"("0.75")", R"("-0.75")", bad_quantity},
        {R"("0.75")", R"("0.123456789")", too_precise},
        {R"("0.75")", R"(null)", bad_number},
        {R"(["61000.4","0.625","0","3"])", R"(["61000.4"])", malformed},
        {R"([["61000.4","0.625","0","3"]])", R"("61000.4")", wrong_type},
        {R"([["61000.4","0.625","0","3"]])", R"(["61000.4"])", malformed},
        {R"("bids":)", R"("buds":)", missing_field},
        {R"("bids":)", R"("asks":)", malformed},
        {R"("seqId":70009)", R"("seqId":70009,"seqId":70010)", malformed},
        {R"("action":"update")", R"("action":"update","action":"update")", malformed},
        {R"("action":"update")", R"("action":"replace")", malformed},
        {R"("action":"update",)", "", missing_field},
        {R"("seqId":70009)", R"("seqId":"70009")", wrong_type},
        {R"("seqId":70009)", R"("seqId":99999999999999999999)", bad_number},
        {R"("seqId":70009)", R"("seqId":-5)", bad_number},
        {R"("prevSeqId":70001)", R"("prevSeqId":-2)", bad_number},
        {R"("prevSeqId":70001)", R"("prevSeqId":1.5)", bad_number},
        {R"("checksum":0)", R"("checksum":99999999999)", bad_number},
        {R"("ts":"1790000000223")", R"("ts":1790000000223)", wrong_type},
        {R"("ts":"1790000000223")", R"("ts":"soon")", bad_number},
        {R"("ts":"1790000000223")", R"("ts":"17900000002230000")", bad_number},
        {R"("data":[{)", R"("data":[{},{)", malformed},
        {R"("data":[)", R"("date":[)", missing_field},
    };
    for (const Case& c : cases) {
        SCOPED_TRACE(c.to);
        expect_trouble(replaced(frame("books_update"), c.from, c.to), c.reason, kSpot);
    }
}

TEST_F(OkxDecoder, RefusesWhatItCannotPlace)
{
    using enum UndecodedReason;
    const std::string delta = frame("books_update");
    expect_trouble("", malformed, kNoListing);
    expect_trouble("   ", malformed, kNoListing);
    expect_trouble("ping", malformed, kNoListing);
    expect_trouble("[]", malformed, kNoListing);
    expect_trouble("{}", unknown_message, kNoListing);
    expect_trouble("\xff\xfe{}", malformed, kNoListing);
    expect_trouble(std::string(100'000, '['), malformed, kNoListing);
    expect_trouble(R"({"arg":)" + std::string(5'000, '[') + std::string(5'000, ']') + "}", wrong_type,
                   kNoListing);
    expect_trouble(replaced(delta, "BTC-USDT", "NOPE-USDT"), unknown_instrument, kNoListing);
    expect_trouble(replaced(delta, "\"books\"", "\"books-rpi\""), unknown_message, kNoListing);
    expect_trouble(replaced(delta, R"("instId":"BTC-USDT")", R"("instId":17)"), wrong_type, kNoListing);
    expect_trouble(replaced(frame("trades"), R"("side":"buy")", R"("side":"both")"), malformed, kNoListing);
    expect_trouble(replaced(frame("trades"), R"("sz":"0.01")", R"("sz":"0")"), bad_quantity, kNoListing);
    expect_trouble(replaced(frame("trades"), R"("px":"61000.4",)", ""), missing_field, kNoListing);
    expect_trouble(replaced(frame("tickers"), R"("bidPx":"61000.5")", R"("bidPx":"0")"), bad_price,
                   kNoListing);
    expect_trouble(R"({"event":"surprise"})", unknown_message, kNoListing);
    expect_trouble(R"({"code":"50011","msg":"Too many requests"})", venue_error, kNoListing);
    const Sink unknown = decode(replaced(delta, "BTC-USDT", "NOPE-USDT"));
    EXPECT_EQ(unknown.troubles[0].text, "NOPE-USDT");
}

// Every byte of every golden frame replaced by characters that matter to JSON: whatever comes out, nothing
// breaks, and a book is handed on only with positive prices.
TEST_F(OkxDecoder, SurvivesEveryOneByteChange)
{
    for (const char* golden : {"books_update", "books_snapshot", "books_2022_update",
                               "books_contracts_update", "trades", "tickers", "subscribed"}) {
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
}  // namespace arb::okx::test
