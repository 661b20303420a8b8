#include "connectors/bybit/emulated_lists.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "connectors/bybit/emulated_parts.hpp"
#include "engine/emulate/pages.hpp"

namespace arb::bybit {
namespace {

constexpr std::int64_t kWeekMs = std::int64_t{7} * 86'400'000;

}  // namespace

Answer EmulatedLists::realtime(const EmulatedCall& call) const
{
    const Answer wrong = dialect_.check_scope(call);
    if (wrong.code != 0) return wrong;
    return order_list(call, call.get("openOnly") != "1");
}

Answer EmulatedLists::history(const EmulatedCall& call) const
{
    const Answer wrong = dialect_.check_category(call);
    return wrong.code != 0 ? wrong : order_list(call, false);
}

// `orderStatus`, of the closed ones.
bool EmulatedLists::state_wanted(const EmulatedCall& call, const EmulatedOrder& order) const
{
    const std::string_view wish = call.get("orderStatus");
    return wish.empty() || parts_.notes.order_json(order).find(fmt::format(R"("orderStatus":"{}")", wish)) !=
                               std::string::npos;
}

Answer EmulatedLists::order_list(const EmulatedCall& call, bool open) const
{
    const std::size_t most = count_of(call.get("limit"), 20, 50);
    const std::uint64_t below = cursor_id(call.get("cursor"));
    const bool single = call.names_order();
    const EmulatedOrder* only = single ? parts_.notes.find(call) : nullptr;
    // An order that is named is found whatever became of it, unless one sort is asked for.
    const bool any_state = single && open && call.get("openOnly").empty();
    const auto orders = exchange_.orders(call.account(), kNoListing, open && !any_state);
    const auto page = newest_page(orders, most, [&](const EmulatedOrder& o) {
        const bool is_open = o.state == EmulatedState::open;
        return (is_open == open || any_state) && o.id < below && dialect_.wanted(call, o.listing) &&
               (!single || &o == only) && state_wanted(call, o);
    });
    const std::string list =
        json_list(page, [&](const EmulatedOrder& o) { return parts_.notes.order_json(o); });
    // A cursor may be given although nothing more comes.
    const bool more = page.more || (setup_.manners && !page.entries.empty());
    return good(fmt::format(R"({{"category":"{}","list":[{}],"nextPageCursor":"{}"}})", setup_.market, list,
                            more ? fmt::format("{}%3A{}", page.last(), ms_of(call.now)) : std::string()));
}

Answer EmulatedLists::executions(const EmulatedCall& call) const
{
    const Answer wrong = dialect_.check_category(call);
    if (wrong.code != 0) return wrong;
    const auto start = whole_number(call.get("startTime"));
    const auto end = whole_number(call.get("endTime"));
    // Without times the last seven days; a start alone means seven days from there.
    std::int64_t from = start.value_or((end ? *end : ms_of(call.now)) - kWeekMs);
    std::int64_t to = end.value_or(start ? *start + kWeekMs : ms_of(call.now));
    if (to < from || to - from > kWeekMs) return refuse(10001, "params error: time range is over 7 days");
    from = std::clamp<std::int64_t>(from, 0, INT64_MAX / 1'000'000);
    const std::size_t most = count_of(call.get("limit"), 50, 100);
    const std::uint64_t below = cursor_id(call.get("cursor"));
    const bool single = call.names_order();
    const EmulatedOrder* only = single ? parts_.notes.find(call) : nullptr;
    const auto trades = exchange_.trades(call.account(), kNoListing, {from * 1'000'000});
    const auto page = newest_page(trades, most, [&](const EmulatedTrade& t) {
        return t.id < below && ms_of(t.time) <= to && dialect_.wanted(call, t.listing) &&
               (!single || (only != nullptr && only->id == t.order));
    });
    const std::string list = json_list(page, [&](const EmulatedTrade& t) {
        return parts_.notes.trade_json(t, exchange_.find(call.account(), t.order));
    });
    return good(fmt::format(
        R"({{"category":"{}","list":[{}],"nextPageCursor":"{}"}})", setup_.market, list,
        page.more ? fmt::format("{0}%3A{1}%2C{0}", page.last(), ms_of(call.now)) : std::string()));
}

}  // namespace arb::bybit
