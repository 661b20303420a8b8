#pragma once
// A private key's text as venues hand it out, down to its DER bytes: PEM, or the bare base64 of it. Called by
// crypto.cpp when a key is loaded. Errors are sentences that hold no part of the text. Any thread.
#include <string>
#include <string_view>

#include "engine/base/result.hpp"
#include "engine/base/secret.hpp"

namespace arb {

struct KeyDer {
    Secret bytes;
    bool sec1 = false;  ///< the form of "EC PRIVATE KEY"; else PKCS#8
};

/// What is said of a key that is not taken: `sentence` holds no part of it.
inline Error refused_key(std::string_view sentence)
{
    return {ExitCode::refused, std::string(sentence)};
}

/// The first block called "EC PRIVATE KEY" or "PRIVATE KEY"; other blocks (EC PARAMETERS) may come before it.
/// Lines may end in any way, also in the two characters \n of a JSON string.
Result<KeyDer> read_pem(std::string_view text);

/// As above, or without the lines around it: base64 or, failing that, DER bytes as they are.
Result<KeyDer> read_pkcs8(std::string_view text);

}  // namespace arb
