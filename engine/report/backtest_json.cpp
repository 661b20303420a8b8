#include <algorithm>
#include <string>
#include <vector>

#include "engine/report/backtest_report.hpp"
#include "engine/report/findings.hpp"
#include "engine/report/json_writer.hpp"

namespace arb {
namespace {

constexpr unsigned kBpsDecimals = 4;  // a Rate counts 10^-8, a basis point 10^-4

void write_waterfall(JsonWriter& json, const Waterfall& waterfall)
{
    json.key("waterfall").begin_object();
    json.key("quoted").amount(waterfall.quoted);
    json.key("depth").amount(waterfall.depth);
    json.key("fees").amount(waterfall.fees);
    json.key("latency").amount(waterfall.latency);
    json.key("unwind").amount(waterfall.unwind);
    json.key("realised").amount(waterfall.realised);
    json.end_object();
}

void write_books(JsonWriter& json, const RunResult& result)
{
    json.key("spans").begin_array();
    for (const InputSpan& span : result.spans) {
        json.begin_object();
        json.key("input").text(span.path);
        json.key("begin_ns").signed_integer(span.begin.ns);
        json.key("end_ns").signed_integer(span.end.ns);
        json.end_object();
    }
    json.end_array();
    json.key("compared_ns");
    if (result.compared)
        json.signed_integer(result.compared->ns);
    else
        json.null();
    json.key("books").begin_array();
    for (const BookUse& book : result.books) {
        json.begin_object();
        json.key("venue").text(book.venue);
        json.key("symbol").text(book.symbol);
        json.key("recorded_ns").signed_integer(book.recorded.ns);
        json.key("usable_ns").signed_integer(book.usable.ns);
        json.key("unusable_ns").begin_object();
        for (const auto& [why, time] : book.unusable) json.key(name(why)).signed_integer(time.ns);
        json.end_object();
        json.key("left_out").integer(book.left_out);
        json.end_object();
    }
    json.end_array();
}

void write_crossings(JsonWriter& json, const RunResult& result)
{
    json.key("crossings").begin_array();
    for (const CrossingSummary& crossing : result.crossings) {
        json.begin_object();
        json.key("instrument").text(crossing.instrument);
        json.key("buy_venue").text(crossing.buy_venue);
        json.key("sell_venue").text(crossing.sell_venue);
        json.key("instants").integer(crossing.instants);
        json.key("max_bps").number(crossing.max_edge.units, kBpsDecimals);
        json.end_object();
    }
    json.end_array();
}

void write_missed(JsonWriter& json, const RunResult& result)
{
    json.key("missed").begin_object();
    for (std::size_t i = 0; i < result.missed.size(); ++i) {
        json.key(name(static_cast<MissedReason>(i))).begin_object();
        json.key("opportunities").integer(result.missed[i].opportunities);
        json.key("quoted").amount(result.missed[i].quoted);
        json.end_object();
    }
    json.end_object();
    json.key("missed_by_limit").begin_object();
    for (const LimitRow& row : result.limits) {
        json.key(row.limit).begin_object();
        json.key("opportunities").integer(row.missed.opportunities);
        json.key("quoted").amount(row.missed.quoted);
        json.end_object();
    }
    json.end_object();
}

void write_pairs(JsonWriter& json, const RunResult& result)
{
    json.key("by_pair").begin_array();
    for (const PairRow& pair : result.by_pair) {
        json.begin_object();
        json.key("instrument").text(pair.instrument);
        json.key("buy_venue").text(pair.buy_venue);
        json.key("sell_venue").text(pair.sell_venue);
        json.key("packages").integer(pair.packages);
        json.key("unwound").integer(pair.unwound);
        json.key("flagged").integer(pair.flagged);
        json.key("volume").amount(pair.volume);
        write_waterfall(json, pair.waterfall);
        json.end_object();
    }
    json.end_array();
}

void write_venues(JsonWriter& json, const RunResult& result)
{
    json.key("by_venue").begin_object();
    for (const VenueRow& venue : result.by_venue) {
        json.key(venue.venue).begin_object();
        json.key("frames").integer(venue.frames);
        json.key("orders").integer(venue.orders);
        json.key("fills").integer(venue.fills);
        json.key("rejects").integer(venue.rejects);
        json.key("volume").amount(venue.volume);
        json.key("fees").amount(venue.fees);
        json.end_object();
    }
    json.end_object();
}

void write_balances(JsonWriter& json, const RunResult& result)
{
    json.key("balances").begin_array();
    for (const BalanceRow& row : result.balances) {
        json.begin_object();
        json.key("venue").text(row.venue);
        json.key("asset").text(row.asset);
        json.key("start").amount(row.start);
        json.key("fills").amount(row.fills);
        json.key("fees").amount(row.fees);
        json.key("end").amount(row.end);
        json.end_object();
    }
    json.end_array();
}

void write_final_balances(JsonWriter& json, const RunResult& result)
{
    // An object names each venue once, however the rows are ordered.
    std::vector<std::string> venues;
    for (const BalanceRow& row : result.balances) {
        if (std::find(venues.begin(), venues.end(), row.venue) == venues.end()) venues.push_back(row.venue);
    }
    json.key("final_balances").begin_object();
    for (const std::string& venue : venues) {
        json.key(venue).begin_object();
        for (const BalanceRow& row : result.balances) {
            if (row.venue == venue) json.key(row.asset).amount(row.end);
        }
        json.end_object();
    }
    json.end_object();
}

}  // namespace

std::string backtest_json(const RunResult& result)
{
    JsonWriter json(2);
    json.begin_object();
    json.key("title").text(result.title);
    json.key("inputs").texts(result.inputs);
    write_books(json, result);
    json.key("begin").time(result.begin);
    json.key("end").time(result.end);
    json.key("events").integer(result.events);
    json.key("events_per_second").integer(events_per_second(result));
    json.key("quote").text(result.quote);
    write_crossings(json, result);
    json.key("opportunities").integer(result.opportunities_total);
    write_missed(json, result);
    json.key("packages").integer(result.packages_total);
    json.key("unwound").integer(result.packages_unwound);
    json.key("flagged").integer(result.packages_flagged);
    json.key("orders").integer(result.orders_total);
    json.key("rejects").integer(result.rejects_total);
    json.key("fills").integer(result.fills_total);
    write_waterfall(json, result.waterfall);
    write_pairs(json, result);
    write_venues(json, result);
    write_balances(json, result);
    write_final_balances(json, result);
    json.key("conclusion").texts(conclude(result, find(result)));
    json.key("notes").texts(result.notes);
    json.key("decision_hash").hash(result.decision_hash);
    json.end_object();
    return json.take();
}

}  // namespace arb
