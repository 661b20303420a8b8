#include "connectors/gate/errors.hpp"

#include <algorithm>

namespace arb::gate {
namespace {

using Labels = std::string_view;

constexpr Verdict kDone{Outcome::done, RejectReason::none};
constexpr Verdict kKey{Outcome::key_trouble, RejectReason::permission};
constexpr Verdict kSlower{Outcome::rate_limited, RejectReason::rate_limited};

// Whether the request was executed is not said. Of TOO_BUSY it is unlikely, of CANCEL_FAIL the order tells.
constexpr Labels kUnknown[] = {"INTERNAL",       "SERVER_ERROR", "INTERNAL_SERVER_ERROR",
                               "SERVER_TIMEOUT", "TOO_BUSY",     "CANCEL_FAIL"};
constexpr Labels kTooFast[] = {"TOO_MANY_REQUESTS", "TOO_FAST"};
// Of a signature: our clock is off. Of an order: it came later than x-gate-exptime, and was dropped.
constexpr Labels kExpired[] = {"REQUEST_EXPIRED"};
constexpr Labels kBalance[] = {"BALANCE_NOT_ENOUGH",         "MARGIN_BALANCE_NOT_ENOUGH",
                               "FUTURES_BALANCE_NOT_ENOUGH", "INSUFFICIENT_AVAILABLE",
                               "INITIAL_MARGIN_TOO_LOW",     "AUTO_BORROW_TOO_MUCH"};
constexpr Labels kTooSmall[] = {"AMOUNT_TOO_LITTLE", "QUANTITY_NOT_ENOUGH", "SIZE_TOO_SMALL"};
// Of the price or of the amount: not `lot`, which would call what is left to be sold dust.
constexpr Labels kWrongStep[] = {"INVALID_PRECISION"};
// No `lot`, which says of a rest that it is too small to be sold.
constexpr Labels kTooLarge[] = {"AMOUNT_TOO_MUCH", "SIZE_TOO_LARGE"};
constexpr Labels kPriceLimit[] = {"PRICE_TOO_DEVIATED", "PRICE_OVER_LIQUIDATION", "PRICE_OVER_BANKRUPT"};
constexpr Labels kWouldTake[] = {"POC_FILL_IMMEDIATELY", "ORDER_POC_IMMEDIATE"};
constexpr Labels kUnfilled[] = {"FOK_NOT_FILL", "ORDER_FOK", "ORDER_BOOK_NOT_FOUND", "CONTRACT_NO_COUNTER"};
constexpr Labels kNoMarket[] = {"INVALID_CURRENCY", "INVALID_CURRENCY_PAIR", "CONTRACT_NOT_FOUND",
                                "CONTRACT_IN_DELISTING"};
constexpr Labels kTooMany[] = {"TOO_MANY_ORDERS"};
constexpr Labels kLimits[] = {"TOO_MANY_CURRENCY_PAIRS", "MIXED_ACCOUNT_TYPE", "RISK_LIMIT_EXCEEDED",
                              "LIQUIDATE_IMMEDIATELY",   "INCREASE_POSITION",  "REDUCE_EXCEEDED",
                              "POSITION_IN_LIQUIDATION", "POSITION_IN_CLOSE",  "TRADE_RESTRICTED",
                              "LEVERAGE_TOO_HIGH",       "LEVERAGE_TOO_LOW"};
constexpr Labels kBadRequest[] = {"INVALID_PARAM_VALUE",
                                  "INVALID_PROTOCOL",
                                  "INVALID_ARGUMENT",
                                  "INVALID_REQUEST_BODY",
                                  "MISSING_REQUIRED_PARAM",
                                  "BAD_REQUEST",
                                  "INVALID_CONTENT_TYPE",
                                  "INVALID_CLIENT_ORDER_ID",
                                  "NO_CHANGE",
                                  "METHOD_NOT_ALLOWED",
                                  "NOT_FOUND"};
constexpr Labels kTwice[] = {"REPEATED_CREATION", "ORDER_EXISTS", "DUPLICATE_REQUEST"};
// A key that only reads is none to trade with.
constexpr Labels kBadKey[] = {"INVALID_CREDENTIALS",     "INVALID_KEY",  "INVALID_SIGNATURE",
                              "MISSING_REQUIRED_HEADER", "IP_FORBIDDEN", "READ_ONLY"};
// The key's rights, or the account; the key is as good as before.
constexpr Labels kNotAllowed[] = {"FORBIDDEN", "ACCOUNT_LOCKED", "SUB_ACCOUNT_LOCKED", "USER_NOT_FOUND"};
constexpr Labels kGone[] = {"ORDER_NOT_FOUND", "ORDER_CLOSED", "ORDER_CANCELLED", "ORDER_FINISHED",
                            "CLIENT_ID_NOT_FOUND"};

constexpr ErrorClass<std::string_view> kClasses[] = {
    {{}, kUnknown},
    {kSlower, kTooFast},
    {refused(RejectReason::clock), kExpired},
    {refused(RejectReason::balance), kBalance},
    {refused(RejectReason::lot), kTooSmall},
    {refused(RejectReason::tick), kWrongStep},
    {refused(RejectReason::other), kTooLarge},
    {refused(RejectReason::price_limit), kPriceLimit},
    {refused(RejectReason::would_take), kWouldTake},
    {refused(RejectReason::unfilled), kUnfilled},
    {refused(RejectReason::no_market), kNoMarket},
    {refused(RejectReason::too_many), kTooMany},
    {refused(RejectReason::other), kLimits},
    {refused(RejectReason::other), kBadRequest},
    {refused(RejectReason::duplicate), kTwice},
    {kKey, kBadKey},
    {refused(RejectReason::permission), kNotAllowed},
    {refused(RejectReason::other), kGone},
};

bool is_label_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || c == '_';
}

// "unknown" is the venue's own word for an end that it does not explain, as is "-".
constexpr EndWord kEnds[] = {
    {"filled", RejectReason::none, true},
    {"cancelled", RejectReason::none},
    {"ioc", RejectReason::unfilled},
    {"poc", RejectReason::would_take},
    {"fok", RejectReason::unfilled},
    {"stp", RejectReason::self_trade},
    {"small", RejectReason::lot},
    {"depth_not_enough", RejectReason::unfilled},
    {"trader_not_enough", RejectReason::unfilled},
    {"liquidate_cancelled", RejectReason::other},
    {"price_protect_cancelled", RejectReason::price_limit},
    // Of contracts.
    {"liquidated", RejectReason::other},
    {"auto_deleveraged", RejectReason::other},
    {"reduce_only", RejectReason::other},
    {"position_closed", RejectReason::other},
    {"reduce_out", RejectReason::other},
    {"-", RejectReason::other},
    {"unknown", RejectReason::other},
};

}  // namespace

std::span<const ErrorClass<std::string_view>> error_classes()
{
    return kClasses;
}

Verdict judge(int status, std::string_view label)
{
    if (status >= 500) return {};
    if (label.empty() && status >= 200 && status < 300) return kDone;
    if (const Verdict* const known = find_verdict(error_classes(), label)) return *known;
    if (status == 429) return kSlower;
    return status == 401 || status == 403 ? kKey : Verdict{};
}

// 1: a bad body; 2: a bad argument; 3: a fault of the server; 4: not authenticated.
Verdict judge_subscription(std::int64_t code, std::string_view message)
{
    while (!message.empty()) {
        const auto begin = std::find_if(message.begin(), message.end(), is_label_letter);
        const auto end = std::find_if_not(begin, message.end(), is_label_letter);
        if (const Verdict* const known = find_verdict(error_classes(), std::string_view(begin, end)))
            return *known;
        message = {end, message.end()};
    }
    if (code == 1 || code == 2) return refused(RejectReason::other);
    return code == 4 ? kKey : Verdict{};
}

bool says_no_order(std::string_view label)
{
    return std::find(std::begin(kGone), std::end(kGone), label) != std::end(kGone);
}

const EndWord* find_end(std::string_view finish_as)
{
    const auto row = std::find_if(std::begin(kEnds), std::end(kEnds),
                                  [&](const EndWord& r) { return r.word == finish_as; });
    return row == std::end(kEnds) ? nullptr : &*row;
}

}  // namespace arb::gate
