#pragma once
// The evidence bundle: what a person, a venue's support or the police need after keys may have been stolen.
// Audit log and its verdict, the end of the journal, the run's ledger, the configuration, what the engine
// said last, and a page that says what happened and where each key is revoked. It holds no secret. Written by
// `arbiter panic`, with and without a running engine. Main thread. A part that cannot be had is named in
// README.txt and manifest.json; a disk that fails is the outcome's error, and what was written stays.
#include <optional>
#include <string>
#include <vector>

#include "engine/app/evidence/evidence_folder.hpp"
#include "engine/pipeline/engine_config.hpp"
#include "engine/sim/session.hpp"

namespace arb {

/// A key, as far as it may be shown.
struct EvidenceKey {
    std::string venue;
    std::string label;
    std::string key_id;  ///< its public name at the venue; empty: not known here
};

struct EvidenceRequest {
    std::string directory;    ///< state directory
    std::string into;         ///< where the bundle goes; empty: the state directory
    std::string config_path;  ///< empty: the configuration that the journal kept
    std::string audit_path;   ///< empty: keys.audit or audit.log of the state directory
    Plugins plugins;
    Timestamp now;
    Duration span = seconds(600);     ///< of the journal
    std::vector<EvidenceKey> keys;    ///< as far as the caller knows; audit and ledger add to them
    std::vector<std::string> venues;  ///< labels, from the configuration; keys add to them
    std::string status;               ///< JSON, the engine's last word; empty: none answered
    std::vector<std::string> story;   ///< what happened so far, a line each
};

struct EvidenceOutcome {
    std::string path;  ///< of the bundle; empty: none could be made
    std::vector<EvidencePart> parts;
    std::optional<Error> error;     ///< what the disk refused
    std::vector<EvidenceKey> keys;  ///< all that were found, by venue and label
    std::vector<std::string> venues;
};

EvidenceOutcome write_evidence(const EvidenceRequest& request);

/// The page where keys of this venue (exchange, or label as in "binance_usdm") are revoked; empty: not known.
std::string_view key_page_of(const Plugins& plugins, std::string_view venue);
/// The keys that a configuration names: labels, and the public ids of those in key files. Never a secret.
std::vector<EvidenceKey> keys_of_config(const EngineConfig& config);
/// Venue by venue: the page, and the keys to revoke there.
std::string revocation_text(const Plugins& plugins, const std::vector<std::string>& venues,
                            const std::vector<EvidenceKey>& keys);

}  // namespace arb
