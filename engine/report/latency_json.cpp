// A measurement of latency as JSON: quantiles in microseconds, null where too few samples stand behind one.
#include <algorithm>

#include "engine/report/json_writer.hpp"
#include "engine/report/latency_report.hpp"

namespace arb {
namespace {

struct ToldQuantile {
    const char* name;
    std::uint64_t parts;
};
constexpr ToldQuantile kToldQuantiles[] = {
    {"p50_us", 50'000}, {"p90_us", 90'000}, {"p99_us", 99'000}, {"p999_us", 99'900}};

void write_row(JsonWriter& json, const LatencyTable& table, const LatencyRow& row)
{
    std::vector<std::int64_t> sorted = row.ns;
    std::sort(sorted.begin(), sorted.end());
    json.begin_object().key("name").text(row.name).key("samples").integer(sorted.size());
    for (const ToldQuantile& quantile : kToldQuantiles) {
        json.key(quantile.name);
        if (latency_quantile_told(sorted.size(), quantile.parts))
            json.number(latency_quantile(sorted, quantile.parts), 3);
        else
            json.null();
    }
    json.key("most_us");
    if (sorted.empty())
        json.null();
    else
        json.number(sorted.back(), 3);
    if (table.floor > 0 && !sorted.empty())
        json.key("p50_of_floor").number(latency_quantile(sorted, 50'000) * 100 / table.floor, 2);
    json.end_object();
}

void write_table(JsonWriter& json, const LatencyTable& table)
{
    json.begin_object().key("id").text(table.id).key("title").text(table.title);
    if (table.floor > 0) json.key("floor").text(table.floor_name).key("floor_us").number(table.floor, 3);
    json.key("rows").begin_array();
    for (const LatencyRow& row : table.rows) write_row(json, table, row);
    json.end_array().end_object();
}

void write_goal(JsonWriter& json, const LatencyGoal& goal)
{
    json.begin_object().key("name").text(goal.name).key("value").text(goal.value_name);
    json.key("floor").text(goal.floor_name).key("ratio");
    if (goal.ratio_hundredths() == 0)
        json.null();
    else
        json.number(goal.ratio_hundredths(), 2);
    json.key("goal").number(goal.at_most_hundredths, 2).key("reached");
    if (goal.ratio_hundredths() == 0)
        json.null();
    else
        json.flag(goal.ratio_hundredths() <= goal.at_most_hundredths);
    json.end_object();
}

}  // namespace

std::string latency_json(const LatencyReport& report)
{
    JsonWriter json(2);
    json.begin_object().key("time").time(report.time).key("build").text(report.build);
    json.key("machine").text(report.machine).key("facts").begin_object();
    for (const auto& [key, value] : report.facts) json.key(key).text(value);
    json.end_object().key("tables").begin_array();
    for (const LatencyTable& table : report.tables) write_table(json, table);
    json.end_array().key("floors_ns").begin_object();
    for (const LatencyFloor& floor : report.floors) json.key(floor.id).number(floor.picoseconds, 3);
    json.end_object().key("goals").begin_array();
    for (const LatencyGoal& goal : report.goals) write_goal(json, goal);
    json.end_array().key("host").begin_array();
    for (const HostCheck& check : report.host) {
        json.begin_object().key("name").text(check.name).key("state").text(name(check.state));
        json.key("found").text(check.found).key("mend").text(check.mend).end_object();
    }
    return json.end_array().end_object().take();
}

}  // namespace arb
