#pragma once
// Who calls the emulated Binance, and may he: keys, addresses, signatures, timestamps. No state, one thread;
// errors are Binance's codes in answers.
#include <string_view>

#include "connectors/binance/emulated_call.hpp"

namespace arb::binance {

/// What a call has to show.
enum class Security : std::uint8_t { none, key, read, trade };

/// Sets the call's key. `payload`: what was signed; without `is_signed` the session was logged on before.
Answer prove(const EmulatedVenueSetup& setup, Security security, Call& call, std::string_view key_id,
             std::string_view payload, std::string_view signature, bool is_signed);

}  // namespace arb::binance
