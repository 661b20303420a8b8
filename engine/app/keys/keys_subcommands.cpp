// What the words of `arbiter keys` do: put keys into the keystore, look at them, and take them out of use.
#include "engine/app/keys/keys_subcommands.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "engine/app/keys/keys_audit.hpp"
#include "engine/app/keys/keys_check.hpp"
#include "engine/app/keys/keys_list.hpp"
#include "engine/keys/keystore.hpp"
#include "engine/keys/process_guard.hpp"
#include "engine/keys/scope_policy.hpp"
#include "engine/report/utf8.hpp"

namespace arb {
namespace {

constexpr std::int64_t kAttestedDaysMax = 366;

void check(const std::optional<Error>& error)
{
    if (error) throw StartError(*error);
}

Timestamp today(const KeysOptions& options)
{
    return parse_day(format_day(options.around.now())).value();
}

Timestamp day(const std::string& text, const char* option)
{
    const auto time = parse_day(text);
    if (!time)
        throw StartError(ExitCode::usage, fmt::format("{} {}: give a day as YYYY-MM-DD", option, text));
    return *time;
}

PassphraseSource passphrase_source(const KeysOptions& options)
{
    return {options.passphrase_fd, options.around.credentials, options.around.terminal};
}

void close_to_others(const KeysOptions& options)
{
    if (options.around.close_process) check(close_process_to_others());
}

Keystore opened(const KeysOptions& options)
{
    close_to_others(options);
    const Secret passphrase = read_passphrase(passphrase_source(options), options.keystore);
    return Keystore::open_for_change(options.keystore, passphrase, {options.around.costs, {}}).take();
}

void save(Keystore& store)
{
    check(store.save());
}

KeyEntry existing(const Keystore& store, const KeysOptions& options)
{
    const KeyEntry* const entry = store.find(options.venue, options.label);
    if (entry != nullptr) return *entry;
    throw StartError(ExitCode::usage,
                     fmt::format("{}: holds no key '{}' of {}; `arbiter keys list` shows them",
                                 options.keystore, options.label, options.venue));
}

const ConnectorType& known_connector(const std::string& venue)
{
    std::string known;
    for (const ConnectorType* type : plugins().connectors) {
        if (type->exchange == venue) return *type;
        known += fmt::format("{}{}", known.empty() ? "" : ", ", type->exchange);
    }
    throw StartError(ExitCode::usage,
                     fmt::format("--venue {}: there is no such venue; give one of {}", venue, known));
}

Secret read_key_secret(const KeysOptions& options)
{
    if (!options.secret_file.empty()) return trimmed(read_secret_file(options.secret_file));
    if (options.secret_stdin)
        return trimmed(read_secret_descriptor(options.around.standard_input, "standard input"));
    return trimmed(type_secret(options.around.terminal,
                               fmt::format("Secret of this {} key (a PEM as a whole): ", options.venue)));
}

Secret read_key_passphrase(const KeysOptions& options)
{
    if (!options.key_passphrase_file.empty()) return trimmed(read_secret_file(options.key_passphrase_file));
    if (!options.key_passphrase) return {};
    return trimmed(type_secret_twice(options.around.terminal, "Passphrase given with this key: "));
}

/// What came in, after the connector has taken it for a key.
KeySecret read_secrets(const KeysOptions& options)
{
    const ConnectorType& type = known_connector(options.venue);
    KeySecret secret{read_key_secret(options), read_key_passphrase(options)};
    check(check_secret(secret));
    const auto signer = type.make_signer(secret.secret);
    if (!signer) {
        throw StartError(ExitCode::refused, fmt::format("this is no secret of {}, nothing was kept: {}",
                                                        options.venue, signer.error().message));
    }
    return secret;
}

void tell_leftovers(const KeysOptions& options)
{
    for (const std::string& file : {options.secret_file, options.key_passphrase_file}) {
        if (!file.empty())
            fmt::print(stderr, "{}: is still there; remove it when you have a copy in a safe place\n", file);
    }
}

void tell_missing(const KeyEntry& entry)
{
    if (entry.ips.empty())
        fmt::print(stderr,
                   "no --ip was given: limit the key to your addresses at the venue, and say so here\n");
}

// The keystore is what counts and is written already; a run that holds the log is no reason to fail.
void tell_retired(const KeysOptions& options)
{
    const auto error =
        note_retired(options.audit_log, options.keystore, options.venue, options.label, options.around.now());
    if (error) fmt::print(stderr, "{}: not noted there that the key is out of use\n", error->message);
}

void check_sources(const KeysOptions& options)
{
    if (options.secret_stdin && !options.secret_file.empty())
        throw StartError(ExitCode::usage, "give --secret-stdin or --secret-file, not both");
    if (options.secret_stdin && options.passphrase_fd == options.around.standard_input) {
        throw StartError(ExitCode::usage,
                         "standard input cannot give both the secret and the passphrase; give the passphrase "
                         "by another descriptor");
    }
}

}  // namespace

ExitCode keys_add(const KeysOptions& options)
{
    check_sources(options);
    known_connector(options.venue);
    KeyEntry entry;
    entry.venue = options.venue;
    entry.label = options.label;
    entry.role = key_role_of(options.role).value();
    entry.key_id = options.key_id;
    entry.created = options.created.empty() ? today(options) : day(options.created, "--created");
    if (!options.expires.empty()) entry.expires = day(options.expires, "--expires");
    entry.ips = options.ips;
    entry.environment = options.environment;
    check(check_entry(entry));
    close_to_others(options);
    const bool is_new = ::access(options.keystore.c_str(), F_OK) != 0 && errno == ENOENT;
    std::optional<Keystore> store;
    if (is_new) {
        const Secret passphrase = read_new_passphrase(passphrase_source(options), options.keystore);
        const KeySecret secret = read_secrets(options);
        store = Keystore::create(options.keystore, passphrase, {options.around.costs, {}}).take();
        check(store->add(entry, secret));
    } else {
        store = opened(options);
        check(store->add(entry, read_secrets(options)));
    }
    save(*store);
    fmt::print("{}{}: added {} key '{}' of {}\n", options.keystore, is_new ? " (new)" : "", name(entry.role),
               entry.label, entry.venue);
    tell_missing(entry);
    tell_leftovers(options);
    return ExitCode::ok;
}

ExitCode keys_rotate(const KeysOptions& options)
{
    check_sources(options);
    Keystore store = opened(options);
    const KeyEntry old = existing(store, options);
    KeyEntry entry = old;
    entry.label = options.new_label;
    entry.state = KeyState::active;
    entry.key_id = options.key_id;
    entry.created = options.created.empty() ? today(options) : day(options.created, "--created");
    entry.expires = options.expires.empty() ? Timestamp{} : day(options.expires, "--expires");
    if (!options.ips.empty()) entry.ips = options.ips;
    // What somebody vouched for was the old key.
    entry.attestations.clear();
    check(check_entry(entry));
    check(store.rotate(options.label, entry, read_secrets(options)));
    save(store);
    // Where a run goes over to the new key, the old one is rightly used for a while: only by word.
    if (!options.audit_log.empty()) tell_retired(options);
    fmt::print("{}: added {} key '{}' of {}; '{}' is retiring\n", options.keystore, name(entry.role),
               entry.label, entry.venue, old.label);
    tell_missing(entry);
    tell_leftovers(options);
    return ExitCode::ok;
}

ExitCode keys_retire(const KeysOptions& options)
{
    Keystore store = opened(options);
    check(store.retire(options.venue, options.label));
    save(store);
    tell_retired(options);
    fmt::print("{}: key '{}' of {} is retired; revoke it at the venue, too\n", options.keystore,
               options.label, options.venue);
    return ExitCode::ok;
}

ExitCode keys_remove(const KeysOptions& options)
{
    Keystore store = opened(options);
    const KeyEntry entry = existing(store, options);
    if (entry.state != KeyState::retired && !options.force) {
        throw StartError(
            ExitCode::usage,
            fmt::format("key '{}' of {} is {}: retire it first, or say --force; its secret cannot "
                        "be had back",
                        entry.label, entry.venue, name(entry.state)));
    }
    check(store.remove(options.venue, options.label));
    save(store);
    fmt::print("{}: key '{}' of {} is removed\n", options.keystore, options.label, options.venue);
    return ExitCode::ok;
}

ExitCode keys_attest(const KeysOptions& options)
{
    if (!attestable(options.what)) {
        throw StartError(ExitCode::usage,
                         fmt::format("--what {}: what can be vouched for is rights, ip, expiry or right:NAME",
                                     plain_text(options.what)));
    }
    const Timestamp until = day(options.until, "--until");
    const Timestamp now = today(options);
    if (days_until(until, now) < 1 || days_until(until, now) > kAttestedDaysMax) {
        throw StartError(ExitCode::usage, fmt::format("--until {}: an attestation holds for 1 to {} days",
                                                      options.until, kAttestedDaysMax));
    }
    Keystore store = opened(options);
    check(store.attest(options.venue, options.label, {options.what, options.by, now, until}));
    save(store);
    fmt::print("{}: {} vouches for '{}' of key '{}' of {} until {}\n", options.keystore, options.by,
               options.what, options.label, options.venue, options.until);
    return ExitCode::ok;
}

ExitCode keys_passphrase(const KeysOptions& options)
{
    Keystore store = opened(options);
    // Not the credential: that is the old one.
    const PassphraseSource source{options.new_passphrase_fd, "", options.around.terminal};
    check(store.change_passphrase(read_new_passphrase(source, options.keystore)));
    save(store);
    fmt::print("{}: opens with the new passphrase; copies made before still open with the old one\n",
               options.keystore);
    return ExitCode::ok;
}

ExitCode keys_list(const KeysOptions& options)
{
    close_to_others(options);
    const Secret passphrase = read_passphrase(passphrase_source(options), options.keystore);
    const Keystore store = Keystore::open(options.keystore, passphrase).take();
    const std::vector<KeyEntry> entries = store.list();
    fmt::print("{}", options.output == "json" ? keys_json(entries, options.around.now())
                                              : keys_table(entries, options.around.now(), colour_wanted()));
    return ExitCode::ok;
}

ExitCode keys_check(const KeysOptions& options)
{
    KeysCheckRequest request;
    request.config = options.config;
    request.keystore = options.keystore;
    request.audit_log = options.audit_log;
    request.unsafe_endpoint = options.unsafe_endpoint;
    request.access = {true, passphrase_source(options), options.around.close_process};
    request.plugins = plugins();
    request.questions = options.around.questions;
    request.now = options.around.now;
    return check_keys(request, options.output == "json", colour_wanted());
}

ExitCode keys_audit(const KeysOptions& options)
{
    return run_keys_audit(options.audit_log, options.keystore, options.output == "json");
}

}  // namespace arb
