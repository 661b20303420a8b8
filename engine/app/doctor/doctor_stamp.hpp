#pragma once
// What a passing doctor leaves behind, DIR/doctor.json (mode 0600): the third lock of `run --live`. Written
// by the doctor's command, read by the run. Main thread; errors are values. A file that others could have
// written counts as none.
#include <optional>
#include <string>
#include <vector>

#include "engine/app/doctor/doctor.hpp"
#include "engine/base/result.hpp"
#include "engine/base/time.hpp"

namespace arb {

inline constexpr const char* kDoctorStampFile = "doctor.json";
/// After that much may have changed.
inline constexpr Duration kDoctorStampLife = seconds(24 * 3600);

struct DoctorStamp {
    Timestamp time;
    std::uint64_t config_hash = 0;
    std::string build;
    bool live = false;
    std::vector<std::string> keys;
};

/// Of a report that passed.
std::optional<Error> write_doctor_stamp(const std::string& directory, const DoctorReport& report);
/// What an earlier pass left is worth nothing once the doctor has failed.
void remove_doctor_stamp(const std::string& directory);
/// Error (ExitCode::doctor): there is none, others may write it, or it cannot be read.
Result<DoctorStamp> read_doctor_stamp(const std::string& directory);
/// Why a live run must not rely on it, one sentence; empty: it may.
std::optional<std::string> doctor_stamp_trouble(const DoctorStamp& stamp, std::uint64_t config_hash,
                                                const std::string& build, Timestamp now);

}  // namespace arb
