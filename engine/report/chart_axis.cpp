#include "engine/report/chart_axis.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "engine/report/display.hpp"

namespace arb::chart {
namespace {

Int128 floor_to(Int128 value, Int128 step)
{
    const Int128 rest = value % step;
    return value - rest - (rest < 0 ? step : 0);
}

Int128 round_step(Int128 range, unsigned wanted)
{
    const Int128 least = std::max<Int128>((range + wanted - 1) / wanted, 1);
    const Int128 most = Int128{power_of_ten(18)} * power_of_ten(18);
    for (Int128 power = 1;; power *= 10) {
        if (power >= most) return power;  // no sum of money is as large; the next power would wrap
        for (const int factor : {1, 2, 5}) {
            if (power * factor >= least) return power * factor;
        }
    }
}

constexpr std::array<std::int64_t, 27> kTimeSteps{1'000'000,
                                                  10'000'000,
                                                  50'000'000,
                                                  100'000'000,
                                                  500'000'000,
                                                  kNsPerSecond,
                                                  2 * kNsPerSecond,
                                                  5 * kNsPerSecond,
                                                  10 * kNsPerSecond,
                                                  15 * kNsPerSecond,
                                                  30 * kNsPerSecond,
                                                  60 * kNsPerSecond,
                                                  120 * kNsPerSecond,
                                                  300 * kNsPerSecond,
                                                  600 * kNsPerSecond,
                                                  900 * kNsPerSecond,
                                                  1'800 * kNsPerSecond,
                                                  3'600 * kNsPerSecond,
                                                  7'200 * kNsPerSecond,
                                                  10'800 * kNsPerSecond,
                                                  14'400 * kNsPerSecond,
                                                  21'600 * kNsPerSecond,
                                                  43'200 * kNsPerSecond,
                                                  86'400 * kNsPerSecond,
                                                  172'800 * kNsPerSecond,
                                                  604'800 * kNsPerSecond,
                                                  2'592'000 * kNsPerSecond};

}  // namespace

double Axis::at(Int128 value) const  // not money: pixels
{
    const auto span = static_cast<double>(high - low);                            // not money: pixels
    const double share = span > 0 ? static_cast<double>(value - low) / span : 0;  // not money: pixels
    return from + (to - from) * share;
}

Ticks round_ticks(Int128 low, Int128 high, unsigned wanted)
{
    if (low == high) {
        const Int128 size = low < 0 ? -low : low;
        const Int128 margin = std::max<Int128>(size / 100, 1);
        low -= margin;
        high += margin;
    }
    Ticks ticks;
    ticks.step = round_step(high - low, std::max(wanted, 1U));
    ticks.low = floor_to(low, ticks.step);
    for (ticks.high = ticks.low; ticks.high < high; ticks.high += ticks.step)
        ticks.values.push_back(ticks.high);
    ticks.values.push_back(ticks.high);
    return ticks;
}

std::vector<Timestamp> time_ticks(Timestamp begin, Timestamp end, unsigned most)
{
    std::vector<Timestamp> ticks;
    if (end <= begin || most == 0) return ticks;
    const std::int64_t span = (end - begin).ns;
    std::int64_t step = kTimeSteps.back();
    for (const std::int64_t candidate : kTimeSteps) {
        if (span / candidate < static_cast<std::int64_t>(most)) {
            step = candidate;
            break;
        }
    }
    while (span / step >= static_cast<std::int64_t>(most)) step *= 2;
    auto tick = static_cast<std::int64_t>(floor_to(begin.ns, step));
    if (tick < begin.ns) tick += step;
    for (; tick <= end.ns && end.ns - tick >= 0; tick += step) {
        ticks.push_back({tick});
        if (tick > end.ns - step) break;
    }
    return ticks;
}

std::string time_label(Timestamp tick, Duration distance)
{
    const std::string text = format_utc(tick);
    if (distance.ns >= 86'400 * kNsPerSecond) return text.substr(5, 5);
    if (distance.ns >= 60 * kNsPerSecond) return text.substr(11, 5);
    if (distance.ns >= kNsPerSecond) return text.substr(11, 8);
    return text.substr(17, 6);
}

std::string amount_label(Int128 value, Int128 step)
{
    unsigned decimals = kAmountDecimals;
    while (decimals > 0 && step % 10 == 0) {
        step /= 10;
        --decimals;
    }
    return display::money({value}, decimals);
}

std::string pixel(double position)  // not money: pixels
{
    const double hundredths = position * 100;  // not money: pixels
    return format_scaled128(static_cast<std::int64_t>(hundredths + (hundredths < 0 ? -0.5 : 0.5)), 2);
}

}  // namespace arb::chart
