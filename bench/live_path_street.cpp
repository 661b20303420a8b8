#include "bench/live_path_street.hpp"

#include <algorithm>
#include <cstdlib>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "engine/app/config/config_file.hpp"
#include "engine/app/shell/command.hpp"
#include "engine/net/certificates.hpp"

namespace arb::bench {
namespace {

constexpr std::int64_t kPace = 1'000'000;  // ns between two frames of the feeds, and between two paced echoes
constexpr std::size_t kEchoesWarm = 5;     // of each round, not counted
constexpr std::size_t kEchoesPaced = 20;   // of each round
constexpr std::size_t kEchoesHot = 16;     // of each round, back to back
constexpr std::int64_t kLevels = 25;
constexpr std::int64_t kPatience = 5'000'000'000;  // ns
constexpr int kQuietTries = 100;
constexpr std::int64_t kSettle = 50'000;  // ns
// In ticks of 0.01: the best ask where to buy, how far a gap widens (20 bps, well beyond fees), and the
// venues' own spreads, wide enough for that.
constexpr std::int64_t kAsk = 4'300'000;
constexpr std::int64_t kGap = 8'600;
constexpr std::int64_t kSpread = 12'000;

[[noreturn]] void fail(const std::string& why)
{
    throw std::runtime_error(why);
}

}  // namespace

SchedReader::~SchedReader()
{
    for (const int file : files_) ::close(file);
}

void SchedReader::watch(int thread)
{
    const std::string path = fmt::format("/proc/self/task/{}/schedstat", thread);
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) fail(path + " cannot be read: whether a thread was put aside cannot be told");
    files_.push_back(file);
}

// Each line: time on a processor, time of waiting for one, times it was given one.
std::uint64_t SchedReader::read() const
{
    std::uint64_t sum = 0;
    for (const int file : files_) {
        char text[128] = {};
        if (::pread(file, text, sizeof text - 1, 0) <= 0) fail("schedstat cannot be read");
        char* at = text;
        (void)std::strtoull(at, &at, 10);
        (void)std::strtoull(at, &at, 10);
        sum += std::strtoull(at, &at, 10);
    }
    return sum;
}

Street::Street(const Options& options, const std::string& directory)
    : options_(options), directory_(directory)
{
    make_table(options);
    const net::Authority authority = net::Authority::make("live_path_bench");
    const net::ServerIdentity identity = authority.issue({{"localhost"}, {"127.0.0.1"}});
    net::write_certificate_file(ca_file(), authority.certificate_pem());
    echo_ = std::make_unique<EchoServer>(loop_, identity);
    for (std::size_t i = 0; i < places_.size(); ++i) {
        Place& place = places_[i];
        const auto id = static_cast<VenueId>(i);
        place.listing = table_->find_symbol(id, listings_[i].definitions.front().symbol)->id;
        place.venue = std::make_unique<StreetVenue>(
            loop_, clock_,
            StreetVenueSetup{place.type, place.market, listings_[i].definitions, table_.get(), id, identity});
        const Amount plenty{Int128{1'000'000'000} * power_of_ten(kAmountDecimals)};
        place.venue->exchange().deposit(StreetVenue::kClient, "BTC", plenty);
        place.venue->exchange().deposit(StreetVenue::kClient, "USDT", plenty);
        const EmulatedKey& key = place.venue->trade_key();
        net::write_key_file(
            key_file(place),
            fmt::format("venue = '{}'\nlabel = 'trade'\nkey_id = '{}'\nsecret = '''{}'''\n{}", place.label,
                        key.key_id, key.secret,
                        key.passphrase.empty() ? "" : fmt::format("passphrase = '{}'\n", key.passphrase)));
        (void)set_book(i, false);
    }
}

void Street::make_table(const Options& options)
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
            fail("no emulated venue " + place.label);
        for (const char* symbol : {"BTC-USDT", "BTC/USDT", "BTCUSDT"}) {
            definition = place.type->guess_listing(place.market, symbol);
            if (definition && definition->base == "BTC" && definition->quote == "USDT") break;
            definition.reset();
        }
        if (!definition) fail(place.label + " has no name for BTC/USDT");
        definition->tick = *Decimal::parse("0.01");
        definition->lot = *Decimal::parse("0.00001");
        definition->quantity_min = *Decimal::parse("0.0001");
        definition->notional_min = *Decimal::parse("5");
        if (definition->code.empty()) definition->code = "10001";
        listings_.push_back({{std::string(place.type->exchange), place.market}, {*definition}});
    }
    table_ = std::make_unique<InstrumentTable>(InstrumentTable::build(listings_).take());
}

RunRequest Street::request() const
{
    std::string text = R"(name = "live_path_bench"
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
    request.config = parse_config(text, "live_path_bench");
    request.plugins = plugins();
    request.build = build_text();
    request.directory = directory_ + "/run";
    request.unsafe_endpoint = true;
    request.log = [](std::string_view line) { fmt::print(stderr, "{}\n", line); };
    return request;
}

Level Street::level(std::int64_t ticks, std::int64_t thousandths) const
{
    const Listing& listing = table_->listing(places_[0].listing);
    const Instrument& instrument = table_->instrument(listing.instrument);
    return {{ticks * listing.tick.units}, {*Decimal(thousandths, 3).scaled(instrument.quantity_decimals)}};
}

// A gap: three new levels in front and three other quantities, so that its frame has an ordinary size.
Departure Street::set_book(std::size_t place, bool gap)
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
    return buy ? places_[place].venue->set_street(places_[place].listing, outer, inner)
               : places_[place].venue->set_street(places_[place].listing, inner, outer);
}

void Street::turn_until(const Shared& shared, const char* what, const std::function<bool()>& done)
{
    const std::int64_t until = stamp() + kPatience;
    while (!done()) {
        loop_.run_once(std::chrono::nanoseconds(0));
        for (Place& place : places_) place.venue->turn();
        if (shared.ended && !done()) fail("the engine has ended: " + shared.trouble);
        if (stamp() > until) fail(fmt::format("waited in vain for {}", what));
    }
}

void Street::switch_to(Shared& shared, Turn turn)
{
    shared.wanted.store(turn, std::memory_order_release);
    turn_until(shared, "the engine's thread",
               [&] { return shared.taken.load(std::memory_order_acquire) == turn; });
}

void Street::wait(const Shared& shared, std::int64_t until)
{
    turn_until(shared, "time", [&] { return stamp() >= until; });
}

void Street::feed(const Shared& shared, std::int64_t until)
{
    for (std::int64_t next = stamp() + kPace; next < until; next += kPace) {
        wait(shared, next);
        const std::size_t place = fed_++ % places_.size();
        ++places_[place].news;
        (void)set_book(place, false);
        slices_ = sched_.read();
    }
    wait(shared, until);
}

void Street::settle(Shared& shared)
{
    const std::uint64_t ping = shared.ping.load(std::memory_order_relaxed) + 1;
    shared.ping.store(ping, std::memory_order_release);
    turn_until(shared, "the engine's thread",
               [&] { return shared.pong.load(std::memory_order_acquire) == ping; });
    wait(shared, stamp() + kSettle);
}

// At rest the seller's bid stands one tick above the buyer's ask: a gap far below fees, old enough that the
// strategy's guard against gaps younger than the feeds' delay has nothing to wait for. Then one frame widens
// it.
void Street::one_round(Shared& shared, std::size_t number)
{
    StreetVenue& buy = *places_[0].venue;
    StreetVenue& sell = *places_[1].venue;
    Round round;
    round.from_buy = number % 2 == 0;
    // On a busy machine a moment is awaited in which both threads have kept their processors for a while.
    for (int i = 0; i < kQuietTries; ++i) {
        feed(shared, stamp() + kPace * 3 / 2);
        settle(shared);
        if (is_quiet()) break;
    }
    const Departure frame = set_book(round.from_buy ? 0 : 1, true);
    round.frame_bytes = frame.bytes;
    turn_until(shared, "two orders", [&] { return buy.waiting() && sell.waiting(); });
    round.quiet = is_quiet();
    const Arrival bought = *buy.waiting();
    const Arrival sold = *sell.waiting();
    round.first = std::min(bought.at, sold.at) - frame.at;
    round.second = std::max(bought.at, sold.at) - frame.at;
    buy_bytes = bought.bytes;
    sell_bytes = sold.bytes;
    if (buy.release() != 1 || sell.release() != 1) fail("more than one order at a venue");
    if (buy.exchange().trade_count() != number + 1 || sell.exchange().trade_count() != number + 1)
        fail("an order was not filled in one trade");
    (void)set_book(0, false);
    (void)set_book(1, false);
    if (number >= kWarmUp) rounds.push_back(round);
}

void Street::echoes(Shared& shared, bool kept)
{
    const std::string text(kEchoBytes, 'e');
    std::int64_t next = stamp();
    for (std::size_t i = 0; i < kEchoesWarm + kEchoesPaced + kEchoesHot; ++i) {
        const bool paced = i < kEchoesWarm + kEchoesPaced;
        if (paced) wait(shared, next += kPace);
        if (paced) settle(shared);
        const std::int64_t sent = echo_->send(text);
        turn_until(shared, "the echo", [&] { return echo_->back() != 0; });
        const Echo echo{echo_->back() - sent, is_quiet()};
        slices_ = sched_.read();
        if (kept && i >= kEchoesWarm) (paced ? echo_paced : echo_hot).push_back(echo);
    }
}

void Street::run(Shared& shared)
{
    // Starting takes requests of the venues' own pace.
    for (int i = 0; i < 12 && !shared.trading; ++i) {
        const std::int64_t until = stamp() + 2'500'000'000;
        turn_until(shared, "time", [&] { return shared.trading || stamp() > until; });
    }
    if (!shared.trading) fail("the engine did not begin to trade");
    sched_.watch(static_cast<int>(::gettid()));
    sched_.watch(shared.thread);
    turn_until(shared, "the echo's connection", [&] { return echo_->connected(); });
    feed(shared, stamp() + 1'000'000'000);
    for (std::size_t number = 0; number < options_.rounds + kWarmUp; ++number) {
        one_round(shared, number);
        // Never in step with the engine's own timers.
        const auto jitter = static_cast<std::int64_t>(number * 7'919'003 % 9'000'000);
        const std::int64_t next = stamp() + options_.period_ms * 1'000'000 + jitter;
        // Fills and balances come home.
        feed(shared, stamp() + options_.period_ms * 300'000);
        switch_to(shared, Turn::echo);
        echoes(shared, number >= kWarmUp);
        switch_to(shared, Turn::session);
        feed(shared, next);
    }
    switch_to(shared, Turn::stop);
    turn_until(shared, "the end", [&] { return shared.ended.load(); });
}

}  // namespace arb::bench
