#pragma once
// Bytes as text and back: lower-case hex, base64, base64url and percent-encoding. Signers, encoders and
// emulated venues call it. Functions that take a pointer write to the caller's buffer, return the end of what
// they wrote, add no zero byte and do not allocate; the others return a std::string and are for cold paths.
// Decoders are strict: a text in another form is std::nullopt, and what was decoded of it is wiped, since it
// may be part of a key. A decoded key goes straight into Secret::take. Any thread.
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace arb {

inline std::span<const unsigned char> bytes_of(std::string_view text)
{
    return {reinterpret_cast<const unsigned char*>(text.data()), text.size()};
}
inline std::string_view text_of(std::span<const unsigned char> bytes)
{
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Sizes of the encoded text.
constexpr std::size_t hex_size(std::size_t bytes)
{
    return bytes * 2;
}
constexpr std::size_t base64_size(std::size_t bytes)
{
    return (bytes + 2) / 3 * 4;
}
constexpr std::size_t base64url_size(std::size_t bytes)
{
    return bytes / 3 * 4 + (bytes % 3 == 0 ? 0 : bytes % 3 + 1);
}

/// Two lower-case digits a byte: writes hex_size(bytes.size()).
char* hex_lower(std::span<const unsigned char> bytes, char* out);
std::string hex_lower(std::span<const unsigned char> bytes);
inline std::string hex_lower(std::string_view bytes)
{
    return hex_lower(bytes_of(bytes));
}
/// Digits of either case, an even number of them.
std::optional<std::string> hex_decode(std::string_view text);

/// RFC 4648 section 4 with padding: writes base64_size(bytes.size()).
char* base64(std::span<const unsigned char> bytes, char* out);
std::string base64(std::span<const unsigned char> bytes);
inline std::string base64(std::string_view bytes)
{
    return base64(bytes_of(bytes));
}
/// No blanks or line ends; padded to a multiple of four; the unused last bits zero.
std::optional<std::string> base64_decode(std::string_view text);

/// RFC 4648 section 5 without padding, as in JWT: writes base64url_size(bytes.size()).
char* base64url(std::span<const unsigned char> bytes, char* out);
std::string base64url(std::span<const unsigned char> bytes);
inline std::string base64url(std::string_view bytes)
{
    return base64url(bytes_of(bytes));
}
/// No padding; the unused last bits zero.
std::optional<std::string> base64url_decode(std::string_view text);

/// RFC 3986: letters, digits and -._~ stay, any other byte becomes % and two upper-case hex digits (a blank
/// too: never +). Writes at most three times text.size().
char* percent_encode(std::string_view text, char* out);
void append_percent(std::string& out, std::string_view text);
std::string percent_encode(std::string_view text);
/// % takes two hex digits of either case; other printable ASCII stands for itself (+ is a plus); control
/// bytes, blanks and bytes above 126 are refused, as no URL holds them.
std::optional<std::string> percent_decode(std::string_view text);

}  // namespace arb
