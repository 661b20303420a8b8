#include "connectors/coinbase/emulated_identity.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/emulate/key_checks.hpp"
#include "engine/venue/crypto.hpp"
#include "engine/venue/encoding.hpp"

namespace arb::coinbase {
namespace {

namespace dom = simdjson::dom;

constexpr std::size_t kTokenMax = 8 * 1024;
constexpr std::int64_t kLifeMax = 120;
constexpr std::int64_t kAheadMax = 1;  // seconds that a client's clock may run ahead
constexpr int kPrivateASecond = 30;
constexpr int kPublicASecond = 10;
constexpr int kKeyAnHour = 10'000;

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
    const std::int64_t second = seconds_of(now);
    std::int64_t begin = 0;
    std::int64_t end = 0;
    if (claims.at_key("nbf").get_int64().get(begin) || claims.at_key("exp").get_int64().get(end))
        return false;
    if (begin < 0 || end < begin || end - begin > kLifeMax) return false;
    return begin <= second + kAheadMax && end > second;
}

}  // namespace

bool EmulatedIdentity::signature_good(const EmulatedKey& key, std::string_view algorithm,
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

const EmulatedKey* EmulatedIdentity::prove(std::string_view token, const std::vector<std::string>& uris,
                                           std::string_view remote, Timestamp now)
{
    const std::size_t first = token.find('.');
    const std::size_t second = first == std::string_view::npos ? first : token.find('.', first + 1);
    if (token.size() > kTokenMax || second == std::string_view::npos) return nullptr;
    dom::parser header_parser;
    dom::parser claims_parser;
    dom::object header;
    dom::object claims;
    if (!parse_part(header_parser, token.substr(0, first), header) ||
        !parse_part(claims_parser, token.substr(first + 1, second - first - 1), claims))
        return nullptr;
    const std::string_view name = body_text(header, "kid");
    if (name.empty() || body_text(claims, "sub") != name || body_text(header, "nonce").empty())
        return nullptr;
    const std::string_view issuer = body_text(claims, "iss");
    if ((issuer != "cdp" && issuer != "coinbase-cloud") || !in_time(claims, now) || !allows(claims, uris))
        return nullptr;
    const EmulatedKey* const key = find_key(*setup_.keys, name);
    if (key == nullptr || !is_key_good(*key, now) || !is_address_allowed(*key, remote)) return nullptr;
    if (!signature_good(*key, body_text(header, "alg"), token.substr(0, second), token.substr(second + 1)))
        return nullptr;
    return key;
}

ServerReply EmulatedIdentity::too_many()
{
    ServerReply reply;
    reply.status = 429;
    reply.body = R"({"errors":[{"id":"rate_limit_exceeded","message":"Too many requests"}]})";
    return reply;
}

// Counts of whole seconds, by account or by address.
bool EmulatedIdentity::spend(const EmulatedCall& call, bool is_public, ServerReply& reply)
{
    const int limit = is_public ? kPublicASecond : kPrivateASecond;
    const bool spent =
        !is_public && !counts_.take("hour of " + call.key->key_id, kKeyAnHour, seconds(3'600), call.now);
    RateLeft left;
    const std::string bucket = is_public
                                   ? "address " + call.request->remote
                                   : fmt::format("account {}", static_cast<unsigned>(call.key->account));
    const bool over = !counts_.take(bucket, limit, seconds(1), call.now, left) || spent;
    if (over) reply = too_many();
    reply.headers.emplace_back("x-ratelimit-limit", fmt::to_string(limit));
    reply.headers.emplace_back("x-ratelimit-remaining", fmt::to_string(left.left));
    reply.headers.emplace_back("x-ratelimit-reset", "1");
    return !over;
}

}  // namespace arb::coinbase
