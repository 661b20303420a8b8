// Market data, orders out and private frames in allocate nothing once warm; the same inputs give the same
// bytes; and hostile frames on the account's websocket do no harm.
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "connectors/gate/gate.hpp"
#include "connectors/gate/life_support.hpp"
#include "connectors/gate/test_support.hpp"
#include "engine/base/client_order_id.hpp"
#include "tests/support/allocation_counter.hpp"
#include "tests/support/quiet.hpp"
#include "tests/support/venue_link.hpp"

namespace arb::gate::test {
namespace {

using arb::test::allocations;
using arb::test::OrderKeeper;
using arb::test::QuietSink;
using arb::test::VenueLink;

struct NoWishes final : Outbox {
    void send(ConnectionId, std::string_view) override {}
    void request(const HttpRequest&) override {}
    void wake_at(VenueId, Timestamp) override {}
    void reconnect(ConnectionId, std::string_view) override {}
};

struct BookCount final : TradingSink {
    std::size_t facts = 0, troubles = 0;
    void on_book(const BookUpdate&) override { ++facts; }
    void on_trade(const Trade&) override { ++facts; }
    void on_quote(const BestQuote&) override { ++facts; }
    void on_undecoded(const Undecoded&) override { ++troubles; }
};

TEST(GateNoAllocation, FramesOfMarketDataAllocateNothing)
{
    const InstrumentTable table = table_of("spot");
    const auto venue = type().make({VenueId{0}, &table, 0});
    BookCount sink;
    NoWishes outbox;
    const Timestamp now{1'790'000'000'000'000'000};
    venue->plan(std::vector<ListingId>{kBtc, kXrp});
    venue->on_open(ConnectionId{0}, type().stream_url("spot"), now, sink, outbox);
    std::vector<PaddedBuffer> frames;
    for (const char* name : {"book_full", "book_delta", "book_delta_one_side", "trade", "book_ticker"}) {
        frames.emplace_back(golden(name));
        frames.emplace_back(" " + golden(name));  // the general walk
    }
    const auto feed = [&] {
        for (const PaddedBuffer& frame : frames)
            venue->on_frame(ConnectionId{0}, frame.text_of(), now, sink, outbox);
    };
    feed();
    const auto before = arb::test::allocations.load();
    for (int i = 0; i < 20; ++i) feed();
    EXPECT_EQ(arb::test::allocations.load(), before);
    EXPECT_EQ(sink.facts, 21 * frames.size());
    EXPECT_EQ(sink.troubles, 0U);
}

constexpr ConnectionId kSocket{1};

/// Counts what leaves, and keeps the tag of the question about the account.
struct CountingOutbox final : Outbox {
    std::size_t frames = 0;
    std::uint64_t mode_question = 0;
    void send(ConnectionId, std::string_view) override { ++frames; }
    void request(const HttpRequest& request) override
    {
        if (request.url.ends_with("/unified_mode")) mode_question = request.tag;
    }
    void wake_at(VenueId, Timestamp) override {}
    void reconnect(ConnectionId, std::string_view) override {}
};

std::string entry_of(std::string_view client, std::string_view state)
{
    return fmt::format(
        R"({{"id":"82","text":"t-{}",{},"currency_pair":"LINK_USDT","type":"limit","side":"buy",)"
        R"("amount":"123.4","price":"27.15","left":"121.9","filled_amount":"1.5",)"
        R"("update_time_ms":1700000000124,"finish_as":"open"}})",
        client, state);
}

/// The real connector with an open session, and nobody at the other end.
class GateOrderPath : public ::testing::Test {
  protected:
    GateOrderPath() : link_(type(), "spot", {link_of("spot")}), credentials_(link_.credentials("trade"))
    {
        VenueSetup setup;
        setup.table = &link_.table;
        setup.credentials = &credentials_;
        venue_ = type().make(setup);
        venue_->start_session(now(), sink_, outbox_);
        venue_->on_open(kSocket, "wss://api.gateio.ws/ws/v4/#account", now(), sink_, outbox_);
        feed(
            R"({"request_id":"login","header":{"status":"200"},"data":{"result":{"api_key":"k","uid":"7"}}})");
        for (const char* channel : {"spot.orders", "spot.usertrades", "spot.balances"})
            feed(fmt::format(R"({{"channel":"{}","event":"subscribe","result":{{"status":"success"}}}})",
                             channel));
        const PaddedBuffer mode(R"({"mode":"classic","settings":{}})");
        HttpReply reply;
        reply.tag = outbox_.mode_question;
        reply.body = mode.text_of();
        venue_->on_http(reply, now(), sink_, outbox_);
        const OrderKeeper& kept = link_.use_venue(std::make_unique<OrderKeeper>());
        link_.amend(link_.place(Side::buy, "123.4", "27.15", TimeInForce::post_only), "27.5");
        order_ = std::make_unique<ApprovedOrder>(kept.order.value());
        amend_ = std::make_unique<ApprovedAmend>(kept.amend.value());
    }
    Timestamp now() const { return link_.now(); }
    void feed(const PaddedBuffer& text) { venue_->on_frame(kSocket, text.text_of(), now(), sink_, outbox_); }
    void feed(const std::string& text) { feed(PaddedBuffer(text)); }

    VenueLink link_;
    const Credentials credentials_;
    QuietSink sink_;
    CountingOutbox outbox_;
    std::unique_ptr<Venue> venue_;
    std::unique_ptr<ApprovedOrder> order_;
    std::unique_ptr<ApprovedAmend> amend_;
};

TEST_F(GateOrderPath, nothing_is_allocated)
{
    const std::string client(client_order_id(order_->id()).view());
    const auto push = [](std::string_view channel, const std::string& entry) {
        return PaddedBuffer(
            fmt::format(R"({{"channel":"spot.{}","event":"update","result":[{}]}})", channel, entry));
    };
    const PaddedBuffer news = push("orders", entry_of(client, R"("event":"update")"));
    const PaddedBuffer fill =
        push("usertrades",
             fmt::format(
                 R"({{"id":7,"order_id":"82","currency_pair":"LINK_USDT","create_time_ms":"1700000000123.4",)"
                 R"("side":"buy","amount":"1.5","role":"maker","price":"27.15","fee":"0.001",)"
                 R"("fee_currency":"LINK","text":"t-{}"}})",
                 client));
    const PaddedBuffer balance =
        push("balances", R"({"timestamp_ms":"1700000000124","currency":"USDT","total":"10",)"
                         R"("available":"7","freeze":"3"})");
    constexpr std::uint64_t kTurns = 51;
    std::vector<PaddedBuffer> replies;
    for (std::uint64_t i = 1; i <= 3 * kTurns; ++i) {
        replies.emplace_back(
            fmt::format(R"({{"request_id":"{}","ack":true,"header":{{"status":"200"}}}})", i));
        replies.emplace_back(
            fmt::format(R"({{"request_id":"{}","header":{{"status":"200"}},"data":{{"result":{}}}}})", i,
                        entry_of(client, R"("status":"open")")));
    }
    auto reply = replies.begin();
    const OrderReference reference{order_->id(), ListingId{0}, "82", now()};
    const auto turn = [&] {
        venue_->send_order(*order_, now(), sink_, outbox_);
        venue_->amend_order(reference, *amend_, now(), sink_, outbox_);
        venue_->cancel_order(reference, now(), sink_, outbox_);
        for (int i = 0; i < 6; ++i) feed(*reply++);
        for (const PaddedBuffer* frame : {&news, &fill, &balance}) feed(*frame);
    };
    turn();
    const std::size_t frames = outbox_.frames, ended = sink_.ends, orders = sink_.orders;
    const std::uint64_t before = allocations.load();
    for (std::uint64_t i = 1; i < kTurns; ++i) turn();
    EXPECT_EQ(allocations.load(), before);
    EXPECT_EQ(outbox_.frames, frames + 150);
    EXPECT_EQ(sink_.ends, ended + 150);
    EXPECT_EQ(sink_.orders, orders + 200);
    EXPECT_EQ(sink_.fills, kTurns);
    EXPECT_EQ(sink_.balances, kTurns);
    EXPECT_EQ(sink_.troubles, 0U);
}

TEST_F(GateOrderPath, hostile_frames_are_told_and_do_no_harm)
{
    const std::string entry = entry_of("web", R"("event":"put")");
    const std::string good = R"({"channel":"spot.orders","event":"update","result":[)" + entry + "]}";
    feed(good);
    EXPECT_EQ(sink_.orders, 1U);
    for (const char* bad : {"", "{", "[]", "7", "null", "{}", R"({"channel":7,"event":"update"})",
                            R"({"channel":"spot.orders","event":"update"})",
                            R"({"channel":"spot.orders","event":"update","result":{}})",
                            R"({"channel":"spot.orders","event":"update","result":[7]})"}) {
        const std::size_t troubles = sink_.troubles;
        feed(bad);
        EXPECT_EQ(sink_.troubles, troubles + 1) << bad;
    }
    for (const char* odd : {R"({"request_id":7})", R"({"request_id":"1","header":[],"data":[]})",
                            R"({"request_id":"1","ack":true,"header":{"status":"400"}})",
                            R"({"channel":"spot.orders","event":"subscribe","error":7})"})
        feed(odd);
    // Any one byte changed: it may be told or be trouble, and nothing else happens.
    for (std::size_t i = 0; i < good.size(); ++i) {
        for (const char c : {'\0', '"', '{', ']', '9', '-'}) {
            std::string other = good;
            other[i] = c;
            feed(other);
        }
    }
    feed(good.substr(0, good.size() / 2));
    venue_->send_order(*order_, now(), sink_, outbox_);
    EXPECT_EQ(sink_.ends, 1U) << "that of the session";
}

/// Everything that leaves in half a minute of trading, keys and signatures with it.
std::string half_a_minute()
{
    VenueLink link(type(), "spot", {link_of("spot")}, FeeTaking::received);
    std::string all;
    link.on_to_venue = [&all](VenueLink::Message& m) {
        all += fmt::format("{} {} {}{}\n", m.request.method, m.request.url, m.request.body, m.text);
        for (const HttpHeader& header : m.request.headers) all += header.value + "\n";
        return true;
    };
    link.deposit("USDT", "1000");
    link.street("27.10", "27.20");
    link.start();
    link.run(seconds(5));
    const OrderId order = link.place(Side::buy, "2", "26.90", TimeInForce::post_only);
    link.run(seconds(11));
    link.amend(order, "26.95");
    link.cut_all();
    link.run(seconds(10));
    link.cancel(order);
    link.query(order);
    link.venue().query_balances(link.now(), link, link);
    link.run(seconds(4));
    return all;
}

TEST(GateReplay, the_same_inputs_give_the_same_bytes)
{
    const std::string first = half_a_minute();
    EXPECT_GT(first.size(), 5000U);
    EXPECT_EQ(half_a_minute(), first);
}

}  // namespace
}  // namespace arb::gate::test
