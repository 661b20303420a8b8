#include "connectors/gate/signer.hpp"

#include <fmt/format.h>

#include "engine/venue/crypto.hpp"
#include "engine/venue/encoding.hpp"
#include "engine/venue/local_signer.hpp"

namespace arb::gate {
namespace {

std::string signature_of(const Credentials& credentials, std::string_view message)
{
    Signature signature;
    if (credentials.signer == nullptr || !credentials.signer->sign(message, signature)) return {};
    return hex_lower(signature.view());
}

}  // namespace

Result<std::unique_ptr<Signer>> make_signer(const Secret& secret)
{
    if (secret.empty()) return Error{ExitCode::refused, "the secret of the Gate key is empty"};
    return make_hmac_sha512_signer(secret.bytes());
}

std::string sign_request(const Credentials& credentials, std::string_view method, std::string_view path,
                         std::string_view query, std::string_view body, std::int64_t seconds)
{
    const Digest512 digest = sha512(body);
    return signature_of(credentials, fmt::format("{}\n{}\n{}\n{}\n{}", method, path, query,
                                                 hex_lower(text_of(digest)), seconds));
}

std::string sign_subscription(const Credentials& credentials, std::string_view channel,
                              std::string_view event, std::int64_t seconds)
{
    return signature_of(credentials, fmt::format("channel={}&event={}&time={}", channel, event, seconds));
}

std::string sign_log_on(const Credentials& credentials, std::string_view channel, std::int64_t seconds)
{
    return signature_of(credentials, fmt::format("api\n{}\n\n{}", channel, seconds));
}

}  // namespace arb::gate
