// Runs scenarios/*.txt: markets as a trader would tell them, what the venues then do to our orders, and what
// must leave. README.md of the scenarios' folder has the words. Real books, risk gate, portfolio and
// executor; only the venues are told.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "engine/trading/package_executor.hpp"
#include "strategies/maker_taker/maker_taker.hpp"
#include "tests/support/scenario.hpp"

namespace arb::maker_taker {

const StrategyType& type();

namespace {

using test::Spec;
using test::time_of;
using test::Words;
using test::words_of;
using test::World;

class Scenario final : public PackageControl, public OrderSender, public PackageListener {
  public:
    /// What was not as expected, a line each.
    std::vector<std::string> run(std::istream& in)
    {
        std::string line;
        while (std::getline(in, line)) {
            ++line_;
            const Words words = words_of(line);
            if (words.empty()) continue;
            if (!(prepare(words) || tell(words) || answer(words) || expect(words)))
                fail("is not a line of a scenario: " + line);
        }
        if (expectations_ == 0) fail("expects nothing at all");
        return std::move(failures_);
    }

    // PackageControl
    bool propose(Package& package, Timestamp now) override
    {
        package.id = static_cast<PackageId>(++packages_);
        RiskReason reason = RiskReason::none;
        const auto orders = risk_->approve(package, now, reason);
        if (!orders) {
            did_.push_back(fmt::format("refused {}", name(reason)));
            return false;
        }
        executor_->start(package, *orders, now);
        return true;
    }
    void missed(MarketId, std::size_t, std::size_t, MissedReason) override {}
    bool in_flight(MarketId, std::size_t, std::size_t) const override { return false; }
    RestingState state(PackageId package, std::size_t leg) const override
    {
        return executor_->state(package, leg);
    }
    bool reprice(PackageId package, std::size_t leg, Price price, Timestamp now) override
    {
        return executor_->reprice(package, leg, price, now);
    }
    const HeldPosition* held(PackageId) const override { return nullptr; }
    void withdraw(PackageId package, Timestamp now) override { executor_->withdraw(package, now); }

    // OrderSender
    void send(const ApprovedOrder& order, Timestamp) override
    {
        out_.insert_or_assign(order.id(), order.intent());
    }
    void cancel(OrderId order, Timestamp) override { did_.push_back("cancel " + venue_of(out_.at(order))); }

    // PackageListener
    void on_order(const ApprovedOrder& order, OrderPurpose purpose, Timestamp) override
    {
        const OrderIntent& intent = order.intent();
        const Instrument& instrument = world_->instrument(index(intent.listing));
        const bool rests = intent.time_in_force == TimeInForce::post_only;
        did_.push_back(fmt::format("{} {} {} {} at {}", rests ? "rest" : name(purpose),
                                   arb::name(intent.side), venue_of(intent), instrument.text(intent.quantity),
                                   test::full_text(intent.price.units, instrument.price_decimals)));
    }
    void on_fill(const Package&, const OrderIntent&, const Fill&, OrderPurpose, Timestamp) override {}
    void on_reject(const Package&, const OrderIntent&, RejectReason, Timestamp) override {}
    void on_stuck(const Package&, const Residual&, const char* why, Timestamp) override
    {
        did_.push_back(fmt::format("page {}", why));
    }
    void on_end(const PackageEnd& end) override
    {
        EXPECT_EQ(end.waterfall.sum(), end.waterfall.realised) << "line " << line_;
        did_.push_back(fmt::format("end {} realised {}", outcome(end), end.waterfall.realised.text()));
    }

  private:
    void fail(const std::string& what) { failures_.push_back(fmt::format("line {}: {}", line_, what)); }

    std::size_t venue(const std::string& name) const { return test::place_of(specs_, name); }
    std::string venue_of(const OrderIntent& intent) const
    {
        return world_->table.label(world_->table.listing(intent.listing).venue);
    }

    // Lines before the first `at`.
    bool prepare(const Words& w)
    {
        if (w[0] == "venue" && w.size() % 2 == 0) {
            Words others;
            specs_.push_back(test::venue_of(w, others));
            if (others.empty()) return true;
            if (others.size() > 2 || others[0] != "maker_fee") return false;
            maker_fees_[w[1]] = std::stoll(others[1]);
        } else if (w[0] == "balance" && w.size() == 4) {
            balances_.push_back(w);
        } else if (w[0] == "set" && w.size() == 3) {
            settings_.push_back({w[1], {w[2]}, w[1] == "makers", fmt::format("line {}", line_)});
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
        risk_ =
            std::make_unique<RiskGate>(world_->markets, world_->portfolio, test::wide_limits(), world_->fees);
        for (const auto& [label, fee] : maker_fees_)
            risk_->fees().set_maker(static_cast<ListingId>(venue(label)), test::bps(fee));
        crossings_ = std::make_unique<CrossingMonitor>(world_->markets, world_->fees);
        exposure_ = std::make_unique<ExposureBook>(world_->markets);
        executor_ = std::make_unique<PackageExecutor>(
            world_->markets, *risk_, world_->portfolio, *exposure_, held_, ExecutorLimits{},
            static_cast<OrderSender&>(*this), static_cast<PackageListener&>(*this));
        Settings settings("strategy.maker_taker", "scenario", settings_);
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
        if (w[0] == "doubt" && w.size() == 2)
            world_->markets.on_unreadable(static_cast<ListingId>(venue(w[1])), now_);
        else if (w[0] == "pause" && w.size() == 1)
            risk_->set_paused(true);
        else if (w[0] == "stopped" && w.size() == 2)
            risk_->set_venue_stopped(static_cast<VenueId>(venue(w[1])), true);
        else
            return false;
        return true;
    }
    // book VENUE bid P x Q ... ask P x Q ...
    bool book(const Words& w)
    {
        const std::optional<test::ScenarioBook> told = test::book_of(w);
        if (told) world_->book(venue(w[1]), told->bids, told->asks, now_, told->made);
        return told.has_value();
    }

    // What a venue does to our order there: fill VENUE Q [at P], done VENUE, refused VENUE.
    bool answer(const Words& w)
    {
        const bool fills = w[0] == "fill" && (w.size() == 3 || (w.size() == 5 && w[3] == "at"));
        if (!fills && !((w[0] == "done" || w[0] == "refused") && w.size() == 2)) return false;
        const auto order = std::find_if(out_.rbegin(), out_.rend(),
                                        [&](const auto& out) { return venue_of(out.second) == w[1]; });
        if (order == out_.rend()) {
            fail("no order is out at " + w[1]);
            return true;
        }
        OrderEvent event;
        event.order = order->first;
        event.time = now_;
        event.kind = fills            ? OrderEventKind::fill
                     : w[0] == "done" ? OrderEventKind::done
                                      : OrderEventKind::rejected;
        if (event.kind == OrderEventKind::rejected) event.reason = RejectReason::balance;
        const OrderIntent intent = order->second;
        if (fills) {
            const std::size_t at = index(intent.listing);
            const std::string price =
                w.size() == 5 ? w[4]
                              : test::full_text(intent.price.units, world_->instrument(at).price_decimals);
            event.fill = world_->fill(intent, ++trades_, price, w[2]);
            if (intent.time_in_force == TimeInForce::post_only)
                event.fill.fee = apply_rate(event.fill.notional, risk_->fees().maker(intent.listing));
        } else {
            out_.erase(std::next(order).base());
        }
        executor_->on_event(event, now_);
        return true;
    }

    // The instant is over: the strategy decides. What left since the last one, in its order.
    bool expect(const Words& w)
    {
        if (w[0] != "expect" || w.size() < 2 || world_ == nullptr) return false;
        ++expectations_;
        const MarketView view{world_->markets, *risk_, world_->portfolio, *crossings_};
        for (const MarketId market : world_->markets.changed()) {
            crossings_->observe(market, now_);
            strategy_->on_market(market, now_, view, *this);
        }
        world_->markets.clear_changed();
        strategy_->on_time(now_, view, *this);
        executor_->on_time(now_);
        const std::string got = did_.empty() ? "nothing" : fmt::format("{}", fmt::join(did_, " then "));
        did_.clear();
        const std::string wanted = fmt::format("{}", fmt::join(w.begin() + 1, w.end(), " "));
        if (got != wanted) fail(fmt::format("expected {}, got {}", wanted, got));
        return true;
    }

    std::vector<Spec> specs_;
    std::map<std::string, std::int64_t> maker_fees_;
    std::vector<Words> balances_;
    std::vector<SettingValue> settings_;
    std::unique_ptr<World> world_;
    std::unique_ptr<RiskGate> risk_;
    std::unique_ptr<CrossingMonitor> crossings_;
    std::unique_ptr<ExposureBook> exposure_;
    HeldPositions held_;
    std::unique_ptr<PackageExecutor> executor_;
    std::unique_ptr<Strategy> strategy_;
    std::map<OrderId, OrderIntent> out_;
    Timestamp now_ = test::kStart;
    std::uint64_t packages_ = 0, trades_ = 0;
    unsigned line_ = 0, expectations_ = 0;
    std::vector<std::string> did_;
    std::vector<std::string> failures_;
};

std::filesystem::path folder()
{
    return std::filesystem::path(ARBITER_SOURCE_DIR) / "strategies/maker_taker/scenarios";
}

class MakerScenarios : public testing::TestWithParam<std::string> {};

TEST_P(MakerScenarios, runs_as_told)
{
    std::ifstream in(folder() / (GetParam() + ".txt"));
    ASSERT_TRUE(in);
    for (const std::string& failure : Scenario().run(in)) ADD_FAILURE() << GetParam() << ".txt " << failure;
}

INSTANTIATE_TEST_SUITE_P(MakerTaker, MakerScenarios, testing::ValuesIn(test::scenario_names(folder())),
                         [](const auto& test) { return test.param; });

TEST(MakerTakerSettings, unknown_markets_and_venues_are_refused_with_the_nearest)
{
    World world({{.venue = "hb"}, {.venue = "kc"}});
    const auto refusal = [&](const char* key, const char* value) -> std::string {
        Settings settings("strategy.maker_taker", "demo.toml:1:1", {{key, {value}, true, "demo.toml:2:3"}});
        try {
            (void)type().make(settings, world.markets);
        } catch (const StartError& error) {
            return error.what();
        }
        return "accepted";
    };
    EXPECT_EQ(
        refusal("markets", "LINK/USD"),
        "demo.toml:2:3: strategy.maker_taker.markets names 'LINK/USD', which no two venues of the inputs "
        "share; did you mean 'LINK/USDT'?");
    EXPECT_EQ(
        refusal("makers", "kb"),
        "demo.toml:2:3: strategy.maker_taker.makers names 'kb', which is no venue of the inputs; did you "
        "mean 'hb'?");
    EXPECT_EQ(refusal("makers", "kc"), "accepted");
}

}  // namespace
}  // namespace arb::maker_taker
