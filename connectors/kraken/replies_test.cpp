// What replies by REST become: pairs under each of their names, balances by the asset's id, fees, and what
// cannot be read or placed, which must never pass for the whole truth.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "connectors/kraken/life_support.hpp"
#include "tests/support/link_life.hpp"

namespace arb::kraken::test {
namespace {

using arb::test::LinkLife;

std::vector<ListingDefinition> pairs_of_old_and_new()
{
    std::vector<ListingDefinition> all;
    constexpr const char* kPairs[][4] = {{"BTC/USD", "0.1", "0.00000001", "XXBTZUSD"},
                                         {"USDT/USD", "0.0001", "0.00000001", "USDTZUSD"},
                                         {"USDC/USDT", "0.0001", "0.00000001", "USDCUSDT"},
                                         {"XRP/USD", "0.00001", "0.00000001", ""}};
    for (const auto& [symbol, tick, lot, key] : kPairs) {
        ListingDefinition d = *type().guess_listing("spot", symbol);
        d.tick = *Decimal::parse(tick);
        d.lot = *Decimal::parse(lot);
        d.code = key;
        all.push_back(d);
    }
    return all;
}

class KrakenReplies : public ::testing::Test, protected LinkLife {
  protected:
    KrakenReplies() : LinkLife(type(), "spot", pairs_of_old_and_new(), FeeTaking::quote)
    {
        link_.instead_of_reply = [this](const HttpRequest& request) -> std::optional<ServerReply> {
            asked.push_back(request.url.substr(request.url.rfind('/') + 1) + " " +
                            request.body.substr(std::min(request.body.find('&'), request.body.size())));
            for (const auto& [path, body] : replies) {
                if (request.url.find(path) != std::string::npos) return ServerReply{200, {}, body};
            }
            return std::nullopt;
        };
    }
    std::string symbol(ListingId id) const { return link_.table.listing(id).symbol; }
    std::string text(ListingId id, Quantity q) const { return link_.table.instrument_of(id).text(q); }
    std::string text(ListingId id, Price p) const { return link_.table.instrument_of(id).text(p); }

    /// All facts of one question, one a line; the end last.
    std::string facts(RequestKind kind, Duration time = seconds(20))
    {
        link_.fills.clear();
        link_.orders.clear();
        link_.balances.clear();
        link_.fees.clear();
        link_.ends.clear();
        Venue& venue = link_.venue();
        if (kind == RequestKind::fills)
            venue.query_fills(link_.all_listings(), link_.now() - seconds(60), link_.now(), link_, link_);
        if (kind == RequestKind::open_orders)
            venue.query_open_orders(link_.all_listings(), link_.now(), link_, link_);
        if (kind == RequestKind::balances) venue.query_balances(link_.now(), link_, link_);
        if (kind == RequestKind::fees) venue.query_fees(link_.all_listings(), link_.now(), link_, link_);
        link_.run(time);
        std::string all;
        for (const auto& f : link_.fills) {
            const FillReport& r = f.report;
            all += fmt::format("{} {} {} @ {} fee {} {} of {} {}\n", symbol(r.listing), name(r.side),
                               text(r.listing, r.quantity), text(r.listing, r.price), r.fee.text(),
                               f.fee_asset, f.venue_id, r.order == kForeignOrder ? "stranger" : "ours");
        }
        for (const auto& o : link_.orders)
            all += fmt::format("{} {} {} filled {}\n", symbol(o.report.listing), o.venue_id,
                               name(o.report.status), text(o.report.listing, o.report.filled));
        for (const auto& b : link_.balances)
            all += fmt::format("{} {} free {}\n", b.asset, b.report.total.text(), b.report.free.text());
        for (const auto& f : link_.fees)
            all += fmt::format("{} {}/{}\n", symbol(f.listing), format_scaled(f.maker.units, 8),
                               format_scaled(f.taker.units, 8));
        for (const auto& e : link_.ends)
            all += fmt::format("{} {} {}\n", name(e.end.kind), name(e.end.outcome),
                               e.end.complete ? "whole" : "not whole");
        return all;
    }
    std::string result_facts(RequestKind kind, const char* path, const std::string& result)
    {
        replies[path] = R"({"error":[],"result":)" + result + "}";
        return facts(kind);
    }
    static std::string trade(std::string_view id, std::string_view order, std::string_view pair,
                             std::string_view quantity = "0.0003")
    {
        return fmt::format(
            R"("{}":{{"ordertxid":"{}","pair":"{}","time":1700000000.25,"type":"sell","ordertype":"limit","price":"61000.5","cost":"18.30015","fee":"0.04758","vol":"{}","margin":"0","misc":"","trade_id":17,"maker":false}})",
            id, order, pair, quantity);
    }
    static std::string order(std::string_view id, std::string_view pair, std::string_view status,
                             std::string_view client = "\"1234\"", std::string_view price = "61000.5")
    {
        return fmt::format(
            R"("{}":{{"refid":null,"userref":null,"cl_ord_id":{},"status":"{}","opentm":1700000000.5,"descr":{{"pair":"{}","type":"buy","ordertype":"limit","price":"{}"}},"vol":"0.00030000","vol_exec":"0.00010000","cost":"6.1","fee":"0.0","price":"61000.5","misc":"","oflags":"fciq"}})",
            id, client, status, pair, price);
    }

    std::map<std::string, std::string> replies;
    std::vector<std::string> asked;
};

TEST_F(KrakenReplies, a_fill_names_its_pair_by_any_of_its_names)
{
    replies["QueryOrders"] = R"({"error":[],"result":{)" + order("O1", "XBTUSD", "closed") + "}}";
    for (const char* pair : {"XXBTZUSD", "XBTUSD", "BTCUSD", "XBT/USD", "BTC/USD"}) {
        EXPECT_EQ(result_facts(RequestKind::fills, "TradesHistory",
                               R"({"count":1,"trades":{)" + trade("T1", "O1", pair) + "}}"),
                  "BTC/USD sell 0.0003 @ 61000.5 fee 0.04758 USD of O1 stranger\nfills done whole\n")
            << pair;
    }
    EXPECT_NE(asked[0].find("&consolidate_taker=false"), std::string::npos) << asked[0];
    // A pair whose key nobody told.
    replies["QueryOrders"] = R"({"error":[],"result":{)" + order("O2", "XRPUSD", "closed") + "}}";
    EXPECT_EQ(result_facts(RequestKind::fills, "TradesHistory",
                           R"({"count":1,"trades":{)" + trade("T2", "O2", "XXRPZUSD") + "}}"),
              "XRP/USD sell 0.0003 @ 61000.5 fee 0.04758 USD of O2 stranger\nfills done whole\n");
}

TEST_F(KrakenReplies, a_pair_that_nobody_knows_is_asked_for_and_never_skipped_in_silence)
{
    replies["QueryOrders"] = R"({"error":[],"result":{)" + order("O1", "XBTUSD", "closed") + "}}";
    const std::string both = R"({"count":2,"trades":{)" + trade("T1", "O1", "XXBTZUSD") + "," +
                             trade("T9", "O9", "XICNXETH") + "}}";
    replies["AssetPairs"] = R"({"error":["EQuery:Unknown asset pair"]})";
    const std::string ours = "BTC/USD sell 0.0003 @ 61000.5 fee 0.04758 USD of O1 stranger\n";
    EXPECT_EQ(result_facts(RequestKind::fills, "TradesHistory", both), ours + "fills done not whole\n");
    ASSERT_FALSE(link_.undecoded.empty());
    EXPECT_EQ(link_.undecoded.back().reason, UndecodedReason::unknown_instrument);
    EXPECT_EQ(std::count(asked.begin(), asked.end(), "AssetPairs?pair=XICNXETH "), 1);
    EXPECT_EQ(facts(RequestKind::fills), ours + "fills done not whole\n");
    // What the venue says it is: a pair of its own, none of ours.
    const std::string foreign = R"({"count":1,"trades":{)" + trade("T8", "O8", "XMLNXETH") + "}}";
    replies["AssetPairs"] =
        R"({"error":[],"result":{"XMLNXETH":{"altname":"MLNETH","wsname":"MLN/ETH","base":"XMLN","quote":"XETH"}}})";
    EXPECT_EQ(result_facts(RequestKind::fills, "TradesHistory", foreign), "fills done not whole\n");
    EXPECT_EQ(facts(RequestKind::fills), "fills done whole\n");
    // And a new name of one of ours.
    const std::string renamed = R"({"count":1,"trades":{)" + trade("T7", "O1", "NEWKEY") + "}}";
    replies["AssetPairs"] =
        R"({"error":[],"result":{"NEWKEY":{"altname":"NEWKEY","wsname":"XBT/USD","base":"XXBT","quote":"ZUSD"}}})";
    EXPECT_EQ(result_facts(RequestKind::fills, "TradesHistory", renamed), "fills done not whole\n");
    EXPECT_EQ(facts(RequestKind::fills), ours + "fills done whole\n");
}

TEST_F(KrakenReplies, a_broken_row_makes_its_list_incomplete)
{
    const std::string good = trade("T1", "O1", "XXBTZUSD");
    replies["QueryOrders"] = R"({"error":[],"result":{)" + order("O1", "XBTUSD", "closed") + "}}";
    const std::string told = "BTC/USD sell 0.0003 @ 61000.5 fee 0.04758 USD of O1 stranger\n";
    for (const std::string& bad :
         {trade("T2", "O1", "XXBTZUSD", "x"), trade("T2", "O1", "XXBTZUSD", "0.000000001"),
          std::string(R"("T2":{"pair":"XXBTZUSD"})"), std::string(R"("T2":7)")}) {
        EXPECT_EQ(result_facts(RequestKind::fills, "TradesHistory",
                               R"({"count":2,"trades":{)" + good + "," + bad + "}}"),
                  told + "fills done not whole\n")
            << bad;
    }
    EXPECT_EQ(result_facts(RequestKind::fills, "TradesHistory", R"({"count":0})"), "fills done not whole\n");
    const std::string open = order("O1", "XBTUSD", "open");
    const std::string is_open = "BTC/USD O1 working filled 0.0001\n";
    EXPECT_EQ(result_facts(RequestKind::open_orders, "OpenOrders", R"({"open":{)" + open + "}}"),
              is_open + "open_orders done whole\n");
    for (const std::string& bad : {order("O2", "XBTUSD", "odd"), order("O2", "NOBODY", "open"),
                                   std::string(R"("O2":{"status":"open"})"), std::string(R"("O2":[])")}) {
        EXPECT_EQ(
            result_facts(RequestKind::open_orders, "OpenOrders", R"({"open":{)" + open + "," + bad + "}}"),
            is_open + "open_orders done not whole\n")
            << bad;
    }
    EXPECT_EQ(result_facts(RequestKind::open_orders, "OpenOrders", "{}"), "open_orders done not whole\n");
}

TEST_F(KrakenReplies, a_strangers_price_that_is_no_number_spoils_nothing)
{
    EXPECT_EQ(result_facts(RequestKind::open_orders, "OpenOrders",
                           R"({"open":{)" + order("O5", "XRPUSD", "open", "null", "+50.0000%") + "}}"),
              "XRP/USD O5 working filled 0.0001\nopen_orders done whole\n");
}

TEST_F(KrakenReplies, fills_wait_until_the_owner_of_each_is_known)
{
    std::string trades;
    std::map<std::string, std::string> owners;
    for (int i = 0; i < 60; ++i) {
        const std::string id = fmt::format("O{:03}", i);
        trades += (i == 0 ? "" : ",") + trade(fmt::format("T{}", i), id, "XXBTZUSD");
        owners[id] =
            order(id, "XBTUSD", "closed",
                  fmt::format("\"{}\"",
                              client_order_id(make_order_id(1, static_cast<std::uint32_t>(i + 1))).view()));
    }
    replies["TradesHistory"] = R"({"error":[],"result":{"count":60,"trades":{)" + trades + "}}}";
    // Each question about orders gets what it asks for.
    std::vector<std::size_t> batches;
    link_.instead_of_reply = [&](const HttpRequest& request) -> std::optional<ServerReply> {
        if (request.url.find("TradesHistory") != std::string::npos)
            return ServerReply{200, {}, replies["TradesHistory"]};
        if (request.url.find("QueryOrders") == std::string::npos) return std::nullopt;
        std::string rows;
        batches.push_back(0);
        for (const auto& [id, row] : owners) {
            if (request.body.find(id) == std::string::npos) continue;
            ++batches.back();
            rows += (rows.empty() ? "" : ",") + row;
        }
        return ServerReply{200, {}, R"({"error":[],"result":{)" + rows + "}}"};
    };
    (void)facts(RequestKind::fills, seconds(40));
    EXPECT_EQ(batches, (std::vector<std::size_t>{50, 10}));
    EXPECT_EQ(link_.fills.size(), 60U);
    for (const auto& f : link_.fills) EXPECT_NE(f.report.order, kForeignOrder) << f.venue_id;
    EXPECT_TRUE(link_.last_end(RequestKind::fills)->end.complete);
    // An owner that the venue does not tell: held back, and said.
    owners.erase("O007");
    link_.restart();
    (void)facts(RequestKind::fills, seconds(40));
    EXPECT_EQ(link_.fills.size(), 59U);
    EXPECT_FALSE(link_.last_end(RequestKind::fills)->end.complete);
}

TEST_F(KrakenReplies, one_id_that_the_venue_does_not_know_spoils_no_other_fill)
{
    replies["TradesHistory"] = R"({"error":[],"result":{"count":3,"trades":{)" +
                               trade("T1", "O1", "XXBTZUSD") + "," + trade("T2", "O2", "XXBTZUSD") + "," +
                               trade("T3", "O3", "XXBTZUSD") + "}}}";
    link_.instead_of_reply = [&](const HttpRequest& request) -> std::optional<ServerReply> {
        if (request.url.find("TradesHistory") != std::string::npos)
            return ServerReply{200, {}, replies["TradesHistory"]};
        if (request.body.find("O2") != std::string::npos)
            return ServerReply{200, {}, R"({"error":["EOrder:Unknown order"]})"};
        std::string rows;
        for (const char* id : {"O1", "O3"}) {
            if (request.body.find(id) == std::string::npos) continue;
            rows += (rows.empty() ? "" : ",") + order(id, "XBTUSD", "closed");
        }
        return ServerReply{200, {}, R"({"error":[],"result":{)" + rows + "}}"};
    };
    const std::string told = facts(RequestKind::fills, seconds(30));
    EXPECT_EQ(link_.fills.size(), 2U) << told;
    EXPECT_FALSE(link_.last_end(RequestKind::fills)->end.complete);
}

TEST_F(KrakenReplies, balances_are_of_assets_and_not_of_ids)
{
    const auto row = [](const char* id, const char* total, const char* held = "0.0") {
        return fmt::format(R"("{}":{{"balance":"{}","hold_trade":"{}"}})", id, total, held);
    };
    EXPECT_EQ(
        result_facts(RequestKind::balances, "BalanceEx",
                     "{" + row("ZORA", "10") + "," + row("XBT.F", "0.5") + "," + row("XXBT", "1", "0.25") +
                         "," + row("XBT.B", "0.125") + "," + row("XXDG", "7") + "," + row("ZEUS", "3") + "," +
                         R"("ZUSD":{"balance":"1000","credit":"500","credit_used":"100","hold_trade":"50"})" +
                         "}"),
        "BTC 1.5 free 1.25\nDOGE 7 free 7\nUSD 1000 free 950\nXBT.B 0.125 free 0.125\nZEUS 3 free 3\n"
        "ZORA 10 free 10\nbalances done whole\n");
    EXPECT_EQ(result_facts(RequestKind::balances, "BalanceEx",
                           "{" + row("XXBT", "x") + "," + row("ZUSD", "4") + "}"),
              "USD 4 free 4\nbalances done not whole\n");
    EXPECT_EQ(result_facts(RequestKind::balances, "BalanceEx", "[]"), "balances done not whole\n");
}

TEST_F(KrakenReplies, assets_are_called_what_the_venue_calls_them)
{
    replies["Assets"] =
        R"({"error":[],"result":{"XNEW":{"aclass":"currency","altname":"NEW"},"ZORA":{"altname":"ZORA"}}})";
    link_.start();
    link_.run(seconds(1));
    EXPECT_EQ(
        result_facts(RequestKind::balances, "BalanceEx",
                     R"({"XNEW":{"balance":"2","hold_trade":"0"},"ZORA":{"balance":"1","hold_trade":"0"}})"),
        "NEW 2 free 2\nZORA 1 free 1\nbalances done whole\n");
}

TEST_F(KrakenReplies, fees_of_every_pair_or_it_is_said)
{
    const std::string fees =
        R"({"currency":"ZUSD","volume":"0","fees":{"XXBTZUSD":{"fee":"0.2600"},"USDTZUSD":{"fee":"0.2"},"USDCUSDT":{"fee":"0.20"},"XXRPZUSD":{"fee":"0.4"}},"fees_maker":{"XXBTZUSD":{"fee":"0.16"},"USDCUSDT":{"fee":"-0.02"},"XXRPZUSD":{"fee":"0.25"}}})";
    const std::string all = "BTC/USD 0.0016/0.0026\nUSDT/USD 0.002/0.002\nUSDC/USDT -0.0002/0.002\n";
    EXPECT_EQ(result_facts(RequestKind::fees, "TradeVolume", fees),
              all + "XRP/USD 0.0025/0.004\nfees done whole\n");
    EXPECT_EQ(asked.back(), "TradeVolume &pair=XXBTZUSD,USDTZUSD,USDCUSDT,XRPUSD");
    std::string bad = fees;
    bad.replace(bad.find("\"0.4\""), 5, "\"oops\"");
    EXPECT_EQ(result_facts(RequestKind::fees, "TradeVolume", bad), all + "fees done not whole\n");
    std::string missing = fees;
    missing.replace(missing.find(R"(,"XXRPZUSD":{"fee":"0.4"})"), 25, "");
    EXPECT_EQ(result_facts(RequestKind::fees, "TradeVolume", missing), all + "fees done not whole\n");
    EXPECT_EQ(result_facts(RequestKind::fees, "TradeVolume", "{}"), "fees done not whole\n");
}

TEST_F(KrakenReplies, one_pair_that_the_venue_does_not_know_spoils_no_other_fee)
{
    link_.instead_of_reply = [&](const HttpRequest& request) -> std::optional<ServerReply> {
        if (request.body.find("USDCUSDT") == std::string::npos) return std::nullopt;
        return ServerReply{200, {}, R"({"error":["EQuery:Unknown asset pair"]})"};
    };
    const std::string told = facts(RequestKind::fees, seconds(30));
    EXPECT_EQ(link_.fees.size(), 3U) << told;
    EXPECT_NE(told.find("fees done not whole\n"), std::string::npos) << told;
    EXPECT_EQ(ends(RequestKind::fees), 1U);
}

}  // namespace
}  // namespace arb::kraken::test
