#include "engine/rehearsal/checks.hpp"

#include <algorithm>

namespace arb {

const char* name(CheckResult result)
{
    constexpr const char* kNames[] = {"as expected", "differs", "not tried"};
    return kNames[static_cast<std::size_t>(result)];
}

Duration RehearsalLatency::median() const
{
    if (samples.empty()) return {};
    std::vector<Duration> sorted = samples;
    std::sort(sorted.begin(), sorted.end());
    return sorted[(sorted.size() - 1) / 2];
}

Duration RehearsalLatency::most() const
{
    return samples.empty() ? Duration{} : *std::max_element(samples.begin(), samples.end());
}

void RehearsalChecks::judge(bool good, std::string_view name, std::string_view expected,
                            std::string_view found)
{
    rows_.push_back({std::string(name), good ? CheckResult::as_expected : CheckResult::differs,
                     std::string(expected), std::string(found)});
}

void RehearsalChecks::not_tried(std::string_view name, std::string_view expected, std::string_view why)
{
    rows_.push_back({std::string(name), CheckResult::not_tried, std::string(expected), std::string(why)});
}

void RehearsalChecks::took(std::string_view what, Duration time)
{
    for (RehearsalLatency& latency : latencies_) {
        if (latency.name != what) continue;
        latency.samples.push_back(time);
        return;
    }
    latencies_.push_back({std::string(what), {time}});
}

std::size_t RehearsalChecks::count(CheckResult result) const
{
    return static_cast<std::size_t>(
        std::count_if(rows_.begin(), rows_.end(), [&](const auto& row) { return row.result == result; }));
}

}  // namespace arb
