// What is hidden in a venue's messages before they are shown to others, and what stays.
#include <gtest/gtest.h>

#include "engine/rehearsal/mask.hpp"

namespace arb {
namespace {

struct Hidden {
    const char* text;
    const char* shown;
};

TEST(Mask, what_stands_under_a_telling_name_is_hidden)
{
    const Hidden kCases[] = {
        {R"({"uid":"1234567","price":"27.15"})", R"({"uid":"9000000","price":"27.15"})"},
        {R"({"accountId":31415,"free":"1.5"})", R"({"accountId":90000,"free":"1.5"})"},
        {R"({"order_id" : "OABC-12", "qty":3})", R"({"order_id" : "xxxx-00", "qty":3})"},
        {R"({"ips":["10.1.2.3","8.8.8.8"],"x":1})", R"({"ips":["00.0.0.0","0.0.0.0"],"x":1})"},
        {R"({"retail_portfolio_id":"ab-1"})", R"({"retail_portfolio_id":"xx-0"})"},
        {R"({"clientOrderId":"ar6AMZH00000001KJS","side":"BUY"})",
         R"({"clientOrderId":"ar6AMZH00000001KJS","side":"BUY"})"},
        {R"({"client_order_id":"61726269-6553-8f10-8000-00000195e4c9"})",
         R"({"client_order_id":"61726269-6553-8f10-8000-00000195e4c9"})"},
        {R"({"origClientOrderId":"ar6AMZH00000001KJS","smpOrderId":"77"})",
         R"({"origClientOrderId":"ar6AMZH00000001KJS","smpOrderId":"90"})"},
        {R"({"note":"say \"hi\"","t":1})", R"({"note":"xxx \"xx\"","t":1})"},
        {R"({"E":1700000000000,"p":"27.1"})", R"({"E":1700000000000,"p":"27.1"})"},
        {R"({"uid":)", R"({"uid":)"},
        {R"({"uid":["a)", R"({"uid":["x)"},
        {R"("uid")", R"("uid")"},
        {"no JSON at all", "no JSON at all"},
        {"", ""},
    };
    for (const Hidden& c : kCases) EXPECT_EQ(Mask().hidden(c.text), c.shown);
}

TEST(Mask, what_was_learnt_is_hidden_wherever_it_stands)
{
    Mask mask;
    mask.know("1000001");
    mask.know("OQCLML-BW3P3-BUCMWZ");
    mask.learn(R"({"listenKey":"pqia91ma19a5s61c","data":[{"orderId":"7654321"}]})");
    // The same value is always shown as the same, two as two; a number stays one, as long as it was.
    EXPECT_EQ(mask.hidden(R"({"i":1000001,"o":"1000001","z":11000001})"),
              R"({"i":9000001,"o":"9000001","z":11000001})");
    const std::string shown = mask.hidden(R"([7654321,"pqia91ma19a5s61c","OQCLML-BW3P3-BUCMWZ"])");
    EXPECT_EQ(shown, R"([9000004,"xxxx00xx00x0x003","xxxxxx-xx0x0-xxxxx2"])");
    EXPECT_EQ(mask.hidden(R"({"orderId":"7654321"})"), R"({"orderId":"9000004"})");
    mask.know("ab1");
    EXPECT_EQ(mask.hidden("ab1"), "ab1") << "too short to be looked for";
}

TEST(Mask, long_tokens_are_hidden_unlearnt)
{
    const std::string token = "eyJhbGciOiJFUzI1NiIsImtpZCI6Im9yZ2FuaXphdGlvbnMv";
    EXPECT_EQ(Mask().hidden("Bearer " + token + "."), "Bearer " + std::string(token.size(), 'x') + ".");
    EXPECT_EQ(Mask().hidden_url("wss://venue.example/ws/" + token + "?token=1#2"),
              "wss://venue.example/ws/" + std::string(token.size(), 'x') + "#2");
    EXPECT_EQ(Mask().hidden_url("https://venue.example/api/v3/account?timestamp=1"),
              "https://venue.example/api/v3/account");
}

}  // namespace
}  // namespace arb
