#pragma once
// Writes each use of a key of this process into the audit log (engine/keys/audit_log): time, venue, label,
// endpoint, hash of what was signed, outcome. Core thread; no lock and no system call on it.
#include <string>
#include <string_view>

#include "engine/app/keys/key_ring.hpp"
#include "engine/base/instrument.hpp"
#include "engine/keys/audit_log.hpp"

namespace arb {

class KeyAudit {
  public:
    /// All outlive this object; `keys` may get more.
    KeyAudit(const InstrumentTable& table, const KeyRing& keys, AuditLog& log)
        : table_(&table), keys_(&keys), log_(&log)
    {
    }
    void record(VenueId venue, std::string_view label, std::string_view endpoint, Timestamp now);

  private:
    const InstrumentTable* table_;
    const KeyRing* keys_;
    AuditLog* log_;
};

}  // namespace arb
