#include "engine/app/keys/key_audit.hpp"

namespace arb {

void KeyAudit::record(VenueId venue, std::string_view label, std::string_view endpoint, Timestamp now)
{
    KeyUse use;
    use.time = now;
    use.label = AuditText<48>(label);
    use.endpoint = AuditText<120>(endpoint);
    // Keys belong to an exchange: the two markets of one are one name here, as in the keystore.
    use.venue = AuditText<24>(table_->venue(venue).exchange);
    for (const auto& key : keys_->keys()) {
        if (key->facts.label != label || key->type->exchange != table_->venue(venue).exchange) continue;
        if (key->trail->failed) {
            use.outcome = KeyOutcome::failed;
            use.reason = AuditText<24>("signer");
        }
        use.request = key->trail->take();
        break;
    }
    (void)log_->record(use);
}

}  // namespace arb
