// Over real TLS sockets: what a venue checks of a session: the clock, tokens, keys and what they may do.
#include "tests/live/venue_life.hpp"

namespace arb::test {
namespace {

class VenueLifeSession : public VenueLife {
  protected:
    void expect_trading()
    {
        ASSERT_TRUE(until_later("logged on", [&] { return link->ready(); }));
        venue->street("27.10", "27.20");
        const OrderId id = take();
        EXPECT_TRUE(until_filled(id, "1"));
    }
    std::string fate_of_order()
    {
        const OrderId id = take();
        until("the end of placing", [&] { return link->last_end(RequestKind::place, id) != nullptr; });
        return end_text(RequestKind::place, id);
    }
    bool ended(RequestKind kind, Outcome outcome) const
    {
        return std::any_of(link->ends.begin(), link->ends.end(), [&](const LinkEnd& end) {
            return end.end.kind == kind && end.end.outcome == outcome;
        });
    }
};
INSTANTIATE_TEST_SUITE_P(Venues, VenueLifeSession, testing::ValuesIn(venue_days()), case_name);

// What becomes of the log-on, and then of an order, while our clock is two seconds off and nobody has told
// us.
struct ClockRow {
    std::string_view label;
    const char *ahead_session, *ahead_order, *behind_session, *behind_order;
};
constexpr const char *kDone = "done/none", *kNotReached = "-";
constexpr ClockRow kClocks[] = {
    // A second ahead is the most; an order is good for about one more.
    {"binance", "refused/clock", kNotReached, kDone, "refused/clock"},
    {"binance_usdm", "refused/clock", kNotReached, kDone, "refused/clock"},
    {"bybit", kDone, "refused/clock", kDone, kDone},
    {"bybit_linear", kDone, "refused/clock", kDone, kDone},
    // A token begins some seconds before it is made: two seconds do no harm either way.
    {"coinbase", kDone, kDone, kDone, kDone},
    // A minute either way.
    {"gate", kDone, kDone, kDone, kDone},
    {"gate_usdt", kDone, kDone, kDone, kDone},
    // Nonces, no clock.
    {"kraken", kDone, kDone, kDone, kDone},
    {"okx", kDone, kDone, kDone, kDone},
};

TEST_P(VenueLifeSession, AClockTwoSecondsOffIsToldMeasuredAndCorrected)
{
    const ClockRow& row = row_of(kClocks, label());
    for (const bool is_ahead : {true, false}) {
        open(net::test::loopback_identity());
        const Duration off = is_ahead ? seconds(2) : seconds(-2);
        link->ahead = off;
        link->follow_clock = false;
        link->start();
        ASSERT_TRUE(until("the log-on's end", [&] { return link->end_count(RequestKind::session) > 0; }));
        EXPECT_EQ(end_text(RequestKind::session), is_ahead ? row.ahead_session : row.behind_session);
        const std::string_view order = is_ahead ? row.ahead_order : row.behind_order;
        if (order == kNotReached) {
            EXPECT_FALSE(link->ready(Channel::order_entry));
        } else {
            ASSERT_TRUE(until("logged on", [&] { return link->ready(); }));
            EXPECT_EQ(fate_of_order(), order);
            EXPECT_EQ(venue->exchange.order_count(), order == kDone ? 1U : 0U);
        }
        link->follow_clock = true;
        EXPECT_EQ(ask(RequestKind::time, [&] { link->venue().query_time(link->now(), *link, *link); }),
                  kDone);
        ASSERT_FALSE(link->clock_offsets.empty());
        // Some venues tell whole seconds.
        EXPECT_LE(std::abs(link->clock_offsets.back().ns + off.ns), milliseconds(1100).ns);
        expect_trading();
    }
}

// Tokens with an age: what they are called, how long they last, or the word why there are none.
struct TokenRow {
    std::string_view label;
    const char* none;
    Duration life;
};
constexpr TokenRow kTokens[] = {
    {"binance", "signed", {}},      {"binance_usdm", nullptr, seconds(3600)}, {"bybit", "signed", {}},
    {"bybit_linear", "signed", {}}, {"coinbase", nullptr, seconds(120)},      {"gate", "signed", {}},
    {"gate_usdt", "signed", {}},    {"kraken", nullptr, seconds(900)},        {"okx", "signed", {}},
};

TEST_P(VenueLifeSession, AnExpiredTokenIsReplaced)
{
    const TokenRow& row = row_of(kTokens, label());
    if (row.none != nullptr) GTEST_SKIP() << label() << ": " << row.none;
    const Duration later{row.life.ns + seconds(2).ns};
    if (label() == "kraken") {
        // The token is fetched, but the websocket that it is for stands too late.
        link->hold_private = true;
        link->start();
        ASSERT_TRUE(until("the token is there", [&] { return link->held() > 0; }));
        venue->ahead = later;
        link->let_go();
        ASSERT_TRUE(until("it is refused", [&] {
            return ended(RequestKind::session, Outcome::key_trouble) ||
                   ended(RequestKind::session, Outcome::refused);
        }));
        EXPECT_FALSE(link->ready());
    } else {
        begin();
        venue->ahead = later;
        if (label() == "coinbase") {
            // One refused token is no refused key.
            EXPECT_EQ(fate_of_order(), "refused/permission");
            EXPECT_EQ(venue->exchange.order_count(), 0U);
        } else {
            ASSERT_TRUE(until("the stream has ended", [&] { return !link->ready(Channel::private_stream); }));
        }
    }
    venue->ahead = {};
    expect_trading();
}

TEST_P(VenueLifeSession, ARevokedKeyEndsTheSessionAndIsNotTriedOver)
{
    begin();
    venue->change_keys([](EmulatedKey& key) { key.revoked = true; });
    (void)take();
    ASSERT_TRUE(until_later("order entry is closed", [&] { return !link->ready(Channel::order_entry); }));
    ASSERT_TRUE(until_later("the key is blamed", [&] {
        return ended(RequestKind::session, Outcome::key_trouble) ||
               ended(RequestKind::place, Outcome::key_trouble);
    }));
    ASSERT_TRUE(
        until_later("the private stream has ended", [&] { return !link->ready(Channel::private_stream); }));
    EXPECT_EQ(venue->exchange.trade_count(), 0U);
    live_through(seconds(12));
    const std::size_t uses = link->key_uses.size();
    live_through(seconds(20));
    EXPECT_LE(link->key_uses.size(), uses + 4) << "asking again would lock the account out";
    EXPECT_FALSE(link->ready(Channel::order_entry));
}

TEST_P(VenueLifeSession, AKeyPastItsDateIsKeyTrouble)
{
    begin();
    venue->change_keys([&](EmulatedKey& key) { key.expires = clock.now(); });
    if (label() == "coinbase") {
        // It refuses good tokens at random: the key is asked about before it is blamed.
        EXPECT_EQ(ask_balances(), "refused/permission");
        EXPECT_TRUE(until_later("the key is blamed",
                                [&] { return ended(RequestKind::session, Outcome::key_trouble); }));
        EXPECT_TRUE(until_later("order entry is closed", [&] { return !link->ready(Channel::order_entry); }));
    } else {
        EXPECT_EQ(ask_balances(), "key_trouble/permission");
    }
}

TEST_P(VenueLifeSession, AReadingKeyMayLookAndNotTrade)
{
    connect("read", definition());
    link->start();
    ASSERT_TRUE(until("the private stream stands", [&] { return link->ready(Channel::private_stream); }));
    EXPECT_EQ(ask_balances(), kDone);
    EXPECT_EQ(fate_of_order(), "key_trouble/permission");
    EXPECT_EQ(venue->exchange.order_count(), 0U);
}

}  // namespace
}  // namespace arb::test
