#include "connectors/kraken/signer.hpp"

#include "engine/venue/crypto.hpp"
#include "engine/venue/encoding.hpp"
#include "engine/venue/local_signer.hpp"

namespace arb::kraken {

Result<std::unique_ptr<Signer>> make_signer(const Secret& secret)
{
    std::optional<std::string> key = base64_decode(text_of(secret.bytes()));
    if (!key || key->empty())
        return Error{ExitCode::refused, "the secret is not the base64 text that the venue shows"};
    std::unique_ptr<Signer> signer = make_hmac_sha512_signer(bytes_of(*key));
    wipe(key->data(), key->size());
    return signer;
}

std::string sign_request(const Credentials& credentials, std::string_view path, std::string_view nonce,
                         std::string_view body)
{
    const Digest256 digest = sha256({nonce, body});
    std::string message(path);
    message += text_of(digest);
    Signature signature;
    if (!credentials.signer->sign(message, signature)) return {};
    return base64(signature.view());
}

}  // namespace arb::kraken
