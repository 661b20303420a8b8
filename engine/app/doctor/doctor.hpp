#pragma once
// What `arbiter doctor` looks at before a run is let loose: keys, venues, clock, files, machine. Each check
// says what was found and, where it is wrong, one sentence or command that mends it. Everything that touches
// the machine or a venue goes through DoctorSurroundings, so that tests can hand in a sick one. Main thread;
// StartError for what cannot even be asked.
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/app/keys/key_questions.hpp"
#include "engine/live/instrument_fetch.hpp"

namespace arb {

enum class CheckState : std::uint8_t { ok, warning, failed, skipped };
const char* name(CheckState state);

struct DoctorCheck {
    std::string group;    ///< keys, venues, instruments, balances, files, disk, machine
    std::string name;     ///< what was looked at
    std::string subject;  ///< venue, key or file; may be empty
    CheckState state = CheckState::ok;
    std::string said;  ///< what was found; printable
    std::string fix;   ///< what to do, printable; empty: nothing
};

struct DoctorReport {
    Timestamp time;
    std::string config;     ///< its path
    std::string directory;  ///< of the state
    std::string build;
    std::uint64_t config_hash = 0;
    bool live = false;
    std::vector<DoctorCheck> checks;
    std::vector<std::string> keys;  ///< "okx/main (trade)": checked and accepted

    std::size_t count(CheckState state) const;
    bool passed() const { return count(CheckState::failed) == 0; }
};

std::string doctor_text(const DoctorReport& report, bool colour);
std::string doctor_json(const DoctorReport& report);

/// A path as it stands, links not followed.
struct FileFacts {
    bool exists = false;
    std::string trouble;  ///< it is there, perhaps, and cannot be looked at
    bool link = false, regular = false, directory = false;
    unsigned mode = 0;  ///< the nine bits and those above them
    unsigned owner = 0;
};

struct MachineFacts {
    std::uint64_t memory_lock_bytes = 0;  ///< RLIMIT_MEMLOCK, soft
    bool secret_locked = false;           ///< a secret just made lies in locked memory
    bool closed = false;                  ///< no core dumps, not dumpable
    std::uint64_t descriptors = 0;        ///< RLIMIT_NOFILE, soft
    std::vector<int> processors;          ///< that this process may use
    std::uint64_t priority_most = 0;  ///< RLIMIT_RTPRIO, soft; UINT64_MAX: any, as the system's administrator
    std::int64_t fifo_share_us = 0;   ///< of each second's 1,000,000 for SCHED_FIFO; -1: all
    std::string governor;             ///< of the first processor; empty: this machine has none
    unsigned threads = 0;             ///< that the hardware runs at once
    std::optional<bool> synchronised;  ///< the system's clock, by the kernel's word; empty: it does not say
};

struct DoctorSurroundings {
    std::function<Timestamp()> now;
    unsigned user = 0;
    std::function<FileFacts(const std::string& path)> file;
    std::function<MachineFacts()> machine;
    std::function<Result<std::uint64_t>(const std::string& directory)> free_bytes;
    /// How long it took to bring 4 KiB to disk there, several times.
    std::function<Result<std::vector<Duration>>(const std::string& directory)> sync_times;
    std::function<Result<std::vector<ListingDefinition>>(const FetchVenue& venue)> instruments;
    KeyQuestions questions;
    std::string credentials;  ///< $CREDENTIALS_DIRECTORY
    std::string terminal = kTerminal;
    bool close_process = true;  ///< false only in tests, whose sanitizers look into their own process
};
/// Those of the program.
DoctorSurroundings doctor_surroundings();

struct DoctorRequest {
    EngineConfig config;
    std::string config_path;
    std::string directory;  ///< of the state; it is there
    Plugins plugins;
    std::string build;
    PassphraseSource passphrase;
    bool live = false;  ///< trade keys too
    bool unsafe_endpoint = false;
};

DoctorReport examine(const DoctorRequest& request, const DoctorSurroundings& surroundings);

}  // namespace arb
