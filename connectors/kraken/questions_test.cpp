// How Kraken's questions by REST go on, wait, join and end: what engine/connect/inquiries.hpp does for every
// venue, with this venue's own turns.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "connectors/kraken/life_support.hpp"
#include "tests/support/link_life.hpp"

namespace arb::kraken::test {
namespace {

using arb::test::LinkLife;

std::vector<ListingDefinition> four_pairs()
{
    std::vector<ListingDefinition> all;
    for (const char* symbol : {"BTC/USD", "USDT/USD", "USDC/USDT", "XRP/USD"}) {
        ListingDefinition d = *type().guess_listing("spot", symbol);
        d.tick = *Decimal::parse("0.00001");
        d.lot = *Decimal::parse("0.00000001");
        all.push_back(d);
    }
    return all;
}

class KrakenQuestions : public ::testing::Test, protected LinkLife {
  protected:
    using Answer = std::function<std::optional<std::string>(const std::string& text)>;

    KrakenQuestions() : LinkLife(type(), "spot", four_pairs(), FeeTaking::quote)
    {
        link_.instead_of_reply = [this](const HttpRequest& request) -> std::optional<ServerReply> {
            asked_.push_back(request.url + " " + request.body);
            const std::optional<std::string> body = answer_ ? answer_(asked_.back()) : std::nullopt;
            if (!body) return std::nullopt;
            return ServerReply{200, {}, *body};
        };
    }
    std::size_t asked(std::string_view text) const
    {
        return static_cast<std::size_t>(std::count_if(
            asked_.begin(), asked_.end(), [&](const std::string& s) { return s.find(text) != s.npos; }));
    }
    void ask_fills()
    {
        link_.venue().query_fills(link_.all_listings(), link_.now() - seconds(60), link_.now(), link_, link_);
    }
    void ask_fees(std::span<const ListingId> listings)
    {
        link_.venue().query_fees(listings, link_.now(), link_, link_);
    }
    static std::vector<ListingId> first_pair() { return {ListingId{0}}; }
    /// Fifty trades of strangers, of a hundred.
    static std::string page(int first)
    {
        std::string rows;
        for (int i = first; i < first + 50; ++i)
            rows += fmt::format(
                R"({}"T{}":{{"ordertxid":"O1","pair":"XBTUSD","time":1700000000.25,"type":"sell","price":"61000.5","fee":"0.1","vol":"0.5","maker":false}})",
                i == first ? "" : ",", i);
        return R"({"error":[],"result":{"count":100,"trades":{)" + rows + "}}}";
    }
    static std::string owner()
    {
        return R"({"error":[],"result":{"O1":{"cl_ord_id":"1234","status":"closed"}}})";
    }
    std::vector<std::string> asked_;
    Answer answer_;
};

constexpr const char* kSlower = R"({"error":["EGeneral:Too many requests"]})";

TEST_F(KrakenQuestions, fees_that_are_asked_for_meanwhile_are_asked_of_the_venue_as_well)
{
    ask_fees(first_pair());
    ask_fees(link_.all_listings());
    settle(seconds(5));
    EXPECT_EQ(ends(RequestKind::fees), 2U);
    for (const auto& end : link_.ends) EXPECT_TRUE(end.end.complete) << end.text;
    EXPECT_EQ(link_.fees.size(), 4U);
    EXPECT_EQ(asked("TradeVolume"), 2U);
    EXPECT_EQ(asked("&pair=XBTUSD"), 1U);
}

TEST_F(KrakenQuestions, pairs_that_the_venue_does_not_know_are_left_out_one_by_one)
{
    answer_ = [](const std::string& text) -> std::optional<std::string> {
        if (text.find("XBTUSD") == text.npos && text.find("USDCUSDT") == text.npos) return std::nullopt;
        return R"({"error":["EQuery:Unknown asset pair"]})";
    };
    ask_fees(link_.all_listings());
    settle(seconds(20));
    EXPECT_EQ(link_.fees.size(), 2U);
    ASSERT_EQ(ends(RequestKind::fees), 1U);
    EXPECT_EQ(last_end(RequestKind::fees), "done/none");
    EXPECT_FALSE(link_.last_end(RequestKind::fees)->end.complete);
    link_.ends.clear();
    ask_fees(first_pair());
    settle(seconds(5));
    EXPECT_EQ(last_end(RequestKind::fees), "refused/no_market") << "of the only one it is the answer";
}

TEST_F(KrakenQuestions, told_to_slow_down_half_way_it_goes_on_later)
{
    int slower = 0;
    answer_ = [&](const std::string& text) -> std::optional<std::string> {
        if (text.find("QueryOrders") != text.npos) return owner();
        if (text.find("&ofs=50") == text.npos) return page(0);
        return slower++ < 3 ? kSlower : page(50);
    };
    ask_fills();
    settle(seconds(14));
    EXPECT_EQ(ends(RequestKind::fills), 0U);
    settle(seconds(6));
    EXPECT_EQ(last_end(RequestKind::fills), "done/none");
    EXPECT_TRUE(link_.last_end(RequestKind::fills)->end.complete);
    EXPECT_EQ(link_.fills.size(), 100U);
    EXPECT_EQ(asked("TradesHistory"), 5U);
    EXPECT_EQ(asked("&ofs=50"), 4U);
    // At its beginning it ends: whoever asked has a pace of his own.
    answer_ = [](const std::string&) { return std::string(kSlower); };
    ask_fills();
    settle(seconds(30));  // the counter is full
    EXPECT_EQ(last_end(RequestKind::fills), "rate_limited/rate_limited");
    EXPECT_FALSE(link_.last_end(RequestKind::fills)->end.complete);
    EXPECT_EQ(asked("TradesHistory"), 6U);
}

TEST_F(KrakenQuestions, told_to_slow_down_too_often_it_ends)
{
    answer_ = [](const std::string& text) { return text.find("&ofs=") == text.npos ? page(0) : kSlower; };
    ask_fills();
    settle(seconds(60));
    EXPECT_EQ(last_end(RequestKind::fills), "rate_limited/rate_limited");
    EXPECT_EQ(ends(RequestKind::fills), 1U);
    EXPECT_EQ(asked("&ofs="), 7U);
    EXPECT_TRUE(link_.fills.empty()) << "whose they are was not asked yet";
}

TEST_F(KrakenQuestions, what_nobody_answers_ends_once_and_holds_up_the_next_for_no_longer)
{
    link_.on_to_client = [](Message& m) { return m.request.url.find("BalanceEx") == std::string::npos; };
    link_.venue().query_balances(link_.now(), link_, link_);
    link_.venue().query_open_orders(link_.all_listings(), link_.now(), link_, link_);
    settle(seconds(4));
    EXPECT_EQ(asked("OpenOrders"), 0U);
    settle(seconds(2));
    EXPECT_EQ(last_end(RequestKind::balances), "unknown/none");
    EXPECT_EQ(link_.last_end(RequestKind::balances)->text, "no answer within 5 s");
    EXPECT_EQ(last_end(RequestKind::open_orders), "done/none");
    EXPECT_EQ(ends(RequestKind::balances), 1U);
}

TEST_F(KrakenQuestions, the_question_for_a_name_waits_for_no_counter)
{
    answer_ = [](const std::string& text) -> std::optional<std::string> {
        if (text.find("BalanceEx") != text.npos || text.find("Query") != text.npos) return std::nullopt;
        return R"({"error":[],"result":{"open":{"O1":{"descr":{"pair":"NEWUSD"}}}}})";
    };
    for (std::uint32_t i = 1; i <= 40; ++i) link_.query(make_order_id(1, i));
    settle(seconds(1));
    EXPECT_LT(asked("OpenOrders"), 40U) << "the counter is full";
    EXPECT_EQ(asked("AssetPairs?pair=NEWUSD"), 1U);
}

}  // namespace
}  // namespace arb::kraken::test
