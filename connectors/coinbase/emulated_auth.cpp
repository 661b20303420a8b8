// Who is asking: the token's form, its times, the key behind it, the signature over its exact bytes.
#include <algorithm>

#include "connectors/coinbase/emulated_core.hpp"
#include "engine/emulate/key_checks.hpp"
#include "engine/venue/crypto.hpp"
#include "engine/venue/encoding.hpp"

namespace arb::coinbase {
namespace {

namespace dom = simdjson::dom;

constexpr std::size_t kTokenMax = 8 * 1024;
constexpr std::int64_t kLifeMax = 120;
constexpr std::int64_t kAheadMax = 1;  // seconds that a client's clock may run ahead

std::string_view text_of_member(dom::object object, std::string_view key)
{
    std::string_view text;
    return object.at_key(key).get_string().get(text) ? std::string_view() : text;
}

bool parse_part(dom::parser& parser, std::string_view part, dom::object& out)
{
    const std::optional<std::string> text = base64url_decode(part);
    return text && !parser.parse(*text).get_object().get(out);
}

// One uri, or a list of them; websockets have none.
bool allows(dom::object claims, const std::vector<std::string>& uris)
{
    std::string_view one;
    const auto among = [&](std::string_view uri) {
        return std::find(uris.begin(), uris.end(), uri) != uris.end();
    };
    if (!claims.at_key("uri").get_string().get(one)) return among(one);
    dom::array several;
    if (claims.at_key("uris").get_array().get(several)) return uris.empty();
    for (const auto element : several) {
        if (!element.get_string().get(one) && among(one)) return true;
    }
    return false;
}

bool in_time(dom::object claims, Timestamp now)
{
    const std::int64_t second = now.ns / 1'000'000'000;
    std::int64_t begin = 0;
    std::int64_t end = 0;
    if (claims.at_key("nbf").get_int64().get(begin) || claims.at_key("exp").get_int64().get(end))
        return false;
    if (begin < 0 || end < begin || end - begin > kLifeMax) return false;
    return begin <= second + kAheadMax && end > second;
}

}  // namespace

bool EmulatedCoinbase::signature_good(const EmulatedKey& key, std::string_view algorithm,
                                      std::string_view input, std::string_view signature)
{
    const bool pem = key.secret.find("-----BEGIN EC") != std::string::npos;
    if (algorithm != (pem ? "ES256" : "EdDSA")) return false;
    std::vector<unsigned char>& known = public_keys_[key.secret];
    if (known.empty() && pem) {
        const Result<EcdsaP256Key> pair = EcdsaP256Key::from_pem(key.secret);
        if (!pair) return false;
        known.assign(pair.value().public_key().begin(), pair.value().public_key().end());
    } else if (known.empty()) {
        const std::optional<std::string> bytes = base64_decode(key.secret);
        if (!bytes || bytes->size() < 32) return false;
        const Result<Ed25519Key> pair = Ed25519Key::from_seed(bytes_of(*bytes).first(32));
        if (!pair) return false;
        known.assign(pair.value().public_key().begin(), pair.value().public_key().end());
    }
    const std::optional<std::string> bytes = base64url_decode(signature);
    if (!bytes) return false;
    return pem ? EcdsaP256Key::verify(known, input, bytes_of(*bytes))
               : Ed25519Key::verify(known, input, bytes_of(*bytes));
}

EmulatedCoinbase::Proof EmulatedCoinbase::prove(std::string_view token, const std::vector<std::string>& uris,
                                                std::string_view remote, Timestamp now)
{
    const std::size_t first = token.find('.');
    const std::size_t second = first == std::string_view::npos ? first : token.find('.', first + 1);
    if (token.size() > kTokenMax || second == std::string_view::npos) return {};
    dom::parser header_parser;
    dom::parser claims_parser;
    dom::object header;
    dom::object claims;
    if (!parse_part(header_parser, token.substr(0, first), header) ||
        !parse_part(claims_parser, token.substr(first + 1, second - first - 1), claims))
        return {};
    const std::string_view name = text_of_member(header, "kid");
    if (name.empty() || text_of_member(claims, "sub") != name || text_of_member(header, "nonce").empty())
        return {};
    const std::string_view issuer = text_of_member(claims, "iss");
    if ((issuer != "cdp" && issuer != "coinbase-cloud") || !in_time(claims, now) || !allows(claims, uris))
        return {};
    const EmulatedKey* const key = find_key(*setup_.keys, name);
    if (key == nullptr || !is_key_good(*key, now) || !is_address_allowed(*key, remote)) return {};
    if (!signature_good(*key, text_of_member(header, "alg"), token.substr(0, second),
                        token.substr(second + 1)))
        return {};
    return {key};
}

}  // namespace arb::coinbase
