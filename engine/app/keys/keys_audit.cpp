// arbiter keys audit: what the log of key uses tells.
#include "engine/app/keys/keys_audit.hpp"

#include <unistd.h>

#include <filesystem>

#include <fmt/format.h>

#include "engine/keys/audit_log.hpp"
#include "engine/keys/audit_report.hpp"

namespace arb {

std::string audit_log_beside(const std::string& keystore)
{
    const std::string path = (std::filesystem::path(keystore).parent_path() / kAuditFile).string();
    return ::access(path.c_str(), F_OK) == 0 ? path : std::string();
}

ExitCode run_keys_audit(const std::string& log, const std::string& keystore, bool json)
{
    std::string path = log.empty() ? audit_log_beside(keystore) : log;
    if (path.empty()) path = std::string("arbiter-state/") + kAuditFile;
    std::string out;
    const ExitCode code = audit_keys(path, json, out);
    // Only a log that cannot be read at all leaves words that are no report.
    const bool unread = code != ExitCode::ok && code != ExitCode::data;
    if (unread) throw StartError(code, out.substr(0, out.find('\n')));
    fmt::print("{}", out);
    return code;
}

std::optional<Error> note_retired(const std::string& log, const std::string& keystore,
                                  const std::string& venue, const std::string& label, Timestamp now)
{
    const std::string path = log.empty() ? audit_log_beside(keystore) : log;
    if (path.empty()) return std::nullopt;
    AuditOptions options;
    options.direct = true;
    auto opened = AuditLog::open(path, options);
    if (!opened) return opened.error();
    AuditLog& open = **opened;
    const bool written = open.retire(venue, label, now);
    if (open.close() && written) return std::nullopt;
    return Error{ExitCode::data, path + ": cannot be written"};
}

}  // namespace arb
