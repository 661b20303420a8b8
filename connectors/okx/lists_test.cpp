// Lists that come in parts: told to wait, with broken rows, with what is not known yet.
#include <gtest/gtest.h>

#include "connectors/okx/life_support.hpp"
#include "tests/support/link_life.hpp"

namespace arb::okx::test {
namespace {

using arb::test::LinkLife;
using arb::test::money;

class OkxLists : public ::testing::Test, protected Life<LinkLife> {
  protected:
    OkxLists() : Life(FeeTaking::received) {}
    void start() { ASSERT_TRUE(log_on()); }
};

TEST_F(OkxLists, a_list_that_is_told_to_wait_goes_on_where_it_stands)
{
    start();
    rest(150);
    link_.orders.clear();
    std::size_t pages = 0;
    link_.instead_of_reply = [&](const HttpRequest& r) -> std::optional<ServerReply> {
        if (r.url.find("orders-pending") == std::string::npos || ++pages != 2) return std::nullopt;
        return ServerReply{429, {{"Retry-After", "3"}}, R"({"code":"50011","msg":"","data":[]})"};
    };
    link_.venue().query_open_orders(link_.all_listings(), link_.now(), link_, link_);
    settle(milliseconds(2900));
    EXPECT_EQ(ends(RequestKind::open_orders), 0U);
    settle(seconds(1));
    EXPECT_EQ(pages, 3U);
    EXPECT_EQ(link_.orders.size(), 150U);
    EXPECT_EQ(last_end(RequestKind::open_orders), "done/none");
    EXPECT_TRUE(link_.last_end(RequestKind::open_orders)->end.complete);
}

TEST_F(OkxLists, fees_that_are_not_told_of_one_instrument_are_told_of_the_others)
{
    start();
    link_.instead_of_reply = [&](const HttpRequest& r) -> std::optional<ServerReply> {
        if (r.url.find("instType=SWAP") != std::string::npos)
            return ServerReply{200, {}, R"({"code":"51001","msg":"Instrument ID doesn't exist","data":[]})"};
        if (r.url.find("instType=SPOT") != std::string::npos)
            return ServerReply{200, {}, R"({"code":"0","msg":"","data":[]})"};
        return std::nullopt;
    };
    link_.venue().query_fees(link_.all_listings(), link_.now(), link_, link_);
    settle(seconds(1));
    ASSERT_EQ(link_.fees.size(), 1U);
    EXPECT_EQ(link_.fees[0].listing, kLinkFuture);
    EXPECT_EQ(last_end(RequestKind::fees), "unknown/none");
    EXPECT_FALSE(link_.last_end(RequestKind::fees)->end.complete);
}

TEST_F(OkxLists, cancellations_that_came_too_fast_are_sent_again)
{
    start();
    rest(3);
    std::size_t batches = 0;
    link_.on_to_client = [&](Message& m) {
        if (m.request.url.find("cancel-batch-orders") == std::string::npos || ++batches > 1) return true;
        m.reply.body = changed(m.reply.body, R"("sCode":"0")", R"("sCode":"50011")");
        return true;
    };
    link_.venue().cancel_all(link_.all_listings(), link_.now(), link_, link_);
    settle(seconds(4));
    EXPECT_EQ(batches, 2U);
    EXPECT_EQ(last_end(RequestKind::cancel_all), "done/none");
}

TEST_F(OkxLists, broken_rows_make_a_list_incomplete)
{
    start();
    const std::string position =
        R"({"instId":"LINK-USDT-SWAP","posSide":"net","pos":"-15","uTime":"1597026383085"})";
    const auto balances = [&](const std::string& row) {
        link_.balances.clear();
        link_.instead_of_reply = [row](const HttpRequest& r) -> std::optional<ServerReply> {
            if (r.url.find("positions") == std::string::npos) return std::nullopt;
            return ServerReply{200, {}, R"({"code":"0","msg":"","data":[)" + row + "]}"};
        };
        link_.venue().query_balances(link_.now(), link_, link_);
        settle();
        return link_.last_end(RequestKind::balances)->end.complete;
    };
    EXPECT_TRUE(balances(position));
    EXPECT_TRUE(balances(changed(position, "LINK-USDT-SWAP", "NOPE-USDT-SWAP"))) << "a stranger's instrument";
    EXPECT_FALSE(balances(changed(position, "-15", "x")));
    const auto flat = [&] {
        return std::any_of(link_.balances.begin(), link_.balances.end(),
                           [](const auto& b) { return b.asset == "LINK/USDT:PERP"; });
    };
    EXPECT_FALSE(flat()) << "it is not known to be flat";
    EXPECT_FALSE(balances(changed(position, R"("instId":"LINK-USDT-SWAP",)", "")));
    EXPECT_FALSE(flat()) << "the row without a name may be its own";
    answer(200, R"({"code":"0","msg":"","data":[]})");
    link_.venue().query_balances(link_.now(), link_, link_);
    settle();
    EXPECT_FALSE(link_.last_end(RequestKind::balances)->end.complete);
}

TEST_F(OkxLists, a_fee_that_is_not_known_yet_is_asked_for_again)
{
    start();
    const std::string row =
        R"({"instId":"LINK-USDT","tradeId":"7","ordId":"8","clOrdId":"","billId":"9","fillPx":"27.1","fillSz":"1",)"
        R"("side":"buy","execType":"T","feeCcy":"LINK","fee":"%","ts":"@"})";
    const auto fills = [&](const char* fee, Duration age = seconds(59)) {
        link_.fills.clear();
        const std::string time = std::to_string((link_.now() - age).ns / 1'000'000);
        answer(200, R"({"code":"0","msg":"","data":[)" + changed(changed(row, "@", time), "%", fee) + "]}");
        link_.venue().query_fills(link_.all_listings(), link_.now() - seconds(60), link_.now(), link_, link_);
        settle();
        return link_.last_end(RequestKind::fills)->end.complete;
    };
    for (int i = 0; i < 20; ++i) {
        EXPECT_FALSE(fills("")) << "however often it is asked for within the minute";
        ASSERT_EQ(link_.fills.size(), 1U);
        EXPECT_FALSE(link_.fills[0].report.has_fee);
    }
    EXPECT_TRUE(link_.undecoded.empty());
    EXPECT_TRUE(fills("", seconds(61))) << "it never comes: none was taken";
    EXPECT_TRUE(link_.fills.at(0).report.has_fee);
    EXPECT_EQ(link_.fills[0].report.fee, Amount{});
    EXPECT_FALSE(link_.undecoded.empty()) << "and that is told";
    EXPECT_TRUE(fills("-0.001"));
    EXPECT_EQ(link_.fills.at(0).report.fee, money("0.001"));
    EXPECT_FALSE(fills(""));
}

}  // namespace
}  // namespace arb::okx::test
