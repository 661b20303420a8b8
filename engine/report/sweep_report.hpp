#pragma once
// What `arbiter sweep` found: the runs of many variants of one configuration, compared. Plain data in, one
// string out: a table for a terminal, JSON, CSV, one self-contained page. Amounts are exact; names and texts
// may be hostile, every form escapes them. Pure, any thread.
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/report/json_writer.hpp"
#include "engine/trading/run_result.hpp"

namespace arb {

/// A key of the configuration and the values that it takes.
struct SweepRange {
    std::string key;
    std::vector<std::string> values;
    std::optional<std::size_t> own;  ///< place of the configuration's own value, where it is one of them
};

/// One variant's run.
struct SweepRow {
    std::size_t variant = 0;
    std::uint64_t decision_hash = 0;
    Amount result;    ///< realised, in the run's currency
    Amount fees;      ///< below zero: paid
    Amount equity;    ///< change since the start, marked at mid prices
    Amount drawdown;  ///< the deepest fall of that from a height before it, of the points that a run keeps
    std::uint64_t packages = 0, unwound = 0, flagged = 0, orders = 0, rejects = 0, fills = 0;
    std::uint64_t opportunities = 0, events = 0;
    std::vector<std::pair<std::string, Amount>> currencies;     ///< what all venues hold more of, by asset
    std::vector<std::pair<std::string, std::uint64_t>> missed;  ///< opportunities by reason
    std::string why;                                            ///< of a run without packages, in words
    std::string trouble;                                        ///< what was wrong with the recordings
};

struct SweepAmount {
    std::string_view name;
    Amount SweepRow::*member;
};
inline constexpr std::array<SweepAmount, 4> kSweepAmounts{{{"result", &SweepRow::result},
                                                           {"fees", &SweepRow::fees},
                                                           {"equity", &SweepRow::equity},
                                                           {"drawdown", &SweepRow::drawdown}}};
struct SweepCount {
    std::string_view name;
    std::uint64_t SweepRow::*member;
};
inline constexpr std::array<SweepCount, 8> kSweepCounts{{{"packages", &SweepRow::packages},
                                                         {"unwound", &SweepRow::unwound},
                                                         {"flagged", &SweepRow::flagged},
                                                         {"orders", &SweepRow::orders},
                                                         {"rejects", &SweepRow::rejects},
                                                         {"fills", &SweepRow::fills},
                                                         {"opportunities", &SweepRow::opportunities},
                                                         {"events", &SweepRow::events}}};

struct SweepReport {
    std::string title, quote;
    std::vector<std::string> inputs;
    std::vector<SweepRange> ranges;                          ///< as written; the last runs fastest
    std::vector<std::pair<std::string, std::string>> fixed;  ///< keys set for all variants
    std::vector<SweepRow> rows;                              ///< best first
};

/// What a run says of its variant.
SweepRow sweep_row(std::size_t variant, const RunResult& result);
/// Best first; equal results in the order of the variants.
void sort_sweep(std::vector<SweepRow>& rows);

/// Places of a variant's values in their ranges.
std::vector<std::size_t> sweep_places(const std::vector<SweepRange>& ranges, std::size_t variant);
/// The variant with these places.
std::size_t sweep_variant(const std::vector<SweepRange>& ranges, const std::vector<std::size_t>& places);
/// A name for each range as short as tells it from the others: "min_edge_bps".
std::vector<std::string> sweep_names(const std::vector<SweepRange>& ranges);

/// The members of a row, without the braces; the settings as {key: value}.
void write_sweep_row(JsonWriter& json, const std::vector<SweepRange>& ranges, const SweepRow& row);

/// At most 80 columns.
std::string sweep_text(const SweepReport& report, bool colour);
std::string sweep_json(const SweepReport& report);
/// A line a variant, best first, safe in a spreadsheet.
std::string sweep_csv(const SweepReport& report);
std::string sweep_html(const SweepReport& report);

}  // namespace arb
