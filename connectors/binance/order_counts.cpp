#include "connectors/binance/order_counts.hpp"

#include <algorithm>

namespace arb::binance {

void OrderCounts::read(const simdjson::dom::object& reply, Timestamp now)
{
    simdjson::dom::array limits;
    if (reply["rateLimits"].get_array().get(limits)) return;
    for (const auto entry : limits) {
        std::string_view type;
        std::string_view interval;
        std::uint64_t number = 0;
        std::uint64_t limit = 0;
        std::uint64_t count = 0;
        if (entry["rateLimitType"].get_string().get(type) || entry["interval"].get_string().get(interval) ||
            entry["intervalNum"].get_uint64().get(number) || entry["limit"].get_uint64().get(limit) ||
            entry["count"].get_uint64().get(count))
            continue;
        if (type == "REQUEST_WEIGHT" && interval == "MINUTE" && number == 1) tools_->pool->told(count, now);
        if (type != "ORDERS" || count < limit || number == 0 || number > 60) continue;
        // A day's count sinks with fills: whether it is full is the venue's word each time.
        if (interval != "SECOND" && interval != "MINUTE") continue;
        const Duration unit = interval == "SECOND" ? seconds(1) : seconds(60);
        const std::int64_t length = unit.ns * static_cast<std::int64_t>(number);
        const Timestamp there = now + tools_->offset;
        const Timestamp end{(there.ns / length + 1) * length - tools_->offset.ns};
        full_until_ = std::max(full_until_, end);
    }
}

}  // namespace arb::binance
