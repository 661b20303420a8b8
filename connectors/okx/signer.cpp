#include "connectors/okx/signer.hpp"

#include "engine/venue/encoding.hpp"
#include "engine/venue/local_signer.hpp"

namespace arb::okx {

Result<std::unique_ptr<Signer>> make_signer(const Secret& secret)
{
    if (secret.empty()) return Error{ExitCode::refused, "the secret is empty"};
    return make_hmac_sha256_signer(secret.bytes());
}

std::string sign_request(const Credentials& credentials, std::string_view timestamp, std::string_view method,
                         std::string_view path, std::string_view body)
{
    std::string message(timestamp);
    message += method;
    message += path;
    message += body;
    Signature signature;
    if (!credentials.signer->sign(message, signature)) return {};
    return base64(signature.view());
}

std::string iso_time(Timestamp time)
{
    return format_utc(time).substr(0, 23) + "Z";
}

}  // namespace arb::okx
