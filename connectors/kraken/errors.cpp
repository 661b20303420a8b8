#include "connectors/kraken/errors.hpp"

#include <algorithm>

namespace arb::kraken {
namespace {

constexpr Verdict refused(RejectReason reason)
{
    return {Outcome::refused, reason};
}
constexpr Verdict kKey{Outcome::key_trouble, RejectReason::permission};
constexpr Verdict kSlower{Outcome::rate_limited, RejectReason::rate_limited};

// EService:Unavailable, Busy, Throttled and timeouts are missing on purpose: what became of the order is not
// said.
constexpr ErrorRow kTable[] = {
    {"EAPI:Invalid key", kKey},
    {"EAPI:Invalid signature", kKey},
    // A nonce that is not above the last one was not looked at; the next one is.
    {"EAPI:Invalid nonce", refused(RejectReason::clock)},
    {"EAPI:Rate limit exceeded", kSlower},
    {"EGeneral:Permission denied", kKey},
    {"EGeneral:Temporary lockout", {Outcome::banned, RejectReason::rate_limited}},
    {"EGeneral:Invalid arguments", refused(RejectReason::other)},
    {"EService:Market in cancel_only mode", refused(RejectReason::no_market)},
    {"EService:Market in post_only mode", refused(RejectReason::no_market)},
    {"EOrder:Insufficient funds", refused(RejectReason::balance)},
    {"EOrder:Order minimum not met", refused(RejectReason::lot)},
    {"EOrder:Cost minimum not met", refused(RejectReason::notional_minimum)},
    {"EOrder:Tick size check failed", refused(RejectReason::tick)},
    {"EOrder:Invalid price", refused(RejectReason::tick)},
    {"EOrder:Post only order", refused(RejectReason::would_take)},
    {"EOrder:Unknown order", refused(RejectReason::other)},
    {"EOrder:Rate limit exceeded", kSlower},
    {"EOrder:Orders limit exceeded", refused(RejectReason::too_many)},
    {"EOrder:Duplicate", refused(RejectReason::duplicate)},
    {"EQuery:Unknown asset pair", refused(RejectReason::no_market)},
    {"ETrade:User Locked", kKey},
};

}  // namespace

std::span<const ErrorRow> error_table()
{
    return kTable;
}

Verdict judge(int status, std::string_view error)
{
    if (status == 429) return kSlower;
    if (status == 403) return {Outcome::banned, RejectReason::rate_limited};
    if (status >= 500 || status == 0) return {};
    if (error.empty()) return status == 200 ? Verdict{Outcome::done, RejectReason::none} : Verdict{};
    const auto row = std::find_if(std::begin(kTable), std::end(kTable),
                                  [&](const ErrorRow& r) { return error.starts_with(r.text); });
    return row == std::end(kTable) ? Verdict{} : row->verdict;
}

RejectReason end_reason(std::string_view reason)
{
    if (reason.find("ost only") != std::string_view::npos) return RejectReason::would_take;
    if (reason.find("elf trade") != std::string_view::npos || reason.find("STP") != std::string_view::npos)
        return RejectReason::self_trade;
    if (reason.find("nsufficient") != std::string_view::npos) return RejectReason::balance;
    if (reason.find("filled in full") != std::string_view::npos) return RejectReason::unfilled;
    return RejectReason::none;
}

}  // namespace arb::kraken
