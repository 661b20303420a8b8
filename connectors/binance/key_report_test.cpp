// What apiRestrictions says about a key: answers as documented, answers that are not, and refusals.
#include <gtest/gtest.h>

#include "connectors/binance/key_report.hpp"

namespace arb::binance {
namespace {

struct Field {
    std::string name, value;
};
using Fields = std::vector<Field>;

// A key that may read and trade on spot, bound to addresses.
Fields documented()
{
    return {{"ipRestrict", "true"},
            {"createTime", "1698645219000"},
            {"enableReading", "true"},
            {"enableWithdrawals", "false"},
            {"enableInternalTransfer", "false"},
            {"enableMargin", "false"},
            {"enableFutures", "false"},
            {"permitsUniversalTransfer", "false"},
            {"enableVanillaOptions", "false"},
            {"enableFixApiTrade", "false"},
            {"enableFixReadOnly", "false"},
            {"enableSpotAndMarginTrading", "true"},
            {"enablePortfolioMarginTrading", "false"}};
}

Fields with_field(std::string name, std::string value)
{
    Fields fields = documented();
    for (Field& field : fields) {
        if (field.name == name) {
            field.value = value;
            return fields;
        }
    }
    fields.push_back({name, value});
    return fields;
}

Fields without(std::string_view name)
{
    Fields fields = documented();
    std::erase_if(fields, [&](const Field& field) { return field.name == name; });
    return fields;
}

std::string json(const Fields& fields)
{
    std::string text;
    for (const Field& field : fields)
        text += (text.empty() ? "{\"" : ",\"") + field.name + "\":" + field.value;
    return text + "}";
}

KeyRights rights(std::initializer_list<KeyRight> list)
{
    KeyRights result;
    for (const KeyRight right : list) result.add(right);
    return result;
}

class BinanceKeyReport : public ::testing::Test {
  protected:
    KeyReport read(const std::string& body, Market market = Market::spot)
    {
        return read_key_report(market, body, words_);
    }
    KeyReport read(const Fields& fields, Market market = Market::spot) { return read(json(fields), market); }

    std::string words_;
};

TEST_F(BinanceKeyReport, a_documented_answer_is_told)
{
    const KeyReport report = read(documented());
    EXPECT_EQ(report.answer, KeyAnswer::told);
    EXPECT_EQ(report.rights, rights({KeyRight::read, KeyRight::trade}));
    EXPECT_EQ(report.foreign, "");
    EXPECT_EQ(report.missing, "");
    EXPECT_EQ(report.addresses, KeyTold::some);
    EXPECT_EQ(report.address_list, "");
    EXPECT_EQ(report.expiry, KeyTold::none);
    EXPECT_EQ(report.created, Timestamp{1'698'645'219'000'000'000});
}

TEST_F(BinanceKeyReport, each_flag_gives_its_right)
{
    struct Row {
        const char* flag;
        KeyRight right;
    };
    const Row rows[] = {{"enableWithdrawals", KeyRight::withdraw},
                        {"enableInternalTransfer", KeyRight::transfer},
                        {"permitsUniversalTransfer", KeyRight::transfer},
                        {"enableFutures", KeyRight::trade},
                        {"enableMargin", KeyRight::other},
                        {"enableVanillaOptions", KeyRight::other},
                        {"enableFixApiTrade", KeyRight::other},
                        {"enableFixReadOnly", KeyRight::other},
                        {"enablePortfolioMarginTrading", KeyRight::other},
                        {"enableMoonTrading", KeyRight::other}};
    for (const Row& row : rows) {
        const KeyReport report = read(with_field(row.flag, "true"));
        EXPECT_EQ(report.answer, KeyAnswer::told) << row.flag;
        EXPECT_EQ(report.rights, rights({KeyRight::read, KeyRight::trade, row.right})) << row.flag;
        EXPECT_EQ(report.foreign, row.right == KeyRight::other ? row.flag : "");
    }
    EXPECT_EQ(read(with_field("enableReading", "false")).rights, rights({KeyRight::trade}));
    EXPECT_EQ(read(with_field("enableSpotAndMarginTrading", "false")).rights, rights({KeyRight::read}));
    EXPECT_EQ(read(with_field("enableMoonTrading", "false")).foreign, "");
    EXPECT_EQ(read(with_field("ipRestrict", "false")).addresses, KeyTold::none);
}

TEST_F(BinanceKeyReport, rights_of_others_are_all_named)
{
    Fields fields = with_field("enableMargin", "true");
    fields.push_back({"enableMoonTrading", "true"});
    fields.push_back({"enableStars", "1"});
    fields.push_back({"permissions", R"(["WITHDRAW"])"});
    fields.push_back({"enableSuns", "false"});
    EXPECT_EQ(read(fields).foreign, "enableMargin,enableMoonTrading,enableStars,permissions");
}

TEST_F(BinanceKeyReport, the_right_to_trade_elsewhere_is_not_enough)
{
    Fields futures = with_field("enableSpotAndMarginTrading", "false");
    for (Field& field : futures) {
        if (field.name == "enableFutures") field.value = "true";
    }
    EXPECT_EQ(read(futures, Market::spot).missing, "enableSpotAndMarginTrading");
    EXPECT_TRUE(read(futures, Market::spot).rights.has(KeyRight::trade));
    EXPECT_EQ(read(futures, Market::usdm).missing, "");
    EXPECT_EQ(read(documented(), Market::usdm).missing, "enableFutures");
    EXPECT_EQ(read(with_field("enableFutures", "true"), Market::usdm).missing, "");
    EXPECT_EQ(read(with_field("enableSpotAndMarginTrading", "false"), Market::usdm).missing, "");
}

TEST_F(BinanceKeyReport, an_expiry_is_told_where_it_is)
{
    const KeyReport report = read(with_field("tradingAuthorityExpirationTime", "1900000000000"));
    EXPECT_EQ(report.expiry, KeyTold::some);
    EXPECT_EQ(report.expires, Timestamp{1'900'000'000'000'000'000});
    EXPECT_EQ(report.foreign, "");
    for (const char* value :
         {"0", "-1", "\"1900000000000\"", "null", "true", "9223372036854775807", "1.9e12"})
        EXPECT_EQ(read(with_field("tradingAuthorityExpirationTime", value)).answer, KeyAnswer::unreadable)
            << value;
}

TEST_F(BinanceKeyReport, a_field_that_is_not_there_is_no_false)
{
    for (const Field& field : documented()) {
        const KeyReport report = read(without(field.name));
        if (field.name == "createTime") {
            EXPECT_EQ(report.answer, KeyAnswer::told);
            EXPECT_FALSE(report.created.known());
            continue;
        }
        EXPECT_EQ(report.answer, KeyAnswer::unreadable) << field.name;
        EXPECT_EQ(report.text, field.name + " is missing");
        EXPECT_EQ(report.rights, KeyRights{}) << field.name;
    }
}

TEST_F(BinanceKeyReport, a_flag_that_is_no_flag_is_unreadable)
{
    for (const Field& field : documented()) {
        if (field.name == "createTime") continue;
        for (const char* value : {"\"false\"", "0", "1", "null", "[]", "{}", "[false]"}) {
            const KeyReport report = read(with_field(field.name, value));
            EXPECT_EQ(report.answer, KeyAnswer::unreadable) << field.name << " " << value;
            EXPECT_EQ(report.text, field.name + " is neither true nor false");
        }
    }
    for (const char* value : {"\"1698645219000\"", "-1", "null", "9223372036854775807", "1e99", "{}"})
        EXPECT_EQ(read(with_field("createTime", value)).text, "createTime is no time") << value;
}

TEST_F(BinanceKeyReport, a_field_that_stands_there_twice_is_unreadable)
{
    for (const Field& field : documented()) {
        Fields fields = documented();
        fields.push_back({field.name, field.name == "createTime" ? "1" : "false"});
        EXPECT_EQ(read(fields).text, field.name + " stands there twice");
    }
    Fields fields = with_field("enableMoonTrading", "true");
    fields.push_back({"enableMoonTrading", "false"});
    EXPECT_EQ(read(fields).answer, KeyAnswer::unreadable);
}

TEST_F(BinanceKeyReport, what_is_no_such_answer_is_unreadable)
{
    const std::string good = json(documented());
    const std::string bodies[] = {
        "",
        " ",
        "null",
        "true",
        "[]",
        "{}",
        "\"enableReading\"",
        "[" + good + "]",
        "{\"data\":" + good + "}",
        good + good,
        good.substr(0, good.size() - 1),
        "<html>404</html>",
        json(with_field("enable,Reading", "true")),
        json(with_field("", "true")),
        json(with_field(std::string(65, 'x'), "false")),
        json(with_field("enable\\u0000Moon", "true")),
        json(with_field("\xff\xfe", "true")),
        json(with_field("note", "\"" + std::string(20'000, 'x') + "\"")),
        std::string(100'000, '['),
        std::string(100'000, 'x'),
    };
    for (const std::string& body : bodies) {
        const KeyReport report = read(body);
        EXPECT_EQ(report.answer, KeyAnswer::unreadable) << body.substr(0, 80);
        EXPECT_FALSE(report.text.empty()) << body.substr(0, 80);
        EXPECT_EQ(report.rights, KeyRights{});
    }
    Fields many = documented();
    for (int i = 0; i < 60; ++i) many.push_back({"enable" + std::to_string(i), "false"});
    EXPECT_EQ(read(many).text, "the answer has too many fields");
}

TEST_F(BinanceKeyReport, every_cut_answer_is_unreadable)
{
    const std::string good = json(documented());
    for (std::size_t length = 0; length < good.size(); ++length)
        ASSERT_EQ(read(good.substr(0, length)).answer, KeyAnswer::unreadable) << length;
}

struct RefusalRow {
    int status;
    const char* body;
    KeyAnswer answer;
    const char* text;
};

TEST_F(BinanceKeyReport, other_answers_are_told_apart)
{
    const RefusalRow rows[] = {
        {0, "", KeyAnswer::none, "no answer came"},
        {400, R"({"code":-2014,"msg":"API-key format invalid."})", KeyAnswer::refused,
         "HTTP 400: API-key format invalid."},
        {401, R"({"code":-2015,"msg":"Invalid API-key, IP, or permissions for action."})", KeyAnswer::refused,
         "HTTP 401: Invalid API-key, IP, or permissions for action."},
        {400, R"({"code":-1022,"msg":"Signature for this request is not valid."})", KeyAnswer::refused,
         "HTTP 400: Signature for this request is not valid."},
        {400, R"({"code":-1002,"msg":"no"})", KeyAnswer::refused, "HTTP 400: no"},
        {401, "", KeyAnswer::refused, "HTTP 401"},
        {400, R"({"code":-1021,"msg":"Timestamp"})", KeyAnswer::none, "HTTP 400: Timestamp"},
        {404, "<html></html>", KeyAnswer::absent, "HTTP 404"},
        {405, "", KeyAnswer::absent, "HTTP 405"},
        {400, R"({"code":-5000,"msg":"Path x is invalid"})", KeyAnswer::absent,
         "HTTP 400: Path x is invalid"},
        {429, R"({"code":-1003,"msg":"slow"})", KeyAnswer::none, "HTTP 429: slow"},
        {418, "", KeyAnswer::none, "HTTP 418"},
        {403, "", KeyAnswer::none, "HTTP 403"},
        {500, "", KeyAnswer::none, "HTTP 500"},
        {503, R"({"code":-2015,"msg":"x"})", KeyAnswer::none, "HTTP 503: x"},
        {400, R"({"code":-9999,"msg":"news"})", KeyAnswer::unreadable, "HTTP 400: news"},
        {400, R"({"code":"-2015"})", KeyAnswer::unreadable, "HTTP 400"},
        {301, "", KeyAnswer::unreadable, "HTTP 301"},
    };
    for (const RefusalRow& row : rows) {
        simdjson::dom::parser parser;
        simdjson::dom::element element;
        const bool whole = !parser.parse(std::string(row.body)).get(element);
        const KeyReport report =
            key_refusal(row.status, read_refusal(row.status, whole ? &element : nullptr), words_);
        EXPECT_EQ(report.answer, row.answer) << row.status << " " << row.body;
        EXPECT_EQ(report.text, row.text);
        EXPECT_EQ(report.rights, KeyRights{});
    }
}

}  // namespace
}  // namespace arb::binance
