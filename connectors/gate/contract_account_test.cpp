// Contracts: log-on, whose account it is and of which kind, orders, positions and questions, against the
// emulated venue; private frames allocate nothing once warm, and hostile ones do no harm.
#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "connectors/gate/life_support.hpp"
#include "connectors/gate/test_support.hpp"
#include "engine/base/client_order_id.hpp"
#include "tests/support/allocation_counter.hpp"
#include "tests/support/link_life.hpp"

namespace arb::gate::test {
namespace {

using arb::test::LinkLife;

class GateContracts : public ::testing::Test, protected Life<LinkLife> {
  protected:
    GateContracts() : Life(FeeTaking::quote, "usdt")
    {
        link_.on_to_venue = [this](Message& m) {
            if (m.kind == Message::Kind::frame) frames.push_back(m.text);
            if (m.kind == Message::Kind::request) urls.push_back(m.request.method + " " + m.request.url);
            return !silent;
        };
    }
    void start() { ASSERT_TRUE(log_on()); }
    void hear(const std::string& text)
    {
        const auto connection = link_.connection_to("#account");
        ASSERT_TRUE(connection);
        const PaddedBuffer frame(text);
        link_.venue().on_frame(*connection, frame.text_of(), link_.now(), link_, link_);
    }
    static std::size_t count(const std::vector<std::string>& texts, std::string_view part)
    {
        return static_cast<std::size_t>(std::count_if(
            texts.begin(), texts.end(), [&](const std::string& t) { return t.find(part) != t.npos; }));
    }
    void answer_at(std::string part, int status, std::string body)
    {
        link_.instead_of_reply = [=](const HttpRequest& r) -> std::optional<ServerReply> {
            if (r.url.find(part) == std::string::npos) return std::nullopt;
            return ServerReply{status, {}, body};
        };
    }
    std::string last_text(RequestKind kind) const
    {
        const auto* end = link_.last_end(kind);
        return end == nullptr ? "none" : end->text;
    }
    /// What balances told of the position; "-": nothing.
    std::string position() const
    {
        std::string said = "-";
        for (const auto& balance : link_.balances) {
            if (balance.asset == "LINK/USDT:PERP") said = balance.report.total.text();
        }
        return said;
    }
    bool ask_balances()
    {
        link_.balances.clear();
        link_.venue().query_balances(link_.now(), link_, link_);
        settle(seconds(1));
        return link_.last_end(RequestKind::balances)->end.complete;
    }
    std::vector<std::string> frames, urls;
    bool silent = false;
};

TEST_F(GateContracts, the_user_is_known_before_any_channel_is_asked_for)
{
    start();
    EXPECT_EQ(last_end(RequestKind::session), "done/none");
    EXPECT_EQ(last_end(RequestKind::dead_man), "done/none");
    EXPECT_EQ(count(frames, R"("channel":"futures.login","event":"api")"), 1U);
    for (const char* channel : {"orders", "usertrades", "positions"})
        EXPECT_EQ(
            count(frames,
                  fmt::format(R"("channel":"futures.{}","event":"subscribe","payload":["10000001","!all"],)",
                              channel)),
            1U)
            << channel;
    EXPECT_EQ(
        count(frames, R"("channel":"futures.balances","event":"subscribe","payload":["10000001"],"auth")"),
        1U);
    EXPECT_EQ(count(urls, "GET https://api.gateio.ws/api/v4/futures/usdt/accounts"), 1U);
    EXPECT_EQ(count(urls, "POST https://api.gateio.ws/api/v4/futures/usdt/countdown_cancel_all"), 1U);
    EXPECT_EQ(count(urls, "unified"), 0U);
    EXPECT_TRUE(link_.undecoded.empty());
    link_.cut(*link_.connection_to("#account"));
    settle(seconds(2));
    EXPECT_TRUE(link_.ready(Channel::order_entry) && link_.ready(Channel::private_stream));
    EXPECT_EQ(count(urls, "/futures/usdt/accounts"), 2U) << "the mode may have changed";
}

TEST_F(GateContracts, orders_leave_in_this_form)
{
    start();
    frames.clear();
    const OrderId id = link_.place(Side::sell, "12.3", "27.25", TimeInForce::post_only);
    const std::string text(client_order_id(id).view());
    settle();
    ASSERT_EQ(frames.size(), 1U);
    const std::int64_t sent = link_.reference(id).sent.ns;
    const auto frame = [&](const char* channel, int number, const std::string& parameters, std::int64_t at) {
        return fmt::format(R"({{"time":{},"channel":"{}","event":"api","payload":{{"req_id":"{}",)"
                           R"("req_param":{{{}}},"req_header":{{"x-gate-exptime":"{}"}}}}}})",
                           at / 1'000'000'000, channel, number, parameters, at / 1'000'000 + 5'000);
    };
    EXPECT_EQ(
        frames[0],
        frame("futures.order_place", 1,
              fmt::format(R"("text":"t-{}","contract":"LINK_USDT","size":-123,"price":"27.25","tif":"poc")",
                          text),
              sent));
    ASSERT_NE(link_.last(id), nullptr);
    const std::string venue_id = link_.last(id)->venue_id;
    frames.clear();
    const std::int64_t amended = link_.now().ns;
    link_.amend(id, "27.31");
    settle();
    const std::int64_t cancelled = link_.now().ns;
    link_.cancel(id);
    settle();
    ASSERT_EQ(frames.size(), 2U);
    const std::string named = fmt::format(R"("order_id":"{}")", venue_id);
    EXPECT_EQ(frames[0], frame("futures.order_amend", 2, named + R"(,"price":"27.31")", amended));
    EXPECT_EQ(frames[1], frame("futures.order_cancel", 3, named, cancelled));
    EXPECT_EQ(last_end(RequestKind::amend), "done/none");
    EXPECT_EQ(last_end(RequestKind::cancel), "done/none");
    EXPECT_EQ(link_.last(id)->report.status, OrderStatus::cancelled);
}

TEST_F(GateContracts, fills_positions_and_the_wallet_follow)
{
    start();
    link_.balances.clear();
    const OrderId id = link_.place(Side::sell, "2", "27.10", TimeInForce::ioc);
    settle();
    EXPECT_EQ(link_.filled(id), link_.quantity("2"));
    EXPECT_EQ(position(), "-2") << "the stream tells it";
    EXPECT_TRUE(link_.undecoded.empty());
    EXPECT_TRUE(ask_balances());
    EXPECT_EQ(position(), "-2");
    const auto wallet = std::find_if(link_.balances.begin(), link_.balances.end(),
                                     [](const auto& b) { return b.asset == "USDT"; });
    ASSERT_NE(wallet, link_.balances.end());
    EXPECT_TRUE(wallet->report.has_total && wallet->report.has_free);
    EXPECT_LT(wallet->report.free, wallet->report.total);
    (void)link_.place(Side::buy, "2", "27.20", TimeInForce::ioc);
    settle();
    EXPECT_TRUE(ask_balances());
    EXPECT_EQ(position(), "0") << "a flat one is left out of the list";
}

TEST_F(GateContracts, a_list_of_positions_that_may_have_another_page_proves_nothing_flat)
{
    start();
    std::string list;
    for (int i = 0; i < 100; ++i)
        list +=
            fmt::format(R"({}{{"contract":"S{}_USDT","size":"1","mode":"single"}})", i == 0 ? "" : ",", i);
    answer_at("/positions", 200, "[" + list + "]");
    EXPECT_FALSE(ask_balances());
    EXPECT_EQ(position(), "-");
    answer_at("/positions", 200, R"([{"contract":"LINK_USDT","size":"1","mode":"dual_long"}])");
    EXPECT_FALSE(ask_balances());
    EXPECT_EQ(position(), "-");
    EXPECT_EQ(last_end(RequestKind::balances), "key_trouble/permission");
}

TEST_F(GateContracts, only_a_classic_account_in_one_way_mode_is_traded_with)
{
    struct Row {
        const char *body, *end, *text;
    };
    const Row rows[] = {
        {R"({"user":7,"margin_mode":0,"position_mode":"dual","in_dual_mode":true})", "refused/permission",
         "hedge mode"},
        {R"({"user":7,"margin_mode":0,"position_mode":"dual_plus"})", "refused/permission", "hedge mode"},
        {R"({"user":7,"margin_mode":0,"position_mode":"single","in_dual_mode":true})", "refused/permission",
         "hedge mode"},
        {R"({"user":7,"margin_mode":1,"position_mode":"single"})", "refused/permission", "unified"},
        {R"({"user":7,"margin_mode":0,"enable_credit":true,"position_mode":"single"})", "refused/permission",
         "unified"},
        {R"({"user":7,"margin_mode":0})", "unknown/none", "cannot be read"},
        {R"({"user":7,"position_mode":"single"})", "unknown/none", "cannot be read"},
        {R"({"margin_mode":0,"position_mode":"single"})", "unknown/none", "cannot be read"},
        {R"([])", "unknown/none", "cannot be read"},
    };
    for (const Row& row : rows) {
        SCOPED_TRACE(row.body);
        answer_at("/futures/usdt/accounts", 200, row.body);
        link_.start();
        settle(seconds(5));
        EXPECT_FALSE(link_.ready(Channel::order_entry));
        EXPECT_FALSE(link_.ready(Channel::private_stream));
        EXPECT_EQ(last_end(RequestKind::session), row.end);
        EXPECT_NE(last_text(RequestKind::session).find(row.text), std::string::npos)
            << last_text(RequestKind::session);
        if (std::string_view(row.end).starts_with("refused"))
            EXPECT_EQ(count(urls, "/futures/usdt/accounts"), 1U) << "its owner has to change it first";
        urls.clear();
        link_.restart();
    }
    answer_at(
        "/futures/usdt/accounts", 400,
        R"({"label":"USER_NOT_FOUND","message":"please transfer funds first to make futures account"})");
    link_.start();
    settle(seconds(5));
    EXPECT_EQ(last_end(RequestKind::session), "refused/permission");
    EXPECT_NE(last_text(RequestKind::session).find("transfer funds"), std::string::npos);
}

TEST_F(GateContracts, an_account_that_becomes_hedged_ends_the_session)
{
    start();
    link_.on_reconnect = [](ConnectionId, std::string_view) {};
    hear(R"({"channel":"futures.positions","event":"update","result":[{"contract":"ODD_USDT","size":"-1",)"
         R"("mode":"dual_short","time_ms":1700000000000}]})");
    EXPECT_FALSE(link_.ready(Channel::order_entry));
    EXPECT_FALSE(link_.ready(Channel::private_stream));
    EXPECT_EQ(last_end(RequestKind::session), "key_trouble/permission");
    frames.clear();
    (void)link_.place(Side::buy, "1", "27.00", TimeInForce::gtc);
    EXPECT_EQ(last_end(RequestKind::place), "refused/other");
    EXPECT_TRUE(frames.empty());
}

TEST_F(GateContracts, the_timer_ends_orders_when_we_are_gone)
{
    start();
    (void)link_.place(Side::buy, "1", "27.00", TimeInForce::gtc);
    settle(seconds(120));
    EXPECT_EQ(open_at_venue(), 1U);
    link_.on_to_venue = [](Message&) { return false; };
    settle(seconds(61));
    EXPECT_EQ(open_at_venue(), 0U);
}

TEST_F(GateContracts, fills_since_come_in_pages_and_each_once)
{
    start();
    const Timestamp since = link_.now();
    for (int i = 0; i < 130; ++i) {
        (void)link_.place(i % 2 == 0 ? Side::sell : Side::buy, "1", i % 2 == 0 ? "27.10" : "27.20",
                          TimeInForce::ioc);
        settle(milliseconds(100));
    }
    link_.fills.clear();
    urls.clear();
    link_.venue().query_fills(link_.all_listings(), since, link_.now(), link_, link_);
    settle(seconds(2));
    EXPECT_EQ(last_end(RequestKind::fills), "done/none");
    EXPECT_TRUE(link_.last_end(RequestKind::fills)->end.complete);
    EXPECT_EQ(link_.fills.size(), 130U);
    EXPECT_EQ(count(urls, "/my_trades_timerange?contract=LINK_USDT&from="), 2U);
    EXPECT_EQ(count(urls, "&limit=100&offset=100"), 1U);
}

TEST_F(GateContracts, an_order_is_found_by_its_text_or_in_the_list_of_its_time)
{
    start();
    const OrderId empty = link_.place(Side::buy, "1", "27.00", TimeInForce::gtc);
    const OrderId filled = link_.place(Side::buy, "1", "27.20", TimeInForce::ioc);
    settle();
    link_.cancel(empty);
    settle(seconds(90));
    const auto ask = [&](OrderId id, Timestamp sent) {
        urls.clear();
        const OrderReference reference{id, ListingId{0}, {}, sent};
        link_.venue().query_order(reference, link_.now(), link_, link_);
        settle(seconds(1));
        EXPECT_EQ(last_end(RequestKind::query_order), "done/none");
        return count(urls, "/orders_timerange?contract=LINK_USDT&from=");
    };
    EXPECT_EQ(ask(filled, link_.reference(filled).sent), 0U) << "with a fill its text finds it at any time";
    EXPECT_EQ(link_.last(filled)->report.status, OrderStatus::filled);
    EXPECT_EQ(ask(empty, link_.reference(empty).sent), 1U) << "without one for a minute alone";
    EXPECT_EQ(link_.last(empty)->report.status, OrderStatus::cancelled);
    const OrderId never{static_cast<std::uint64_t>(filled) + 1};
    EXPECT_EQ(ask(never, link_.now()), 1U);
    EXPECT_EQ(link_.last(never)->report.status, OrderStatus::absent);
}

TEST_F(GateContracts, private_frames_and_orders_allocate_nothing)
{
    start();
    const OrderId id = link_.place(Side::buy, "1", "27.00", TimeInForce::gtc);
    settle();
    const std::string client(client_order_id(id).view());
    std::vector<PaddedBuffer> news;
    news.emplace_back(fmt::format(
        R"({{"channel":"futures.orders","event":"update","result":[{{"id":82,"text":"t-{}","contract":"LINK_USDT",)"
        R"("size":"10","left":"8","price":27,"status":"open","finish_as":"_update",)"
        R"("create_time_ms":1700000000124}}]}})",
        client));
    news.emplace_back(fmt::format(
        R"({{"channel":"futures.usertrades","event":"update","result":[{{"id":"7","order_id":"82","size":"2",)"
        R"("contract":"LINK_USDT","price":"27","role":"maker","fee":-1.5e-07,"point_fee":0,)"
        R"("create_time_ms":1700000000124,"text":"t-{}"}}]}})",
        client));
    news.emplace_back(R"({"channel":"futures.balances","event":"update","result":[{"balance":1000.25,)"
                      R"("change":-0.1,"type":"fee","time_ms":1700000000124,"currency":"USDT"}]})");
    news.emplace_back(R"({"channel":"futures.positions","event":"update","result":[{"contract":"LINK_USDT",)"
                      R"("size":-3,"mode":"single","time_ms":1700000000124}]})");
    struct Count final : TradingSink {
        std::size_t facts = 0, troubles = 0;
        void on_undecoded(const Undecoded&) override { ++troubles; }
        void on_order_report(const OrderReport&) override { ++facts; }
        void on_fill_report(const FillReport&) override { ++facts; }
        void on_balance_report(const BalanceReport&) override { ++facts; }
    } sink;
    const ConnectionId connection = *link_.connection_to("#account");
    const Timestamp now = link_.now();
    const auto turn = [&] {
        for (const PaddedBuffer& frame : news)
            link_.venue().on_frame(connection, frame.text_of(), now, sink, link_);
    };
    turn();
    const auto before = arb::test::allocations.load();
    for (int i = 0; i < 50; ++i) turn();
    EXPECT_EQ(arb::test::allocations.load(), before);
    EXPECT_EQ(sink.facts, 51 * news.size());
    EXPECT_EQ(sink.troubles, 0U);
}

TEST_F(GateContracts, hostile_frames_are_told_and_do_no_harm)
{
    start();
    const std::string good =
        R"({"channel":"futures.orders","event":"update","result":[{"id":82,"text":"web","contract":"LINK_USDT",)"
        R"("size":-10,"left":-8,"price":27.5,"status":"open","create_time_ms":1700000000124}]})";
    const auto troubles = [this](const std::string& text) {
        const std::size_t before = link_.undecoded.size();
        hear(text);
        return link_.undecoded.size() - before;
    };
    EXPECT_EQ(troubles(good), 0U);
    for (const char* bad :
         {"", "{", "[]", "7", R"({"channel":"futures.orders","event":"update","result":[7]})",
          R"({"channel":"futures.positions","event":"update","result":{}})",
          R"({"channel":"spot.orders","event":"update","result":[]})",
          R"({"channel":"futures.liquidates","event":"update","result":[]})"})
        EXPECT_EQ(troubles(bad), 1U) << bad;
    struct Change {
        const char *from, *to;
    };
    const Change changes[] = {
        {R"("size":-10)", R"("size":0)"},
        {R"("size":-10)", R"("size":-7)"},
        {R"("size":-10)", R"("size":10)"},
        {R"("size":-10)", R"("size":"")"},
        {R"("size":-10)", R"("size":--10)"},
        {R"("size":-10)", R"("size":1e99)"},
        {R"("size":-10,)", ""},
        {R"("left":-8)", R"("left":null)"},
        {R"("id":82)", R"("id":0)"},
        {R"("id":82)", R"("id":8.2)"},
        {R"("price":27.5)", R"("price":-27.5)"},
        {R"("status":"open")", R"("status":"opened")"},
        {"LINK_USDT", "NONE_USDT"},
        {R"("price":27.5)", R"("price":27.505)"},
    };
    for (const Change& change : changes)
        EXPECT_EQ(troubles(changed(good, change.from, change.to)), 1U) << change.to;
    for (std::size_t i = 0; i < good.size(); ++i) {
        for (const char c : {'\0', '"', '{', ']', '9', '-', 'e'}) {
            std::string other = good;
            other[i] = c;
            hear(other);
        }
    }
    EXPECT_TRUE(link_.ready(Channel::order_entry));
}

TEST_F(GateContracts, a_key_that_reads_hears_the_account_without_a_log_on)
{
    link_.use_key("read", SessionScope::account);
    link_.start();
    settle(seconds(1));
    EXPECT_TRUE(link_.ready(Channel::private_stream));
    EXPECT_FALSE(link_.ready(Channel::order_entry));
    EXPECT_EQ(count(frames, "futures.login"), 0U);
    EXPECT_EQ(count(frames, R"("payload":["10000001","!all"])"), 3U);
    EXPECT_EQ(count(urls, "countdown"), 0U);
}

}  // namespace
}  // namespace arb::gate::test
