#include "connectors/binance/emulated_auth.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/emulate/key_checks.hpp"
#include "engine/venue/crypto.hpp"
#include "engine/venue/encoding.hpp"

namespace arb::binance {
namespace {

// Milliseconds with up to three decimals, or microseconds where the number is too long for milliseconds.
bool read_ms(std::string_view text, std::int64_t& us)
{
    const ScaledNumber number = parse_scaled(text, 3);
    if (number.error != DecimalError::none || number.value < 0) return false;
    us = number.value > 100'000'000'000'000'000 ? number.value / 1'000 : number.value;
    return true;
}

Answer check_key(const EmulatedVenueSetup& setup, Security security, Call& call, std::string_view key_id)
{
    constexpr const char* kRefused = "Invalid API-key, IP, or permissions for action.";
    if (key_id.empty() || key_id.size() != 64) return refuse(-2014, "API-key format invalid.", 401);
    const EmulatedKey* const key = find_key(*setup.keys, key_id);
    if (key == nullptr || !is_key_good(*key, call.now) || !is_address_allowed(*key, call.remote))
        return refuse(-2015, kRefused, 401);
    const bool may = security == Security::trade ? key->can_trade : key->can_read || key->can_trade;
    if (!may) return refuse(-2015, kRefused, 401);
    call.key = key;
    return good({});
}

Answer check_time(const Call& call)
{
    std::int64_t timestamp = 0;
    std::int64_t window = 5'000'000;
    if (!read_ms(call.get("timestamp"), timestamp)) return missing("timestamp");
    const std::string_view told = call.get("recvWindow");
    if (!told.empty() && !read_ms(told, window)) return missing("recvWindow");
    if (window > 60'000'000) return refuse(-1131, "recvWindow must be less than 60000.");
    const std::int64_t server = call.now.ns / 1'000;
    if (timestamp >= server + 1'000'000)
        return refuse(-1021, "Timestamp for this request was 1000ms ahead of the server's time.");
    if (server - timestamp > window)
        return refuse(-1021, "Timestamp for this request is outside of the recvWindow.");
    return good({});
}

bool signature_good(const EmulatedKey& key, std::string_view payload, std::string_view signature)
{
    if (key.secret.find("-----BEGIN") == std::string::npos) {
        const auto bytes = hex_decode(signature);
        return bytes && HmacSha256(bytes_of(key.secret)).verify(payload, bytes_of(*bytes));
    }
    const auto bytes = base64_decode(signature);
    const Result<Ed25519Key> pair = Ed25519Key::from_pkcs8(key.secret);
    return bytes && pair && Ed25519Key::verify(pair.value().public_key(), payload, bytes_of(*bytes));
}

}  // namespace

Answer prove(const EmulatedVenueSetup& setup, Security security, Call& call, std::string_view key_id,
             std::string_view payload, std::string_view signature, bool is_signed)
{
    if (security == Security::none) return good({});
    if (Answer answer = check_key(setup, security, call, key_id); answer.code != 0) return answer;
    if (security == Security::key) return good({});
    if (is_signed && signature.empty()) return missing("signature");
    if (Answer answer = check_time(call); answer.code != 0) return answer;
    // Non-ASCII must be percent-encoded before it is signed.
    const bool wide = std::any_of(payload.begin(), payload.end(), [](char c) { return (c & '\x80') != 0; });
    if (is_signed && ((wide && call.session == nullptr) || !signature_good(*call.key, payload, signature)))
        return refuse(-1022, "Signature for this request is not valid.");
    return good({});
}

}  // namespace arb::binance
