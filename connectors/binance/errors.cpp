#include "connectors/binance/errors.hpp"

#include <utility>

namespace arb::binance {
namespace {

constexpr Verdict kBusy{Outcome::rate_limited, RejectReason::rate_limited};
constexpr Verdict kBanned{Outcome::banned, RejectReason::rate_limited};
constexpr Verdict kKey{Outcome::key_trouble, RejectReason::permission};
constexpr Verdict kUnknown{Outcome::unknown, RejectReason::none};
constexpr Verdict kRefused = refused(RejectReason::other);

constexpr ErrorRow row(std::int32_t code, Verdict verdict)
{
    return {code, code, {}, verdict};
}
constexpr ErrorRow row(std::int32_t code, std::string_view text, Verdict verdict)
{
    return {code, code, text, verdict};
}
constexpr ErrorRow row(std::int32_t first, std::int32_t last, Verdict verdict)
{
    return {first, last, {}, verdict};
}

// "Error codes" of the spot, USD-M and COIN-M documents; where two markets give a number two meanings, both
// are refusals. Codes that say "execution status unknown" stand here to say that they were thought of.
constexpr ErrorRow kErrors[] = {
    row(-1000, kUnknown),
    row(-1001, kUnknown),
    row(-1002, kKey),
    row(-1003, "banned until", kBanned),
    row(-1003, kBusy),
    row(-1005, kKey),
    row(-1006, kUnknown),
    row(-1007, kUnknown),
    row(-1008, kBusy),
    row(-1011, kKey),
    row(-1013, "PRICE_FILTER", refused(RejectReason::tick)),
    row(-1013, "PERCENT_PRICE", refused(RejectReason::price_limit)),
    row(-1013, "LOT_SIZE", refused(RejectReason::lot)),
    row(-1013, "NOTIONAL", refused(RejectReason::notional_minimum)),
    row(-1013, "MAX_NUM", refused(RejectReason::too_many)),
    row(-1013, kRefused),
    row(-1014, kRefused),
    row(-1015, kBusy),
    row(-1016, kRefused),
    row(-1020, kRefused),
    row(-1021, refused(RejectReason::clock)),
    row(-1022, kKey),
    row(-1023, kRefused),
    row(-1034, kBusy),
    row(-1099, kKey),
    row(-1108, -1100, kRefused),
    row(-1109, kKey),
    row(-1110, refused(RejectReason::no_market)),
    row(-1111, "rice", refused(RejectReason::tick)),
    row(-1111, refused(RejectReason::lot)),
    row(-1120, -1112, kRefused),
    row(-1122, -1121, refused(RejectReason::no_market)),
    row(-1128, -1125, kRefused),
    row(-1131, -1130, kRefused),
    row(-1136, -1134, kRefused),
    row(-1139, kRefused),
    row(-1145, kRefused),
    row(-1151, kRefused),
    row(-1168, -1160, kRefused),
    row(-1181, kBusy),
    row(-1194, kRefused),
    row(-1199, -1196, kRefused),
    row(-1229, -1210, kRefused),
    row(-2008, kKey),
    row(-2010, "insufficient balance", refused(RejectReason::balance)),
    row(-2010, "Duplicate order", refused(RejectReason::duplicate)),
    row(-2010, "immediately match", refused(RejectReason::would_take)),
    row(-2010, "Market is closed", refused(RejectReason::no_market)),
    row(-2010, "liquidity", refused(RejectReason::unfilled)),
    // One symbol that this account may not trade leaves the others.
    row(-2010, "This symbol is", refused(RejectReason::permission)),
    row(-2010, "This action is disabled", kKey),
    row(-2010, "This account may not", kKey),
    row(-2010, "trading is not enabled", kKey),
    row(-2010, kRefused),
    row(-2011, kRefused),
    row(-2012, kUnknown),
    row(-2013, kRefused),
    row(-2015, -2014, kKey),
    row(-2016, kRefused),
    row(-2017, kKey),
    row(-2019, -2018, refused(RejectReason::balance)),
    row(-2020, refused(RejectReason::unfilled)),
    // On spot this number tells that half of a cancel-replace was done.
    row(-2021, "immediately trigger", refused(RejectReason::would_take)),
    row(-2021, kUnknown),
    row(-2023, -2022, kRefused),
    row(-2024, refused(RejectReason::balance)),
    row(-2025, refused(RejectReason::too_many)),
    row(-2027, -2026, kRefused),
    row(-2028, refused(RejectReason::balance)),
    row(-2036, -2035, kRefused),
    row(-2039, -2038, kRefused),
    row(-2043, -2042, kRefused),
    row(-4000, kRefused),
    row(-4002, -4001, refused(RejectReason::price_limit)),
    row(-4005, -4003, refused(RejectReason::lot)),
    row(-4012, -4006, kRefused),
    row(-4013, refused(RejectReason::price_limit)),
    row(-4014, refused(RejectReason::tick)),
    row(-4015, kRefused),
    row(-4016, refused(RejectReason::price_limit)),
    row(-4021, -4017, kRefused),
    row(-4022, refused(RejectReason::no_market)),
    row(-4023, refused(RejectReason::lot)),
    row(-4024, refused(RejectReason::price_limit)),
    row(-4031, -4025, kRefused),
    row(-4032, refused(RejectReason::too_many)),
    row(-4044, kRefused),
    row(-4045, refused(RejectReason::too_many)),
    row(-4049, -4046, kRefused),
    row(-4051, -4050, refused(RejectReason::balance)),
    row(-4057, -4052, kRefused),
    row(-4063, -4059, kRefused),
    row(-4068, -4067, kRefused),
    row(-4086, -4082, kRefused),
    row(-4090, -4087, refused(RejectReason::permission)),
    row(-4104, kRefused),
    row(-4115, -4110, kRefused),
    row(-4116, refused(RejectReason::duplicate)),
    row(-4117, kRefused),
    row(-4118, refused(RejectReason::balance)),
    row(-4120, kRefused),
    row(-4131, refused(RejectReason::price_limit)),
    row(-4139, -4135, kRefused),
    row(-4141, -4140, refused(RejectReason::no_market)),
    row(-4142, kRefused),
    row(-4144, refused(RejectReason::no_market)),
    row(-4152, -4150, kRefused),
    row(-4164, refused(RejectReason::notional_minimum)),
    row(-4165, kRefused),
    row(-4172, -4167, kRefused),
    row(-4178, refused(RejectReason::notional_minimum)),
    row(-4184, -4183, refused(RejectReason::price_limit)),
    row(-4188, refused(RejectReason::clock)),
    row(-4189, refused(RejectReason::permission)),
    row(-4192, refused(RejectReason::permission)),
    row(-4198, -4196, kRefused),
    row(-4199, refused(RejectReason::no_market)),
    row(-4209, -4202, refused(RejectReason::permission)),
    row(-4211, -4210, refused(RejectReason::price_limit)),
    row(-4403, -4400, refused(RejectReason::permission)),
    row(-5021, refused(RejectReason::unfilled)),
    row(-5022, refused(RejectReason::would_take)),
    row(-5024, refused(RejectReason::no_market)),
    row(-5027, -5025, kRefused),
    row(-5028, refused(RejectReason::clock)),
    row(-5029, refused(RejectReason::notional_minimum)),
    row(-5040, -5037, kRefused),
    row(-5041, refused(RejectReason::unfilled)),
    // Another amend of this order is on its way.
    row(-5043, kRefused),
};

}  // namespace

std::span<const ErrorRow> error_table()
{
    return kErrors;
}

Verdict judge(int status, std::int64_t code, std::string_view text)
{
    // 418: the address is banned. 403: the web firewall, which turned it away before the venue saw it.
    if (status == 418) return kBanned;
    if (status == 429) return kBusy;
    if (status == 403 && code == 0) return kBanned;
    // "5XX: do not treat as a failure"; only the overload code says that nothing was done.
    if (status >= 500 && code != -1008) return kUnknown;
    // -1010 hands on what the engine said, in the words of -2010.
    if (code == -1010) code = -2010;
    for (const ErrorRow& r : kErrors) {
        if (code >= r.first && code <= r.last && text.find(r.text) != std::string_view::npos)
            return r.verdict;
    }
    return status == 401 ? kKey : kUnknown;
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
        // USD-M tells a digit. What ended an order's rest as asked is no fault: 2 the rest of an IOC, 9 that
        // of a market order. 4 a reduce-only order, 5 liquidation, 6 and 8 triggers: other.
        {"1", RejectReason::self_trade},
        {"2", RejectReason::none},
        {"3", RejectReason::self_trade},
        {"7", RejectReason::no_market},
        {"9", RejectReason::none},
    };
    if (text.empty() || text == "NONE" || text == "0") return RejectReason::none;
    for (const auto& [part, reason] : kReasons) {
        if (part.size() == 1 ? text == part : text.find(part) != std::string_view::npos) return reason;
    }
    return RejectReason::other;
}

}  // namespace arb::binance
