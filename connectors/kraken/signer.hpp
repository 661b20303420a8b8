#pragma once
// What Kraken wants signed: HMAC-SHA512 in base64 over path and SHA256(nonce + body), the key being the
// secret decoded from base64. Core thread. Source: Kraken API, "Spot REST authentication".
#include <string>
#include <string_view>

#include "engine/venue/venue.hpp"

namespace arb::kraken {

/// The secret is the base64 text that Kraken shows.
Result<std::unique_ptr<Signer>> make_signer(const Secret& secret);

/// Empty: the signer refused.
std::string sign_request(const Credentials& credentials, std::string_view path, std::string_view nonce,
                         std::string_view body);

}  // namespace arb::kraken
