// Hex, base64, base64url and percent-encoding: published tables, round trips over every short length, and
// what strict decoders must refuse.
#include "engine/venue/encoding.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace arb {

namespace {

using Decoded = std::optional<std::string>;
using namespace std::string_literals;
using namespace std::string_view_literals;

struct Pair {
    std::string_view bytes;
    std::string_view text;
};

/// Every byte value, in an order that depends on the size.
std::string sample(std::size_t size)
{
    std::string bytes(size, '\0');
    std::uint32_t state = static_cast<std::uint32_t>(size) * 2654435761U + 1;
    for (char& byte : bytes) {
        state = state * 1664525U + 1013904223U;
        byte = static_cast<char>(state >> 24);
    }
    return bytes;
}

TEST(Base64, rfc_4648_table)
{
    constexpr std::array<Pair, 7> kTable{{{"", ""},
                                          {"f", "Zg=="},
                                          {"fo", "Zm8="},
                                          {"foo", "Zm9v"},
                                          {"foob", "Zm9vYg=="},
                                          {"fooba", "Zm9vYmE="},
                                          {"foobar", "Zm9vYmFy"}}};
    for (const Pair& pair : kTable) {
        EXPECT_EQ(base64(pair.bytes), pair.text);
        EXPECT_EQ(base64_decode(pair.text), Decoded(pair.bytes));
        const std::string_view bare = pair.text.substr(0, std::min(pair.text.find('='), pair.text.size()));
        EXPECT_EQ(base64url(pair.bytes), bare);
        EXPECT_EQ(base64url_decode(bare), Decoded(pair.bytes));
    }
}

TEST(Base64, the_two_alphabets_differ_in_two_characters)
{
    constexpr std::string_view kBytes = "\xfb\xef\xbe\xff\xff\xff\x00"sv;
    EXPECT_EQ(base64(kBytes), "++++////AA==");
    EXPECT_EQ(base64url(kBytes), "----____AA");
    EXPECT_EQ(base64_decode("++++////AA=="), Decoded(kBytes));
    EXPECT_EQ(base64url_decode("----____AA"), Decoded(kBytes));
    EXPECT_EQ(base64_decode("----____AA=="), std::nullopt);
    EXPECT_EQ(base64url_decode("++++////AA"), std::nullopt);
}

TEST(Base64, round_trips_at_every_short_length)
{
    for (std::size_t size = 0; size < 300; ++size) {
        const std::string bytes = sample(size);
        const std::string padded = base64(bytes);
        const std::string bare = base64url(bytes);
        EXPECT_EQ(padded.size(), base64_size(size));
        EXPECT_EQ(bare.size(), base64url_size(size));
        EXPECT_EQ(base64_decode(padded), Decoded(bytes)) << size;
        EXPECT_EQ(base64url_decode(bare), Decoded(bytes)) << size;
    }
}

TEST(Base64, refuses_wrong_padding_and_lengths)
{
    for (const std::string_view text :
         {"Zg"sv, "Zg="sv, "Zg==="sv, "Zg===="sv, "Zm8"sv, "Zm8=="sv, "Zm9v="sv, "Zm9v===="sv, "="sv, "=="sv,
          "==="sv, "===="sv, "A==="sv, "=AAA"sv, "Zg==Zg=="sv, "Zm9vZ"sv, "Z=m9"sv, "Z"sv, "ZZZZZ"sv})
        EXPECT_EQ(base64_decode(text), std::nullopt) << text;
    for (const std::string_view text : {"Zg=="sv, "Zm8="sv, "A"sv, "Zm9vY"sv, "="sv})
        EXPECT_EQ(base64url_decode(text), std::nullopt) << text;
}

TEST(Base64, refuses_a_second_text_for_the_same_bytes)
{
    EXPECT_EQ(base64_decode("Zh=="), std::nullopt) << "the last four bits are unused and must be zero";
    EXPECT_EQ(base64_decode("Zm9="), std::nullopt) << "the last two bits likewise";
    EXPECT_EQ(base64url_decode("Zh"), std::nullopt);
    EXPECT_EQ(base64url_decode("Zm9"), std::nullopt);
    // Of all 64 last characters exactly those that an encoder writes are accepted.
    constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    int two = 0;
    int three = 0;
    for (const char c : kAlphabet) {
        two += base64_decode("Z"s + c + "==").has_value() ? 1 : 0;
        three += base64_decode("ZZ"s + c + "=").has_value() ? 1 : 0;
    }
    EXPECT_EQ(two, 4);
    EXPECT_EQ(three, 16);
}

TEST(Base64, refuses_every_character_outside_the_alphabet)
{
    int accepted = 0;
    int accepted_url = 0;
    for (int c = 0; c < 256; ++c) {
        std::string text = "AAAA";
        text[1] = static_cast<char>(c);
        accepted += base64_decode(text).has_value() ? 1 : 0;
        accepted_url += base64url_decode(text).has_value() ? 1 : 0;
    }
    EXPECT_EQ(accepted, 64);
    EXPECT_EQ(accepted_url, 64);
    for (const std::string_view text :
         {" Zg=="sv, "Zg==\n"sv, "Zm9v\nYmFy"sv, "Zm9v\0"sv, "Zm9\0"sv, "\xc3\xa9\xc3\xa9"sv})
        EXPECT_EQ(base64_decode(text), std::nullopt) << text;
}

TEST(Base64, huge_texts)
{
    const std::string bytes = sample((4U << 20) + 1);
    std::string text = base64(bytes);
    EXPECT_EQ(base64_decode(text), Decoded(bytes));
    text[text.size() / 2] = '*';
    EXPECT_EQ(base64_decode(text), std::nullopt);
    EXPECT_EQ(base64_decode(std::string(8U << 20, '=')), std::nullopt);
}

TEST(Base64, writes_into_a_buffer_exactly_what_the_sizes_say)
{
    for (std::size_t size = 0; size < 70; ++size) {
        const std::string bytes = sample(size);
        std::vector<char> buffer(200, '#');
        const auto written = [&](char* end) { return std::string_view(buffer.data(), end - buffer.data()); };
        EXPECT_EQ(written(base64(bytes_of(bytes), buffer.data())), base64(bytes));
        EXPECT_EQ(buffer[base64_size(size)], '#');
        buffer.assign(200, '#');
        EXPECT_EQ(written(base64url(bytes_of(bytes), buffer.data())), base64url(bytes));
        EXPECT_EQ(buffer[base64url_size(size)], '#');
        buffer.assign(200, '#');
        EXPECT_EQ(written(hex_lower(bytes_of(bytes), buffer.data())), hex_lower(bytes));
        EXPECT_EQ(buffer[hex_size(size)], '#');
    }
}

TEST(Hex, rfc_4648_table_in_lower_case)
{
    constexpr std::array<Pair, 4> kTable{
        {{"", ""}, {"f", "66"}, {"foobar", "666f6f626172"}, {"\x00\x0f\xf0\xff"sv, "000ff0ff"}}};
    for (const Pair& pair : kTable) {
        EXPECT_EQ(hex_lower(pair.bytes), pair.text);
        EXPECT_EQ(hex_decode(pair.text), Decoded(pair.bytes));
    }
    EXPECT_EQ(hex_decode("ABCDEF"), hex_decode("abcdef"));
    EXPECT_EQ(hex_lower(std::array<unsigned char, 2>{0xab, 0x01}), "ab01");
}

TEST(Hex, refuses_odd_lengths_and_other_characters)
{
    for (const std::string_view text : {"0"sv, "000"sv, "0x00"sv, "0g"sv, "g0"sv, " 00"sv, "00 "sv, "0 "sv,
                                        "+1"sv, "-1"sv, "0\0"sv, "\xc3\xa9"sv, "00000G"sv})
        EXPECT_EQ(hex_decode(text), std::nullopt) << text;
    int accepted = 0;
    for (int c = 0; c < 256; ++c) accepted += hex_decode(std::string{'0', static_cast<char>(c)}) ? 1 : 0;
    EXPECT_EQ(accepted, 22);
    const std::string bytes = sample(1U << 20);
    EXPECT_EQ(hex_decode(hex_lower(bytes)), Decoded(bytes));
}

TEST(Percent, keeps_the_unreserved_characters_alone)
{
    constexpr std::string_view kKept = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    EXPECT_EQ(percent_encode(kKept), kKept);
    int kept = 0;
    for (int c = 0; c < 256; ++c) {
        const std::string byte(1, static_cast<char>(c));
        const std::string text = percent_encode(byte);
        EXPECT_EQ(percent_decode(text), Decoded(byte));
        if (text == byte)
            ++kept;
        else
            EXPECT_EQ(text.size(), 3U);
    }
    EXPECT_EQ(kept, 66);
}

TEST(Percent, known_texts)
{
    EXPECT_EQ(percent_encode("2017-05-11T15:19:30"), "2017-05-11T15%3A19%3A30");
    EXPECT_EQ(percent_encode("4/dpxb3i+Q=="), "4%2Fdpxb3i%2BQ%3D%3D");
    EXPECT_EQ(percent_encode("a b+c&d=e"), "a%20b%2Bc%26d%3De");
    EXPECT_EQ(percent_encode("\xef\xbc\x91"), "%EF%BC%91") << "a full-width one, in UTF-8";
    EXPECT_EQ(percent_encode("\0"sv), "%00");
    std::string url = "/path?symbol=";
    append_percent(url, "BTC/USD");
    EXPECT_EQ(url, "/path?symbol=BTC%2FUSD");
    char buffer[16];
    EXPECT_EQ(std::string_view(buffer, percent_encode("a b", buffer) - buffer), "a%20b");
}

TEST(Percent, decodes_both_cases_and_leaves_plus_alone)
{
    EXPECT_EQ(percent_decode("a%2Fb%2fc+d"), Decoded("a/b/c+d"));
    EXPECT_EQ(percent_decode("%25"), Decoded("%"));
    EXPECT_EQ(percent_decode("%2525"), Decoded("%25")) << "once, not until nothing changes";
    EXPECT_EQ(percent_decode(""), Decoded(""));
    EXPECT_EQ(percent_decode("%00"), Decoded("\0"s));
}

TEST(Percent, refuses_broken_escapes_and_what_no_url_holds)
{
    for (const std::string_view text : {"%"sv, "%2"sv, "a%"sv, "a%2"sv, "%%20"sv, "%2g"sv, "%g2"sv, "% 2"sv,
                                        "%-1"sv, "a b"sv, "a\nb"sv, "a\0b"sv, "\x7f"sv, "\xc3\xa9"sv})
        EXPECT_EQ(percent_decode(text), std::nullopt) << text;
}

}  // namespace

}  // namespace arb
