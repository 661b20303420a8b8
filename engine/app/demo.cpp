#include "engine/app/demo.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <set>

#include <fmt/format.h>
#include <sys/stat.h>

#include "engine/app/config_file.hpp"
#include "engine/sim/replay.hpp"

namespace arb {
namespace {

std::vector<WorldVenue> venues_of(const DemoRequest& request, const Plugins& plugins)
{
    // Fees as traders of some volume pay them, in tenths of a basis point: low enough that crossings are
    // worth taking.
    constexpr std::int64_t kTakerFees[] = {50, 55, 80, 70, 50};
    std::vector<std::string> labels = request.venues;
    if (labels.empty()) {
        for (const ConnectorType* type : plugins.connectors) {
            if (type->make_emulated_venue != nullptr) labels.emplace_back(type->exchange);
        }
    }
    std::vector<WorldVenue> venues;
    for (const std::string& label : labels) {
        WorldVenue venue;
        venue.label = label;
        venue.taker_fee = {kTakerFees[venues.size() % std::size(kTakerFees)] * kRatePerBasisPoint / 10};
        venues.push_back(std::move(venue));
    }
    return venues;
}

// Our books of account beside the venues' own, account by account.
void compare(const RunSession& session, VenueWorld& world, DemoOutcome& outcome)
{
    for (std::size_t v = 0; v < world.places().size(); ++v) {
        const auto id = static_cast<VenueId>(v);
        EmulatedExchange& exchange = world.exchange(v);
        outcome.venue_orders += exchange.orders(VenueWorld::kAccount, kNoListing, false).size();
        outcome.venue_trades += exchange.trades(VenueWorld::kAccount, kNoListing, {}).size();
        for (const EmulatedBalance& truth : exchange.balances(VenueWorld::kAccount)) {
            const Account* ours = session.engine().portfolio().find(id, truth.asset);
            const Amount end = ours != nullptr ? ours->end() : Amount{};
            if (end == truth.total) continue;
            outcome.mismatches.push_back(fmt::format("{} {}: ledger {}, venue {}", world.places()[v].label,
                                                     truth.asset, end.text(), truth.total.text()));
        }
        const auto open = exchange.orders(VenueWorld::kAccount, kNoListing, true).size();
        if (open > 0)
            outcome.mismatches.push_back(
                fmt::format("{}: {} orders left open", world.places()[v].label, open));
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

std::string demo_config(const VenueWorld& world, const std::string& key_label)
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

[strategy.cross_venue]
min_edge_bps = "1"
order_max_quote = "1500"
inventory_max_base = "2000"
cooldown_ms = 200
stale_ms = 1500
)";
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
    for (const WorldPlace& place : world.places()) {
        const auto key = std::find_if(place.keys.begin(), place.keys.end(),
                                      [&](const WorldKey& k) { return k.label == key_label; });
        const auto venue = std::find_if(world.config().venues.begin(), world.config().venues.end(),
                                        [&](const WorldVenue& v) { return v.label == place.label; });
        fmt::format_to(
            std::back_inserter(text),
            "\n[venue.{}]\nendpoint = \"{}\"\nca_file = \"{}\"\nkey_file = \"{}\"\ntaker_fee_bps = \"{}\"\n",
            place.label, place.endpoint, world.ca_file(), key != place.keys.end() ? key->file : "",
            format_scaled(venue->taker_fee.units, 4));
    }
    return text;
}

DemoOutcome run_demo(const DemoRequest& request, const Plugins& plugins, const std::string& build)
{
    if (::mkdir(request.directory.c_str(), 0700) != 0 && errno != EEXIST)
        throw StartError(ExitCode::usage,
                         fmt::format("{}: cannot be made: {}", request.directory, std::strerror(errno)));
    WorldConfig world_config;
    world_config.venues = venues_of(request, plugins);
    world_config.seed = request.seed;
    world_config.faults = request.faults;
    world_config.directory = request.directory + "/venues";
    for (const auto& [asset, amount] : std::initializer_list<std::pair<const char*, const char*>>{
             {"USDT", "100000"}, {"BTC", "2"}, {"ETH", "40"}, {"SOL", "600"}})
        world_config.balances.emplace_back(asset, *amount_of(*Decimal::parse(amount)));
    VenueWorld world(std::move(world_config), plugins);
    world.start();
    RunRequest run;
    const std::string text = demo_config(world);
    run.config = parse_config(text, "demo.toml");
    run.plugins = plugins;
    run.build = build;
    // A directory for each time: a demonstration does not go on where the last one ended.
    run.directory = fmt::format("{}/run-{}", request.directory, LiveClock().now().ns / seconds(1).ns);
    run.unsafe_endpoint = true;
    run.log = request.log ? request.log : [](std::string_view) {};
    DemoOutcome outcome;
    outcome.directory = run.directory;
    for (const WorldPlace& place : world.places()) outcome.venues.push_back(place.label);
    RunSession session(std::move(run));
    bool stopping = false;
    while (!session.over()) {
        session.turn(milliseconds(5));
        if (request.on_turn) request.on_turn(session);
        const bool time_over = session.now() - session.begun() >= seconds(request.seconds);
        if (!stopping && (time_over || (request.stop && request.stop()))) {
            stopping = true;
            (void)session.command("stop");
        }
    }
    world.stop();
    outcome.figures = session.figures();
    outcome.latency = session.driver().latency();
    outcome.faults = world.faults_played();
    compare(session, world, outcome);
    outcome.run = session.finish();
    replay(request, plugins, outcome);
    outcome.code = outcome.run.code;
    if (!outcome.mismatches.empty() || outcome.replay_differs || !outcome.run.troubles.empty())
        outcome.code = ExitCode::internal;
    return outcome;
}

}  // namespace arb
