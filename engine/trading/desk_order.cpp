#include "engine/trading/desk_order.hpp"

#include <algorithm>

namespace arb {

const char* name(OrderState state)
{
    constexpr const char* kNames[] = {"sent", "pending", "working", "closing", "unknown", "ended"};
    return kNames[static_cast<std::size_t>(state)];
}

void VenueOrderId::set(std::string_view id)
{
    const bool plain = std::all_of(id.begin(), id.end(), [](char c) { return c > ' ' && c < 0x7f; });
    if (id.empty() || id.size() > text.size() || !plain) return;
    std::copy(id.begin(), id.end(), text.begin());
    size = static_cast<std::uint8_t>(id.size());
}

void DeskOrder::ask_by(Timestamp time)
{
    if (!ask_at.known() || time < ask_at) ask_at = time;
}

const char* DeskOrder::contradiction(const OrderReport& report) const
{
    const bool terminal = report.status == OrderStatus::filled || report.status == OrderStatus::cancelled;
    if (report.status == OrderStatus::rejected)
        return counted.zero() ? nullptr : "it is called rejected, and fills of it came";
    if (!report.has_filled) return nullptr;
    if (report.filled > intent.quantity) return "more of it is called filled than was ordered";
    if (report.status == OrderStatus::filled && report.filled < intent.quantity)
        return "it is called filled, and its total is less";
    // A total told on the way may be old news, a final one never.
    if (terminal && report.filled < std::max(total, counted)) return "its total became less";
    if (told && report.filled > total) return "its total grew after the end";
    return nullptr;
}

}  // namespace arb
