#include "engine/app/live_locks.hpp"

#include <optional>

#include <fmt/format.h>

#include "engine/app/doctor_stamp.hpp"
#include "engine/live/clock.hpp"

namespace arb {

void check_live_locks(const EngineConfig& config, const std::string& path, const std::string& directory,
                      const std::string& build, bool live)
{
    const bool is_live = config.mode == RunMode::live;
    if (live && !is_live) {
        throw StartError(
            ExitCode::usage,
            fmt::format("{}: --live is for mode = \"live\"; this configuration says otherwise", path));
    }
    if (!is_live) return;
    if (!live) {
        throw StartError(
            ExitCode::refused,
            fmt::format("{}: its mode is \"live\": say --live as well to send real orders", path));
    }
    std::optional<std::string> trouble;
    const Result<DoctorStamp> stamp = read_doctor_stamp(directory);
    if (stamp)
        trouble = doctor_stamp_trouble(*stamp, config.hash, build, LiveClock().now());
    else
        trouble = stamp.error().message;
    if (trouble) {
        throw StartError(ExitCode::doctor, fmt::format("{}; run: arbiter doctor {} --live --directory {}",
                                                       *trouble, path, directory));
    }
}

}  // namespace arb
