// Numbers of a document in quotes: digits stay as they are, and an exponent is written out.
#include <string>

#include <gtest/gtest.h>

#include "engine/venue/quoted_numbers.hpp"

namespace arb {
namespace {

TEST(QuotedNumbers, digits_stay_as_they_are)
{
    std::string buffer;
    EXPECT_EQ(quote_numbers(R"({"a":0.10000000,"b":[-1,23],"c":"1.5e3","d":true,"e1":null})", buffer),
              R"({"a":"0.10000000","b":["-1","23"],"c":"1.5e3","d":true,"e1":null})");
    EXPECT_EQ(quote_numbers(R"({"x":"a\"1","y":7})", buffer), R"({"x":"a\"1","y":"7"})");
    EXPECT_EQ(quote_numbers(R"({"cut":1)", buffer), R"({"cut":"1")");
    EXPECT_EQ(quote_numbers("", buffer), "");
    EXPECT_EQ(buffer.size(), 64U) << "room for the parser";
}

TEST(QuotedNumbers, exponents_are_written_out)
{
    const auto plain = [](std::string_view number) {
        std::string text;
        append_plain_number(number, text);
        return text;
    };
    EXPECT_EQ(plain("9.29e-07"), "0.000000929");
    EXPECT_EQ(plain("-1e-7"), "-0.0000001");
    EXPECT_EQ(plain("12.5e-3"), "0.0125");
    EXPECT_EQ(plain("2e3"), "2000");
    EXPECT_EQ(plain("1.5E+3"), "1500");
    EXPECT_EQ(plain("1.2345e2"), "123.45");
    EXPECT_EQ(plain("10e0"), "10");
    EXPECT_EQ(plain("1.5e1"), "15");
    for (const char* strange :
         {"1e", "1e+", "1e41", "1e-999999999999", "e5", "-e5", "1..2e3", "1-2e3", "1e5e5"})
        EXPECT_EQ(plain(strange), strange) << "left for whoever reads it";
}

}  // namespace
}  // namespace arb
