#include "engine/app/config/config_file.hpp"

#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "engine/app/config/toml_tables.hpp"
#include "engine/base/hash.hpp"
#include "engine/base/result.hpp"
#include "engine/pipeline/assembly.hpp"

namespace arb {
namespace {

constexpr std::size_t kConfigBytesMax = 16u << 20;
constexpr std::int64_t kProcessorLast = 1023, kFifoPriorityMost = 50;

Decimal decimal_of(Settings& table, std::string_view key, std::string_view fallback)
{
    const std::string text = table.text(key, fallback);
    const std::optional<Decimal> value = Decimal::parse(text);
    if (!value || value->mantissa() < 0)
        table.fail(key, fmt::format("is '{}': wanted is a decimal like \"0.01\"", text));
    return *value;
}

InstrumentConfig instrument_of(Settings table)
{
    InstrumentConfig instrument;
    instrument.place = table.place();
    instrument.venue = table.required("venue");
    ListingDefinition& d = instrument.definition;
    d.symbol = table.required("symbol");
    d.market = table.text("market", "spot");
    d.base = table.required("base");
    d.quote = table.required("quote");
    const std::string kind = table.text("kind", "spot");
    if (kind == "perpetual")
        d.kind = InstrumentKind::perpetual;
    else if (kind == "future")
        d.kind = InstrumentKind::future;
    else if (kind != "spot")
        table.fail("kind", fmt::format("is '{}': wanted is spot, perpetual or future", kind));
    const std::string inverse = table.text("inverse", "false");
    if (inverse != "true" && inverse != "false")
        table.fail("inverse", fmt::format("is '{}': wanted is true or false", inverse));
    d.inverse = inverse == "true";
    d.expiry = table.text("expiry", "");
    if (d.kind == InstrumentKind::future && d.expiry.empty())
        table.fail("expiry", "is missing: a future needs yymmdd");
    d.tick = decimal_of(table, "tick", "");
    d.lot = decimal_of(table, "lot", "");
    if (d.tick.zero()) table.fail("tick", "must be above zero");
    if (d.lot.zero()) table.fail("lot", "must be above zero");
    d.quantity_min = decimal_of(table, "quantity_min", "0");
    d.notional_min = decimal_of(table, "notional_min", "0");
    d.multiplier = decimal_of(table, "multiplier", "1");
    d.price_unit = decimal_of(table, "price_unit", "0");
    d.quantity_unit = decimal_of(table, "quantity_unit", "0");
    if (d.multiplier.zero()) table.fail("multiplier", "must be above zero");
    table.finish();
    return instrument;
}

VenueConfig venue_of(const TomlTable& root, const std::string& label, RunMode mode)
{
    VenueConfig venue;
    venue.label = label;
    const TomlTable place = root.table("venue").table(label);
    Settings table = place.settings("venue." + label, {"balance"});
    venue.place = table.place();
    if (table.has("taker_fee_bps")) venue.fee_taker = table.basis_points("taker_fee_bps", "0");
    if (table.has("maker_fee_bps")) venue.fee_maker = table.basis_points("maker_fee_bps", "0");
    // Asked for in any case, so that a misspelling can be told.
    (void)table.basis_points("taker_fee_bps", "0");
    (void)table.basis_points("maker_fee_bps", "0");
    venue.feed_latency = table.microseconds("feed_latency_us", 5000);
    venue.order_latency = table.microseconds("order_latency_us", 5000);
    venue.key_file = table.text("key_file", "");
    venue.read_key_file = table.text("read_key_file", "");
    venue.trade_key = table.text("trade_key", "");
    venue.read_key = table.text("read_key", "");
    if (!venue.key_file.empty() && !venue.trade_key.empty())
        table.fail("key_file", "is for thrown-away keys; give it or trade_key, not both");
    if (!venue.read_key_file.empty() && venue.key_file.empty())
        table.fail("read_key_file", "goes with key_file");
    if (!venue.read_key.empty() && venue.trade_key.empty()) table.fail("read_key", "goes with trade_key");
    venue.endpoint = table.text("endpoint", "");
    venue.ca_file = table.text("ca_file", "");
    if (venue.endpoint.empty() && !venue.ca_file.empty())
        table.fail("ca_file",
                   "goes with an endpoint: the venue's own addresses are trusted by the system's store");
    venue.environment = table.text("environment", "live");
    venue.region = table.text("region", "");
    venue.environment_place = table.place_of("environment");
    venue.region_place = table.place_of("region");
    if (mode == RunMode::live && !venue.endpoint.empty()) {
        table.fail("endpoint",
                   "puts another host in the venue's place, which never gets real orders: take it out (and "
                   "ca_file), or set mode = \"emulated\"");
    }
    if (!venue.endpoint.empty() && (table.has("environment") || table.has("region")))
        table.fail("endpoint",
                   "puts an emulated venue in the place of every address: leave environment and "
                   "region out, or leave it out");
    table.finish();
    if (!place.has("balance")) return venue;
    Settings balance = place.table("balance").settings("venue." + label + ".balance");
    for (const std::string& asset : place.table("balance").keys()) {
        venue.balances.emplace_back(asset, balance.amount(asset, "0"));
    }
    return venue;
}

// [rates] USDC = "USDC/USDT": the book that tells what one USDC is worth; a number is the operator's word.
RateSettings rates_of(const TomlTable& root, const std::string& currency)
{
    RateSettings rates;
    rates.currency = currency;
    if (!root.has("rates")) return rates;
    const TomlTable table = root.table("rates");
    Settings settings = table.settings("rates");
    rates.age_max = settings.milliseconds("age_max_ms", 60'000);
    for (const std::string& name : table.keys()) {
        if (name == "age_max_ms") continue;
        RateSource source;
        source.currency = name;
        source.place = settings.place_of(name);
        const std::string text = settings.text(name, "");
        if (text.find('/') != std::string::npos)
            source.instrument = text;
        else
            source.fixed = settings.positive_amount(name, "");
        if (name == currency) settings.fail(name, "is the currency that limits and results are counted in");
        rates.sources.push_back(std::move(source));
    }
    settings.finish();
    return rates;
}

void read_limits(const TomlTable& root, EngineConfig& config)
{
    config.risk.rates = rates_of(root, config.quote);
    Settings books = root.table("books").settings("books");
    config.books.crossed_max = books.milliseconds("crossed_max_ms", 1000);
    config.books.resync_first = books.milliseconds("resync_first_ms", 100);
    config.books.resync_most = books.milliseconds("resync_most_ms", 30'000);
    books.finish();
    Settings risk = root.table("risk").settings("risk");
    config.risk.order_notional_max = risk.positive_amount("order_max_quote", "1000");
    config.risk.position_max = risk.positive_amount("position_max_base", "1000000000");
    config.risk.net_exposure_max = risk.positive_amount("net_exposure_max_quote", "10000");
    // Two legs, and one order that closes what is left when one of them fails.
    config.risk.orders_per_second =
        static_cast<std::uint32_t>(risk.integer("orders_per_second", 50, 3, 4000));
    config.risk.price_band = risk.basis_points("price_band_bps", "200", 0);
    config.risk.margin = risk.basis_points("margin_bps", "10000", 1);
    config.risk.book_age_max = risk.milliseconds("book_age_max_ms", 10'000);
    config.risk.refusals.in_a_row = static_cast<std::uint32_t>(risk.integer("refusals_in_a_row", 5, 1, 1000));
    config.risk.refusals.pause = risk.milliseconds("refusals_pause_ms", 30'000);
    config.risk.open_orders_max = static_cast<std::uint32_t>(risk.integer("open_orders_max", 256, 2, 256));
    // A bot with real orders is told its limits; none of them is assumed.
    const bool orders = config.mode == RunMode::emulated || config.mode == RunMode::live;
    const auto limit = [&](std::string_view key) -> std::optional<Amount> {
        const bool given = risk.has(key);
        const Amount value = given ? risk.positive_amount(key, "0") : risk.amount(key, "0");
        if (!given && orders) risk.fail(key, "is missing: when orders are sent, say how much may be at risk");
        return given ? std::optional(value) : std::nullopt;
    };
    config.risk.instrument_max = limit("instrument_max_quote");
    config.risk.venue_max = limit("venue_max_quote");
    config.risk.gross_max = limit("gross_max_quote");
    config.risk.loss_day_max = limit("loss_day_max_quote");
    risk.finish();
    Settings unwind = root.table("unwind").settings("unwind");
    config.executor.unwind_band = unwind.basis_points("band_bps", "100", 0);
    config.executor.unwind_band_most = unwind.basis_points("band_most_bps", "500", 0);
    config.executor.unwind_attempts = static_cast<unsigned>(unwind.integer("attempts", 10, 1, 100));
    config.executor.unwind_pause = unwind.milliseconds("pause_ms", 100);
    config.executor.cover = unwind.milliseconds("cover_ms", 500);
    config.executor.cover_most = unwind.milliseconds("cover_most_ms", 1500);
    const std::string others = unwind.text("other_markets", "spot");
    if (others != "none" && others != "spot" && others != "any")
        unwind.fail("other_markets", fmt::format("is '{}': wanted is \"none\", \"spot\" or \"any\"", others));
    config.executor.other_markets = others == "none"   ? OtherMarkets::none
                                    : others == "spot" ? OtherMarkets::spot
                                                       : OtherMarkets::any;
    unwind.finish();
    Settings simulation = root.table("simulation").settings("simulation");
    const std::string queue = simulation.text("queue", "pessimistic");
    if (queue != "pessimistic" && queue != "proportional")
        simulation.fail("queue",
                        fmt::format("is '{}': wanted is \"pessimistic\" or \"proportional\"", queue));
    config.queue_proportional = queue == "proportional";
    simulation.finish();
    Settings live = root.table("live").settings("live");
    config.trading.start_max = live.milliseconds("start_max_ms", 30'000);
    config.trading.stop_max = live.milliseconds("stop_max_ms", 60'000);
    config.trading.clock_doubt = live.milliseconds("clock_doubt_ms", 500);
    config.trading.clock_stop = live.milliseconds("clock_stop_ms", 1000);
    config.trading.clock_every = live.milliseconds("clock_every_ms", 20'000);
    config.trading.stall = live.milliseconds("stall_ms", 500);
    config.trading.check_every = live.milliseconds("balance_check_every_ms", 60'000);
    config.trading.unknown_flag = live.milliseconds("unknown_flag_ms", 600'000);
    live.finish();
}

HostConfig host_of(const TomlTable& root)
{
    HostConfig host;
    Settings table = root.table("host").settings("host");
    host.core = static_cast<int>(table.integer("core", -1, -1, kProcessorLast));
    host.fifo_priority = static_cast<int>(table.integer("fifo_priority", 0, 0, kFifoPriorityMost));
    // On a processor that others need it would stop them: its own threads first of all.
    if (host.fifo_priority > 0 && host.core < 0)
        table.fail("fifo_priority", "needs core as well: a processor that nobody else uses");
    const std::string lock = table.text("lock_memory", "false");
    if (lock != "true" && lock != "false")
        table.fail("lock_memory", fmt::format("is '{}': wanted is true or false", lock));
    host.lock_memory = lock == "true";
    table.finish();
    return host;
}

RunMode mode_of(Settings& top)
{
    const std::string mode = top.text("mode", "backtest");
    for (const RunMode value : {RunMode::backtest, RunMode::paper, RunMode::emulated, RunMode::live}) {
        if (mode == name(value)) return value;
    }
    top.fail("mode",
             fmt::format("is '{}': wanted is \"backtest\", \"paper\", \"emulated\" or \"live\"", mode));
}

}  // namespace

std::string read_text_file(const std::string& path)
{
    std::ifstream file(path, std::ios::binary);
    if (!file)
        throw StartError(ExitCode::usage, fmt::format("{}: cannot be opened; is the path right?", path));
    std::string text(kConfigBytesMax + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
    if (text.size() > kConfigBytesMax) {
        throw StartError(ExitCode::usage,
                         fmt::format("{}: more than 16 MiB, so it is no configuration", path));
    }
    return text;
}

EngineConfig load_config(const std::string& path)
{
    return parse_config(read_text_file(path), path);
}

EngineConfig parse_config(const std::string& text, const std::string& name,
                          std::vector<TomlOverride> overrides)
{
    const TomlTable root = TomlTable::parse(text, name, std::move(overrides));
    root.allow_only({"name", "quote", "mode", "instruments", "state_directory", "idle", "books", "risk",
                     "unwind", "simulation", "live", "host", "keys", "venue", "market", "instrument",
                     "strategy", "rates", "sweep"});
    EngineConfig config;
    config.text = text;
    Hash hash;
    hash.add_text(text);
    config.hash = hash.value();
    Settings top =
        root.settings("configuration", {"books", "risk", "unwind", "simulation", "live", "host", "keys",
                                        "venue", "market", "instrument", "strategy", "rates", "sweep"});
    config.name = top.text("name", name);
    config.quote = top.text("quote", "USDT");
    config.mode = mode_of(top);
    config.run_instruments = top.texts("instruments");
    config.state_directory = top.text("state_directory", "");
    config.idle = top.text("idle", "sleep");
    if (config.idle != "spin" && config.idle != "yield" && config.idle != "sleep")
        top.fail("idle", fmt::format("is '{}': wanted is spin, yield or sleep", config.idle));
    top.finish();
    read_limits(root, config);
    config.host = host_of(root);
    Settings keys = root.table("keys").settings("keys");
    config.keys.keystore = keys.text("keystore", "");
    config.keys.signer = keys.text("signer", "");
    config.keys.signer_wait = keys.milliseconds("signer_wait_ms", 50);
    config.keys.audit_log = keys.text("audit_log", "");
    if (!config.keys.keystore.empty() && !config.keys.signer.empty())
        keys.fail("signer", "keeps the keys in its own process; give it or keystore, not both");
    keys.finish();
    for (const std::string& label : root.table("venue").keys()) {
        config.venues.push_back(venue_of(root, label, config.mode));
        const VenueConfig& venue = config.venues.back();
        if (!venue.trade_key.empty() && config.keys.keystore.empty() && config.keys.signer.empty()) {
            throw StartError(
                ExitCode::usage,
                fmt::format("{}: trade_key names a key of the keystore or the signer; say where in "
                            "[keys]: keystore = \"PATH\" or signer = \"SOCKET\"",
                            venue.place));
        }
    }
    for (const TomlTable& table : root.tables("market")) {
        Settings market = table.settings("market");
        ComparisonConfig comparison;
        comparison.place = market.place();
        comparison.name = market.required("name");
        comparison.instruments = market.texts("instruments");
        if (comparison.instruments.size() < 2) market.fail("instruments", "must list at least two");
        market.finish();
        config.comparisons.push_back(std::move(comparison));
    }
    for (const TomlTable& table : root.tables("instrument")) {
        config.instruments.push_back(instrument_of(table.settings("instrument")));
    }
    for (const std::string& strategy : root.table("strategy").keys()) {
        config.strategies.push_back(root.table("strategy").table(strategy).settings("strategy." + strategy));
    }
    root.all_taken();
    return config;
}

std::vector<InstrumentTable::VenueListings> load_instruments(const std::string& path)
{
    const TomlTable root = TomlTable::parse(read_text_file(path), path);
    root.allow_only({"instrument"});
    std::vector<InstrumentTable::VenueListings> venues;
    for (const TomlTable& table : root.tables("instrument")) {
        const InstrumentConfig instrument = instrument_of(table.settings("instrument"));
        const VenueKey key = key_of_label(instrument.venue);
        auto place = venues.begin();
        while (place != venues.end() && place->key != key) ++place;
        if (place == venues.end()) place = venues.insert(venues.end(), {key, {}});
        place->definitions.push_back(instrument.definition);
    }
    if (venues.empty()) throw StartError(ExitCode::usage, fmt::format("{}: no [[instrument]] in it", path));
    return venues;
}

}  // namespace arb
