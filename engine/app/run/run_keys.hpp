#pragma once
// The keys of a run: which ones its mode takes, that no other run has them, what they are used for, one that
// takes over while it runs, and what is left at the end. Main thread.
#include <future>
#include <map>
#include <memory>
#include <optional>

#include "engine/app/keys/account_lease.hpp"
#include "engine/app/keys/key_audit.hpp"
#include "engine/app/run/run_request.hpp"
#include "engine/live/live_driver.hpp"
#include "engine/pipeline/engine.hpp"
#include "engine/report/ledger.hpp"

namespace arb {

class RunKeys {
  public:
    /// Throws StartError. Both outlive this object.
    RunKeys(const RunRequest& request, const InstrumentTable& table);

    KeyRing& ring() { return *ring_; }
    const KeyRing& ring() const { return *ring_; }
    /// Hands every key to the engine. Throws StartError.
    void begin(LiveDriver& driver) const;
    /// RunSession::use_key; taken over in `take_fresh`, once it is read.
    std::optional<Error> use(const std::string& venue, const std::string& label);
    void take_fresh(LiveDriver& driver);
    /// Each use is written down at once in the audit log, and in the ledger with the next `store`.
    void on_use(VenueId venue, std::string_view label, std::string_view endpoint, Timestamp now);
    void store_uses(Ledger& ledger);
    bool failing() const { return audit_log_->failing(); }
    /// `wipe`: every secret is forgotten. False: the log of their uses is not whole.
    bool end(const LiveTrading* live, bool wipe, Timestamp now, std::vector<std::string>& troubles);

  private:
    std::optional<Error> lease(const HeldKey& key);

    struct Use {
        VenueId venue{};
        std::string label, endpoint;
        auto operator<=>(const Use&) const = default;
    };
    const RunRequest* request_;
    const InstrumentTable* table_;
    std::unique_ptr<KeyRing> ring_;
    AccountLeases leases_;
    std::unique_ptr<AuditLog> audit_log_;
    std::optional<KeyAudit> audit_;
    std::map<Use, std::pair<std::uint64_t, Timestamp>> uses_;  // since the last `store`
    std::future<Result<KeyRing::Fresh>> fresh_;                // being read, to take over
};

}  // namespace arb
