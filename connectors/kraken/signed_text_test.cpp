// What the signer process reads from this venue's signed texts: those that our own encoder has signed, the
// published examples, and ways to move money, which no policy can allow.
#include "connectors/kraken/signed_text.hpp"

#include <gtest/gtest.h>

#include "connectors/kraken/signer.hpp"
#include "engine/keys/signer_policy.hpp"
#include "tests/support/signed_text.hpp"

namespace arb::kraken {
namespace {

using arb::test::RecordingSigner;

const arb::test::SignedTextReader kReader{read_signed_text};

std::string text_of(std::string_view path, std::string_view body)
{
    Credentials credentials;
    auto signer = std::make_unique<RecordingSigner>();
    const RecordingSigner& recording = *signer;
    credentials.signer = std::move(signer);
    EXPECT_FALSE(sign_request(credentials, path, "1616492376594", body).empty());
    return recording.text;
}

TEST(KrakenSignedText, what_we_sign)
{
    for (const char* name : {"OpenOrders", "ClosedOrders", "QueryOrders", "TradesHistory", "BalanceEx",
                             "TradeVolume", "GetApiKeyInfo"}) {
        EXPECT_EQ(kReader.said(text_of(std::string("/0/private/") + name, "nonce=1")),
                  std::string("query POST /0/private/") + name);
    }
    EXPECT_EQ(kReader.said(text_of("/0/private/GetWebSocketsToken", "nonce=1")),
              "session POST /0/private/GetWebSocketsToken");
    EXPECT_EQ(kReader.said(text_of("/0/private/CancelAll", "nonce=1")), "cancel POST /0/private/CancelAll");
    const std::string text =
        text_of("/0/private/AddOrder",
                "nonce=1616492376594&ordertype=limit&pair=XBTUSD&price=37500&type=buy&volume=1.25");
    const auto order = kReader.view_of(text);
    ASSERT_TRUE(order);
    EXPECT_EQ(order->kind, SignedKind::order);
    EXPECT_TRUE(order->path_signed);
    EXPECT_FALSE(order->content_signed) << "a hash of it alone";
    kReader.expect_strict(text);
    EXPECT_EQ(kReader.judged(text, {"POST /0/private/AddOrder"}), Refusal::none);
    KeyPolicy careful;
    ASSERT_FALSE(careful.add_endpoint("POST /0/private/AddOrder"));
    ASSERT_FALSE(careful.set_orders_per_second(10));
    EXPECT_EQ(careful.judge(*order, {{1'700'000'000'000'000'000}, {1}}), Refusal::unseen_order);
    // A change of an order is one; ours go by websocket, where nothing is signed.
    const std::string change = text_of("/0/private/AmendOrder", "nonce=1&cl_ord_id=x&limit_price=37500");
    EXPECT_EQ(kReader.said(change), "order POST /0/private/AmendOrder");
    EXPECT_FALSE(kReader.view_of(change)->content_signed);
    kReader.expect_strict(change);
    EXPECT_EQ(kReader.judged(change, {"POST /0/private/AmendOrder"}), Refusal::none);
    EXPECT_EQ(kReader.judged(change, {"POST /0/private/AddOrder"}), Refusal::endpoint);
}

TEST(KrakenSignedText, ways_out_are_refused_by_every_policy)
{
    for (const char* name : {"Withdraw", "WithdrawInfo", "WithdrawCancel", "WithdrawAddresses",
                             "WalletTransfer", "AccountTransfer", "CreateSubaccount", "DepositAddresses"}) {
        EXPECT_EQ(
            kReader.judged(text_of(std::string("/0/private/") + name, "nonce=1&asset=XBT&key=k&amount=1"),
                           {"POST /0/private/AddOrder", "POST /0/private/Balance"}),
            Refusal::withdrawal)
            << name;
    }
    EXPECT_EQ(
        kReader.judged(text_of("/0/private/Earn/Allocate", "nonce=1"), {"POST /0/private/Earn/Allocate"}),
        Refusal::not_understood)
        << "listed, but nothing this program knows";
    EXPECT_EQ(kReader.judged(text_of("/0/private/Stake", "nonce=1"), {"POST /0/private/AddOrder"}),
              Refusal::endpoint);
}

TEST(KrakenSignedText, what_is_not_understood)
{
    for (const std::string& text :
         {std::string("/0/private/"), std::string("/0/private/Balance"), std::string(32, '\0'),
          text_of("/0/private/", "nonce=1"), text_of("/0/public/Time", "nonce=1"),
          text_of("/1/private/Balance", ""), text_of("/0/private/Balance?x=1", "nonce=1"),
          text_of("/0/private/Bal ance", "nonce=1"), text_of("/0/private/../Balance", "nonce=1"),
          text_of("0/private/Balance", "nonce=1"), text_of("/0/private/Withdra%77", "nonce=1")}) {
        EXPECT_FALSE(kReader.view_of(text)) << text;
    }
    // The hash is bytes of any value: a path cannot be hidden in it, nor cut short by it.
    EXPECT_EQ(kReader.said("/0/private/Balance" + std::string(32, 'x')), "query POST /0/private/Balance");
    EXPECT_EQ(kReader.said("/0/private/Balance" + std::string(33, 'x')), "order POST /0/private/Balancex");
}

}  // namespace
}  // namespace arb::kraken
