#include "connectors/binance/emulated_orders.hpp"

#include <fmt/format.h>

#include "connectors/binance/emulated_json.hpp"
#include "connectors/binance/emulated_parts.hpp"

namespace arb::binance {
namespace {

constexpr std::size_t kPlacedMost = 5;
constexpr std::size_t kCancelledMost = 10;
constexpr int kCountedShort = 5;  // of the 10 s; 1 of the minute

}  // namespace

// `answer` tells what becomes of one entry; the batch counts as five orders of ten seconds and one of the
// minute.
template <class Each>
Answer EmulatedBatches::each(const Call& call, Each answer)
{
    const auto entries = read_objects(call.get("batchOrders"));
    if (!entries) return missing("batchOrders");
    if (entries->empty() || entries->size() > kPlacedMost)
        return refuse(-4082, "Invalid number of batch place orders.");
    if (Answer refusal = parts_.limits.count_order(call.key->account, call.now, kCountedShort);
        refusal.code != 0)
        return refusal;
    return good_list(*entries, [&](const Params& entry) {
        Call one = call;
        one.params = &entry;
        return answer(one).body;
    });
}

Answer EmulatedBatches::place(const Call& call)
{
    return each(call, [this](const Call& one) {
        OrderEntry entry;
        if (Answer answer = parts_.reader.read_order(one, entry); answer.code != 0) return answer;
        // A single order's default is EXPIRE_MAKER, in a batch it is none.
        if (one.get("selfTradePreventionMode").empty()) entry.order.self_trade = SelfTrade::none;
        return parts_.orders.enter(one, entry);
    });
}

Answer EmulatedBatches::amend(const Call& call)
{
    return each(call, [this](const Call& one) { return parts_.orders.amend_counted(one); });
}

// By numbers or by client ids, one of the two.
Answer EmulatedBatches::cancel(const Call& call)
{
    ListingId listing = kNoListing;
    if (Answer answer = dialect_.find_listing(call, listing, true); answer.code != 0) return answer;
    // Clients write both names in small letters as well.
    const auto told = [&](const char* name, const char* small) {
        return call.get(name).empty() ? call.get(small) : call.get(name);
    };
    const std::string_view numbers = told("orderIdList", "orderidlist");
    const std::string_view names = told("origClientOrderIdList", "origclientorderidlist");
    const bool by_client = numbers.empty();
    const char* const name = by_client ? "origClientOrderIdList" : "orderIdList";
    if (numbers.empty() && names.empty())
        return refuse(
            -1102, "Param 'orderIdList' or 'origClientOrderIdList' must be sent, but both were empty/null!");
    const auto ids = read_list(by_client ? names : numbers);
    if (!ids) return missing(name);
    if (ids->empty() || ids->size() > kCancelledMost)
        return refuse(-1130, fmt::format("Data sent for parameter '{}' is not valid.", name));
    return good_list(*ids, [&](const std::string& id) {
        const Params params = {{"symbol", std::string(call.get("symbol"))},
                               {by_client ? "origClientOrderId" : "orderId", id}};
        Call one = call;
        one.params = &params;
        return parts_.orders.cancel(one).body;
    });
}

}  // namespace arb::binance
