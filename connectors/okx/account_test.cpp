// Questions, cancel-all, contracts and fees, against the emulated venue.
#include <gtest/gtest.h>

#include "connectors/okx/life_support.hpp"
#include "tests/support/link_life.hpp"

namespace arb::okx::test {
namespace {

using arb::test::LinkLife;
using arb::test::money;
using arb::test::VenueLink;

class OkxAccount : public ::testing::Test, protected Life<LinkLife> {
  protected:
    OkxAccount() : Life(FeeTaking::received) {}
    void start() { ASSERT_TRUE(log_on()); }
};

TEST_F(OkxAccount, contracts_are_traded_and_their_positions_told)
{
    link_.deposit("USD", "100000");  // the matching counts an inverse contract's margin in it
    start();
    const OrderId swap = link_.place(Side::buy, "5", "27.20", TimeInForce::ioc, 1);
    const OrderId future = link_.place(Side::sell, "100", "27.10", TimeInForce::ioc, 2);
    settle();
    EXPECT_EQ(link_.filled(swap), link_.quantity("5", 1));
    EXPECT_EQ(link_.filled(future), link_.quantity("100", 2));
    std::map<std::string, Amount> told;
    for (const auto& balance : link_.balances) told[balance.asset] = balance.report.total;
    EXPECT_EQ(told["LINK/USDT:PERP"], money("5"));
    EXPECT_EQ(told["LINK/USD:261225"], money("-100"));
    link_.balances.clear();
    link_.venue().query_balances(link_.now(), link_, link_);
    settle();
    EXPECT_EQ(last_end(RequestKind::balances), "done/none");
    for (const EmulatedBalance& truth : link_.exchange().balances(VenueLink::kAccount)) {
        const bool same = std::any_of(link_.balances.begin(), link_.balances.end(), [&](const auto& b) {
            return b.asset == truth.asset &&
                   b.report.total == (truth.position ? truth.total : truth.wallet());
        });
        EXPECT_TRUE(same) << truth.asset;
    }
    for (const Undecoded& u : link_.undecoded) ADD_FAILURE() << name(u.reason);
}

TEST_F(OkxAccount, a_position_that_was_closed_is_told_as_flat)
{
    start();
    link_.venue().query_balances(link_.now(), link_, link_);
    settle();
    std::size_t flat = 0;
    for (const auto& b : link_.balances)
        flat += b.asset.find(':') != std::string::npos && b.report.total.zero();
    EXPECT_EQ(flat, 2U);
}

TEST_F(OkxAccount, cancel_all_reaches_beyond_a_page_and_spares_other_listings)
{
    start();
    rest(150);
    rest(7, kLinkSwap);
    const ListingId wanted[] = {kLink};
    link_.venue().cancel_all(wanted, link_.now(), link_, link_);
    settle(seconds(1));
    EXPECT_EQ(open(kLink), 0U);
    EXPECT_EQ(open(kLinkSwap), 7U);
    EXPECT_EQ(ends(RequestKind::cancel_all), 1U);
    EXPECT_EQ(last_end(RequestKind::cancel_all), "done/none");
    // With nothing open it ends as well.
    link_.venue().cancel_all(wanted, link_.now(), link_, link_);
    settle();
    EXPECT_EQ(ends(RequestKind::cancel_all), 2U);
}

TEST_F(OkxAccount, cancel_all_that_meets_orders_already_gone_is_done)
{
    start();
    rest(3);
    link_.on_to_venue = [&](Message& m) {
        if (m.request.url.find("cancel-batch-orders") != std::string::npos) {
            const auto orders = link_.exchange().orders(VenueLink::kAccount, kLink, true);
            if (!orders.empty())
                (void)link_.exchange().cancel(VenueLink::kAccount, orders[0]->id, link_.now());
        }
        return true;
    };
    link_.venue().cancel_all(link_.all_listings(), link_.now(), link_, link_);
    settle(seconds(1));
    EXPECT_EQ(open(), 0U);
    EXPECT_EQ(last_end(RequestKind::cancel_all), "done/none");
}

TEST_F(OkxAccount, open_orders_come_page_by_page)
{
    start();
    rest(150);
    link_.orders.clear();
    link_.venue().query_open_orders(link_.all_listings(), link_.now(), link_, link_);
    settle(seconds(1));
    EXPECT_EQ(link_.orders.size(), 150U);
    EXPECT_EQ(ends(RequestKind::open_orders), 1U);
    EXPECT_TRUE(link_.last_end(RequestKind::open_orders)->end.complete);
}

TEST_F(OkxAccount, a_page_that_repeats_itself_ends_as_incomplete)
{
    start();
    std::string entries;
    for (int i = 0; i < 100; ++i) {
        entries += std::string(i == 0 ? "" : ",") +
                   R"({"instId":"LINK-USDT","ordId":"7","clOrdId":"","px":"1","sz":"1","side":"buy",)"
                   R"("state":"live","accFillSz":"0","uTime":"1"})";
    }
    answer(200, R"({"code":"0","msg":"","data":[)" + entries + "]}");
    link_.venue().query_open_orders(link_.all_listings(), link_.now(), link_, link_);
    settle(seconds(1));
    EXPECT_EQ(ends(RequestKind::open_orders), 1U);
    EXPECT_FALSE(link_.last_end(RequestKind::open_orders)->end.complete);
}

TEST_F(OkxAccount, fills_since_a_time_of_the_venue_whatever_our_clock_says)
{
    link_.client_ahead = seconds(60);
    link_.venue().set_clock_offset(seconds(-60));
    start();
    (void)link_.place(Side::buy, "1", "27.20", TimeInForce::ioc);
    settle(seconds(20));
    const Timestamp between = link_.now() - seconds(5);
    (void)link_.place(Side::buy, "2", "27.20", TimeInForce::ioc);
    settle();
    link_.fills.clear();
    link_.venue().query_fills(link_.all_listings(), between, link_.now() + link_.client_ahead, link_, link_);
    settle();
    ASSERT_EQ(link_.fills.size(), 1U);
    EXPECT_EQ(link_.fills[0].report.quantity, link_.quantity("2"));
    // Older than three days: the history, once for each kind of instrument.
    link_.fills.clear();
    link_.venue().query_fills(link_.all_listings(), link_.now() - seconds(5 * 86'400),
                              link_.now() + link_.client_ahead, link_, link_);
    settle();
    EXPECT_EQ(link_.fills.size(), 2U);
    EXPECT_EQ(std::count(link_.key_uses.begin(), link_.key_uses.end(), "/api/v5/trade/fills-history"), 3);
    EXPECT_EQ(ends(RequestKind::fills), 2U);
}

TEST_F(OkxAccount, fees_of_every_kind_end_once)
{
    start();
    link_.venue().query_fees(link_.all_listings(), link_.now(), link_, link_);
    settle();
    ASSERT_EQ(link_.fees.size(), 3U);
    for (const FeeReport& fee : link_.fees) EXPECT_EQ(fee.taker, Rate{10 * kRatePerBasisPoint});
    EXPECT_EQ(ends(RequestKind::fees), 1U);
    link_.venue().query_fees({}, link_.now(), link_, link_);
    EXPECT_EQ(ends(RequestKind::fees), 2U);
    answer(200, R"({"code":"0","msg":"","data":[{"maker":"x","taker":"-0.001"}]})");
    link_.venue().query_fees(link_.all_listings(), link_.now(), link_, link_);
    settle(seconds(3));
    EXPECT_EQ(ends(RequestKind::fees), 3U);
    EXPECT_EQ(last_end(RequestKind::fees), "unknown/none");
    EXPECT_EQ(link_.fees.size(), 3U);
}

TEST_F(OkxAccount, the_fee_group_is_what_counts_and_the_rates_beside_it_are_old)
{
    struct Row {
        ListingId listing;
        const char* entry;
        std::int64_t maker, taker;  // hundredths of a basis point; taker 0: unreadable
    };
    const Row rows[] = {
        {kLinkSwap,
         R"("feeGroup":[{"groupId":"4","maker":"-0.0003","taker":"-0.0007"}],"maker":"-0.0002","taker":"-0.0005","makerU":"-0.0001","takerU":"-0.0004","makerUSDC":"-0.0002","takerUSDC":"-0.0006")",
         300, 700},
        {kLink, R"("feeGroup":[{"groupId":"1","maker":"0.00005","taker":"-0.0007"}],"maker":"","taker":"")",
         -50, 700},
        // Before there were groups; contracts in USDT had rates under names of their own.
        {kLinkSwap,
         R"("feeGroup":[],"maker":"-0.0002","taker":"-0.0005","makerU":"-0.0001","takerU":"-0.0004")", 100,
         400},
        {kLinkSwap, R"("maker":"-0.0002","taker":"-0.0005","makerU":"","takerU":"")", 200, 500},
        {kLinkFuture, R"("maker":"-0.0002","taker":"-0.0005","makerU":"-0.0001","takerU":"-0.0004")", 200,
         500},
        // Which of two is ours is not told; and a broken rate is none.
        {kLink,
         R"("feeGroup":[{"groupId":"1","maker":"-0.0008","taker":"-0.001"},{"groupId":"2","maker":"-0.0001","taker":"-0.0002"}],"maker":"-0.0008","taker":"-0.001")",
         0, 0},
        {kLink,
         R"("feeGroup":[{"groupId":"1","maker":"-0.0008","taker":"oops"}],"maker":"-0.0008","taker":"-0.001")",
         0, 0},
    };
    start();
    for (const Row& row : rows) {
        settle(seconds(3));
        link_.fees.clear();
        answer(200, std::string(R"({"code":"0","msg":"","data":[{"level":"Lv1",)") + row.entry + "}]}");
        const ListingId one[] = {row.listing};
        link_.venue().query_fees(one, link_.now(), link_, link_);
        settle();
        EXPECT_EQ(last_end(RequestKind::fees), row.taker == 0 ? "unknown/none" : "done/none") << row.entry;
        EXPECT_EQ(link_.last_end(RequestKind::fees)->end.complete, row.taker != 0);
        ASSERT_EQ(link_.fees.size(), row.taker == 0 ? 0U : 1U) << row.entry;
        if (row.taker == 0) continue;
        EXPECT_EQ(link_.fees[0].maker, Rate{row.maker * 100}) << row.entry;
        EXPECT_EQ(link_.fees[0].taker, Rate{row.taker * 100}) << row.entry;
    }
}

// Five fee questions in 2 s are answered; whoever waits asks again meanwhile.
TEST_F(OkxAccount, fees_of_sixty_instruments_come_to_their_end)
{
    start();
    std::vector<ListingId> many;
    for (int i = 0; i < 20; ++i) many.insert(many.end(), {kLink, kLinkSwap, kLinkFuture});
    std::vector<Timestamp> asked;
    std::vector<std::string> targets;
    link_.on_to_venue = [&](Message& m) {
        if (m.request.url.find("trade-fee") == std::string::npos) return true;
        asked.push_back(link_.now());
        targets.push_back(m.request.url);
        return true;
    };
    std::size_t told_to_wait = 0;
    link_.instead_of_reply = [&](const HttpRequest& r) -> std::optional<ServerReply> {
        if (r.url.find("trade-fee") == std::string::npos || asked.size() != 7) return std::nullopt;
        ++told_to_wait;
        return ServerReply{200, {}, R"({"code":"50011","msg":"Too Many Requests","data":[]})"};
    };
    link_.venue().query_fees(many, link_.now(), link_, link_);
    for (int i = 0; i < 10; ++i) {
        settle(seconds(4));
        link_.venue().query_fees(link_.all_listings(), link_.now(), link_, link_);
    }
    settle(seconds(10));
    EXPECT_EQ(told_to_wait, 1U);
    EXPECT_EQ(ends(RequestKind::fees), 11U) << "each question ends";
    EXPECT_EQ(last_end(RequestKind::fees), "done/none");
    EXPECT_GE(link_.fees.size(), 60U);
    ASSERT_GE(targets.size(), 61U);
    EXPECT_EQ(targets[7], targets[6]) << "what was not answered is asked again, not the first";
    for (std::size_t i = 5; i < asked.size(); ++i) EXPECT_GT(asked[i] - asked[i - 5], seconds(2)) << i;
}

TEST_F(OkxAccount, only_the_word_that_there_is_no_order_makes_it_absent)
{
    start();
    const OrderId id = make_order_id(3, 3);
    const std::pair<const char*, bool> kReplies[] = {
        {R"({"code":"51603","msg":"Order does not exist","data":[]})", true},
        {R"({"code":"51001","msg":"Instrument ID does not exist","data":[]})", false},
        {R"({"code":"0","msg":"","data":[]})", false},
        {R"({"code":"50001","msg":"busy","data":[]})", false},
        {"", false},
    };
    for (const auto& [body, absent] : kReplies) {
        link_.orders.clear();
        answer(200, body);
        link_.query(id);
        settle();
        EXPECT_EQ(!link_.orders.empty(), absent) << body;
        EXPECT_EQ(last_end(RequestKind::query_order).starts_with("done"), absent) << body;
    }
    answer(503, R"({"code":"51603","msg":"","data":[]})");
    link_.orders.clear();
    link_.query(id);
    settle();
    EXPECT_TRUE(link_.orders.empty()) << "a failing server says nothing";
}

TEST_F(OkxAccount, what_did_not_leave_did_not_happen_and_what_did_may_have)
{
    start();
    answer(0, "not sent");
    link_.venue().query_balances(link_.now(), link_, link_);
    settle();
    EXPECT_EQ(last_end(RequestKind::balances), "refused/other");
    answer(0, "");
    link_.venue().query_balances(link_.now(), link_, link_);
    settle();
    EXPECT_EQ(last_end(RequestKind::balances), "unknown/none");
    answer(429, R"({"code":"50011","msg":"slow","data":[]})", {{"Retry-After", "7"}});
    link_.venue().query_balances(link_.now(), link_, link_);
    settle();
    EXPECT_EQ(last_end(RequestKind::balances), "rate_limited/rate_limited");
    EXPECT_EQ(link_.last_end(RequestKind::balances)->end.retry_after, seconds(7));
    const ServerReply ban = link_.emulated().banned(seconds(9));
    answer(ban.status, ban.body, ban.headers);
    link_.venue().query_balances(link_.now(), link_, link_);
    settle();
    EXPECT_EQ(link_.last_end(RequestKind::balances)->end.retry_after, seconds(9));
    link_.instead_of_reply = nullptr;
    // No answer at all: over after ten seconds, and what comes later is nobody's.
    Message late;
    link_.on_to_client = [&](Message& m) {
        if (m.kind != Message::Kind::reply || m.request.url.find("balance") == std::string::npos) return true;
        late = m;
        return false;
    };
    const std::size_t before = ends(RequestKind::balances);
    link_.venue().query_balances(link_.now(), link_, link_);
    settle(seconds(11));
    EXPECT_EQ(ends(RequestKind::balances), before + 1);
    EXPECT_EQ(last_end(RequestKind::balances), "unknown/none");
    const PaddedBuffer body(late.reply.body);
    HttpReply reply;
    reply.url = "https://www.okx.com/api/v5/account/balance";
    reply.tag = late.request.tag;
    reply.body = body.text_of();
    link_.venue().on_http(reply, link_.now(), link_, link_);
    EXPECT_EQ(ends(RequestKind::balances), before + 1);
}

}  // namespace
}  // namespace arb::okx::test
