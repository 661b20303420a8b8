// Log-on, orders and the venue's timer, against the emulated venue: what leaves, and what each answer means.
#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "connectors/gate/life_support.hpp"
#include "connectors/gate/test_support.hpp"
#include "engine/base/client_order_id.hpp"
#include "tests/support/link_life.hpp"

namespace arb::gate::test {
namespace {

using arb::test::LinkLife;
using arb::test::VenueLink;

constexpr std::string_view kPrivate = "#account";

class GateAccount : public ::testing::Test, protected Life<LinkLife> {
  protected:
    GateAccount() : Life(FeeTaking::received)
    {
        link_.on_to_venue = [this](Message& m) {
            if (m.kind == Message::Kind::frame) frames.push_back(m.text);
            if (m.kind == Message::Kind::request) urls.push_back(m.request.method + " " + m.request.url);
            return !silent;
        };
    }
    void start() { ASSERT_TRUE(log_on()); }
    /// A frame of the venue's on the account's websocket.
    void hear(const std::string& text)
    {
        const auto connection = link_.connection_to(kPrivate);
        ASSERT_TRUE(connection);
        const PaddedBuffer frame(text);
        link_.venue().on_frame(*connection, frame.text_of(), link_.now(), link_, link_);
    }
    std::size_t asked(std::string_view part) const
    {
        return static_cast<std::size_t>(std::count_if(
            urls.begin(), urls.end(), [&](const std::string& u) { return u.find(part) != u.npos; }));
    }
    /// The answer to one address; the others are answered by the emulated venue.
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
    std::vector<std::string> frames, urls;
    bool silent = false;
};

TEST_F(GateAccount, a_session_stands_when_everything_was_confirmed)
{
    start();
    EXPECT_EQ(ends(RequestKind::session), 1U);
    EXPECT_EQ(last_end(RequestKind::session), "done/none");
    EXPECT_EQ(asked("/unified/unified_mode"), 1U);
    EXPECT_EQ(last_end(RequestKind::dead_man), "done/none");
    const auto with = [&](std::string_view part) {
        return std::count_if(frames.begin(), frames.end(),
                             [&](const std::string& f) { return f.find(part) != f.npos; });
    };
    EXPECT_EQ(with("spot.login"), 1);
    EXPECT_EQ(with(R"("channel":"spot.orders","event":"subscribe","payload":["!all"],"auth")"), 1);
    EXPECT_EQ(with(R"("channel":"spot.balances","event":"subscribe","auth")"), 1);
    EXPECT_TRUE(link_.undecoded.empty());
}

TEST_F(GateAccount, the_timer_is_refreshed_while_orders_may_go_out)
{
    start();
    settle(seconds(61));
    EXPECT_EQ(asked("POST https://api.gateio.ws/api/v4/spot/countdown_cancel_all"), 5U);
    (void)link_.place(Side::buy, "1", "27.00", TimeInForce::gtc);
    settle(seconds(120));
    EXPECT_EQ(open_at_venue(), 1U) << "it is not cancelled while we live";
    link_.on_to_venue = [](Message&) { return false; };
    settle(seconds(61));
    EXPECT_EQ(open_at_venue(), 0U) << "and it is when we are gone";
}

TEST_F(GateAccount, orders_leave_in_this_form)
{
    start();
    frames.clear();
    const OrderId id = link_.place(Side::buy, "12.3", "27.05", TimeInForce::post_only);
    const std::string text(client_order_id(id).view());
    settle();
    ASSERT_EQ(frames.size(), 1U);
    // The time of the frame, and five seconds later.
    const std::int64_t sent = link_.reference(id).sent.ns;
    const auto frame = [&](const char* channel, int number, const std::string& parameters, std::int64_t at) {
        return fmt::format(R"({{"time":{},"channel":"{}","event":"api","payload":{{"req_id":"{}",)"
                           R"("req_param":{{{}}},"req_header":{{"x-gate-exptime":"{}"}}}}}})",
                           at / 1'000'000'000, channel, number, parameters, at / 1'000'000 + 5'000);
    };
    EXPECT_EQ(
        frames[0],
        frame("spot.order_place", 1,
              fmt::format(R"("text":"t-{}","currency_pair":"LINK_USDT","type":"limit","account":"spot",)"
                          R"("side":"buy","amount":"12.3","price":"27.05","time_in_force":"poc")",
                          text),
              sent));
    const std::string venue_id = link_.last(id)->venue_id;
    frames.clear();
    const std::int64_t amended = link_.now().ns;
    link_.amend(id, "27.01");
    settle();
    const std::int64_t cancelled = link_.now().ns;
    link_.cancel(id);
    settle();
    ASSERT_EQ(frames.size(), 2U);
    const std::string named = fmt::format(R"("order_id":"{}","currency_pair":"LINK_USDT")", venue_id);
    EXPECT_EQ(frames[0], frame("spot.order_amend", 2, named + R"(,"price":"27.01")", amended));
    EXPECT_EQ(frames[1], frame("spot.order_cancel", 3, named, cancelled));
    // Without the venue's id the text names it.
    frames.clear();
    link_.venue().cancel_order({id, ListingId{0}, {}, link_.now()}, link_.now(), link_, link_);
    settle();
    ASSERT_EQ(frames.size(), 1U);
    EXPECT_NE(frames[0].find(fmt::format(R"("order_id":"t-{}")", text)), std::string::npos);
    EXPECT_EQ(last_end(RequestKind::cancel), "refused/other") << "it was cancelled before";
}

TEST_F(GateAccount, an_order_that_nobody_can_name_is_not_cancelled_nor_asked_for)
{
    start();
    frames.clear();
    for (const char* id : {"", "7\",\"x\":\"", "a b"}) {
        const OrderReference stranger{kForeignOrder, ListingId{0}, id, link_.now()};
        link_.venue().cancel_order(stranger, link_.now(), link_, link_);
        EXPECT_EQ(last_end(RequestKind::cancel), "refused/other");
        link_.venue().query_order(stranger, link_.now(), link_, link_);
        EXPECT_EQ(last_end(RequestKind::query_order), "refused/other");
    }
    EXPECT_TRUE(frames.empty());
    EXPECT_EQ(ends(RequestKind::cancel), 3U);
    EXPECT_EQ(ends(RequestKind::query_order), 3U);
}

TEST_F(GateAccount, times_of_the_venue_whatever_our_clock_says)
{
    link_.client_ahead = seconds(90);
    link_.venue().set_clock_offset(seconds(-90));
    start();
    const OrderId id = link_.place(Side::buy, "1", "27.20", TimeInForce::ioc);
    settle();
    EXPECT_EQ(last_end(RequestKind::place), "done/none");
    EXPECT_EQ(link_.filled(id), link_.quantity("1"));
}

TEST_F(GateAccount, that_a_request_was_received_is_no_outcome)
{
    start();
    silent = true;
    const OrderId id = link_.place(Side::buy, "1", "27.00", TimeInForce::gtc);
    const std::string ack = R"({"request_id":"1","ack":true,"header":{"status":"200"},"data":{"result":{}}})";
    settle();
    hear(ack);
    hear(ack);
    EXPECT_EQ(ends(RequestKind::place), 0U);
    settle(seconds(9));
    EXPECT_EQ(ends(RequestKind::place), 0U);
    settle(seconds(2));
    EXPECT_EQ(last_end(RequestKind::place), "unknown/none") << "ten seconds without the result";
    // It comes after all: the order is told, and the request does not end again.
    hear(fmt::format(
        R"({{"request_id":"1","header":{{"status":"200"}},"data":{{"result":{{"id":"5","text":"t-{}",)"
        R"("status":"open","currency_pair":"LINK_USDT","type":"limit","side":"buy","amount":"1","price":"27",)"
        R"("left":"1","update_time_ms":1700000000000,"finish_as":"open"}}}}}})",
        client_order_id(id).view()));
    ASSERT_NE(link_.last(id), nullptr);
    EXPECT_EQ(link_.last(id)->report.status, OrderStatus::working);
    EXPECT_EQ(ends(RequestKind::place), 1U);
}

TEST_F(GateAccount, what_replies_say_of_their_requests)
{
    struct Row {
        const char *header, *data, *end;
        std::int64_t wait_ms;
    };
    const Row rows[] = {
        {R"({"status":"400"})", R"({"errs":{"label":"BALANCE_NOT_ENOUGH","message":"m"}})", "refused/balance",
         0},
        {R"({"status":400})", R"({"errs":{"label":"FOK_NOT_FILL","message":"m"}})", "refused/unfilled", 0},
        {R"({"status":"401"})", R"({"errs":{"label":"INVALID_KEY","message":"m"}})", "key_trouble/permission",
         0},
        {R"({"status":"400"})", R"({"errs":{"label":"WHO_KNOWS","message":"m"}})", "unknown/none", 0},
        {R"({"status":"502"})", R"({"errs":{"label":"BALANCE_NOT_ENOUGH","message":"m"}})", "unknown/none",
         0},
        {R"({"status":"200"})", R"({"errs":{"label":"","message":"m"}})", "unknown/none", 0},
        {R"({})", R"({})", "unknown/none", 0},
        {R"(7)", R"(7)", "unknown/none", 0},
        {R"({"status":"429","x_gat_ratelimit_reset_timestamp":RESET})",
         R"({"errs":{"label":"TOO_MANY_REQUESTS","message":"211"}})", "rate_limited/rate_limited", 700},
        {R"({"status":"429","x_gate_ratelimit_reset_timestamp":RESET})",
         R"({"errs":{"label":"TOO_FAST","message":"m"}})", "rate_limited/rate_limited", 700},
        {R"({"status":"429","x_gate_ratelimit_reset_timestamp":1})", R"({"errs":{"label":"TOO_FAST"}})",
         "rate_limited/rate_limited", 0},
    };
    start();
    silent = true;
    std::uint64_t number = 0;
    for (const Row& row : rows) {
        (void)link_.place(Side::buy, "1", "27.00", TimeInForce::gtc);
        std::string header = row.header;
        if (header.find("RESET") != std::string::npos)
            header = changed(header, "RESET", fmt::format("{}", link_.now().ns / 1'000'000 + 700));
        hear(fmt::format(R"({{"request_id":"{}","header":{},"data":{}}})", ++number, header, row.data));
        EXPECT_EQ(ends(RequestKind::place), number) << row.data;
        EXPECT_EQ(last_end(RequestKind::place), row.end) << row.header << row.data;
        EXPECT_EQ(link_.last_end(RequestKind::place)->end.retry_after, milliseconds(row.wait_ms)) << row.data;
    }
    for (const char* id : {R"("999")", R"("x")", "7", R"("-1")", R"("18446744073709551616")"})
        hear(fmt::format(R"({{"request_id":{},"header":{{"status":"200"}},"data":{{}}}})", id));
    EXPECT_EQ(ends(RequestKind::place), number) << "replies to nothing that waits";
}

TEST_F(GateAccount, with_the_connection_all_requests_end_and_orders_wait_for_the_next)
{
    start();
    silent = true;
    (void)link_.place(Side::buy, "1", "27.00", TimeInForce::gtc);
    (void)link_.place(Side::buy, "1", "27.01", TimeInForce::gtc);
    silent = false;
    link_.cut(*link_.connection_to(kPrivate));
    EXPECT_EQ(ends(RequestKind::place), 2U);
    EXPECT_EQ(last_end(RequestKind::place), "unknown/none");
    EXPECT_FALSE(link_.ready(Channel::order_entry));
    EXPECT_FALSE(link_.ready(Channel::private_stream));
    (void)link_.place(Side::buy, "1", "27.00", TimeInForce::gtc);
    EXPECT_EQ(last_end(RequestKind::place), "refused/other") << "nothing left";
    settle(seconds(2));
    EXPECT_TRUE(link_.ready(Channel::order_entry));
    EXPECT_TRUE(link_.ready(Channel::private_stream));
    EXPECT_EQ(ends(RequestKind::session), 2U);
}

TEST_F(GateAccount, an_announced_end_takes_no_orders_any_more)
{
    start();
    link_.on_reconnect = [](ConnectionId, std::string_view) {};
    hear(R"({"type":"upgrade","msg":"The connection will soon be closed for a service upgrade.","data":{}})");
    EXPECT_FALSE(link_.ready(Channel::order_entry));
    frames.clear();
    (void)link_.place(Side::buy, "1", "27.00", TimeInForce::gtc);
    EXPECT_EQ(last_end(RequestKind::place), "refused/other");
    EXPECT_TRUE(frames.empty());
}

TEST_F(GateAccount, only_a_classic_account_is_traded_with)
{
    for (const char* mode : {"single_currency", "multi_currency", "portfolio", "something_new"}) {
        SCOPED_TRACE(mode);
        answer_at("/unified_mode", 200, fmt::format(R"({{"mode":"{}","settings":{{}}}})", mode));
        link_.start();
        settle(seconds(20));
        EXPECT_FALSE(link_.ready(Channel::order_entry));
        EXPECT_EQ(last_end(RequestKind::session), "refused/permission");
        EXPECT_NE(last_text(RequestKind::session).find(fmt::format("(mode '{}')", mode)), std::string::npos);
        EXPECT_EQ(asked("/unified_mode"), 1U) << "its owner has to change it first";
        urls.clear();
        link_.restart();
    }
}

TEST_F(GateAccount, a_key_that_may_not_ask_for_the_kind_of_account_is_told_what_it_lacks)
{
    answer_at("/unified_mode", 403, R"({"label":"FORBIDDEN","message":"permission denied"})");
    link_.start();
    settle(seconds(20));
    EXPECT_FALSE(link_.ready(Channel::order_entry));
    EXPECT_EQ(last_end(RequestKind::session), "refused/permission");
    EXPECT_NE(last_text(RequestKind::session).find("give it the permission 'unified'"), std::string::npos);
}

TEST_F(GateAccount, the_kind_of_account_is_asked_for_until_it_is_known)
{
    answer_at("/unified_mode", 502, "busy");
    link_.start();
    settle(seconds(3));
    EXPECT_FALSE(link_.ready(Channel::order_entry));
    EXPECT_TRUE(link_.ready(Channel::private_stream)) << "it hears all the same";
    link_.instead_of_reply = nullptr;
    settle(seconds(3));
    EXPECT_TRUE(link_.ready(Channel::order_entry));
    EXPECT_EQ(last_end(RequestKind::session), "done/none");
}

}  // namespace
}  // namespace arb::gate::test
