#include "engine/venue/encoding.hpp"

#include <array>
#include <cstdint>

#include "engine/base/secret.hpp"

namespace arb {

namespace {

constexpr std::string_view kLowerDigits = "0123456789abcdef";
constexpr std::string_view kUpperDigits = "0123456789ABCDEF";
constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kBase64url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr unsigned char kNone = 0xff;
using Values = std::array<unsigned char, 256>;

constexpr Values values_of(std::string_view alphabet)
{
    Values values{};
    values.fill(kNone);
    for (std::size_t i = 0; i < alphabet.size(); ++i)
        values[static_cast<unsigned char>(alphabet[i])] = static_cast<unsigned char>(i);
    return values;
}

constexpr Values hex_values()
{
    Values values = values_of(kLowerDigits);
    for (std::size_t i = 10; i < 16; ++i)
        values[static_cast<unsigned char>(kUpperDigits[i])] = static_cast<unsigned char>(i);
    return values;
}

constexpr Values kHexValues = hex_values();
constexpr Values kBase64Values = values_of(kBase64);
constexpr Values kBase64urlValues = values_of(kBase64url);

constexpr std::array<bool, 256> unreserved_characters()
{
    std::array<bool, 256> kept{};
    for (const char c : kBase64url) kept[static_cast<unsigned char>(c)] = true;
    kept['.'] = kept['~'] = true;
    return kept;
}
constexpr std::array<bool, 256> kUnreserved = unreserved_characters();

unsigned char value(const Values& values, char c)
{
    return values[static_cast<unsigned char>(c)];
}

std::optional<std::string> refuse(std::string& decoded)
{
    wipe(decoded.data(), decoded.size());
    return std::nullopt;
}

/// 0 to 2 bytes become 0, 2 or 3 characters; the padding is the caller's.
char* write_rest(std::string_view alphabet, std::span<const unsigned char> rest, char* out)
{
    if (rest.empty()) return out;
    const std::uint32_t bits =
        (std::uint32_t{rest[0]} << 16) | (rest.size() > 1 ? std::uint32_t{rest[1]} << 8 : 0);
    *out++ = alphabet[bits >> 18];
    *out++ = alphabet[(bits >> 12) & 63];
    if (rest.size() > 1) *out++ = alphabet[(bits >> 6) & 63];
    return out;
}

char* write_base64(std::string_view alphabet, std::span<const unsigned char> bytes, char* out)
{
    std::size_t i = 0;
    for (; i + 3 <= bytes.size(); i += 3) {
        const std::uint32_t bits = (std::uint32_t{bytes[i]} << 16) | (std::uint32_t{bytes[i + 1]} << 8) |
                                   std::uint32_t{bytes[i + 2]};
        *out++ = alphabet[bits >> 18];
        *out++ = alphabet[(bits >> 12) & 63];
        *out++ = alphabet[(bits >> 6) & 63];
        *out++ = alphabet[bits & 63];
    }
    return write_rest(alphabet, bytes.subspan(i), out);
}

/// `text` without its padding.
std::optional<std::string> read_base64(const Values& values, std::string_view text)
{
    if (text.size() % 4 == 1) return std::nullopt;
    std::string out;
    out.reserve(text.size() / 4 * 3 + 2);  // at once, or growing would leave copies behind
    std::uint32_t bits = 0;
    unsigned held = 0;
    for (const char c : text) {
        const unsigned char sextet = value(values, c);
        if (sextet == kNone) return refuse(out);
        bits = (bits << 6) | sextet;
        held += 6;
        if (held < 8) continue;
        held -= 8;
        out += static_cast<char>(static_cast<unsigned char>(bits >> held));
        bits &= (1U << held) - 1;
    }
    // Bits left over must be zero, or one value would have several texts.
    if (bits != 0) return refuse(out);
    return out;
}

}  // namespace

char* hex_lower(std::span<const unsigned char> bytes, char* out)
{
    for (const unsigned char byte : bytes) {
        *out++ = kLowerDigits[byte >> 4];
        *out++ = kLowerDigits[byte & 15];
    }
    return out;
}

std::string hex_lower(std::span<const unsigned char> bytes)
{
    std::string text(hex_size(bytes.size()), '\0');
    hex_lower(bytes, text.data());
    return text;
}

std::optional<std::string> hex_decode(std::string_view text)
{
    if (text.size() % 2 != 0) return std::nullopt;
    std::string out;
    out.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const unsigned high = value(kHexValues, text[i]);
        const unsigned low = value(kHexValues, text[i + 1]);
        if (high == kNone || low == kNone) return refuse(out);
        out += static_cast<char>(static_cast<unsigned char>(high << 4 | low));
    }
    return out;
}

char* base64(std::span<const unsigned char> bytes, char* out)
{
    out = write_base64(kBase64, bytes, out);
    for (std::size_t rest = bytes.size() % 3; rest != 0 && rest < 3; ++rest) *out++ = '=';
    return out;
}

std::string base64(std::span<const unsigned char> bytes)
{
    std::string text(base64_size(bytes.size()), '\0');
    base64(bytes, text.data());
    return text;
}

std::optional<std::string> base64_decode(std::string_view text)
{
    if (text.size() % 4 != 0) return std::nullopt;
    if (text.ends_with('=')) text.remove_suffix(text[text.size() - 2] == '=' ? 2 : 1);
    return read_base64(kBase64Values, text);
}

char* base64url(std::span<const unsigned char> bytes, char* out)
{
    return write_base64(kBase64url, bytes, out);
}

std::string base64url(std::span<const unsigned char> bytes)
{
    std::string text(base64url_size(bytes.size()), '\0');
    base64url(bytes, text.data());
    return text;
}

std::optional<std::string> base64url_decode(std::string_view text)
{
    return read_base64(kBase64urlValues, text);
}

char* percent_encode(std::string_view text, char* out)
{
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (kUnreserved[byte]) {
            *out++ = c;
            continue;
        }
        *out++ = '%';
        *out++ = kUpperDigits[byte >> 4];
        *out++ = kUpperDigits[byte & 15];
    }
    return out;
}

void append_percent(std::string& out, std::string_view text)
{
    for (const char c : text) {
        char encoded[3];
        char* const end = percent_encode({&c, 1}, encoded);
        out.append(encoded, end);
    }
}

std::string percent_encode(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    append_percent(out, text);
    return out;
}

std::optional<std::string> percent_decode(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte <= ' ' || byte > 126) return refuse(out);
        if (byte != '%') {
            out += text[i];
            continue;
        }
        if (text.size() - i < 3) return refuse(out);
        const unsigned high = value(kHexValues, text[i + 1]);
        const unsigned low = value(kHexValues, text[i + 2]);
        if (high == kNone || low == kNone) return refuse(out);
        out += static_cast<char>(static_cast<unsigned char>(high << 4 | low));
        i += 2;
    }
    return out;
}

}  // namespace arb
