#pragma once
// A live engine in a small world that outlives it: exchanges that answer (fake_exchange.hpp), a state log
// kept as lines, virtual time. A test starts an engine, lets it run, kills it between two lines or at one of
// them and starts the next from what is left, as RunSession and LiveDriver do. Header only, one thread.
//
//   LiveWorld world;  world.start();  world.run(seconds(1));       both venues answer: it trades
//   world.propose(0, 1, "10");  world.run(seconds(1));             buys at listing 0, sells at listing 1
//   world.kill();  world.start();  ...                             history: calls and lines in their order
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/pipeline/engine.hpp"
#include "tests/pipeline/scripted_venue.hpp"
#include "tests/pipeline/wisher.hpp"
#include "tests/support/trading_world.hpp"

namespace arb::test {

class LiveWorld : private StateLog, private TradingListener, private PackageListener, private DecisionSink {
  public:
    explicit LiveWorld(const std::vector<Spec>& specs = {{.venue = "hb"}, {.venue = "kc"}})
        : table(std::move(InstrumentTable::build(venues_of(specs))).take()), taken_(table.listings().size())
    {
        configure();
        for (std::size_t v = 0; v < table.venue_count(); ++v) {
            exchanges.push_back(std::make_shared<FakeExchange>(static_cast<VenueId>(v), table));
            exchanges.back()->features.certainty_window = seconds(3);
            exchanges.back()->features.orders_per_second = 200;
            exchanges.back()->history = &history;
        }
        for (const Listing& listing : table.listings()) {
            FakeExchange& at = exchange(index(listing.venue));
            at.touch[listing.id] = {index(listing.venue) == 0 ? "27.08" : "27.20",
                                    index(listing.venue) == 0 ? "27.10" : "27.30"};
            at.balances[table.instrument_of(listing.id).quote] = money("100000");
            at.balances[table.instrument_of(listing.id).base] = money("1000");
        }
    }

    /// Another engine, with a state of its own, on the accounts of this one. Each speaks in its turn.
    LiveWorld(const std::vector<Spec>& specs, const LiveWorld& other)
        : table(std::move(InstrumentTable::build(venues_of(specs))).take()),
          exchanges(other.exchanges),
          epoch(other.epoch + 1000),
          taken_(table.listings().size())
    {
        configure();
        for (auto& exchange : exchanges) exchange->shared = true;
    }

    /// A process begins: state is read back, sessions start, books come.
    void start(bool with_books = true)
    {
        engine.reset();
        ++epoch;
        lines_of_run = 0;
        alive = true;
        for (auto& exchange : exchanges) exchange->messages.clear();
        engine = std::make_unique<Engine>(parts());
        const std::vector<std::string> kept = lines;
        const std::string epoch_line(LineWriter("epoch").number(epoch).view());
        ENSURE(command(epoch_line), "an epoch is understood");
        for (const std::string& line : kept) {
            const bool ran = line.starts_with("epoch\t");
            ENSURE(command(ran ? "ran" + line.substr(5) : line), "kept lines are understood");
        }
        (void)append(epoch_line);
        if (cleans_up) (void)command("clean up");
        ENSURE(command("begin"), "a live engine begins");
        if (with_books) show_books();
    }
    /// Starts and waits until it trades.
    void start_trading()
    {
        start();
        run_until([&] { return live().phase() == Phase::trading; }, seconds(60));
        ENSURE(live().phase() == Phase::trading, "it trades within a minute");
    }
    void kill()
    {
        engine.reset();
        alive = false;
    }
    /// The log is begun anew, as RunSession does it; also with packages open.
    void shorten()
    {
        std::vector<std::string> fresh;
        live().checkpoint(
            [&](const LineVisit& visit) {
                for (const std::string& line : lines) visit(line);
            },
            [&](std::string_view line) { fresh.emplace_back(line); });
        lines = fresh;
    }
    void show_books()
    {
        for (const Listing& listing : table.listings()) show_book(listing.id);
    }
    void show_book(ListingId listing)
    {
        const VenueId venue = table.listing(listing).venue;
        const FakeExchange::Touch& touch = exchange(index(venue)).touch[listing];
        tell(index(venue), fmt::format("book {} {} {}", index(listing), touch.bid, touch.ask));
    }
    /// One frame of that venue, now.
    void tell(std::size_t venue, const std::string& words)
    {
        if (!alive) return;
        PaddedBuffer frame(words);
        engine->on_frame(static_cast<VenueId>(venue), ConnectionId{0}, frame.text_of(), now);
        decide();
    }
    bool command(std::string_view text)
    {
        const bool understood = engine->on_command(text, now);
        decide();
        return understood;
    }
    void run(Duration time)
    {
        run_until([] { return false; }, time);
    }
    template <class Until>
    void run_until(Until&& until, Duration most)
    {
        const Timestamp end = now + most;
        while (alive && now < end && !until()) {
            if (!deliver(std::min(tick_, end))) {
                now = std::max(now, std::min(tick_, end));
                decide();
            }
            if (now >= tick_) tick_ = now + step;
        }
    }
    /// Buys at one listing, sells at the other, both at the touch. False: refused.
    bool propose(std::size_t buy, std::size_t sell, const std::string& quantity)
    {
        if (!alive) return false;
        Wish wish = Wish::of(Wish::What::propose);
        wish.buy = static_cast<ListingId>(buy);
        wish.sell = static_cast<ListingId>(sell);
        wish.quantity = quantity;
        return wished(wish);
    }
    /// The same with one leg that rests at this price, and the other one taken as it is filled.
    bool propose_resting(std::size_t buy, std::size_t sell, const std::string& quantity, Side rests,
                         const std::string& price)
    {
        if (!alive) return false;
        rests_ = Wish::of(Wish::What::propose);
        rests_.buy = static_cast<ListingId>(buy);
        rests_.sell = static_cast<ListingId>(sell);
        rests_.quantity = quantity;
        rests_.rests = rests;
        rests_.price = price;
        return wished(rests_);
    }
    /// A package of the test's own making; it sees what a strategy sees.
    bool propose_made(std::function<Package(const MarketView&, Timestamp)> make)
    {
        if (!alive) return false;
        Wish wish = Wish::of(Wish::What::make);
        wish.make = std::move(make);
        return wished(wish);
    }
    /// The package that was last proposed with a leg that rests.
    bool reprice(const std::string& price)
    {
        rests_.what = Wish::What::reprice;
        rests_.price = price;
        return alive && wished(rests_);
    }
    void withdraw()
    {
        rests_.what = Wish::What::withdraw;
        if (alive) (void)wished(rests_);
    }
    RestingState resting() const
    {
        return engine->executor().state(rests_.package, rests_.rests == Side::buy ? 0 : 1);
    }
    /// Buys one at the first venue's first listing, sells it at the second venue (of two alike).
    bool trades() { return propose(0, table.listings().size() / 2, "1"); }

    FakeExchange& exchange(std::size_t venue) { return *exchanges[venue]; }
    const LiveTrading& live() const { return *engine->live(); }
    VenueView view(std::size_t venue) const { return live().venues().view(static_cast<VenueId>(venue)); }
    Amount ours(std::size_t venue, std::string_view asset) const
    {
        const Account* account = engine->portfolio().find(static_cast<VenueId>(venue), asset);
        return account == nullptr ? Amount{} : account->end();
    }
    /// Where our record and the exchanges' truth differ; empty: nowhere.
    std::string difference() const
    {
        std::string text;
        for (std::size_t v = 0; v < exchanges.size(); ++v) {
            for (const auto& [asset, amount] : exchanges[v]->balances) {
                if (ours(v, asset) != amount)
                    text += fmt::format("venue {} {}: ours {}, theirs {}; ", v, asset, ours(v, asset).text(),
                                        amount.text());
            }
        }
        return text;
    }
    /// Bought less sold at all exchanges.
    Amount net() const
    {
        Amount sum;
        for (const auto& exchange : exchanges) sum += exchange->net("LINK");
        return sum;
    }
    std::size_t count(RequestKind kind) const
    {
        std::size_t sum = 0;
        for (const auto& exchange : exchanges) sum += exchange->count(kind);
        return sum;
    }
    /// Lines that begin with this word.
    std::size_t lines_with(std::string_view word) const { return found(lines, word).size(); }
    std::size_t notes_with(std::string_view text) const
    {
        return static_cast<std::size_t>(
            std::count_if(notes.begin(), notes.end(),
                          [&](const std::string& note) { return note.find(text) != std::string::npos; }));
    }
    static std::vector<std::size_t> found(const std::vector<std::string>& in, std::string_view beginning)
    {
        std::vector<std::size_t> places;
        for (std::size_t i = 0; i < in.size(); ++i) {
            if (in[i].starts_with(beginning)) places.push_back(i);
        }
        return places;
    }
    std::size_t flags_with(std::string_view text) const
    {
        return static_cast<std::size_t>(
            std::count_if(flags.begin(), flags.end(),
                          [&](const std::string& flag) { return flag.find(text) != std::string::npos; }));
    }
    std::uint64_t order(std::uint32_t counter) const
    {
        return static_cast<std::uint64_t>(make_order_id(epoch, counter));
    }

    InstrumentTable table;
    EngineConfig config;
    std::vector<MarketDefinition> further_markets;  ///< beside one an instrument; before start()
    std::vector<std::shared_ptr<FakeExchange>> exchanges;
    std::unique_ptr<Engine> engine;
    Timestamp now = kStart;
    Duration step = milliseconds(20);
    std::uint32_t epoch = 1'790'000'000;
    bool alive = false;
    bool cleans_up = false;  ///< the next starts are for ending what is open, as a panic's

    // The state log.
    std::vector<std::string> lines;
    bool log_works = true;
    std::size_t lines_of_run = 0, die_after = SIZE_MAX;  ///< the process dies with that line of a run,
    bool orders_leave = false;                           ///< or when all that its input brings has left

    std::vector<std::string>
        history;  ///< calls ("0 balances 0") and lines ("line adopted...") in their order

    // What was told, of all engines.
    std::vector<Phase> phases;
    std::vector<std::string> notes, flags, cleared;
    std::vector<PackageEnd> ends;
    std::vector<std::pair<std::string, bool>> balances;  ///< "venue asset ours theirs", final
    std::vector<Fill> late;
    RiskReason refused = RiskReason::none;  ///< why the last package was

  private:
    void decide()
    {
        engine->decide(now);
        if (lines_of_run >= die_after) alive = false;
    }
    void configure()
    {
        Wish::next() = {};
        config.risk = wide_limits();
        config.strategies.push_back(Settings("wisher", "test", {}));
        config.executor.cover_most = {};  // covered when it is time to, whatever that costs
        config.trading.check_every = seconds(86'400);
        config.trading.stall = seconds(86'400);  // tests step as far as they like
        config.trading.start_max = seconds(30);
        config.trading.stop_max = seconds(20);
        config.trading.unknown_flag = seconds(600);
        config.trading.trades_kept = 4096;  // a restart lays out room for all of them
    }
    bool wished(Wish& wish)
    {
        wish.accepted = false;
        Wish::next() = wish;
        show_book(wish.buy);
        wish = Wish::next();
        Wish::next() = {};
        return wish.accepted;
    }
    EngineParts parts()
    {
        static const StrategyType kWisher = {"wisher",
                                             [](Settings&, const Markets&) -> std::unique_ptr<Strategy> {
                                                 return std::make_unique<Wisher>();
                                             }};
        EngineParts parts;
        parts.config = &config;
        parts.table = &table;
        for (const auto& exchange : exchanges)
            parts.venues.push_back(std::make_unique<ScriptedVenue>(table, *exchange, alive));
        parts.has_credentials.assign(exchanges.size(), true);
        parts.markets = Markets::markets_of(table);
        parts.markets.insert(parts.markets.end(), further_markets.begin(), further_markets.end());
        for (const Listing& listing : table.listings()) parts.fees_taker.push_back(listing.fee_taker);
        parts.strategies = {&kWisher};
        parts.taken = &taken_;
        parts.log = this;
        parts.trading_listener = this;
        parts.listener = this;
        parts.decisions = this;
        return parts;
    }
    /// The next message of any exchange that is due by then; false: none.
    bool deliver(Timestamp by)
    {
        std::size_t from = exchanges.size(), place = 0;
        for (std::size_t v = 0; v < exchanges.size(); ++v) {
            const auto& messages = exchanges[v]->messages;
            for (std::size_t i = 0; i < messages.size(); ++i) {
                const bool sooner =
                    from == exchanges.size() || messages[i].due < exchanges[from]->messages[place].due;
                if (messages[i].due > by || !sooner) continue;
                from = v;
                place = i;
            }
        }
        if (from == exchanges.size()) return false;
        auto& messages = exchanges[from]->messages;
        const FakeExchange::Message message = messages[place];
        messages.erase(messages.begin() + static_cast<std::ptrdiff_t>(place));
        now = std::max(now, message.due);
        tell(from, message.words);
        return true;
    }

    bool append(std::string_view line) override
    {
        if (!alive || !log_works) return log_works;
        lines.emplace_back(line);
        history.push_back("line " + lines.back());
        if (++lines_of_run == die_after && !orders_leave) alive = false;
        return true;
    }
    void on_phase(Phase phase, Timestamp) override { phases.push_back(phase); }
    void on_note(std::string_view text, Timestamp) override { notes.emplace_back(text); }
    void on_flag(MarketId, VenueId, std::string_view why, Timestamp) override
    {
        if (alive) flags.emplace_back(why);
    }
    void on_flag_cleared(MarketId market, Timestamp) override
    {
        cleared.push_back(engine->markets().consolidated(market).definition().name);
    }
    void on_balance(VenueId venue, std::string_view asset, Amount ours, Amount theirs, bool final,
                    Timestamp) override
    {
        balances.emplace_back(fmt::format("{} {} {} {}", index(venue), asset, ours.text(), theirs.text()),
                              final);
    }
    void on_late_fill(ListingId, Side, const Fill& fill, OrderId, Timestamp) override
    {
        late.push_back(fill);
    }
    void on_order(const ApprovedOrder&, OrderPurpose, Timestamp) override {}
    void on_fill(const Package&, const OrderIntent&, const Fill&, OrderPurpose, Timestamp) override {}
    void on_reject(const Package&, const OrderIntent&, RejectReason, Timestamp) override {}
    void on_end(const PackageEnd& end) override
    {
        if (alive) ends.push_back(end);
    }
    void on_decision(const Decision& decision) override
    {
        if (decision.kind == DecisionKind::refused) refused = static_cast<RiskReason>(decision.number);
    }

    TakenLiquidity taken_;
    Wish rests_;
    Timestamp tick_ = kStart;
};

}  // namespace arb::test
