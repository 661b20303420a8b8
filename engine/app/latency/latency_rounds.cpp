#include "engine/app/latency/latency_rounds.hpp"

#include <algorithm>
#include <cstdlib>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "engine/app/config/config_file.hpp"
#include "engine/app/shell/command.hpp"
#include "engine/net/certificates.hpp"

namespace arb {
namespace {

constexpr std::int64_t kPace = 1'000'000;  // ns between two frames of the feeds, and between two paced echoes
constexpr std::size_t kEchoesWarm = 5;     // of each round, not counted
constexpr std::size_t kEchoesPaced = 20;   // of each round
constexpr std::size_t kEchoesHot = 16;     // of each round, back to back
constexpr std::int64_t kLevels = 25;
constexpr std::int64_t kPatience = 5'000'000'000;  // ns
constexpr std::int64_t kLookAgain = 30'000'000;    // ns
constexpr int kQuietTries = 100;
constexpr std::int64_t kSettle = 50'000;  // ns
// In ticks of 0.01: the best ask where to buy, how far a gap widens (20 bps, well beyond fees), and the
// venues' own spreads, wide enough for that.
constexpr std::int64_t kAsk = 4'300'000;
constexpr std::int64_t kGap = 8'600;
constexpr std::int64_t kSpread = 12'000;

}  // namespace

void walk_caches()
{
    // More than the last-level cache of any machine this is likely to run on leaves to one thread.
    static thread_local std::vector<unsigned char> block(64U << 20U, 1);
    constexpr std::size_t kLine = 64;
    unsigned char sum = 0;
    for (std::size_t i = 0; i < block.size(); i += kLine) sum = static_cast<unsigned char>(sum + block[i]++);
    asm volatile("" : : "r"(sum) : "memory");
}

LatencyRounds::LatencyRounds(const LatencyOptions& options, const std::string& directory)
    : options_(options), directory_(directory)
{
    make_table(options);
    const net::Authority authority = net::Authority::make("latency");
    const net::ServerIdentity identity = authority.issue({{"localhost"}, {"127.0.0.1"}});
    net::write_certificate_file(ca_file(), authority.certificate_pem());
    echo_ = std::make_unique<EchoServer>(loop_, identity);
    for (std::size_t i = 0; i < places_.size(); ++i) {
        Place& place = places_[i];
        const auto id = static_cast<VenueId>(i);
        place.listing = table_->find_symbol(id, listings_[i].definitions.front().symbol)->id;
        place.venue = std::make_unique<StampedVenue>(
            loop_, clock_,
            StampedVenueSetup{place.type, place.market, listings_[i].definitions, table_.get(), id,
                              identity});
        const Amount plenty{Int128{1'000'000'000} * power_of_ten(kAmountDecimals)};
        place.venue->exchange().deposit(StampedVenue::kClient, "BTC", plenty);
        place.venue->exchange().deposit(StampedVenue::kClient, "USDT", plenty);
        const EmulatedKey& key = place.venue->trade_key();
        net::write_key_file(
            key_file(place),
            fmt::format("venue = '{}'\nlabel = 'trade'\nkey_id = '{}'\nsecret = '''{}'''\n{}", place.label,
                        key.key_id, key.secret,
                        key.passphrase.empty() ? "" : fmt::format("passphrase = '{}'\n", key.passphrase)));
        (void)set_book(i, false);
    }
}

void LatencyRounds::make_table(const LatencyOptions& options)
{
    for (std::size_t i = 0; i < places_.size(); ++i) {
        Place& place = places_[i];
        place.label = i == 0 ? options.buy : options.sell;
        std::optional<ListingDefinition> definition;
        const Plugins all = plugins();
        for (const ConnectorType* type : all.connectors) {
            for (const std::string_view market : type->markets) {
                if (VenueKey{std::string(type->exchange), std::string(market)}.label() != place.label)
                    continue;
                place.type = type;
                place.market = market;
            }
        }
        if (place.type == nullptr || place.type->make_emulated_venue == nullptr)
            throw StartError(ExitCode::usage,
                             "no emulated venue " + place.label + "; connectors/ has a folder for each");
        for (const char* symbol : {"BTC-USDT", "BTC/USDT", "BTCUSDT"}) {
            definition = place.type->guess_listing(place.market, symbol);
            if (definition && definition->base == "BTC" && definition->quote == "USDT") break;
            definition.reset();
        }
        if (!definition)
            throw StartError(ExitCode::usage,
                             place.label + " has no name for BTC/USDT: spot venues are measured");
        definition->tick = *Decimal::parse("0.01");
        definition->lot = *Decimal::parse("0.00001");
        definition->quantity_min = *Decimal::parse("0.0001");
        definition->notional_min = *Decimal::parse("5");
        if (definition->code.empty()) definition->code = "10001";
        listings_.push_back({{std::string(place.type->exchange), place.market}, {*definition}});
    }
    table_ = std::make_unique<InstrumentTable>(InstrumentTable::build(listings_).take());
}

// The venues always answer: on a machine that stands still for a moment nothing is to be covered.
RunRequest LatencyRounds::request() const
{
    std::string text = R"(name = "latency"
mode = "emulated"
quote = "USDT"
idle = "spin"
[risk]
order_max_quote = "3000"
net_exposure_max_quote = "20000"
orders_per_second = 100
instrument_max_quote = "1000000000"
venue_max_quote = "1000000000"
gross_max_quote = "1000000000"
loss_day_max_quote = "1000000"
[unwind]
cover_ms = 60000
cover_most_ms = 60000
[strategy.cross_venue]
min_edge_bps = "1"
order_max_quote = "1500"
cooldown_ms = 50
)";
    for (const Place& place : places_) {
        text += fmt::format("[venue.{}]\nendpoint = \"127.0.0.1:{}\"\nca_file = \"{}\"\nkey_file = \"{}\"\n",
                            place.label, place.venue->port(), ca_file(), key_file(place));
    }
    RunRequest request;
    request.config = parse_config(text, "latency");
    request.plugins = plugins();
    request.build = build_text();
    request.directory = directory_ + "/run";
    request.unsafe_endpoint = true;
    request.log = [](std::string_view line) { fmt::print(stderr, "{}\n", line); };
    return request;
}

Level LatencyRounds::level(std::int64_t ticks, std::int64_t thousandths) const
{
    const Listing& listing = table_->listing(places_[0].listing);
    const Instrument& instrument = table_->instrument(listing.instrument);
    return {{ticks * listing.tick.units}, {*Decimal(thousandths, 3).scaled(instrument.quantity_decimals)}};
}

// A gap: three new levels in front and three other quantities, so that its frame has an ordinary size.
Departure LatencyRounds::set_book(std::size_t place, bool gap)
{
    const bool buy = place == 0;
    std::vector<Level> inner, outer;
    // The side that the engine takes, from the best on; at rest the seller's bid is one tick above the ask.
    const std::int64_t best = buy ? kAsk : kAsk + 1;
    const std::int64_t away = buy ? 1 : -1;
    for (std::int64_t i = 0; gap && i < 3; ++i) inner.push_back(level(best - away * (kGap - i * 7), 500 + i));
    for (std::int64_t i = 0; i < kLevels; ++i) {
        inner.push_back(level(best + away * i * 5, 700 + i * 17 + (gap && i < 3 ? 100 : 0)));
        const std::int64_t news = i % 8 == 2 ? places_[place].news % 50 + 1 : 0;
        outer.push_back(level(best - away * (kSpread + i * 5), 800 + i * 13 + news));
    }
    return buy ? places_[place].venue->set_book(places_[place].listing, outer, inner)
               : places_[place].venue->set_book(places_[place].listing, inner, outer);
}

void LatencyRounds::turn_until(const LatencyThreads& threads, const char* what,
                               const std::function<bool()>& done)
{
    const std::int64_t until = steady_stamp() + kPatience;
    while (!done()) {
        loop_.run_once(std::chrono::nanoseconds(0));
        for (Place& place : places_) place.venue->turn();
        if (threads.ended && !done()) fail_latency("the engine has ended: " + threads.trouble);
        if (steady_stamp() > until) fail_latency(fmt::format("waited in vain for {}", what));
    }
}

void LatencyRounds::switch_to(LatencyThreads& threads, LatencyTurn turn)
{
    threads.wanted.store(turn, std::memory_order_release);
    turn_until(threads, "the engine's thread",
               [&] { return threads.taken.load(std::memory_order_acquire) == turn; });
}

void LatencyRounds::wait(const LatencyThreads& threads, std::int64_t until)
{
    turn_until(threads, "time", [&] { return steady_stamp() >= until; });
}

void LatencyRounds::feed(const LatencyThreads& threads, std::int64_t until)
{
    for (std::int64_t next = steady_stamp() + kPace; next < until; next += kPace) {
        wait(threads, next);
        const std::size_t place = fed_++ % places_.size();
        ++places_[place].news;
        (void)set_book(place, false);
        slices_ = sched_.read();
    }
    wait(threads, until);
}

void LatencyRounds::settle(LatencyThreads& threads)
{
    const std::uint64_t ping = threads.ping.load(std::memory_order_relaxed) + 1;
    threads.ping.store(ping, std::memory_order_release);
    turn_until(threads, "the engine's thread",
               [&] { return threads.pong.load(std::memory_order_acquire) == ping; });
    wait(threads, steady_stamp() + kSettle);
}

void LatencyRounds::sweep(LatencyThreads& threads)
{
    const std::uint64_t wanted = threads.sweep.load(std::memory_order_relaxed) + 1;
    threads.sweep.store(wanted, std::memory_order_release);
    turn_until(threads, "the engine's thread",
               [&] { return threads.swept.load(std::memory_order_acquire) == wanted; });
    walk_caches();
    slices_ = sched_.read();
}

// At rest the seller's bid stands one tick above the buyer's ask: a gap far below fees, old enough that the
// strategy's guard against gaps younger than the feeds' delay has nothing to wait for. Then one frame widens
// it.
void LatencyRounds::one_round(LatencyThreads& threads, std::size_t number)
{
    StampedVenue& buy = *places_[0].venue;
    StampedVenue& sell = *places_[1].venue;
    LatencyRound round;
    round.from_buy = number % 2 == 0;
    round.kind = kind_of(number);
    // On a busy machine a moment is awaited in which both threads have kept their processors for a while.
    for (int i = 0; i < kQuietTries; ++i) {
        feed(threads, steady_stamp() + kPace * 3 / 2);
        if (round.kind == RoundKind::cold) sweep(threads);
        settle(threads);
        if (is_quiet()) break;
    }
    const Departure frame = set_book(round.from_buy ? 0 : 1, true);
    round.frame_bytes = frame.bytes;
    await_orders(threads, round);
    round.quiet = is_quiet();
    const Arrival bought = *buy.waiting();
    const Arrival sold = *sell.waiting();
    round.first = std::min(bought.at, sold.at) - frame.at;
    round.second = std::max(bought.at, sold.at) - frame.at;
    buy_bytes = bought.bytes;
    sell_bytes = sold.bytes;
    if (buy.release() != 1 || sell.release() != 1) fail_latency("more than one order at a venue");
    if (buy.exchange().trade_count() != number + 1 || sell.exchange().trade_count() != number + 1)
        fail_latency(fmt::format("round {}: {} and {} trades so far; an order was not filled in one",
                                 number + 1, buy.exchange().trade_count(), sell.exchange().trade_count()));
    (void)set_book(0, false);
    (void)set_book(1, false);
    rounds.push_back(round);
}

// A frame that was not acted on at once (the package before was still on its way home, the machine was busy)
// is followed by another venue's, so that the gap is looked at again: that round is no measurement.
void LatencyRounds::await_orders(LatencyThreads& threads, LatencyRound& round)
{
    const auto both = [&] { return places_[0].venue->waiting() && places_[1].venue->waiting(); };
    std::int64_t again = steady_stamp() + kLookAgain;
    turn_until(threads, "two orders", [&] {
        if (both()) return true;
        if (steady_stamp() < again || places_[0].venue->waiting() || places_[1].venue->waiting())
            return false;
        const std::size_t other = round.from_buy ? 1 : 0;
        ++places_[other].news;
        (void)set_book(other, false);
        round.kind = RoundKind::late;
        again = steady_stamp() + kLookAgain;
        return false;
    });
}

void LatencyRounds::echoes(LatencyThreads& threads, bool kept)
{
    const std::string text(kLatencyEchoBytes, 'e');
    std::int64_t next = steady_stamp();
    for (std::size_t i = 0; i < kEchoesWarm + kEchoesPaced + kEchoesHot; ++i) {
        const bool paced = i < kEchoesWarm + kEchoesPaced;
        if (paced) wait(threads, next += kPace);
        if (paced) settle(threads);
        const std::int64_t sent = echo_->send(text);
        turn_until(threads, "the echo", [&] { return echo_->back() != 0; });
        const LatencyEcho echo{echo_->back() - sent, is_quiet()};
        slices_ = sched_.read();
        if (kept && i >= kEchoesWarm) (paced ? echo_paced : echo_hot).push_back(echo);
    }
}

RoundKind LatencyRounds::kind_of(std::size_t number) const
{
    if (number < kFirstPass) return RoundKind::first_pass;
    if (number < options_.warm_up) return RoundKind::warm_up;
    return number < options_.warm_up + options_.rounds ? RoundKind::hot : RoundKind::cold;
}

void LatencyRounds::begin(LatencyThreads& threads)
{
    // Starting takes requests of the venues' own pace.
    for (int i = 0; i < 12 && !threads.trading; ++i) {
        const std::int64_t until = steady_stamp() + 2'500'000'000;
        turn_until(threads, "time", [&] { return threads.trading || steady_stamp() > until; });
    }
    if (!threads.trading) fail_latency("the engine did not begin to trade");
    sched_.watch(static_cast<int>(::gettid()));
    sched_.watch(threads.thread);
    turn_until(threads, "the echo's connection", [&] { return echo_->connected(); });
    feed(threads, steady_stamp() + 1'000'000'000);
}

void LatencyRounds::run(LatencyThreads& threads,
                        const std::function<void(std::size_t, std::size_t)>& progress)
{
    begin(threads);
    const std::size_t count = options_.warm_up + options_.rounds + options_.cold_rounds;
    rounds.reserve(count);
    for (std::size_t number = 0; number < count; ++number) {
        one_round(threads, number);
        // Never in step with the engine's own timers.
        const auto jitter = static_cast<std::int64_t>(number * 7'919'003 % 9'000'000);
        const std::int64_t next = steady_stamp() + options_.period_ms * 1'000'000 + jitter;
        // Fills and balances come home.
        feed(threads, steady_stamp() + options_.period_ms * 300'000);
        switch_to(threads, LatencyTurn::echo);
        echoes(threads, number >= options_.warm_up);
        switch_to(threads, LatencyTurn::session);
        feed(threads, next);
        if (progress) progress(number + 1, count);
    }
    switch_to(threads, LatencyTurn::stop);
    turn_until(threads, "the end", [&] { return threads.ended.load(); });
}

bool LatencyRounds::let_go(LatencyThreads& threads)
{
    threads.wanted = LatencyTurn::stop;
    for (const std::int64_t until = steady_stamp() + 6 * kPatience;
         !threads.ended && steady_stamp() < until;) {
        loop_.run_once(std::chrono::nanoseconds(0));
        for (Place& place : places_) {
            (void)place.venue->release();
            place.venue->turn();
        }
    }
    return threads.ended;
}

}  // namespace arb
