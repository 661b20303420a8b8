// arbiter signer: keep the secrets in a process of their own.
#include "engine/app/keys/signer_command.hpp"

#include <cstdlib>
#include <memory>
#include <utility>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "engine/app/keys/signer_policy_file.hpp"
#include "engine/app/shell/service_notice.hpp"
#include "engine/app/shell/signals.hpp"
#include "engine/keys/keystore.hpp"
#include "engine/keys/pkcs11_signer.hpp"
#include "engine/keys/process_guard.hpp"
#include "engine/keys/scope_policy.hpp"
#include "engine/keys/signer_service.hpp"
#include "engine/live/clock.hpp"

namespace arb {
namespace {

constexpr int kTurnMs = 200;

struct SignerOptions {
    SignerSurroundings around;
    std::string keystore = "keys.arbkeys";
    std::string socket;
    std::string policy;
    std::string audit = kAuditFile;
    int passphrase_fd = -1;
};

/// The keystore's keys, with what each venue's connector knows about them.
class KeystoreSource final : public SecretSource {
  public:
    KeystoreSource(const Keystore& store, const std::vector<KeyGrant>& grants, const SignerOptions& options)
        : store_(store), grants_(grants), options_(options)
    {
    }

    Result<SourceKey> open(std::string_view venue, std::string_view label) override
    {
        const std::string what = fmt::format("key {}/{}", venue, label);
        const KeyEntry* const entry = store_.find(venue, label);
        if (entry == nullptr) {
            return Error{ExitCode::usage,
                         fmt::format("{}: is in the policy, but not in {}; `arbiter keys list` shows what is",
                                     what, options_.keystore)};
        }
        const ConnectorType* type = nullptr;
        for (const ConnectorType* known : plugins().connectors) {
            if (known->exchange == venue) type = known;
        }
        if (type == nullptr || type->make_signer == nullptr)
            return Error{ExitCode::usage, what + ": there is no such venue in this build"};
        SourceKey key;
        key.key_id = entry->key_id;
        key.retired = entry->state == KeyState::retired;
        key.facts = key_notes(entry->expires, entry->attestations, LiveClock().now(), entry->environment);
        key.parser = type->read_signed_text;
        Result<KeySecret> secret = store_.take_secret(venue, label);
        if (!secret) return secret.error();
        key.passphrase = std::move(secret->passphrase);
        for (const KeyGrant& grant : grants_) {
            if (grant.venue != venue || grant.label != label || !grant.token) continue;
            // The key never leaves its token: what the keystore holds is the PIN.
            Result<std::unique_ptr<Pkcs11Signer>> token =
                Pkcs11Signer::open(*grant.token, std::move(secret->secret));
            if (!token) return Error{ExitCode::refused, what + ": " + token.error().message};
            key.signer = std::move(*token);
            return key;
        }
        Result<std::unique_ptr<Signer>> signer = type->make_signer(secret->secret);
        if (!signer) return Error{ExitCode::refused, what + ": " + signer.error().message};
        key.signer = std::move(*signer);
        return key;
    }

  private:
    const Keystore& store_;
    const std::vector<KeyGrant>& grants_;
    const SignerOptions& options_;
};

std::unique_ptr<SignerService> open_service(const SignerOptions& options, SignerPlan plan, AuditLog& audit)
{
    const Secret passphrase = read_passphrase(
        {options.passphrase_fd, options.around.credentials, options.around.terminal}, options.keystore);
    // Open no longer than it takes to fetch the keys that are granted.
    const Keystore store = Keystore::open(options.keystore, passphrase).take();
    const std::vector<KeyGrant> grants = plan.grants;
    KeystoreSource source(store, grants, options);
    SignerServiceOptions service;
    service.socket = options.socket;
    service.client = plan.client;
    service.group = plan.group;
    return SignerService::open(std::move(service), std::move(plan.grants), source, &audit).take();
}

ExitCode run_signer(const SignerOptions& options)
{
    if (options.around.close_process) {
        if (const auto error = close_process_to_others()) throw StartError(*error);
    }
    SignerPlan plan = read_signer_policy(options.policy);
    const std::size_t keys = plan.grants.size();
    const uid_t client = plan.client;
    AuditOptions direct;
    direct.direct = true;
    const std::unique_ptr<AuditLog> audit = AuditLog::open(options.audit, direct).take();
    const Signals signals;
    const std::unique_ptr<SignerService> service = open_service(options, std::move(plan), *audit);
    fmt::print(stderr, "signer: {} key(s) for user {} on {}; uses are written to {}\n", keys, client,
               options.socket, options.audit);
    const LiveClock clock;
    ServiceNotice notice = ServiceNotice::from_environment();
    notice.ready(fmt::format("{} key(s) for user {}", keys, client), clock.now());
    bool listening = true;
    while (listening && signals.count() == 0 && !(options.around.ended && options.around.ended())) {
        listening = service->turn(kTurnMs);
        (void)notice.beat(clock.now());
    }
    notice.stopping("no more signatures");
    const SignerCounts& counts = service->counts();
    fmt::print(stderr, "signer: signed {}, refused {}, bad frames {}, strangers {}, dropped {}\n",
               counts.signed_texts, counts.refused, counts.bad_frames, counts.strangers, counts.dropped);
    const bool written = audit->close();
    if (!written) fmt::print(stderr, "signer: {}: not every use was written\n", options.audit);
    return listening && written ? ExitCode::ok : ExitCode::internal;
}

}  // namespace

SignerSurroundings signer_surroundings()
{
    SignerSurroundings around;
    if (const char* directory = std::getenv("CREDENTIALS_DIRECTORY")) around.credentials = directory;
    return around;
}

Command add_signer(CLI::App& app, const SignerSurroundings& surroundings)
{
    auto options = std::make_shared<SignerOptions>();
    options->around = surroundings;
    CLI::App* const command = app.add_subcommand(
        "signer", "Keep the keys in a process of their own that signs what a policy allows");
    command->add_option("--keystore", options->keystore, "The keystore; default keys.arbkeys");
    command
        ->add_option("--socket", options->socket,
                     "Unix socket to listen on, in a directory of mode 0700 that is ours")
        ->required();
    command->add_option("--policy", options->policy, "What each key may sign, a TOML file")->required();
    command->add_option("--audit", options->audit, "Log of every use of a key; default keys.audit");
    command->add_option("--passphrase-fd", options->passphrase_fd,
                        "Read the keystore's passphrase from this descriptor");
    return {command, [options] { return run_signer(*options); }};
}

Command add_signer(CLI::App& app)
{
    return add_signer(app, signer_surroundings());
}

}  // namespace arb
