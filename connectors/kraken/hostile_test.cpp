// Hostile and broken frames: no crash, no book fact from half a frame, the right reason for each.
#include <gtest/gtest.h>

#include "connectors/kraken/test_support.hpp"

namespace arb::kraken {
namespace {

const char* const kBooks[] = {"book_snapshot", "book_update", "book_reordered", "v1_book_snapshot",
                              "v1_book_update"};

std::string v2_of(const std::string& levels, const std::string& checksum = "1")
{
    return R"({"channel":"book","type":"update","data":[{"symbol":"DOGE/USD","bids":[],"asks":[)" + levels +
           R"(],"checksum":)" + checksum + R"(,"timestamp":"2026-03-04T05:06:08Z"}]})";
}

std::string level_of(const std::string& price, const std::string& quantity)
{
    return R"({"price":)" + price + R"(,"qty":)" + quantity + "}";
}

std::string v1_of(const std::string& price, const std::string& quantity, const std::string& more = R"("1.5")")
{
    return R"([1,{"a":[[)" + price + "," + quantity + "," + more + R"(]],"c":"1"},"book-10","XDG/USD"])";
}

TEST(KrakenHostile, a_frame_cut_anywhere_hands_on_no_book)
{
    for (const char* name : kBooks) {
        const std::string frame = golden(name);
        for (std::size_t size = 0; size < frame.size(); ++size) {
            // Once with nothing behind it, once with the very bytes that were cut off.
            for (const std::string& behind : {std::string(), frame.substr(size)}) {
                const Recorder cut = decoded(frame.substr(0, size), behind);
                ASSERT_EQ(cut.books, 0U) << name << " cut at " << size;
                ASSERT_FALSE(cut.reasons.empty()) << name << " cut at " << size;
            }
        }
    }
}

TEST(KrakenHostile, any_byte_changed_never_crashes)
{
    for (const char* name : {"book_snapshot", "book_update", "v1_book_update", "trade", "ticker",
                             "ack_subscribe", "v1_trade", "v1_ticker", "v1_ack"}) {
        const std::string frame = golden(name);
        for (std::size_t i = 0; i < frame.size(); ++i) {
            for (const char c : {'\0', '"', '\\', '{', ']', '9', '-', ' ', '\xff'}) {
                std::string changed = frame;
                changed[i] = c;
                // A blank behind it sends the frame the general way: the same must come out.
                ASSERT_EQ(decoded(changed).text(), decoded(changed + "\n").text()) << name << " byte " << i;
            }
        }
    }
}

TEST(KrakenHostile, trailing_bytes)
{
    for (const char* name : kBooks) {
        EXPECT_EQ(decoded(golden(name) + " \n").books, 1U);
        for (const char* tail : {"}", "x", "{}", ",", "\"", "]"}) {
            EXPECT_EQ(decoded(golden(name) + tail).text(), "undecoded malformed\n") << name << tail;
        }
    }
}

TEST(KrakenHostile, levels_that_cannot_be_read_spoil_their_book)
{
    struct Case {
        const char* price;
        const char* quantity;
        const char* reason;
    };
    const Case cases[] = {
        {"0", "1", "bad_price"},
        {"0.0000", "1", "bad_price"},
        {"-1", "1", "bad_price"},
        {"1", "-1", "bad_quantity"},
        {"1.00001", "1", "too_precise"},
        {"1", "0.000000001", "too_precise"},
        {"abc", "1", "bad_number"},
        {"NaN", "1", "bad_number"},
        {"1e-4", "1", "bad_number"},
        {"1", "1e-7", "bad_number"},
        {"+1", "1", "bad_number"},
        {"1.", "1", "bad_number"},
        {".5", "1", "bad_number"},
        {"99999999999999999999", "1", "bad_number"},
        {"1", "123456789012", "bad_number"},
        {"null", "1", "bad_number"},
        {"[1]", "1", "bad_number"},
        {"1.0000000000000000000", "1", "too_precise"},  // zeros, but more than any pair has
    };
    for (const Case& c : cases) {
        EXPECT_EQ(decoded(v2_of(level_of(c.price, c.quantity))).text(),
                  std::string("undecoded ") + c.reason + " DOGE/USD\n")
            << c.price << " " << c.quantity;
    }
}

TEST(KrakenHostile, shapes_of_levels)
{
    const auto text = [](const std::string& level) { return decoded(v2_of(level)).text(); };
    EXPECT_EQ(text(R"({"price":1})"), "undecoded missing_field DOGE/USD\n");
    EXPECT_EQ(text(R"({"price":1,"price":1,"qty":1})"), "undecoded malformed DOGE/USD\n");
    EXPECT_EQ(text(R"(["1","1"])"), "undecoded wrong_type DOGE/USD\n");
    EXPECT_EQ(text(R"({"price":1,"qty":1},)"), "undecoded malformed [book]\nundecoded malformed DOGE/USD\n");
    EXPECT_EQ(text(R"({"price":"1","qty":"2"})").find("undecoded"), std::string::npos)
        << "quotes are welcome";
}

TEST(KrakenHostile, checksums)
{
    for (const char* checksum : {"-1", "4294967296", "1.5", "true", "\"x\"", "99999999999999999999"}) {
        EXPECT_EQ(decoded(v2_of(level_of("1", "1"), checksum)).text(), "undecoded bad_number DOGE/USD\n")
            << checksum;
    }
    EXPECT_EQ(decoded(v2_of(level_of("1", "1"), "4294967295")).books, 1U);
}

TEST(KrakenHostile, v1_levels)
{
    EXPECT_EQ(decoded(v1_of(R"("1")", R"("1")")).books, 1U);
    EXPECT_EQ(decoded(v1_of(R"("1")", R"("1")", R"("1.5","r")")).books, 1U);
    EXPECT_EQ(decoded(v1_of(R"("0")", R"("1")")).text(), "undecoded bad_price DOGE/USD\n");
    EXPECT_EQ(decoded(v1_of(R"("1")", R"("-1")")).text(), "undecoded bad_quantity DOGE/USD\n");
    EXPECT_EQ(decoded(v1_of(R"("1e3")", R"("1")")).text(), "undecoded bad_number DOGE/USD\n");
    EXPECT_EQ(decoded(v1_of(R"("1.00001")", R"("1")")).text(), "undecoded too_precise DOGE/USD\n");
    EXPECT_EQ(decoded(v1_of(R"("1")", R"("1")", R"("noon")")).text(), "undecoded bad_number DOGE/USD\n");
}

TEST(KrakenHostile, v1_shapes)
{
    EXPECT_EQ(decoded("[]").text(), "undecoded missing_field\n");
    EXPECT_EQ(decoded("[1,2,3,4]").text(), "undecoded missing_field\n");
    EXPECT_EQ(decoded(R"([1,5,"book-10","XDG/USD"])").text(), "undecoded wrong_type DOGE/USD\n");
    EXPECT_EQ(decoded(R"([1,{},"book-10","XDG/USD"])").text(), "undecoded missing_field DOGE/USD\n");
    EXPECT_EQ(decoded(R"([1,{"a":[]},{"a":[]},"book-10","XDG/USD"])").text(),
              "undecoded malformed DOGE/USD\n");
    EXPECT_EQ(decoded(R"([1,{"as":[],"b":[]},"book-10","XDG/USD"])").text(),
              "undecoded malformed DOGE/USD\n");
    EXPECT_EQ(decoded(R"([1,2,3,4,5,6,7,"book-10","XDG/USD"])").text(), "undecoded malformed\n");
    EXPECT_EQ(decoded(R"([1,[["1","1","1","x"]],"trade","XDG/USD"])").text(),
              "undecoded malformed [DOGE/USD]\n");
    EXPECT_EQ(decoded(R"([1,{"a":["x"]},"ticker","XDG/USD"])").text(), "undecoded bad_number [DOGE/USD]\n");
}

TEST(KrakenHostile, shapes_of_books)
{
    const auto text = [](const std::string& data) {
        return decoded(R"({"channel":"book","type":"update","data":)" + data + "}").text();
    };
    EXPECT_EQ(text("7"), "undecoded wrong_type [book]\n");
    EXPECT_EQ(text("[7]"), "undecoded malformed [book]\n");
    EXPECT_EQ(text("[{}]"), "undecoded missing_field [book]\n");
    EXPECT_EQ(text(R"([{"symbol":5}])"), "undecoded wrong_type [book]\n");
    EXPECT_EQ(text(R"([{"symbol":"DOGE/USD"}])"), "undecoded missing_field DOGE/USD\n");
    EXPECT_EQ(text(R"([{"symbol":"DOGE/USD","bids":5}])"), "undecoded wrong_type DOGE/USD\n");
    EXPECT_EQ(text(R"([{"symbol":"NEW/USD","bids":[],"asks":[]}])"),
              "undecoded unknown_instrument [NEW/USD]\n");
    EXPECT_EQ(text(R"([{"symbol":"DOGE/USD","bids":[]},{"symbol":"BTC/USD","bids":[],"bids":[]}])"),
              "undecoded malformed [book]\nundecoded malformed DOGE/USD\nundecoded malformed BTC/USD\n");
    std::string frame = golden("book_update");
    frame.replace(frame.find("\"update\""), 8, "\"delta\"");
    EXPECT_EQ(decoded(frame).text(), "undecoded unknown_message DOGE/USD\n");
    EXPECT_EQ(decoded(R"({"channel":"book","type":"update"})").text(), "undecoded missing_field [book]\n");
}

TEST(KrakenHostile, envelopes_and_nesting)
{
    for (const char* frame : {"", "{", "{\"channel\":\"\xff\"}", R"({"channel":"book","channel":"book"})",
                              "\"x\"", "1", R"({"channel":5})", R"({"success":1})"}) {
        EXPECT_EQ(decoded(frame).reasons.size(), 1U) << frame;
        EXPECT_EQ(decoded(frame).books, 0U) << frame;
    }
    for (const std::size_t depth : {100U, 100'000U}) {
        const std::string nest = std::string(depth, '[') + std::string(depth, ']');
        EXPECT_EQ(decoded(nest).books, 0U);
        EXPECT_EQ(decoded(v2_of(nest)).books, 0U);
        EXPECT_EQ(decoded(R"([1,)" + nest + R"(,"book-10","XDG/USD"])").books, 0U);
    }
}

}  // namespace
}  // namespace arb::kraken
