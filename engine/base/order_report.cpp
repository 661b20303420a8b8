#include "engine/base/order_report.hpp"

#include <iterator>

namespace arb {

const char* name(OrderStatus status)
{
    constexpr const char* kNames[] = {"pending", "working", "filled", "cancelled", "rejected", "absent"};
    return kNames[static_cast<std::size_t>(status)];
}

const char* name(ReportSource source)
{
    constexpr const char* kNames[] = {"reply", "stream", "query"};
    return kNames[static_cast<std::size_t>(source)];
}

const char* name(RequestKind kind)
{
    constexpr const char* kNames[] = {"session",     "place",    "cancel",   "cancel_all", "query_order",
                                      "open_orders", "fills",    "balances", "fees",       "dead_man",
                                      "time",        "key_info", "amend"};
    static_assert(std::size(kNames) == static_cast<std::size_t>(RequestKind::count_));
    return kNames[static_cast<std::size_t>(kind)];
}

const char* name(Outcome outcome)
{
    constexpr const char* kNames[] = {"done", "refused", "unknown", "rate_limited", "banned", "key_trouble"};
    static_assert(std::size(kNames) == static_cast<std::size_t>(Outcome::count_));
    return kNames[static_cast<std::size_t>(outcome)];
}

const char* name(Channel channel)
{
    return channel == Channel::order_entry ? "order_entry" : "private_stream";
}

}  // namespace arb
