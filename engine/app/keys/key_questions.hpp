#pragma once
// Which keys there are and what their venues say about them: what `arbiter keys check` and `arbiter doctor`
// share. A key that its venue has not cleared is used for nothing but the question. Main thread; StartError
// for what is wrong before the first question. Texts of venues are still hostile in ProbedKey and cleaned by
// the *_text functions.
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/app/keys/key_ring.hpp"
#include "engine/keys/audit_log.hpp"
#include "engine/live/venue_probe.hpp"

namespace arb {

struct HeldKeys {
    std::shared_ptr<void> owner;  ///< keeps the keys
    std::vector<const HeldKey*> keys;
};

/// Where keys come from and who asks: tests put others here.
struct KeyQuestions {
    std::function<HeldKeys(const EngineConfig&, const Plugins&, const KeyAccess&)> open;
    std::function<std::unique_ptr<VenueQuestions>(const ProbeSetup&)> ask;
};
/// Those of the program.
KeyQuestions key_questions();

/// The venue of a table and the way to it. StartError: no such venue, or an endpoint that nobody allowed.
ProbeSetup probe_setup(const Plugins& plugins, const VenueConfig& venue, bool unsafe_endpoint);

struct AskedKey {
    const HeldKey* key = nullptr;
    ProbedKey answer;
    KeyVerdict verdict;
};
/// The question alone, and our verdict. `venue` was made with this key and knows the clock's offset.
AskedKey ask_key(VenueQuestions& venue, const HeldKey& key, Timestamp now, Duration deadline);
/// The venue was not reached, so nothing was sent with the key.
AskedKey unasked_key(const HeldKey& key, const std::string& why, Timestamp now);

/// "read, trade", "none told".
std::string rights_text(const ProbedKey& answer);
/// "203.0.113.7", "any", "not told".
std::string addresses_text(const ProbedKey& answer);
/// The nearer day of the venue's word and the keystore's: "2027-01-31", "never", "not told".
std::string expiry_text(const AskedKey& asked);

/// Notes each use of a key in the audit log that the operator keeps, where there is one.
class KeyUseLog {
  public:
    /// Opens the log when the file is there; trouble() says why it could not be had.
    explicit KeyUseLog(const std::string& path);
    /// `key` outlives what is returned.
    std::function<void(std::string_view endpoint)> noter(const HeldKey& key, std::function<Timestamp()> now);
    const std::string& trouble() const { return trouble_; }

  private:
    std::shared_ptr<AuditLog> log_;
    std::string trouble_;
};

}  // namespace arb
