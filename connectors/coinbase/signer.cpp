#include "connectors/coinbase/signer.hpp"

#include <span>
#include <utility>

#include "engine/venue/crypto.hpp"
#include "engine/venue/encoding.hpp"
#include "engine/venue/local_signer.hpp"

namespace arb::coinbase {
namespace {

constexpr std::size_t kSeedBytes = 32;

Result<std::unique_ptr<Signer>> from_pem(std::string_view text)
{
    // "EC PRIVATE KEY" can only be P-256; "PRIVATE KEY" may be either.
    if (Result<Ed25519Key> key = Ed25519Key::from_pkcs8(text)) return make_ed25519_signer(std::move(*key));
    Result<EcdsaP256Key> key = EcdsaP256Key::from_pem(text);
    if (!key) return key.error();
    return make_ecdsa_signer(std::move(*key));
}

Result<std::unique_ptr<Signer>> from_base64(std::string_view text)
{
    std::optional<std::string> decoded = base64_decode(text);
    if (!decoded) {
        return Error{ExitCode::refused,
                     "coinbase: the secret is neither PEM nor base64; give the private key as the portal "
                     "handed it out"};
    }
    const Secret bytes = Secret::take(*decoded);
    if (bytes.bytes().size() != kSeedBytes && bytes.bytes().size() != 2 * kSeedBytes) {
        return Error{ExitCode::refused,
                     "coinbase: a base64 secret must hold 32 or 64 bytes of an Ed25519 key; this one holds " +
                         std::to_string(bytes.bytes().size())};
    }
    Result<Ed25519Key> key = Ed25519Key::from_seed(bytes.bytes().first(kSeedBytes));
    if (!key) return key.error();
    // The second half is the public key: it tells a key that was cut or mixed up.
    const auto told = bytes.bytes().subspan(kSeedBytes);
    if (!told.empty() && !constant_time_equal(told, key->public_key())) {
        return Error{ExitCode::refused,
                     "coinbase: the two halves of the Ed25519 secret do not belong together; copy it anew"};
    }
    return make_ed25519_signer(std::move(*key));
}

void append_json(std::string& out, std::string_view text)
{
    constexpr std::string_view kHex = "0123456789abcdef";
    out += '"';
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out.append({'\\', c});
        } else if (c >= 0 && c < ' ') {
            out.append("\\u00").append({kHex[static_cast<std::size_t>(c) >> 4], kHex[c & 15]});
        } else {
            out += c;
        }
    }
    out += '"';
}

}  // namespace

Result<std::unique_ptr<Signer>> make_signer(const Secret& secret)
{
    std::string_view text = text_of(secret.bytes());
    const auto blank = [](char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; };
    while (!text.empty() && blank(text.back())) text.remove_suffix(1);
    while (!text.empty() && blank(text.front())) text.remove_prefix(1);
    if (text.empty())
        return Error{ExitCode::refused, "coinbase: the secret is empty; give the key's private part"};
    return text.find("-----BEGIN") == std::string_view::npos ? from_base64(text) : from_pem(text);
}

std::string signing_input(KeyAlgorithm algorithm, const TokenClaims& claims)
{
    std::string header =
        algorithm == KeyAlgorithm::ed25519 ? R"({"alg":"EdDSA","kid":)" : R"({"alg":"ES256","kid":)";
    append_json(header, claims.key_id);
    header += ",\"nonce\":";
    append_json(header, claims.nonce);
    header += ",\"typ\":\"JWT\"}";
    std::string body = "{\"sub\":";
    append_json(body, claims.key_id);
    body += ",\"iss\":\"cdp\",\"nbf\":" + std::to_string(claims.not_before) +
            ",\"exp\":" + std::to_string(claims.not_before + kTokenSeconds);
    if (!claims.uri.empty()) {
        body += ",\"uri\":";
        append_json(body, claims.uri);
    }
    body += '}';
    return base64url(header) + "." + base64url(body);
}

std::string make_token(Signer& signer, const TokenClaims& claims)
{
    std::string token = signing_input(signer.algorithm(), claims);
    Signature signature;
    if (!signer.sign(token, signature)) return {};
    token += '.';
    // RFC 7518: the raw r || s for ES256, not DER.
    token += base64url(std::span<const unsigned char>(signature.bytes.data(), signature.size));
    return token;
}

}  // namespace arb::coinbase
