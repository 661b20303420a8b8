#include "engine/report/json_writer.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "engine/report/utf8.hpp"
#include "tests/report/samples.hpp"

namespace arb {
namespace {

std::string json_text(std::string_view text)
{
    std::string out;
    append_json_text(out, text);
    return out;
}

TEST(JsonWriter, nests_and_separates)
{
    JsonWriter json;
    json.begin_object();
    json.key("a").integer(1);
    json.key("b").begin_array().text("x").null().flag(true).flag(false).begin_object().end_object();
    json.begin_array().end_array().end_array();
    json.key("c").signed_integer(-5).key("d").number(80'284, 4).key("e").number(-75'000, 4);
    json.end_object();
    EXPECT_EQ(json.take(), R"({"a":1,"b":["x",null,true,false,{},[]],"c":-5,"d":8.0284,"e":-7.5})"
                           "\n");
}

TEST(JsonWriter, breaks_lines_to_the_depth_asked_for)
{
    JsonWriter json(2);
    json.begin_object().key("a").begin_array().begin_array().integer(1).integer(2).end_array().end_array();
    json.key("b").begin_object().end_object().end_object();
    EXPECT_EQ(json.take(), "{\n  \"a\": [\n    [1,2]\n  ],\n  \"b\": {}\n}\n");
}

TEST(JsonWriter, numbers_are_exact)
{
    JsonWriter json;
    json.begin_array()
        .integer(UINT64_MAX)
        .signed_integer(INT64_MIN)
        .number(INT64_MIN, 4)
        .number(5, 4)
        .number(0, 4);
    json.amount(samples::exact_amount("-0.000000000000000001")).hash(0xabcULL).end_array();
    EXPECT_EQ(json.take(),
              "[18446744073709551615,-9223372036854775808,-922337203685477.5808,0.0005,0,"
              "\"-0.000000000000000001\",\"0000000000000abc\"]\n");
}

TEST(JsonWriter, unknown_time_is_null)
{
    JsonWriter json;
    json.begin_array().time({}).time(samples::at("2021-08-20T00:00:00Z")).end_array();
    EXPECT_EQ(json.take(), "[null,\"2021-08-20T00:00:00.000000000Z\"]\n");
}

TEST(JsonWriter, hostile_text_cannot_leave_its_string)
{
    EXPECT_EQ(json_text("a\"b\\c\n\r\t"), R"("a\"b\\c\n\r\t")");
    EXPECT_EQ(json_text("</script><!-- & -->"), R"("\u003c/script\u003e\u003c!-- \u0026 --\u003e")");
    EXPECT_EQ(json_text(std::string_view("\0\x1b\x7f", 3)), R"("\u0000\u001b\u007f")");
    EXPECT_EQ(json_text("\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xae\xc2\x9b"), R"("\u2028\u2029\u202e\u009b")");
    EXPECT_EQ(json_text("\xf3\xa0\x80\x81"), R"("\udb40\udc01")")
        << "beyond the first plane: a surrogate pair";
    EXPECT_EQ(json_text("caf\xc3\xa9 \xf0\x9f\x98\x80"), "\"caf\xc3\xa9 \xf0\x9f\x98\x80\"");
}

TEST(JsonWriter, bytes_that_are_not_utf8_become_the_replacement_character)
{
    for (const std::string_view bad : {"\xff", "\xc0", "\xc3", "\xe2\x80", "\x80", "\xf5"}) {
        const std::string text = json_text(std::string("a") + std::string(bad) + "b");
        EXPECT_NE(text.find("a\xef\xbf\xbd"), std::string::npos) << text;
        EXPECT_EQ(text.back(), '"');
        EXPECT_TRUE(nlohmann::json::accept(text)) << text;
    }
    EXPECT_EQ(json_text("\xed\xa0\x80"), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"")
        << "a surrogate is not a character";
    EXPECT_EQ(json_text("\xe0\x80\xaf"), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"") << "overlong";
}

TEST(JsonWriter, every_byte_pair_gives_valid_json_without_raw_markup)
{
    for (int a = 0; a < 256; ++a) {
        for (int b = 0; b < 256; ++b) {
            const std::string text = json_text(std::string{static_cast<char>(a), static_cast<char>(b)});
            ASSERT_TRUE(nlohmann::json::accept(text)) << a << " " << b;
            ASSERT_EQ(text.find_first_of("<>&\n\x1b"), std::string::npos) << a << " " << b;
        }
    }
}

TEST(JsonWriterDeath, wrong_nesting_is_a_broken_promise)
{
    EXPECT_DEATH(JsonWriter().begin_array().end_object(), "what is closed was opened");
    EXPECT_DEATH(JsonWriter().begin_object().integer(1), "has a key");
    EXPECT_DEATH(JsonWriter().begin_object().key("a").key("b"), "followed by its value");
    EXPECT_DEATH(JsonWriter().key("a"), "inside an object");
    EXPECT_DEATH(JsonWriter().integer(1).integer(2), "one value");
    EXPECT_DEATH(JsonWriter().begin_object().take(), "complete");
}

TEST(Utf8, plain_text_hides_nothing)
{
    EXPECT_EQ(plain_text("BTC/USDT \xe2\x82\xac"), "BTC/USDT \xe2\x82\xac");
    EXPECT_EQ(plain_text("\x1b[31m\n\xe2\x80\xae"), "\xef\xbf\xbd[31m\xef\xbf\xbd\xef\xbf\xbd");
    EXPECT_EQ(columns_of("\xe2\x82\xac\xff"), 2U);
}

}  // namespace
}  // namespace arb
