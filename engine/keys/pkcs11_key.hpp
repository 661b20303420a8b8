#pragma once
// A key in a PKCS#11 token as the operator names it, and what is said about it and its PIN. Plain data and
// sentences: nothing here talks to a token. Pkcs11Session and configuration use it. Any thread. No sentence
// holds the PIN.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/base/secret.hpp"
#include "engine/keys/credentials.hpp"

namespace arb {

/// Which key, in the operator's words. Of token_* and of object_* one each must be given; both must fit where
/// both are.
struct Pkcs11Key {
    std::string module;        ///< absolute path of the token's library
    std::string token_label;   ///< up to 32 bytes
    std::string token_serial;  ///< up to 16 bytes
    std::string object_label;  ///< CKA_LABEL of the key
    std::string object_id;     ///< CKA_ID of the key in hex
    KeyAlgorithm algorithm = KeyAlgorithm::hmac_sha256;
};

/// "MODULE, token 'LABEL', key 'LABEL'": how every sentence about it begins.
std::string place_of(const Pkcs11Key& key);
/// The bytes of object_id; nullopt when it is not hex.
std::optional<std::vector<unsigned char>> object_id_of(const Pkcs11Key& key);
/// What must be known before a module is loaded.
std::optional<Error> check_named(const Pkcs11Key& key, const Secret& pin);

/// What a token tells about its user PIN. Tokens do not count tries for us; they have these flags at most.
struct Pkcs11PinState {
    bool set = true;
    bool mistaken = false;  ///< a wrong one came since the last right one
    bool last_try = false;  ///< the next wrong one locks
    bool locked = false;
};
/// Why the PIN must not be tried at all; empty when it may be.
std::string_view pin_refusal(const Pkcs11PinState& state);
/// What is left after a wrong PIN, in a sentence's second half.
std::string_view tries_left(const Pkcs11PinState& state);

}  // namespace arb
