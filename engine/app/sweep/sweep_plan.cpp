#include "engine/app/sweep/sweep_plan.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "engine/app/config/config_file.hpp"
#include "engine/base/hash.hpp"
#include "engine/report/display.hpp"

namespace arb {
namespace {

constexpr std::int64_t kValuesMost = 10'000;  ///< of one range

[[noreturn]] void refuse(const std::string& place, const std::string& why)
{
    throw StartError(ExitCode::usage, fmt::format("{}: {}", place, why));
}

bool same_value(const std::string& a, const std::string& b)
{
    const std::optional<Decimal> one = Decimal::parse(a), other = Decimal::parse(b);
    return one && other ? *one == *other : a == b;
}

// { from = "0.5", to = "3", step = "0.5" }, counted in the finest decimals of the three.
std::vector<std::string> steps_of(Settings table)
{
    constexpr const char* kKeys[] = {"from", "to", "step"};
    std::int64_t units[3] = {};
    std::vector<Decimal> numbers;
    unsigned decimals = 0;
    for (const char* key : kKeys) {
        const std::string text = table.required(key);
        const std::optional<Decimal> number = Decimal::parse(text);
        if (!number) table.fail(key, fmt::format("is '{}': wanted is a decimal like \"0.5\"", text));
        decimals = std::max(decimals, number->decimals());
        numbers.push_back(*number);
    }
    table.finish();
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        const std::optional<std::int64_t> scaled = numbers[i].scaled(decimals);
        if (!scaled) table.fail(kKeys[i], "does not fit beside the others: write fewer digits");
        units[i] = *scaled;
    }
    const auto [from, to, step] = units;
    if (step <= 0) table.fail("step", "must be above zero");
    if (to < from) table.fail("to", "is below from");
    const Int128 count = (Int128{to} - from) / step + 1;
    if (count > kValuesMost)
        table.fail("step", fmt::format("makes more than {} values: take a larger one", kValuesMost));
    std::vector<std::string> values;
    for (Int128 i = 0; i < count; ++i)
        values.push_back(Decimal(static_cast<std::int64_t>(from + i * step), decimals).text());
    return values;
}

// What the configuration says at this key, at every table that `*` stands for; false: not everywhere.
bool collect_own(const TomlTable& table, const std::string& key, std::vector<std::string>& texts)
{
    const std::size_t point = key.find('.');
    if (point == std::string::npos) {
        const std::optional<std::string> text = table.text(key);
        if (text) texts.push_back(*text);
        return text.has_value();
    }
    const std::string name = key.substr(0, point), rest = key.substr(point + 1);
    if (name != "*") return table.has_table(name) && collect_own(table.table(name), rest, texts);
    for (const std::string& each : table.keys()) {
        if (table.has_table(each) && !collect_own(table.table(each), rest, texts)) return false;
    }
    return true;
}

std::optional<std::size_t> own_place(const TomlTable& root, const SweepRange& range)
{
    std::vector<std::string> texts;
    if (!collect_own(root, range.key, texts) || texts.empty()) return std::nullopt;
    for (std::size_t i = 0; i < range.values.size(); ++i) {
        if (std::all_of(texts.begin(), texts.end(),
                        [&](const std::string& text) { return same_value(text, range.values[i]); }))
            return i;
    }
    return std::nullopt;
}

void check_key(const std::string& key, const std::string& place)
{
    const std::string last = key.substr(key.rfind('.') + 1);
    if (last.empty() || last == "*" || key.front() == '.' || key.find("..") != std::string::npos ||
        key.find('[') != std::string::npos)
        refuse(place,
               fmt::format("'{}' names no key of the configuration: wanted is one with its tables, like "
                           "strategy.cross_venue.min_edge_bps or venue.*.order_latency_us",
                           key));
}

std::vector<TomlOverride> fixed_of(const std::vector<std::string>& sets)
{
    std::vector<TomlOverride> fixed;
    for (const std::string& set : sets) {
        const std::string place = "--set " + set;
        const std::size_t equal = set.find('=');
        if (equal == std::string::npos || equal == 0)
            refuse(place, "wanted is a key and its value, as in --set risk.order_max_quote=500");
        TomlOverride said{set.substr(0, equal), set.substr(equal + 1), place};
        check_key(said.key, place);
        for (const TomlOverride& other : fixed) {
            if (other.key == said.key) refuse(place, "was set before");
        }
        fixed.push_back(std::move(said));
    }
    return fixed;
}

void read_ranges(const TomlTable& root, SweepPlan& plan)
{
    const TomlTable sweep = root.table("sweep");
    std::vector<std::string> stepped;
    for (const std::string& key : sweep.keys()) {
        if (sweep.has_table(key)) stepped.push_back(key);
    }
    Settings listed = sweep.settings("sweep", stepped);
    for (const std::string& key : sweep.keys_as_written()) {
        SweepRange range{key, {}, {}};
        std::string place = listed.place_of(key);
        if (sweep.has_table(key)) {
            const TomlTable table = sweep.table(key);
            if (!table.has("from")) {
                refuse(sweep.key_place(key),
                       fmt::format("sweep.{} is no range: write the whole key in quotes, as in "
                                   "\"strategy.cross_venue.min_edge_bps\" = [\"1\", \"2\"]",
                                   key));
            }
            place = sweep.key_place(key);
            range.values = steps_of(table.settings("sweep." + key));
        } else {
            if (sweep.text(key))
                refuse(place, fmt::format("sweep.{} is no list: one value for all variants is --set", key));
            range.values = listed.texts(key);
        }
        check_key(key, place);
        if (range.values.empty()) refuse(place, fmt::format("sweep.{} lists no value", key));
        for (std::size_t i = 0; i < range.values.size(); ++i) {
            for (std::size_t j = 0; j < i; ++j) {
                if (same_value(range.values[i], range.values[j]))
                    refuse(place, fmt::format("sweep.{} has {} twice", key, range.values[i]));
            }
        }
        const bool set = std::any_of(plan.fixed.begin(), plan.fixed.end(),
                                     [&](const TomlOverride& said) { return said.key == key; });
        if (set) continue;
        range.own = own_place(root, range);
        plan.ranges.push_back(std::move(range));
        plan.places.push_back(std::move(place));
    }
}

}  // namespace

EngineConfig SweepPlan::config(std::size_t variant) const
{
    std::vector<TomlOverride> overrides;
    const std::vector<std::size_t> values = sweep_places(ranges, variant);
    for (std::size_t i = 0; i < ranges.size(); ++i)
        overrides.push_back({ranges[i].key, ranges[i].values[values[i]], places[i]});
    overrides.insert(overrides.end(), fixed.begin(), fixed.end());
    return parse_config(text, path, std::move(overrides));
}

std::uint64_t SweepPlan::hash() const
{
    Hash hash;
    hash.add_text(text);
    for (const TomlOverride& said : fixed) {
        hash.add_text(said.key);
        hash.add_text(said.text);
    }
    return hash.value();
}

SweepPlan read_sweep_plan(const std::string& path, const std::vector<std::string>& sets, std::size_t most)
{
    SweepPlan plan;
    plan.path = path;
    plan.text = read_text_file(path);
    plan.fixed = fixed_of(sets);
    read_ranges(TomlTable::parse(plan.text, path), plan);
    if (plan.ranges.empty()) {
        refuse(path,
               "nothing varies: add a table [sweep] with ranges, as in "
               "\"strategy.cross_venue.min_edge_bps\" = [\"1\", \"2\"]");
    }
    plan.variants = 1;
    for (const SweepRange& range : plan.ranges) {
        if (__builtin_mul_overflow(plan.variants, range.values.size(), &plan.variants))
            plan.variants = std::numeric_limits<std::size_t>::max();
    }
    if (plan.variants > most) {
        refuse(path,
               fmt::format("[sweep] makes {} variants, more than {}: take values out, or allow more with "
                           "--most",
                           display::count(plan.variants), display::count(most)));
    }
    return plan;
}

}  // namespace arb
