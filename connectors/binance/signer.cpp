#include "connectors/binance/signer.hpp"

#include <string_view>
#include <utility>

#include "engine/venue/encoding.hpp"
#include "engine/venue/local_signer.hpp"

namespace arb::binance {

Result<std::unique_ptr<Signer>> make_signer(const Secret& secret)
{
    const std::string_view text = text_of(secret.bytes());
    if (text.empty()) {
        return Error{ExitCode::refused,
                     "binance: the secret is empty; give the API secret, or an Ed25519 key as PEM"};
    }
    if (text.find("-----BEGIN") == std::string_view::npos) return make_hmac_sha256_signer(secret.bytes());
    Result<Ed25519Key> key = Ed25519Key::from_pkcs8(text);
    if (!key) return key.error();
    return make_ed25519_signer(std::move(*key));
}

void append_signature(KeyAlgorithm algorithm, const Signature& signature, std::string& out)
{
    char text[base64_size(sizeof signature.bytes) + hex_size(sizeof signature.bytes)];
    const std::span<const unsigned char> bytes(signature.bytes.data(), signature.size);
    const char* const end =
        algorithm == KeyAlgorithm::hmac_sha256 ? hex_lower(bytes, text) : base64(bytes, text);
    out.append(text, static_cast<std::size_t>(end - text));
}

}  // namespace arb::binance
