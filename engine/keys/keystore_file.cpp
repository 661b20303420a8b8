#include "engine/keys/keystore_file.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include <fmt/format.h>
#include <sodium.h>

namespace arb {
namespace {

constexpr int kLockTries = 16;

/// Temporary files begin with a point and this file's name, so that a later writer knows them.
std::string leftover_prefix(const std::string& name)
{
    return "." + name + ".new-";
}

std::string temporary_name(const std::string& name)
{
    std::array<unsigned char, 8> bytes{};
    randombytes_buf(bytes.data(), bytes.size());
    std::string text = leftover_prefix(name);
    for (const unsigned char byte : bytes) text += fmt::format("{:02x}", byte);
    return text;
}

bool write_all(int file, std::string_view bytes)
{
    while (!bytes.empty()) {
        const ssize_t written = ::write(file, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

void tell(const WriteHook& hook, WriteStep step)
{
    if (hook) hook(step);
}

bool same_file(const struct stat& a, const struct stat& b)
{
    return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/// As rename, but never over another file.
bool rename_to_new_name(int folder, const std::string& from, const std::string& to)
{
    if (::renameat2(folder, from.c_str(), folder, to.c_str(), RENAME_NOREPLACE) == 0) return true;
    // Older network file systems know no such flag.
    if (errno != EINVAL && errno != ENOSYS) return false;
    if (::linkat(folder, from.c_str(), folder, to.c_str(), 0) != 0) return false;
    ::unlinkat(folder, from.c_str(), 0);
    return true;
}

}  // namespace

OwnedDescriptor::OwnedDescriptor(OwnedDescriptor&& other) noexcept : value_(std::exchange(other.value_, -1))
{
}

OwnedDescriptor& OwnedDescriptor::operator=(OwnedDescriptor&& other) noexcept
{
    if (this == &other) return *this;
    if (value_ >= 0) ::close(value_);
    value_ = std::exchange(other.value_, -1);
    return *this;
}

OwnedDescriptor::~OwnedDescriptor()
{
    if (value_ >= 0) ::close(value_);
}

Error KeystoreFile::trouble(std::string_view what) const
{
    return {ExitCode::usage, fmt::format("{}: {}: {}", path_, what, std::strerror(errno))};
}

std::optional<Error> KeystoreFile::find_folder(const std::string& path)
{
    path_ = path;
    const std::size_t slash = path.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
    name_ = slash == std::string::npos ? path : path.substr(slash + 1);
    if (name_.empty() || name_ == "." || name_ == "..")
        return Error{ExitCode::usage, fmt::format("'{}' names no file; give the keystore's", path)};
    folder_ = OwnedDescriptor(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folder_.value() < 0) return trouble("its directory cannot be opened");
    struct stat about {};
    if (::fstat(folder_.value(), &about) != 0) return trouble("its directory cannot be looked at");
    // In a sticky directory others cannot replace our files.
    const bool others_write = (about.st_mode & 022) != 0 && (about.st_mode & S_ISVTX) == 0;
    if (others_write || (about.st_uid != ::geteuid() && about.st_uid != 0)) {
        return Error{ExitCode::refused,
                     fmt::format("{}: others could put another file in its place; run: chown $USER {} && "
                                 "chmod go-w {}",
                                 path_, folder, folder)};
    }
    return std::nullopt;
}

std::optional<Error> KeystoreFile::open_file(Purpose purpose)
{
    for_change_ = purpose == Purpose::change;
    for (int i = 0; i < kLockTries; ++i) {
        // A pipe must not hold us up: hence O_NONBLOCK.
        file_ = OwnedDescriptor(::openat(folder_.value(), name_.c_str(),
                                         O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
        if (file_.value() < 0) {
            if (errno == ELOOP) {
                return Error{ExitCode::refused,
                             fmt::format("{}: is a symbolic link; give the keystore file itself", path_)};
            }
            return trouble("the keystore cannot be opened");
        }
        if (!for_change_) return std::nullopt;
        if (::flock(file_.value(), LOCK_EX | LOCK_NB) != 0) {
            if (errno != EWOULDBLOCK) return trouble("the keystore cannot be locked");
            return Error{ExitCode::usage,
                         fmt::format("{}: another process is changing it; try again when it is done", path_)};
        }
        // What was opened may have been replaced before the lock was taken.
        struct stat held {};
        struct stat named {};
        if (::fstat(file_.value(), &held) == 0 &&
            ::fstatat(folder_.value(), name_.c_str(), &named, AT_SYMLINK_NOFOLLOW) == 0 &&
            same_file(held, named))
            return std::nullopt;
    }
    return Error{ExitCode::usage, fmt::format("{}: it is being replaced all the time; try again", path_)};
}

std::optional<Error> KeystoreFile::read_all()
{
    struct stat about {};
    if (::fstat(file_.value(), &about) != 0) return trouble("the keystore cannot be looked at");
    if (!S_ISREG(about.st_mode))
        return Error{ExitCode::refused, fmt::format("{}: is no ordinary file", path_)};
    if (about.st_uid != ::geteuid() || (about.st_mode & 07777) != 0600) {
        return Error{
            ExitCode::refused,
            fmt::format("{}: a keystore belongs to its user alone, with mode 0600; run: chown $USER {} && "
                        "chmod 600 {}",
                        path_, path_, path_)};
    }
    if (static_cast<std::size_t>(about.st_size) > kKeystoreFileMax)
        return Error{ExitCode::refused, fmt::format("{}: is too large for a keystore", path_)};
    bytes_.resize(static_cast<std::size_t>(about.st_size));
    std::size_t got = 0;
    while (got < bytes_.size()) {
        const ssize_t n =
            ::pread(file_.value(), bytes_.data() + got, bytes_.size() - got, static_cast<off_t>(got));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return trouble("the keystore cannot be read");
        if (n == 0) break;
        got += static_cast<std::size_t>(n);
    }
    bytes_.resize(got);
    return std::nullopt;
}

Result<KeystoreFile> KeystoreFile::open(const std::string& path, Purpose purpose)
{
    KeystoreFile file;
    if (auto error = file.find_folder(path)) return *error;
    if (auto error = file.open_file(purpose)) return *error;
    if (auto error = file.read_all()) return *error;
    return file;
}

Result<KeystoreFile> KeystoreFile::create(const std::string& path, std::string_view bytes,
                                          const WriteHook& hook)
{
    KeystoreFile file;
    file.for_change_ = true;
    if (auto error = file.find_folder(path)) return *error;
    if (auto error = file.put(bytes, true, hook)) return *error;
    return file;
}

void KeystoreFile::remove_leftovers() const
{
    const std::string prefix = leftover_prefix(name_);
    const int copy = ::openat(folder_.value(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR* const list = copy < 0 ? nullptr : ::fdopendir(copy);
    if (list == nullptr) {
        if (copy >= 0) ::close(copy);
        return;
    }
    while (const dirent* found = ::readdir(list)) {
        if (std::string_view(found->d_name).starts_with(prefix))
            ::unlinkat(folder_.value(), found->d_name, 0);
    }
    ::closedir(list);
}

std::optional<Error> KeystoreFile::put(std::string_view bytes, bool new_name, const WriteHook& hook)
{
    const std::string temporary = temporary_name(name_);
    OwnedDescriptor made(::openat(folder_.value(), temporary.c_str(),
                                  O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (made.value() < 0) return trouble("a new keystore cannot be written beside it");
    const auto given_up = [&](std::string_view what) {
        const Error error = trouble(what);
        ::unlinkat(folder_.value(), temporary.c_str(), 0);
        return error;
    };
    tell(hook, WriteStep::made);
    // The umask may have taken bits away.
    if (::fchmod(made.value(), 0600) != 0) return given_up("the new keystore's mode cannot be set");
    const std::size_t half = bytes.size() / 2;
    if (!write_all(made.value(), bytes.substr(0, half))) return given_up("cannot be written");
    tell(hook, WriteStep::half_written);
    if (!write_all(made.value(), bytes.substr(half))) return given_up("cannot be written");
    tell(hook, WriteStep::written);
    if (::fsync(made.value()) != 0) return given_up("cannot be made durable");
    tell(hook, WriteStep::synced);
    // Locked before it gets the name: nobody comes between this writer and his next change.
    if (::flock(made.value(), LOCK_EX | LOCK_NB) != 0) return given_up("cannot be locked");
    tell(hook, WriteStep::locked);
    const bool renamed =
        new_name ? rename_to_new_name(folder_.value(), temporary, name_)
                 : ::renameat(folder_.value(), temporary.c_str(), folder_.value(), name_.c_str()) == 0;
    if (!renamed) return given_up(new_name ? "cannot be made" : "cannot be replaced");
    tell(hook, WriteStep::renamed);
    file_ = std::move(made);
    bytes_ = bytes;
    if (::fsync(folder_.value()) != 0) return trouble("was written, but may not survive a power failure");
    tell(hook, WriteStep::folder_synced);
    return std::nullopt;
}

std::optional<Error> KeystoreFile::replace(std::string_view bytes, const WriteHook& hook)
{
    if (!for_change_) return Error{ExitCode::internal, fmt::format("{}: was opened for reading only", path_)};
    struct stat held {};
    struct stat named {};
    if (::fstat(file_.value(), &held) != 0 ||
        ::fstatat(folder_.value(), name_.c_str(), &named, AT_SYMLINK_NOFOLLOW) != 0 ||
        !same_file(held, named)) {
        return Error{
            ExitCode::refused,
            fmt::format("{}: somebody replaced it meanwhile; nothing was written, look at it first", path_)};
    }
    remove_leftovers();
    return put(bytes, false, hook);
}

}  // namespace arb
