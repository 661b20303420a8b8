#pragma once
// What Gate says a key may do (the reply of /account/main_keys, which lists the keys of the main account) as
// a KeyReport: a pure function, tested with tables of replies. Called by Questions on the core thread;
// allocates, throws nothing. What should be there and is not, is told twice or has another shape makes the
// answer unreadable: it never reads as "no".
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "engine/venue/key_fields.hpp"

namespace arb::gate {

/// What a key is for: pairs or contracts.
enum class KeyUse : std::uint8_t { spot, contracts };

/// `key_id`: the key that asked; `markets`: those that it has to trade, where it is bound to some. Told or
/// unreadable; the label is the caller's to set.
KeyReport read_key_report(std::string_view body, std::string_view key_id, KeyUse use,
                          std::span<const std::string> markets, KeyTexts& texts, bool trades = true);

}  // namespace arb::gate
