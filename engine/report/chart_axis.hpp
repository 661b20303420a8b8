#pragma once
// Axes of the report's charts: round ticks in exact integers, and the one place where an exact value becomes
// a position in pixels (the only floating point of the report, and never money). Used by the SVG charts.
// Pure, any thread.
#include <cstddef>
#include <string>
#include <vector>

#include "engine/base/decimal.hpp"
#include "engine/base/money.hpp"
#include "engine/base/time.hpp"

namespace arb::chart {

/// Values from `low` to `high` along pixels from `from` to `to` (either may be the larger).
struct Axis {
    Int128 low = 0, high = 1;
    double from = 0, to = 1;  // not money: pixels

    double at(Int128 value) const;  // not money: pixels
};

struct Ticks {
    Int128 low = 0, high = 1;  ///< widened to whole steps
    Int128 step = 1;
    std::vector<Int128> values;
};

/// About `wanted` steps of 1, 2 or 5 times a power of ten that enclose low..high. Equal ends are widened.
Ticks round_ticks(Int128 low, Int128 high, unsigned wanted);

/// Times within begin..end on round seconds, minutes, hours or days; at most `most`.
std::vector<Timestamp> time_ticks(Timestamp begin, Timestamp end, unsigned most);
/// "12:30", "12:30:05" or "08-20", as fine as the distance of the ticks asks for.
std::string time_label(Timestamp tick, Duration distance);

/// Just enough decimals for ticks `step` apart.
std::string amount_label(Int128 value, Int128 step);

/// A pixel position with at most two decimals, the same on every machine.
std::string pixel(double position);  // not money: pixels

}  // namespace arb::chart
