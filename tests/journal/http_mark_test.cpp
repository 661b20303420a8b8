// Marks behind urls and masked replies.
#include "engine/journal/http_mark.hpp"

#include <gtest/gtest.h>

namespace arb {
namespace {

TEST(HttpMark, comes_back)
{
    for (const HttpMark mark :
         {HttpMark{}, HttpMark{7, true, {}}, HttpMark{9, false, {}}, HttpMark{1, true, seconds(3)},
          HttpMark{2, true, {}, 40}, HttpMark{3, true, seconds(1), 0}}) {
        const std::string url = add_mark("https://a.example/b?c=d", mark);
        std::string_view rest = url;
        const HttpMark read = take_mark(rest);
        EXPECT_EQ(rest, "https://a.example/b?c=d");
        EXPECT_EQ(read.tag, mark.tag);
        EXPECT_EQ(read.sent, mark.sent);
        EXPECT_EQ(read.retry_after, mark.retry_after);
        EXPECT_EQ(read.count, mark.count);
    }
    EXPECT_EQ(add_mark("https://a.example", {}), "https://a.example") << "recordings of old stay as they are";
}

TEST(HttpMark, what_cannot_be_read_is_the_default)
{
    for (std::string_view url :
         {"u#", "u#tag=", "u#tag=x", "u#tag=99999999999999999999999", "u#;;;", "u#retry=-1"}) {
        const HttpMark mark = take_mark(url);
        EXPECT_EQ(url, "u");
        EXPECT_EQ(mark.tag, 0U);
        EXPECT_TRUE(mark.sent);
    }
}

TEST(MaskLongTexts, hides_values_and_keeps_the_shape)
{
    EXPECT_EQ(mask_long_texts(R"({"listenKey":"pqia91ma19a5s61cv6a81va65sdf19v8","n":12})"),
              R"({"listenKey":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx","n":12})");
    EXPECT_EQ(mask_long_texts(R"({"token":"short"})"), R"({"token":"short"})");
    EXPECT_EQ(mask_long_texts(R"({"a_rather_long_name_of_a_field" : "v"})"),
              R"({"a_rather_long_name_of_a_field" : "v"})");
    EXPECT_EQ(mask_long_texts(R"(["aaaaaaaaaaaaaaaa\"bbbb","c"])"), R"(["xxxxxxxxxxxxxxxxxxxxxx","c"])");
    EXPECT_EQ(mask_long_texts(R"({"open)"), R"({"open)");
    EXPECT_EQ(mask_long_texts(""), "");
}

}  // namespace
}  // namespace arb
