#include "connectors/binance/errors.hpp"

#include <utility>

namespace arb::binance {
namespace {

constexpr Verdict refused(RejectReason reason)
{
    return {Outcome::refused, reason};
}
constexpr Verdict kBusy{Outcome::rate_limited, RejectReason::rate_limited};
constexpr Verdict kKey{Outcome::key_trouble, RejectReason::permission};
constexpr Verdict kUnknown{Outcome::unknown, RejectReason::none};

// "Error codes" of the spot and USD-M documents. -1006 and -1007 stand here to say that they were thought
// of: both mean "execution status unknown".
constexpr ErrorRow kErrors[] = {
    {-1002, "", kKey},
    {-1003, "", kBusy},
    {-1006, "", kUnknown},
    {-1007, "", kUnknown},
    {-1008, "", kBusy},
    {-1013, "PRICE_FILTER", refused(RejectReason::tick)},
    {-1013, "PERCENT_PRICE", refused(RejectReason::price_limit)},
    {-1013, "LOT_SIZE", refused(RejectReason::lot)},
    {-1013, "NOTIONAL", refused(RejectReason::notional_minimum)},
    {-1013, "MAX_NUM", refused(RejectReason::too_many)},
    {-1013, "", refused(RejectReason::other)},
    {-1015, "", kBusy},
    {-1021, "", refused(RejectReason::clock)},
    {-1022, "", kKey},
    {-1034, "", kBusy},
    {-1111, "rice", refused(RejectReason::tick)},
    {-1111, "", refused(RejectReason::lot)},
    {-1121, "", refused(RejectReason::no_market)},
    {-2010, "insufficient balance", refused(RejectReason::balance)},
    {-2010, "Duplicate order", refused(RejectReason::duplicate)},
    {-2010, "immediately match", refused(RejectReason::would_take)},
    {-2010, "Market is closed", refused(RejectReason::no_market)},
    {-2010, "", refused(RejectReason::other)},
    {-2011, "", refused(RejectReason::other)},
    {-2013, "", refused(RejectReason::other)},
    {-2014, "", kKey},
    {-2015, "", kKey},
    {-2018, "", refused(RejectReason::balance)},
    {-2019, "", refused(RejectReason::balance)},
    {-2021, "", refused(RejectReason::would_take)},
    {-2022, "", refused(RejectReason::other)},
    {-2025, "", refused(RejectReason::too_many)},
    {-2026, "", refused(RejectReason::other)},
    {-2027, "", refused(RejectReason::other)},
    {-2035, "", refused(RejectReason::other)},
    {-2038, "", refused(RejectReason::other)},
    {-2039, "", refused(RejectReason::other)},
    {-4003, "", refused(RejectReason::lot)},
    {-4014, "", refused(RejectReason::tick)},
    {-4023, "", refused(RejectReason::lot)},
    {-4116, "", refused(RejectReason::duplicate)},
    {-4120, "", refused(RejectReason::other)},
    {-4131, "", refused(RejectReason::price_limit)},
    {-4164, "", refused(RejectReason::notional_minimum)},
    {-5021, "", refused(RejectReason::unfilled)},
    {-5022, "", refused(RejectReason::would_take)},
    {-5027, "", refused(RejectReason::other)},
};

}  // namespace

std::span<const ErrorRow> error_table()
{
    return kErrors;
}

Verdict judge(int status, std::int64_t code, std::string_view text)
{
    // 418: the address is banned. 403: the web firewall, which turned it away before the venue saw it.
    if (status == 418) return {Outcome::banned, RejectReason::rate_limited};
    if (status == 429) return kBusy;
    if (status == 403 && code == 0) return {Outcome::banned, RejectReason::rate_limited};
    // "5XX: do not treat as a failure"; only the overload code says that nothing was done.
    if (status >= 500 && code != -1008) return kUnknown;
    for (const ErrorRow& row : kErrors) {
        if (row.code == code && text.find(row.text) != std::string_view::npos) return row.verdict;
    }
    return kUnknown;
}

RejectReason end_reason(std::string_view text)
{
    static constexpr std::pair<std::string_view, RejectReason> kReasons[] = {
        {"UNFILLED_FOK", RejectReason::unfilled},
        {"UNFILLED_IOC", RejectReason::none},
        {"PRICE_RANGE", RejectReason::price_limit},
        {"INSUFFICIENT_BALANCE", RejectReason::balance},
        {"INSUFFICIENT_LIQUIDITY", RejectReason::no_market},
        {"EXCHANGE_CANCELED", RejectReason::no_market},
        {"immediately match", RejectReason::would_take},
        {"WOULD_MATCH_IMMEDIATELY", RejectReason::would_take},
        {"insufficient balance", RejectReason::balance},
        {"Duplicate order", RejectReason::duplicate},
    };
    if (text.empty() || text == "NONE") return RejectReason::none;
    for (const auto& [part, reason] : kReasons) {
        if (text.find(part) != std::string_view::npos) return reason;
    }
    return RejectReason::other;
}

}  // namespace arb::binance
