// The emulated venue by itself on its websocket, the market of contracts, its manners, and whatever is
// hostile.
#include <gtest/gtest.h>

#include "connectors/gate/emulated_support.hpp"
#include "engine/world/emulated_exchange.hpp"

namespace arb::gate::test {
namespace {

class GateEmulatedSocket : public ::testing::Test, protected Stranger<EmulatedExchange, ExchangeRules> {
  protected:
    void begin(const char* market, bool manners = false)
    {
        open_venue(market, manners);
        ASSERT_TRUE(connect(kFirst));
        ASSERT_TRUE(connect(kSecond));
    }
    std::string order(const char* price, const std::string& more = "") const
    {
        return order_body(fmt::format(R"("side":"buy","amount":"1","price":"{}"{})", price, more));
    }
};

TEST_F(GateEmulatedSocket, ServesBooksWhoseIdsFollowEachOther)
{
    begin("spot");
    EXPECT_FALSE(connect(SessionId{9}, "/ws/v5/"));
    subscribe(kFirst, "obu", R"("ob.LINK_USDT.7")");
    EXPECT_EQ(last(kFirst, "obu", "/error/code"), "2");
    subscribe(kFirst, "obu", R"("ob.LINK_USDT.50")");
    EXPECT_EQ(last(kFirst, R"("event")", "/result/status"), "success");
    EXPECT_EQ(last(kFirst, R"("full":true)", "/result/b/0/0"), "27.1");
    subscribe(kFirst, "obu", R"("ob.LINK_USDT.50")");
    EXPECT_EQ(last(kFirst, R"("event")", "/error/message"), "Alert sub ob.LINK_USDT.50");
    std::string before = last(kFirst, R"("full":true)", "/result/u");
    for (const std::int64_t bid : {2711, 2712, 2713}) {
        street(bid, 2720);
        EXPECT_EQ(std::stoll(last(kFirst, R"("U")", "/result/U")), std::stoll(before) + 1);
        EXPECT_EQ(last(kFirst, R"("U")", "/result/b/1/1"), "0") << "the old price is gone";
        EXPECT_EQ(last(kFirst, R"("U")", "/result/a"), "") << "nothing changed there";
        before = last(kFirst, R"("U")", "/result/u");
    }
    subscribe(kFirst, "obu", R"("ob.LINK_USDT.50")", -1, "unsubscribe");
    street(2710, 2720);
    EXPECT_EQ(last(kFirst, R"("U")", "/result/u"), before);
    subscribe(kFirst, "obu", R"("ob.LINK_USDT.50")");
    EXPECT_EQ(heard(kFirst, R"("full":true)"), 2U);
    subscribe(kFirst, "trades", R"("NONE_USDT","LINK_USDT")");
    EXPECT_EQ(last(kFirst, "trades", "/error/message"), "unknown currency pair: NONE_USDT");
    subscribe(kFirst, "trades", R"("LINK_USDT")");
    ASSERT_EQ(place(R"("side":"buy","amount":"1","price":"27.20")"), "201");
    EXPECT_EQ(last(kFirst, "spot.trades", "/result/price"), "27.2");
    say(kFirst, R"({"time":1,"channel":"spot.ping"})");
    EXPECT_EQ(last(kFirst, "pong", "/channel"), "spot.pong");
}

TEST_F(GateEmulatedSocket, TellsAnAccountItsNewsAndNobodyElse)
{
    begin("spot");
    subscribe(kFirst, "orders", R"("!all")");
    EXPECT_EQ(last(kFirst, "orders", "/error/code"), "4") << "unsigned";
    for (const char* topic : {"orders", "usertrades"}) subscribe(kFirst, topic, R"("!all")", 1);
    subscribe(kFirst, "balances", "", 1);
    subscribe(kSecond, "orders", R"("!all")", 0);
    subscribe(kSecond, "orders", R"("!all")", 0, "unsubscribe");
    EXPECT_EQ(heard(kFirst, R"("status":"success")"), 3U) << "a key that reads is enough";
    frames_.clear();
    ASSERT_EQ(place(R"("side":"buy","amount":"1","price":"27.00","text":"t-x")"), "201");
    EXPECT_EQ(last(kFirst, "spot.orders", "/result/0/event"), "put");
    EXPECT_EQ(last(kFirst, "spot.orders", "/result/0/text"), "t-x");
    EXPECT_EQ(last(kFirst, "spot.balances", "/result/0/freeze_change"), "27");
    EXPECT_EQ(last(kFirst, "spot.balances", "/result/0/available"), "9973");
    street(2690, 2695, 4);
    EXPECT_EQ(last(kFirst, "spot.orders", "/result/0/event"), "update");
    EXPECT_EQ(last(kFirst, "spot.orders", "/result/0/left"), "0.6");
    EXPECT_EQ(last(kFirst, "usertrades", "/result/0/amount"), "0.4");
    EXPECT_EQ(last(kFirst, "usertrades", "/result/0/role"), "maker");
    street(2690, 2695, 500);
    EXPECT_EQ(last(kFirst, "spot.orders", "/result/0/event"), "finish");
    EXPECT_EQ(last(kFirst, "spot.orders", "/result/0/finish_as"), "filled");
    EXPECT_TRUE(frames_[kSecond].empty());
    keys_[1].revoked = true;
    venue_->on_key_changed(keys_[1], now_, *outbox());
    EXPECT_EQ(closed_, std::vector<SessionId>{kFirst});
}

TEST_F(GateEmulatedSocket, TakesOrdersFromWhoLoggedOn)
{
    begin("spot");
    call(kFirst, "order_place", "early", order("27.00"));
    EXPECT_EQ(last(kFirst, "early", "/header/status") + last(kFirst, "early", "/data/errs/label"),
              "401INVALID_CREDENTIALS");
    log_on(kFirst, 1);
    call(kFirst, "order_place", "reader", order("27.00"));
    EXPECT_EQ(last(kFirst, "reader", "/data/errs/label"), "READ_ONLY");
    log_on(kFirst);
    call(kFirst, "order_place", "one", order("27.00", R"(,"text":"t-1")"));
    EXPECT_EQ(heard(kFirst, R"("request_id":"one","ack":true)"), 1U);
    EXPECT_EQ(heard(kFirst, R"("request_id":"one")"), 2U);
    EXPECT_EQ(last(kFirst, R"("one")", "/data/result/status"), "open");
    EXPECT_EQ(last(kFirst, R"("one")", "/header/x_gate_ratelimit_limit"), "10");
    call(kFirst, "order_place", "low", order("20.00"));
    EXPECT_EQ(last(kFirst, R"("low")", "/data/errs/label"), "");
    call(kFirst, "order_place", "tiny", order("20.001"));
    EXPECT_EQ(last(kFirst, R"("tiny")", "/header/status") + last(kFirst, R"("tiny")", "/data/errs/label"),
              "400INVALID_PRECISION");
    call(kFirst, "order_amend", "two", R"({"order_id":"t-1","currency_pair":"LINK_USDT","price":"27.05"})");
    EXPECT_EQ(heard(kFirst, R"("request_id":"two")"), 1U) << "no word before the result";
    EXPECT_EQ(last(kFirst, R"("two")", "/data/result/price"), "27.05");
    call(kFirst, "order_status", "three", R"({"order_id":"t-1","currency_pair":"LINK_USDT"})");
    EXPECT_EQ(last(kFirst, R"("three")", "/data/result/price"), "27.05");
    const auto until = [&](std::int64_t off) {
        return fmt::format(R"(,"req_header":{{"x-gate-exptime":"{}"}})", now_.ns / 1'000'000 + off);
    };
    const std::string cancel = R"({"order_id":"t-1","currency_pair":"LINK_USDT"})";
    call(kFirst, "order_cancel", "late", cancel, until(-1));
    EXPECT_EQ(last(kFirst, R"("late")", "/data/errs/label"), "REQUEST_EXPIRED");
    call(kFirst, "order_cancel", "four", cancel, until(0));
    EXPECT_EQ(last(kFirst, R"("four")", "/data/result/finish_as"), "cancelled");
    call(kFirst, "order_cancel_cp", "all", R"({"currency_pair":"LINK_USDT"})");
    EXPECT_EQ(last(kFirst, R"("all")", "/data/result/0/price"), "20");
    call(kFirst, "order_invent", "five", "{}");
    EXPECT_EQ(last(kFirst, R"("five")", "/header/status"), "400");
    const std::string doubt = venue_->failed_frame(
        R"({"channel":"spot.order_place","event":"api","payload":{"req_id":"six","req_param":{}}})");
    EXPECT_EQ(member_at(doubt, "/request_id") + member_at(doubt, "/header/status"), "six500");
    EXPECT_EQ(venue_->failed_frame(R"({"channel":"spot.ping"})"), "");
    keys_[0].revoked = true;
    call(kFirst, "order_place", "gone", order("27.00"));
    EXPECT_EQ(last(kFirst, R"("gone")", "/data/errs/label"), "INVALID_KEY");
}

TEST_F(GateEmulatedSocket, HasMannersOnADayThatHasThem)
{
    begin("spot", true);
    subscribe(kFirst, "obu", R"("ob.LINK_USDT.50")");
    ASSERT_EQ(frames_[kFirst].size(), 2U);
    EXPECT_NE(frames_[kFirst][0].find(R"("full":true)"), std::string::npos) << "before the word of success";
    for (int i = 0; i < 200; ++i) street(2700 + i % 2, 2720);
    EXPECT_EQ(heard(kFirst, R"("full":true)"), 2U) << "a whole book comes again";
    const std::size_t changes = heard(kFirst, R"("U":)");
    const std::size_t sides = heard(kFirst, R"("b":)") + heard(kFirst, R"("a":)");
    EXPECT_GT(changes, 200U) << "changes of nothing come between the 199 real ones";
    EXPECT_GT(sides, 199U);
    log_on(kFirst);
    subscribe(kFirst, "orders", R"("!all")", 0);
    std::size_t late = 0;
    for (int i = 0; i < 8; ++i) {
        const std::string number = fmt::format("n{}", i);
        call(kFirst, "order_place", number, order("20.00"));
        late += heard(kFirst, fmt::format(R"("request_id":"{}")", number)) == 1 ? 1U : 0U;
        venue_->on_tick(now_, *outbox());
        EXPECT_EQ(heard(kFirst, fmt::format(R"("request_id":"{}")", number)), 2U);
    }
    EXPECT_EQ(late, 2U) << "news of the order came first";
    now_ = now_ + seconds(220);
    venue_->on_tick(now_, *outbox());
    EXPECT_EQ(heard(kFirst, R"("type":"upgrade")"), 1U);
    EXPECT_TRUE(closed_.empty());
    now_ = now_ + seconds(30);
    venue_->on_tick(now_, *outbox());
    EXPECT_EQ(closed_.size(), 2U);
}

TEST_F(GateEmulatedSocket, ContractsAreSignedCountsAndPositionsFollow)
{
    begin("usdt");
    EXPECT_EQ(ask(bare("GET", "/api/v4/futures/usdt/contracts")), "200");
    EXPECT_EQ(at("/0/name") + at("/0/quanto_multiplier"), "LINK_USDT0.1");
    subscribe(kFirst, "obu", R"("ob.LINK_USDT.50")");
    subscribe(kFirst, "orders", R"("10000009","!all")", 0);
    EXPECT_EQ(last(kFirst, "orders", "/error/message"), "invalid user");
    for (const char* topic : {"orders", "usertrades", "positions"})
        subscribe(kFirst, topic, R"("10000001","!all")", 0);
    subscribe(kFirst, "balances", R"("10000001")", 0);
    EXPECT_EQ(heard(kFirst, R"("status":"success")"), 5U);
    ASSERT_EQ(place(R"("size":-10,"price":"27.10","tif":"ioc","text":"t-s")"), "201");
    EXPECT_EQ(at("/status") + at("/finish_as") + at("/size") + at("/left"), "finishedfilled-100");
    const std::string id = at("/id");
    EXPECT_EQ(last(kFirst, "futures.orders", "/result/0/price"), "27.1") << "a number";
    EXPECT_EQ(last(kFirst, "usertrades", "/result/0/size"), "-10");
    EXPECT_EQ(last(kFirst, "positions", "/result/0/size"), "-10");
    EXPECT_EQ(get("/futures/usdt/positions?holding=true"), "200");
    EXPECT_EQ(at("/0/size") + " " + at("/0/entry_price") + " " + at("/0/mode"), "-10 27.1 single");
    EXPECT_EQ(get("/futures/usdt/my_trades?contract=LINK_USDT&order=" + id), "200");
    EXPECT_EQ(at("/0/size") + at("/0/role"), "-10taker");
    EXPECT_EQ(get("/futures/usdt/accounts"), "200");
    EXPECT_NE(at("/available"), at("/total"));
    EXPECT_EQ(get("/futures/usdt/fee?contract=LINK_USDT"), "200");
    EXPECT_EQ(at("/LINK_USDT/taker_fee"), "0.001");
    EXPECT_EQ(place(R"("size":-1,"price":"27.10","tif":"ioc","reduce_only":true)"), "400 REDUCE_EXCEEDED");
    EXPECT_EQ(place(R"("size":10,"price":"27.20","tif":"ioc","reduce_only":true)"), "201");
    EXPECT_EQ(get("/futures/usdt/positions?holding=true"), "200");
    EXPECT_EQ(reply_.body, "[]");
    EXPECT_EQ(place(R"("size":1,"price":"27.20","tif":"poc")"), "400 ORDER_POC_IMMEDIATE");
    frames_.clear();
    EXPECT_EQ(place(R"("size":9000,"price":"27.20","tif":"fok")"), "400 ORDER_FOK");
    EXPECT_EQ(heard(kFirst, "futures.orders"), 0U) << "refused: nobody hears of it";
    ASSERT_EQ(place(R"("size":"5","price":"27.00")"), "201");
    const std::string target = orders_path() + "/" + at("/id");
    EXPECT_EQ(ask(signed_by_hand("PUT", target, R"({"price":"27.05","size":6})")), "200");
    EXPECT_EQ(at("/price") + at("/size"), "27.056");
    EXPECT_EQ(ask(signed_by_hand("DELETE", target)), "200");
    EXPECT_EQ(at("/finish_as"), "cancelled");
    now_ = now_ + seconds(601);
    EXPECT_EQ(ask(signed_by_hand("GET", target)), "404 ORDER_NOT_FOUND") << "forgotten after ten minutes";
}

TEST_F(GateEmulatedSocket, ContractsAreListedBySpansOfTimeAndFoundByText)
{
    begin("usdt");
    const std::int64_t from = now_.ns / 1'000'000'000;
    ASSERT_EQ(place(R"("size":-10,"price":"27.10","tif":"ioc","text":"t-s")"), "201");
    ASSERT_EQ(place(R"("size":5,"price":"27.00","text":"t-empty")"), "201");
    ASSERT_EQ(ask(signed_by_hand("DELETE", orders_path() + "/t-empty")), "200");
    ASSERT_EQ(place(R"("size":5,"price":"27.00","text":"t-open")"), "201");
    const std::string span = fmt::format("?contract=LINK_USDT&from={}&limit=2", from);
    EXPECT_EQ(get("/futures/usdt/orders_timerange" + span), "200");
    EXPECT_EQ(at("/0/text") + at("/0/status") + at("/1/text") + at("/1/status"), "t-openopent-emptyfinished");
    EXPECT_EQ(get("/futures/usdt/orders_timerange" + span + "&offset=2"), "200");
    EXPECT_EQ(at("/0/text") + at("/1/text"), "t-s");
    EXPECT_EQ(get("/futures/usdt/my_trades_timerange" + span), "200");
    EXPECT_EQ(at("/0/size") + at("/0/role") + at("/0/id") + at("/0/create_time_ms"), "-10taker");
    EXPECT_NE(at("/0/trade_id"), "");
    now_ = now_ + seconds(61);
    EXPECT_EQ(get("/futures/usdt/orders/t-empty"), "404 ORDER_NOT_FOUND") << "a minute by its text";
    EXPECT_EQ(get("/futures/usdt/orders/t-open"), "200");
    now_ = now_ + seconds(86'400);
    EXPECT_EQ(get("/futures/usdt/orders/t-s"), "200") << "it has a fill";
}

TEST_F(GateEmulatedSocket, AnAccountOfContractsSaysOfWhichKindItIs)
{
    begin("usdt");
    EXPECT_EQ(get("/futures/usdt/accounts"), "200");
    EXPECT_EQ(at("/user") + at("/margin_mode") + at("/position_mode"), "100000010single");
    open_venue("usdt", false, {{"position_mode", "dual"}, {"mode", "portfolio"}});
    EXPECT_EQ(get("/futures/usdt/accounts"), "200");
    EXPECT_EQ(at("/margin_mode") + at("/position_mode") + at("/in_dual_mode"), "2dualtrue");
}

TEST_F(GateEmulatedSocket, SurvivesWhateverIsSent)
{
    for (const char* market : {"spot", "usdt"}) {
        exchange_.reset();
        begin(market);
        log_on(kFirst);
        std::vector<std::string> bad{
            "",
            "{",
            "[]",
            "7",
            "null",
            "{}",
            R"({"channel":7})",
            std::string(100'000, '['),
            "\xff\xfe",
            std::string("{\"channel\":\"\0\"}", 15),
            R"({"channel":"spot.","event":"subscribe"})",
            R"({"channel":"spot.obu","event":"subscribe","payload":[{}]})",
            R"({"channel":"futures.obu","event":"subscribe","payload":["ob.","ob..50","ob.50"]})",
            R"({"channel":"spot.orders","event":"subscribe","payload":"!all","auth":[]})",
            R"({"channel":"spot.login","event":"api","payload":[]})",
            R"({"channel":"spot.order_cancel_ids","event":"api","payload":{"req_param":[7,{}]}})"};
        const auto tried = [&](const std::string& text) {
            for (const SessionId id : {kFirst, kSecond, SessionId{99}}) say(id, text);
            (void)ask(bare("GET", "/api/v4/spot/order_book?" + text));
            (void)venue_->failed_frame(text);
            now_ = now_ + seconds(1);
        };
        for (const std::string& text : bad) tried(text);
        // An order with a byte that is another, or is cut: some are still orders.
        const std::string good =
            order_body(spot() ? R"("side":"buy","amount":"1","price":"20.00","text":"t-x")"
                              : R"("size":1,"price":"20.00","text":"t-x","reduce_only":false)");
        ASSERT_EQ(ask(signed_by_hand("POST", orders_path(), good)), "201");
        const std::string target = orders_path() + "/" + at("/id") + (spot() ? "?" : "");
        std::size_t taken = 0;
        for (std::size_t i = 0; i < good.size(); ++i) {
            std::string odd = good;
            odd[i] = static_cast<char>(i % 256);
            for (const std::string& body : {good.substr(0, i), odd}) {
                taken += ask(signed_by_hand("POST", orders_path(), body)) == "201" ? 1U : 0U;
                (void)ask(signed_by_hand(spot() ? "PATCH" : "PUT", target, body));
                call(kFirst, "order_place", "1", body);
                tried(R"({"channel":"spot.order_place","event":"api","payload":)" + body);
            }
        }
        EXPECT_GT(taken, 0U) << "the reader of orders is reached";
        for (const char* time : {"9223372036854775807", "-9223372036854775807", "-9223372036854775808"}) {
            say(kSecond,
                fmt::format(R"({{"time":{0},"channel":"{1}.login","event":"api","payload":{{"req_id":"in",)"
                            R"("api_key":"{2}","signature":"x","timestamp":"{0}"}}}})",
                            time, prefix(), keys_[0].key_id));
            (void)get(fmt::format(
                "/{}/my_trades?currency_pair=LINK_USDT&contract=LINK_USDT&from={}&to={}&offset={}",
                spot() ? "spot" : "futures/usdt", time, time, time));
        }
        for (const char* number : {"0", "-1", "99999999999999999999", "x", "1.5"}) {
            for (const char* path : {"orders", "my_trades"}) {
                (void)get(
                    fmt::format("/{}/{}?currency_pair=LINK_USDT&contract=LINK_USDT&status=open&limit={}"
                                "&page={}&offset={}&from={}",
                                spot() ? "spot" : "futures/usdt", path, number, number, number, number));
            }
        }
        EXPECT_EQ(ask(bare("GET", "/api/v4/spot/time")), "200") << "still there";
    }
}

}  // namespace
}  // namespace arb::gate::test
