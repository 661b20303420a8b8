#include "engine/app/demo/venues_config.hpp"

#include <charconv>

#include <fmt/format.h>

#include "engine/app/config/config_file.hpp"
#include "engine/app/config/toml_tables.hpp"

namespace arb {
namespace {

constexpr unsigned kPriceDecimalsMax = 6;  // of a start price; the street's own fineness

Decimal needed_decimal(Settings& table, std::string_view key, std::string_view fallback, bool above_zero)
{
    const std::string text = table.text(key, fallback);
    if (text.empty()) table.fail(key, "is missing");
    const std::optional<Decimal> value = Decimal::parse(text);
    if (!value || value->mantissa() < 0)
        table.fail(key, fmt::format("is '{}': wanted is a decimal like \"0.01\"", text));
    if (above_zero && value->zero()) table.fail(key, "must be above zero");
    return *value;
}

// One of a few words; `fallback` where the key is absent.
template <class Value, std::size_t N>
Value word_of(Settings& table, std::string_view key, std::string_view fallback,
              const std::pair<std::string_view, Value> (&words)[N])
{
    const std::string text = table.text(key, fallback);
    std::string list;
    for (const auto& [word, value] : words) {
        if (word == text) return value;
        list += (list.empty() ? "" : ", ") + std::string(word);
    }
    table.fail(key, fmt::format("is '{}': wanted is one of {}", text, list));
}

std::vector<std::pair<std::string, Amount>> balances_of(const TomlTable& table, const std::string& name)
{
    std::vector<std::pair<std::string, Amount>> balances;
    Settings settings = table.settings(name);
    for (const std::string& asset : table.keys()) balances.emplace_back(asset, settings.amount(asset, "0"));
    return balances;
}

Deviations deviations_of(Settings& table)
{
    Deviations deviations;
    for (const std::string& text : table.texts("deviations")) {
        const std::optional<Deviation> known = deviation_named(text);
        if (!known) {
            std::vector<std::string> names;
            for (std::size_t i = 0; i < static_cast<std::size_t>(Deviation::count_); ++i)
                names.emplace_back(name(static_cast<Deviation>(i)));
            table.fail("deviations",
                       fmt::format("holds '{}', which is no deviation{}", text, did_you_mean(text, names)));
        }
        deviations.add(*known);
    }
    return deviations;
}

EmulatedVenueConfig emulated_venue_of(const TomlTable& root, const std::string& label)
{
    const TomlTable place = root.table("venue").table(label);
    Settings table = place.settings("venue." + label, {"balance", "settings"});
    EmulatedVenueConfig venue;
    venue.label = label;
    venue.place = table.place();
    venue.port = static_cast<std::uint16_t>(table.integer("port", 0, 0, 65'535));
    venue.maker_fee = table.basis_points("maker_fee_bps", "10");
    venue.taker_fee = table.basis_points("taker_fee_bps", "10");
    constexpr std::pair<std::string_view, FeeTaking> kTaking[] = {{"quote", FeeTaking::quote},
                                                                  {"received", FeeTaking::received}};
    venue.fee_taking = word_of(table, "fee_taking", "quote", kTaking);
    venue.latency = table.microseconds("latency_us", 0);
    constexpr std::pair<std::string_view, bool> kYesNo[] = {{"true", true}, {"false", false}};
    venue.rate_limits = word_of(table, "rate_limits", "true", kYesNo);
    venue.manners = word_of(table, "manners", "false", kYesNo);
    venue.deviations = deviations_of(table);
    venue.accounts = static_cast<unsigned>(table.integer("accounts", 1, 1, EmulatedWorld::kAccountsMax));
    venue.instruments = table.texts("instruments");
    table.finish();
    venue.balances = balances_of(place.table("balance"), "venue." + label + ".balance");
    const TomlTable accounts = place.table("settings");
    Settings said = accounts.settings("venue." + label + ".settings");
    for (const std::string& name : accounts.keys()) venue.settings[name] = said.text(name, "");
    return venue;
}

EmulatedPairConfig pair_of(Settings table)
{
    EmulatedPairConfig pair;
    pair.base = table.required("base");
    pair.quote = table.required("quote");
    pair.price = needed_decimal(table, "price", "", true);
    if (pair.price.decimals() > kPriceDecimalsMax || !pair.price.scaled(kPriceDecimalsMax))
        table.fail("price", "has more than six decimals or is too large");
    pair.tick = needed_decimal(table, "tick", "0.01", true);
    if (pair.tick.decimals() > kPriceDecimalsMax) table.fail("tick", "has more than six decimals");
    pair.lot = needed_decimal(table, "lot", "0.0001", true);
    pair.quantity_min = needed_decimal(table, "quantity_min", "0", false);
    pair.notional_min = needed_decimal(table, "notional_min", "0", false);
    table.finish();
    return pair;
}

std::int64_t steps_of(Settings& table, std::string_view key, std::int64_t fallback_steps, std::int64_t least,
                      std::int64_t most)
{
    const std::int64_t step_ms = CommonMarket::kStep.ns / milliseconds(1).ns;
    return table.integer(key, fallback_steps * step_ms, least * step_ms, most * step_ms) / step_ms;
}

MarketHabits street_of(const TomlTable& root)
{
    Settings table = root.table("street").settings("street");
    MarketHabits habits;
    habits.wander_bps_e2 = table.integer("wander_bps_e2", habits.wander_bps_e2, 1, 10'000);
    habits.burst_every = steps_of(table, "burst_every_ms", habits.burst_every, 1, 1'000'000);
    habits.burst_least_bps = table.integer("burst_least_bps", habits.burst_least_bps, 0, 1000);
    habits.burst_most_bps = table.integer("burst_most_bps", habits.burst_most_bps, 0, 1000);
    if (habits.burst_least_bps > habits.burst_most_bps)
        table.fail("burst_least_bps", "is above burst_most_bps");
    habits.home_bps = table.integer("home_bps", habits.home_bps, 0, 5000);
    habits.lag_most = steps_of(table, "lag_most_ms", habits.lag_most, 0, 120);
    habits.half_spread_most_bps = table.integer("half_spread_most_bps", habits.half_spread_most_bps, 0, 1000);
    habits.noise_most_bps = table.integer("noise_most_bps", habits.noise_most_bps, 0, 1000);
    habits.move_one_in = steps_of(table, "move_every_ms", habits.move_one_in, 1, 1000);
    table.finish();
    return habits;
}

// "0.25" of a second and more: seconds as exact text, to the millisecond.
Duration seconds_of(Settings& table, std::string_view key)
{
    const std::string text = table.text(key, "0");
    const ScaledNumber number = parse_scaled(text, 3);
    if (number.error != DecimalError::none || number.value < 0 || number.value > 86'400'000)
        table.fail(key, fmt::format("is '{}': wanted are seconds like 20 or \"1.5\"", text));
    return milliseconds(number.value);
}

FaultRule rule_of(Settings table)
{
    FaultRule rule;
    rule.place = table.place();
    const std::string kind = table.required("kind");
    const std::optional<FaultKind> known = fault_kind(kind);
    if (!known) {
        std::vector<std::string> kinds;
        for (std::size_t i = 0; i < static_cast<std::size_t>(FaultKind::count_); ++i)
            kinds.emplace_back(name(static_cast<FaultKind>(i)));
        table.fail("kind",
                   fmt::format("is '{}', which is no kind of fault{}", kind, did_you_mean(kind, kinds)));
    }
    rule.kind = *known;
    rule.venue = table.text("venue", "");
    rule.from = seconds_of(table, "from_s");
    rule.until = seconds_of(table, "until_s");
    rule.count_max = static_cast<std::uint64_t>(table.integer("count", 0, 0, 1'000'000'000));
    // What a kind has no use for is not asked for, so that it is refused as a key that does nothing.
    if (is_timed(rule.kind)) {
        rule.every = seconds_of(table, "every_s");
    } else {
        constexpr std::pair<std::string_view, FaultRoute> kRoutes[] = {
            {"any", FaultRoute::any}, {"rest", FaultRoute::rest}, {"websocket", FaultRoute::websocket}};
        rule.route = word_of(table, "route", "any", kRoutes);
        constexpr std::pair<std::string_view, FaultDeed> kDeeds[] = {{"any", FaultDeed::any},
                                                                     {"order", FaultDeed::order},
                                                                     {"cancel", FaultDeed::cancel},
                                                                     {"query", FaultDeed::query},
                                                                     {"other", FaultDeed::other}};
        rule.deed = word_of(table, "deed", "any", kDeeds);
        const std::string chance = table.text("chance", "1");
        const ScaledNumber number = parse_scaled(chance, 6);
        if (number.error != DecimalError::none || number.value < 0 || number.value > kChanceOne)
            table.fail("chance", fmt::format("is '{}': wanted is a part of one like \"0.01\"", chance));
        rule.chance = number.value;
    }
    const FaultKind k = rule.kind;
    const bool long_lasting = k == FaultKind::delay || k == FaultKind::ban || k == FaultKind::halt ||
                              k == FaultKind::cancel_only || k == FaultKind::clock_skew ||
                              k == FaultKind::freeze;
    if (long_lasting) rule.lasts = table.milliseconds("lasts_ms", 0);
    if ((k == FaultKind::delay || k == FaultKind::ban) && rule.lasts.ns == 0)
        table.fail("lasts_ms", "is missing");
    if (k == FaultKind::clock_skew)
        rule.skew = milliseconds(table.integer("skew_ms", 0, -86'400'000, 86'400'000));
    if (k == FaultKind::halt || k == FaultKind::cancel_only) rule.instrument = table.text("instrument", "");
    if (k == FaultKind::revoke_key) rule.key = table.text("key", "trade");
    table.finish();
    return rule;
}

}  // namespace

EmulatedWorldConfig load_emulated_world(const std::string& path)
{
    return parse_emulated_world(read_text_file(path), path);
}

EmulatedWorldConfig parse_emulated_world(const std::string& text, const std::string& name)
{
    const TomlTable root = TomlTable::parse(text, name);
    root.allow_only({"seed", "address", "idle", "street", "balance", "venue", "pair"});
    EmulatedWorldConfig config;
    Settings top = root.settings("configuration", {"street", "balance", "venue", "pair"});
    config.seed = static_cast<std::uint64_t>(top.integer("seed", 1, 0, INT64_MAX));
    config.address = top.text("address", "127.0.0.1");
    // Fake venues with fake keys are nobody else's business.
    if (config.address != "127.0.0.1" && config.address != "::1")
        top.fail("address", fmt::format("is '{}': wanted is 127.0.0.1 or ::1", config.address));
    constexpr std::pair<std::string_view, net::Idle> kIdle[] = {
        {"sleep", net::Idle::sleep}, {"yield", net::Idle::yield}, {"spin", net::Idle::spin}};
    config.idle = word_of(top, "idle", "sleep", kIdle);
    top.finish();
    config.street = street_of(root);
    config.balances = balances_of(root.table("balance"), "balance");
    for (const std::string& label : root.table("venue").keys())
        config.venues.push_back(emulated_venue_of(root, label));
    for (const TomlTable& table : root.tables("pair"))
        config.pairs.push_back(pair_of(table.settings("pair")));
    if (config.venues.empty())
        throw StartError(ExitCode::usage, fmt::format("{}: no [venue.NAME] in it", name));
    if (config.pairs.empty()) throw StartError(ExitCode::usage, fmt::format("{}: no [[pair]] in it", name));
    return config;
}

FaultPlan load_fault_plan(const std::string& path)
{
    return parse_fault_plan(read_text_file(path), path);
}

FaultPlan parse_fault_plan(const std::string& text, const std::string& name)
{
    const TomlTable root = TomlTable::parse(text, name);
    root.allow_only({"fault"});
    FaultPlan plan;
    for (const TomlTable& table : root.tables("fault"))
        plan.rules.push_back(rule_of(table.settings("fault")));
    return plan;
}

}  // namespace arb
