#include "engine/app/demo/demo.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "engine/app/config/config_file.hpp"
#include "engine/app/demo/venues_config.hpp"
#include "engine/keys/private_directory.hpp"
#include "engine/sim/replay.hpp"

namespace arb {
namespace {

// Fees as traders of some volume pay them, in tenths of a basis point: low enough that crossings are worth
// taking.
constexpr std::int64_t kTakerFees[] = {50, 55, 80, 70, 50};

// The street and the faults of the demonstration; arbiter venues reads the same words from config/venues.toml
// and faults.toml.
constexpr std::string_view kWorld = R"(
[street]
wander_bps_e2 = 10
burst_every_ms = 400
burst_least_bps = 15
burst_most_bps = 60
home_bps = 1500
lag_most_ms = 400
half_spread_most_bps = 2
noise_most_bps = 2
move_every_ms = 30

[balance]
USDT = "150000"
BTC = "3"
ETH = "50"
SOL = "800"

[[pair]]
base = "BTC"
quote = "USDT"
price = "42600"
tick = "0.01"
lot = "0.00001"
quantity_min = "0.0001"
notional_min = "5"

[[pair]]
base = "ETH"
quote = "USDT"
price = "2280"
tick = "0.01"
lot = "0.0001"
quantity_min = "0.001"
notional_min = "5"

[[pair]]
base = "SOL"
quote = "USDT"
price = "152"
tick = "0.01"
lot = "0.01"
quantity_min = "0.01"
notional_min = "5"
)";

constexpr std::string_view kFaults = R"(
[[fault]]
kind = "swallow_order"
chance = "0.004"
from_s = 5
[[fault]]
kind = "fail_before"
chance = "0.008"
from_s = 5
[[fault]]
kind = "cut_before"
chance = "0.002"
from_s = 5
[[fault]]
kind = "lose_ack"
chance = "0.01"
from_s = 5
[[fault]]
kind = "fail_after"
deed = "order"
chance = "0.01"
from_s = 5
[[fault]]
kind = "cut_after"
deed = "order"
chance = "0.002"
from_s = 5
[[fault]]
kind = "drop_reply"
deed = "query"
chance = "0.02"
from_s = 5
[[fault]]
kind = "delay"
deed = "order"
chance = "0.04"
lasts_ms = 60
from_s = 5
[[fault]]
kind = "duplicate"
chance = "0.0005"
from_s = 5
[[fault]]
kind = "reorder"
chance = "0.0002"
from_s = 5
[[fault]]
kind = "cut_connection"
from_s = 12
every_s = 25
[[fault]]
kind = "ban"
from_s = 20
every_s = 40
lasts_ms = 1500
)";

// Our books of account beside the venues' own, account by account.
void compare(const RunSession& session, const EmulatedWorld& world, DemoOutcome& outcome)
{
    for (const EmulatedTruth& truth : world.truth()) {
        if (truth.account != EmulatedWorld::kClient) continue;
        const VenueId id = session.table().find_venue(truth.venue).value_or(kNoVenue);
        outcome.venue_orders += truth.orders.size();
        outcome.venue_trades += truth.trades.size();
        // A run that no key was good enough for never asked what there is.
        if (session.engine().live()->keys().refused() && truth.orders.empty()) continue;
        for (const EmulatedBalance& balance : truth.balances) {
            const Account* ours = session.engine().portfolio().find(id, balance.asset);
            const Amount end = ours != nullptr ? ours->end() : Amount{};
            if (end == balance.total) continue;
            outcome.mismatches.push_back(fmt::format("{} {}: ledger {}, venue {}", truth.venue, balance.asset,
                                                     end.text(), balance.total.text()));
        }
        for (const EmulatedOrder& order : truth.orders) {
            if (order.state == EmulatedState::open)
                outcome.mismatches.push_back(fmt::format("{}: order {} left open", truth.venue, order.id));
        }
    }
}

void replay(const DemoRequest& request, const Plugins& plugins, DemoOutcome& outcome)
{
    if (!request.replay) return;
    const JournalReader reader = JournalReader::open(outcome.run.journal).take();
    BacktestRequest again;
    again.config = parse_config(reader.header().config_text, "the session's configuration");
    again.recordings = {outcome.run.journal};
    again.plugins = plugins;
    const ReplayOutcome result = run_replay(again);
    outcome.replayed = true;
    outcome.replay_differs = result.differs;
    outcome.decisions = result.decisions;
    if (result.differs)
        outcome.replay_text = fmt::format("recorded: {}\nreplayed: {}", result.expected, result.got);
    for (const Error& trouble : result.troubles) outcome.run.troubles.push_back(trouble.message);
}

}  // namespace

EmulatedWorldConfig demo_world(const std::vector<std::string>& venues, std::uint64_t seed, bool faults,
                               const Plugins& plugins)
{
    std::vector<std::string> labels = venues;
    if (labels.empty()) {
        for (const ConnectorType* type : plugins.connectors) {
            if (type->make_emulated_venue != nullptr) labels.emplace_back(type->exchange);
        }
    }
    std::string text = fmt::format("seed = {}\n", seed) + std::string(kWorld);
    for (std::size_t i = 0; i < labels.size(); ++i) {
        const std::string exchange = key_of_label(labels[i]).exchange;
        const auto type = std::find_if(plugins.connectors.begin(), plugins.connectors.end(),
                                       [&](const ConnectorType* t) { return t->exchange == exchange; });
        const bool received = type != plugins.connectors.end() && (*type)->fees_from_received;
        fmt::format_to(
            std::back_inserter(text),
            "\n[venue.{}]\nport = 0\nmaker_fee_bps = \"2\"\ntaker_fee_bps = \"{}\"\nfee_taking = \"{}\"\n"
            "manners = \"true\"\n",
            labels[i], format_scaled(kTakerFees[i % std::size(kTakerFees)], 1),
            received ? "received" : "quote");
    }
    EmulatedWorldConfig config = parse_emulated_world(text, "the demonstration's world");
    if (faults) config.faults = parse_fault_plan(std::string(kFaults), "the demonstration's faults");
    return config;
}

std::string demo_config(const EmulatedWorld& world, const EmulatedWorldConfig& config,
                        const std::string& key_label, const std::string& strategy)
{
    std::string text = R"(# written by `arbiter demo`
name = "demo"
mode = "emulated"
quote = "USDT"
idle = "sleep"

[risk]
order_max_quote = "3000"
position_max_base = "100000"
net_exposure_max_quote = "20000"
orders_per_second = 100
price_band_bps = "200"
instrument_max_quote = "400000"
venue_max_quote = "400000"
gross_max_quote = "2000000"
loss_day_max_quote = "5000"
book_age_max_ms = 3000

[unwind]
band_bps = "80"
attempts = 60
pause_ms = 100

[live]
stop_max_ms = 180000

)";
    text += fmt::format("\n[strategy.{}]\n", strategy);
    if (strategy == "cross_venue")
        text +=
            "min_edge_bps = \"1\"\norder_max_quote = \"1500\"\ninventory_max_base = \"2000\"\n"
            "cooldown_ms = 200\nstale_ms = 1500\n";
    if (strategy == "maker_taker")
        text +=
            "min_edge_bps = \"1\"\norder_quote = \"500\"\nbehind_bps = \"20\"\n"
            "inventory_max_base = \"2000\"\nstale_ms = 1500\n";
    // A venue of derivatives is compared with spot: one market over both.
    std::map<std::string, std::set<std::string>> by_pair;
    for (const Instrument& instrument : world.table().instruments())
        by_pair[instrument.base + "/" + instrument.quote].insert(instrument.name);
    for (const auto& [pair, names] : by_pair) {
        if (names.size() < 2) continue;
        fmt::format_to(std::back_inserter(text),
                       "\n[[market]]\nname = \"{} basis\"\ninstruments = [\"{}\"]\n", pair,
                       fmt::join(names, "\", \""));
    }
    for (const EmulatedPlace& place : world.places()) {
        const auto key = std::find_if(place.keys.begin(), place.keys.end(),
                                      [&](const EmulatedKeyFile& k) { return k.label == key_label; });
        const auto reader = std::find_if(place.keys.begin(), place.keys.end(),
                                         [](const EmulatedKeyFile& k) { return k.label == "read"; });
        const auto venue = std::find_if(config.venues.begin(), config.venues.end(),
                                        [&](const EmulatedVenueConfig& v) { return v.label == place.venue; });
        fmt::format_to(
            std::back_inserter(text),
            "\n[venue.{}]\nendpoint = \"{}\"\nca_file = \"{}\"\nkey_file = \"{}\"\nread_key_file = \"{}\"\n"
            "taker_fee_bps = \"{}\"\n",
            place.venue, place.host_port, world.ca_file(), key != place.keys.end() ? key->file : "",
            reader != place.keys.end() ? reader->file : "", format_scaled(venue->taker_fee.units, 4));
    }
    return text;
}

namespace {

constexpr Duration kTakeOverMost = seconds(120);

/// Keys that another one has replaced.
std::uint64_t keys_gone(const RunSession& session)
{
    std::uint64_t gone = 0;
    session.engine().live()->keys().gate().for_each(
        [&](const KeyNews& key) { gone += key.stage == KeyStage::gone; });
    return gone;
}

}  // namespace

DemoOutcome run_demo(const DemoRequest& request, const Plugins& plugins, const std::string& build)
{
    const auto& strategies = plugins.strategies;
    std::vector<std::string> names;
    for (const StrategyType* type : strategies) names.emplace_back(type->name);
    if (std::find(names.begin(), names.end(), request.strategy) == names.end())
        throw StartError(ExitCode::usage, fmt::format("there is no strategy '{}'; there are {}",
                                                      request.strategy, fmt::join(names, ", ")));
    make_private_directory(request.directory);
    EmulatedWorldConfig world_config = demo_world(request.venues, request.seed, request.faults, plugins);
    if (request.street) world_config.street = *request.street;
    EmulatedWorld world(world_config, plugins, request.directory + "/venues");
    world.start();
    RunRequest run;
    const std::string text = demo_config(world, world_config, request.key_label, request.strategy);
    run.config = parse_config(text, "demo.toml");
    run.plugins = plugins;
    run.build = build;
    // A directory for each time: a demonstration does not go on where the last one ended.
    run.directory = fmt::format("{}/run-{}", request.directory, LiveClock().now().ns / seconds(1).ns);
    run.unsafe_endpoint = true;
    run.log = request.log ? request.log : [](std::string_view) {};
    DemoOutcome outcome;
    outcome.directory = run.directory;
    for (const EmulatedPlace& place : world.places()) outcome.venues.push_back(place.venue);
    RunSession session(std::move(run));
    bool stopping = false;
    // One after the other: a key is read on a thread of its own.
    std::vector<std::string> to_rotate = request.rotate ? outcome.venues : std::vector<std::string>();
    while (!session.over()) {
        session.turn(milliseconds(5));
        if (request.on_turn) request.on_turn(session, world);
        const bool half_time = session.now() - session.begun() >= milliseconds(500 * request.seconds);
        if (half_time && !to_rotate.empty() && !session.use_key(to_rotate.back(), "trade_next"))
            to_rotate.pop_back();
        // Every take-over is seen to its end, also where starting took longer than half of the time.
        const Duration ran = session.now() - session.begun();
        const bool rotated = !request.rotate || keys_gone(session) == outcome.venues.size();
        const bool time_over = ran >= seconds(request.seconds) &&
                               (rotated || ran.ns >= seconds(request.seconds).ns + kTakeOverMost.ns);
        if (!stopping && (time_over || (request.stop && request.stop()))) {
            stopping = true;
            (void)session.command("stop");
        }
    }
    world.stop();
    outcome.figures = session.figures();
    outcome.latency = session.driver().latency();
    outcome.faults = world.faults_struck();
    session.engine().live()->keys().gate().for_each(
        [&](const KeyNews& key) { outcome.keys_checked += key.stage != KeyStage::refused; });
    outcome.keys_replaced = keys_gone(session);
    compare(session, world, outcome);
    outcome.run = session.finish();
    replay(request, plugins, outcome);
    outcome.code = outcome.run.code;
    const bool troubled =
        !outcome.mismatches.empty() || outcome.replay_differs || !outcome.run.troubles.empty();
    if (troubled && outcome.code == ExitCode::ok) outcome.code = ExitCode::internal;
    return outcome;
}

}  // namespace arb
