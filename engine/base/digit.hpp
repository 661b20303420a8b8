#pragma once
// Digits of untrusted text, without a locale: for whoever reads numbers byte by byte. Pure, any thread, no
// errors: what is no digit says so.

namespace arb {

constexpr bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/// The value of a hexadecimal digit of either case; -1: it is none.
constexpr int hex_digit(char c)
{
    if (is_digit(c)) return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

}  // namespace arb
