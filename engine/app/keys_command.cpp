// arbiter keys: put keys into the keystore, look at them, and take them out of use.
#include "engine/app/keys_command.hpp"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include "engine/app/keys_list.hpp"
#include "engine/keys/keystore.hpp"
#include "engine/keys/process_guard.hpp"
#include "engine/live/clock.hpp"

namespace arb {
namespace {

constexpr std::int64_t kAttestedDaysMax = 366;

struct Options {
    KeysSurroundings around;
    std::string keystore = "keys.arbkeys";
    int passphrase_fd = -1;
    int new_passphrase_fd = -1;
    std::string venue, label, new_label, role, key_id, created, expires;
    std::vector<std::string> ips;
    bool secret_stdin = false;
    std::string secret_file;
    bool key_passphrase = false;
    std::string key_passphrase_file;
    std::string what, by, until;
    bool force = false;
    std::string output = "table";
};

void check(const std::optional<Error>& error)
{
    if (error) throw StartError(*error);
}

Timestamp today(const Options& options)
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

PassphraseSource passphrase_source(const Options& options)
{
    return {options.passphrase_fd, options.around.credentials, options.around.terminal};
}

void close_to_others(const Options& options)
{
    if (options.around.close_process) check(close_process_to_others());
}

Keystore opened(const Options& options)
{
    close_to_others(options);
    const Secret passphrase = read_passphrase(passphrase_source(options), options.keystore);
    return Keystore::open_for_change(options.keystore, passphrase, {options.around.costs, {}}).take();
}

void save(Keystore& store)
{
    check(store.save());
}

KeyEntry existing(const Keystore& store, const Options& options)
{
    const KeyEntry* const entry = store.find(options.venue, options.label);
    if (entry != nullptr) return *entry;
    throw StartError(ExitCode::usage,
                     fmt::format("{}: holds no key '{}' of {}; `arbiter keys list` shows them",
                                 options.keystore, options.label, options.venue));
}

const ConnectorType& connector_of(const std::string& venue)
{
    std::string known;
    for (const ConnectorType* type : plugins().connectors) {
        if (type->exchange == venue) return *type;
        known += fmt::format("{}{}", known.empty() ? "" : ", ", type->exchange);
    }
    throw StartError(ExitCode::usage,
                     fmt::format("--venue {}: there is no such venue; give one of {}", venue, known));
}

Secret read_key_secret(const Options& options)
{
    if (!options.secret_file.empty()) return trimmed(read_secret_file(options.secret_file));
    if (options.secret_stdin)
        return trimmed(read_secret_descriptor(options.around.standard_input, "standard input"));
    return trimmed(type_secret(options.around.terminal,
                               fmt::format("Secret of this {} key (a PEM as a whole): ", options.venue)));
}

Secret read_key_passphrase(const Options& options)
{
    if (!options.key_passphrase_file.empty()) return trimmed(read_secret_file(options.key_passphrase_file));
    if (!options.key_passphrase) return {};
    return trimmed(type_secret_twice(options.around.terminal, "Passphrase given with this key: "));
}

/// What came in, after the connector has taken it for a key.
KeySecret read_secrets(const Options& options)
{
    const ConnectorType& type = connector_of(options.venue);
    KeySecret secret{read_key_secret(options), read_key_passphrase(options)};
    check(check_secret(secret));
    const auto signer = type.make_signer(secret.secret);
    if (!signer) {
        throw StartError(ExitCode::refused, fmt::format("this is no secret of {}, nothing was kept: {}",
                                                        options.venue, signer.error().message));
    }
    return secret;
}

void tell_leftovers(const Options& options)
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

void check_sources(const Options& options)
{
    if (options.secret_stdin && !options.secret_file.empty())
        throw StartError(ExitCode::usage, "give --secret-stdin or --secret-file, not both");
    if (options.secret_stdin && options.passphrase_fd == options.around.standard_input) {
        throw StartError(ExitCode::usage,
                         "standard input cannot give both the secret and the passphrase; give the passphrase "
                         "by another descriptor");
    }
}

ExitCode run_add(const Options& options)
{
    check_sources(options);
    connector_of(options.venue);
    KeyEntry entry;
    entry.venue = options.venue;
    entry.label = options.label;
    entry.role = key_role_of(options.role).value();
    entry.key_id = options.key_id;
    entry.created = options.created.empty() ? today(options) : day(options.created, "--created");
    if (!options.expires.empty()) entry.expires = day(options.expires, "--expires");
    entry.ips = options.ips;
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

ExitCode run_rotate(const Options& options)
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
    fmt::print("{}: added {} key '{}' of {}; '{}' is retiring\n", options.keystore, name(entry.role),
               entry.label, entry.venue, old.label);
    tell_missing(entry);
    tell_leftovers(options);
    return ExitCode::ok;
}

ExitCode run_retire(const Options& options)
{
    Keystore store = opened(options);
    check(store.retire(options.venue, options.label));
    save(store);
    fmt::print("{}: key '{}' of {} is retired; revoke it at the venue, too\n", options.keystore,
               options.label, options.venue);
    return ExitCode::ok;
}

ExitCode run_remove(const Options& options)
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

ExitCode run_attest(const Options& options)
{
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

ExitCode run_passphrase(const Options& options)
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

ExitCode run_list(const Options& options)
{
    close_to_others(options);
    const Secret passphrase = read_passphrase(passphrase_source(options), options.keystore);
    const Keystore store = Keystore::open(options.keystore, passphrase).take();
    const std::vector<KeyEntry> entries = store.list();
    fmt::print("{}", options.output == "json" ? keys_json(entries, options.around.now())
                                              : keys_table(entries, options.around.now(), colour_wanted()));
    return ExitCode::ok;
}

void add_key_options(CLI::App& command, Options& options)
{
    command.add_option("--key-id", options.key_id, "The key's public name at the venue")->required();
    command.add_option("--ip", options.ips, "Address or network the venue takes the key from (repeat)");
    command.add_option("--created", options.created, "Day it was made, YYYY-MM-DD (default: today)");
    command.add_option("--expires", options.expires, "First day on which it works no more, YYYY-MM-DD");
    command.add_flag("--secret-stdin", options.secret_stdin, "The secret comes from standard input");
    command.add_option("--secret-file", options.secret_file, "The secret stands in this file of mode 0600");
    command.add_flag("--key-passphrase", options.key_passphrase,
                     "The venue has a passphrase for the key (e.g. OKX): ask for it");
    command.add_option("--key-passphrase-file", options.key_passphrase_file,
                       "That passphrase stands in this file of mode 0600");
}

void add_name_options(CLI::App& command, Options& options)
{
    command.add_option("--venue", options.venue, "Exchange, e.g. okx")->required();
    command.add_option("--label", options.label, "What you call the key")->required();
}

}  // namespace

KeysSurroundings keys_surroundings()
{
    KeysSurroundings around;
    around.now = [] { return LiveClock().now(); };
    if (const char* directory = std::getenv("CREDENTIALS_DIRECTORY")) around.credentials = directory;
    return around;
}

Command add_keys(CLI::App& app, const KeysSurroundings& surroundings)
{
    auto options = std::make_shared<Options>();
    options->around = surroundings;
    CLI::App* const keys = app.add_subcommand("keys", "The keystore: add, list, rotate, retire keys");
    keys->require_subcommand(1);
    auto words = std::make_shared<std::vector<Command>>();
    const auto word = [&](const char* name, const char* text, ExitCode (*body)(const Options&)) {
        CLI::App* const command = keys->add_subcommand(name, text);
        command->add_option("--keystore", options->keystore, "Keystore file")->capture_default_str();
        command
            ->add_option("--passphrase-fd", options->passphrase_fd,
                         "Read the keystore's passphrase from this descriptor (default: systemd credential "
                         "arbiter-passphrase, else ask)")
            ->check(CLI::NonNegativeNumber);
        words->push_back({command, [options, body] { return body(*options); }});
        return command;
    };
    CLI::App* const add = word("add", "Add a key; makes the keystore when there is none", run_add);
    add_name_options(*add, *options);
    add->add_option("--role", options->role, "read or trade")
        ->required()
        ->check(CLI::IsMember(std::vector<std::string>{"read", "trade"}));
    add_key_options(*add, *options);
    word("list", "Show the keys, never their secrets", run_list)
        ->add_option("--output", options->output, "table or json")
        ->check(CLI::IsMember(std::vector<std::string>{"table", "json"}));
    CLI::App* const rotate =
        word("rotate", "Add a key in another's place, which becomes retiring", run_rotate);
    add_name_options(*rotate, *options);
    rotate->add_option("--new-label", options->new_label, "What you call the new key")->required();
    add_key_options(*rotate, *options);
    add_name_options(*word("retire", "Take a key out of use", run_retire), *options);
    CLI::App* const removed = word("remove", "Erase a retired key", run_remove);
    add_name_options(*removed, *options);
    removed->add_flag("--force", options->force, "Though it is in use");
    CLI::App* const attest = word("attest", "Vouch for what a venue does not tell about a key", run_attest);
    add_name_options(*attest, *options);
    attest->add_option("--what", options->what, "What you vouch for")->required();
    attest->add_option("--by", options->by, "Who you are")->required();
    attest->add_option("--until", options->until, "First day on which it counts no more, YYYY-MM-DD")
        ->required();
    word("passphrase", "Change the keystore's passphrase", run_passphrase)
        ->add_option("--new-passphrase-fd", options->new_passphrase_fd,
                     "Read the new one from this descriptor")
        ->check(CLI::NonNegativeNumber);
    return {keys, [words] {
                for (const Command& command : *words) {
                    if (command.app->parsed()) return command.run();
                }
                return ExitCode::internal;
            }};
}

Command add_keys(CLI::App& app)
{
    return add_keys(app, keys_surroundings());
}

}  // namespace arb
