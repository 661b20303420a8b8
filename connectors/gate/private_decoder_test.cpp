// Orders, fills, balances and fee rates in every shape that can be told, and those that cannot: what comes
// out, or that nothing does and it is said.
#include "connectors/gate/private_decoder.hpp"
#include "connectors/gate/private_entries.hpp"

#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "connectors/gate/test_support.hpp"
#include "engine/base/client_order_id.hpp"

namespace arb::gate::test {
namespace {

using Lines = std::vector<std::string>;

/// What was told, a line a fact; a field that is not there is not printed.
class Told final : public TradingSink {
  public:
    explicit Told(const InstrumentTable& table) : table_(&table) {}
    Lines lines;

    void on_undecoded(const Undecoded& u) override
    {
        lines.push_back(fmt::format("UNDECODED {} {}", name(u.reason), u.text));
    }
    void on_order_report(const OrderReport& r) override
    {
        const unsigned decimals = table_->instrument_of(r.listing).quantity_decimals;
        std::string line = fmt::format("ORDER {} {}", who(r.order), name(r.status));
        if (r.reason != RejectReason::none) line += fmt::format(" {}", name(r.reason));
        line += fmt::format(" {} {} at {}", name(r.side), format_scaled128(r.quantity.units, decimals),
                            format_scaled128(r.price.units, table_->instrument_of(r.listing).price_decimals));
        if (r.has_filled) line += " filled " + format_scaled128(r.filled.units, decimals);
        lines.push_back(line + fmt::format(" {} {} {}", r.venue_id, r.client_id, r.venue_time.ns));
    }
    void on_fill_report(const FillReport& r) override
    {
        const Instrument& i = table_->instrument_of(r.listing);
        std::string line =
            fmt::format("FILL {} {} {} at {} {}", who(r.order), name(r.side),
                        format_scaled128(r.quantity.units, i.quantity_decimals),
                        format_scaled128(r.price.units, i.price_decimals), r.maker ? "maker" : "taker");
        if (r.has_fee) line += fmt::format(" fee {} {}", r.fee.text(), r.fee_asset);
        lines.push_back(line + fmt::format(" {} {} {}", r.trade_id, r.venue_id, r.venue_time.ns));
    }
    void on_balance_report(const BalanceReport& r) override
    {
        std::string line = fmt::format("BALANCE {}", r.asset);
        if (r.has_total) line += " total " + r.total.text();
        if (r.has_free) line += " free " + r.free.text();
        lines.push_back(line + fmt::format(" {}", r.venue_time.ns));
    }
    void on_fee_report(const FeeReport& r) override
    {
        lines.push_back(fmt::format("FEE {} {}", r.maker.units, r.taker.units));
    }

  private:
    static const char* who(OrderId id) { return id == kForeignOrder ? "foreign" : "ours"; }
    const InstrumentTable* table_;
};

const std::string kOrder =
    R"({"id":"82","text":"web","update_time_ms":"1700000000124","status":"open","currency_pair":"BTC_USDT",)"
    R"("type":"limit","account":"spot","side":"buy","amount":"0.002","price":"30000","left":"0.002",)"
    R"("filled_amount":"0","finish_as":"open"})";
const std::string kOrderSaid = "ORDER foreign working buy 0.002 at 30000 filled 0 82 web 1700000000124000000";
const std::string kFill =
    R"({"id":77,"order_id":"82","currency_pair":"BTC_USDT","create_time_ms":"1700000000123.456","side":"buy",)"
    R"("amount":"0.001","role":"taker","price":"30000","fee":"0.000001","fee_currency":"BTC","point_fee":"0",)"
    R"("gt_fee":"0","text":"web"})";

class GatePrivateDecoder : public ::testing::Test {
  protected:
    template <class Read>
    Lines told(const std::string& json, Read&& read)
    {
        Told facts(table_);
        simdjson::dom::parser parser;
        simdjson::dom::element entry;
        EXPECT_EQ(parser.parse(json).get(entry), simdjson::SUCCESS) << json;
        good_ = read(decoder_, entry, facts);
        return facts.lines;
    }
    Lines order(const std::string& json, ReportSource source = ReportSource::query)
    {
        return told(json, [&](auto& d, auto& e, auto& sink) { return d.order(e, source, sink); });
    }
    Lines fill(const std::string& json)
    {
        return told(json, [](auto& d, auto& e, auto& sink) { return d.fill(e, ReportSource::query, sink); });
    }
    Lines balance(const std::string& json, ReportSource source)
    {
        return told(json, [&](auto& d, auto& e, auto& sink) { return d.balance(e, source, sink); });
    }
    Lines fees(const std::string& json)
    {
        return told(json, [](auto& d, auto& e, auto& sink) { return d.fees(e, kBtc, sink); });
    }

    const InstrumentTable table_ = table_of("spot");
    const VenueSetup setup_{.table = &table_};
    const PrivateDecoder decoder_{setup_};
    bool good_ = false;
};

TEST_F(GatePrivateDecoder, orders_by_their_state)
{
    struct Row {
        const char *word, *end, *said;
    };
    const Row rows[] = {
        {R"("status":"open")", "open", "working "},
        {R"("status":"closed")", "filled", "filled "},
        {R"("status":"cancelled")", "cancelled", "cancelled "},
        {R"("status":"cancelled")", "ioc", "cancelled unfilled "},
        {R"("status":"cancelled")", "poc", "cancelled would_take "},
        {R"("event":"put")", "open", "working "},
        {R"("event":"update")", "open", "working "},
        {R"("event":"finish")", "filled", "filled "},
        {R"("event":"finish")", "fok", "cancelled unfilled "},
        {R"("event":"finish")", "stp", "cancelled self_trade "},
        {R"("event":"finish")", "-", "cancelled other "},
    };
    for (const Row& row : rows) {
        std::string json = changed(kOrder, R"("status":"open")", row.word);
        json = changed(json, R"("finish_as":"open")", fmt::format(R"("finish_as":"{}")", row.end));
        EXPECT_EQ(order(json), Lines{changed(kOrderSaid, "working ", row.said)}) << json;
        EXPECT_TRUE(good_);
    }
    for (const char* word :
         {R"("status":"thinking")", R"("status":"")", R"("event":"finished")", R"("x":1)"}) {
        const Lines lines = order(changed(kOrder, R"("status":"open")", word));
        ASSERT_EQ(lines.size(), 1U) << word;
        EXPECT_TRUE(lines[0].starts_with("UNDECODED unknown_message")) << lines[0];
        EXPECT_FALSE(good_);
    }
}

TEST_F(GatePrivateDecoder, what_is_filled_is_told_or_what_is_not_left)
{
    const std::string old = changed(kOrder, R"("filled_amount":"0",)", "");
    EXPECT_EQ(order(changed(old, R"("left":"0.002")", R"("left":"0.0005")")),
              Lines{changed(kOrderSaid, "filled 0 ", "filled 0.0015 ")});
    EXPECT_EQ(order(changed(old, R"("left":"0.002",)", "")), Lines{changed(kOrderSaid, "filled 0 ", "")})
        << "nobody says it";
    EXPECT_EQ(order(changed(old, R"("left":"0.002")", R"("left":"0.003")")),
              Lines{"UNDECODED bad_number BTC_USDT"})
        << "more is left than was ordered";
}

TEST_F(GatePrivateDecoder, our_orders_are_known_by_their_text)
{
    const OrderId id = make_order_id(3, 9);
    const ClientOrderId client = client_order_id(id);
    EXPECT_EQ(gate::order_of(fmt::format("t-{}", client.view())), id);
    EXPECT_EQ(gate::order_of(client.view()), kForeignOrder) << "without its head it is none of ours";
    for (const char* text : {"", "t-", "web", "t-web", "T-ar"})
        EXPECT_EQ(gate::order_of(text), kForeignOrder) << text;
}

TEST_F(GatePrivateDecoder, orders_that_cannot_be_read)
{
    const std::pair<const char*, const char*> rows[] = {
        {R"("id":"82")", R"("id":"")"},
        {R"("id":"82",)", ""},
        {R"("side":"buy")", R"("side":"hold")"},
        {R"("side":"buy",)", ""},
        {R"("amount":"0.002")", R"("amount":"0.0000001")"},
        {R"("amount":"0.002")", R"("amount":"much")"},
        {R"("amount":"0.002",)", ""},
        {R"("price":"30000")", R"("price":"3e4")"},
        {R"("filled_amount":"0")", R"("filled_amount":"-1")"},
    };
    for (const auto& [from, to] : rows) {
        EXPECT_EQ(order(changed(kOrder, from, to)), Lines{"UNDECODED bad_number BTC_USDT"}) << to;
        EXPECT_FALSE(good_) << to;
    }
    EXPECT_EQ(order(changed(kOrder, "BTC_USDT", "NOBODYS_USDT")),
              Lines{"UNDECODED unknown_instrument NOBODYS_USDT"});
    EXPECT_FALSE(good_);
    EXPECT_EQ(order("7").size(), 1U) << "an entry that is no object";
    EXPECT_FALSE(good_);
}

TEST_F(GatePrivateDecoder, fees_of_fills_by_how_they_are_paid)
{
    const std::string head = "FILL foreign buy 0.001 at 30000 taker";
    const std::string tail = " 77 82 1700000000123456000";
    struct Row {
        const char *from, *to, *fee;
        bool good;
    };
    const Row rows[] = {
        {"", "", " fee 0.000001 BTC", true},
        {R"("fee_currency":"BTC",)", "", " fee 0.000001 BTC", true},
        {R"("fee":"0.000001")", R"("fee":"0")", " fee 0 BTC", true},
        {R"("fee":"0.000001")", R"("fee":"-0.000001")", " fee -0.000001 BTC", true},
        {R"("fee":"0.000001",)", "", "", false},
    };
    for (const Row& row : rows) {
        const std::string json = *row.from == '\0' ? kFill : changed(kFill, row.from, row.to);
        EXPECT_EQ(fill(json), Lines{head + row.fee + tail}) << json;
        EXPECT_EQ(good_, row.good) << json;
    }
    for (const auto& [member, asset] : {std::pair{"gt_fee", "GT"}, std::pair{"point_fee", "POINT"}}) {
        std::string json = changed(kFill, R"("fee":"0.000001")", R"("fee":"0")");
        json = changed(json, fmt::format(R"("{}":"0")", member), fmt::format(R"("{}":"0.25")", member));
        EXPECT_EQ(fill(json), Lines{head + " fee 0.25 " + asset + tail});
        EXPECT_TRUE(good_);
    }
    EXPECT_EQ(fill(changed(kFill, R"("gt_fee":"0")", R"("gt_fee":"0.1")")).size(), 2U) << "it is said";
    EXPECT_FALSE(good_);
}

TEST_F(GatePrivateDecoder, fills_that_cannot_be_read)
{
    const std::pair<const char*, const char*> rows[] = {
        {R"("id":77)", R"("id":0)"},
        {R"("id":77)", R"("id":"x")"},
        {R"("id":77,)", ""},
        {R"("price":"30000")", R"("price":"0")"},
        {R"("amount":"0.001")", R"("amount":"0")"},
        {R"("amount":"0.001")", R"("amount":"0.0000001")"},
        {R"("role":"taker")", R"("role":"watcher")"},
        {R"("fee":"0.000001")", R"("fee":"oops")"},
        {R"("1700000000123.456")", R"("yesterday")"},
        {R"("order_id":"82",)", ""},
    };
    for (const auto& [from, to] : rows) {
        EXPECT_EQ(fill(changed(kFill, from, to)), Lines{"UNDECODED bad_number BTC_USDT"}) << to;
        EXPECT_FALSE(good_) << to;
    }
    EXPECT_EQ(fill(changed(kFill, R"("id":77)", R"("id":"77")")).size(), 1U) << "REST tells it as a text";
    EXPECT_TRUE(good_);
}

TEST_F(GatePrivateDecoder, balances_by_rest_and_by_the_channel)
{
    struct Row {
        ReportSource source;
        const char *json, *said;
        bool good;
    };
    constexpr ReportSource kAsked = ReportSource::query, kPushed = ReportSource::stream;
    const Row rows[] = {
        {kAsked, R"({"currency":"USDT","available":"968.8","locked":"31.2","update_id":1})",
         "BALANCE USDT total 1000 free 968.8 0", true},
        {kAsked, R"({"currency":"USDT","available":"968.8"})", "UNDECODED bad_number USDT", false},
        {kAsked, R"({"currency":"USDT","available":"","locked":"0"})", "UNDECODED bad_number USDT", false},
        {kAsked, R"({"currency":"","available":"1","locked":"0"})", "UNDECODED bad_number ", false},
        {kPushed,
         R"({"timestamp_ms":"1700000000124","currency":"USDT","total":"10","available":"7","freeze":"3"})",
         "BALANCE USDT total 10 free 7 1700000000124000000", true},
        {kPushed,
         R"({"timestamp_ms":"1700000000124","currency":"USDT","total":"11","available":"7","freeze":"3"})",
         "BALANCE USDT free 7 1700000000124000000", true},
        {kPushed, R"({"timestamp_ms":"1700000000124","currency":"USDT","available":"7","freeze":"3"})",
         "UNDECODED bad_number USDT", false},
    };
    for (const Row& row : rows) {
        EXPECT_EQ(balance(row.json, row.source), Lines{row.said}) << row.json;
        EXPECT_EQ(good_, row.good) << row.json;
    }
}

TEST_F(GatePrivateDecoder, fee_rates_with_and_without_the_discount)
{
    const std::string plain =
        R"({"taker_fee":"0.002","maker_fee":"0.0018","gt_discount":false,"gt_taker_fee":"0.0015","gt_maker_fee":"0.0012"})";
    EXPECT_EQ(fees(plain), Lines{"FEE 180000 200000"});
    EXPECT_EQ(fees(changed(plain, "false", "true")), Lines{"FEE 120000 150000"});
    for (const auto& [from, to] : {std::pair{R"("gt_discount":false,)", ""}, std::pair{"0.0018", "oops"},
                                   std::pair{R"("taker_fee":"0.002")", R"("taker_fee":"")"},
                                   std::pair{R"("gt_discount":false)", R"("gt_discount":"no")"}}) {
        EXPECT_EQ(fees(changed(plain, from, to)), Lines{"UNDECODED bad_number wallet/fee"}) << to;
        EXPECT_FALSE(good_) << to;
    }
}

}  // namespace
}  // namespace arb::gate::test
