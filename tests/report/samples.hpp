#pragma once
// Results of runs for the report tests: a small one whose every digit is known, an empty one, a rich one as
// two hours of two venues give it, one that trades nothing because fees are too high, and one full of hostile
// text. Seeded by constants: equal calls give equal results.
#include <cstdint>
#include <string>

#include "engine/report/audit_report.hpp"
#include "engine/trading/run_result.hpp"

namespace arb::samples {

inline Amount exact_amount(const char* text)
{
    return amount_of(Decimal::parse(text).value()).value();
}
inline Timestamp at(const char* utc)
{
    return *parse_utc(utc);
}

/// A waterfall whose parts sum by construction.
inline Waterfall waterfall(const char* quoted, const char* depth, const char* fees, const char* latency,
                           const char* unwind)
{
    Waterfall w{exact_amount(quoted),  exact_amount(depth),  exact_amount(fees),
                exact_amount(latency), exact_amount(unwind), {}};
    w.realised = w.sum();
    return w;
}

inline BalanceRow balance(const char* venue, const char* asset, const char* start, const char* fills,
                          const char* fees)
{
    BalanceRow row{venue, asset, exact_amount(start), exact_amount(fills), exact_amount(fees), {}};
    row.end = row.start + row.fills - row.fees;
    return row;
}

inline RunResult empty_result()
{
    return {};
}

inline RunResult small_result()
{
    RunResult r;
    r.title = "small";
    r.inputs = {"a.arb", "b.arb"};
    r.events = 14400;
    r.wall_ns = 10'000'000;
    r.begin = at("2021-08-20T00:00:00Z");
    r.end = at("2021-08-20T02:00:00Z");
    r.quote = "USDT";
    r.crossings = {{"LINK/USDT", "hb", "bnc", 670, Rate{80'284}},
                   {"LINK/USDT", "bnc", "hb", 669, Rate{75'000}}};
    r.opportunities_total = 2;
    r.opportunities = {{0, at("2021-08-20T00:00:01Z"), at("2021-08-20T00:00:04Z"), Rate{80'284}, Rate{60'284},
                        exact_amount("120"), true, MissedReason::fees},
                       {1, at("2021-08-20T00:01:00Z"), at("2021-08-20T00:01:00Z"), Rate{15'000}, Rate{-5'000},
                        exact_amount("31.5"), false, MissedReason::fees}};
    r.missed[static_cast<std::size_t>(MissedReason::fees)] = {1, exact_amount("0.04725")};
    r.packages_total = 1;
    r.orders_total = 2;
    r.fills_total = 2;
    r.waterfall = waterfall("0.09634080", "-0.01", "-0.024000000000000001", "0.001", "0");
    r.packages = {{1, at("2021-08-20T00:00:01Z"), at("2021-08-20T00:00:01.05Z"), "LINK/USDT", "hb", "bnc",
                   "4.5", "flat", "", r.waterfall}};
    r.fills = {{at("2021-08-20T00:00:01.05Z"), 1, "hb", "LINK/USDT", Side::buy, "26.6667", "4.5",
                exact_amount("120.00015"), exact_amount("0.012"), false, false}};
    r.by_pair = {{"LINK/USDT", "hb", "bnc", 1, 0, 0, exact_amount("120.00015"), r.waterfall}};
    r.by_venue = {{"bnc", 7200, 1, 1, 0, exact_amount("120.09"), exact_amount("0.012")},
                  {"hb", 7200, 1, 1, 0, exact_amount("120.00015"), exact_amount("0.012000000000000001")}};
    r.balances = {balance("bnc", "USDT", "10000", "120.09", "0.012"),
                  balance("bnc", "LINK", "400", "-4.5", "0"),
                  balance("hb", "USDT", "10000", "-120.00015", "0.012000000000000001"),
                  balance("hb", "LINK", "400", "4.5", "0")};
    r.equity = {"equity", {{r.begin, {}}, {at("2021-08-20T00:00:01.05Z"), r.waterfall.realised}}};
    r.inventory = {{"bnc LINK", {{r.begin, exact_amount("400")}, {r.end, exact_amount("395.5")}}},
                   {"hb LINK", {{r.begin, exact_amount("400")}, {r.end, exact_amount("404.5")}}}};
    r.notes = {"Decimals of hb were learnt from the data."};
    r.decision_hash = 0x0123456789abcdefULL;
    return r;
}

/// The same seed of numbers everywhere: a linear congruential generator.
class Numbers {
  public:
    std::int64_t below(std::int64_t limit)
    {
        state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
        return static_cast<std::int64_t>((state_ >> 33U) % static_cast<std::uint64_t>(limit));
    }

  private:
    std::uint64_t state_ = 7;
};

inline constexpr std::int64_t kMicro = 1'000'000'000'000;  // a millionth in units of an Amount

inline void add_opportunities(RunResult& r, Numbers& numbers, std::int64_t fee_units, bool trade)
{
    std::int64_t second = 3;
    std::uint64_t taken = 0;
    for (unsigned i = 0; i < 620; ++i) {
        second += 2 + numbers.below(18);
        std::int64_t lifetime = 0;
        while (lifetime < 45 && numbers.below(100) < 53) lifetime += 1 + lifetime / 3;
        Opportunity o;
        o.crossing = static_cast<std::uint32_t>(numbers.below(2));
        o.begin = r.begin + seconds(second);
        o.end = o.begin + seconds(lifetime);
        const std::int64_t spread = numbers.below(1000) * numbers.below(1000) / 13;
        o.max_edge = {i == 77 ? 80'284 : 900 + spread};
        o.max_edge_after_fees = {o.max_edge.units - fee_units};
        const std::int64_t size = 4 + numbers.below(60) * numbers.below(60) * numbers.below(30) / 20;
        o.max_notional = {Int128{size} * 1'000'000 * kMicro + numbers.below(999'999) * kMicro};
        o.taken = trade && o.max_edge_after_fees.units > 4'000 && taken < 40;
        taken += o.taken ? 1 : 0;
        o.missed = o.max_edge_after_fees.units <= 0       ? MissedReason::fees
                   : o.max_edge_after_fees.units <= 4'000 ? MissedReason::edge_minimum
                                                          : MissedReason::cooldown;
        if (!o.taken) {
            MissedRow& row = r.missed[static_cast<std::size_t>(o.missed)];
            ++row.opportunities;
            row.quoted += {o.max_notional.units / kRateOne * o.max_edge.units};
        }
        r.opportunities.push_back(o);
    }
    r.opportunities_total = r.opportunities.size();
}

inline PackageRow package_of(const Opportunity& o, const RunResult& r, Numbers& numbers, std::uint64_t id)
{
    PackageRow p;
    p.id = id;
    p.decided = o.begin;
    p.finished = o.begin + milliseconds(35 + numbers.below(90));
    p.instrument = "LINK/USDT";
    p.buy_venue = r.crossings[o.crossing].buy_venue;
    p.sell_venue = r.crossings[o.crossing].sell_venue;
    const std::int64_t notional = 60 + numbers.below(900);
    p.quantity = format_scaled(notional * 10'000 / 267, 3);
    const Int128 edge = Int128{notional} * 1'000'000 * o.max_edge.units / 100;
    p.waterfall.quoted = {edge * 1'000'000};
    p.waterfall.depth = {-edge * numbers.below(220'000)};
    p.waterfall.fees = {-Int128{notional} * 400 * kMicro - Int128{id}};
    p.waterfall.latency = {edge * (numbers.below(200'000) - 150'000)};
    const bool unwound = id % 13 == 6;
    if (unwound) p.waterfall.unwind = {-edge * 480'000};
    p.waterfall.realised = p.waterfall.sum();
    p.outcome = id == 32 ? "flagged" : "flat";
    if (unwound) p.detail = "the sold leg filled in part; the rest was unwound at the bid";
    if (id == 32) p.detail = "0.4 LINK could not be unwound: below the minimum notional";
    return p;
}

inline void add_packages(RunResult& r, Numbers& numbers)
{
    r.by_pair = {{"LINK/USDT", "hb", "bnc", 0, 0, 0, {}, {}}, {"LINK/USDT", "bnc", "hb", 0, 0, 0, {}, {}}};
    for (const Opportunity& o : r.opportunities) {
        if (!o.taken) continue;
        PackageRow p = package_of(o, r, numbers, ++r.packages_total);
        PairRow& pair = r.by_pair[o.crossing];
        ++pair.packages;
        pair.unwound += p.waterfall.unwind.zero() ? 0 : 1;
        pair.flagged += p.outcome == "flagged" ? 1 : 0;
        pair.volume += {-p.waterfall.fees.units * 2'500};
        pair.waterfall += p.waterfall;
        r.waterfall += p.waterfall;
        r.packages.push_back(std::move(p));
    }
    for (const PairRow& pair : r.by_pair) {
        r.packages_unwound += pair.unwound;
        r.packages_flagged += pair.flagged;
    }
    r.fills_total = r.packages_total * 2 + 11;
    r.orders_total = r.packages_total * 2 + r.packages_unwound;
    r.rejects_total = 1;
}

inline void add_series(RunResult& r, Numbers& numbers)
{
    r.equity.name = "equity";
    Series links[2] = {{"bnc LINK", {}}, {"hb LINK", {}}};
    Series cash[2] = {{"bnc USDT", {}}, {"hb USDT", {}}};
    Int128 link[2] = {Int128{400} * 1'000'000 * kMicro, Int128{400} * 1'000'000 * kMicro};
    Int128 money[2] = {Int128{10'000} * 1'000'000 * kMicro, Int128{10'000} * 1'000'000 * kMicro};
    Amount equity;
    std::size_t next = 0;
    for (int step = 0; step <= 720; ++step) {
        const Timestamp now = r.begin + seconds(10 * step);
        equity += {(numbers.below(2'001) - 1'000) * Int128{3} * kMicro};
        while (next < r.packages.size() && r.packages[next].decided <= now) {
            const PackageRow& p = r.packages[next++];
            equity += p.waterfall.realised;
            const std::size_t buy = p.buy_venue == "bnc" ? 0 : 1;
            const Int128 quantity = Int128{Decimal::parse(p.quantity)->scaled(3).value()} * 1'000 * kMicro;
            link[buy] += quantity;
            link[1 - buy] -= quantity;
            money[buy] -= quantity * 267 / 10;
            money[1 - buy] += quantity * 267 / 10;
        }
        r.equity.points.push_back({now, equity});
        for (std::size_t v = 0; v < 2; ++v) {
            links[v].points.push_back({now, {link[v]}});
            cash[v].points.push_back({now, {money[v]}});
        }
    }
    r.inventory = {links[0], links[1], cash[0], cash[1]};
    for (std::size_t v = 0; v < 2; ++v) {
        const Amount start = cash[v].points.front().value;
        const Amount end = cash[v].points.back().value;
        const Amount fees{-r.waterfall.fees.units / 2};
        r.balances.push_back({v == 0 ? "bnc" : "hb", "USDT", start, end - start + fees, fees, end});
        const Amount first = links[v].points.front().value;
        const Amount last = links[v].points.back().value;
        r.balances.push_back({v == 0 ? "bnc" : "hb", "LINK", first, last - first, {}, last});
        r.by_venue.push_back({v == 0 ? "bnc" : "hb",
                              7200,
                              r.orders_total / 2,
                              r.fills_total / 2,
                              v,
                              {fees.units * 5'000},
                              fees});
    }
}

inline RunResult rich(std::int64_t fee_units, bool trade)
{
    RunResult r;
    Numbers numbers;
    r.title = "link_usdt";
    r.inputs = {"link_usdt_2021-08-20_bnc.arb", "link_usdt_2021-08-20_hb.arb"};
    r.events = 14'400;
    r.wall_ns = 11'482'913;
    r.begin = at("2021-08-20T00:00:00Z");
    r.end = at("2021-08-20T01:59:59Z");
    r.quote = "USDT";
    r.crossings = {{"LINK/USDT", "hb", "bnc", 670, Rate{80'284}},
                   {"LINK/USDT", "bnc", "hb", 669, Rate{75'123}}};
    add_opportunities(r, numbers, fee_units, trade);
    if (trade) add_packages(r, numbers);
    add_series(r, numbers);
    r.notes = {
        "The recordings hold ten levels a side once a second: what happened within a second is not known.",
        "Decimals of both venues were learnt from the data."};
    r.decision_hash = 0x9f86d081884c7d65ULL;
    return r;
}

/// Two hours, 1,339 crossing instants, 40 packages at 4 bps of fees.
inline RunResult rich_result()
{
    return rich(40'000, true);
}
/// The same market at 20 bps of fees: nothing is traded.
inline RunResult untraded_result()
{
    return rich(200'000, false);
}

inline const std::string& hostile_text()
{
    static const std::string text =
        "</script><script>alert(1)</script>\x1b[31m\" onload='x' <!-- & \xe2\x80\xa8\xe2\x80\xae "
        "\xff\n</style>";
    return text;
}

inline RunResult hostile_result()
{
    RunResult r = small_result();
    const std::string& text = hostile_text();
    r.title = r.quote = text;
    r.inputs = {text};
    for (CrossingSummary& row : r.crossings) row.instrument = row.buy_venue = row.sell_venue = text;
    for (PackageRow& row : r.packages) {
        row.instrument = row.buy_venue = row.sell_venue = row.quantity = row.outcome = row.detail = text;
    }
    for (FillRow& row : r.fills) row.venue = row.instrument = row.price = row.quantity = text;
    for (PairRow& row : r.by_pair) row.instrument = row.buy_venue = row.sell_venue = text;
    for (VenueRow& row : r.by_venue) row.venue = text + row.venue;
    for (BalanceRow& row : r.balances) {
        row.venue += text;
        row.asset += text;
    }
    r.equity.name = text;
    for (Series& series : r.inventory) series.name = text;
    r.notes = {text};
    return r;
}

/// Two books: one whole, one with every kind of trouble.
inline AuditResult audit_result()
{
    AuditResult r;
    r.inputs = {"venues.arb"};
    r.frames = 183'473;
    r.records = 183'481;
    r.span_ns = 346'400'000'000;
    r.undecoded = 12;
    r.undecoded_by_reason = {{"unknown_message", 10}, {"malformed", 2}};
    AuditBook whole;
    whole.venue = "one_usdm";
    whole.market = "usdm";
    whole.instrument = "BTC/USDT:PERP";
    whole.symbol = "BTCUSDT";
    whole.frames = 100'000;
    whole.snapshots = 1;
    whole.deltas = 43'210;
    whole.locked = 2;
    whole.quotes = 40'000;
    whole.trades = 12'345;
    whole.levels_bid = 1'823;
    whole.levels_ask = 2'011;
    whole.best_bid = "61702.10";
    whole.best_ask = "61702.20";
    whole.valid = true;
    whole.state = "valid";
    whole.book_hash = 0x123456789abcdef0ULL;
    whole.offset_known = true;
    whole.offset_min_ns = -1'280'000'000;
    whole.offset_median_ns = -1'271'400'000;
    whole.use.venue = "one_usdm";
    whole.use.symbol = "BTCUSDT";
    whole.use.recorded = seconds(60);
    whole.use.usable = seconds(59);
    whole.use.unusable = {{BookTrouble::crossed, milliseconds(750)},
                          {BookTrouble::waiting, milliseconds(250)}};
    AuditBook broken;
    broken.venue = "two";
    broken.market = "spot";
    broken.instrument = "BTC/USD";
    broken.symbol = "XBT/USD";
    broken.frames = 4'281;
    broken.snapshots = 2;
    broken.deltas = 4'269;
    broken.gaps = 1;
    broken.resyncs = 1;
    broken.checksums_ok = 4'268;
    broken.checksums_bad = 1;
    broken.crossed = 3;
    broken.levels_bid = 10;
    broken.best_bid = "61700";
    broken.state = "invalid";
    broken.inferred = true;
    r.books = {whole, broken};
    r.notes = {"venues.arb ends in the middle of a block: 12 records were kept."};
    return r;
}

}  // namespace arb::samples
