#pragma once
// A Signer that remembers what it signed last, so that the audit log can say which request a use of the key
// was: the hash of the text, never the text. One thread.
#include <memory>

#include "engine/keys/audit_record.hpp"
#include "engine/keys/credentials.hpp"

namespace arb {

struct SignedTrail {
    AuditHash hash{};     ///< of the text that was signed last
    bool fresh = false;   ///< signed since the last take()
    bool failed = false;  ///< the signer refused since then
    /// The hash of the request that is being sent; zeros where none was signed (a session that is logged on).
    AuditHash take()
    {
        const AuditHash result = fresh ? hash : AuditHash{};
        fresh = failed = false;
        return result;
    }
};

class AuditedSigner final : public Signer {
  public:
    /// `trail` outlives this object.
    AuditedSigner(std::unique_ptr<Signer> signer, SignedTrail& trail)
        : signer_(std::move(signer)), trail_(&trail)
    {
    }
    KeyAlgorithm algorithm() const override { return signer_->algorithm(); }
    bool sign(std::string_view message, Signature& out) override
    {
        trail_->hash = audit_hash(message);
        trail_->fresh = true;
        const bool signed_it = signer_->sign(message, out);
        trail_->failed |= !signed_it;
        return signed_it;
    }

  private:
    std::unique_ptr<Signer> signer_;
    SignedTrail* trail_;
};

/// Signs nothing any more: stands where a key was wiped.
class NoSigner final : public Signer {
  public:
    explicit NoSigner(KeyAlgorithm algorithm) : algorithm_(algorithm) {}
    KeyAlgorithm algorithm() const override { return algorithm_; }
    bool sign(std::string_view, Signature&) override { return false; }

  private:
    KeyAlgorithm algorithm_;
};

}  // namespace arb
