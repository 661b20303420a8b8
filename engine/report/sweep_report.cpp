// The figures of a sweep, and its forms for machines: JSON and CSV.
#include "engine/report/sweep_report.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "engine/report/findings.hpp"
#include "engine/report/ledger_csv.hpp"

namespace arb {
namespace {

Amount drawdown_of(const Series& equity)
{
    Amount height, deepest;
    for (const SeriesPoint& point : equity.points) {
        height = std::max(height, point.value);
        deepest = std::max(deepest, height - point.value);
    }
    return deepest;
}

// "order_max_quote", with as many of its tables before it as are asked for.
std::string tail_of(const std::string& key, std::size_t tables)
{
    std::size_t point = key.rfind('.');
    for (; tables > 0 && point != std::string::npos && point > 0; --tables) point = key.rfind('.', point - 1);
    return point == std::string::npos ? key : key.substr(point + 1);
}

}  // namespace

SweepRow sweep_row(std::size_t variant, const RunResult& result)
{
    SweepRow row;
    row.variant = variant;
    row.decision_hash = result.decision_hash;
    row.result = result.waterfall.realised;
    row.fees = result.waterfall.fees;
    if (!result.equity.points.empty()) row.equity = result.equity.points.back().value;
    row.drawdown = drawdown_of(result.equity);
    row.packages = result.packages_total;
    row.unwound = result.packages_unwound;
    row.flagged = result.packages_flagged;
    row.orders = result.orders_total;
    row.rejects = result.rejects_total;
    row.fills = result.fills_total;
    row.opportunities = result.opportunities_total;
    row.events = result.events;
    std::map<std::string, Amount> currencies;
    for (const BalanceRow& balance : result.balances)
        currencies[balance.asset] += balance.end - balance.start;
    row.currencies.assign(currencies.begin(), currencies.end());
    for (std::size_t i = 0; i < result.missed.size(); ++i) {
        if (result.missed[i].opportunities > 0)
            row.missed.emplace_back(name(static_cast<MissedReason>(i)), result.missed[i].opportunities);
    }
    if (row.packages == 0) row.why = conclude(result, find(result)).front();
    return row;
}

void sort_sweep(std::vector<SweepRow>& rows)
{
    std::sort(rows.begin(), rows.end(), [](const SweepRow& a, const SweepRow& b) {
        return a.result != b.result ? a.result > b.result : a.variant < b.variant;
    });
}

std::vector<std::size_t> sweep_places(const std::vector<SweepRange>& ranges, std::size_t variant)
{
    std::vector<std::size_t> places(ranges.size());
    for (std::size_t i = ranges.size(); i-- > 0;) {
        places[i] = variant % ranges[i].values.size();
        variant /= ranges[i].values.size();
    }
    return places;
}

std::size_t sweep_variant(const std::vector<SweepRange>& ranges, const std::vector<std::size_t>& places)
{
    std::size_t variant = 0;
    for (std::size_t i = 0; i < ranges.size(); ++i) variant = variant * ranges[i].values.size() + places[i];
    return variant;
}

std::vector<std::string> sweep_names(const std::vector<SweepRange>& ranges)
{
    std::vector<std::string> names;
    for (const SweepRange& range : ranges) {
        std::size_t tables = 0;
        const auto shared = [&](const SweepRange& other) {
            return other.key != range.key && tail_of(other.key, tables) == tail_of(range.key, tables);
        };
        while (tail_of(range.key, tables) != range.key && std::any_of(ranges.begin(), ranges.end(), shared))
            ++tables;
        names.push_back(tail_of(range.key, tables));
    }
    return names;
}

void write_sweep_row(JsonWriter& json, const std::vector<SweepRange>& ranges, const SweepRow& row)
{
    json.key("variant").integer(row.variant).key("settings").begin_object();
    const std::vector<std::size_t> places = sweep_places(ranges, row.variant);
    for (std::size_t i = 0; i < ranges.size(); ++i) json.key(ranges[i].key).text(ranges[i].values[places[i]]);
    json.end_object();
    json.key("decision_hash").hash(row.decision_hash);
    for (const SweepAmount& amount : kSweepAmounts) json.key(amount.name).amount(row.*amount.member);
    for (const SweepCount& count : kSweepCounts) json.key(count.name).integer(row.*count.member);
    json.key("by_currency").begin_object();
    for (const auto& [asset, amount] : row.currencies) json.key(asset).amount(amount);
    json.end_object().key("missed").begin_object();
    for (const auto& [reason, count] : row.missed) json.key(reason).integer(count);
    json.end_object().key("why").text(row.why).key("trouble").text(row.trouble);
}

std::string sweep_json(const SweepReport& report)
{
    JsonWriter json(2);
    json.begin_object().key("title").text(report.title).key("quote").text(report.quote);
    json.key("inputs").texts(report.inputs).key("ranges").begin_array();
    for (const SweepRange& range : report.ranges) {
        json.begin_object().key("key").text(range.key).key("values").texts(range.values).key("own");
        if (range.own)
            json.text(range.values[*range.own]);
        else
            json.null();
        json.end_object();
    }
    json.end_array().key("set").begin_object();
    for (const auto& [key, value] : report.fixed) json.key(key).text(value);
    json.end_object().key("variants").begin_array();
    for (const SweepRow& row : report.rows) {
        json.begin_object();
        write_sweep_row(json, report.ranges, row);
        json.end_object();
    }
    json.end_array().end_object();
    return json.take();
}

std::string sweep_csv(const SweepReport& report)
{
    std::string out = "variant";
    for (const SweepRange& range : report.ranges) out += "," + ledger::csv_text(range.key);
    for (const SweepAmount& amount : kSweepAmounts) out += "," + std::string(amount.name);
    for (const SweepCount& count : kSweepCounts) out += "," + std::string(count.name);
    out += ",decision_hash,why\r\n";
    for (const SweepRow& row : report.rows) {
        out += std::to_string(row.variant);
        const std::vector<std::size_t> places = sweep_places(report.ranges, row.variant);
        for (std::size_t i = 0; i < places.size(); ++i)
            out += "," + ledger::csv_decimal(report.ranges[i].values[places[i]]);
        for (const SweepAmount& amount : kSweepAmounts) out += "," + (row.*amount.member).text();
        for (const SweepCount& count : kSweepCounts) out += "," + std::to_string(row.*count.member);
        out += fmt::format(",{:016x},{}\r\n", row.decision_hash, ledger::csv_text(row.why));
    }
    return out;
}

}  // namespace arb
