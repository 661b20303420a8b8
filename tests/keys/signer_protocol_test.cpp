// Frames of the signer process: what is written is read, and nothing else is.
#include "engine/keys/signer_protocol.hpp"

#include <gtest/gtest.h>

namespace arb {
namespace {

std::string frame_of(const SignerRequest& request)
{
    const auto bytes = std::make_unique<SignerRequestBytes>();
    return {bytes->data(), write_request(request, *bytes)};
}

std::string frame_of(const SignerReply& reply)
{
    SignerReplyBytes bytes;
    return {bytes.data(), write_reply(reply, bytes)};
}

TEST(SignerProtocol, requests_come_back)
{
    const std::string body(kSignedTextMax, 'x');
    for (const std::string_view text :
         {std::string_view(), std::string_view("a/b"), std::string_view(body)}) {
        const std::string frame = frame_of(SignerRequest{SignerCall::sign, 0x1234, 0x1122334455667788, text});
        const auto request = read_request(frame);
        ASSERT_TRUE(request);
        EXPECT_EQ(request->call, SignerCall::sign);
        EXPECT_EQ(request->slot, 0x1234);
        EXPECT_EQ(request->number, 0x1122334455667788U);
        EXPECT_EQ(request->body, text);
        EXPECT_FALSE(read_request(frame + "y"));
        EXPECT_FALSE(read_request(std::string_view(frame).substr(0, frame.size() - 1)));
    }
    EXPECT_EQ(frame_of(SignerRequest{SignerCall::sign, 0, 0, body + "y"}), "");
}

TEST(SignerProtocol, replies_come_back)
{
    const std::string frame =
        frame_of(SignerReply{SignerCall::open, Refusal::rate, KeyAlgorithm::ecdsa_p256, 77, "signature"});
    const auto reply = read_reply(frame);
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->call, SignerCall::open);
    EXPECT_EQ(reply->status, Refusal::rate);
    EXPECT_EQ(reply->algorithm, KeyAlgorithm::ecdsa_p256);
    EXPECT_EQ(reply->number, 77U);
    EXPECT_EQ(reply->body, "signature");
}

TEST(SignerProtocol, anything_else_is_refused)
{
    const std::string good = frame_of(SignerRequest{SignerCall::open, 0, 1, "somewhere/trade"});
    for (std::size_t size = 0; size < good.size(); ++size) EXPECT_FALSE(read_request(good.substr(0, size)));
    for (const std::size_t at : {0, 1, 2, 3, 4, 5}) {
        for (int bit = 0; bit < 8; ++bit) {
            std::string bad = good;
            bad[at] = static_cast<char>(bad[at] ^ (1 << bit));
            const bool other_call = at == 5 && static_cast<unsigned char>(bad[at]) == 2;
            EXPECT_EQ(read_request(bad).has_value(), other_call) << at << " " << bit;
        }
    }
    std::string reply = frame_of(SignerReply{SignerCall::sign, Refusal::none, KeyAlgorithm::ed25519, 1, ""});
    reply[6] = 99;
    EXPECT_FALSE(read_reply(reply));
    reply[6] = 0;
    reply[7] = 9;
    EXPECT_FALSE(read_reply(reply));
}

TEST(SignerProtocol, opened_keys)
{
    std::array<char, kSignerReplyMax - kSignerHeader> body;
    const std::size_t size = write_opened({7, "test-key", "test-phrase", "test-facts"}, body);
    const std::string text(body.data(), size);
    const auto key = read_opened(text);
    ASSERT_TRUE(key);
    EXPECT_EQ(key->slot, 7);
    EXPECT_EQ(key->key_id, "test-key");
    EXPECT_EQ(key->passphrase, "test-phrase");
    EXPECT_EQ(key->facts, "test-facts");
    for (std::size_t cut = 0; cut < text.size(); ++cut) EXPECT_FALSE(read_opened(text.substr(0, cut)));
    EXPECT_FALSE(read_opened(text + "x"));
    const std::string large(kSignerKeyTextMax + 1, 'k');
    EXPECT_EQ(write_opened({0, large, "", ""}, body), 0U);
    EXPECT_EQ(write_opened({0, "", large, ""}, body), 0U);
    EXPECT_EQ(write_opened({0, "", "", large}, body), 0U);
}

}  // namespace
}  // namespace arb
