#pragma once
// What Bybit wants signed, and a signer from the secret it hands out. REST requests sign timestamp, key,
// window and query or body; websockets sign an expiry. Called by the encoder for each such use, on the core
// thread; no allocation once the scratch text has grown. False: the signer refused, nothing may be sent.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "engine/base/result.hpp"
#include "engine/keys/credentials.hpp"

namespace arb::bybit {

/// How old a request may be when it reaches the venue, in milliseconds.
inline constexpr std::string_view kWindow = "5000";

/// The secret is plain text (system-generated HMAC keys). RSA keys are refused.
Result<std::unique_ptr<Signer>> make_signer(const Secret& secret);

class RequestSigner {
  public:
    explicit RequestSigner(const Credentials& credentials) : credentials_(&credentials) {}

    /// Writes the hex signature of a REST request; `payload` is the query of a GET or the body of a POST.
    bool rest(std::int64_t timestamp_ms, std::string_view payload, std::string& hex);
    /// The same for the log-on of a websocket.
    bool websocket(std::int64_t expires_ms, std::string& hex);

  private:
    bool sign(std::string& hex);
    const Credentials* credentials_;
    std::string message_;
};

}  // namespace arb::bybit
