#include "engine/app/keys/secret_input.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <span>
#include <string_view>

#include <fmt/format.h>

#include "engine/app/shell/signals.hpp"
#include "engine/base/result.hpp"
#include "engine/keys/keystore_file.hpp"

namespace arb {
namespace {

Secret part_of(const Secret& whole, std::size_t begin, std::size_t size)
{
    return Secret::copy_of(whole.bytes().subspan(begin, size));
}

/// Fills as much as comes until `done` says so, or the end. It is asked with nothing before each read.
template <class Done>
Secret read_until(int descriptor, const std::string& name, Done done)
{
    std::size_t got = 0;
    bool failed = false;
    const Secret room = Secret::made(kSecretInputMax + 1, [&](std::span<unsigned char> bytes) {
        while (got < bytes.size() && !done(std::string_view())) {
            const ssize_t n = ::read(descriptor, bytes.data() + got, bytes.size() - got);
            if (n < 0 && errno == EINTR) continue;
            failed = n < 0;
            if (n <= 0) break;
            got += static_cast<std::size_t>(n);
            if (done(std::string_view(reinterpret_cast<const char*>(bytes.data()), got))) break;
        }
    });
    if (failed)
        throw StartError(ExitCode::usage, fmt::format("{}: cannot be read: {}", name, std::strerror(errno)));
    if (got > kSecretInputMax)
        throw StartError(ExitCode::usage, fmt::format("{}: holds more than any secret does", name));
    return part_of(room, 0, got);
}

Secret without_line_end(const Secret& line)
{
    std::string_view text = line.as_text();
    while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
    return part_of(line, 0, text.size());
}

/// A terminal that shows nothing of what is typed, until the end of the object.
class SilentTerminal {
  public:
    explicit SilentTerminal(const std::string& path)
        : file_(::open(path.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC))
    {
        if (file_.value() < 0 || ::tcgetattr(file_.value(), &before_) != 0) {
            throw StartError(ExitCode::usage,
                             "there is no terminal to ask at; give the passphrase by --passphrase-fd N or as "
                             "systemd credential arbiter-passphrase, the key's secret by --secret-stdin or "
                             "--secret-file");
        }
        struct termios silent = before_;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHOE | ECHOK | ECHONL);
        silent.c_lflag |= ICANON | ISIG;
        // Stopped or killed with a core now, the terminal would stay silent.
        silent.c_cc[VSUSP] = _POSIX_VDISABLE;
        silent.c_cc[VQUIT] = _POSIX_VDISABLE;
        if (::tcsetattr(file_.value(), TCSAFLUSH, &silent) != 0)
            throw StartError(ExitCode::usage,
                             "the terminal's echo cannot be switched off: no secret is asked");
    }
    /// What was pasted too much must not reach the shell: flushed, too.
    ~SilentTerminal() { ::tcsetattr(file_.value(), TCSAFLUSH, &before_); }
    SilentTerminal(const SilentTerminal&) = delete;
    SilentTerminal& operator=(const SilentTerminal&) = delete;

    void show(std::string_view text) const
    {
        if (::write(file_.value(), text.data(), text.size()) < 0) return;
    }
    int descriptor() const { return file_.value(); }

  private:
    OwnedDescriptor file_;
    struct termios before_ {};
};

/// SIGINT and SIGTERM come only inside wait(), so none is missed between looking for it and reading.
class HeldSignals {
  public:
    HeldSignals()
    {
        sigset_t held;
        sigemptyset(&held);
        sigaddset(&held, SIGINT);
        sigaddset(&held, SIGTERM);
        ::pthread_sigmask(SIG_BLOCK, &held, &before_);
    }
    ~HeldSignals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    HeldSignals(const HeldSignals&) = delete;
    HeldSignals& operator=(const HeldSignals&) = delete;

    /// Until there is something to read, or a signal came.
    void wait(int descriptor) const
    {
        struct pollfd wanted {
            descriptor, POLLIN, 0
        };
        ::ppoll(&wanted, 1, nullptr, &before_);
    }

  private:
    sigset_t before_;
};

/// A line, or a PEM as a whole.
bool is_complete(std::string_view text)
{
    if (!text.ends_with('\n')) return false;
    if (!text.starts_with("-----BEGIN")) return true;
    const std::size_t end = text.find("\n-----END");
    return end != std::string_view::npos;
}

/// Bytes of a private file. `strict`: nobody but our user may have any right to it.
Secret read_file(const std::string& path, bool strict)
{
    const OwnedDescriptor file(
        ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW));
    if (file.value() < 0) {
        const bool link = errno == ELOOP;
        throw StartError(link ? ExitCode::refused : ExitCode::usage,
                         link ? fmt::format("{}: is a symbolic link; give the file itself", path)
                              : fmt::format("{}: cannot be opened: {}", path, std::strerror(errno)));
    }
    struct stat about {};
    if (::fstat(file.value(), &about) != 0 || !S_ISREG(about.st_mode))
        throw StartError(ExitCode::usage, fmt::format("{}: is no ordinary file", path));
    if (strict && ((about.st_mode & 0177) != 0 || about.st_uid != ::geteuid())) {
        throw StartError(
            ExitCode::refused,
            fmt::format("{}: others may read this secret or own it; run: chown $USER {} && chmod "
                        "600 {}",
                        path, path, path));
    }
    // systemd may give its credentials by an access list, which shows as rights of the group.
    if (!strict && (about.st_mode & 0007) != 0)
        throw StartError(ExitCode::refused, fmt::format("{}: everybody may read this credential", path));
    return read_until(file.value(), path, [](std::string_view) { return false; });
}

Secret checked_passphrase(const Secret& raw, const char* source)
{
    Secret passphrase = without_line_end(raw);
    const std::string_view text = passphrase.as_text();
    if (text.empty() || text.size() > kPassphraseMax || text.find('\n') != std::string_view::npos ||
        text.find('\0') != std::string_view::npos) {
        throw StartError(ExitCode::usage, fmt::format("the passphrase ({}) must be one line of 1 to {} bytes",
                                                      source, kPassphraseMax));
    }
    return passphrase;
}

}  // namespace

Secret type_secret(const std::string& terminal, const std::string& prompt)
{
    // A signal must not leave the terminal silent: it is counted, and the prompt given up.
    const Signals signals;
    const SilentTerminal silent(terminal);
    const HeldSignals held;
    silent.show(prompt);
    const Secret typed = read_until(silent.descriptor(), terminal, [&](std::string_view text) {
        if (!text.empty()) return is_complete(text);
        held.wait(silent.descriptor());
        return signals.count() > 0;
    });
    silent.show("\n");
    if (signals.count() > 0) throw StartError(ExitCode::usage, "interrupted; nothing was changed");
    return without_line_end(typed);
}

Secret type_secret_twice(const std::string& terminal, const std::string& prompt)
{
    Secret first = type_secret(terminal, prompt);
    if (!type_secret(terminal, "Once more: ").equals(first))
        throw StartError(ExitCode::usage, "the two were not the same; nothing was changed");
    return first;
}

Secret read_secret_descriptor(int descriptor, const std::string& name)
{
    return read_until(descriptor, name, [](std::string_view) { return false; });
}

Secret read_secret_file(const std::string& path)
{
    return read_file(path, true);
}

std::optional<Secret> read_credential(const std::string& directory, const std::string& name)
{
    if (directory.empty()) return std::nullopt;
    const std::string path = directory + "/" + name;
    struct stat about {};
    if (::lstat(path.c_str(), &about) != 0 && errno == ENOENT) return std::nullopt;
    return read_file(path, false);
}

Secret trimmed(const Secret& secret)
{
    const std::string_view text = secret.as_text();
    static constexpr std::string_view kBlanks = " \t\r\n";
    const std::size_t begin = std::min(text.find_first_not_of(kBlanks), text.size());
    const std::size_t end = text.find_last_not_of(kBlanks);
    return part_of(secret, begin, end == std::string_view::npos ? 0 : end + 1 - begin);
}

Secret read_passphrase(const PassphraseSource& source, const std::string& keystore)
{
    if (source.descriptor >= 0) {
        return checked_passphrase(
            read_secret_descriptor(source.descriptor, fmt::format("--passphrase-fd {}", source.descriptor)),
            "from its descriptor");
    }
    if (const auto credential = read_credential(source.credentials, kPassphraseCredential))
        return checked_passphrase(*credential, "systemd credential");
    return checked_passphrase(type_secret(source.terminal, fmt::format("Passphrase of {}: ", keystore)),
                              "as typed");
}

Secret read_new_passphrase(const PassphraseSource& source, const std::string& keystore)
{
    Secret passphrase =
        source.descriptor >= 0 || read_credential(source.credentials, kPassphraseCredential)
            ? read_passphrase(source, keystore)
            : checked_passphrase(
                  type_secret_twice(source.terminal, fmt::format("New passphrase of {}: ", keystore)),
                  "as typed");
    if (passphrase.bytes().size() < kNewPassphraseLeast) {
        throw StartError(ExitCode::usage,
                         fmt::format("a new passphrase has at least {} characters; several words make a good "
                                     "one",
                                     kNewPassphraseLeast));
    }
    return passphrase;
}

}  // namespace arb
