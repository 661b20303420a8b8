#pragma once
// What Gate wants signed and how: HMAC-SHA512 in hex. REST signs five lines (method, path, query, hash of the
// body, time), a private channel its name, the log-on for orders its channel. Times are Unix seconds of the
// venue's clock. Called by the encoder and the questions, core thread; allocates. An empty text: the signer
// refused, and nothing may be sent.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "engine/base/result.hpp"
#include "engine/base/time.hpp"
#include "engine/keys/credentials.hpp"

namespace arb::gate {

inline std::int64_t unix_seconds(Timestamp time)
{
    return time.ns / 1'000'000'000;
}

/// The secret is the text as Gate shows it.
Result<std::unique_ptr<Signer>> make_signer(const Secret& secret);

/// `path` begins with /api/v4; `query` stands behind its question mark, as it is sent.
std::string sign_request(const Credentials& credentials, std::string_view method, std::string_view path,
                         std::string_view query, std::string_view body, std::int64_t seconds);
std::string sign_subscription(const Credentials& credentials, std::string_view channel,
                              std::string_view event, std::int64_t seconds);
/// `channel`: spot.login or futures.login.
std::string sign_log_on(const Credentials& credentials, std::string_view channel, std::int64_t seconds);

}  // namespace arb::gate
