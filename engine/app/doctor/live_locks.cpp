#include "engine/app/doctor/live_locks.hpp"

#include <filesystem>
#include <optional>

#include <fmt/format.h>

#include "engine/app/doctor/doctor_stamp.hpp"
#include "engine/live/clock.hpp"
#include "engine/live/state_file.hpp"

namespace arb {

namespace {

// A log that cannot be opened is its own refusal, told when the run opens it.
bool left_unsettled(const std::string& directory)
{
    const std::string path = directory + "/state.log";
    if (!std::filesystem::exists(path)) return false;
    const auto state = StateFile::open(path);
    return state && !ended_settled((*state)->lines());
}

}  // namespace

bool ended_settled(const std::vector<std::string>& lines)
{
    bool settled = true;
    for (const std::string& line : lines) {
        const std::string_view word = std::string_view(line).substr(0, line.find('\t'));
        if (word == "epoch") settled = false;
        if (word == "settled") settled = true;
    }
    return settled;
}

std::string check_live_locks(const EngineConfig& config, const std::string& path,
                             const std::string& directory, const std::string& build, bool live)
{
    const bool is_live = config.mode == RunMode::live;
    if (live && !is_live) {
        throw StartError(
            ExitCode::usage,
            fmt::format("{}: --live is for mode = \"live\"; this configuration says otherwise", path));
    }
    if (!is_live) return {};
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
    if (!trouble) return {};
    std::string what =
        fmt::format("{}; run: arbiter doctor {} --live --directory {}", *trouble, path, directory);
    if (!left_unsettled(directory)) throw StartError(ExitCode::doctor, what);
    return what;
}

}  // namespace arb
