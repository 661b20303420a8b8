#include "connectors/bybit/errors.hpp"

#include <algorithm>
#include <array>

namespace arb::bybit {
namespace {

constexpr Verdict kKey{Outcome::key_trouble, RejectReason::permission};
constexpr Verdict kBusy{Outcome::rate_limited, RejectReason::rate_limited};
constexpr Verdict kBanned{Outcome::banned, RejectReason::rate_limited};

// "Error Codes". What may have happened stands nowhere, so that it is unknown: 10000 and 170007 (timeout),
// 10016, 170001, 170234 and 3400214 (internal error), 170032 (network), 170035 (submitted for processing),
// 170146 and 170149 (creation timed out or failed); of cancelling 170147, 170150, 170191 and 170212, of
// amending 170310, 170311 and 40004.
constexpr std::array kClockCodes{10002};
constexpr std::array kRateCodes{10006, 10403, 10429, 20003, 30035, 170005, 170222};
constexpr std::array kKeyCodes{-2015, 10003, 10004, 10005, 10007,  10008,
                               10010, 10027, 10028, 33004, 100028, 110088};
// The account's region, or a text that its owner has to accept first.
constexpr std::array kConsentCodes{10009, 10024, 110123, 110125, 110132, 170209, 170241, 170348};
constexpr std::array kMarketCodes{10029,  110063, 110066, 110074, 110103,
                                  170121, 170151, 170157, 170159, 170206};
constexpr std::array kBalanceCodes{110004, 110006, 110007, 110012, 110014, 110044, 110045,
                                   110051, 110052, 110053, 170033, 170034, 170131, 170207};
constexpr std::array kPriceCodes{30208,  30209,  110003, 110120, 110121, 170132, 170133,
                                 170192, 170193, 170194, 170195, 170196, 170371, 170372};
constexpr std::array kTickCodes{170134};
constexpr std::array kLotCodes{170136, 170137, 170148};
constexpr std::array kMinimumCodes{110094, 170140};
constexpr std::array kTakingCodes{170218};
constexpr std::array kManyCodes{110009, 110020, 170810};
// A request or client id that was used before: the first one may live.
constexpr std::array kTwiceCodes{10014, 20006, 110030, 110072, 170141};
constexpr std::array kOtherCodes{
    // The request: parameters (the text may say more), path, operation or category.
    10001, 10017, 10404, 110017, 110018, 110019, 110032, 110049, 110050, 170105, 170115, 170116, 170117,
    170130, 170201, 170202,
    // A trade socket that restarts takes nothing new.
    10019,
    // Of an order that is not there, is over, is being worked on or cannot be amended or cancelled.
    110001, 110008, 110010, 110079, 170139, 170142, 170143, 170144, 170145, 170190, 170213, 170312,
    // Too large. No `lot`, which says of a rest that it is too small to be sold.
    170124, 170135, 170197, 170198, 170199, 170200, 170228, 170229, 170341, 170381, 170382,
    // Limits of position, risk, open interest and leverage; reduce-only.
    30228, 110013, 110015, 110016, 110021, 110022, 110023, 110042, 110085, 110086, 110087, 110089, 110090,
    3400139,
    // Liquidation.
    110005, 110011, 110035, 110039, 110040, 110046, 110080, 170226, 182100,
    // No liquidity, cooling-off, post-only alone, phases before and after trading.
    110095, 110096, 110097, 110098, 110099, 110100, 110118, 110119, 110124, 110135, 110136, 110137, 170210,
    170217, 170355,
    // Modes and settings of account and position.
    34040, 110024, 110025, 110026, 110027, 110028, 110029, 110031, 110033, 110034, 110036, 110037, 110038,
    110041, 110043, 110047, 110048, 110073, 110075, 110076, 110077, 110078, 110082, 110083,
    // Take profit, stop loss, market maker protection, amending to less than is filled.
    110054, 110055, 110056, 110057, 110058, 110059, 110060, 110061, 110062, 110064, 110065, 170203, 170204,
    170313,
    // Loans, leveraged tokens, functions that are closed to the account.
    30133, 30134, 30135, 30136, 110067, 110068, 110069, 110070, 110071, 170010, 170011, 170019, 170031,
    170036, 170037, 170215, 170216, 170219, 170220, 170221, 170223, 170224, 170227, 170230, 170709, 182021,
    3200316, 3200317, 3200320, 3200403};

constexpr ErrorClass<int> kClasses[] = {
    {refused(RejectReason::clock), kClockCodes},
    {kBusy, kRateCodes},
    {kKey, kKeyCodes},
    {kKey, kConsentCodes},
    {refused(RejectReason::no_market), kMarketCodes},
    {refused(RejectReason::balance), kBalanceCodes},
    {refused(RejectReason::price_limit), kPriceCodes},
    {refused(RejectReason::tick), kTickCodes},
    {refused(RejectReason::lot), kLotCodes},
    {refused(RejectReason::notional_minimum), kMinimumCodes},
    {refused(RejectReason::would_take), kTakingCodes},
    {refused(RejectReason::too_many), kManyCodes},
    {refused(RejectReason::duplicate), kTwiceCodes},
    {refused(RejectReason::other), kOtherCodes},
};

/// In any case of letters; `words` are small ones.
bool says(std::string_view text, std::string_view words)
{
    const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; };
    return std::search(text.begin(), text.end(), words.begin(), words.end(), same) != text.end();
}

// Contracts say 10001 of every parameter: which one stands in the text alone. "The number of contracts
// exceeds minimum limit allowed", "Qty invalid", "Price invalid".
RejectReason reason_of_parameter(std::string_view text)
{
    if (says(text, "maximum")) return RejectReason::other;
    if (says(text, "minimum limit") || says(text, "qty") || says(text, "quantity")) return RejectReason::lot;
    return says(text, "price") ? RejectReason::tick : RejectReason::other;
}

struct WordRow {
    std::string_view word;
    RejectReason reason;
};
// "Enums Definitions", rejectReason and cancelType.
constexpr std::array kWords{
    WordRow{"EC_PostOnlyWillTakeLiquidity", RejectReason::would_take},
    WordRow{"EC_NoImmediateQtyToFill", RejectReason::unfilled},
    WordRow{"EC_NoEnoughQtyToFill", RejectReason::unfilled},
    WordRow{"EC_CancelForNoFullFill", RejectReason::unfilled},
    WordRow{"EC_BySelfMatch", RejectReason::self_trade},
    WordRow{"EC_StopBySelfMatch", RejectReason::self_trade},
    WordRow{"CancelBySmp", RejectReason::self_trade},
    WordRow{"EC_DuplicatedClOrdID", RejectReason::duplicate},
    WordRow{"EC_LimitOrderInvalidPrice", RejectReason::price_limit},
    WordRow{"EC_ReachRiskPriceLimit", RejectReason::price_limit},
    WordRow{"EC_ReachMarketPriceLimit", RejectReason::price_limit},
    WordRow{"EC_InvalidPriceScale", RejectReason::tick},
    WordRow{"EC_InvalidSymbolStatus", RejectReason::no_market},
    WordRow{"EC_QtyCannotBeZero", RejectReason::lot},
    WordRow{"EC_CancelByOrderValueZero", RejectReason::notional_minimum},
    // The venue took it out by itself.
    WordRow{"CancelByReduceOnly", RejectReason::other},
    WordRow{"CancelByPrepareLiq", RejectReason::other},
    WordRow{"CancelAllBeforeLiq", RejectReason::other},
    WordRow{"CancelByPrepareAdl", RejectReason::other},
    WordRow{"CancelAllBeforeAdl", RejectReason::other},
    WordRow{"CancelByAdmin", RejectReason::other},
    WordRow{"CancelBySettle", RejectReason::no_market},
    WordRow{"CancelByDCP", RejectReason::other},
};

}  // namespace

std::span<const ErrorClass<int>> error_classes()
{
    return kClasses;
}

Verdict verdict_of(std::int64_t ret_code, std::string_view text)
{
    if (ret_code == 0) return kDone;
    if (ret_code == 10001) return refused(reason_of_parameter(text));
    // Too general a number to be believed without its words: "request expired".
    if (ret_code == -1) return says(text, "expired") ? refused(RejectReason::clock) : Verdict{};
    const Verdict* const known = find_verdict(error_classes(), ret_code);
    return known == nullptr ? Verdict{} : *known;
}

Verdict order_socket_verdict(std::int64_t ret_code, std::string_view text)
{
    // On an order request 10003 says that one user has too many sessions; after a log-on it cannot be the
    // key. What the account may not trade, or not before its owner has agreed, is one market, not the key.
    if (ret_code == 10003) return kBusy;
    if (std::find(kConsentCodes.begin(), kConsentCodes.end(), ret_code) != kConsentCodes.end())
        return refused(RejectReason::permission);
    return verdict_of(ret_code, text);
}

bool says_absent(std::int64_t ret_code)
{
    return ret_code == 110001 || ret_code == 170213 || ret_code == 170143;
}

Verdict verdict_of_status(int status, bool sent)
{
    if (status == 0) return sent ? Verdict{} : refused(RejectReason::other);
    if (status == 403)
        return kBanned;  // "access too frequent": ten minutes; also addresses in barred countries
    if (status == 429) return kBusy;
    if (status == 401) return kKey;
    if (status == 400 || status == 404) return refused(RejectReason::other);
    return {};
}

RejectReason reason_of(std::string_view reject_reason, std::string_view cancel_type)
{
    for (const std::string_view word : {reject_reason, cancel_type}) {
        const auto row = std::find_if(kWords.begin(), kWords.end(),
                                      [&](const WordRow& entry) { return entry.word == word; });
        if (row != kWords.end()) return row->reason;
    }
    return RejectReason::none;
}

}  // namespace arb::bybit
