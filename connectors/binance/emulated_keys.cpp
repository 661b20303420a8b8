#include "connectors/binance/emulated_keys.hpp"

#include <fmt/format.h>

#include "engine/emulate/key_checks.hpp"
#include "engine/venue/crypto.hpp"
#include "engine/venue/encoding.hpp"

namespace arb::binance {
namespace {

// Binance's keys and secrets have 64 letters and digits.
constexpr std::size_t kKeyLength = 64;
constexpr Timestamp kCreated{1'672'531'200'000'000'000};  // 2023-01-01

std::string key_text(std::string_view start, std::string_view from)
{
    return (std::string(start) + hex_lower(sha256(from))).substr(0, kKeyLength);
}

// PKCS#8 of an Ed25519 key: a fixed head (RFC 8410) and the 32 bytes of the seed.
std::string ed25519_pem(std::string_view from)
{
    static constexpr unsigned char kHead[] = {0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06,
                                              0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20};
    const Digest256 seed = sha256(from);
    std::string der(text_of(kHead));
    der.append(text_of(seed));
    return "-----BEGIN PRIVATE KEY-----\n" + base64(der) + "\n-----END PRIVATE KEY-----\n";
}

}  // namespace

std::vector<EmulatedKey> make_emulated_keys(std::uint64_t seed, std::uint32_t account)
{
    std::vector<EmulatedKey> keys;
    for (const char* label : {"trade", "read", "withdraw", "trade_ed25519", "trade_next"}) {
        const std::string from = fmt::format("binance emulated {} {} {}", seed, account, label);
        EmulatedKey key = make_labelled_key(label, account);
        key.key_id = key_text(fmt::format("emulatedKey{}", label[0] == 't'   ? "T"
                                                           : label[0] == 'r' ? "R"
                                                                             : "W"),
                              from + " id");
        const bool pem = key.label == "trade_ed25519";
        key.secret = pem ? ed25519_pem(from) : key_text("emulatedSecret", from + " secret");
        key.created = kCreated;
        keys.push_back(std::move(key));
    }
    return keys;
}

}  // namespace arb::binance
