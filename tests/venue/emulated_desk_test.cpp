// What the emulated venues share: fields of queries.
#include <gtest/gtest.h>

#include "engine/emulate/params.hpp"

namespace arb {
namespace {

TEST(EmulatedDesk, FieldsOfAQueryComeInTheirOrderAndDecoded)
{
    Params params;
    EXPECT_TRUE(read_query_params("a=1&b=x%20y&a=2&&c&=nameless&%64=%3D", params));
    EXPECT_EQ(params, (Params{{"a", "1"}, {"b", "x y"}, {"a", "2"}, {"c", ""}, {"d", "="}}));
    EXPECT_EQ(value_of(params, "a"), "1");
    EXPECT_EQ(value_of(params, "e"), "");

    Params broken;
    EXPECT_FALSE(read_query_params("a=%4&b=2&c=\x01", broken));
    EXPECT_EQ(broken, (Params{{"b", "2"}}));
    EXPECT_TRUE(read_query_params("", broken));
}

TEST(EmulatedDesk, OneFieldIsFoundWithoutTheOthers)
{
    EXPECT_EQ(query_text("ab=0&a=1%2C2&a=3", "a"), "1,2");
    EXPECT_EQ(query_text("a=%zz&a=3", "a"), "");
    EXPECT_EQ(query_text("a", "a"), "");
    EXPECT_EQ(query_text("", "a"), "");
}

TEST(EmulatedDesk, NumbersOfClients)
{
    EXPECT_EQ(whole_of("-12", 7), -12);
    for (const char* no_number : {"", "1.5", "1e3", "99999999999999999999", " 1"})
        EXPECT_EQ(whole_of(no_number, 7), 7) << no_number;

    EXPECT_EQ(count_of("20", 50, 100), 20U);
    EXPECT_EQ(count_of("200", 50, 100), 100U);
    EXPECT_EQ(count_of("99999999999999999999", 50, 100), 100U);
    for (const char* no_size : {"", "0", "-3", "-99999999999999999999", "many"})
        EXPECT_EQ(count_of(no_size, 50, 100), 50U) << no_size;
}

}  // namespace
}  // namespace arb
