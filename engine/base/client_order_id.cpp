#include "engine/base/client_order_id.hpp"

#include "engine/base/hash.hpp"

namespace arb {
namespace {

// Crockford's base 32: no letter that a person reads as a digit.
constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::size_t kIdDigits = 13;
constexpr std::size_t kCheckDigits = 3;
constexpr std::string_view kPrefix = "ar";
// "arbi" in hexadecimal.
constexpr std::string_view kUuidPrefix = "61726269";

std::uint64_t check_of(OrderId id)
{
    return mix(static_cast<std::uint64_t>(id) ^ 0x6172626974657221ULL);
}

std::optional<OrderId> parse_short(std::string_view text)
{
    std::uint64_t id = 0;
    std::uint64_t check = 0;
    for (std::size_t i = kPrefix.size(); i < text.size(); ++i) {
        const std::size_t digit = kAlphabet.find(text[i]);
        if (digit == std::string_view::npos) return std::nullopt;
        const bool in_id = i < kPrefix.size() + kIdDigits;
        // The first of 13 digits holds 4 bits only.
        if (i == kPrefix.size() && digit > 15) return std::nullopt;
        std::uint64_t& value = in_id ? id : check;
        value = value << 5 | digit;
    }
    const auto order = static_cast<OrderId>(id);
    if (order == kForeignOrder || check != (check_of(order) & 0x7fff)) return std::nullopt;
    return order;
}

std::optional<OrderId> parse_uuid(std::string_view text)
{
    std::array<char, 32> digits{};
    std::size_t count = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash != (text[i] == '-')) return std::nullopt;
        if (!dash) digits[count++] = text[i];
    }
    std::uint64_t id = 0;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        char c = digits[i];
        if (c >= 'A' && c <= 'F') c = static_cast<char>(c - 'A' + 'a');
        digits[i] = c;
        if (kHex.find(c) == std::string_view::npos) return std::nullopt;
    }
    // Digits 8-11 and 13-15 and 17-25 hold the id; 12 and 16 are the version and the variant.
    for (const std::size_t i : {8U, 9U, 10U, 11U, 13U, 14U, 15U, 17U, 18U, 19U, 20U, 21U, 22U, 23U, 24U, 25U})
        id = id << 4 | kHex.find(digits[i]);
    const auto order = static_cast<OrderId>(id);
    if (order == kForeignOrder) return std::nullopt;
    const ClientOrderUuid same = client_order_uuid(order);
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i] >= 'A' && text[i] <= 'F' ? static_cast<char>(text[i] - 'A' + 'a') : text[i];
        if (c != same.text[i]) return std::nullopt;
    }
    return order;
}

}  // namespace

ClientOrderId client_order_id(OrderId id)
{
    ClientOrderId result;
    std::size_t at = 0;
    for (const char c : kPrefix) result.text[at++] = c;
    const auto value = static_cast<std::uint64_t>(id);
    for (std::size_t i = 0; i < kIdDigits; ++i)
        result.text[at++] = kAlphabet[value >> (5 * (kIdDigits - 1 - i)) & 31];
    const std::uint64_t check = check_of(id);
    for (std::size_t i = 0; i < kCheckDigits; ++i)
        result.text[at++] = kAlphabet[check >> (5 * (kCheckDigits - 1 - i)) & 31];
    return result;
}

ClientOrderUuid client_order_uuid(OrderId id)
{
    std::array<char, 32> digits{};
    std::size_t at = 0;
    for (const char c : kUuidPrefix) digits[at++] = c;
    const auto value = static_cast<std::uint64_t>(id);
    unsigned shift = 64;
    const auto next = [&] { return kHex[value >> (shift -= 4) & 15]; };
    while (at < 12) digits[at++] = next();
    digits[at++] = '8';  // a version for private use
    while (at < 16) digits[at++] = next();
    digits[at++] = '8';  // the variant of RFC 9562
    while (at < 26) digits[at++] = next();
    const std::uint64_t check = check_of(id);
    for (unsigned i = 0; at < 32; ++i) digits[at++] = kHex[check >> (4 * i) & 15];
    ClientOrderUuid result;
    std::size_t out = 0;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        if (i == 8 || i == 12 || i == 16 || i == 20) result.text[out++] = '-';
        result.text[out++] = digits[i];
    }
    return result;
}

std::optional<OrderId> parse_client_order_id(std::string_view text)
{
    if (text.size() == 18 && text.starts_with(kPrefix)) return parse_short(text);
    if (text.size() == 36) return parse_uuid(text);
    return std::nullopt;
}

}  // namespace arb
