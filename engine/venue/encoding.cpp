#include "engine/venue/encoding.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include <sodium.h>

#include "engine/base/secret.hpp"

namespace arb {

namespace {

constexpr std::string_view kLowerDigits = "0123456789abcdef";
constexpr std::string_view kUpperDigits = "0123456789ABCDEF";
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
constexpr int kPadded = sodium_base64_VARIANT_ORIGINAL;
constexpr int kUrl = sodium_base64_VARIANT_URLSAFE_NO_PADDING;

constexpr std::array<bool, 256> unreserved_characters()
{
    std::array<bool, 256> kept{};
    for (char c = '0'; c <= '9'; ++c) kept[static_cast<unsigned char>(c)] = true;
    for (char c = 'a'; c <= 'z'; ++c) kept[static_cast<unsigned char>(c)] = true;
    for (char c = 'A'; c <= 'Z'; ++c) kept[static_cast<unsigned char>(c)] = true;
    kept['-'] = kept['_'] = kept['.'] = kept['~'] = true;
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

/// libsodium ends what it writes with a zero byte, for which a caller's buffer has no room: whole groups of
/// three bytes at a time, through a buffer of our own.
char* write_base64(std::span<const unsigned char> bytes, int variant, char* out)
{
    constexpr std::size_t kGroups = 48;
    std::array<char, sodium_base64_ENCODED_LEN(kGroups, kPadded)> text;
    while (!bytes.empty()) {
        const auto part = bytes.first(std::min(bytes.size(), kGroups));
        sodium_bin2base64(text.data(), text.size(), part.data(), part.size(), variant);
        out = std::copy_n(text.data(), std::strlen(text.data()), out);
        bytes = bytes.subspan(part.size());
    }
    return out;
}

std::optional<std::string> read_base64(std::string_view text, int variant)
{
    // libsodium takes bytes above 127 for letters of the alphabet.
    if (std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) > 127; }))
        return std::nullopt;
    std::string out(text.size() / 4 * 3 + 3, '\0');  // at once, or growing would leave copies behind
    std::size_t size = 0;
    if (sodium_base642bin(reinterpret_cast<unsigned char*>(out.data()), out.size(), text.data(), text.size(),
                          nullptr, &size, nullptr, variant) != 0)
        return refuse(out);
    out.resize(size);
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
    return write_base64(bytes, kPadded, out);
}

std::string base64(std::span<const unsigned char> bytes)
{
    std::string text(base64_size(bytes.size()), '\0');
    base64(bytes, text.data());
    return text;
}

std::optional<std::string> base64_decode(std::string_view text)
{
    return read_base64(text, kPadded);
}

char* base64url(std::span<const unsigned char> bytes, char* out)
{
    return write_base64(bytes, kUrl, out);
}

std::string base64url(std::span<const unsigned char> bytes)
{
    std::string text(base64url_size(bytes.size()), '\0');
    base64url(bytes, text.data());
    return text;
}

std::optional<std::string> base64url_decode(std::string_view text)
{
    return read_base64(text, kUrl);
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
