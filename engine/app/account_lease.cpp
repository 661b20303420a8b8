#include "engine/app/account_lease.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include <fmt/format.h>

#include "engine/base/hash.hpp"
#include "engine/keys/private_directory.hpp"
#include "engine/report/utf8.hpp"

namespace arb {
namespace {

// Who holds it, as its holder wrote it; hostile only to a terminal.
std::string holder_of(int file)
{
    char text[512];
    const ssize_t size = ::pread(file, text, sizeof text, 0);
    return size > 0 ? plain_text(std::string_view(text, static_cast<std::size_t>(size))) : "another process";
}

std::optional<Error> refuse(const std::string& directory, const std::string& why)
{
    return Error{ExitCode::refused,
                 fmt::format("{}: {}; runs note there which keys they trade with", directory, why)};
}

std::optional<Error> check_directory(const std::string& directory)
{
    struct stat found {};
    if (::lstat(directory.c_str(), &found) != 0) return refuse(directory, std::strerror(errno));
    if (!S_ISDIR(found.st_mode) || found.st_uid != ::geteuid() || (found.st_mode & 077) != 0)
        return refuse(directory, "is not a directory of ours alone (mode 0700)");
    return std::nullopt;
}

}  // namespace

std::string AccountLeases::usual_directory()
{
    const char* given = std::getenv("XDG_RUNTIME_DIR");
    if (given != nullptr && *given == '/') return std::string(given) + "/arbiter";
    return (std::filesystem::temp_directory_path() / fmt::format("arbiter-{}", ::geteuid())).string();
}

// Removed while the lock is held: whoever opened it before sees, once it has the lock, that it has no name
// any more.
AccountLeases::~AccountLeases()
{
    for (const Lease& lease : leases_) {
        ::unlink(lease.path.c_str());
        ::close(lease.file);
    }
}

std::optional<Error> AccountLeases::take(const std::string& venue, const std::string& address,
                                         const std::string& key_id, const std::string& state_directory)
{
    make_private_directory(directory_);
    if (std::optional<Error> trouble = check_directory(directory_)) return trouble;
    Hash hash;
    hash.add_text(venue);
    hash.add_text(address);
    hash.add_text(key_id);
    const std::string path = fmt::format("{}/key-{:016x}.lock", directory_, hash.value());
    for (const Lease& lease : leases_) {
        if (lease.path == path) return std::nullopt;
    }
    int file = -1;
    for (struct stat found{}; file < 0;) {
        file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (file < 0) return refuse(path, std::strerror(errno));
        const bool locked = ::flock(file, LOCK_EX | LOCK_NB) == 0;
        if (locked && ::fstat(file, &found) == 0 && found.st_nlink > 0) break;
        const std::string holder = holder_of(file);
        ::close(file);
        file = -1;
        if (locked) continue;  // its holder ended between our two calls
        return Error{
            ExitCode::refused,
            fmt::format("{}: this key trades in another run already ({}): two engines on one account "
                        "take each other's orders for a stranger's. Stop that one first: arbiter stop "
                        "STATE_DIRECTORY",
                        venue, holder)};
    }
    const std::string note = fmt::format("process {}, state directory {}", ::getpid(), state_directory);
    // What it says is for people: the lock is what counts.
    if (::ftruncate(file, 0) != 0 || ::pwrite(file, note.data(), note.size(), 0) < 0) errno = 0;
    leases_.push_back({path, file});
    return std::nullopt;
}

}  // namespace arb
