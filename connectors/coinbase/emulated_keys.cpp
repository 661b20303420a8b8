#include <fmt/format.h>

#include "connectors/coinbase/emulated_venue.hpp"
#include "engine/emulate/key_checks.hpp"
#include "engine/venue/crypto.hpp"
#include "engine/venue/encoding.hpp"

namespace arb::coinbase {
namespace {

constexpr Timestamp kCreated{1'672'531'200'000'000'000};  // 2023-01-01

std::string uuid(std::string_view from)
{
    std::string hex = hex_lower(sha256(from)).substr(0, 32);
    hex[12] = '4';
    hex[16] = '8';
    for (const std::size_t at : {8U, 13U, 18U, 23U}) hex.insert(at, "-");
    return hex;
}

std::string pem_of(const std::string& der)
{
    return "-----BEGIN EC PRIVATE KEY-----\n" + base64(der) + "\n-----END EC PRIVATE KEY-----\n";
}

// SEC1 of a P-256 key (RFC 5915): version, the private number, the curve's name, and as the portal writes it
// the public point; clients' libraries need not know how to compute one.
std::string p256_pem(std::string_view from)
{
    Digest256 number = sha256(from);
    number[0] &= 0x7f;  // below the curve's order
    number[31] |= 1;
    std::string inner("\x02\x01\x01\x04\x20", 5);
    inner.append(text_of(number));
    inner.append("\xa0\x0a\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07", 12);
    const Result<EcdsaP256Key> key = EcdsaP256Key::from_pem(pem_of(std::string("\x30\x31", 2) + inner));
    if (!key) return {};
    inner.append("\xa1\x44\x03\x42\x00", 5);
    inner.append(text_of(key.value().public_key()));
    return pem_of(std::string("\x30\x77", 2) + inner);
}

// Seed and public key, as the portal writes Ed25519 keys.
std::string ed25519_text(std::string_view from)
{
    const Digest256 seed = sha256(from);
    const Result<Ed25519Key> key = Ed25519Key::from_seed(seed);
    std::string both(text_of(seed));
    if (key) both.append(text_of(key.value().public_key()));
    return base64(both);
}

}  // namespace

std::vector<EmulatedKey> make_emulated_keys(std::uint64_t seed, std::uint32_t account)
{
    std::vector<EmulatedKey> keys;
    for (const char* label : {"trade", "read", "withdraw", "trade_ed25519", "trade_next"}) {
        const std::string from = fmt::format("coinbase emulated {} {} {}", seed, account, label);
        EmulatedKey key = make_labelled_key(label, account);
        key.ip_allowed.clear();
        const bool edwards = key.label == "trade_ed25519";
        const std::string organization = uuid(fmt::format("coinbase emulated {} {}", seed, account));
        key.key_id =
            edwards ? uuid(from) : fmt::format("organizations/{}/apiKeys/{}", organization, uuid(from));
        key.secret = edwards ? ed25519_text(from + " secret") : p256_pem(from + " secret");
        key.can_transfer = key.can_withdraw;
        key.created = kCreated;
        keys.push_back(std::move(key));
    }
    return keys;
}

}  // namespace arb::coinbase
