#include "connectors/okx/emulated_identity.hpp"

#include <optional>

#include <fmt/format.h>

#include "connectors/okx/emulated_venue.hpp"
#include "engine/emulate/key_checks.hpp"
#include "engine/venue/crypto.hpp"
#include "engine/venue/encoding.hpp"

namespace arb::okx {
namespace {

// "Overview: Authentication": a request expires 30 s after its timestamp.
constexpr Duration kWindow = seconds(30);

std::string sign(const EmulatedKey& key, const std::string& message)
{
    const std::string& secret = key.secret;
    const HmacSha256 mac(bytes_of(secret));
    HmacSha256::Digest digest;
    mac.sign(message, digest);
    return base64(digest);
}

bool within(Timestamp said, Timestamp now)
{
    const std::int64_t off = said.ns > now.ns ? said.ns - now.ns : now.ns - said.ns;
    return off <= kWindow.ns;
}

}  // namespace

std::vector<EmulatedKey> make_emulated_keys(std::uint64_t seed, std::uint32_t account)
{
    std::vector<EmulatedKey> keys;
    for (const char* label : {"trade", "read", "withdraw", "trade_next"}) {
        const Digest256 digest = sha256(fmt::format("okx {} {} {}", seed, account, label));
        const std::string hex = hex_lower(digest);
        EmulatedKey key = make_labelled_key(label, account);
        key.key_id = fmt::format("emulated-{}-{}-{}", hex.substr(0, 4), hex.substr(4, 4), hex.substr(8, 12));
        key.secret = "EMULATED" + hex.substr(20, 24);
        key.passphrase = "emulated-" + hex.substr(44, 8);
        keys.push_back(std::move(key));
    }
    return keys;
}

Answer EmulatedIdentity::prove(const ServerRequest& request, Timestamp now, const EmulatedKey*& key) const
{
    const auto refuse = [](std::string code, std::string text) {
        return Answer{{}, std::move(code), std::move(text)};
    };
    key = find_key(*setup_.keys, request.header("OK-ACCESS-KEY"));
    if (request.header("OK-ACCESS-KEY").empty())
        return refuse("50103", "Request header OK-ACCESS-KEY can not be empty.");
    if (key == nullptr) return refuse("50111", "Invalid OK-ACCESS-KEY");
    if (!is_key_good(*key, now)) return refuse("50119", "API key doesn't exist");
    const std::string_view time = request.header("OK-ACCESS-TIMESTAMP");
    const std::optional<Timestamp> said = parse_utc(time);
    if (!said) return refuse("50112", "Invalid OK-ACCESS-TIMESTAMP");
    if (!within(*said, now)) return refuse("50102", "Timestamp request expired");
    const std::string message = fmt::format("{}{}{}{}", time, request.method, request.target, request.body);
    if (!constant_time_equal(sign(*key, message), request.header("OK-ACCESS-SIGN")))
        return refuse("50113", "Invalid Sign");
    if (!constant_time_equal(std::string_view(key->passphrase), request.header("OK-ACCESS-PASSPHRASE")))
        return refuse("50105", "Request header OK-ACCESS-PASSPHRASE incorrect.");
    if (!is_address_allowed(*key, request.remote))
        return refuse("50110", "Your IP is not included in your API key's IP whitelist.");
    return {};
}

Refusal EmulatedIdentity::log_on(const JsonBody& argument, std::string_view remote, Timestamp now) const
{
    const auto text = [&](std::string_view name) { return member(argument, name); };
    const EmulatedKey* key = find_key(*setup_.keys, text("apiKey"));
    if (text("apiKey").empty()) return {"60005", "Invalid apiKey"};
    if (key == nullptr || !is_key_good(*key, now)) return {"60032", "API key doesn't exist"};
    const ScaledNumber said = parse_scaled(text("timestamp"), 0);
    if (said.error != DecimalError::none || said.value <= 0 || said.value > 100'000'000'000)
        return {"60004", "Invalid timestamp"};
    if (!within({said.value * 1'000'000'000}, now)) return {"60006", "Timestamp request expired"};
    if (!constant_time_equal(sign(*key, fmt::format("{}GET/users/self/verify", text("timestamp"))),
                             text("sign")))
        return {"60007", "Invalid sign"};
    if (!constant_time_equal(std::string_view(key->passphrase), text("passphrase")))
        return {"60024", "Wrong passphrase"};
    if (!is_address_allowed(*key, remote)) return {"60009", "Login failed."};
    return {};
}

const EmulatedKey* EmulatedIdentity::good_key(std::string_view key_id, Timestamp now) const
{
    const EmulatedKey* key = find_key(*setup_.keys, key_id);
    return key != nullptr && is_key_good(*key, now) ? key : nullptr;
}

}  // namespace arb::okx
