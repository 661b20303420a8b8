// The doctor's look at files and disk: who may read and change what a run lives from, whether there is room,
// and whether the records of earlier runs are whole.
#include <algorithm>
#include <charconv>
#include <filesystem>
#include <set>

#include <fmt/format.h>

#include "engine/app/doctor/doctor_checks.hpp"
#include "engine/journal/reader.hpp"
#include "engine/keys/audit_verify.hpp"
#include "engine/report/display.hpp"

namespace arb {
namespace {

constexpr std::string_view kFiles = "files";
constexpr std::string_view kDisk = "disk";
constexpr std::uint64_t kGiB = 1U << 30U;
constexpr Duration kSyncWarn = milliseconds(20);

enum class Secrecy {
    secret,     ///< nobody else may read it
    unchanged,  ///< nobody else may change it
    folder,     ///< a directory nobody else may enter
};

void check_file(DoctorChecks& checks, std::string_view what, const std::string& path, Secrecy secrecy,
                bool may_be_absent)
{
    const FileFacts facts = checks.around.file(path);
    const auto bad = [&](const std::string& said, const std::string& fix) {
        checks.add(kFiles, what, path, CheckState::failed, said, fix);
    };
    const unsigned others = secrecy == Secrecy::unchanged ? 0022U : 0077U;
    const std::string wanted = secrecy == Secrecy::folder   ? "700"
                               : secrecy == Secrecy::secret ? "600"
                                                            : "go-w";
    const bool ours =
        facts.owner == checks.around.user || (secrecy == Secrecy::unchanged && facts.owner == 0);
    if (!facts.trouble.empty()) {
        bad(facts.trouble, fmt::format("look at the directories above {}", path));
    } else if (!facts.exists) {
        if (may_be_absent)
            checks.add(kFiles, what, path, CheckState::skipped, "is not there yet");
        else
            bad("is not there", "make it, or name another one in the configuration");
    } else if (facts.link) {
        bad("is a symbolic link, which somebody may turn elsewhere", "name the file itself");
    } else if (secrecy == Secrecy::folder ? !facts.directory : !facts.regular) {
        bad(secrecy == Secrecy::folder ? "is no directory" : "is no ordinary file", "name another one");
    } else if (!ours) {
        bad(fmt::format("belongs to user {}, not to this one ({})", facts.owner, checks.around.user),
            fmt::format("chown $USER {}", path));
    } else if ((facts.mode & others) != 0) {
        bad(fmt::format("mode {:04o}: others may {} it", facts.mode & 07777U,
                        secrecy == Secrecy::unchanged ? "change" : "read or change"),
            fmt::format("chmod {} {}", wanted, path));
    } else {
        checks.add(kFiles, what, path, CheckState::ok, fmt::format("ours, mode {:04o}", facts.mode & 07777U));
    }
}

// The newest by its number: runs count up.
std::string newest_journal(const std::string& directory)
{
    std::string found;
    std::uint64_t highest = 0;
    std::error_code error;
    constexpr std::string_view kBegin = "session-";
    constexpr std::string_view kEnd = ".arb";
    for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
        const std::string file = entry.path().filename().string();
        if (!file.starts_with(kBegin) || !file.ends_with(kEnd)) continue;
        const std::string_view digits =
            std::string_view(file).substr(kBegin.size(), file.size() - kBegin.size() - kEnd.size());
        std::uint64_t number = 0;
        const auto [end, trouble] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
        if (trouble != std::errc() || end != digits.data() + digits.size()) continue;
        if (found.empty() || number > highest) found = entry.path().string();
        highest = std::max(highest, number);
    }
    return found;
}

// A journal without its end was read wholly as far as it goes: its process died, or still writes.
bool only_cut_off(const std::string& message)
{
    return message.find("ends without its index") != std::string::npos ||
           message.find("the file is cut off") != std::string::npos;
}

void check_journal(DoctorChecks& checks)
{
    const std::string path = newest_journal(checks.request.directory);
    if (path.empty()) {
        checks.add(kDisk, "journal", "", CheckState::skipped, "no run has left one here");
        return;
    }
    constexpr std::string_view kAway = "keep a copy of it for whoever asks, and move it elsewhere";
    auto reader = JournalReader::open(path);
    if (!reader) {
        checks.add(kDisk, "journal", path, CheckState::failed, reader.error().message, kAway);
        return;
    }
    std::uint64_t records = 0;
    while (reader->next() != nullptr) ++records;
    if (!reader->trouble()) {
        checks.add(kDisk, "journal", path, CheckState::ok,
                   display::counted(records, "record", "records") + ", whole");
    } else if (only_cut_off(reader->trouble()->message)) {
        checks.add(kDisk, "journal", path, CheckState::warning,
                   fmt::format("{}, and no end: the last run did not end in order, or still runs",
                               display::counted(records, "record", "records")),
                   "look at what ended it; the next run settles what it left");
    } else {
        checks.add(kDisk, "journal", path, CheckState::failed, reader->trouble()->message, kAway);
    }
}

void check_audit(DoctorChecks& checks, const std::string& path)
{
    if (!checks.around.file(path).exists) {
        checks.add(kDisk, "audit log", path, CheckState::skipped, "there is none yet");
        return;
    }
    const auto verdict = verify_audit(path);
    const std::string look = fmt::format("arbiter keys audit --log {}", path);
    if (!verdict) {
        checks.add(kDisk, "audit log", path, CheckState::failed, verdict.error().message, look);
    } else if (!verdict->whole) {
        checks.add(kDisk, "audit log", path, CheckState::failed,
                   fmt::format("its chain is broken at line {}: {}", verdict->first_broken, verdict->trouble),
                   look + "; somebody may have changed it: find out before a key is used again");
    } else if (verdict->lost_uses > 0) {
        checks.add(kDisk, "audit log", path, CheckState::warning,
                   fmt::format("whole, but {} could not be written",
                               display::counted(verdict->lost_uses, "use", "uses")),
                   look);
    } else {
        checks.add(kDisk, "audit log", path, CheckState::ok,
                   display::counted(verdict->records, "line", "lines") + ", every one follows");
    }
}

}  // namespace

void check_files(DoctorChecks& checks)
{
    const DoctorRequest& request = checks.request;
    check_file(checks, "configuration", request.config_path, Secrecy::unchanged, false);
    check_file(checks, "state directory", request.directory, Secrecy::folder, false);
    std::set<std::string> authorities;
    for (const VenueConfig& venue : request.config.venues) {
        for (const std::string& path : {venue.key_file, venue.read_key_file}) {
            if (!path.empty()) check_file(checks, "key file", path, Secrecy::secret, false);
        }
        if (!venue.ca_file.empty() && authorities.insert(venue.ca_file).second)
            check_file(checks, "authorities", venue.ca_file, Secrecy::unchanged, false);
    }
    const KeysConfig& keys = request.config.keys;
    if (!keys.keystore.empty()) check_file(checks, "keystore", keys.keystore, Secrecy::secret, false);
    check_file(checks, "audit log", audit_path(request), Secrecy::secret, true);
}

std::string audit_path(const DoctorRequest& request)
{
    const std::string& told = request.config.keys.audit_log;
    return told.empty() ? request.directory + "/" + kAuditFile : told;
}

void check_disk(DoctorChecks& checks)
{
    const std::string& directory = checks.request.directory;
    const auto bytes = checks.around.free_bytes(directory);
    if (!bytes) {
        checks.add(kDisk, "space", directory, CheckState::failed, bytes.error().message);
    } else {
        const std::string found = fmt::format("{}.{} GiB free", *bytes / kGiB, *bytes % kGiB * 10 / kGiB);
        const CheckState state = *bytes < kGiB       ? CheckState::failed
                                 : *bytes < 5 * kGiB ? CheckState::warning
                                                     : CheckState::ok;
        checks.add(kDisk, "space", directory, state, found,
                   state == CheckState::ok ? "" : "make room, or put --directory on another disk");
    }
    const auto times = checks.around.sync_times(directory);
    if (!times || times->empty()) {
        checks.add(kDisk, "fsync", directory, CheckState::failed,
                   times ? "nothing could be measured" : times.error().message,
                   "the state must be brought to disk here: make the directory writable");
    } else {
        const Duration worst = *std::max_element(times->begin(), times->end());
        const bool slow = worst > kSyncWarn;
        checks.add(kDisk, "fsync", directory, slow ? CheckState::warning : CheckState::ok,
                   fmt::format("{} at worst of {}", display::duration(worst.ns), times->size()),
                   slow ? "put --directory on a disk of this machine (SSD), not on a network's" : "");
    }
    check_journal(checks);
    check_audit(checks, audit_path(checks.request));
}

}  // namespace arb
