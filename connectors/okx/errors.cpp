#include "connectors/okx/errors.hpp"

#include <algorithm>

namespace arb::okx {
namespace {

constexpr Verdict refused(RejectReason reason)
{
    return {Outcome::refused, reason};
}
constexpr Verdict kKey{Outcome::key_trouble, RejectReason::permission};
constexpr Verdict kClock{Outcome::key_trouble, RejectReason::clock};
constexpr Verdict kSlower{Outcome::rate_limited, RejectReason::rate_limited};

// 50001, 50004, 50013, 50026 (busy, timeout) and 51149 are missing on purpose: what became of the order is
// not said.
constexpr ErrorRow kTable[] = {
    {"0", {Outcome::done, RejectReason::none}},
    {"50011", kSlower},
    {"50014", refused(RejectReason::other)},
    {"50040", kSlower},
    {"50061", kSlower},
    {"50102", kClock},
    {"50105", kKey},
    {"50110", kKey},
    {"50111", kKey},
    {"50112", kClock},
    {"50113", kKey},
    {"50114", kKey},
    {"50119", kKey},
    {"50120", kKey},
    {"51000", refused(RejectReason::other)},
    {"51001", refused(RejectReason::no_market)},
    {"51006", refused(RejectReason::price_limit)},
    {"51008", refused(RejectReason::balance)},
    {"51010", refused(RejectReason::other)},
    {"51016", refused(RejectReason::duplicate)},
    {"51020", refused(RejectReason::lot)},
    {"51028", refused(RejectReason::no_market)},
    {"51121", refused(RejectReason::lot)},
    {"51131", refused(RejectReason::balance)},
    {"51137", refused(RejectReason::price_limit)},
    {"51138", refused(RejectReason::price_limit)},
    {"51400", refused(RejectReason::other)},
    {"51401", refused(RejectReason::other)},
    {"51402", refused(RejectReason::other)},
    {"51410", refused(RejectReason::other)},
    {"51503", refused(RejectReason::other)},
    {"51603", refused(RejectReason::other)},
    {"60004", kClock},
    {"60005", kKey},
    {"60006", kClock},
    {"60007", kKey},
    {"60009", kKey},
    {"60011", refused(RejectReason::permission)},  // not logged on: the session's fault, not the key's
    {"60013", refused(RejectReason::other)},
    {"60014", kSlower},
    {"60024", kKey},
};

}  // namespace

std::span<const ErrorRow> error_table()
{
    return kTable;
}

Verdict judge(int status, std::string_view code)
{
    const auto row =
        std::find_if(std::begin(kTable), std::end(kTable), [&](const ErrorRow& r) { return r.code == code; });
    if (row != std::end(kTable) && status < 500) {
        // Success in words of a reply that is none.
        if (row->verdict.outcome != Outcome::done || status < 300) return row->verdict;
    }
    if (status == 429) return kSlower;
    if (status == 403) return {Outcome::banned, RejectReason::rate_limited};
    if (status == 401) return kKey;
    return {};
}

RejectReason end_reason(std::string_view source)
{
    // 31: a post-only order that would have taken; 13, 14: IOC and FOK that found nothing to take; 1: by us.
    if (source == "31") return RejectReason::would_take;
    if (source == "14") return RejectReason::unfilled;
    if (source == "32" || source == "33") return RejectReason::self_trade;
    return RejectReason::none;
}

}  // namespace arb::okx
