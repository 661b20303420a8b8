// What a demonstration came to, on one page and as one JSON object.
#include <fmt/format.h>

#include "engine/app/demo/demo.hpp"
#include "engine/report/json_writer.hpp"

namespace arb {
namespace {

std::string milliseconds_text(std::uint64_t ns)
{
    return format_scaled(static_cast<std::int64_t>(ns / 1000), 3);
}

}  // namespace

std::string demo_text(const DemoOutcome& o)
{
    const RunFigures& f = o.figures;
    const Waterfall& w = f.waterfall;
    std::string out = "Arbiter demo: emulated venues over TLS on loopback\n\n";
    const auto line = [&](std::string_view name, const std::string& value) {
        fmt::format_to(std::back_inserter(out), "  {:<22}{}\n", name, value);
    };
    line("venues", fmt::format("{}", fmt::join(o.venues, ", ")));
    line("faults played", fmt::format("{}", o.faults));
    line("packages", fmt::format("{} ({} open, {} flagged)", f.packages, f.open_packages, f.flagged));
    line("orders, fills",
         fmt::format("{}, {} ({} unwinding, {} rejected)", f.orders, f.fills, f.unwound, f.rejects));
    line("unknown outcomes", fmt::format("{}, resolved {}", o.run.unknown_orders, o.run.unknown_resolved));
    line("at the venues", fmt::format("{} orders, {} fills", o.venue_orders, o.venue_trades));
    line("ledger = venues", o.mismatches.empty() ? "yes, to the last unit"
                                                 : fmt::format("NO: {} differences", o.mismatches.size()));
    line(
        "keys",
        fmt::format("{} checked at their venues{}", o.keys_checked,
                    o.keys_replaced > 0 ? fmt::format(", {} replaced without a stop", o.keys_replaced) : ""));
    line("replay", !o.replayed        ? std::string("not run")
                   : o.replay_differs ? std::string("DIFFERS")
                                      : fmt::format("{} decisions, all equal", o.decisions));
    out += "\n  waterfall (USDT)\n";
    line("  quoted edge", w.quoted.text());
    line("  depth", w.depth.text());
    line("  fees", w.fees.text());
    line("  latency", w.latency.text());
    line("  unwinding", w.unwind.text());
    line("  realised", w.realised.text());
    out += '\n';
    line("unhedged",
         fmt::format("p50 {} ms, p99 {} ms, max {} ms", milliseconds_text(f.unhedged.quantile(5000)),
                     milliseconds_text(f.unhedged.quantile(9900)), milliseconds_text(f.unhedged.most())));
    line("covered", fmt::format("{} packages closed while an order was silent, {} of these taken back; {} "
                                "USDT-seconds of exposure",
                                f.covered, f.cover_reversed, f.exposure.text()));
    line("frame to order", fmt::format("p50 {} us, p99 {} us over {} orders", o.latency.quantile(5000) / 1000,
                                       o.latency.quantile(9900) / 1000, o.latency.count()));
    line("session", o.run.journal);
    line("ledger", o.run.ledger);
    for (const std::string& flag : f.flags) out += "  FLAGGED " + flag + "\n";
    for (const std::string& mismatch : o.mismatches) out += "  DIFFERS " + mismatch + "\n";
    for (const std::string& trouble : o.run.troubles) out += "  TROUBLE " + trouble + "\n";
    if (!o.replay_text.empty()) out += o.replay_text + "\n";
    return out;
}

std::string demo_json(const DemoOutcome& o)
{
    const RunFigures& f = o.figures;
    JsonWriter json;
    const auto count = [&](std::string_view key, std::uint64_t value) { json.key(key).integer(value); };
    json.begin_object();
    json.key("venues").begin_array();
    for (const std::string& venue : o.venues) json.text(venue);
    json.end_array();
    count("packages", f.packages);
    count("open_packages", f.open_packages);
    count("flagged", f.flagged);
    count("orders", f.orders);
    count("fills", f.fills);
    count("rejects", f.rejects);
    count("unwinding_orders", f.unwound);
    count("unknown_orders", o.run.unknown_orders);
    count("unknown_resolved", o.run.unknown_resolved);
    count("late_fills", f.late_fills);
    count("keys_checked", o.keys_checked);
    count("keys_replaced", o.keys_replaced);
    count("venue_orders", o.venue_orders);
    count("venue_fills", o.venue_trades);
    count("ledger_mismatches", o.mismatches.size());
    count("faults", o.faults);
    json.key("realised").amount(f.waterfall.realised);
    json.key("waterfall").begin_object();
    json.key("quoted").amount(f.waterfall.quoted);
    json.key("depth").amount(f.waterfall.depth);
    json.key("fees").amount(f.waterfall.fees);
    json.key("latency").amount(f.waterfall.latency);
    json.key("unwind").amount(f.waterfall.unwind);
    json.key("realised").amount(f.waterfall.realised);
    json.end_object();
    const auto millis = [&](std::string_view key, std::uint64_t ns) {
        json.key(key).number(static_cast<std::int64_t>(ns / 1000), 3);
    };
    json.key("unhedged_ms").begin_object();
    millis("p50", f.unhedged.quantile(5000));
    millis("p99", f.unhedged.quantile(9900));
    millis("max", f.unhedged.most());
    json.end_object();
    json.key("exposure_seconds_quote").amount(f.exposure);
    count("covered", f.covered);
    count("cover_reversed", f.cover_reversed);
    json.key("frame_to_order_us").begin_object();
    json.key("p50").number(static_cast<std::int64_t>(o.latency.quantile(5000)), 3);
    json.key("p99").number(static_cast<std::int64_t>(o.latency.quantile(9900)), 3);
    json.end_object();
    json.key("replay").begin_object();
    json.key("run").flag(o.replayed);
    json.key("equal").flag(o.replayed && !o.replay_differs);
    count("decisions", o.decisions);
    json.end_object();
    json.key("flags").begin_array();
    for (const std::string& flag : f.flags) json.text(flag);
    json.end_array();
    json.key("mismatches").begin_array();
    for (const std::string& mismatch : o.mismatches) json.text(mismatch);
    json.end_array();
    json.key("journal").text(o.run.journal);
    json.key("ledger").text(o.run.ledger);
    json.key("exit_code").integer(static_cast<std::uint64_t>(o.code));
    json.end_object();
    return json.take();
}

}  // namespace arb
