// Money on its way between two venues, as its owner announced it: each end is seen by whatever tells it, once
// and over restarts, and everything else is an alarm as ever.
#include <utility>

#include "tests/pipeline/live_world.hpp"

namespace arb {
namespace {

using test::Fate;
using test::LiveWorld;
using test::money;

/// What tells of money that moved.
enum class Teller { stream, comparison, start };
constexpr Teller kTellers[] = {Teller::stream, Teller::comparison, Teller::start};

const char* name_of(Teller teller)
{
    constexpr const char* kNames[] = {"the stream", "the comparison now and then", "the one at a start"};
    return kNames[static_cast<std::size_t>(teller)];
}

class Owner {
  public:
    explicit Owner(Teller teller) : teller_(teller)
    {
        if (teller == Teller::comparison) world.config.trading.check_every = seconds(60);
        world.start_trading();
        EXPECT_TRUE(world.trades());
        world.run(seconds(1));
    }
    /// Moves it, and waits until that was told and judged.
    void move(std::size_t venue, const std::string& asset, const char* amount)
    {
        const bool lives = teller_ != Teller::start;
        if (!lives) world.kill();
        Amount& held = world.exchange(venue).balances[asset];
        held += money(amount);
        if (teller_ == Teller::stream) tell(venue, asset);
        if (!lives) world.start_trading();
        world.run(seconds(teller_ == Teller::stream ? 7 : teller_ == Teller::comparison ? 70 : 1));
    }
    void tell(std::size_t venue, const std::string& asset)
    {
        world.tell(venue, "stream " + asset + " " + world.exchange(venue).balances[asset].text());
    }
    void restart(bool shorten)
    {
        if (shorten) world.shorten();
        world.kill();
        world.start_trading();
    }
    /// The venue was stopped, or the market with the flag of old.
    bool alarmed() const { return world.notes_with("ALARM") > 0 || world.flags_with("balances differ") > 0; }
    const std::vector<AnnouncedTransfers::Transfer>& open() const
    {
        return world.live().owners().transfers().open();
    }

    LiveWorld world;

  private:
    Teller teller_;
};

TEST(LiveTradingTransfers, both_ends_become_part_of_the_record_however_they_are_told)
{
    for (const Teller teller : kTellers) {
        for (const char* asset : {"USDT", "LINK"}) {
            for (const int restarts : {0, 1, 2}) {
                SCOPED_TRACE(fmt::format("{} {} {}", name_of(teller), asset, restarts));
                Owner owner(teller);
                LiveWorld& world = owner.world;
                ASSERT_TRUE(world.command(fmt::format("transfer announce hb kc {} 500", asset)))
                    << world.live().owners().refusal();
                EXPECT_EQ(world.lines_with("transfer\t1\thb\tkc\t"), 1U);
                if (restarts > 0) owner.restart(restarts == 2);
                owner.move(0, asset, "-500");
                EXPECT_FALSE(owner.alarmed());
                EXPECT_FALSE(world.view(0).stopped);
                EXPECT_EQ(world.difference(), "");
                ASSERT_EQ(owner.open().size(), 1U);
                EXPECT_TRUE(owner.open()[0].left);
                EXPECT_FALSE(owner.open()[0].arrived);
                if (restarts > 0) owner.restart(restarts == 2);
                EXPECT_TRUE(owner.open()[0].left) << "an end counts once, over restarts too";
                owner.move(1, asset, "499.5");
                EXPECT_FALSE(owner.alarmed());
                EXPECT_EQ(world.difference(), "");
                EXPECT_TRUE(owner.open().empty());
                EXPECT_EQ(world.notes_with(fmt::format("kc: 499.5 {} came from hb", asset)), 1U);
                EXPECT_EQ(world.notes_with(fmt::format("the transfer cost 0.5 {}", asset)), 1U);
                EXPECT_EQ(world.notes_with("is over"), 1U);
                EXPECT_EQ(world.notes_with("if you moved it"), 0U);
                EXPECT_EQ(world.live().flags().count(), 0U);
                if (restarts > 0) owner.restart(restarts == 2);
                EXPECT_TRUE(owner.open().empty());
                EXPECT_TRUE(world.trades());
                world.run(seconds(1));
                // The word was for one transfer.
                owner.move(0, asset, "-500");
                EXPECT_TRUE(owner.alarmed());
            }
        }
    }
}

TEST(LiveTradingTransfers, it_may_be_seen_to_arrive_first)
{
    for (const Teller teller : kTellers) {
        SCOPED_TRACE(name_of(teller));
        Owner owner(teller);
        ASSERT_TRUE(owner.world.command("transfer announce hb kc LINK 50"));
        owner.move(1, "LINK", "50");
        ASSERT_EQ(owner.open().size(), 1U);
        EXPECT_TRUE(owner.open()[0].arrived);
        EXPECT_EQ(owner.world.notes_with("cost"), 0U);
        owner.move(0, "LINK", "-50");
        EXPECT_TRUE(owner.open().empty());
        EXPECT_FALSE(owner.alarmed());
        EXPECT_EQ(owner.world.difference(), "");
    }
}

TEST(LiveTradingTransfers, any_other_amount_is_an_alarm)
{
    struct Row {
        std::size_t venue;
        const char* asset;
        const char* amount;
    };
    const Row rows[] = {
        {0, "LINK", "-49"}, {0, "LINK", "-51"}, {0, "LINK", "-50.1"}, {0, "LINK", "-49.9"},
        {0, "LINK", "50"},  {1, "LINK", "-50"}, {1, "LINK", "50.1"},  {1, "LINK", "-0.1"},
        {0, "USDT", "-50"}, {1, "USDT", "-50"}, {0, "LINK", "-100"},
    };
    for (const Teller teller : kTellers) {
        for (const Row& row : rows) {
            SCOPED_TRACE(fmt::format("{}: {} {} {}", name_of(teller), row.venue, row.asset, row.amount));
            Owner owner(teller);
            ASSERT_TRUE(owner.world.command("transfer announce hb kc LINK 50"));
            owner.move(row.venue, row.asset, row.amount);
            EXPECT_TRUE(owner.alarmed());
            EXPECT_FALSE(owner.world.trades());
            EXPECT_EQ(owner.world.lines_with("adopt\t"), 0U);
            EXPECT_FALSE(owner.open()[0].left || owner.open()[0].arrived);
        }
    }
}

TEST(LiveTradingTransfers, a_theft_meanwhile_is_an_alarm)
{
    for (const Teller teller : kTellers) {
        for (const std::size_t at : {0U, 1U}) {
            SCOPED_TRACE(fmt::format("{} {}", name_of(teller), at));
            Owner owner(teller);
            ASSERT_TRUE(owner.world.command("transfer announce hb kc USDT 500"));
            owner.move(0, "USDT", "-500");
            EXPECT_FALSE(owner.alarmed());
            owner.move(at, "USDT", at == 0 ? "-500" : "-400");
            EXPECT_TRUE(owner.alarmed());
            EXPECT_FALSE(owner.world.trades());
            EXPECT_EQ(owner.world.lines_with("adopt\t"), 1U);
        }
    }
}

TEST(LiveTradingTransfers, two_at_once_are_told_apart)
{
    for (const Teller teller : kTellers) {
        for (const bool together : {false, true}) {
            SCOPED_TRACE(fmt::format("{} {}", name_of(teller), together));
            Owner owner(teller);
            LiveWorld& world = owner.world;
            ASSERT_TRUE(world.command("transfer announce hb kc LINK 500"));
            ASSERT_TRUE(world.command("transfer announce hb kc LINK 300"));
            EXPECT_EQ(world.lines_with("transfer\t2\t"), 1U);
            if (together) {
                owner.move(0, "LINK", "-800");
                owner.move(1, "LINK", "799");
            } else {
                owner.move(0, "LINK", "-300");
                owner.move(1, "LINK", "299");
                ASSERT_EQ(owner.open().size(), 1U);
                EXPECT_EQ(owner.open()[0].amount, money("500"));
                owner.move(1, "LINK", "500");
                owner.move(0, "LINK", "-500");
            }
            EXPECT_TRUE(owner.open().empty());
            EXPECT_EQ(world.notes_with("the transfer cost 1 LINK"), 1U);
            EXPECT_FALSE(owner.alarmed());
            EXPECT_EQ(world.difference(), "");
        }
    }
}

// The record has what arrived, and nobody waits for the rest.
TEST(LiveTradingTransfers, announced_after_the_alarm_it_lifts_what_it_explains)
{
    for (const Teller teller : {Teller::stream, Teller::comparison}) {
        SCOPED_TRACE(name_of(teller));
        Owner owner(teller);
        LiveWorld& world = owner.world;
        owner.move(0, "USDT", "-500");
        EXPECT_TRUE(owner.alarmed());
        EXPECT_FALSE(world.trades());
        ASSERT_TRUE(world.command("transfer announce hb kc USDT 500"));
        world.run(seconds(teller == Teller::stream ? 3 : 70));
        EXPECT_FALSE(world.view(0).stopped);
        EXPECT_EQ(world.cleared.size(), teller == Teller::stream ? 0U : 1U);
        EXPECT_TRUE(world.trades());
        EXPECT_TRUE(owner.open()[0].left);
    }
}

// A market has one flag: what explains one venue's money says nothing of another's.
TEST(LiveTradingTransfers, a_flag_stays_while_another_venue_differs)
{
    for (const std::size_t first : {0U, 1U}) {
        SCOPED_TRACE(first);
        Owner owner(Teller::comparison);
        LiveWorld& world = owner.world;
        owner.move(first, "USDT", first == 0 ? "-500" : "-3");
        owner.move(1 - first, "USDT", first == 0 ? "-3" : "-500");
        ASSERT_TRUE(world.command("transfer announce hb kc USDT 500"));
        world.run(seconds(150));
        EXPECT_TRUE(owner.open()[0].left);
        EXPECT_TRUE(first == 0 || world.cleared.empty()) << "it is the other one's flag";
        EXPECT_FALSE(world.trades());
    }
}

TEST(LiveTradingTransfers, after_a_day_it_explains_nothing)
{
    for (const bool seen : {false, true}) {
        SCOPED_TRACE(seen);
        Owner owner(Teller::stream);
        LiveWorld& world = owner.world;
        ASSERT_TRUE(world.command("transfer announce hb kc USDT 500"));
        if (seen) owner.move(0, "USDT", "-500");
        world.now = world.now + seconds(86'390);
        world.run(seconds(1));
        EXPECT_EQ(owner.open().size(), 1U);
        world.run(seconds(11));
        EXPECT_TRUE(owner.open().empty());
        EXPECT_EQ(world.notes_with(seen ? "was not seen to arrive" : "was seen at neither end"), 1U);
        owner.restart(false);
        EXPECT_TRUE(owner.open().empty());
        EXPECT_EQ(world.notes_with("announced a day ago"), 1U) << "told once";
        owner.move(0, "USDT", "-500");
        EXPECT_TRUE(owner.alarmed());
    }
}

// What is unknown of an order there may be what moved the money.
TEST(LiveTradingTransfers, nothing_is_taken_in_while_an_order_is_in_doubt)
{
    Owner owner(Teller::stream);
    LiveWorld& world = owner.world;
    ASSERT_TRUE(world.command("transfer announce hb kc USDT 500"));
    world.exchange(0).fate = [](const ApprovedOrder&) { return Fate{.arrives = false}; };
    world.exchange(0).silent = {RequestKind::query_order, RequestKind::fills};
    ASSERT_TRUE(world.trades());
    owner.move(0, "USDT", "-500");
    EXPECT_EQ(world.lines_with("adopt\t"), 0U);
    EXPECT_FALSE(owner.alarmed());
    world.exchange(0).fate = [](const ApprovedOrder&) { return Fate{}; };
    world.exchange(0).silent.clear();
    world.run(seconds(20));
    EXPECT_EQ(world.live().desk().open().count(), 0U);
    EXPECT_EQ(world.lines_with("adopt\t"), 1U);
    EXPECT_FALSE(owner.alarmed());
    EXPECT_TRUE(owner.open()[0].left);
}

// Fills and their balances disagree for a moment all the time.
TEST(LiveTradingTransfers, it_is_seen_while_trading_goes_on)
{
    Owner owner(Teller::stream);
    LiveWorld& world = owner.world;
    ASSERT_TRUE(world.command("transfer announce hb kc LINK 50"));
    for (int i = 0; i < 200; ++i) {
        if (i == 20) world.exchange(0).balances["LINK"] -= money("50");
        if (i == 100) world.exchange(1).balances["LINK"] += money("49.9");
        EXPECT_TRUE(world.trades()) << i;
        world.run(milliseconds(40));
        for (const std::size_t v : {0U, 1U}) {
            for (const char* asset : {"USDT", "LINK"}) owner.tell(v, asset);
        }
        world.run(milliseconds(260));
    }
    EXPECT_FALSE(owner.alarmed());
    EXPECT_TRUE(owner.open().empty());
    EXPECT_EQ(world.notes_with("the transfer cost 0.1 LINK"), 1U);
    EXPECT_EQ(world.difference(), "");
}

TEST(LiveTradingTransfers, an_end_that_the_owner_says_by_hand_is_seen)
{
    Owner owner(Teller::stream);
    LiveWorld& world = owner.world;
    ASSERT_TRUE(world.command("transfer announce hb kc USDT 500"));
    world.exchange(0).balances["USDT"] -= money("500");
    owner.tell(0, "USDT");
    ASSERT_TRUE(world.command("adopt hb USDT -500"));
    EXPECT_TRUE(owner.open()[0].left);
    owner.move(0, "USDT", "-500");
    EXPECT_TRUE(owner.alarmed()) << "it explains nothing a second time";
}

TEST(LiveTradingTransfers, at_a_stop_it_is_no_difference)
{
    Owner owner(Teller::comparison);
    LiveWorld& world = owner.world;
    ASSERT_TRUE(world.command("transfer announce hb kc USDT 500"));
    world.exchange(0).balances["USDT"] -= money("500");
    EXPECT_TRUE(world.command("stop"));
    world.run(seconds(30));
    EXPECT_EQ(world.live().phase(), Phase::stopped);
    EXPECT_EQ(world.live().money().mismatches(), 0U);
    EXPECT_EQ(world.difference(), "");
}

TEST(LiveTradingTransfers, what_cannot_be_is_refused_with_a_sentence)
{
    LiveWorld world({{.venue = "hb"}, {.venue = "kc"}, {.venue = "zz"}});
    world.exchange(2).dark = true;
    world.start();
    world.run_until([&] { return world.live().phase() == Phase::trading; }, seconds(60));
    const std::pair<const char*, const char*> rows[] = {
        {"nowhere kc USDT 500", "no venue nowhere"},
        {"hb nowhere USDT 500", "no venue nowhere"},
        {"hb hb USDT 500", "to another one"},
        {"hb kc NONE 500", "no balance of NONE is compared at hb"},
        {"hb zz USDT 500", "the record of zz has not begun"},
        {"hb kc USDT 0", "above zero"},
        {"hb kc USDT 0.000", "above zero"},
        {"hb kc USDT -500", "above zero"},
        {"hb kc USDT +500", "above zero"},
        {"hb kc USDT 5e2", "above zero"},
        {"hb kc USDT 1,000", "above zero"},
        {"hb kc USDT much", "above zero"},
        {"hb kc USDT 0.0000000000000000001", "18 digits"},
        {"hb kc USDT", "say: transfer announce"},
        {"hb kc USDT 500 now", "say: transfer announce"},
        {"", "say: transfer announce"},
    };
    for (const auto& [words, why] : rows) {
        EXPECT_FALSE(world.command(std::string("transfer announce ") + words)) << words;
        EXPECT_NE(world.live().owners().refusal().find(why), std::string::npos)
            << words << ": " << world.live().owners().refusal();
    }
    EXPECT_EQ(world.lines_with("transfer\t"), 0U);
    for (std::size_t i = 0; i < AnnouncedTransfers::kMost; ++i)
        EXPECT_TRUE(world.command("transfer announce hb kc USDT 0.000000000000000001"));
    EXPECT_FALSE(world.command("transfer announce hb kc USDT 500"));
    EXPECT_NE(world.live().owners().refusal().find("are open already"), std::string::npos);
}

}  // namespace
}  // namespace arb
