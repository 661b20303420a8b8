// Request weight: what leaves for the venue in any minute, what is learnt from its headers, and questions
// that were told to wait.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "connectors/binance/test_support.hpp"
#include "tests/support/venue_link.hpp"

namespace arb::binance {
namespace {

using arb::test::VenueLink;

std::vector<ListingDefinition> many_listings(std::string_view market, std::size_t count)
{
    std::vector<ListingDefinition> all;
    for (std::size_t i = 0; i < count; ++i) {
        const std::string coin{'C', static_cast<char>('A' + i / 26), static_cast<char>('A' + i % 26)};
        all.push_back(test::listing(market, coin + (market == "coinm" ? "USD_PERP" : "USDT"), "0.01",
                                    market == "coinm" ? "1" : "0.1"));
    }
    return all;
}

bool names(std::string_view text, std::string_view part)
{
    return text.find(part) != std::string_view::npos;
}

// The venue's own price list, written anew: what a request costs.
std::uint32_t cost_of(std::string_view method, std::string_view url)
{
    const bool spot = names(url, "/api/v3/");
    if (names(url, "/depth")) return spot ? 250 : 20;
    if (names(url, "/commission")) return 20;
    if (names(url, "/myTrades") || names(url, "/allOrders") || names(url, "/api/v3/account?"))
        return spot ? 20 : 5;
    if (names(url, "/userTrades") || names(url, "/fapi/v3/")) return 5;
    if (names(url, "/countdownCancelAll")) return 10;
    if (names(url, "/positionSide/dual")) return 30;
    if (names(url, "/openOrders") && method == "GET")
        return names(url, "symbol=") ? (spot ? 6 : 1) : (spot ? 80 : 40);
    return names(url, "/api/v3/order?") ? 4 : 1;
}

struct Sent {
    Timestamp time;
    std::uint32_t weight = 0;
};

std::uint32_t most_in_a_minute(const std::vector<Sent>& sent)
{
    std::uint32_t most = 0;
    for (const Sent& first : sent) {
        std::uint32_t sum = 0;
        for (const Sent& one : sent)
            sum += one.time >= first.time && one.time - first.time < seconds(60) ? one.weight : 0;
        most = std::max(most, sum);
    }
    return most;
}

struct StartCase {
    const char* market;
    std::size_t listings;
    std::uint32_t limit;
};

class BinanceStartWeight : public ::testing::TestWithParam<StartCase> {};

INSTANTIATE_TEST_SUITE_P(Markets, BinanceStartWeight,
                         ::testing::Values(StartCase{"usdm", 60, 2'400}, StartCase{"spot", 40, 6'000}),
                         [](const auto& info) { return std::string(info.param.market); });

TEST_P(BinanceStartWeight, ManyListingsStartWithinTheLimitOfEveryMinute)
{
    const StartCase& which = GetParam();
    VenueLink link(type(), which.market, many_listings(which.market, which.listings));
    link.deposit("USDT", "100000");
    for (std::size_t i = 0; i < which.listings; ++i) link.street("27.10", "27.20", "1000", i);
    std::vector<Sent> sent;
    int refused = 0;
    link.on_to_venue = [&](VenueLink::Message& m) {
        const bool frame = m.kind == VenueLink::Message::Kind::frame && names(m.text, "\"method\":\"session");
        if (m.kind == VenueLink::Message::Kind::request)
            sent.push_back({link.now(), cost_of(m.request.method, m.request.url)});
        if (m.kind == VenueLink::Message::Kind::upgrade && names(m.text, "ws-"))
            sent.push_back({link.now(), 5});
        if (frame) sent.push_back({link.now(), 2});
        return true;
    };
    link.on_to_client = [&](VenueLink::Message& m) {
        refused += m.kind == VenueLink::Message::Kind::reply && m.reply.status != 200 ? 1 : 0;
        return true;
    };
    link.start();
    link.run(seconds(1));
    const std::vector<ListingId> all = link.all_listings();
    // As the engine does: whatever is not known after five seconds is asked for again.
    const auto known = [&](RequestKind kind) {
        const auto* end = link.last_end(kind);
        return end != nullptr && end->end.outcome == Outcome::done && end->end.complete;
    };
    for (int turn = 0; turn < 40; ++turn) {
        Venue& v = link.venue();
        if (!known(RequestKind::open_orders)) v.query_open_orders(all, link.now(), link, link);
        if (!known(RequestKind::fills)) v.query_fills(all, link.now() - seconds(60), link.now(), link, link);
        if (!known(RequestKind::fees)) v.query_fees(all, link.now(), link, link);
        if (!known(RequestKind::balances)) v.query_balances(link.now(), link, link);
        link.run(seconds(5));
    }
    EXPECT_EQ(refused, 0);
    EXPECT_LE(most_in_a_minute(sent), which.limit);
    EXPECT_GT(most_in_a_minute(sent), which.limit / 2) << "it starts no slower than it must";
    for (const RequestKind kind :
         {RequestKind::open_orders, RequestKind::fills, RequestKind::fees, RequestKind::balances})
        EXPECT_TRUE(known(kind)) << name(kind);
    EXPECT_EQ(link.fees.size(), which.listings);
    EXPECT_GE(link.books, which.listings);
    EXPECT_TRUE(link.ready(Channel::order_entry));
}

TEST(BinanceWeights, AQuestionThatWasToldToWaitGoesOnWhereItStopped)
{
    VenueLink link(type(), "usdm", many_listings("usdm", 8));
    link.start();
    link.run(seconds(1));
    int asked = 0;
    link.instead_of_reply = [&](const HttpRequest& request) -> std::optional<ServerReply> {
        if (!names(request.url, "/commissionRate") || ++asked != 5) return std::nullopt;
        return ServerReply{429, {{"Retry-After", "3"}}, R"({"code":-1003,"msg":"Too many requests"})"};
    };
    const std::vector<ListingId> all = link.all_listings();
    link.venue().query_fees(all, link.now(), link, link);
    link.run(seconds(1));
    ASSERT_NE(link.last_end(RequestKind::fees), nullptr);
    EXPECT_EQ(link.last_end(RequestKind::fees)->end.outcome, Outcome::rate_limited);
    EXPECT_EQ(link.last_end(RequestKind::fees)->end.retry_after, seconds(3));
    EXPECT_EQ(link.fees.size(), 4U);
    link.ends.clear();
    // Asked too early: nothing leaves before the venue said so.
    link.venue().query_fees(all, link.now(), link, link);
    link.run(seconds(1));
    EXPECT_EQ(asked, 5);
    link.run(seconds(3));
    ASSERT_NE(link.last_end(RequestKind::fees), nullptr);
    EXPECT_EQ(link.last_end(RequestKind::fees)->end.outcome, Outcome::done);
    EXPECT_TRUE(link.last_end(RequestKind::fees)->end.complete);
    EXPECT_EQ(asked, 9);
    EXPECT_EQ(link.fees.size(), 8U);
}

TEST(BinanceWeights, EachQuestionEndsOnceThoughOneAnswerServesSeveral)
{
    VenueLink link(type(), "usdm", many_listings("usdm", 8));
    link.start();
    link.run(seconds(1));
    int fees = 0;
    int fills = 0;
    link.on_to_venue = [&](VenueLink::Message& m) {
        fees += names(m.request.url, "/commissionRate") ? 1 : 0;
        fills += names(m.request.url, "/userTrades") ? 1 : 0;
        return true;
    };
    const std::vector<ListingId> all = link.all_listings();
    link.ends.clear();
    for (int i = 0; i < 5; ++i) {
        link.venue().query_fees(all, link.now(), link, link);
        link.venue().query_fills(all, link.now() - seconds(60), link.now(), link, link);
    }
    link.run(seconds(2));
    int fee_ends = 0;
    int fill_ends = 0;
    for (const auto& end : link.ends) {
        fee_ends += end.end.kind == RequestKind::fees && end.end.complete ? 1 : 0;
        fill_ends += end.end.kind == RequestKind::fills && end.end.complete ? 1 : 0;
    }
    EXPECT_EQ(fee_ends, 5);
    EXPECT_EQ(fill_ends, 5);
    EXPECT_EQ(fees, 8);
    EXPECT_EQ(fills, 16) << "the running one, and one for all that were asked meanwhile";
}

struct Requests final : test::Wishes {
    std::vector<Sent> sent;
    Timestamp now;
    void request(const HttpRequest& request) override
    {
        sent.push_back({now, cost_of(request.method, request.url)});
        headers.emplace_back(request.count_header);
    }
    std::vector<std::string> headers;
};

TEST(BinanceWeights, UsdmAndCoinmDrawOnOnePoolAndHeedTheVenuesCount)
{
    const InstrumentTable table =
        InstrumentTable::build({{{"binance", "usdm"}, many_listings("usdm", 100)},
                                {{"binance", "coinm"}, many_listings("coinm", 100)}})
            .take();
    VenueSetup setup;
    setup.table = &table;
    setup.pools = std::make_shared<RequestPools>();
    std::vector<std::unique_ptr<Venue>> venues;
    for (const VenueId id : {VenueId{0}, VenueId{1}}) {
        setup.id = id;
        venues.push_back(type().make(setup));
    }
    test::Remembered sink;
    Requests out;
    out.now = Timestamp{1'700'000'000'000'000'000};
    for (const Listing& listing : table.listings())
        venues[index(listing.venue)]->resync(listing.id, out.now, out);
    EXPECT_LE(most_in_a_minute(out.sent), 2'400U);
    EXPECT_EQ(out.headers[0], "X-MBX-USED-WEIGHT-1M");
    const std::size_t first = out.sent.size();
    EXPECT_LT(first, 200U);
    // Somebody else at this address has spent the rest of the minute.
    const PaddedBuffer body(R"({"lastUpdateId":5,"E":1,"T":1,"bids":[],"asks":[]})");
    HttpReply reply;
    reply.url = "https://fapi.binance.com/fapi/v1/depth?symbol=CAAUSDT&limit=1000";
    reply.body = body.text_of();
    reply.count = 2'395;
    venues[0]->on_http(reply, out.now, sink, out);
    for (int s = 1; s <= 60; ++s) {
        out.now = out.now + seconds(1);
        for (const auto& venue : venues) venue->on_wake(out.now, sink, out);
    }
    EXPECT_EQ(out.sent.size(), first);
    for (int s = 1; s <= 200; ++s) {
        out.now = out.now + seconds(1);
        for (const auto& venue : venues) venue->on_wake(out.now, sink, out);
    }
    EXPECT_EQ(out.sent.size(), 200U);
    EXPECT_LE(most_in_a_minute(out.sent), 2'400U);
}

}  // namespace
}  // namespace arb::binance
