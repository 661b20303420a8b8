#include "connectors/coinbase/errors.hpp"

namespace arb::coinbase {
namespace {

// "Create Order" error_response, "Edit Order" errors, "Cancel Orders" failure_reason, order reject_reason.
// The venue tells the same trouble as INSUFFICIENT_FUND and as PREVIEW_INSUFFICIENT_FUND: rows stand without
// the prefix.
constexpr ErrorRow kTable[] = {
    {"INSUFFICIENT_FUND", refused(RejectReason::balance)},
    {"INSUFFICIENT_FUNDS", refused(RejectReason::balance)},
    {"REJECT_REASON_INSUFFICIENT_FUNDS", refused(RejectReason::balance)},
    {"INSUFFICIENT_LEDGER_BALANCE", refused(RejectReason::balance)},
    {"HOLD_FAILURE", refused(RejectReason::balance)},
    {"INVALID_LIMIT_PRICE_POST_ONLY", refused(RejectReason::would_take)},
    {"INVALID_LIMIT_PRICE_POSTONLY", refused(RejectReason::would_take)},
    {"INVALID_PRICE_PRECISION", refused(RejectReason::tick)},
    {"INVALID_LIMIT_PRICE", refused(RejectReason::price_limit)},
    {"BREACHED_PRICE_LIMIT", refused(RejectReason::price_limit)},
    {"INVALID_PRICE_TOO_LARGE", refused(RejectReason::price_limit)},
    {"INVALID_SIZE_PRECISION", refused(RejectReason::lot)},
    {"INVALID_BASE_SIZE_TOO_SMALL", refused(RejectReason::lot)},
    {"INVALID_BASE_SIZE_TOO_LARGE", refused(RejectReason::lot)},
    {"INVALID_QUOTE_SIZE_TOO_SMALL", refused(RejectReason::notional_minimum)},
    {"INVALID_QUOTE_SIZE_PRECISION", refused(RejectReason::lot)},
    {"INVALID_QUOTE_SIZE_TOO_LARGE", refused(RejectReason::lot)},
    {"ORDER_ENTRY_DISABLED", refused(RejectReason::no_market)},
    {"NOT_ALLOWED_BY_MARKET_STATE", refused(RejectReason::no_market)},
    {"UNTRADABLE_PRODUCT", refused(RejectReason::no_market)},
    {"INVALID_NO_LIQUIDITY", refused(RejectReason::no_market)},
    {"MISSING_PRODUCT_PRICE_BOOK", refused(RejectReason::no_market)},
    {"INVALID_LIMIT_PRICE_PRECISION", refused(RejectReason::tick)},
    {"LIMIT_ORDER_PRICE_EXCEEDS_PRICE_BAND_ON_BUY", refused(RejectReason::price_limit)},
    {"LIMIT_ORDER_PRICE_EXCEEDS_PRICE_BAND_ON_SELL", refused(RejectReason::price_limit)},
    {"LIMIT_PRICE_TOO_FAR_FROM_MARKET", refused(RejectReason::price_limit)},
    {"INVALID_LEDGER_BALANCE", refused(RejectReason::balance)},
    {"NON_NUMERIC_ORDER_SIZE", refused(RejectReason::lot)},
    {"NOTIONAL_SIZE_BREACHES_FRACTIONAL_MINIMUM", refused(RejectReason::notional_minimum)},
    {"TRADING_DISABLED", refused(RejectReason::no_market)},
    {"PRODUCT_TRADING_HALTED", refused(RejectReason::no_market)},
    {"INVALID_UNSUPPORTED_INSTRUMENT", refused(RejectReason::no_market)},
    {"FOK_DISABLED", refused(RejectReason::no_market)},
    {"QUOTE_ORDERS_NOT_ALLOWED_FOR_PRODUCT", refused(RejectReason::no_market)},
    {"MISSING_MARKET_TRADE_DATA", refused(RejectReason::no_market)},
    {"GEOFENCING_RESTRICTION", refused(RejectReason::permission)},
    {"COMPLIANCE_PURCHASE_LIMIT_EXCEEDED", refused(RejectReason::permission)},
    {"CLOSE_ONLY_FAILURE", refused(RejectReason::permission)},
    {"ASSET_BALANCE_INCREASE_REJECT", refused(RejectReason::permission)},
    {"POSITION_SIZE_INCREASE_REJECT", refused(RejectReason::permission)},
    {"INVALID_SETTLEMENT_CURRENCY", refused(RejectReason::permission)},
    {"RISK_PROXY_FAILURE", refused(RejectReason::other)},
    {"BREACHED_RISK_LIMIT", refused(RejectReason::other)},
    {"MAX_DAILY_VOLUME_NOTIONAL_BREACHED", refused(RejectReason::other)},
    {"MISSING_COMMISSION_RATE", refused(RejectReason::other)},
    {"INVALID_COMMISSION_CONFIGURATION", refused(RejectReason::other)},
    {"COMMANDER_REJECTED_NEW_ORDER", refused(RejectReason::other)},
    {"TOO_MANY_OPEN_ORDERS", refused(RejectReason::too_many)},
    {"DUPLICATE_CLIENT_ORDER_ID", refused(RejectReason::duplicate)},
    {"UNSUPPORTED_ORDER_CONFIGURATION", refused(RejectReason::other)},
    {"INVALID_ORDER_CONFIG", refused(RejectReason::other)},
    {"INVALID_ARGUMENT", refused(RejectReason::other)},
    {"INVALID_REQUEST", refused(RejectReason::other)},
    {"INVALID_SIDE", refused(RejectReason::other)},
    {"INVALID_PRODUCT_ID", refused(RejectReason::other)},
    {"INELIGIBLE_PAIR", refused(RejectReason::other)},
    {"invalid_request", refused(RejectReason::other)},
    // One product that this account or key may not trade: says nothing of the others.
    {"account is not available", refused(RejectReason::permission)},
    {"PERMISSION_DENIED", refused(RejectReason::permission)},
    {"UNAUTHENTICATED", refused(RejectReason::permission)},
    {"RATE_LIMIT_EXCEEDED", {Outcome::rate_limited, RejectReason::rate_limited}},
    {"rate_limit_exceeded", {Outcome::rate_limited, RejectReason::rate_limited}},
    // Amending: the order is as it was, or gone.
    {"ORDER_NOT_FOUND", refused(RejectReason::other)},
    {"ONLY_OPEN_ORDERS_CAN_BE_EDITED", refused(RejectReason::other)},
    {"COMMANDER_REJECTED_EDIT_ORDER", refused(RejectReason::other)},
    {"EDIT_REQUEST_EQUAL_TO_ORIGINAL_REQUEST", refused(RejectReason::other)},
    {"ORDER_IS_ALREADY_BEING_REPLACED", refused(RejectReason::other)},
    {"TOO_MANY_PENDING_REPLACES", refused(RejectReason::other)},
    {"REPLACE_NOT_SUPPORTED", refused(RejectReason::other)},
    {"ORDER_IS_PENDING_CANCEL", refused(RejectReason::other)},
    {"CANNOT_EDIT_ORDER_PENDING_CANCEL", refused(RejectReason::other)},
    {"CANNOT_EDIT_TO_BELOW_FILLED_SIZE", refused(RejectReason::other)},
    {"INSUFFICIENT_TIME_TO_EDIT", refused(RejectReason::other)},
    {"EXCEEDED_MAX_ALLOWED_EDIT_REQUEST_COUNT", refused(RejectReason::other)},
    {"INVALID_EDITED_SIZE", refused(RejectReason::lot)},
    {"INVALID_EDITED_PRICE", refused(RejectReason::price_limit)},
    {"INVALID_ORIGINAL_SIZE", refused(RejectReason::other)},
    {"INVALID_ORIGINAL_PRICE", refused(RejectReason::other)},
    {"SIZE_IN_QUOTE_EDITS_NOT_ALLOWED", refused(RejectReason::other)},
    {"ONLY_LIMIT_ORDER_EDITS_SUPPORTED", refused(RejectReason::other)},
    {"ORDER_EDIT_ORDER_TYPE_NOT_SUPPORTED", refused(RejectReason::other)},
    {"STRATEGY_NOT_SUPPORTED", refused(RejectReason::other)},
    {"NOT_STARTED", refused(RejectReason::other)},
    {"CALLER_ID_MISMATCH", refused(RejectReason::permission)},
    {"PORTFOLIO_NOT_ALLOWED_FOR_EDITS", refused(RejectReason::permission)},
    // Cancelling: none of these says anything about the order itself.
    {"UNKNOWN_CANCEL_ORDER", refused(RejectReason::other)},
    {"INVALID_CANCEL_REQUEST", refused(RejectReason::other)},
    {"COMMANDER_REJECTED_CANCEL_ORDER", refused(RejectReason::other)},
    {"DUPLICATE_CANCEL_REQUEST", refused(RejectReason::duplicate)},
    // Asking.
    {"NOT_FOUND", refused(RejectReason::other)},
};

}  // namespace

std::span<const ErrorRow> error_table()
{
    return kTable;
}

Verdict judge_word(std::string_view word)
{
    constexpr std::string_view kPrefix = "PREVIEW_";
    if (word.starts_with(kPrefix)) word.remove_prefix(kPrefix.size());
    for (const ErrorRow& row : kTable) {
        if (row.word == word) return row.verdict;
    }
    return {};
}

Verdict judge_not_created(std::string_view word)
{
    if (word.empty() || word.starts_with("UNKNOWN")) return {};
    const Verdict verdict = judge_word(word);
    return verdict.outcome == Outcome::unknown ? refused(RejectReason::other) : verdict;
}

Verdict judge_status(int status, bool sent)
{
    if (status == 0) return sent ? Verdict{} : refused(RejectReason::other);
    // The token was not taken, so nothing happened; what that says of the key only a row of them tells.
    if (status == 401) return refused(RejectReason::permission);
    if (status == 429) return {Outcome::rate_limited, RejectReason::rate_limited};
    return {};
}

}  // namespace arb::coinbase
