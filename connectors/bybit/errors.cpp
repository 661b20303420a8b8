#include "connectors/bybit/errors.hpp"

#include <algorithm>
#include <array>

namespace arb::bybit {
namespace {

constexpr Verdict refused(RejectReason reason)
{
    return {Outcome::refused, reason};
}
constexpr Verdict key(RejectReason reason)
{
    return {Outcome::key_trouble, reason};
}
constexpr Verdict kBusy{Outcome::rate_limited, RejectReason::rate_limited};
constexpr Verdict kBanned{Outcome::banned, RejectReason::rate_limited};

// "Error Codes". 10000 (server timeout), 10016 (internal error or restart), 10019 (restarting) and 20006
// (reqId used twice, so the first one may have been executed) are left out: nobody knows what happened.
constexpr std::array kErrors{
    ErrorRow{10001, refused(RejectReason::other)},  // a parameter
    ErrorRow{10002, key(RejectReason::clock)},
    ErrorRow{10003, key(RejectReason::permission)},
    ErrorRow{10004, key(RejectReason::permission)},
    ErrorRow{10005, key(RejectReason::permission)},
    ErrorRow{10006, kBusy},
    ErrorRow{10010, key(RejectReason::permission)},  // address not bound to the key
    ErrorRow{10024, key(RejectReason::permission)},  // compliance
    ErrorRow{10403, kBusy},                          // 3000 requests a second from one address
    ErrorRow{10404, refused(RejectReason::other)},   // operation or category
    ErrorRow{10429, kBusy},
    ErrorRow{20003, kBusy},  // too frequent in one session
    ErrorRow{33004, key(RejectReason::permission)},
    ErrorRow{110001, refused(RejectReason::other)},  // order does not exist
    ErrorRow{110003, refused(RejectReason::price_limit)},
    ErrorRow{110004, refused(RejectReason::balance)},
    ErrorRow{110007, refused(RejectReason::balance)},
    ErrorRow{110008, refused(RejectReason::other)},  // order finished or cancelled
    ErrorRow{110012, refused(RejectReason::balance)},
    ErrorRow{110017, refused(RejectReason::lot)},  // reduce-only, truncated to zero
    ErrorRow{110020, refused(RejectReason::too_many)},
    ErrorRow{110045, refused(RejectReason::balance)},
    ErrorRow{110072, refused(RejectReason::duplicate)},
    ErrorRow{110074, refused(RejectReason::no_market)},
    ErrorRow{110079, refused(RejectReason::other)},  // being processed
    ErrorRow{110094, refused(RejectReason::notional_minimum)},
    ErrorRow{170121, refused(RejectReason::no_market)},  // symbol
    ErrorRow{170131, refused(RejectReason::balance)},
    ErrorRow{170132, refused(RejectReason::price_limit)},
    ErrorRow{170133, refused(RejectReason::price_limit)},
    ErrorRow{170134, refused(RejectReason::tick)},
    ErrorRow{170136, refused(RejectReason::lot)},
    ErrorRow{170137, refused(RejectReason::lot)},
    ErrorRow{170139, refused(RejectReason::other)},  // filled
    ErrorRow{170140, refused(RejectReason::notional_minimum)},
    ErrorRow{170141, refused(RejectReason::duplicate)},
    ErrorRow{170142, refused(RejectReason::other)},  // cancelled
    ErrorRow{170143, refused(RejectReason::other)},  // not found
    ErrorRow{170193, refused(RejectReason::price_limit)},
    ErrorRow{170194, refused(RejectReason::price_limit)},
    ErrorRow{170213, refused(RejectReason::other)},  // order does not exist
    ErrorRow{170218, refused(RejectReason::would_take)},
};

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
    WordRow{"CancelBySmp", RejectReason::self_trade},
    WordRow{"EC_DuplicatedClOrdID", RejectReason::duplicate},
    WordRow{"EC_LimitOrderInvalidPrice", RejectReason::price_limit},
    WordRow{"EC_ReachRiskPriceLimit", RejectReason::price_limit},
    WordRow{"EC_InvalidPriceScale", RejectReason::tick},
    WordRow{"EC_InvalidSymbolStatus", RejectReason::no_market},
    WordRow{"EC_QtyCannotBeZero", RejectReason::lot},
};

}  // namespace

std::span<const ErrorRow> error_table()
{
    return kErrors;
}

Verdict verdict_of(std::int64_t ret_code)
{
    if (ret_code == 0) return kDone;
    const auto row =
        std::lower_bound(kErrors.begin(), kErrors.end(), ret_code,
                         [](const ErrorRow& entry, std::int64_t code) { return entry.code < code; });
    return row != kErrors.end() && row->code == ret_code ? row->verdict : Verdict{};
}

Verdict order_socket_verdict(std::int64_t ret_code)
{
    // On an order request 10003 says that one user has too many sessions; after a log-on it cannot be the
    // key.
    return ret_code == 10003 ? kBusy : verdict_of(ret_code);
}

Verdict verdict_of_status(int status, bool sent)
{
    if (status == 0) return sent ? Verdict{} : refused(RejectReason::other);
    if (status == 403)
        return kBanned;  // "access too frequent": ten minutes; also addresses in barred countries
    if (status == 429) return kBusy;
    if (status == 401) return key(RejectReason::permission);
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
