#include "engine/app/keys/key_ring.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/app/keys/key_file.hpp"
#include "engine/keys/remote_signer.hpp"
#include "engine/live/clock.hpp"
#include "engine/pipeline/state_lines.hpp"

namespace arb {
KeyRing::KeyRing(const EngineConfig& config, const Plugins& plugins, const KeyAccess& access)
    : config_(&config), plugins_(plugins), access_(access)
{
}

KeyRing::~KeyRing() = default;

std::unique_ptr<KeyRing> KeyRing::open(const EngineConfig& config, const Plugins& plugins,
                                       const KeyAccess& access)
{
    const bool any = std::any_of(config.venues.begin(), config.venues.end(),
                                 [](const VenueConfig& venue) { return venue.has_key(); });
    if (any && access.close_process) {
        if (const auto error = close_process_to_others()) throw StartError(*error);
    }
    std::unique_ptr<KeyRing> ring(new KeyRing(config, plugins, access));
    std::optional<Keystore> store;
    const auto stored = [&](const VenueConfig& venue, const std::string& label, KeyRole role) {
        if (!config.keys.signer.empty()) return ring->remote_key(venue, label, role);
        if (!store) {
            ring->passphrase_ = read_passphrase(access.passphrase, config.keys.keystore);
            store.emplace(Keystore::open(config.keys.keystore, ring->passphrase_).take());
        }
        return ring->stored_key(*store, venue, label, role);
    };
    for (const VenueConfig& venue : config.venues) {
        if (!venue.key_file.empty())
            (void)ring->add(ring->file_key(venue, venue.key_file, KeyRole::trade)).take();
        if (!venue.read_key_file.empty())
            (void)ring->add(ring->file_key(venue, venue.read_key_file, KeyRole::read)).take();
        if (!venue.trade_key.empty() && access.trade)
            (void)ring->add(stored(venue, venue.trade_key, KeyRole::trade)).take();
        if (!venue.read_key.empty()) (void)ring->add(stored(venue, venue.read_key, KeyRole::read)).take();
    }
    return ring;
}

const ConnectorType& KeyRing::type_of(const VenueConfig& venue, VenueKey& key) const
{
    const VenuePlace place = find_venue(plugins_, venue.label);
    if (place.type == nullptr)
        throw StartError(ExitCode::usage, fmt::format("{}: no connector for '{}'", venue.place, venue.label));
    key = place.key;
    return *place.type;
}

Result<const HeldKey*> KeyRing::add(Fresh fresh)
{
    if (find(fresh.facts.venue, fresh.facts.label) != nullptr) {
        return Error{ExitCode::usage,
                     fmt::format("{}: a key labelled '{}' is there already: labels tell keys apart, "
                                 "and a key has one role",
                                 fresh.venue->place, fresh.facts.label)};
    }
    auto key = std::make_unique<HeldKey>();
    VenueKey at;
    key->type = &type_of(*fresh.venue, at);
    key->market = at.market;
    key->facts = std::move(fresh.facts);
    key->key_id = fresh.credentials->key_id;
    key->trail = std::make_unique<SignedTrail>();
    fresh.credentials->signer =
        std::make_unique<AuditedSigner>(std::move(fresh.credentials->signer), *key->trail);
    key->credentials = std::move(fresh.credentials);
    keys_.push_back(std::move(key));
    return static_cast<const HeldKey*>(keys_.back().get());
}

KeyRing::Fresh KeyRing::file_key(const VenueConfig& venue, const std::string& path, KeyRole role) const
{
    VenueKey at;
    FileKey key = read_key_file(path, venue.label, role, type_of(venue, at));
    return {&venue, std::move(key.facts), std::move(key.credentials)};
}

KeyRing::Fresh KeyRing::stored_key(const Keystore& store, const VenueConfig& venue, const std::string& label,
                                   std::optional<KeyRole> role) const
{
    VenueKey at;
    const ConnectorType& type = type_of(venue, at);
    const KeyEntry* const entry = store.find(type.exchange, label);
    const std::string what = fmt::format("{}: key '{}' of {}", venue.place, label, type.exchange);
    if (entry == nullptr) {
        throw StartError(ExitCode::usage, fmt::format("{} is not in {}; `arbiter keys list` shows what is",
                                                      what, config_->keys.keystore));
    }
    if (entry->state == KeyState::retired)
        throw StartError(ExitCode::refused, what + " is retired; name the one that took its place");
    if (role && entry->role != *role) {
        throw StartError(ExitCode::refused,
                         fmt::format("{} is for {}, not for {}: make a key of its own for that", what,
                                     name(entry->role), name(*role)));
    }
    Fresh fresh;
    fresh.venue = &venue;
    fresh.facts = {venue.label, label, entry->role, entry->expires, entry->attestations, entry->environment};
    check_environment(fresh);
    fresh.credentials = std::make_unique<Credentials>();
    fresh.credentials->label = label;
    fresh.credentials->role = entry->role;
    fresh.credentials->key_id = entry->key_id;
    KeySecret secret = store.take_secret(type.exchange, label).take();
    fresh.credentials->passphrase = std::move(secret.passphrase);
    Result<std::unique_ptr<Signer>> signer = type.make_signer(secret.secret);
    if (!signer) throw StartError(ExitCode::refused, what + ": " + signer.error().message);
    fresh.credentials->signer = std::move(*signer);
    return fresh;
}

KeyRing::Fresh KeyRing::remote_key(const VenueConfig& venue, const std::string& label, KeyRole role) const
{
    VenueKey at;
    RemoteSignerOptions options;
    options.socket = config_->keys.signer;
    options.deadline = config_->keys.signer_wait;
    options.venue = type_of(venue, at).exchange;
    options.label = label;
    std::string notes;
    Fresh fresh;
    fresh.venue = &venue;
    fresh.credentials = std::make_unique<Credentials>(RemoteSigner::open(options, &notes).take());
    fresh.credentials->role = role;
    fresh.facts.venue = venue.label;
    fresh.facts.label = label;
    fresh.facts.role = role;
    if (!notes.empty() && !read_key_notes(notes, fresh.facts)) {
        throw StartError(
            ExitCode::refused,
            fmt::format("{}: key '{}': the signer's notes cannot be read; is it of the same version?",
                        options.socket, label));
    }
    check_environment(fresh);
    return fresh;
}

// A key works in one environment, and whoever holds it must not hear of another's orders.
void KeyRing::check_environment(const Fresh& fresh) const
{
    const bool emulated = config_->mode == RunMode::emulated;
    const std::string& wanted = emulated ? std::string("emulated") : fresh.venue->environment;
    if (fresh.facts.environment == wanted) return;
    throw StartError(
        ExitCode::refused,
        fmt::format("{}: key '{}' of {} belongs to environment {}, and is not used for {}: make one there, "
                    "then arbiter keys add --environment {}",
                    fresh.venue->place, fresh.facts.label, fresh.facts.venue, fresh.facts.environment, wanted,
                    wanted));
}

const Credentials* KeyRing::find(std::string_view venue, std::string_view label)
{
    for (const auto& key : keys_) {
        if (key->facts.venue == venue && key->facts.label == label) return key->credentials.get();
    }
    return nullptr;
}

std::string_view KeyRing::page(std::string_view venue) const
{
    for (const auto& key : keys_) {
        if (key->facts.venue == venue) return key->type->key_page;
    }
    return {};
}

Result<KeyRing::Fresh> KeyRing::read(const std::string& venue, const std::string& label) const
{
    const VenueConfig* const at = config_of(*config_, venue);
    if (at == nullptr || !at->has_key())
        return Error{ExitCode::usage, fmt::format("no key of '{}' is in use", venue)};
    const bool reads = label.starts_with(name(KeyRole::read));
    try {
        if (!at->key_file.empty()) {
            // Thrown-away keys lie beside each other: VENUE_LABEL.toml.
            if (label.find('/') != std::string::npos) return Error{ExitCode::usage, "a label holds no slash"};
            const std::string folder = at->key_file.substr(0, at->key_file.rfind('/') + 1);
            return file_key(*at, fmt::format("{}{}_{}.toml", folder, venue, label),
                            reads ? KeyRole::read : KeyRole::trade);
        }
        // The signer does not tell the role; its policy does what the role would do.
        if (!config_->keys.signer.empty())
            return remote_key(*at, label, reads ? KeyRole::read : KeyRole::trade);
        const Keystore store = Keystore::open(config_->keys.keystore, passphrase_).take();
        return stored_key(store, *at, label, std::nullopt);
    } catch (const StartError& error) {
        return Error{error.code(), error.what()};
    }
}

void KeyRing::wipe()
{
    for (const auto& key : keys_) {
        const KeyAlgorithm algorithm = key->credentials->signer->algorithm();
        key->credentials->signer = std::make_unique<NoSigner>(algorithm);
        key->credentials->passphrase = Secret();
    }
    passphrase_ = Secret();
}

std::string KeyRing::line(const HeldKey& key, Timestamp now)
{
    return fmt::format("key\t{}\t{}\t{}\t{}", key.facts.venue, key.facts.label, name(key.facts.role),
                       key_notes(key.facts.expires, key.facts.attestations, now, key.facts.environment));
}

}  // namespace arb
