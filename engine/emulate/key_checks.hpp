#pragma once
// What every emulated venue asks of a key before it looks at the signature: is there one of that name, is it
// still good, may it be used from there. Any thread; no errors.
#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/emulate/emulated_venue.hpp"

namespace arb {

/// nullptr: there is none of that name.
const EmulatedKey* find_key(const std::vector<EmulatedKey>& keys, std::string_view key_id);

/// Neither revoked nor expired.
bool is_key_good(const EmulatedKey& key, Timestamp now);

/// Whether the key may be used from that address. Who asks from inside this process has none.
bool is_address_allowed(const EmulatedKey& key, std::string_view remote);

/// A thrown-away key of an account, with the rights that its label says and for this machine alone; how a
/// name and a secret look is the venue's.
EmulatedKey make_labelled_key(std::string_view label, std::uint32_t account);

}  // namespace arb
