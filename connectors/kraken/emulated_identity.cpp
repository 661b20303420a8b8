#include "connectors/kraken/emulated_identity.hpp"

#include <fmt/format.h>

#include "engine/emulate/key_checks.hpp"
#include "engine/emulate/params.hpp"
#include "engine/venue/crypto.hpp"
#include "engine/venue/encoding.hpp"

namespace arb::kraken {
namespace {

constexpr Duration kTokenLife = seconds(900);

std::string sign(const EmulatedKey& key, std::string_view path, std::string_view nonce, std::string_view body)
{
    const std::string secret = base64_decode(key.secret).value_or("");
    const Digest256 digest = sha256({nonce, body});
    const HmacSha512 mac(bytes_of(secret));
    HmacSha512::Digest signature;
    mac.sign({path, text_of(digest)}, signature);
    return base64(signature);
}

// Of the counter of questions; what trades has another one.
std::int64_t units_of(std::string_view name)
{
    if (name.starts_with("AddOrder") || name.starts_with("Cancel") || name == "AmendOrder") return 0;
    return name == "TradesHistory" ? 2 : 1;
}

}  // namespace

std::string EmulatedIdentity::admit(const ServerRequest& request, std::string_view name,
                                    std::string_view form, Timestamp now, const EmulatedKey*& key)
{
    std::string error = authenticate(request, form, now, key);
    const VenueTier& tier = dialect_.tier();
    if (error.empty() && setup_.rate_limits &&
        !questions_[key->key_id].take(units_of(name), tier.questions_most, tier.questions_fall, now))
        error = "EAPI:Rate limit exceeded";
    return error;
}

// A signature is over the body as it was sent, form or JSON.
std::string EmulatedIdentity::authenticate(const ServerRequest& request, std::string_view form, Timestamp now,
                                           const EmulatedKey*& key)
{
    key = find_key(*setup_.keys, request.header("API-Key"));
    if (key == nullptr || !is_key_good(*key, now)) return "EAPI:Invalid key";
    const std::string nonce = query_text(form, "nonce");
    if (!constant_time_equal(sign(*key, request.path(), nonce, request.body), request.header("API-Sign")))
        return "EAPI:Invalid signature";
    const ScaledNumber number = parse_scaled(nonce, 0);
    std::uint64_t& last = nonces_[key->key_id];
    if (number.error != DecimalError::none || number.value <= 0 ||
        static_cast<std::uint64_t>(number.value) <= last)
        return "EAPI:Invalid nonce";
    last = static_cast<std::uint64_t>(number.value);
    return is_address_allowed(*key, request.remote) ? "" : "EGeneral:Permission denied";
}

std::string EmulatedIdentity::new_token(const EmulatedKey& key, Timestamp now)
{
    const Digest256 digest = sha256(fmt::format("token {} {} {}", setup_.seed, key.key_id, next_token_++));
    std::string token = base64(digest);
    tokens_[token] = {&key, now};
    return token;
}

// A token is good for 15 minutes, and longer while a private subscription with it stands.
const EmulatedKey* EmulatedIdentity::key_of_token(std::string_view token, bool is_held, Timestamp now) const
{
    const auto found = tokens_.find(token);
    if (found == tokens_.end() || !is_key_good(*found->second.key, now)) return nullptr;
    return is_held || now - found->second.made <= kTokenLife ? found->second.key : nullptr;
}

}  // namespace arb::kraken
