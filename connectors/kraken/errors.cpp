#include "connectors/kraken/errors.hpp"

#include <algorithm>

namespace arb::kraken {
namespace {

constexpr Verdict kKey{Outcome::key_trouble, RejectReason::permission};
constexpr Verdict kSlower{Outcome::rate_limited, RejectReason::rate_limited};

constexpr Duration kLockout = seconds(300);  // some minutes, up to fifteen; asking meanwhile makes it longer

// EService:Unavailable, Busy and Timeout and every "Internal error" are missing on purpose: what became of
// the order is not said. So is "EOrder:Reduce only:Position is closed": a part may have matched.
constexpr ErrorRow kTable[] = {
    {"EAPI:Invalid key", kKey},
    {"EAPI:Invalid signature", kKey},
    // A nonce that is not above the last one was not looked at; the next one is.
    {"EAPI:Invalid nonce", refused(RejectReason::clock)},
    {"EAPI:Rate limit exceeded", kSlower},
    {"EService:Throttled", kSlower},
    {"EGeneral:Too many requests", kSlower},
    {"EAuth:Rate limit exceeded", kSlower},
    {"EAuth:Too many requests", kSlower},
    {"EAuth:Account temporary disabled", kKey},
    {"EAuth:Account unconfirmed", kKey},
    {"EGeneral:Permission denied", kKey},
    {"EGeneral:Temporary lockout", {Outcome::banned, RejectReason::rate_limited}},
    {"EGeneral:Invalid arguments", refused(RejectReason::other)},
    {"EGeneral:Unknown method", refused(RejectReason::other)},
    // Refused before it was read; the one text without a class in front.
    {"Unsupported field", refused(RejectReason::other)},
    // The token is dead; the order was not looked at.
    {"ESession:Invalid session", refused(RejectReason::other)},
    // Of the product, where the client lives: not of the key.
    {"EAccount:Invalid permissions", refused(RejectReason::permission)},
    {"EBM:limit exceeded:CAL", refused(RejectReason::other)},
    {"EService:Market in cancel_only mode", refused(RejectReason::no_market)},
    {"EService:Market in post_only mode", refused(RejectReason::no_market)},
    {"EService:Market in limit_only mode", refused(RejectReason::no_market)},
    // It came too late to be matched: it surely was not.
    {"EService:Deadline elapsed", refused(RejectReason::other)},
    {"EOrder:Insufficient funds", refused(RejectReason::balance)},
    {"EOrder:Insufficient margin", refused(RejectReason::balance)},
    {"EOrder:Margin allowance exceeded", refused(RejectReason::balance)},
    {"EOrder:Margin level too low", refused(RejectReason::balance)},
    {"EOrder:Margin position size exceeded", refused(RejectReason::balance)},
    {"EOrder:Cannot open position", refused(RejectReason::other)},
    {"EOrder:Cannot open opposing position", refused(RejectReason::other)},
    {"EOrder:Trading agreement required", refused(RejectReason::permission)},
    {"EOrder:Order minimum not met", refused(RejectReason::lot)},
    {"EOrder:Cost minimum not met", refused(RejectReason::notional_minimum)},
    {"EOrder:Tick size check failed", refused(RejectReason::tick)},
    {"EOrder:Invalid price", refused(RejectReason::tick)},
    {"EOrder:Invalid order", refused(RejectReason::other)},
    {"EOrder:Post only order", refused(RejectReason::would_take)},
    {"EOrder:Reduce only:No position exists", refused(RejectReason::other)},
    {"EOrder:Reduce only:Non-PC", refused(RejectReason::other)},
    {"EOrder:Unknown position", refused(RejectReason::other)},
    {"EOrder:Unknown order", refused(RejectReason::other)},
    {"EOrder:Rate limit exceeded", kSlower},
    {"EOrder:Domain rate limit exceeded", kSlower},
    {"EOrder:Orders limit exceeded", refused(RejectReason::too_many)},
    {"EOrder:Positions limit exceeded", refused(RejectReason::too_many)},
    {"EOrder:Scheduled orders limit exceeded", refused(RejectReason::too_many)},
    {"EOrder:Duplicate", refused(RejectReason::duplicate)},
    {"EQuery:Unknown asset pair", refused(RejectReason::no_market)},
    {"EQuery:Invalid asset pair", refused(RejectReason::no_market)},
    {"EQuery:Unknown asset", refused(RejectReason::no_market)},
    {"ETrade:Invalid request", refused(RejectReason::other)},
    {"ETrade:User Locked", kKey},
    {"EFunding:", refused(RejectReason::other)},
};

/// How much of `text` is `start`, blanks behind colons left out; npos: it begins otherwise.
std::size_t matched(std::string_view text, std::string_view start)
{
    std::size_t at = 0;
    for (const char c : start) {
        while (at > 0 && at < text.size() && text[at] == ' ' && text[at - 1] == ':') ++at;
        if (at >= text.size() || text[at] != c) return std::string_view::npos;
        ++at;
    }
    return at;
}

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
                                  [&](const ErrorRow& r) { return matched(error, r.text) != error.npos; });
    return row == std::end(kTable) ? Verdict{} : row->verdict;
}

Duration told_pause(std::string_view error, Timestamp now)
{
    if (matched(error, "EGeneral:Temporary lockout") != error.npos) return kLockout;
    const std::size_t end = matched(error, "EService:Throttled:");
    if (end == error.npos) return {};
    error.remove_prefix(std::min(error.find_first_not_of(' ', end), error.size()));
    const ScaledNumber until = parse_scaled(error, 0);
    const std::int64_t now_s = now.ns / seconds(1).ns;
    if (until.error != DecimalError::none || until.value <= now_s) return {};
    return seconds(static_cast<int>(std::min<std::int64_t>(until.value - now_s, 3'600)));
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
