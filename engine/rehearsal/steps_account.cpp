// The first part of the walk: books, keys, log-on, the clock, and what the account tells without an order.
#include <algorithm>

#include <fmt/format.h>

#include "engine/rehearsal/step.hpp"

namespace arb {
namespace {

std::string points(Rate rate)
{
    return format_scaled(rate.units, 4);
}

std::string millis(Duration time)
{
    return fmt::format("{} ms", format_scaled(time.ns / 1000, 3));
}

Duration size_of(Duration time)
{
    return {time.ns < 0 ? -time.ns : time.ns};
}

std::string side_of(Duration offset)
{
    return millis(size_of(offset)) + (offset.ns < 0 ? " behind us" : " ahead of us");
}

/// Until every book has been valid once. It also gives a first idea of the venue's clock: nothing signed goes
/// out before.
class BooksStep final : public Step {
  public:
    void begin(Stage&) override {}
    bool done(Stage& stage) override { return stage.feed().all_seen(); }
    Duration within(const Stage& stage) const override { return times(stage, 4); }
    void judge(Stage& stage) override
    {
        const std::optional<Duration> behind = stage.feed().behind();
        if (stage.setup().offset || !behind || size_of(*behind) < seconds(1)) return;
        stage.venue().set_clock_offset({-behind->ns});
    }
};

/// What each key may do, by the policy of a run; nothing else is sent with it before.
class KeyStep final : public Step {
  public:
    explicit KeyStep(std::size_t place) : place_(place) {}
    std::vector<Row> rows(const Stage& stage) const override
    {
        if (stage.setup().keys.empty()) return {{"key", "may do what its role needs, and nothing else"}};
        const KeyFacts& facts = stage.setup().keys[place_].facts;
        return {{fmt::format("key {}", facts.label),
                 facts.role == KeyRole::trade
                     ? "may read and trade and nothing else; bound to addresses; does not expire within a day"
                     : "may read and nothing else; bound to addresses; does not expire within a day"}};
    }
    std::string hindrance(const Stage& stage) const override
    {
        return stage.setup().keys.empty() ? stage.setup().no_keys : std::string();
    }
    void begin(Stage& stage) override
    {
        const RehearsalKey& key = stage.setup().keys[place_];
        stage.keys.resize(stage.setup().keys.size());
        stage.keys[place_].slot = stage.venue().keys().add(*key.credentials, scope(stage));
        heard_ = stage.heard().key_reports().size();
        begun_ = stage.now();
        stage.venue().keys().ask(stage.keys[place_].slot, stage.now(), stage, stage.outbox());
    }
    bool done(Stage& stage) override { return stage.heard().key_reports().size() > heard_; }
    Duration within(const Stage& stage) const override { return times(stage, 4); }
    void judge(Stage& stage) override
    {
        if (!done(stage)) {
            tell(stage, 0, false, "no answer");
            return;
        }
        stage.checks.took("key question", stage.now() - begun_);
        const HeardKey& heard = stage.heard().key_reports().back();
        const KeyVerdict verdict = judge_key(heard.whole(), stage.setup().keys[place_].facts, stage.now());
        stage.keys[place_].accepted = verdict.accepted();
        std::string found = verdict.accepted() ? "accepted" : stage.mask.hidden(verdict.text);
        for (const std::string& warning : verdict.warnings) found += "; " + stage.mask.hidden(warning);
        tell(stage, 0, verdict.accepted(), found);
    }

  private:
    SessionScope scope(const Stage& stage) const
    {
        const KeyRole role = stage.setup().keys[place_].facts.role;
        if (stage.setup().keys.size() > 1)
            return role == KeyRole::trade ? SessionScope::orders : SessionScope::account;
        return role == KeyRole::trade ? SessionScope::both : SessionScope::account;
    }
    std::size_t place_;
    std::size_t heard_ = 0;
    Timestamp begun_;
};

/// Log-on: the channels of every key stand.
class SessionStep final : public Step {
  public:
    std::vector<Row> rows(const Stage&) const override
    {
        return {{"order entry", "logged on and ready"},
                {"private stream", "logged on, subscribed and ready"}};
    }
    std::string hindrance(const Stage& stage) const override
    {
        if (stage.keys.empty()) return stage.setup().no_keys;
        const bool all =
            std::all_of(stage.keys.begin(), stage.keys.end(), [](const auto& k) { return k.accepted; });
        return all ? "" : "a key was not accepted, so nothing is sent with it";
    }
    void begin(Stage& stage) override
    {
        begun_ = stage.now();
        mark_ = stage.heard().mark();
        trades_ = std::any_of(stage.setup().keys.begin(), stage.setup().keys.end(),
                              [](const RehearsalKey& key) { return key.facts.role == KeyRole::trade; });
        for (const auto& key : stage.keys)
            stage.venue().keys().start(key.slot, stage.now(), stage, stage.outbox());
    }
    bool done(Stage& stage) override
    {
        note(stage, Channel::order_entry, entry_);
        note(stage, Channel::private_stream, stream_);
        const HeardEnd* const end = stage.heard().end_since(mark_, RequestKind::session);
        if (end != nullptr && end->end.outcome == Outcome::key_trouble) return true;
        return (!trades_ || stage.ready(Channel::order_entry)) && stage.ready(Channel::private_stream);
    }
    Duration within(const Stage& stage) const override { return times(stage, 6); }
    void judge(Stage& stage) override
    {
        const HeardEnd* const end = stage.heard().end_since(mark_, RequestKind::session);
        const std::string trouble = end != nullptr && end->end.outcome != Outcome::done
                                        ? "log-on " + stage.words(*end)
                                        : "did not come up";
        if (trades_)
            tell(stage, 0, stage.ready(Channel::order_entry),
                 stage.ready(Channel::order_entry) ? "ready after " + millis(entry_) : trouble);
        else
            stage.checks.not_tried(rows(stage)[0].name, rows(stage)[0].expected,
                                   "there is no key for orders here");
        tell(stage, 1, stage.ready(Channel::private_stream),
             stage.ready(Channel::private_stream) ? "ready after " + millis(stream_) : trouble);
    }

  private:
    void note(Stage& stage, Channel channel, Duration& after) const
    {
        if (after.ns != 0 || !stage.ready(channel)) return;
        after = stage.now() - begun_;
        stage.checks.took(channel == Channel::order_entry ? "order entry up" : "private stream up", after);
    }
    HeardMark mark_;
    Timestamp begun_;
    Duration entry_, stream_;
    bool trades_ = false;
};

/// The venue's clock against ours: by question where there is a session, else by the times in its messages.
class ClockStep final : public Step {
  public:
    std::vector<Row> rows(const Stage& stage) const override
    {
        return {{"clock", fmt::format("at most {} from ours (clock_stop_ms)",
                                      millis(stage.setup().limits.clock_stop))}};
    }
    void begin(Stage& stage) override { ask(stage); }
    bool done(Stage& stage) override
    {
        if (!stage.ready(Channel::private_stream)) return true;
        const HeardEnd* const end = stage.heard().end_since(mark_, RequestKind::time);
        if (end == nullptr) return false;
        if (end->end.outcome == Outcome::done) stage.checks.took("time question", end->at - asked_);
        if (end->end.outcome != Outcome::done || ++answers_ >= kAnswers) return true;
        ask(stage);
        return false;
    }
    void judge(Stage& stage) override
    {
        const Duration most = stage.setup().limits.clock_stop;
        if (stage.clock().known()) {
            const Duration offset = stage.clock().offset();
            tell(
                stage, 0, size_of(offset) <= most,
                fmt::format("the venue is {}, certain to {} (round trip {})", side_of(offset),
                            millis({stage.clock().round_trip().ns / 2}), millis(stage.clock().round_trip())));
            return;
        }
        const std::optional<Duration> behind = stage.feed().behind();
        const std::optional<Duration> asked = stage.setup().offset;
        if (asked) {
            tell(stage, 0, size_of(*asked) <= most,
                 fmt::format("the venue is {}, asked by REST", side_of(*asked)));
        } else if (behind) {
            tell(stage, 0, size_of(*behind) <= most,
                 fmt::format(
                     "its messages reach us {} their own time",
                     behind->ns < 0 ? millis(size_of(*behind)) + " before" : millis(*behind) + " after"));
        } else {
            skip(stage, "the venue tells no time");
        }
    }

  private:
    static constexpr unsigned kAnswers = 3;
    void ask(Stage& stage)
    {
        mark_ = stage.heard().mark();
        asked_ = stage.now();
        if (stage.ready(Channel::private_stream))
            stage.venue().query_time(stage.now(), stage, stage.outbox());
    }
    HeardMark mark_;
    Timestamp asked_;
    unsigned answers_ = 0;
};

class AccountQuestion : public QuestionStep {
  public:
    std::string hindrance(const Stage& stage) const override
    {
        return stage.ready(Channel::private_stream) ? "" : "there is no session";
    }
};

class BalancesStep final : public AccountQuestion {
  public:
    std::vector<Row> rows(const Stage&) const override
    {
        return {{"balances", "told, and the list is whole"}};
    }
    void judge(Stage& stage) override
    {
        const HeardMoney money = stage.heard().money_since(mark_);
        std::string held;
        for (const auto& [asset, report] : money) {
            if (!report.total.zero() || !report.free.zero()) held += (held.empty() ? "" : ", ") + asset;
        }
        tell(stage, 0, answered(stage),
             answered(stage) ? fmt::format("{} told, held: {}", money.size(), held.empty() ? "nothing" : held)
                             : trouble(stage));
        if (answered(stage)) stage.orders().adopt_balances(money);
    }

  private:
    RequestKind kind() const override { return RequestKind::balances; }
    void ask(Stage& stage) override { stage.venue().query_balances(stage.now(), stage, stage.outbox()); }
};

class FeesStep final : public AccountQuestion {
  public:
    std::vector<Row> rows(const Stage&) const override
    {
        return {{"fees", "told for every instrument that is wanted"}};
    }
    void judge(Stage& stage) override
    {
        std::string found, missing;
        for (const ListingId id : stage.listings()) {
            const std::string& instrument = stage.table().instrument_of(id).name;
            const FeeReport* const fee = stage.heard().fee_of(id);
            if (fee == nullptr)
                missing += (missing.empty() ? "" : ", ") + instrument;
            else
                found += fmt::format("{}{} maker {}, taker {} bps", found.empty() ? "" : "; ", instrument,
                                     points(fee->maker), points(fee->taker));
        }
        if (!missing.empty()) found += fmt::format("{}not told: {}", found.empty() ? "" : "; ", missing);
        const std::string why = trouble(stage);
        tell(stage, 0, answered(stage) && missing.empty(), why.empty() ? found : why + "; " + found);
    }

  private:
    RequestKind kind() const override { return RequestKind::fees; }
    bool satisfied(const Stage& stage) const override
    {
        return std::all_of(stage.listings().begin(), stage.listings().end(),
                           [&](ListingId id) { return stage.heard().fee_of(id) != nullptr; });
    }
    void ask(Stage& stage) override
    {
        stage.venue().query_fees(stage.listings(), stage.now(), stage, stage.outbox());
    }
};

class OpenOrdersStep final : public AccountQuestion {
  public:
    std::vector<Row> rows(const Stage&) const override
    {
        return {{"open orders", "told, and the list is whole"}};
    }
    void judge(Stage& stage) override
    {
        std::size_t working = 0;
        for (std::size_t i = mark_.orders; i < stage.heard().orders().size(); ++i)
            working += stage.heard().orders()[i].report.source == ReportSource::query &&
                       stage.heard().orders()[i].report.status == OrderStatus::working;
        tell(stage, 0, answered(stage),
             answered(stage) ? fmt::format("whole; {} open before the rehearsal", working) : trouble(stage));
    }

  private:
    RequestKind kind() const override { return RequestKind::open_orders; }
    void ask(Stage& stage) override
    {
        stage.venue().query_open_orders(stage.listings(), stage.now(), stage, stage.outbox());
    }
};

class FillsStep final : public AccountQuestion {
  public:
    std::vector<Row> rows(const Stage&) const override
    {
        return {{"fills", "those of the last hour are told, and the list is whole"}};
    }
    void judge(Stage& stage) override
    {
        tell(stage, 0, answered(stage),
             answered(stage) ? fmt::format("whole; {} told", stage.heard().fills().size() - mark_.fills)
                             : trouble(stage));
    }

  private:
    RequestKind kind() const override { return RequestKind::fills; }
    void ask(Stage& stage) override
    {
        stage.venue().query_fills(stage.listings(), stage.now() - seconds(3600), stage.now(), stage,
                                  stage.outbox());
    }
};

}  // namespace

void add_account_steps(Walk& walk, const RehearsalSetup& setup)
{
    walk.push_back(std::make_unique<BooksStep>());
    for (std::size_t i = 0; i < std::max<std::size_t>(setup.keys.size(), 1); ++i)
        walk.push_back(std::make_unique<KeyStep>(i));
    walk.push_back(std::make_unique<SessionStep>());
    walk.push_back(std::make_unique<ClockStep>());
    walk.push_back(std::make_unique<BalancesStep>());
    walk.push_back(std::make_unique<FeesStep>());
    walk.push_back(std::make_unique<OpenOrdersStep>());
    walk.push_back(std::make_unique<FillsStep>());
}

}  // namespace arb
