#include "connectors/gate/emulated_lists.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "connectors/gate/emulated_parts.hpp"
#include "engine/emulate/pages.hpp"

namespace arb::gate {
namespace {

constexpr std::int64_t kDay = 86'400, kLastSecond = 10'000'000'000;
constexpr std::int64_t kFillsDays = 7, kFillsDaysMost = 30;
constexpr std::size_t kOrdersMost = 100, kFillsMost = 1000, kFillsPage = 100;

}  // namespace

VenueAnswer EmulatedLists::order(const EmulatedCall& call) const
{
    VenueAnswer answer;
    const Listing* const listing = dialect_.market_of(call, answer);
    if (dialect_.spot() && listing == nullptr) return answer;
    const EmulatedOrder* const order = parts_.notes.find(call, call.get("order_id"), listing, false);
    return order == nullptr ? parts_.notes.gone(order) : say_done(parts_.notes.order_json(*order, call.form));
}

VenueAnswer EmulatedLists::orders(const EmulatedCall& call) const
{
    VenueAnswer answer;
    const Listing* const listing = dialect_.market_of(call, answer);
    if (listing == nullptr && (dialect_.spot() || answer.label != "MISSING_REQUIRED_PARAM")) return answer;
    const std::string_view status = call.get("status");
    if (status != "open" && status != "finished") return say_refused("INVALID_PARAM_VALUE", "Invalid status");
    return list_orders(call, listing, status);
}

VenueAnswer EmulatedLists::orders_of_span(const EmulatedCall& call) const
{
    VenueAnswer answer;
    const Listing* const listing = dialect_.market_of(call, answer);
    if (listing == nullptr && answer.label != "MISSING_REQUIRED_PARAM") return answer;
    return list_orders(call, listing, {});
}

// Newest first; a page at a time (spot), or from an offset on (contracts).
std::size_t EmulatedLists::skipped_entries(const EmulatedCall& call, std::size_t page) const
{
    if (dialect_.spot()) return (count_of(call.get("page"), 1, 1000) - 1) * page;
    return count_of(call.get("offset"), 0, 100'000);
}

VenueAnswer EmulatedLists::list_orders(const EmulatedCall& call, const Listing* listing,
                                       std::string_view status) const
{
    const std::string_view side = call.get("side");
    const std::size_t most = count_of(call.get("limit"), kOrdersMost, kOrdersMost);
    const std::size_t skipped = skipped_entries(call, most);
    const std::int64_t from = whole_of(call.get("from"), 0), to = whole_of(call.get("to"), INT64_MAX);
    const auto orders =
        exchange_.orders(call.account(), listing == nullptr ? kNoListing : listing->id, status == "open");
    const auto is_wanted = [&](const EmulatedOrder& order) {
        const std::int64_t time = seconds_of(order.created);
        const bool open = order.state == EmulatedState::open;
        return (status.empty() || open == (status == "open")) && !parts_.notes.is_hidden(order) &&
               !parts_.notes.is_forgotten(order, false, call.now) &&
               (side.empty() || side == name(order.side)) && time >= from && time <= to;
    };
    return say_list(newest_page(orders, most, is_wanted, skipped).entries,
                    [&](const EmulatedOrder& order) { return parts_.notes.order_json(order, call.form); });
}

// Newest first.
VenueAnswer EmulatedLists::list_fills(const EmulatedCall& call, bool by_span)
{
    VenueAnswer answer;
    const Listing* const listing = dialect_.market_of(call, answer);
    if (listing == nullptr && answer.label != "MISSING_REQUIRED_PARAM") return answer;
    const auto second = [&](const char* key, std::int64_t otherwise) {
        return std::clamp<std::int64_t>(whole_of(call.get(key), otherwise), 0, kLastSecond);
    };
    const std::int64_t to = second("to", seconds_of(call.now));
    const std::int64_t from = second("from", to - kFillsDays * kDay);
    if (from > to || to - from > kFillsDaysMost * kDay)
        return say_refused("INVALID_PARAM_VALUE", "Invalid range of time");
    const std::size_t most = count_of(call.get("limit"), kFillsPage, kFillsMost);
    const std::size_t skipped = skipped_entries(call, most);
    const std::string_view order = call.get(dialect_.spot() ? "order_id" : "order");
    const auto trades = exchange_.trades(call.account(), listing == nullptr ? kNoListing : listing->id, {});
    const auto is_wanted = [&](const EmulatedTrade& trade) {
        const std::int64_t time = seconds_of(trade.time);
        return time >= from && time <= to && (order.empty() || order == order_id_text(trade.order));
    };
    return say_list(newest_page(trades, most, is_wanted, skipped).entries, [&](const EmulatedTrade& trade) {
        return by_span ? parts_.fills.fill_of_span(trade, call.form)
                       : parts_.fills.fill_json(trade, call.form);
    });
}

}  // namespace arb::gate
