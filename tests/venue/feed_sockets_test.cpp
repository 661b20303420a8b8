// Sockets of market data and of the trading side: which connection serves what, when it is pinged, when it is
// given up, and how it comes back. Time is an argument; what was wished for is written down and compared.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "engine/connect/feed_sockets.hpp"
#include "engine/connect/private_socket.hpp"

namespace arb {
namespace {

constexpr Timestamp kStartTime{1'700'000'000'000'000'000};
constexpr std::string_view kUrl = "wss://venue/public";

struct Wishes final : Outbox {
    std::vector<std::string> said;
    Timestamp wake;

    void send(ConnectionId, std::string_view) override {}
    void request(const HttpRequest&) override {}
    void wake_at(VenueId, Timestamp time) override { wake = time; }
    void reconnect(ConnectionId connection, std::string_view why) override
    {
        said.push_back(fmt::format("leave {}: {}", index(connection), why));
    }
    void connect(VenueId, std::string_view url) override { said.push_back(fmt::format("dial {}", url)); }
    std::vector<std::string> take() { return std::exchange(said, {}); }
};

using Texts = std::vector<std::string>;

class FeedSocketsTest : public ::testing::Test {
  protected:
    FeedSockets make(bool when_silent)
    {
        FeedSockets feeds(VenueId{0}, {seconds(30), "silent", seconds(20), when_silent});
        const ListingId listings[] = {ListingId{0}, ListingId{1}, ListingId{2}};
        EXPECT_EQ(feeds.set_plans(plans_of(kUrl, listings, 2)).size(), 2U);
        return feeds;
    }
    /// Which listings the plan has, as text.
    static std::string text(const ConnectionPlan* plan)
    {
        std::string out;
        if (plan == nullptr) return "none";
        for (const ListingId id : plan->listings) out += fmt::format("{} ", index(id));
        return out;
    }
    static Timestamp at(std::int64_t s) { return kStartTime + seconds(s); }

    Wishes out_;
};

TEST_F(FeedSocketsTest, each_connection_serves_one_plan_and_keeps_it)
{
    FeedSockets feeds = make(false);
    const auto open = [&](std::uint16_t id, std::string_view url = kUrl) {
        const FeedSockets::Socket socket = feeds.on_open(ConnectionId{id}, url, kStartTime, out_);
        return fmt::format("{}{}", text(socket.plan), socket.is_first ? "first" : "");
    };
    EXPECT_EQ(open(5), "0 1 first");
    EXPECT_EQ(open(2), "2 ");
    EXPECT_EQ(open(7), "none") << "both are served";
    EXPECT_EQ(open(8, "wss://elsewhere"), "none");
    EXPECT_EQ(feeds.serving(ListingId{2}), ConnectionId{2});
    EXPECT_EQ(feeds.serving(ListingId{3}), std::nullopt);
    // Both fall and come back the other way round: each has its own again.
    EXPECT_EQ(text(feeds.on_close(ConnectionId{5}).plan), "0 1 ");
    EXPECT_EQ(text(feeds.on_close(ConnectionId{2}).plan), "2 ");
    EXPECT_EQ(feeds.serving(ListingId{0}), std::nullopt);
    EXPECT_EQ(open(2), "2 ");
    EXPECT_EQ(open(5), "0 1 first");
    // While it was away another took its plan: it takes what is left.
    feeds.on_close(ConnectionId{2});
    EXPECT_EQ(open(7), "2 ");
    EXPECT_EQ(open(2), "none");
    EXPECT_FALSE(feeds.on_close(ConnectionId{30}).is_ours) << "a dial of somebody else's";
    EXPECT_TRUE(feeds.on_close(ConnectionId{2}).is_ours);
    // Other plans: nobody serves one before it opens anew.
    const ListingId one[] = {ListingId{1}};
    feeds.set_plans(plans_of(kUrl, one, 2));
    EXPECT_EQ(feeds.plan_of(ConnectionId{5}), nullptr);
    EXPECT_EQ(open(5), "1 first");
}

TEST_F(FeedSocketsTest, a_silent_connection_is_pinged_and_given_up_once)
{
    // Pinged every so often, heard of or not.
    FeedSockets steady = make(false);
    steady.on_open(ConnectionId{1}, kUrl, at(0), out_);
    EXPECT_EQ(out_.wake, at(20));
    steady.heard(ConnectionId{1}, at(19));
    EXPECT_EQ(steady.on_wake(at(20), out_).size(), 1U);
    EXPECT_EQ(out_.wake, at(40));
    EXPECT_TRUE(steady.on_wake(at(48), out_).size() == 1 && out_.said.empty());
    EXPECT_EQ(out_.wake, at(49)) << "silence comes before the next ping";
    EXPECT_TRUE(steady.on_wake(at(49), out_).empty());
    EXPECT_EQ(out_.take(), Texts{"leave 1: silent"});
    EXPECT_TRUE(steady.on_wake(at(60), out_).empty());
    steady.leave(ConnectionId{1}, "again", out_);
    EXPECT_EQ(out_.take(), Texts{}) << "it was told once";
    EXPECT_EQ(steady.serving(ListingId{0}), std::nullopt) << "nothing is asked for on it any more";

    // Pinged once a silence.
    FeedSockets quiet = make(true);
    quiet.on_open(ConnectionId{1}, kUrl, at(0), out_);
    quiet.heard(ConnectionId{1}, at(10));
    EXPECT_TRUE(quiet.on_wake(at(20), out_).empty());
    EXPECT_EQ(out_.wake, at(30));
    EXPECT_EQ(quiet.on_wake(at(30), out_).size(), 1U);
    EXPECT_EQ(out_.wake, at(40));
    EXPECT_TRUE(quiet.on_wake(at(39), out_).empty());
    quiet.heard(ConnectionId{1}, at(39));
    EXPECT_TRUE(quiet.on_wake(at(40), out_).empty() && out_.said.empty());
    EXPECT_EQ(quiet.on_wake(at(59), out_).size(), 1U);

    // A connection without a plan is watched, never written to.
    quiet.on_open(ConnectionId{2}, "wss://elsewhere", at(60), out_);
    quiet.heard(ConnectionId{1}, at(80));
    EXPECT_TRUE(quiet.on_wake(at(85), out_).empty());
    quiet.on_wake(at(90), out_);
    EXPECT_EQ(out_.take(), Texts{"leave 2: silent"});
}

class PrivateSocketTest : public ::testing::Test {
  protected:
    PrivateSocketTest() : socket_(VenueId{0}, rules(), shut_) {}
    static SocketRules rules()
    {
        SocketRules rules;
        rules.url = kUrl;
        rules.silence = seconds(45);
        rules.silence_text = "silent";
        rules.ping_after = seconds(20);
        rules.pause_first = seconds(5);
        rules.pause_most = seconds(15);
        return rules;
    }
    static Timestamp at(std::int64_t s) { return kStartTime + seconds(s); }
    PrivateSocket::Event open(std::uint16_t id, Timestamp now)
    {
        return socket_.on_open(ConnectionId{id}, "wss://venue/public?token=x", now, out_);
    }

    bool shut_ = false;
    PrivateSocket socket_;
    Wishes out_;
    const Texts dialled_{"dial wss://venue/public"};
};

using Event = PrivateSocket::Event;
using Due = PrivateSocket::Due;

TEST_F(PrivateSocketTest, it_logs_on_is_pinged_and_comes_back)
{
    socket_.start(at(0), out_);
    socket_.start(at(0), out_);
    EXPECT_EQ(out_.take(), dialled_) << "started once";
    EXPECT_EQ(socket_.on_open(ConnectionId{1}, "wss://other", at(1), out_), Event::not_ours);
    EXPECT_EQ(open(1, at(1)), Event::ours);
    EXPECT_TRUE(socket_.is_logging_on());
    EXPECT_EQ(open(2, at(1)), Event::surplus) << "a second one";
    EXPECT_EQ(out_.take(), Texts{"leave 2: not needed"});
    EXPECT_EQ(socket_.heard(ConnectionId{2}, at(2)), Event::surplus);
    EXPECT_EQ(socket_.on_close(ConnectionId{2}, at(2), out_), Event::surplus);
    EXPECT_EQ(socket_.heard(ConnectionId{2}, at(2)), Event::not_ours);
    socket_.logged_on();
    EXPECT_TRUE(socket_.is_open());
    socket_.await(at(3), out_);
    EXPECT_EQ(socket_.on_wake(at(12), out_), Due::nothing);
    EXPECT_EQ(socket_.on_wake(at(13), out_), Due::no_answer) << "to a subscription";
    socket_.answered();
    EXPECT_EQ(socket_.on_wake(at(21), out_), Due::ping);
    EXPECT_EQ(socket_.heard(ConnectionId{1}, at(22)), Event::ours);
    EXPECT_EQ(socket_.on_wake(at(66), out_), Due::ping);
    EXPECT_EQ(out_.take(), Texts{});
    EXPECT_EQ(socket_.on_wake(at(67), out_), Due::nothing);
    EXPECT_EQ(out_.take(), Texts{"leave 1: silent"});
    EXPECT_FALSE(socket_.is_open());
    EXPECT_EQ(socket_.on_close(ConnectionId{1}, at(68), out_), Event::ours);
    EXPECT_EQ(out_.take(), dialled_) << "at once";
    socket_.on_lost_dial(at(69), out_);
    EXPECT_EQ(out_.take(), dialled_);
    EXPECT_EQ(socket_.on_wake(at(69 + 119), out_), Due::nothing);
    EXPECT_EQ(out_.take(), Texts{});
    socket_.on_wake(at(69 + 120), out_);
    EXPECT_EQ(out_.take(), dialled_) << "nobody told how the dial ended";
}

TEST_F(PrivateSocketTest, refused_log_ons_are_tried_after_longer_pauses)
{
    socket_.start(at(0), out_);
    std::int64_t now = 0;
    for (const std::int64_t pause : {5, 10, 15, 15}) {
        EXPECT_EQ(open(1, at(now)), Event::ours);
        socket_.log_on_failed("refused", at(now), out_);
        socket_.on_close(ConnectionId{1}, at(now + 1), out_);
        (void)out_.take();
        socket_.on_wake(at(now + pause - 1), out_);
        EXPECT_EQ(out_.take(), Texts{}) << pause;
        now += pause;
        socket_.on_wake(at(now), out_);
        EXPECT_EQ(out_.take(), dialled_) << pause;
    }
}

TEST_F(PrivateSocketTest, a_pause_may_be_the_callers_and_ends_when_somebody_asks)
{
    socket_.start(at(0), out_);
    open(1, at(0));
    socket_.close("slow down", out_, at(30));
    socket_.end_pause(at(1), out_);
    EXPECT_EQ(out_.take(), (Texts{"dial wss://venue/public", "leave 1: slow down"}))
        << "it has not ended yet";
    socket_.on_close(ConnectionId{1}, at(2), out_);
    socket_.on_wake(at(29), out_);
    EXPECT_EQ(out_.take(), Texts{});
    socket_.end_pause(at(29), out_);
    EXPECT_EQ(out_.take(), dialled_);
    socket_.end_pause(at(29), out_);
    EXPECT_EQ(out_.take(), Texts{}) << "it waits no longer";
}

TEST_F(PrivateSocketTest, a_refused_key_is_not_dialled_with)
{
    socket_.start(at(0), out_);
    open(1, at(0));
    shut_ = true;
    socket_.log_on_failed("refused", at(1), out_);
    (void)out_.take();
    EXPECT_EQ(socket_.on_close(ConnectionId{1}, at(2), out_), Event::ours);
    socket_.on_wake(at(600), out_);
    EXPECT_EQ(out_.take(), Texts{});
    EXPECT_EQ(open(3, at(601)), Event::surplus) << "nobody wants it";
    shut_ = false;
    (void)out_.take();
    socket_.start(at(602), out_);
    EXPECT_EQ(out_.take(), dialled_);
    EXPECT_EQ(open(4, at(603)), Event::ours);
    // It stood for long: a later failure waits no longer than the first.
    socket_.log_on_failed("refused", at(603 + 45), out_);
    socket_.on_close(ConnectionId{4}, at(649), out_);
    socket_.on_wake(at(652), out_);
    EXPECT_EQ(out_.take(), Texts{"leave 4: refused"});
    socket_.on_wake(at(653), out_);
    EXPECT_EQ(out_.take(), dialled_);
}

TEST_F(PrivateSocketTest, where_a_dial_needs_something_it_rests_until_it_is_started)
{
    SocketRules resting = rules();
    resting.rests = true;
    resting.ping_when_silent = true;
    resting.pings_answered = false;
    socket_ = PrivateSocket(VenueId{0}, resting, shut_);
    socket_.start(at(0), out_, "?token=x");
    EXPECT_EQ(out_.take(), Texts{"dial wss://venue/public?token=x"});
    EXPECT_EQ(open(1, at(1)), Event::ours);
    socket_.logged_on();
    // Whether pings are answered is not known: it is borne that nothing is heard.
    EXPECT_EQ(socket_.on_wake(at(21), out_), Due::ping);
    EXPECT_EQ(socket_.on_wake(at(100), out_), Due::nothing);
    EXPECT_EQ(out_.take(), Texts{});
    socket_.ping_answered();
    EXPECT_EQ(socket_.on_wake(at(101), out_), Due::nothing);
    EXPECT_EQ(out_.take(), Texts{"leave 1: silent"});
    EXPECT_FALSE(socket_.is_idle());
    EXPECT_EQ(socket_.on_close(ConnectionId{1}, at(102), out_), Event::ours);
    EXPECT_TRUE(socket_.is_idle());
    socket_.on_wake(at(600), out_);
    EXPECT_EQ(out_.take(), Texts{});
    socket_.start(at(601), out_);
    EXPECT_EQ(out_.take(), dialled_);
    socket_.on_wake(at(601 + 120), out_);
    EXPECT_TRUE(socket_.is_idle()) << "nobody told how the dial ended";
}

}  // namespace
}  // namespace arb
