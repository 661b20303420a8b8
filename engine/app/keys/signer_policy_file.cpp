#include "engine/app/keys/signer_policy_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>

#include <fmt/format.h>

#include "engine/app/config/toml_tables.hpp"

namespace arb {
namespace {

constexpr std::size_t kPolicyMax = 1U << 20;

std::string read_guarded(const std::string& path)
{
    const int file = ::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY);
    if (file < 0) {
        throw StartError(ExitCode::usage, fmt::format("{}: the signer's policy cannot be opened: {}", path,
                                                      std::strerror(errno)));
    }
    struct stat about {};
    const bool there = ::fstat(file, &about) == 0 && S_ISREG(about.st_mode);
    const bool guarded =
        there && (about.st_uid == ::geteuid() || about.st_uid == 0) && (about.st_mode & 022) == 0;
    std::string text(there ? std::min(static_cast<std::size_t>(about.st_size), kPolicyMax + 1) : 0, '\0');
    const ssize_t got = guarded ? ::read(file, text.data(), text.size()) : 0;
    ::close(file);
    if (!there) throw StartError(ExitCode::usage, fmt::format("{}: is no ordinary file", path));
    if (!guarded) {
        throw StartError(
            ExitCode::refused,
            fmt::format("{}: others may change or own the signer's policy; run: chown $USER {} && "
                        "chmod 644 {}",
                        path, path, path));
    }
    if (got != about.st_size || text.size() > kPolicyMax)
        throw StartError(ExitCode::usage, fmt::format("{}: is too large, or cannot be read", path));
    return text;
}

/// A number, or the number of a name in /etc/passwd or /etc/group (name:x:number:...).
std::uint32_t id_of(Settings& table, std::string_view key, const char* names, std::uint32_t fallback)
{
    if (!table.has(key)) return fallback;
    const std::string text = table.text(key, "");
    const auto number = [](std::string_view digits) -> std::optional<std::uint32_t> {
        std::uint32_t value = 0;
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
        if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
        return value;
    };
    if (const auto value = number(text)) return *value;
    std::ifstream file(names);
    for (std::string line; !text.empty() && std::getline(file, line);) {
        if (!line.starts_with(text + ":")) continue;
        const std::size_t second = line.find(':', text.size() + 1);
        if (second == std::string::npos) continue;
        const std::string rest = line.substr(second + 1);
        if (const auto value = number(std::string_view(rest).substr(0, rest.find(':')))) return *value;
    }
    table.fail(key, fmt::format("'{}' is neither a number nor a name in {}", text, names));
}

bool yes_or_no(Settings& table, std::string_view key)
{
    const std::string text = table.text(key, "false");
    if (text != "true" && text != "false") table.fail(key, "is true or false");
    return text == "true";
}

void check_setting(Settings& table, std::string_view key, const std::optional<Error>& error)
{
    if (error) table.fail(key, error->message);
}

std::optional<Decimal> decimal(Settings& table, std::string_view key)
{
    if (!table.has(key)) return std::nullopt;
    const std::string text = table.text(key, "");
    const std::optional<Decimal> value = Decimal::parse(text);
    if (!value) table.fail(key, fmt::format("'{}' is no exact decimal, as in \"0.25\"", text));
    return value;
}

void read_limit(const TomlTable& place, KeyPolicy& policy)
{
    Settings table = place.settings("key.limit");
    OrderLimit limit;
    limit.instrument = table.required("instrument");
    limit.product = table.text("product", "");
    limit.margin = table.text("margin", "");
    limit.quantity = decimal(table, "max_quantity");
    limit.notional = decimal(table, "max_notional");
    limit.contract = decimal(table, "contract").value_or(Decimal(1, 0));
    table.finish();
    check_setting(table, "instrument", policy.add_limit(std::move(limit)));
}

Pkcs11Key read_token(const TomlTable& place)
{
    Settings table = place.settings("key.token");
    Pkcs11Key key;
    key.module = table.required("module");
    key.token_label = table.text("token_label", "");
    key.token_serial = table.text("token_serial", "");
    key.object_label = table.text("object_label", "");
    key.object_id = table.text("object_id", "");
    const std::string algorithm = table.text("algorithm", name(KeyAlgorithm::hmac_sha256));
    constexpr KeyAlgorithm kAll[] = {KeyAlgorithm::hmac_sha256, KeyAlgorithm::hmac_sha512,
                                     KeyAlgorithm::ed25519, KeyAlgorithm::ecdsa_p256};
    const auto* const found =
        std::find_if(std::begin(kAll), std::end(kAll), [&](KeyAlgorithm a) { return algorithm == name(a); });
    if (found == std::end(kAll)) {
        table.fail("algorithm", fmt::format("is none of {}, {}, {}, {}", name(kAll[0]), name(kAll[1]),
                                            name(kAll[2]), name(kAll[3])));
    }
    key.algorithm = *found;
    table.finish();
    return key;
}

KeyGrant read_grant(const TomlTable& place)
{
    Settings table = place.settings("key", {"limit", "token"});
    KeyGrant grant;
    grant.venue = table.required("venue");
    grant.label = table.required("label");
    const std::vector<std::string> endpoints = table.texts("endpoints");
    if (endpoints.empty()) table.fail("endpoints", "names nothing that this key may sign");
    for (const std::string& pattern : endpoints)
        check_setting(table, "endpoints", grant.policy.add_endpoint(pattern));
    check_setting(table, "orders_per_second",
                  grant.policy.set_orders_per_second(table.integer(
                      "orders_per_second", 0, 0, static_cast<std::int64_t>(KeyPolicy::kOrdersPerSecondMax))));
    check_setting(table, "hours", grant.policy.set_hours(table.text("hours", "00-23")));
    grant.policy.allow_sessions(yes_or_no(table, "sessions"));
    grant.policy.allow_unseen_orders(yes_or_no(table, "unseen_orders"));
    table.finish();
    for (const TomlTable& limit : place.tables("limit")) read_limit(limit, grant.policy);
    if (place.has("token")) grant.token = read_token(place.table("token"));
    return grant;
}

}  // namespace

SignerPlan read_signer_policy(const std::string& path)
{
    const TomlTable root = TomlTable::parse(read_guarded(path), path);
    root.allow_only({"client", "group", "key"});
    Settings table = root.settings("signer", {"key"});
    SignerPlan plan;
    plan.client = id_of(table, "client", "/etc/passwd", ::geteuid());
    if (table.has("group")) plan.group = id_of(table, "group", "/etc/group", 0);
    table.finish();
    for (const TomlTable& key : root.tables("key")) {
        KeyGrant grant = read_grant(key);
        const auto same = [&](const KeyGrant& g) { return g.venue == grant.venue && g.label == grant.label; };
        if (std::any_of(plan.grants.begin(), plan.grants.end(), same)) {
            throw StartError(ExitCode::usage, fmt::format("{}: the key {}/{} stands there twice", path,
                                                          grant.venue, grant.label));
        }
        plan.grants.push_back(std::move(grant));
    }
    if (plan.grants.empty())
        throw StartError(ExitCode::usage, fmt::format("{}: grants no key; add a [[key]] table", path));
    return plan;
}

}  // namespace arb
