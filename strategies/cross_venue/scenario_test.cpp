// Runs scenarios/*.txt: markets as a trader would tell them, and what the strategy must do about them.
// README.md of the scenarios' folder has the words. Real books, risk gate, portfolio and monitor; only the
// venues are told.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "strategies/cross_venue/cross_venue.hpp"
#include "tests/support/scenario.hpp"

namespace arb::cross_venue {

const StrategyType& type();

namespace {

using test::Spec;
using test::time_of;
using test::Words;
using test::words_of;
using test::World;

class Scenario final : public PackageControl {
  public:
    /// What was not as expected, a line each.
    std::vector<std::string> run(std::istream& in)
    {
        std::string line;
        while (std::getline(in, line)) {
            ++line_;
            const Words words = words_of(line);
            if (words.empty()) continue;
            if (!(prepare(words) || tell(words) || expect(words)))
                fail("is not a line of a scenario: " + line);
        }
        if (expectations_ == 0) fail("expects nothing at all");
        return std::move(failures_);
    }

    bool propose(Package& package, Timestamp now) override
    {
        package.id = static_cast<PackageId>(++packages_);
        RiskReason reason = RiskReason::none;
        const auto orders = risk_->approve(package, now, reason);
        if (!orders) return false;
        crossings_->taken(package.market, package.legs[0].member, package.legs[1].member);
        open_.push_back({package, *orders});
        const Instrument& i = world_->instrument(0);
        const auto leg = [&](const char* side, const OrderIntent& intent) {
            EXPECT_EQ(intent.time_in_force, TimeInForce::ioc);
            return fmt::format(
                "{} {} {} at {}", side, world_->table.label(world_->table.listing(intent.listing).venue),
                i.text(intent.quantity), test::full_text(intent.price.units, i.price_decimals));
        };
        did_ = leg("buy", package.legs[0].intent) + " " + leg("sell", package.legs[1].intent);
        return true;
    }
    void missed(MarketId market, std::size_t buy, std::size_t sell, MissedReason reason) override
    {
        crossings_->missed(market, buy, sell, reason);
        const std::string text = name(reason);
        if (std::find(reasons_.begin(), reasons_.end(), text) == reasons_.end()) reasons_.push_back(text);
    }
    RestingState state(PackageId, std::size_t) const override { return {}; }
    bool reprice(PackageId, std::size_t, Price, Timestamp) override { return false; }
    const HeldPosition* held(PackageId) const override { return nullptr; }
    void withdraw(PackageId, Timestamp) override {}
    bool in_flight(MarketId, std::size_t buy, std::size_t sell) const override
    {
        return std::any_of(open_.begin(), open_.end(), [&](const Open& open) {
            const std::size_t bought = open.package.legs[0].member, sold = open.package.legs[1].member;
            return (bought == buy && sold == sell) || (bought == sell && sold == buy);
        });
    }

  private:
    struct Open {
        Package package;
        LegOrders orders;
    };

    void fail(const std::string& what) { failures_.push_back(fmt::format("line {}: {}", line_, what)); }

    std::size_t venue(const std::string& name) const { return test::place_of(specs_, name); }

    // Lines before the first `at`.
    bool prepare(const Words& w)
    {
        if (w[0] == "venue" && w.size() % 2 == 0) {
            Words others;
            specs_.push_back(test::venue_of(w, others));
            if (!others.empty()) return false;
        } else if (w[0] == "balance" && w.size() == 4) {
            balances_.push_back(w);
        } else if (w[0] == "set" && w.size() == 3) {
            settings_.push_back({w[1], {w[2]}, false, fmt::format("line {}", line_)});
        } else if (w[0] == "risk" && w.size() == 3 && w[1] == "order_notional_max") {
            risk_limits_.order_notional_max = test::money(w[2]);
        } else {
            return false;
        }
        if (world_ != nullptr) fail("stands after the first 'at'");
        return true;
    }
    void begin()
    {
        world_ = std::make_unique<World>(specs_);
        for (const Words& w : balances_) world_->start_with(venue(w[1]), w[2], w[3]);
        risk_ = std::make_unique<RiskGate>(world_->markets, world_->portfolio, risk_limits_, world_->fees);
        crossings_ = std::make_unique<CrossingMonitor>(world_->markets, world_->fees);
        Settings settings("strategy.cross_venue", "scenario", settings_);
        strategy_ = type().make(settings, world_->markets);
        settings.finish();
    }

    bool tell(const Words& w)
    {
        if (w[0] == "at" && w.size() == 2) {
            if (world_ == nullptr) begin();
            const Timestamp next = time_of(w[1]);
            if (next < now_) fail("goes back in time");
            now_ = next;
            return true;
        }
        if (world_ == nullptr) return false;
        if (w[0] == "book") return book(w);
        if (w[0] == "doubt" && w.size() == 2) {
            world_->markets.on_unreadable(static_cast<ListingId>(venue(w[1])), now_);
        } else if (w[0] == "taken" && w.size() == 6) {
            const std::size_t at = venue(w[1]);
            world_->taken.take(static_cast<ListingId>(at), w[2] == "ask" ? Side::buy : Side::sell,
                               world_->price(at, w[3]), world_->quantity(at, w[5]));
        } else if ((w[0] == "filled" || w[0] == "cancelled") && w.size() == 1) {
            if (open_.empty()) fail("no package is open");
            for (const Open& open : open_) finish(open, w[0] == "filled");
            open_.clear();
        } else {
            return false;
        }
        return true;
    }
    // book VENUE bid P x Q ... ask P x Q ... [made TIME]
    bool book(const Words& w)
    {
        const std::optional<test::ScenarioBook> told = test::book_of(w);
        if (told) world_->book(venue(w[1]), told->bids, told->asks, now_, told->made);
        return told.has_value();
    }
    void finish(const Open& open, bool filled)
    {
        for (const std::size_t leg : {0U, 1U}) {
            const ApprovedOrder& order = open.orders[leg];
            const OrderIntent& intent = order.intent();
            if (filled) {
                Fill fill;
                fill.price = intent.price;
                fill.quantity = intent.quantity;
                fill.notional =
                    *world_->table.instrument_of(intent.listing).notional(fill.price, fill.quantity);
                fill.fee = apply_rate(fill.notional, world_->fees[index(intent.listing)]);
                world_->portfolio.apply(intent.listing, intent.side, fill);
                risk_->on_fill(order.id(), fill.quantity);
            }
            risk_->on_done(order.id());
        }
    }

    // The instant is over: the strategy decides.
    bool expect(const Words& w)
    {
        if (w[0] != "expect" || w.size() < 2 || world_ == nullptr) return false;
        ++expectations_;
        did_.clear();
        reasons_.clear();
        for (const MarketId market : world_->markets.changed()) {
            crossings_->observe(market, now_);
            strategy_->on_market(market, now_, {world_->markets, *risk_, world_->portfolio, *crossings_},
                                 *this);
        }
        world_->markets.clear_changed();
        std::string got = did_;
        if (got.empty())
            got = reasons_.empty() ? "nothing" : fmt::format("nothing because {}", fmt::join(reasons_, " "));
        const std::string wanted = fmt::format("{}", fmt::join(w.begin() + 1, w.end(), " "));
        if (got != wanted) fail(fmt::format("expected {}, got {}", wanted, got));
        return true;
    }

    std::vector<Spec> specs_;
    std::vector<Words> balances_;
    std::vector<SettingValue> settings_;
    RiskLimits risk_limits_ = test::wide_limits();
    std::unique_ptr<World> world_;
    std::unique_ptr<RiskGate> risk_;
    std::unique_ptr<CrossingMonitor> crossings_;
    std::unique_ptr<Strategy> strategy_;
    std::vector<Open> open_;
    Timestamp now_ = test::kStart;
    std::uint64_t packages_ = 0;
    unsigned line_ = 0, expectations_ = 0;
    std::string did_;
    std::vector<std::string> reasons_;
    std::vector<std::string> failures_;
};

std::filesystem::path folder()
{
    return std::filesystem::path(ARBITER_SOURCE_DIR) / "strategies/cross_venue/scenarios";
}

class Scenarios : public testing::TestWithParam<std::string> {};

TEST_P(Scenarios, happen_as_told)
{
    std::ifstream in(folder() / (GetParam() + ".txt"));
    ASSERT_TRUE(in);
    for (const std::string& failure : Scenario().run(in)) ADD_FAILURE() << GetParam() << ".txt " << failure;
}

INSTANTIATE_TEST_SUITE_P(CrossVenue, Scenarios, testing::ValuesIn(test::scenario_names(folder())),
                         [](const auto& test) { return test.param; });

std::vector<std::string> run(const std::string& text)
{
    std::istringstream in(text);
    return Scenario().run(in);
}

constexpr const char* kGap =
    "venue hb fee 10\nvenue kc fee 10\nbalance hb USDT 1000\nbalance kc LINK 10\nat 1s\n"
    "book hb bid 27.00 x 5 ask 27.02 x 5\nbook kc bid 27.20 x 5 ask 27.22 x 5\n";

TEST(ScenarioRunner, tells_what_is_not_as_expected_with_its_line)
{
    const std::string gap = kGap;
    EXPECT_EQ(run(gap + "expect buy hb 5 at 27.02 sell kc 5 at 27.20\n"), Words{});
    EXPECT_EQ(run(gap + "expect nothing\n"),
              Words{"line 8: expected nothing, got buy hb 5 at 27.02 sell kc 5 at 27.20"});
    EXPECT_EQ(run(gap), Words{"line 7: expects nothing at all"});
    EXPECT_EQ(run(gap + "bok hb\nexpect buy hb 5 at 27.02 sell kc 5 at 27.20\n"),
              Words{"line 8: is not a line of a scenario: bok hb"});
}

TEST(CrossVenueSettings, an_unknown_market_is_refused_with_the_nearest)
{
    World world({{.venue = "hb"}, {.venue = "kc"}});
    Settings settings("strategy.cross_venue", "demo.toml:1:1",
                      {{"markets", {"LINK/USD"}, true, "demo.toml:2:3"}});
    try {
        (void)type().make(settings, world.markets);
        FAIL() << "an unknown market was taken";
    } catch (const StartError& error) {
        EXPECT_EQ(error.code(), ExitCode::usage);
        EXPECT_STREQ(error.what(),
                     "demo.toml:2:3: strategy.cross_venue.markets names 'LINK/USD', which no two venues of "
                     "the inputs share; did you mean 'LINK/USDT'?");
    }
}

}  // namespace
}  // namespace arb::cross_venue
