#pragma once
// The keystore's entries as a table for people and as JSON. Of a key's id only the end is shown: enough to
// find it on the venue's page, too little to use it. Pure, any thread.
#include <string>
#include <vector>

#include "engine/base/time.hpp"
#include "engine/keys/keystore_entry.hpp"

namespace arb {

std::string keys_table(const std::vector<KeyEntry>& entries, Timestamp now, bool colour);
std::string keys_json(const std::vector<KeyEntry>& entries, Timestamp now);

}  // namespace arb
