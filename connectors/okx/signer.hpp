#pragma once
// What OKX wants signed and how: HMAC-SHA256 in base64, over timestamp + method + path with query + body.
// Core thread. Source: OKX API v5, "Overview: Authentication" and "WebSocket: Login".
#include <string>
#include <string_view>

#include "engine/venue/venue.hpp"

namespace arb::okx {

/// The secret is the text as OKX shows it.
Result<std::unique_ptr<Signer>> make_signer(const Secret& secret);

/// Empty: the signer refused. `timestamp` is ISO 8601 with milliseconds for REST, Unix seconds for the
/// log-on.
std::string sign_request(const Credentials& credentials, std::string_view timestamp, std::string_view method,
                         std::string_view path, std::string_view body);
/// 2020-12-08T09:08:57.715Z
std::string iso_time(Timestamp time);

}  // namespace arb::okx
