// Signatures against the documents' own examples, the bytes of order requests, and the table of errors.
#include <cstdlib>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>
#include <simdjson.h>

#include "connectors/binance/encoder.hpp"
#include "connectors/binance/errors.hpp"
#include "connectors/binance/signer.hpp"
#include "connectors/binance/test_support.hpp"
#include "engine/venue/crypto.hpp"
#include "engine/venue/encoding.hpp"

namespace arb::binance {
namespace {

// Published in the documents as an example; worth nothing.
constexpr const char* kSecret = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j";
constexpr const char* kKey = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A";
// The first test key of RFC 8032 as PKCS#8.
constexpr const char* kPem =
    "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
    "-----END PRIVATE KEY-----\n";

std::unique_ptr<Signer> signer_of(std::string secret)
{
    return make_signer(Secret::take(secret)).take();
}

std::string sign(std::string secret, std::string_view payload)
{
    const std::unique_ptr<Signer> signer = signer_of(std::move(secret));
    Signature signature;
    EXPECT_TRUE(signer->sign(payload, signature));
    std::string text;
    append_signature(signer->algorithm(), signature, text);
    return text;
}

struct Vector {
    const char* secret;
    std::string payload;
    const char* signature;
};

TEST(BinanceSigning, PublishedVectors)
{
    const std::string order =
        "&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&"
        "timestamp=1499827319559";
    const std::string socket =
        "&price=52000.00&quantity=0.01000000&recvWindow=100&side=SELL&symbol=BTCUSDT&"
        "timeInForce=GTC&timestamp=1645423376532&type=LIMIT";
    const Vector vectors[] = {
        {kSecret, "symbol=LTCBTC" + order,
         "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71"},
        {kSecret, "symbol=%EF%BC%91%EF%BC%92%EF%BC%93%EF%BC%94%EF%BC%95%EF%BC%96" + order,
         "e1353ec6b14d888f1164ae9af8228a3dbd508bc82eb867db8ab6046442f33ef3"},
        {kSecret, std::string("apiKey=") + kKey + socket,
         "aa1b5712c094bc4e57c05a1a5c1fd8d88dcd628338ea863fec7b88e59fe2db24"},
        {kSecret, std::string("apiKey=") + kKey + "&timestamp=1649729878532",
         "1cf54395b336b0a9727ef27d5d98987962bc47aca6e13fe978612d0adee066ed"},
        {"testsecret",
         "timestamp=1700000000000&symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=IOC&quantity=0.01&"
         "price=50000.00&newClientOrderId=abc-123&recvWindow=10000",
         "b21eae59a0826cafba1ae75d1d79779ae625c952a119ee54eff387314523bbb5"},
        {"testsecret",
         "timestamp=1700000000000&symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTX&quantity=0.010&"
         "price=50000.0&newClientOrderId=abc-123&recvWindow=10000",
         "e3d794affaedb12000daa21d7ce6cae28c201d5fa97735f87a47fe18fbd1d65f"},
        {kPem,
         "symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=1&price=0.2&timestamp=1668481559918&"
         "recvWindow=5000",
         "XtZirsmmi0noRzUfkqktvkVfxpkq/WtbLg2UOL3QGYdUBZVlqOBEMuEVw8zioY93N54NcKj9UuAXQEa9zgTDBg=="},
        {kPem, "apiKey=testkey" + socket,
         "I1DyJpShWK7RH61SaVi22Ii04JAeNu9jQmzdOy3hGzp/UkgjBOpYBDvJpNO11mAW3MSf8wll3bJNXbvAtCpQAg=="},
        {kPem, "apiKey=testkey&timestamp=1649729878532",
         "yjrrFLQ4yxZav1pJ5yOadtM3u+Z9G86xVgtoeSMbeO4/meR8v/9uZ8pvf5RH9Xej6TLzT6nYEr6j4nTkJufOAA=="},
    };
    for (const Vector& v : vectors) EXPECT_EQ(sign(v.secret, v.payload), v.signature) << v.payload;
    EXPECT_NE(sign("testsecret", "symbol=LTCBTC" + order), vectors[0].signature);
}

TEST(BinanceSigning, VectorFile)
{
    const char* const folder = std::getenv("ARBITER_DATA");
    const std::string root = folder != nullptr ? folder : std::string(ARBITER_SOURCE_DIR) + "/../shared/data";
    std::ifstream file(root + "/vectors/official_vectors.json");
    if (!file) GTEST_SKIP() << "no vectors at hand";
    std::stringstream text;
    text << file.rdbuf();
    simdjson::dom::parser parser;
    int checked = 0;
    for (const simdjson::dom::element entry : parser.parse(text.str()).get_array()) {
        if (entry["exchange"].get_string().value() != "binance") continue;
        EXPECT_EQ(
            sign(std::string(entry["secret"].get_string().value()), entry["payload"].get_string().value()),
            entry["signature"].get_string().value());
        ++checked;
    }
    EXPECT_GE(checked, 2);
}

TEST(BinanceSigning, ASecretThatIsNoneIsRefusedWithoutBeingShown)
{
    for (const std::string secret :
         {"", "-----BEGIN PRIVATE KEY-----\ntestNoSuchKey\n-----END PRIVATE KEY-----"}) {
        std::string copy = secret;
        const auto signer = make_signer(Secret::take(copy));
        ASSERT_FALSE(signer);
        EXPECT_EQ(signer.error().message.find("testNoSuchKey"), std::string::npos);
    }
}

class BinanceEncoder : public ::testing::Test {
  protected:
    void use(const std::string& secret)
    {
        credentials_.key_id = "testkey";
        credentials_.signer = signer_of(secret);
    }
    OrderIntent intent(TimeInForce tif) const
    {
        OrderIntent wish;
        wish.listing = ListingId{0};
        wish.side = Side::sell;
        wish.time_in_force = tif;
        wish.price = {5'200'010};  // 52000.10
        wish.quantity = {1'000};   // 0.01000
        return wish;
    }

    InstrumentTable table_ = test::table_of("spot");
    Credentials credentials_;
};

constexpr OrderId kSigningOrder = make_order_id(7, 1);

TEST_F(BinanceEncoder, AnOrderSignedWithEachRequest)
{
    use("testsecret");
    Encoder encoder(Market::spot, credentials_);
    const std::string id(client_order_id(kSigningOrder).view());
    const std::string payload =
        "apiKey=testkey&newClientOrderId=" + id +
        "&newOrderRespType=FULL&price=52000.1&quantity=0.01&recvWindow=2000&side=SELL&"
        "symbol=BTCUSDT&timeInForce=IOC&timestamp=1645423376532&type=LIMIT";
    const std::string expected =
        R"({"id":5,"method":"order.place","params":{"apiKey":"testkey","newClientOrderId":")" + id +
        R"(","newOrderRespType":"FULL","price":"52000.1","quantity":"0.01","recvWindow":2000,"side":"SELL",)"
        R"("symbol":"BTCUSDT","timeInForce":"IOC","timestamp":1645423376532,"type":"LIMIT","signature":")" +
        sign("testsecret", payload) + R"("}})";
    EXPECT_EQ(encoder.place(5, table_.listing(ListingId{0}), kSigningOrder, intent(TimeInForce::ioc),
                            1645423376532),
              expected);
}

TEST_F(BinanceEncoder, AfterALogOnOrdersCarryNeitherKeyNorSignature)
{
    use(kPem);
    Encoder encoder(Market::spot, credentials_);
    const std::string id(client_order_id(kSigningOrder).view());
    EXPECT_EQ(
        encoder.log_on(1, 1649729878532),
        R"({"id":1,"method":"session.logon","params":{"apiKey":"testkey","timestamp":1649729878532,)"
        R"("signature":"yjrrFLQ4yxZav1pJ5yOadtM3u+Z9G86xVgtoeSMbeO4/meR8v/9uZ8pvf5RH9Xej6TLzT6nYEr6j4nTkJufOAA=="}})");
    EXPECT_EQ(
        encoder.place(2, table_.listing(ListingId{0}), kSigningOrder, intent(TimeInForce::post_only), 9),
        R"({"id":2,"method":"order.place","params":{"newClientOrderId":")" + id +
            R"(","newOrderRespType":"FULL","price":"52000.1","quantity":"0.01","recvWindow":2000,)"
            R"("side":"SELL","symbol":"BTCUSDT","timestamp":9,"type":"LIMIT_MAKER"}})");
    EXPECT_EQ(
        encoder.cancel(3, table_.listing(ListingId{0}), kSigningOrder, "12345", 9),
        R"({"id":3,"method":"order.cancel","params":{"orderId":12345,"symbol":"BTCUSDT","timestamp":9}})");
    // An id of the venue that is no number is not put on the wire.
    EXPECT_EQ(encoder.cancel(4, table_.listing(ListingId{0}), kSigningOrder, "1\",\"x\":\"", 9),
              R"({"id":4,"method":"order.cancel","params":{"origClientOrderId":")" + id +
                  R"(","symbol":"BTCUSDT","timestamp":9}})");
}

TEST_F(BinanceEncoder, AnAmendNamesTheOrderAndAllThatItShallBe)
{
    use("testsecret");
    const Listing& listing = table_.listing(ListingId{0});
    const std::string id(client_order_id(kSigningOrder).view());
    Encoder signing(Market::usdm, credentials_);
    const std::string rest =
        "&price=52000.1&quantity=0.01&recvWindow=2000&side=SELL&symbol=BTCUSDT&timestamp=1645423376532";
    EXPECT_EQ(
        signing.amend(5, listing, kSigningOrder, "8886774", intent(TimeInForce::post_only), 1645423376532),
        R"({"id":5,"method":"order.modify","params":{"apiKey":"testkey","orderId":8886774,)"
        R"("price":"52000.1","quantity":"0.01","recvWindow":2000,"side":"SELL","symbol":"BTCUSDT",)"
        R"("timestamp":1645423376532,"signature":")" +
            sign("testsecret", "apiKey=testkey&orderId=8886774" + rest) + R"("}})");
    // Never heard of by the venue's number, and one that is no number.
    for (const char* venue_id : {"", "7\",\"x\":\""}) {
        EXPECT_EQ(
            signing.amend(6, listing, kSigningOrder, venue_id, intent(TimeInForce::post_only), 1645423376532),
            R"({"id":6,"method":"order.modify","params":{"apiKey":"testkey","origClientOrderId":")" + id +
                R"(","price":"52000.1","quantity":"0.01","recvWindow":2000,"side":"SELL",)"
                R"("symbol":"BTCUSDT","timestamp":1645423376532,"signature":")" +
                sign("testsecret", "apiKey=testkey&origClientOrderId=" + id + rest) + R"("}})");
    }
    use(kPem);
    Encoder logged_on(Market::usdm, credentials_);
    OrderIntent buy = intent(TimeInForce::post_only);
    buy.side = Side::buy;
    EXPECT_EQ(logged_on.amend(7, listing, kSigningOrder, "8886774", buy, 9),
              R"({"id":7,"method":"order.modify","params":{"orderId":8886774,"price":"52000.1",)"
              R"("quantity":"0.01","recvWindow":2000,"side":"BUY","symbol":"BTCUSDT","timestamp":9}})");
}

TEST_F(BinanceEncoder, RestRequestsEndInTheirSignature)
{
    use(kPem);
    const Encoder encoder(Market::spot, credentials_);
    const auto request = encoder.signed_request("GET", "/api/v3/order", "symbol=BTCUSDT", 1668481559918);
    ASSERT_TRUE(request);
    const std::string payload = "symbol=BTCUSDT&timestamp=1668481559918";
    EXPECT_EQ(request->url, "https://api.binance.com/api/v3/order?" + payload +
                                "&signature=" + percent_encode(sign(kPem, payload)));
    EXPECT_TRUE(request->is_signed);
    EXPECT_EQ(request->method, "GET");
    ASSERT_EQ(request->headers.size(), 1U);
    EXPECT_EQ(request->headers[0].name, "X-MBX-APIKEY");
    EXPECT_EQ(request->headers[0].value, "testkey");
}

struct CodeRow {
    int status;
    std::int64_t code;
    const char* text;
    Outcome outcome;
    RejectReason reason;
};
constexpr CodeRow kCodeRows[] = {
    {400, -1003, "", Outcome::rate_limited, RejectReason::rate_limited},
    {429, 0, "", Outcome::rate_limited, RejectReason::rate_limited},
    {418, -1003, "", Outcome::banned, RejectReason::rate_limited},
    {403, 0, "", Outcome::banned, RejectReason::rate_limited},
    {400, -1013, "Filter failure: PRICE_FILTER", Outcome::refused, RejectReason::tick},
    {400, -1013, "Filter failure: MARKET_LOT_SIZE", Outcome::refused, RejectReason::lot},
    {400, -1013, "Filter failure: NOTIONAL", Outcome::refused, RejectReason::notional_minimum},
    {400, -1013, "Filter failure: PERCENT_PRICE_BY_SIDE", Outcome::refused, RejectReason::price_limit},
    {400, -1013, "Filter failure: MAX_NUM_ORDERS", Outcome::refused, RejectReason::too_many},
    {400, -1021, "", Outcome::refused, RejectReason::clock},
    {400, -1022, "", Outcome::key_trouble, RejectReason::permission},
    {401, -2014, "", Outcome::key_trouble, RejectReason::permission},
    {401, -2015, "", Outcome::key_trouble, RejectReason::permission},
    {400, -1111, "Parameter 'price' has too much precision.", Outcome::refused, RejectReason::tick},
    {400, -1111, "Parameter 'quantity' has too much precision.", Outcome::refused, RejectReason::lot},
    {400, -2010, "Account has insufficient balance for requested action.", Outcome::refused,
     RejectReason::balance},
    {400, -2010, "Duplicate order sent.", Outcome::refused, RejectReason::duplicate},
    {400, -2010, "Order would immediately match and take.", Outcome::refused, RejectReason::would_take},
    {400, -2010, "Market is closed.", Outcome::refused, RejectReason::no_market},
    {400, -2010, "something new", Outcome::refused, RejectReason::other},
    {400, -2011, "Unknown order sent.", Outcome::refused, RejectReason::other},
    {400, -2019, "", Outcome::refused, RejectReason::balance},
    {400, -4116, "", Outcome::refused, RejectReason::duplicate},
    {400, -4164, "", Outcome::refused, RejectReason::notional_minimum},
    {400, -5021, "", Outcome::refused, RejectReason::unfilled},
    {400, -5022, "", Outcome::refused, RejectReason::would_take},
    {503, -1008, "", Outcome::rate_limited, RejectReason::rate_limited},
    {500, -1007, "", Outcome::unknown, RejectReason::none},
    {400, -1006, "", Outcome::unknown, RejectReason::none},
    {503, -2010, "Duplicate order sent.", Outcome::unknown, RejectReason::none},
    {400, -77777, "", Outcome::unknown, RejectReason::none},
    {400, -1000, "", Outcome::unknown, RejectReason::none},
    {400, -1001, "", Outcome::unknown, RejectReason::none},
    {400, -2012, "Batch cancel failure.", Outcome::unknown, RejectReason::none},
    {409, -2021, "Order cancel-replace partially failed.", Outcome::unknown, RejectReason::none},
    {400, -2021, "Order would immediately trigger.", Outcome::refused, RejectReason::would_take},
    {400, -1003, "Too much request weight used; IP banned until 1700000000000.", Outcome::banned,
     RejectReason::rate_limited},
    {401, 0, "", Outcome::key_trouble, RejectReason::permission},
    {400, -1010, "Account has insufficient balance for requested action.", Outcome::refused,
     RejectReason::balance},
    {400, -1014, "", Outcome::refused, RejectReason::other},
    {400, -1020, "", Outcome::refused, RejectReason::other},
    {400, -1100, "", Outcome::refused, RejectReason::other},
    {400, -1102, "", Outcome::refused, RejectReason::other},
    {400, -1106, "", Outcome::refused, RejectReason::other},
    {400, -1116, "", Outcome::refused, RejectReason::other},
    {400, -1130, "", Outcome::refused, RejectReason::other},
    {400, -1013, "This symbol does not allow the specified self-trade prevention mode.", Outcome::refused,
     RejectReason::other},
    {400, -2010, "This symbol is not permitted for this account.", Outcome::refused,
     RejectReason::permission},
    {400, -2010, "This account may not place or cancel orders.", Outcome::key_trouble,
     RejectReason::permission},
    {400, -2020, "", Outcome::refused, RejectReason::unfilled},
    {400, -2023, "", Outcome::refused, RejectReason::other},
    {400, -2024, "", Outcome::refused, RejectReason::balance},
    {400, -2028, "", Outcome::refused, RejectReason::balance},
    {400, -4001, "", Outcome::refused, RejectReason::price_limit},
    {400, -4002, "", Outcome::refused, RejectReason::price_limit},
    {400, -4004, "", Outcome::refused, RejectReason::lot},
    {400, -4005, "", Outcome::refused, RejectReason::lot},
    {400, -4013, "", Outcome::refused, RejectReason::price_limit},
    {400, -4014, "", Outcome::refused, RejectReason::tick},
    {400, -4016, "", Outcome::refused, RejectReason::price_limit},
    {400, -4024, "", Outcome::refused, RejectReason::price_limit},
    {400, -4061, "", Outcome::refused, RejectReason::other},
    {400, -4118, "", Outcome::refused, RejectReason::balance},
    {400, -4140, "", Outcome::refused, RejectReason::no_market},
    {400, -4141, "", Outcome::refused, RejectReason::no_market},
    {400, -4192, "", Outcome::refused, RejectReason::permission},
    {400, -4400, "", Outcome::refused, RejectReason::permission},
    {400, -4402, "", Outcome::refused, RejectReason::permission},
    {400, -2013, "Order does not exist.", Outcome::refused, RejectReason::other},
    {400, -4196, "", Outcome::refused, RejectReason::other},
    {400, -4198, "", Outcome::refused, RejectReason::other},
    {400, -4199, "", Outcome::refused, RejectReason::no_market},
    {400, -5024, "", Outcome::refused, RejectReason::no_market},
    {400, -5025, "", Outcome::refused, RejectReason::other},
    {400, -5026, "", Outcome::refused, RejectReason::other},
    {400, -5027, "No need to modify the order.", Outcome::refused, RejectReason::other},
    {400, -5028, "", Outcome::refused, RejectReason::clock},
    {400, -5029, "", Outcome::refused, RejectReason::notional_minimum},
    {400, -5030, "", Outcome::unknown, RejectReason::none},
    {400, -5042, "", Outcome::unknown, RejectReason::none},
    {400, -5043, "", Outcome::refused, RejectReason::other},
    {500, -5027, "", Outcome::unknown, RejectReason::none},
    {400, -5041, "", Outcome::refused, RejectReason::unfilled},
    {503, -5028, "", Outcome::unknown, RejectReason::none},
    {400, 239999, "", Outcome::unknown, RejectReason::none},
    {400, 0, "", Outcome::unknown, RejectReason::none},
    {200, 0, "", Outcome::unknown, RejectReason::none},
    {0, 0, "", Outcome::unknown, RejectReason::none},
};

TEST(BinanceErrors, TableOfCodes)
{
    for (const CodeRow& row : kCodeRows) {
        const Verdict verdict = judge(row.status, row.code, row.text);
        EXPECT_STREQ(name(verdict.outcome), name(row.outcome)) << row.status << " " << row.code;
        EXPECT_STREQ(name(verdict.reason), name(row.reason)) << row.status << " " << row.code << row.text;
    }
    for (const ErrorRow& row : error_table()) {
        EXPECT_LE(row.first, row.last);
        EXPECT_LT(row.last, 0);
    }
}

}  // namespace
}  // namespace arb::binance
