// Hostile and broken frames: no crash, no book fact from half a frame, the right reason for each.
#include <gtest/gtest.h>

#include "connectors/coinbase/test_support.hpp"

namespace arb::coinbase {
namespace {

// A frame with one level, its parts replaceable.
std::string frame_of(const std::string& level, const std::string& product = "\"BTC-USD\"")
{
    return R"({"channel":"l2_data","timestamp":"2026-03-04T05:06:08Z","sequence_num":1,"events":[{"type":"update",)"
           R"("product_id":)" +
           product + R"(,"updates":[)" + level + "]}]}";
}

std::string level_of(const std::string& price, const std::string& quantity)
{
    return R"({"side":"bid","event_time":"2026-03-04T05:06:08Z","price_level":)" + price +
           R"(,"new_quantity":)" + quantity + "}";
}

TEST(CoinbaseHostile, a_frame_cut_anywhere_hands_on_no_book)
{
    for (const char* name : {"l2_snapshot", "l2_update", "l2_two_events", "l2_reordered"}) {
        const std::string frame = golden(name);
        for (std::size_t size = 0; size < frame.size(); ++size) {
            // Once with nothing behind it, once with the very bytes that were cut off.
            for (const std::string& behind : {std::string(), frame.substr(size)}) {
                const Recorder cut = decoded(frame.substr(0, size), behind);
                ASSERT_EQ(cut.books, 0U) << name << " cut at " << size;
                ASSERT_FALSE(cut.reasons.empty()) << name << " cut at " << size;
                ASSERT_FALSE(cut.has("sequence")) << "the hole must be seen: " << name << " cut at " << size;
            }
        }
    }
}

TEST(CoinbaseHostile, any_byte_changed_never_crashes)
{
    for (const char* name : {"l2_update", "market_trades", "ticker", "subscriptions", "heartbeats"}) {
        const std::string frame = golden(name);
        for (std::size_t i = 0; i < frame.size(); ++i) {
            for (const char c : {'\0', '"', '\\', '{', ']', '9', '-', ' ', '\xff'}) {
                std::string changed = frame;
                changed[i] = c;
                const Recorder recorder = decoded(changed);
                ASSERT_LE(recorder.books, 1U);
                // A blank behind it sends the frame the general way: the same must come out.
                ASSERT_EQ(recorder.text(), decoded(changed + "\n").text())
                    << name << " byte " << i << " to " << c;
            }
        }
    }
}

TEST(CoinbaseHostile, trailing_bytes)
{
    const std::string frame = golden("l2_update");
    EXPECT_EQ(decoded(frame + " \n").books, 1U);
    for (const char* tail : {"}", "x", "{}", ",", "\"", "]"}) {
        const Recorder recorder = decoded(frame + tail);
        EXPECT_EQ(recorder.books, 0U) << tail;
        EXPECT_TRUE(recorder.has("undecoded malformed")) << tail;
    }
}

TEST(CoinbaseHostile, levels_that_cannot_be_read_spoil_their_book)
{
    struct Case {
        const char* price;
        const char* quantity;
        const char* reason;
    };
    const Case cases[] = {
        {"\"0\"", "\"1\"", "bad_price"},
        {"\"0.00\"", "\"1\"", "bad_price"},
        {"\"-1\"", "\"1\"", "bad_price"},
        {"\"1\"", "\"-1\"", "bad_quantity"},
        {"\"1.001\"", "\"1\"", "too_precise"},
        {"\"1\"", "\"0.000000001\"", "too_precise"},
        {"\"abc\"", "\"1\"", "bad_number"},
        {"\"\"", "\"1\"", "bad_number"},
        {"\"NaN\"", "\"1\"", "bad_number"},
        {"\"1e5\"", "\"1\"", "bad_number"},
        {"1e5", "\"1\"", "bad_number"},
        {"\"+1\"", "\"1\"", "bad_number"},
        {"\"1.\"", "\"1\"", "bad_number"},
        {"\".5\"", "\"1\"", "bad_number"},
        {"\"99999999999999999999\"", "\"1\"", "bad_number"},
        {"\"1\"", "\"123456789012\"", "bad_number"},
        {"null", "\"1\"", "bad_number"},
        {"[1]", "\"1\"", "bad_number"},
        {"\"1\"", "{}", "bad_number"},
        {"\"1\"", "true", "bad_number"},
    };
    for (const Case& c : cases) {
        const Recorder recorder = decoded(frame_of(level_of(c.price, c.quantity)));
        EXPECT_EQ(recorder.text(), std::string("sequence 1\nundecoded ") + c.reason + " BTC-USD\n")
            << c.price << " " << c.quantity;
    }
}

TEST(CoinbaseHostile, shapes_of_levels)
{
    const auto text = [](const std::string& level) { return decoded(frame_of(level)).text(); };
    const auto spoilt = [](const char* reason) {
        return std::string("sequence 1\nundecoded ") + reason + " BTC-USD\n";
    };
    EXPECT_EQ(text(R"({"side":"bid","price_level":"1"})"), spoilt("missing_field"));
    EXPECT_EQ(text("{}"), spoilt("missing_field"));
    EXPECT_EQ(text("[]"), spoilt("wrong_type"));
    EXPECT_EQ(text(R"({"side":"ask","price_level":"1","new_quantity":"1"})"), spoilt("malformed"));
    EXPECT_EQ(text(R"({"side":7,"price_level":"1","new_quantity":"1"})"), spoilt("wrong_type"));
    EXPECT_EQ(text(R"({"side":"bid","price_level":"1","price_level":"2","new_quantity":"1"})"),
              spoilt("malformed"));
    EXPECT_EQ(text(R"({"side":"bid","price_level":"1","new_quantity":"1"},)"),
              "undecoded malformed [l2_data]\nundecoded malformed BTC-USD\n");
    EXPECT_EQ(text(""), "sequence 1\nbook update BTC-USD 05:06:08.000000000Z bids asks\n");
}

TEST(CoinbaseHostile, one_bad_event_leaves_the_others)
{
    std::string frame = golden("l2_two_events");
    frame.replace(frame.find("\"30000\""), 7, "\"3x000\"");
    EXPECT_EQ(decoded(frame).text(),
              "sequence 2\nundecoded bad_number BTC-USD\n"
              "book update ETH-USD 05:06:09.000000000Z bids asks 2000.1x7.5\n");
}

TEST(CoinbaseHostile, products_and_types)
{
    EXPECT_EQ(decoded(frame_of(level_of("\"1\"", "\"1\""), "\"XYZ-USD\"")).text(),
              "sequence 1\nundecoded unknown_instrument [XYZ-USD]\n");
    EXPECT_EQ(decoded(frame_of("", "5")).text(), "undecoded wrong_type [l2_data]\n");
    std::string frame = golden("l2_update");
    frame.replace(frame.find("\"update\""), 8, "\"delta\"");
    EXPECT_EQ(decoded(frame).text(), "sequence 1\nundecoded unknown_message BTC-USD\n");
    EXPECT_EQ(
        decoded(
            R"({"channel":"l2_data","sequence_num":1,"events":[{"type":"update","product_id":"BTC-USD"}]})")
            .text(),
        "sequence 1\nundecoded missing_field BTC-USD\n");
    EXPECT_EQ(decoded(R"({"channel":"l2_data","sequence_num":1})").text(),
              "undecoded missing_field [l2_data]\n");
    EXPECT_EQ(decoded(R"({"channel":"l2_data","sequence_num":1,"events":7})").text(),
              "undecoded wrong_type [l2_data]\n");
}

TEST(CoinbaseHostile, envelopes)
{
    struct Case {
        const char* frame;
        const char* reason;
    };
    const Case cases[] = {
        {"", "malformed"},
        {"null", "wrong_type"},
        {"[]", "wrong_type"},
        {"{", "malformed"},
        {"{}", "missing_field"},
        {R"({"channel":5})", "wrong_type"},
        {R"({"channel":"l2_data","channel":"l2_data","events":[]})", "malformed"},
        {R"({"channel":"l2_data","events":[],"events":[]})", "malformed"},
        {R"({"channel":"heartbeats","sequence_num":-1})", "bad_number"},
        {R"({"channel":"heartbeats","sequence_num":"1"})", "wrong_type"},
        {R"({"channel":"heartbeats","sequence_num":99999999999999999999})", "bad_number"},
        {"{\"channel\":\"\xff\"}", "malformed"},
        {R"({"channel":"market_trades","sequence_num":1})", "missing_field"},
    };
    for (const Case& c : cases) {
        const Recorder recorder = decoded(c.frame);
        ASSERT_FALSE(recorder.reasons.empty()) << c.frame;
        EXPECT_STREQ(name(recorder.reasons.front()), c.reason) << c.frame;
        EXPECT_EQ(recorder.books, 0U);
    }
}

TEST(CoinbaseHostile, deep_nesting)
{
    for (const std::size_t depth : {100U, 5'000U, 100'000U}) {
        const std::string nest = std::string(depth, '[') + std::string(depth, ']');
        decoded(R"({"channel":"l2_data","sequence_num":1,"events":)" + nest + "}");
        decoded(R"({"channel":"l2_data","x":)" + nest + R"(,"sequence_num":1,"events":[]})");
        EXPECT_EQ(decoded(frame_of(nest)).books, 0U);
        EXPECT_EQ(decoded(nest).books, 0U);
    }
}

TEST(CoinbaseHostile, trades_and_tickers)
{
    const auto changed = [](const char* frame, const std::string& from, const std::string& to) {
        std::string text = golden(frame);
        text.replace(text.find(from), from.size(), to);
        return decoded(text);
    };
    EXPECT_TRUE(changed("market_trades", "30000.02", "-30000.02").has("undecoded bad_price"));
    EXPECT_TRUE(changed("market_trades", "0.3", "0.3e1").has("undecoded bad_number"));
    EXPECT_TRUE(changed("market_trades", "SELL", "UNKNOWN").has("undecoded missing_field"));
    EXPECT_TRUE(changed("market_trades", "BTC-USD", "XYZ-USD").has("undecoded unknown_instrument [XYZ-USD]"));
    EXPECT_TRUE(changed("ticker", "30000.01", "30000.011").has("undecoded too_precise"));
    EXPECT_TRUE(changed("ticker", "BTC-USD", "XYZ-USD").has("undecoded unknown_instrument [XYZ-USD]"));
    EXPECT_FALSE(changed("ticker", "30000.01", "30000.011").has("quote"));
}

}  // namespace
}  // namespace arb::coinbase
