// The key pairs: Ed25519 against RFC 8032, ECDSA P-256 against RFC 6979 (whose private key, printed in the
// RFC, is the test key here), every form a key may be given in, and what is refused with which words.
#include <array>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <openssl/err.h>

#include <gtest/gtest.h>

#include "engine/venue/crypto.hpp"
#include "engine/venue/encoding.hpp"
#include "engine/venue/key_text.hpp"

namespace arb {

namespace {

std::string unhex(std::string_view text)
{
    return hex_decode(text).value();
}

struct EdVector {
    std::string_view seed;
    std::string_view public_key;
    std::string_view message;
    std::string_view signature;
};

/// RFC 8032 section 7.1, tests 1 to 3.
constexpr std::array<EdVector, 3> kEdVectors{{
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555"
     "fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
     "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
     "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"},
}};

// RFC 6979 appendix A.2.5.
constexpr std::string_view kScalar = "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721";
constexpr std::string_view kPoint =
    "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
    "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299";
constexpr std::string_view kP256 = "06082a8648ce3d030107";  // the curve's name in DER

std::string ed_der(std::string_view seed)
{
    return unhex("302e020100300506032b657004220420" + std::string(seed));
}

/// SEC1 with curve and public point; PKCS#8 around the same.
std::string sec1_der(std::string_view scalar = kScalar, std::string_view point = kPoint)
{
    return unhex("30770201010420" + std::string(scalar) + "a00a" + std::string(kP256) + "a144034200" +
                 std::string(point));
}
std::string ec_pkcs8_der()
{
    return unhex("308187020100301306072a8648ce3d0201" + std::string(kP256) + "046d306b0201010420" +
                 std::string(kScalar) + "a144034200" + std::string(kPoint));
}

/// In lines of 64 characters, as tools write it.
std::string pem(std::string_view label, std::string_view der, std::string_view line_end = "\n")
{
    const std::string dashes = "-----";
    const std::string body = base64(der);
    std::string text = dashes + "BEGIN " + std::string(label) + dashes + std::string(line_end);
    for (std::size_t i = 0; i < body.size(); i += 64) text += body.substr(i, 64) + std::string(line_end);
    return text + dashes + "END " + std::string(label) + dashes + std::string(line_end);
}

/// Whether the sentence holds any eight characters of the secret's text in a row.
bool tells(std::string_view sentence, std::string_view secret)
{
    for (std::size_t i = 0; i + 8 <= secret.size(); ++i)
        if (sentence.find(secret.substr(i, 8)) != std::string_view::npos) return true;
    return false;
}

template <class Key>
void expect_refused(const Result<Key>& result, std::string_view word, std::string_view secret)
{
    ASSERT_FALSE(result) << word;
    EXPECT_EQ(result.error().code, ExitCode::refused);
    EXPECT_NE(result.error().message.find(word), std::string::npos) << result.error().message;
    EXPECT_FALSE(tells(result.error().message, secret)) << result.error().message;
    EXPECT_EQ(ERR_peek_error(), 0U) << "trouble left behind for the next TLS call";
}

TEST(Ed25519, rfc_8032)
{
    for (const EdVector& vector : kEdVectors) {
        const Ed25519Key key = Ed25519Key::from_seed(bytes_of(unhex(vector.seed))).take();
        EXPECT_EQ(hex_lower(key.public_key()), vector.public_key);
        SignatureBytes signature{};
        ASSERT_TRUE(key.sign(unhex(vector.message), signature));
        EXPECT_EQ(hex_lower(signature), vector.signature);
        EXPECT_TRUE(Ed25519Key::verify(key.public_key(), unhex(vector.message), signature));
        EXPECT_FALSE(Ed25519Key::verify(key.public_key(), unhex(vector.message) + "x", signature));
    }
    static_assert(!std::is_copy_constructible_v<Ed25519Key> && std::is_move_constructible_v<Ed25519Key>);
}

TEST(Ed25519, verify_refuses_each_flipped_bit_and_every_other_size)
{
    const std::string public_key = unhex(kEdVectors[2].public_key);
    const std::string message = unhex(kEdVectors[2].message);
    const std::string signature = unhex(kEdVectors[2].signature);
    for (std::size_t bit = 0; bit < 512; ++bit) {
        std::string wrong = signature;
        wrong[bit / 8] = static_cast<char>(wrong[bit / 8] ^ (1 << bit % 8));
        EXPECT_FALSE(Ed25519Key::verify(bytes_of(public_key), message, bytes_of(wrong))) << bit;
    }
    for (std::size_t size = 0; size < 64; ++size) {
        EXPECT_FALSE(Ed25519Key::verify(bytes_of(public_key), message, bytes_of(signature).first(size)));
        if (size < 32) {
            EXPECT_FALSE(Ed25519Key::verify(bytes_of(public_key).first(size), message, bytes_of(signature)));
        }
    }
    EXPECT_FALSE(Ed25519Key::verify(bytes_of(public_key), message, bytes_of(signature + '\0')));
    EXPECT_FALSE(Ed25519Key::verify(bytes_of(public_key + '\0'), message, bytes_of(signature)));
    EXPECT_EQ(ERR_peek_error(), 0U);
}

TEST(Ed25519, reads_pkcs8_in_every_form)
{
    const std::string der = ed_der(kEdVectors[0].seed);
    const std::string body = base64(der);
    for (const std::string& text :
         {pem("PRIVATE KEY", der), pem("PRIVATE KEY", der, "\r\n"), pem("PRIVATE KEY", der, "\\n"),
          pem("PRIVATE KEY", der, ""), "\n  " + pem("PRIVATE KEY", der) + "\n", body, body + "\n", " " + body,
          der}) {
        Result<Ed25519Key> key = Ed25519Key::from_pkcs8(text);
        ASSERT_TRUE(key) << key.error().message;
        EXPECT_EQ(hex_lower(key->public_key()), kEdVectors[0].public_key);
    }
}

TEST(Ed25519, refuses_what_is_no_key_without_repeating_it)
{
    const std::string der = ed_der(kEdVectors[0].seed);
    const std::string body = base64(der);
    for (const std::size_t size : {0U, 31U, 33U, 64U})
        expect_refused(Ed25519Key::from_seed(bytes_of(std::string(size, 's'))), "32 bytes", "ssssssss");
    expect_refused(Ed25519Key::from_pkcs8(""), "no Ed25519", body);
    expect_refused(Ed25519Key::from_pkcs8("test-not-a-key"), "no Ed25519", "test-not-a-key");
    expect_refused(Ed25519Key::from_pkcs8(der + "x"), "no Ed25519", body);
    expect_refused(Ed25519Key::from_pkcs8(pem("EC PRIVATE KEY", sec1_der())), "no Ed25519",
                   base64(sec1_der()));
    expect_refused(Ed25519Key::from_pkcs8(pem("PRIVATE KEY", ec_pkcs8_der())), "no Ed25519",
                   base64(ec_pkcs8_der()));
    expect_refused(Ed25519Key::from_pkcs8(pem("PUBLIC KEY", der)), "no private key in PEM", body);
    for (std::size_t size = 0; size < der.size(); ++size)
        expect_refused(Ed25519Key::from_pkcs8(std::string_view(der).substr(0, size)), "no Ed25519", body);
}

TEST(EcdsaP256, rfc_6979_signatures_verify)
{
    const std::string sample = unhex(
        "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
        "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8");
    const std::string test = unhex(
        "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367"
        "019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083");
    const std::string point = unhex(kPoint);
    EXPECT_TRUE(EcdsaP256Key::verify(bytes_of(point), "sample", bytes_of(sample)));
    EXPECT_TRUE(EcdsaP256Key::verify(bytes_of(point), "test", bytes_of(test)));
    EXPECT_FALSE(EcdsaP256Key::verify(bytes_of(point), "test", bytes_of(sample)));
    for (std::size_t bit = 0; bit < 512; ++bit) {
        std::string wrong = sample;
        wrong[bit / 8] = static_cast<char>(wrong[bit / 8] ^ (1 << bit % 8));
        EXPECT_FALSE(EcdsaP256Key::verify(bytes_of(point), "sample", bytes_of(wrong))) << bit;
    }
}

TEST(EcdsaP256, verify_refuses_other_sizes_and_points_off_the_curve)
{
    const EcdsaP256Key key = EcdsaP256Key::from_pem(pem("EC PRIVATE KEY", sec1_der())).take();
    SignatureBytes signature{};
    ASSERT_TRUE(key.sign("message", signature));
    for (std::size_t size = 0; size < 65; ++size) {
        EXPECT_FALSE(EcdsaP256Key::verify(std::span(key.public_key()).first(size), "message", signature));
        if (size == 64) continue;
        EXPECT_FALSE(EcdsaP256Key::verify(key.public_key(), "message", std::span(signature).first(size)));
    }
    for (std::size_t at = 0; at < 65; at += 8) {
        EcdsaP256Key::PublicKey wrong = key.public_key();
        wrong[at] = static_cast<unsigned char>(wrong[at] ^ 1U);
        EXPECT_FALSE(EcdsaP256Key::verify(wrong, "message", signature)) << at;
    }
    for (const int fill : {0x00, 0xff}) {
        SignatureBytes wrong;
        wrong.fill(static_cast<unsigned char>(fill));
        EXPECT_FALSE(EcdsaP256Key::verify(key.public_key(), "message", wrong));
    }
    EXPECT_EQ(ERR_peek_error(), 0U);
}

TEST(EcdsaP256, signs_with_a_fixed_width_whatever_the_numbers)
{
    // One signature in 128 has an r or s with a leading zero byte, which DER drops and r || s must keep.
    const EcdsaP256Key key = EcdsaP256Key::from_pem(pem("PRIVATE KEY", ec_pkcs8_der())).take();
    int with_zero = 0;
    for (int i = 0; i < 2000 && (i < 100 || with_zero == 0); ++i) {
        const std::string message = "message " + std::to_string(i);
        SignatureBytes signature{};
        ASSERT_TRUE(key.sign(message, signature));
        ASSERT_TRUE(EcdsaP256Key::verify(key.public_key(), message, signature)) << i;
        if (signature[0] == 0 || signature[32] == 0) ++with_zero;
    }
    EXPECT_GT(with_zero, 0);
}

TEST(EcdsaP256, reads_both_forms_and_every_line_end)
{
    const std::string without_point =
        unhex("30310201010420" + std::string(kScalar) + "a00a" + std::string(kP256));
    const std::string parameters = pem("EC PARAMETERS", unhex(kP256));
    std::vector<std::string> texts{parameters + pem("EC PRIVATE KEY", sec1_der()),
                                   pem("EC PRIVATE KEY", without_point)};
    for (const std::string_view line_end : {"\n", "\r\n", "\\n", "\\r\\n", ""}) {
        texts.push_back(pem("EC PRIVATE KEY", sec1_der(), line_end));
        texts.push_back(pem("PRIVATE KEY", ec_pkcs8_der(), line_end));
    }
    for (const std::string& text : texts) {
        Result<EcdsaP256Key> key = EcdsaP256Key::from_pem(text);
        ASSERT_TRUE(key) << key.error().message;
        EXPECT_EQ(hex_lower(key->public_key()), kPoint);
    }
}

TEST(EcdsaP256, refuses_what_is_no_key_without_repeating_it)
{
    const std::string der = sec1_der();
    const std::string body = base64(der);
    const std::string text = pem("EC PRIVATE KEY", der);
    const auto refused = [](const std::string& given, std::string_view word, std::string_view secret) {
        expect_refused(EcdsaP256Key::from_pem(given), word, secret);
    };
    refused("", "no private key in PEM", body);
    refused(body, "no private key in PEM", body);
    refused(text.substr(0, text.size() - 30), "cut off", body);
    refused("-----BEGIN EC PRIVATE KEY-----", "cut off", body);
    refused(pem("EC PRIVATE KEY", ""), "not base64", body);
    refused(pem("PRIVATE KEY", der), "P-256", body);
    refused(pem("EC PRIVATE KEY", der + "x"), "P-256", body);
    refused(pem("PRIVATE KEY", ed_der(kEdVectors[0].seed)), "P-256", base64(ed_der(kEdVectors[0].seed)));
    refused(pem("ENCRYPTED PRIVATE KEY", der), "encrypted", body);
    refused("-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\n" + body +
                "\n-----END EC PRIVATE KEY-----",
            "encrypted", body);
    std::string spoiled = text;
    spoiled[spoiled.size() / 2] = '*';
    refused(spoiled, "not base64", body);
    refused(std::string(1U << 20, 'A'), "longer", "AAAAAAAA");

    // secp256k1; a public point of somebody else's (twice the base point is on the curve); a private number
    // of 0.
    refused(pem("EC PRIVATE KEY", unhex("302e0201010420" + std::string(kScalar) + "a00706052b8104000a")),
            "P-256", std::string(kScalar));
    const std::string doubled =
        "047cf27b188d034f7e8a52380304b51ac3c08969e277f21b35a60b48fc47669978"
        "07775510db8ed040293d9ac69f7430dbba7dade63ce982299e04b79d227873d1";
    refused(pem("EC PRIVATE KEY", sec1_der(kScalar, doubled)), "halves", body);
    expect_refused(EcdsaP256Key::from_pem(pem("EC PRIVATE KEY", sec1_der(std::string(64, '0')))),
                   "private key", body);
}

TEST(EcdsaP256, a_damaged_key_file_never_crashes_or_passes_unnoticed)
{
    const std::string der = sec1_der();
    for (std::size_t at = 0; at < der.size(); ++at) {
        for (const int flip : {0x01, 0x80, 0xff}) {
            std::string damaged = der;
            damaged[at] = static_cast<char>(damaged[at] ^ flip);
            const Result<EcdsaP256Key> key = EcdsaP256Key::from_pem(pem("EC PRIVATE KEY", damaged));
            if (key) {
                EXPECT_EQ(hex_lower(key.value().public_key()), kPoint) << at;
            }
        }
        EXPECT_FALSE(EcdsaP256Key::from_pem(pem("EC PRIVATE KEY", der.substr(0, at)))) << at;
    }
}

TEST(KeyText, tells_the_two_forms_apart)
{
    const Result<KeyDer> sec1 = read_pem(pem("EC PRIVATE KEY", "test bytes"));
    ASSERT_TRUE(sec1);
    EXPECT_TRUE(sec1.value().sec1);
    EXPECT_EQ(text_of(sec1.value().bytes.bytes()), "test bytes");
    const Result<KeyDer> pkcs8 = read_pkcs8(base64("test bytes"));
    ASSERT_TRUE(pkcs8);
    EXPECT_FALSE(pkcs8.value().sec1);
    EXPECT_EQ(text_of(pkcs8.value().bytes.bytes()), "test bytes");
    EXPECT_FALSE(read_pkcs8(std::string(1U << 20, 'A')));
}

}  // namespace

}  // namespace arb
