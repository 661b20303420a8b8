#pragma once
// The keys of this process: from thrown-away key files (emulated venues), from the keystore, or from the
// signer process, as [keys] and [venue.*] of the configuration say. Without KeyAccess::trade no secret of a
// trade key is ever loaded from keystore or signer. The process is closed to others (process_guard.hpp)
// before the first secret is read. Main thread; StartError for what is wrong, whose text holds no part of a
// secret.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/app/keys/secret_input.hpp"
#include "engine/keys/audited_signer.hpp"
#include "engine/keys/keystore.hpp"
#include "engine/keys/process_guard.hpp"
#include "engine/keys/scope_policy.hpp"
#include "engine/pipeline/assembly.hpp"
#include "engine/pipeline/key_source.hpp"

namespace arb {

struct KeyAccess {
    bool trade = false;  ///< secrets of trade keys may be loaded from keystore or signer (`--live`, checks)
    PassphraseSource passphrase;
    bool close_process = !kLeaksAreLookedFor;
};

/// A key, with what its signer last signed, for the audit log.
struct HeldKey {
    KeyFacts facts;  ///< facts.venue is the configuration's label, e.g. "binance_usdm"
    std::string key_id;
    const ConnectorType* type = nullptr;
    std::string market;
    std::unique_ptr<Credentials> credentials;
    std::unique_ptr<SignedTrail> trail;
};

class KeyRing final : public KeySource {
  public:
    /// Every key that the configuration names and this access allows.
    static std::unique_ptr<KeyRing> open(const EngineConfig& config, const Plugins& plugins,
                                         const KeyAccess& access);
    ~KeyRing() override;

    /// In the order of the configuration's venues, the trade key of a venue first.
    const std::vector<std::unique_ptr<HeldKey>>& keys() const { return keys_; }
    const Credentials* find(std::string_view venue, std::string_view label) override;
    /// One more key of a venue that has some, for taking over from the one of the same role, read now from
    /// where that one came. Takes as long as a passphrase takes; any thread, while this object lives.
    struct Fresh {
        const VenueConfig* venue = nullptr;
        KeyFacts facts;
        std::unique_ptr<Credentials> credentials;
    };
    Result<Fresh> read(const std::string& venue, const std::string& label) const;
    /// Takes it up. The error: its label is held already.
    Result<const HeldKey*> add(Fresh fresh);
    /// Forgets every secret: nothing can be signed from here on.
    void wipe();
    /// The page where keys of the venue are changed and revoked; empty: no key of it is held.
    std::string_view page(std::string_view venue) const;
    /// The `key` command that hands this key to an engine (state_lines.hpp).
    static std::string line(const HeldKey& key, Timestamp now);

  private:
    KeyRing(const EngineConfig& config, const Plugins& plugins, const KeyAccess& access);
    Fresh file_key(const VenueConfig& venue, const std::string& path, KeyRole role) const;
    Fresh stored_key(const Keystore& store, const VenueConfig& venue, const std::string& label,
                     std::optional<KeyRole> role) const;
    Fresh remote_key(const VenueConfig& venue, const std::string& label, KeyRole role) const;
    void check_environment(const Fresh& fresh) const;
    const ConnectorType& type_of(const VenueConfig& venue, VenueKey& key) const;

    const EngineConfig* config_;
    Plugins plugins_;
    KeyAccess access_;
    Secret passphrase_;  ///< of the keystore: a key that takes over is read when it comes
    std::vector<std::unique_ptr<HeldKey>> keys_;
};

}  // namespace arb
