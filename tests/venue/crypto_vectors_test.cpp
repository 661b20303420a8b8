// The published attack vectors of Project Wycheproof and the venues' own examples, read from the data folder
// (ARBITER_DATA, else beside the project); skipped with the reason where it is not there.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include <zstd.h>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "engine/venue/crypto.hpp"
#include "engine/venue/encoding.hpp"

namespace arb {

namespace {

using Json = nlohmann::json;

std::filesystem::path vectors_folder()
{
    const char* given = std::getenv("ARBITER_DATA");
    const std::filesystem::path data = given != nullptr
                                           ? std::filesystem::path(given)
                                           : std::filesystem::path(ARBITER_SOURCE_DIR) / "../shared/data";
    return data / "vectors";
}

std::string unpacked(const std::string& packed)
{
    std::string text;
    ZSTD_DCtx* context = ZSTD_createDCtx();
    ZSTD_inBuffer in{packed.data(), packed.size(), 0};
    std::string piece(1U << 16, '\0');
    while (in.pos < in.size) {
        ZSTD_outBuffer out{piece.data(), piece.size(), 0};
        const std::size_t answer = ZSTD_decompressStream(context, &out, &in);
        if (ZSTD_isError(answer) != 0) {
            ADD_FAILURE() << ZSTD_getErrorName(answer);
            break;
        }
        text.append(piece, 0, out.pos);
    }
    ZSTD_freeDCtx(context);
    return text;
}

std::string unhex_json(const Json& text)
{
    return hex_decode(text.get<std::string>()).value();
}

class Vectors : public testing::Test {
  protected:
    /// The file as JSON; null after GTEST_SKIP when it is not there.
    Json read(const std::string& name)
    {
        const std::filesystem::path path = vectors_folder() / name;
        std::ifstream in(path, std::ios::binary);
        if (!in) return nullptr;
        std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
        if (path.extension() == ".zst") text = unpacked(text);
        return Json::parse(text);
    }

    /// Calls check(group, test) -> the verdict, and compares with the file's; then the number of tests.
    template <class Check>
    void run(const std::string& name, Check check)
    {
        const Json file = read(name);
        if (file.is_null()) GTEST_SKIP() << "no vectors at " << vectors_folder() << "; set ARBITER_DATA";
        int tests = 0;
        int valid = 0;
        for (const Json& group : file["testGroups"]) {
            for (const Json& test : group["tests"]) {
                const bool expected = test["result"] == "valid";
                ASSERT_TRUE(expected || test["result"] == "invalid") << test;
                EXPECT_EQ(check(group, test), expected) << test;
                ++tests;
                valid += expected ? 1 : 0;
            }
        }
        EXPECT_EQ(tests, file["numberOfTests"].get<int>());
        EXPECT_GT(valid, 0);
        EXPECT_LT(valid, tests);
    }

    /// The tag may be the beginning of ours.
    template <class H>
    static bool check_mac(const Json& group, const Json& test)
    {
        typename H::Digest digest;
        H(bytes_of(unhex_json(test["key"]))).sign(unhex_json(test["msg"]), digest);
        const std::size_t size = group["tagSize"].get<std::size_t>() / 8;
        return constant_time_equal(text_of(digest).substr(0, size), unhex_json(test["tag"]));
    }
};

TEST_F(Vectors, wycheproof_hmac_sha256)
{
    run("wycheproof_hmac_sha256_test.json.zst", check_mac<HmacSha256>);
}

TEST_F(Vectors, wycheproof_hmac_sha512)
{
    run("wycheproof_hmac_sha512_test.json.zst", check_mac<HmacSha512>);
}

TEST_F(Vectors, wycheproof_ed25519)
{
    run("wycheproof_ed25519_test.json.zst", [](const Json& group, const Json& test) {
        return Ed25519Key::verify(bytes_of(unhex_json(group["publicKey"]["pk"])), unhex_json(test["msg"]),
                                  bytes_of(unhex_json(test["sig"])));
    });
}

TEST_F(Vectors, wycheproof_ecdsa_p256)
{
    run("wycheproof_ecdsa_secp256r1_sha256_p1363_test.json.zst", [](const Json& group, const Json& test) {
        return EcdsaP256Key::verify(bytes_of(unhex_json(group["publicKey"]["uncompressed"])),
                                    unhex_json(test["msg"]), bytes_of(unhex_json(test["sig"])));
    });
}

TEST_F(Vectors, venues_examples_of_plain_hmac)
{
    const Json file = read("official_vectors.json");
    if (file.is_null()) GTEST_SKIP() << "no vectors at " << vectors_folder() << "; set ARBITER_DATA";
    int sha256_count = 0;
    int sha512_count = 0;
    for (const Json& vector : file) {
        const std::string rule = vector["rule"];
        const std::string secret = vector["secret"];
        const std::string payload = vector["payload"];
        if (rule.starts_with("hex(hmac_sha256(secret, ")) {
            Digest256 digest;
            HmacSha256(bytes_of(secret)).sign(payload, digest);
            EXPECT_EQ(hex_lower(digest), vector["signature"]) << vector;
            ++sha256_count;
        } else if (rule.starts_with("hex(hmac_sha512(secret, ")) {
            Digest512 digest;
            HmacSha512(bytes_of(secret)).sign(payload, digest);
            EXPECT_EQ(hex_lower(digest), vector["signature"]) << vector;
            ++sha512_count;
        } else if (rule == "base64(hmac_sha512(b64decode(secret), uri_path + sha256(nonce + postdata)))") {
            const std::string key = base64_decode(secret).value();
            const Digest256 inner = sha256({vector["nonce"].get<std::string>(), payload});
            Digest512 digest;
            HmacSha512(bytes_of(key)).sign({vector["path"].get<std::string>(), text_of(inner)}, digest);
            EXPECT_EQ(base64(digest), vector["signature"]) << vector;
            ++sha512_count;
        }
    }
    EXPECT_GE(sha256_count, 5);
    EXPECT_GE(sha512_count, 2);
}

}  // namespace

}  // namespace arb
