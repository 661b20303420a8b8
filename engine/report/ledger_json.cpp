// A ledger as one JSON object.
#include "engine/report/json_writer.hpp"
#include "engine/report/ledger_report.hpp"

namespace arb {
namespace {

void waterfall(JsonWriter& json, const Waterfall& w)
{
    json.begin_object();
    json.key("quoted").amount(w.quoted).key("depth").amount(w.depth).key("fees").amount(w.fees);
    json.key("latency").amount(w.latency).key("unwind").amount(w.unwind).key("realised").amount(w.realised);
    json.end_object();
}

/// [ one object a row ]
template <class Rows, class Write>
void list(JsonWriter& json, std::string_view name, const Rows& rows, Write write)
{
    json.key(name).begin_array();
    for (const auto& row : rows) {
        json.begin_object();
        write(row);
        json.end_object();
    }
    json.end_array();
}

/// Nanoseconds as milliseconds with their fraction.
void milliseconds(JsonWriter& json, std::string_view name, std::int64_t ns)
{
    json.key(name).number(ns, 6);
}

void profit(JsonWriter& json, std::string_view name, const std::vector<ledger::ProfitLine>& lines,
            std::string_view first, std::string_view second)
{
    list(json, name, lines, [&](const ledger::ProfitLine& line) {
        if (!first.empty()) json.key(first).text(line.name);
        if (!second.empty()) json.key(second).text(line.second);
        json.key("quote").text(line.quote).key("packages").integer(line.packages);
        json.key("flagged").integer(line.flagged);
        if (first == "instrument") json.key("fills").integer(line.fills).key("volume").amount(line.volume);
        waterfall(json.key("waterfall"), line.waterfall);
    });
}

void packages(JsonWriter& json, std::string_view name, const std::vector<ledger::PackageRow>& rows)
{
    list(json, name, rows, [&](const ledger::PackageRow& row) {
        json.key("run").integer(row.epoch).key("package").integer(row.package);
        json.key("instrument").text(row.instrument.view()).key("strategy").text(row.strategy.view());
        json.key("buy_venue").text(row.buy_venue.view()).key("sell_venue").text(row.sell_venue.view());
        json.key("quantity").text(row.quantity.view()).key("outcome").text(row.outcome.view());
        json.key("detail").text(row.detail.view()).key("decided").time(row.decided);
        json.key("finished").time(row.finished);
        waterfall(json.key("waterfall"), row.waterfall);
    });
}

void runs(JsonWriter& json, const LedgerReport& report)
{
    list(json, "runs", report.runs, [&](const ledger::RunRow& run) {
        json.key("run").integer(run.epoch).key("begin").time(run.begin).key("end").time(run.end);
        json.key("mode").text(run.mode.view()).key("build").text(run.build.view());
        json.key("config_hash").text(run.config_hash.view());
        json.key("exit_code");
        run.end.known() ? json.signed_integer(run.exit_code) : json.null();
        json.key("decision_hash").text(run.decision_hash.view());
    });
}

void totals(JsonWriter& json, const LedgerReport& report)
{
    const ledger::Totals& t = report.totals;
    json.key("packages").integer(t.packages).key("flat").integer(t.flat).key("flagged").integer(t.flagged);
    json.key("held").integer(t.held);
    json.key("open_packages").integer(t.open).key("orders").integer(t.orders).key("fills").integer(t.fills);
    json.key("orders_by_state").begin_object();
    for (const auto& [state, number] : t.orders_by_state) json.key(state).integer(number);
    json.end_object();
    json.key("flags_open").integer(t.flags_open).key("notes_total").integer(t.notes);
    json.key("ledger_mismatches").integer(report.mismatches);
    json.key("accounts_not_closed").integer(report.not_closed);
    json.key("waterfall_mismatches").integer(report.waterfall_mismatches);
    json.key("rows_lost").integer(report.rows_lost).key("complete").flag(report.complete());
    json.key("exact").flag(!report.saturated);
    json.key("realised").amount(report.waterfall().realised);
    waterfall(json.key("waterfall"), report.waterfall());
    json.key("unhedged_ms").begin_object();
    milliseconds(json, "p50", report.unhedged.p50_ns);
    milliseconds(json, "p99", report.unhedged.p99_ns);
    milliseconds(json, "max", report.unhedged.max_ns);
    json.end_object();
}

void accounts(JsonWriter& json, const LedgerReport& report)
{
    list(json, "balances", report.accounts, [&](const ledger::AccountLine& line) {
        const ledger::BalanceRow& row = line.row;
        json.key("run")
            .integer(row.epoch)
            .key("venue")
            .text(row.venue.view())
            .key("asset")
            .text(row.asset.view());
        json.key("time").time(row.time).key("kind").text(row.kind.view());
        json.key("start").amount(row.start).key("fills").amount(row.fills).key("fees").amount(row.fees);
        json.key("ours").amount(row.ours).key("theirs").amount(row.theirs);
        json.key("difference")
            .amount(line.difference)
            .key("agrees")
            .flag(line.agrees)
            .key("rounded")
            .flag(line.rounded);
        json.key("closed").flag(line.closed).key("fills_since").integer(line.later);
    });
}

void portfolio(JsonWriter& json, const LedgerReport& report)
{
    json.key("portfolio").begin_object();
    json.key("quote").text(report.quote).key("value").amount(report.portfolio_value);
    json.key("marks").text("prices of the last fills");
    list(json, "holdings", report.portfolio, [&](const ledger::HoldingLine& line) {
        json.key("asset").text(line.asset).key("venues").integer(line.venues);
        json.key("ours").amount(line.ours).key("theirs").amount(line.theirs);
        json.key("mark").text(line.mark).key("mark_instrument").text(line.mark_instrument);
        json.key("mark_time").time(line.mark_time).key("value");
        line.valued ? json.amount(line.value) : json.null();
    });
    json.end_object();
}

void unknown_orders(JsonWriter& json, const LedgerReport& report)
{
    list(json, "unknown_orders", report.unknown_orders, [&](const ledger::OrderRow& row) {
        json.key("run").integer(row.epoch).key("order").integer(row.order);
        json.key("client_id").text(row.client_id.view()).key("package").integer(row.package);
        json.key("venue").text(row.venue.view()).key("instrument").text(row.instrument.view());
        json.key("side").text(name(row.side)).key("price").text(row.price.view());
        json.key("quantity").text(row.quantity.view()).key("filled").text(row.filled.view());
        json.key("purpose").text(row.purpose.view()).key("reason").text(row.reason.view());
        json.key("sent").time(row.sent);
    });
}

void trail(JsonWriter& json, const LedgerReport& report)
{
    list(json, "fees", report.fees, [&](const ledger::FeeLine& line) {
        json.key("venue").text(line.venue).key("asset").text(line.asset);
        json.key("fills").integer(line.fills).key("fee").amount(line.fee);
    });
    list(json, "key_uses", report.key_uses, [&](const ledger::KeyUseLine& line) {
        json.key("venue").text(line.venue).key("key").text(line.label).key("endpoint").text(line.endpoint);
        json.key("outcome").text(line.outcome).key("count").integer(line.count);
        json.key("first").time(line.first).key("last").time(line.last);
    });
    list(json, "flags", report.flags, [&](const ledger::FlagRow& row) {
        json.key("run").integer(row.epoch).key("time").time(row.time).key("venue").text(row.venue.view());
        json.key("instrument").text(row.instrument.view()).key("amount").text(row.amount.view());
        json.key("reason").text(row.reason.view()).key("cleared").flag(row.cleared);
    });
    list(json, "notes", report.notes, [&](const ledger::NoteRow& row) {
        json.key("run").integer(row.epoch).key("time").time(row.time);
        json.key("level").text(row.level.view()).key("text").text(row.text.view());
    });
}

}  // namespace

std::string ledger_json(const LedgerReport& report)
{
    JsonWriter json(2);
    json.begin_object();
    json.key("ledger").text(report.path).key("quote").text(report.quote);
    runs(json, report);
    totals(json, report);
    profit(json, "results", report.results, "", "");
    profit(json, "by_instrument", report.by_instrument, "instrument", "");
    profit(json, "by_pair", report.by_pair, "buy_venue", "sell_venue");
    profit(json, "by_strategy", report.by_strategy, "strategy", "");
    accounts(json, report);
    portfolio(json, report);
    packages(json, "open_package_list", report.open_packages);
    packages(json, "flagged_package_list", report.flagged_packages);
    unknown_orders(json, report);
    trail(json, report);
    json.end_object();
    return json.take();
}

}  // namespace arb
