#include "engine/emulate/key_checks.hpp"

#include <algorithm>

namespace arb {

const EmulatedKey* find_key(const std::vector<EmulatedKey>& keys, std::string_view key_id)
{
    for (const EmulatedKey& key : keys) {
        if (!key_id.empty() && key.key_id == key_id) return &key;
    }
    return nullptr;
}

bool is_key_good(const EmulatedKey& key, Timestamp now)
{
    return !key.revoked && (!key.expires.known() || now < key.expires);
}

bool is_address_allowed(const EmulatedKey& key, std::string_view remote)
{
    const std::vector<std::string>& allowed = key.ip_allowed;
    return allowed.empty() || remote.empty() ||
           std::find(allowed.begin(), allowed.end(), remote) != allowed.end();
}

EmulatedKey make_labelled_key(std::string_view label, std::uint32_t account)
{
    EmulatedKey key;
    key.label = label;
    key.account = static_cast<AccountId>(account);
    key.can_trade = label != "read";
    key.can_withdraw = label == "withdraw";
    key.ip_allowed = {"127.0.0.1", "::1"};
    return key;
}

}  // namespace arb
