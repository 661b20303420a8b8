#include "engine/app/keys/key_file.hpp"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/app/config/toml_tables.hpp"

namespace arb {
namespace {

constexpr std::size_t kKeyFileMax = 64U << 10;

class Descriptor {
  public:
    explicit Descriptor(int value) : value_(value) {}
    ~Descriptor()
    {
        if (value_ >= 0) ::close(value_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int value() const { return value_; }

  private:
    int value_;
};

std::string read_private(const std::string& path)
{
    // A symbolic link could point at a file that somebody else changes.
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    if (file.value() < 0) {
        const bool link = errno == ELOOP;
        throw StartError(link ? ExitCode::refused : ExitCode::usage,
                         link ? fmt::format("{}: is a symbolic link; give the key file itself", path)
                              : fmt::format("{}: cannot be opened: {}", path, std::strerror(errno)));
    }
    struct stat about {};
    if (::fstat(file.value(), &about) != 0 || !S_ISREG(about.st_mode))
        throw StartError(ExitCode::usage, fmt::format("{}: is no ordinary file", path));
    if ((about.st_mode & 0177) != 0 || about.st_uid != ::geteuid()) {
        throw StartError(
            ExitCode::refused,
            fmt::format("{}: others may read this key or own it; run: chown $USER {} && chmod 600 {}", path,
                        path, path));
    }
    if (about.st_size <= 0 || static_cast<std::size_t>(about.st_size) > kKeyFileMax)
        throw StartError(ExitCode::usage, fmt::format("{}: is empty or too large for a key file", path));
    std::string text(static_cast<std::size_t>(about.st_size), '\0');
    const ssize_t got = ::read(file.value(), text.data(), text.size());
    if (got != about.st_size) throw StartError(ExitCode::usage, fmt::format("{}: cannot be read", path));
    return text;
}

Timestamp day_of(Settings& table, std::string_view key)
{
    const std::string text = table.text(key, "");
    if (text.empty()) return {};
    const std::optional<Timestamp> day = parse_day(text);
    if (!day) table.fail(key, "is no day; write YYYY-MM-DD");
    return *day;
}

KeyAttestation attestation_of(Settings table)
{
    KeyAttestation attestation;
    attestation.what = table.required("what");
    if (!attestable(attestation.what)) table.fail("what", "can be rights, ip, expiry or right:NAME");
    attestation.by = table.required("by");
    attestation.date = day_of(table, "date");
    attestation.until = day_of(table, "until");
    table.finish();
    return attestation;
}

}  // namespace

FileKey read_key_file(const std::string& path, const std::string& venue, KeyRole role,
                      const ConnectorType& type)
{
    std::string text = read_private(path);
    const TomlTable root = TomlTable::parse(text, path);
    wipe(text.data(), text.size());
    Settings table = root.settings("key", {"attest"});
    const std::string named = table.required("venue");
    if (named != venue) table.fail("venue", fmt::format("is '{}', but the key is used for {}", named, venue));
    FileKey key;
    key.credentials = std::make_unique<Credentials>();
    key.credentials->label = table.text("label", "key");
    key.credentials->role = role;
    key.credentials->key_id = table.required("key_id");
    key.facts.venue = venue;
    key.facts.label = key.credentials->label;
    key.facts.role = role;
    key.facts.expires = day_of(table, "expires");
    std::string secret = table.required("secret");
    std::string passphrase = table.text("passphrase", "");
    table.finish();
    for (const TomlTable& attest : root.tables("attest"))
        key.facts.attestations.push_back(attestation_of(attest.settings("attest")));
    key.credentials->passphrase = Secret::take(passphrase);
    Result<std::unique_ptr<Signer>> signer = type.make_signer(Secret::take(secret));
    if (!signer) throw StartError(ExitCode::refused, fmt::format("{}: {}", path, signer.error().message));
    key.credentials->signer = std::move(*signer);
    return key;
}

}  // namespace arb
