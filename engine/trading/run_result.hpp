#pragma once
// What one run of the engine earned and why, as plain data: filled by the driver that turned the engine
// (backtest, later live), read by engine/report. Amounts are exact; sums hold to the last digit:
//   quoted + depth + fees + latency + unwind == realised      (each package and the total)
//   balance at the end == balance at the start + fills - fees  (each venue and asset)
// Costs are negative numbers in a waterfall. Nothing here is on the hot path.
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/ids.hpp"
#include "engine/base/money.hpp"
#include "engine/base/time.hpp"
#include "engine/market/book_trouble.hpp"

namespace arb {

/// Where the edge of a package went, in its quote currency.
struct Waterfall {
    Amount quoted;    ///< (best bid - best ask) x quantity when it was decided
    Amount depth;     ///< what walking the books beyond their best levels cost
    Amount fees;      ///< all fees of the package, unwinding included
    Amount latency;   ///< what the books' change until the orders arrived cost (or gave)
    Amount unwind;    ///< what closing leftover legs cost
    Amount realised;  ///< the sum

    Amount sum() const { return quoted + depth + fees + latency + unwind; }
    Waterfall& operator+=(const Waterfall& o)
    {
        quoted += o.quoted;
        depth += o.depth;
        fees += o.fees;
        latency += o.latency;
        unwind += o.unwind;
        realised += o.realised;
        return *this;
    }
};

/// Why an opportunity was not taken (or a package was refused). One sentence a reason in `describe`.
enum class MissedReason : std::uint8_t {
    fees,          ///< the edge after both legs' fees is not above zero
    edge_minimum,  ///< above zero, but below the configured minimum
    book_invalid,  ///< one of the books is not valid
    book_stale,
    clock_skew,  ///< younger than the time by which the two venues' data may be apart
    cooldown,
    in_flight,        ///< an earlier package on the same pair is not finished
    quantity,         ///< below lot, minimum quantity or minimum notional
    balance,          ///< not enough of the asset to pay with at one venue
    inventory,        ///< an inventory limit of a venue
    liquidity_taken,  ///< what is shown is what we have already taken
    risk,             ///< refused by RiskGate
    halted,           ///< one of the listings does not trade, by the venue's own list
    count_,
};

const char* name(MissedReason reason);
const char* describe(MissedReason reason);

/// Best bid of one venue above best ask of another, before any fee.
struct CrossingSummary {
    std::string instrument;
    std::string buy_venue, sell_venue;
    std::uint64_t instants = 0;
    Rate max_edge;  ///< (bid - ask) / ask
};

/// One uninterrupted spell of a crossing.
struct Opportunity {
    std::uint32_t crossing = 0;  ///< place in RunResult::crossings
    Timestamp begin, end;
    Rate max_edge;             ///< before fees
    Rate max_edge_after_fees;  ///< at the best levels; may be negative
    Amount max_notional;       ///< crossing depth in quote currency at its best instant
    bool taken = false;
    MissedReason missed = MissedReason::fees;  ///< the last reason, when not taken
};

struct FillRow {
    Timestamp time;
    std::uint64_t package = 0;
    std::string venue, instrument;
    Side side{};
    std::string price, quantity;  ///< exact decimals
    Amount notional, fee;
    bool maker = false;
    bool unwind = false;
};

struct PackageRow {
    std::uint64_t id = 0;
    Timestamp decided, finished;
    std::string instrument, buy_venue, sell_venue;
    std::string quantity;  ///< intended, exact decimal
    std::string outcome;   ///< flat, flagged
    std::string detail;    ///< in words, when flagged or unwound
    Waterfall waterfall;
};

struct PairRow {
    std::string instrument, buy_venue, sell_venue;
    std::uint64_t packages = 0, unwound = 0, flagged = 0;
    Amount volume;  ///< notional of the bought legs
    Waterfall waterfall;
};

struct VenueRow {
    std::string venue;
    std::uint64_t frames = 0, orders = 0, fills = 0, rejects = 0;
    Amount volume, fees;  ///< quote currency
};

struct BalanceRow {
    std::string venue, asset;
    Amount start, fills, fees, end;  ///< end == start + fills - fees
};

struct SeriesPoint {
    Timestamp time;
    Amount value;
};

struct Series {
    std::string name;  ///< "equity", or "bnc LINK"
    std::vector<SeriesPoint> points;
};

struct MissedRow {
    std::uint64_t opportunities = 0;
    Amount quoted;  ///< quoted edge of those at their best instant
};

/// Which of the risk gate's limits held opportunities back, as the configuration names it.
struct LimitRow {
    std::string limit;
    MissedRow missed;
};

/// For how much of its recording one book was usable: valid, two-sided, neither locked nor crossed.
struct BookUse {
    std::string venue, symbol;
    Duration recorded, usable;
    std::vector<std::pair<BookTrouble, Duration>> unusable;  ///< why not, and how long; longest first
    std::uint64_t left_out = 0;  ///< updates of a second connection or recording that say the same book

    /// "BTCUSDT at binance: usable for 98.7 % of 20.000 s; locked or crossed 0.250 s".
    std::string text() const;
};

struct InputSpan {
    std::string path;
    Timestamp begin, end;
};

struct RunResult {
    std::string title;  ///< configuration name
    std::vector<std::string> inputs;
    std::vector<InputSpan> spans;  ///< of the inputs, when there are several
    std::vector<BookUse> books;
    std::optional<Duration> compared;  ///< how long two books of one market were usable at once
    std::uint64_t events = 0;          ///< inputs handled
    std::uint64_t wall_ns = 0;         ///< how long the run took; 0 keeps a report reproducible
    Timestamp begin, end;              ///< of the inputs
    std::string quote;                 ///< currency of the waterfall and the equity
    std::vector<CrossingSummary> crossings;
    std::vector<Opportunity> opportunities;  ///< at most kOpportunitiesMax are kept one by one
    std::uint64_t opportunities_total = 0;
    std::array<MissedRow, static_cast<std::size_t>(MissedReason::count_)> missed{};
    std::vector<LimitRow> limits;  ///< of those that the gate refused, most first
    std::vector<PackageRow> packages;
    std::vector<FillRow> fills;
    std::uint64_t packages_total = 0, fills_total = 0, orders_total = 0, rejects_total = 0;
    std::uint64_t packages_unwound = 0, packages_flagged = 0;
    Waterfall waterfall;
    std::vector<PairRow> by_pair;
    std::vector<VenueRow> by_venue;
    std::vector<BalanceRow> balances;
    Series equity;  ///< change since the start, marked at mid prices
    std::vector<Series> inventory;
    std::vector<std::string> notes;  ///< what a careful reader must know, in words
    std::uint64_t decision_hash = 0;
};

inline constexpr std::size_t kOpportunitiesMax = 100'000;
/// Packages and fills are listed one by one up to this many; totals always count all.
inline constexpr std::size_t kRowsMax = 100'000;

}  // namespace arb
