#include "connectors/binance/account_tools.hpp"

namespace arb::binance {

Refusal read_refusal(int status, const simdjson::dom::element* element)
{
    Refusal refusal;
    simdjson::dom::object object;
    if (element == nullptr || element->get_object().get(object)) {
        refusal.verdict = judge(status, 0, {});
        return refusal;
    }
    // Left at their defaults where the venue tells none.
    [[maybe_unused]] const auto no_code = object["code"].get_int64().get(refusal.code);
    [[maybe_unused]] const auto no_text = object["msg"].get_string().get(refusal.text);
    simdjson::dom::object data;
    std::int64_t at = 0;
    std::int64_t until = 0;
    if (!object["data"].get_object().get(data) && !data["serverTime"].get_int64().get(at) &&
        !data["retryAfter"].get_int64().get(until)) {
        std::int64_t wait = 0;
        if (!__builtin_sub_overflow(until, at, &wait) && wait > 0 && wait < 7 * 86'400'000LL)
            refusal.retry_after = milliseconds(wait);
    }
    refusal.verdict = judge(status, refusal.code, refusal.text);
    return refusal;
}

}  // namespace arb::binance
