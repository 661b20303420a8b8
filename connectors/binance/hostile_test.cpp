// Frames that no venue should send: nothing crashes, nothing is half-applied, each is counted by its reason,
// and the quick reader never accepts what the general walk refuses.
#include <gtest/gtest.h>

#include "connectors/binance/test_support.hpp"

namespace arb::binance {
namespace {

using test::Remembered;
using Reason = UndecodedReason;

class HostileTest : public ::testing::Test {
  protected:
    Remembered decode(std::string_view text, bool general = false)
    {
        // In a buffer of its own size, so that a read past the padding is found.
        PaddedBuffer buffer(text);
        Remembered sink;
        if (general)
            decoder_.frame_general(ConnectionId{1}, buffer.text_of(), {}, sink);
        else
            decoder_.frame(ConnectionId{1}, buffer.text_of(), {}, sink);
        return sink;
    }
    void expect_refused(std::string_view text, Reason reason, ListingId listing)
    {
        for (const bool general : {false, true}) {
            const Remembered facts = decode(text, general);
            EXPECT_EQ(facts.facts(), 0U) << text;
            ASSERT_EQ(facts.troubles.size(), 1U) << text << (general ? " (general)" : "");
            EXPECT_STREQ(name(facts.troubles[0].reason), name(reason))
                << text << (general ? " (general)" : "");
            EXPECT_EQ(facts.troubles[0].listing, listing) << text;
        }
    }

    InstrumentTable table_ = test::table_of("spot");
    Decoder decoder_{VenueSetup{VenueId{0}, &table_, 0}};
};

const std::string kDelta =
    R"({"e":"depthUpdate","E":1700000000123,"s":"BTCUSDT","U":501,"u":504,"b":[["37000.10000000","1.50000000"]],"a":[["37001.25","0.0042"],["37002.00","0"]]})";
const std::string kWrapped = R"({"stream":"btcusdt@depth@100ms","data":)" + kDelta + "}";
const std::string kQuote =
    R"({"u":9001,"s":"BTCUSDT","b":"37000.10000000","B":"1.50000000","a":"37000.20000000","A":"0.25000000"})";
const std::string kTrade =
    R"({"e":"trade","E":1700000000500,"s":"BTCUSDT","t":88001,"p":"37000.2","q":"0.013","T":1700000000499,"m":true,"M":true})";

std::string with(std::string text, std::string_view what, std::string_view by)
{
    const std::size_t at = text.find(what);
    EXPECT_NE(at, std::string::npos) << what;
    return text.replace(at, what.size(), by);
}

TEST_F(HostileTest, ATruncatedFrameHandsNothingOn)
{
    for (const std::string& whole : {kDelta, kWrapped, kQuote, kTrade}) {
        ASSERT_EQ(decode(whole).facts(), 1U);
        for (std::size_t length = 0; length < whole.size(); ++length) {
            for (const bool general : {false, true}) {
                const Remembered facts = decode(std::string_view(whole).substr(0, length), general);
                EXPECT_EQ(facts.facts(), 0U) << length;
                ASSERT_EQ(facts.troubles.size(), 1U) << length;
                EXPECT_EQ(facts.troubles[0].reason, Reason::malformed) << length;
            }
        }
    }
    // Once the symbol is known, the lost delta names its book.
    const Remembered facts = decode(std::string_view(kWrapped).substr(0, kWrapped.size() - 12));
    EXPECT_EQ(facts.troubles[0].listing, ListingId{0});
}

TEST_F(HostileTest, EveryFlippedByteIsJudgedAlikeByBothWays)
{
    for (const std::string& whole : {kDelta, kQuote, kTrade}) {
        for (std::size_t i = 0; i < whole.size(); ++i) {
            for (const char c : {'\0', '"', '}', ']', ',', '0', '-', '\\', ' ', '\x80', 'x'}) {
                std::string text = whole;
                text[i] = c;
                const Remembered quick = decode(text);
                const Remembered general = decode(text, true);
                ASSERT_EQ(quick.facts(), general.facts()) << text;
                ASSERT_EQ(quick.facts() + quick.troubles.size(), general.facts() + general.troubles.size())
                    << text;
                for (std::size_t b = 0; b < quick.books.size(); ++b) {
                    ASSERT_EQ(quick.books[b].bids, general.books[b].bids) << text;
                    ASSERT_EQ(quick.books[b].asks, general.books[b].asks) << text;
                    ASSERT_EQ(quick.books[b].update.sequence_last, general.books[b].update.sequence_last)
                        << text;
                }
            }
        }
    }
}

TEST_F(HostileTest, TrailingTextIsMalformed)
{
    for (const char* tail : {"x", "}", "{}", ",", "\"", "]", "null"}) {
        for (const std::string& whole : {kDelta, kWrapped, kQuote, kTrade}) {
            for (const bool general : {false, true}) {
                const Remembered facts = decode(whole + tail, general);
                EXPECT_EQ(facts.facts(), 0U) << tail;
                ASSERT_EQ(facts.troubles.size(), 1U) << tail;
                EXPECT_EQ(facts.troubles[0].reason, Reason::malformed) << tail;
            }
        }
    }
    EXPECT_EQ(decode(kDelta + " \r\n").facts(), 1U);
}

TEST_F(HostileTest, BadNumbersNameTheirReason)
{
    const ListingId book{0};
    expect_refused(with(kQuote, "37000.10000000", "37000.101"), Reason::too_precise, kNoListing);
    expect_refused(with(kTrade, "0.013", "0.0130001"), Reason::too_precise, kNoListing);
    expect_refused(with(kDelta, "37000.10000000", "-37000.101"), Reason::bad_price, book);
    expect_refused(with(kDelta, "1.50000000", "-1.500001"), Reason::bad_quantity, book);
    expect_refused(with(kDelta, "37000.10000000", "0"), Reason::bad_price, book);
    expect_refused(with(kDelta, "37000.10000000", "-1"), Reason::bad_price, book);
    expect_refused(with(kDelta, "1.50000000", "-1"), Reason::bad_quantity, book);
    expect_refused(with(kDelta, "1.50000000", "NaN"), Reason::bad_number, book);
    expect_refused(with(kDelta, "1.50000000", "1e5"), Reason::bad_number, book);
    expect_refused(with(kDelta, "1.50000000", ""), Reason::bad_number, book);
    expect_refused(with(kDelta, "1.50000000", "99999999999999999999999999"), Reason::bad_number, book);
    expect_refused(with(kDelta, "\"U\":501", "\"U\":-501"), Reason::bad_number, book);
    expect_refused(with(kDelta, "\"U\":501", "\"U\":5.5"), Reason::bad_number, book);
    expect_refused(with(kDelta, "\"U\":501", "\"U\":99999999999999999999"), Reason::bad_number, book);
    expect_refused(with(kDelta, "1700000000123", "17000000001230000000"), Reason::bad_number, book);
    expect_refused(with(kQuote, "37000.10000000", "0"), Reason::bad_price, kNoListing);
    expect_refused(with(kQuote, "0.25000000", "-0.25"), Reason::bad_quantity, kNoListing);
    expect_refused(with(kTrade, "37000.2", "0"), Reason::bad_price, kNoListing);
    expect_refused(with(kTrade, "0.013", "0"), Reason::bad_quantity, kNoListing);
}

TEST_F(HostileTest, ALevelFinerThanTheListSpoilsNoBook)
{
    for (const bool general : {false, true}) {
        // The quantity is cut.
        Remembered facts = decode(with(kDelta, "1.50000000", "1.500019"), general);
        ASSERT_EQ(facts.books.size(), 1U);
        ASSERT_EQ(facts.books[0].bids.size(), 1U);
        EXPECT_EQ(facts.books[0].bids[0].quantity, Quantity{150'001});
        ASSERT_EQ(facts.troubles.size(), 1U);
        EXPECT_EQ(facts.troubles[0].reason, Reason::too_precise);
        EXPECT_EQ(facts.troubles[0].listing, kNoListing);
        EXPECT_EQ(facts.troubles[0].text, "BTCUSDT: finer than its instrument list, which is stale");
        // A price between two units has no place: that level alone is left out.
        facts = decode(with(kDelta, R"([["37000.10000000","1.50000000"]])",
                            R"([["37000.10000000","1.5"],["36999.123","2.0000001"],["36999.00","3"]])"),
                       general);
        ASSERT_EQ(facts.books.size(), 1U);
        ASSERT_EQ(facts.books[0].bids.size(), 2U);
        EXPECT_EQ(facts.books[0].bids[1].price, Price{3'699'900});
        ASSERT_EQ(facts.troubles.size(), 1U);
        EXPECT_EQ(facts.troubles[0].listing, kNoListing);
    }
}

TEST_F(HostileTest, WrongTypesAndMissingFields)
{
    const ListingId book{0};
    expect_refused(with(kDelta, "\"U\":501", "\"U\":\"501\""), Reason::wrong_type, book);
    expect_refused(with(kDelta, "\"U\":501", "\"U\":null"), Reason::wrong_type, book);
    expect_refused(with(kDelta, R"([["37000.10000000","1.50000000"]])", "{}"), Reason::wrong_type, book);
    expect_refused(with(kDelta, R"([["37000.10000000","1.50000000"]])", "\"1\""), Reason::wrong_type, book);
    expect_refused(with(kDelta, R"([["37000.10000000","1.50000000"]])", R"([["37000.1"]])"),
                   Reason::malformed, book);
    expect_refused(with(kDelta, R"([["37000.10000000","1.50000000"]])", R"(["37000.1","1.5"])"),
                   Reason::malformed, book);
    expect_refused(with(kDelta, "\"s\":\"BTCUSDT\"", "\"s\":7"), Reason::wrong_type, kNoListing);
    expect_refused(with(kDelta, "\"e\":\"depthUpdate\"", "\"e\":7"), Reason::wrong_type, kNoListing);
    expect_refused(with(kDelta, "\"U\":501,", ""), Reason::missing_field, book);
    expect_refused(with(kDelta, "\"u\":504,", ""), Reason::missing_field, book);
    expect_refused(with(kDelta, "\"s\":\"BTCUSDT\",", ""), Reason::missing_field, kNoListing);
    expect_refused(with(kDelta, R"(,"a":[["37001.25","0.0042"],["37002.00","0"]])", ""),
                   Reason::missing_field, book);
    expect_refused(with(kQuote, "\"37000.10000000\"", "37000.1"), Reason::wrong_type, kNoListing);
    expect_refused(with(kTrade, "\"m\":true", "\"m\":1"), Reason::wrong_type, kNoListing);
    expect_refused(with(kTrade, "\"m\":true,", ""), Reason::missing_field, kNoListing);
}

TEST_F(HostileTest, StrangeFrames)
{
    expect_refused("", Reason::malformed, kNoListing);
    expect_refused("[]", Reason::malformed, kNoListing);
    expect_refused("7", Reason::malformed, kNoListing);
    expect_refused("\xEF\xBB\xBF{}", Reason::malformed, kNoListing);
    expect_refused("{}", Reason::unknown_message, kNoListing);
    expect_refused(R"({"e":"somethingNew","s":"BTCUSDT"})", Reason::unknown_message, kNoListing);
    expect_refused(R"({"lastUpdateId":1,"bids":[],"asks":[]})", Reason::unknown_message, kNoListing);
    expect_refused(with(kDelta, "BTCUSDT", "NOSUCH"), Reason::unknown_instrument, kNoListing);
    EXPECT_EQ(decode(with(kQuote, "BTCUSDT", "NOSUCH")).troubles[0].text, "NOSUCH");
    expect_refused(with(kDelta, "\"U\":501", "\"U\":501,\"U\":502"), Reason::malformed, ListingId{0});
    expect_refused(with(kWrapped, "\"data\"", "\"stream\":\"x\",\"data\""), Reason::malformed, kNoListing);
    expect_refused(with(kQuote, "\"u\":9001", "\"u\":9001,\"u\":9001"), Reason::malformed, kNoListing);
    const std::string deep(100'000, '[');
    EXPECT_EQ(decode("{\"x\":" + deep + "}").facts(), 0U);
    EXPECT_EQ(decode(with(kDelta, "[[\"37000.10000000\"", deep)).facts(), 0U);
    std::string wide = "{";
    for (int i = 0; i < 100'000; ++i) wide += "\"x\":1,";
    EXPECT_EQ(decode(wide + "\"y\":1}").facts(), 0U);
}

TEST_F(HostileTest, OrderAndBlanksDoNotMatter)
{
    const std::string reordered =
        R"({"a":[["37001.25","0.0042"],["37002.00","0"]],"b":[["37000.10000000","1.50000000"]],"u":504,"U":501,"s":"BTCUSDT","E":1700000000123,"e":"depthUpdate"})";
    std::string blanks;
    for (const char c : kWrapped) {
        const bool between = c == '{' || c == '}' || c == '[' || c == ']' || c == ',' || c == ':';
        blanks += between ? std::string(" \n") + c + "\t " : std::string(1, c);
    }
    for (const std::string& text :
         {reordered, blanks, R"({"data":)" + kDelta + R"(,"stream":"btcusdt@depth@100ms"})",
          with(kDelta, "\"s\":", "\"new\":{\"x\":[1,{}]},\"s\":"), with(kDelta, "BTCUSDT", "\\u0042TCUSDT"),
          with(kDelta, "\"s\"", "\"\\u0073\"")}) {
        const Remembered facts = decode(text);
        ASSERT_EQ(facts.books.size(), 1U) << text;
        EXPECT_EQ(facts.books[0].update.sequence_first, 501U);
        EXPECT_EQ(facts.books[0].bids, (std::vector<Level>{{{3700010}, {150000}}}));
        EXPECT_EQ(facts.books[0].asks, (std::vector<Level>{{{3700125}, {420}}, {{3700200}, {0}}}));
    }
}

TEST_F(HostileTest, AnEmptySideOfAQuoteIsNoPrice)
{
    const std::string text = with(with(kQuote, "37000.10000000", "0.00000000"), "1.50000000", "0.00000000");
    for (const bool general : {false, true}) {
        const Remembered facts = decode(text, general);
        ASSERT_EQ(facts.quotes.size(), 1U);
        EXPECT_EQ(facts.quotes[0].bid, Level{});
        EXPECT_EQ(facts.quotes[0].ask, (Level{{3700020}, {25000}}));
    }
}

TEST_F(HostileTest, MicrosecondsAreTold)
{
    const Remembered facts = decode(with(kDelta, "1700000000123", "1700000000123456"));
    ASSERT_EQ(facts.books.size(), 1U);
    EXPECT_EQ(facts.books[0].update.venue_time, (Timestamp{1'700'000'000'123'456'000}));
}

}  // namespace
}  // namespace arb::binance
