// arbiter keys check: what the venues say about our keys.
#include "engine/app/keys/keys_check.hpp"

#include <algorithm>
#include <exception>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "engine/app/config/config_file.hpp"
#include "engine/app/keys/keys_audit.hpp"
#include "engine/keys/process_guard.hpp"
#include "engine/report/json_writer.hpp"
#include "engine/report/text_table.hpp"

namespace arb {
namespace {

constexpr Duration kKeyAnswerMax = seconds(10);
constexpr std::size_t kVerdictColumns = 140;

struct Ring {
    std::vector<std::unique_ptr<HeldKey>> keys;
};

// Every key of the keystore that still works, without a configuration that says where it is used: the first
// market of its exchange answers for all.
HeldKeys open_keystore(const KeysCheckRequest& request)
{
    if (request.access.close_process) {
        if (const auto error = close_process_to_others()) throw StartError(*error);
    }
    const Secret passphrase = read_passphrase(request.access.passphrase, request.keystore);
    const Keystore store = Keystore::open(request.keystore, passphrase).take();
    auto ring = std::make_shared<Ring>();
    for (const KeyEntry& entry : store.list()) {
        // Where an emulated venue stands only a configuration knows.
        if (entry.state == KeyState::retired || entry.environment == "emulated") continue;
        const auto& types = request.plugins.connectors;
        const auto type = std::find_if(types.begin(), types.end(),
                                       [&](const ConnectorType* t) { return t->exchange == entry.venue; });
        if (type == types.end()) {
            throw StartError(ExitCode::usage, fmt::format("{}: key '{}' is of '{}', and no connector is",
                                                          request.keystore, entry.label, entry.venue));
        }
        auto held = std::make_unique<HeldKey>();
        held->facts = {entry.venue,   entry.label,        entry.role,
                       entry.expires, entry.attestations, entry.environment};
        held->key_id = entry.key_id;
        held->type = *type;
        held->market = std::string((*type)->markets.front());
        KeySecret secret = store.take_secret(entry.venue, entry.label).take();
        held->credentials = std::make_unique<Credentials>();
        held->credentials->label = entry.label;
        held->credentials->role = entry.role;
        held->credentials->key_id = entry.key_id;
        held->credentials->passphrase = std::move(secret.passphrase);
        held->trail = std::make_unique<SignedTrail>();
        held->credentials->signer =
            std::make_unique<AuditedSigner>((*type)->make_signer(secret.secret).take(), *held->trail);
        ring->keys.push_back(std::move(held));
    }
    HeldKeys held;
    for (const auto& key : ring->keys) held.keys.push_back(key.get());
    held.owner = std::move(ring);
    return held;
}

// One venue's clock, asked once without a key: signed questions need it, and a venue that cannot be trusted
// or reached gets none.
struct Clock {
    Duration offset;
    std::string trouble;
};

Clock ask_clock(const KeyQuestions& questions, const ProbeSetup& setup)
{
    try {
        const auto venue = questions.ask(setup);
        const auto time = venue->time(kKeyAnswerMax);
        // What is known to the second alone would make signed timestamps worse.
        const bool exact = time && time.value().told == TimeTold::exactly;
        if (time) return {exact ? time.value().offset() : Duration{}, {}};
        return {{}, time.error().message};
    } catch (const std::exception& error) {
        return {{}, error.what()};
    }
}

Tone tone_of_verdict(const KeyVerdict& verdict)
{
    return !verdict.accepted() ? Tone::bad : verdict.warnings.empty() ? Tone::good : Tone::warn;
}

}  // namespace

std::vector<AskedKey> ask_keys(const EngineConfig& config, const HeldKeys& held,
                               const KeysCheckRequest& request, KeyUseLog& uses)
{
    std::vector<AskedKey> asked;
    std::map<std::string, Clock> clocks;
    for (const HeldKey* key : held.keys) {
        VenueConfig bare;
        bare.label = VenueKey{std::string(key->type->exchange), key->market}.label();
        bare.environment = key->facts.environment;
        bare.environment_place = request.keystore;
        const VenueConfig* known = config_of(config, key->facts.venue);
        ProbeSetup setup =
            probe_setup(request.plugins, known != nullptr ? *known : bare, request.unsafe_endpoint);
        const auto [clock, first] = clocks.try_emplace(key->facts.venue);
        if (first) clock->second = ask_clock(request.questions, setup);
        if (!clock->second.trouble.empty()) {
            asked.push_back(unasked_key(*key, clock->second.trouble, request.now()));
            continue;
        }
        setup.credentials = key->credentials.get();
        setup.on_key_use = uses.noter(*key, request.now);
        try {
            const auto venue = request.questions.ask(setup);
            venue->set_clock_offset(clock->second.offset);
            asked.push_back(ask_key(*venue, *key, request.now(), kKeyAnswerMax));
        } catch (const std::exception& error) {
            asked.push_back(unasked_key(*key, error.what(), request.now()));
        }
    }
    return asked;
}

std::string checked_keys_table(const std::vector<AskedKey>& keys, bool colour)
{
    if (keys.empty()) return "no keys\n";
    using Align = TextTable::Align;
    TextTable table;
    table.column("venue", Align::left)
        .column("key", Align::left)
        .column("role", Align::left)
        .column("rights", Align::left)
        .column("addresses", Align::left, 1)
        .column("expires", Align::left)
        .column("verdict", Align::left);
    std::string below;
    for (const AskedKey& asked : keys) {
        const HeldKey& key = *asked.key;
        const bool good = asked.verdict.accepted();
        table.row({{key.facts.venue},
                   {key.facts.label, Tone::bold},
                   {name(key.facts.role)},
                   {rights_text(asked.answer)},
                   {addresses_text(asked.answer)},
                   {expiry_text(asked)},
                   {good ? std::string("ok")
                    : asked.verdict.fault == KeyFault::no_answer
                        ? std::string("no answer")
                        : fmt::format("refused: {}", name(asked.verdict.fault)),
                    tone_of_verdict(asked.verdict)}});
        if (!good) below += asked.verdict.text + "\n";
        // A venue that does not answer is no reason to change a key.
        if (!good) {
            below += asked.verdict.fault == KeyFault::no_answer
                         ? "  nothing is known of the key: see that this machine reaches the venue, and ask "
                           "again\n"
                         : fmt::format("  change it at {}\n", key.type->key_page);
        }
        for (const std::string& warning : asked.verdict.warnings) below += warning + "\n";
    }
    const std::string text = table.render(0, kVerdictColumns, colour);
    return below.empty() ? text : text + "\n" + below;
}

std::string checked_keys_json(const std::vector<AskedKey>& keys, Timestamp now)
{
    JsonWriter json(2);
    json.begin_object().key("version").integer(1).key("generated").time(now).key("keys").begin_array();
    for (const AskedKey& asked : keys) {
        const HeldKey& key = *asked.key;
        json.begin_object().key("venue").text(key.facts.venue).key("label").text(key.facts.label);
        json.key("role").text(name(key.facts.role)).key("answer").text(name(asked.answer.bare.answer));
        json.key("rights").text(rights_text(asked.answer));
        json.key("addresses").text(addresses_text(asked.answer)).key("expires").text(expiry_text(asked));
        json.key("accepted").flag(asked.verdict.accepted()).key("fault").text(name(asked.verdict.fault));
        json.key("text").text(asked.verdict.text).key("key_page").text(key.type->key_page);
        json.key("warnings").begin_array();
        for (const std::string& warning : asked.verdict.warnings) json.text(warning);
        json.end_array().end_object();
    }
    const bool all =
        std::all_of(keys.begin(), keys.end(), [](const AskedKey& asked) { return asked.verdict.accepted(); });
    return json.end_array().key("accepted").flag(all).end_object().take();
}

// A venue that does not answer says nothing of its keys.
ExitCode code_of_check(const std::vector<AskedKey>& asked)
{
    ExitCode code = ExitCode::ok;
    for (const AskedKey& key : asked) {
        if (key.verdict.accepted()) continue;
        if (key.verdict.fault != KeyFault::no_answer) return ExitCode::refused;
        code = ExitCode::network;
    }
    return code;
}

ExitCode check_keys(const KeysCheckRequest& request, bool json, bool colour)
{
    EngineConfig config;
    HeldKeys held;
    std::string log = request.audit_log;
    if (request.config.empty()) {
        held = open_keystore(request);
        if (log.empty()) log = audit_log_beside(request.keystore);
    } else {
        config = load_config(request.config);
        held = request.questions.open(config, request.plugins, request.access);
        if (log.empty()) log = config.keys.audit_log;
        if (log.empty()) {
            const bool named = !config.state_directory.empty();
            log = (named ? config.state_directory : std::string("arbiter-state")) + "/" + kAuditFile;
        }
    }
    KeyUseLog uses(log);
    if (!uses.trouble().empty())
        fmt::print(stderr, "{}: the uses of this check are not in the audit log\n", uses.trouble());
    const std::vector<AskedKey> asked = ask_keys(config, held, request, uses);
    fmt::print("{}", json ? checked_keys_json(asked, request.now()) : checked_keys_table(asked, colour));
    return code_of_check(asked);
}

}  // namespace arb
