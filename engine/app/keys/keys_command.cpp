// arbiter keys on the command line.
#include "engine/app/keys/keys_command.hpp"

#include <cstdlib>
#include <memory>

#include <CLI/CLI.hpp>

#include "engine/app/keys/keys_subcommands.hpp"
#include "engine/live/clock.hpp"

namespace arb {
namespace {

void add_output(CLI::App& command, KeysOptions& options)
{
    command.add_option("--output", options.output, "table or json")
        ->check(CLI::IsMember(std::vector<std::string>{"table", "json"}));
}

void add_audit_log(CLI::App& command, KeysOptions& options, const char* text)
{
    command.add_option("--audit-log", options.audit_log, text);
}

void add_key_options(CLI::App& command, KeysOptions& options)
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

void add_name_options(CLI::App& command, KeysOptions& options)
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
    around.questions = key_questions();
    return around;
}

Command add_keys(CLI::App& app, const KeysSurroundings& surroundings)
{
    auto options = std::make_shared<KeysOptions>();
    options->around = surroundings;
    CLI::App* const keys = app.add_subcommand("keys", "The keystore: add, list, rotate, retire keys");
    keys->require_subcommand(1);
    auto words = std::make_shared<std::vector<Command>>();
    const auto word = [&](const char* name, const char* text, ExitCode (*body)(const KeysOptions&)) {
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
    CLI::App* const add = word("add", "Add a key; makes the keystore when there is none", keys_add);
    add_name_options(*add, *options);
    add->add_option("--role", options->role, "read or trade")
        ->required()
        ->check(CLI::IsMember(std::vector<std::string>{"read", "trade"}));
    add_key_options(*add, *options);
    add->add_option("--environment", options->environment, "Where the key works (default: live)")
        ->check(CLI::IsMember(std::vector<std::string>{"live", "testnet", "demo", "emulated"}));
    add_output(*word("list", "Show the keys, never their secrets", keys_list), *options);
    CLI::App* const asked = word("check", "Ask the venues what the keys may do", keys_check);
    asked->add_option("--config", options->config, "The keys of this configuration, not all of the keystore");
    asked->add_flag("--unsafe-endpoint", options->unsafe_endpoint,
                    "Allow [venue.*] endpoint of the configuration (never with real keys)");
    add_output(*asked, *options);
    add_audit_log(*asked, *options, "Log of key uses (default: the configuration's, or beside the keystore)");
    CLI::App* const audit = word("audit", "Verify the log of key uses and report", keys_audit);
    audit->add_option("--log", options->audit_log,
                      "The log (default: keys.audit beside the keystore, else in arbiter-state)");
    add_output(*audit, *options);
    CLI::App* const rotate =
        word("rotate", "Add a key in another's place, which becomes retiring", keys_rotate);
    add_name_options(*rotate, *options);
    rotate->add_option("--new-label", options->new_label, "What you call the new key")->required();
    add_key_options(*rotate, *options);
    add_audit_log(*rotate, *options, "Note there that nothing uses the old key any more");
    CLI::App* const retired = word("retire", "Take a key out of use", keys_retire);
    add_name_options(*retired, *options);
    add_audit_log(*retired, *options, "Note it there (default: keys.audit beside the keystore, if any)");
    CLI::App* const removed = word("remove", "Erase a retired key", keys_remove);
    add_name_options(*removed, *options);
    removed->add_flag("--force", options->force, "Though it is in use");
    CLI::App* const attest = word("attest", "Vouch for what a venue does not tell about a key", keys_attest);
    add_name_options(*attest, *options);
    attest->add_option("--what", options->what, "What you vouch for: rights, ip, expiry or right:NAME")
        ->required();
    attest->add_option("--by", options->by, "Who you are")->required();
    attest->add_option("--until", options->until, "First day on which it counts no more, YYYY-MM-DD")
        ->required();
    word("passphrase", "Change the keystore's passphrase", keys_passphrase)
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
