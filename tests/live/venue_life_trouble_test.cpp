// Over real TLS sockets, on every venue the same: connections that end, that are half open or that bring too
// much, and what becomes of an open order meanwhile.
#include "tests/live/venue_life.hpp"

namespace arb::test {
namespace {

class VenueLifeTrouble : public VenueLife {
  protected:
    /// The other side goes on trading while nobody of ours listens; afterwards everything is known again.
    void expect_caught_up(OrderId id)
    {
        ASSERT_TRUE(until_later("logged on again", [&] { return link->ready(); }));
        ASSERT_TRUE(until_later("the book is valid again", [&] { return link->book().valid(); }));
        EXPECT_EQ(ask_order(id), "done/none");
        EXPECT_EQ(status(id), OrderStatus::working);
        EXPECT_EQ(link->last(id)->report.filled, link->quantity("0.4"));
        EXPECT_EQ(ask_fills(), "done/none");
        EXPECT_EQ(link->filled(id), link->quantity("0.4"));
        EXPECT_EQ(ask(RequestKind::cancel, [&] { link->cancel(id); }), "done/none");
        EXPECT_TRUE(until_status(id, OrderStatus::cancelled));
        EXPECT_EQ(venue->open_orders(), 0U);
        venue->street("27.10", "27.20");
        const OrderId next = take();
        EXPECT_TRUE(until_filled(next, "1")) << "trading goes on";
    }
    bool orders_by_rest() const { return !link->venue().trading_features().order_socket; }
};
INSTANTIATE_TEST_SUITE_P(Venues, VenueLifeTrouble, testing::ValuesIn(venue_days()), case_name);

TEST_P(VenueLifeTrouble, ADisconnectHidesWhatHappensToAnOpenOrderOnlyForAWhile)
{
    begin();
    const OrderId id = rest();
    const std::size_t links = link->open_links().size();
    venue->cut_all();
    venue->street("27.10", "27.15", "0.4");
    ASSERT_TRUE(until("we notice", [&] { return link->closed.size() >= links; }));
    EXPECT_FALSE(link->ready(Channel::private_stream));
    EXPECT_EQ(link->ready(Channel::order_entry), orders_by_rest()) << "an order socket is gone, REST is not";
    EXPECT_FALSE(link->book().valid()) << "a book that nobody keeps is not shown";
    expect_caught_up(id);
}

TEST_P(VenueLifeTrouble, AHalfOpenConnectionIsNoticedByPings)
{
    // LiveDriver leaves these at 15 s and 5 s.
    link->limits.ping_interval = link->limits.pong = std::chrono::milliseconds(250);
    begin();
    const OrderId id = rest();
    const std::size_t links = link->open_links().size();
    venue->freeze_all(seconds(600));
    venue->street("27.10", "27.15", "0.4");
    ASSERT_TRUE(until("all of them are given up", [&] { return link->closed.size() >= links; }));
    for (const net::CloseInfo& info : link->closed)
        EXPECT_EQ(info.kind, net::CloseKind::silence) << info.text;
    expect_caught_up(id);
}

TEST_P(VenueLifeTrouble, AVenueThatFallsSilentIsLeftByTheConnectorItself)
{
    begin();
    const OrderId id = rest();
    const std::set<ConnectionId> frozen = link->open_links();
    venue->freeze_all(seconds(600));
    venue->street("27.10", "27.15", "0.4");
    // USD-M's private stream is silent as long as nothing happens: pings alone find that one (see above).
    const std::size_t wanted = frozen.size() - (label() == "binance_usdm" ? 1 : 0);
    const auto left = [&] {
        return static_cast<std::size_t>(std::count_if(
            frozen.begin(), frozen.end(), [&](ConnectionId c) { return link->left.count(c) > 0; }));
    };
    for (int i = 0; i < 20 && left() < wanted; ++i) live_through(seconds(5), seconds(5));
    EXPECT_EQ(left(), wanted) << state_text();
    if (wanted < frozen.size()) venue->cut_all();
    expect_caught_up(id);
}

TEST_P(VenueLifeTrouble, APrivateRoadThatIsBlockedForAWhileIsDialledUntilItStands)
{
    begin();
    const OrderId id = rest();
    link->private_links_blocked = true;
    venue->cut_all();
    venue->street("27.10", "27.15", "0.4");
    // The driver gives a dial that fails too often back to the venue, which has to ask again.
    ASSERT_TRUE(until_later("a dial is given up", [&] { return link->given_up > 0; }));
    EXPECT_FALSE(link->ready(Channel::private_stream));
    link->private_links_blocked = false;
    expect_caught_up(id);
}

TEST_P(VenueLifeTrouble, AFrameThatIsTooBigEndsItsConnectionAlone)
{
    constexpr std::size_t kMost = 256 * 1024;
    link->limits.frame_bytes_max = kMost;
    begin();
    const OrderId id = rest();
    const std::size_t links = link->open_links().size();
    venue->send_to_all(kMost + 1);
    ASSERT_TRUE(until("every connection has ended", [&] { return link->closed.size() >= links; }));
    for (const net::CloseInfo& info : link->closed) {
        EXPECT_EQ(info.kind, net::CloseKind::too_big) << info.text;
        EXPECT_EQ(info.code, 1009);
    }
    EXPECT_TRUE(decoded()) << "no part of it was read";
    venue->street("27.10", "27.15", "0.4");
    expect_caught_up(id);
}

struct BanRow {
    std::string_view label;
    const char* question;
    int status;  ///< of a websocket that is refused
};
constexpr BanRow kBans[] = {
    {"binance", "banned/rate_limited", 418},         {"binance_usdm", "banned/rate_limited", 418},
    {"bybit", "banned/rate_limited", 403},           {"bybit_linear", "banned/rate_limited", 403},
    {"coinbase", "rate_limited/rate_limited", 429},  {"gate", "rate_limited/rate_limited", 429},
    {"gate_usdt", "rate_limited/rate_limited", 429}, {"kraken", "rate_limited/rate_limited", 429},
    {"okx", "rate_limited/rate_limited", 429},
};

TEST_P(VenueLifeTrouble, ABanIsToldWithItsLength)
{
    const BanRow& row = row_of(kBans, label());
    begin();
    venue->server().ban(seconds(90));
    EXPECT_EQ(ask_balances(), row.question);
    const RequestEnd& end = link->last_end(RequestKind::balances)->end;
    EXPECT_EQ(end.retry_after, seconds(90));
    EXPECT_FALSE(end.complete);
    // An order by REST is shut out like any question, for certain; one on a websocket that stands is not.
    const OrderId id = take();
    ASSERT_TRUE(
        until("the end of placing", [&] { return link->last_end(RequestKind::place, id) != nullptr; }));
    EXPECT_EQ(end_text(RequestKind::place, id), orders_by_rest() ? row.question : "done/none");
    EXPECT_EQ(venue->exchange.order_count(), orders_by_rest() ? 0U : 1U);
    // New websockets are refused, with the same status.
    const std::size_t before = link->closed.size() + link->open_links().size();
    venue->cut_all();
    ASSERT_TRUE(until("new ones are refused", [&] { return link->closed.size() > before; }));
    EXPECT_EQ(link->closed.back().kind, net::CloseKind::handshake);
    EXPECT_EQ(link->closed.back().http_status, row.status);
    EXPECT_FALSE(link->ready(Channel::private_stream));
}

TEST_P(VenueLifeTrouble, AfterABanEverythingComesBack)
{
    begin();
    const OrderId id = rest();
    venue->server().ban(milliseconds(300));
    venue->cut_all();
    venue->street("27.10", "27.15", "0.4");
    ASSERT_TRUE(until("we notice", [&] { return !link->ready(Channel::private_stream); }));
    ASSERT_TRUE(until("the ban is over", [&] { return !link->open_links().empty(); }));
    expect_caught_up(id);
}

}  // namespace
}  // namespace arb::test
