#include "connectors/coinbase/emulated_order_notes.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "connectors/coinbase/emulated_call.hpp"
#include "engine/emulate/answer_text.hpp"

namespace arb::coinbase {
namespace {

constexpr Duration kPendingFor = milliseconds(150);
constexpr Duration kQueuedFor = milliseconds(600);
constexpr Duration kEditedFor = milliseconds(150);
constexpr std::size_t kAmendsShown = 5;

std::string_view force_word(TimeInForce tif)
{
    if (tif == TimeInForce::ioc) return "IMMEDIATE_OR_CANCEL";
    return tif == TimeInForce::fok ? "FILL_OR_KILL" : "GOOD_UNTIL_CANCELLED";
}

}  // namespace

const EmulatedOrder* EmulatedOrderNotes::find(AccountId account, std::string_view id) const
{
    const std::uint64_t number = order_number(id);
    return number == 0 || is_hidden(number) ? nullptr : exchange_.find(account, number);
}

// A resting order is PENDING first, some are QUEUED for longer, and one that was amended EDIT_QUEUED; an
// order that takes is over by then.
void EmulatedOrderNotes::settle_in(const EmulatedOrder& order, Timestamp now)
{
    const bool open = order.state == EmulatedState::open;
    const bool amended = note_amend(order, now) && open;
    const bool fresh = open && order.filled.zero() && order.created == order.updated && order.amends == 0;
    if (!fresh) settling_.erase(order.id);
    if (!setup_.manners || settling_.count(order.id) != 0) return;
    const bool queued = order.id % 3 == 0;
    if (amended)
        settling_[order.id] = {order.account, "EDIT_QUEUED", now + kEditedFor};
    else if (fresh)
        settling_[order.id] = {order.account, queued ? "QUEUED" : "PENDING",
                               now + (queued ? kQueuedFor : kPendingFor)};
}

std::vector<const EmulatedOrder*> EmulatedOrderNotes::settled(Timestamp now)
{
    std::vector<const EmulatedOrder*> opened;
    for (auto at = settling_.begin(); at != settling_.end();) {
        const auto& [id, settling] = *at;
        const EmulatedOrder* const order = exchange_.find(settling.account, id);
        const bool over = order == nullptr || order->state != EmulatedState::open;
        if (!over && now < settling.until) {
            ++at;
            continue;
        }
        at = settling_.erase(at);
        if (!over) opened.push_back(order);
    }
    return opened;
}

// True: it is the word that its terms changed.
bool EmulatedOrderNotes::note_amend(const EmulatedOrder& order, Timestamp now)
{
    if (order.amends == 0) return false;
    Amends& amends = amends_[order.id];
    if (amends.count == order.amends) return false;
    amends.count = order.amends;
    amends.latest.push_back({order.price, order.quantity, now});
    if (amends.latest.size() > kAmendsShown) amends.latest.erase(amends.latest.begin());
    return true;
}

// What the history calls the order's configuration: as it was, while an edit is under way.
EmulatedOrder EmulatedOrderNotes::standing(const EmulatedOrder& order) const
{
    EmulatedOrder shown = order;
    const auto found = amends_.find(order.id);
    if (found == amends_.end() || status_word(order) != "EDIT_QUEUED") return shown;
    shown.price = found->second.before.price;
    shown.quantity = found->second.before.quantity;
    return shown;
}

std::string EmulatedOrderNotes::amends_json(const EmulatedOrder& order) const
{
    std::string list;
    std::string under_way = "null";
    const auto found = amends_.find(order.id);
    const bool queued = found != amends_.end() && status_word(order) == "EDIT_QUEUED";
    if (found != amends_.end()) {
        for (const Terms& terms : found->second.latest) {
            const std::string edit = fmt::format(
                R"({{"price":"{}","size":"{}","replace_accept_timestamp":"{}"}})",
                dialect_.price_text(order.listing, terms.price),
                dialect_.quantity_text(order.listing, terms.quantity), format_utc(terms.accepted));
            if (queued && &terms == &found->second.latest.back())
                under_way = edit;
            else
                list += (list.empty() ? "" : ",") + edit;
        }
    }
    return fmt::format(R"("edit_history":[{}],"current_pending_replace":{})", list, under_way);
}

std::string_view EmulatedOrderNotes::status_word(const EmulatedOrder& order) const
{
    if (order.state == EmulatedState::rejected) return "FAILED";
    if (order.state != EmulatedState::open)
        return order.state == EmulatedState::filled ? "FILLED" : "CANCELLED";
    const auto settling = settling_.find(order.id);
    return settling == settling_.end() ? "OPEN" : settling->second.word;
}

std::string EmulatedOrderNotes::configuration_json(const EmulatedOrder& order) const
{
    const std::string size = dialect_.quantity_text(order.listing, order.quantity);
    if (const auto said = market_orders_.find(order.id); said != market_orders_.end()) {
        const std::string& money = said->second.money;
        return fmt::format(R"({{"market_market_ioc":{{"{}":"{}"}}}})",
                           money.empty() ? "base_size" : "quote_size", money.empty() ? size : money);
    }
    const bool rests =
        order.time_in_force == TimeInForce::gtc || order.time_in_force == TimeInForce::post_only;
    const std::string_view kind = rests                                     ? "limit_limit_gtc"
                                  : order.time_in_force == TimeInForce::ioc ? "sor_limit_ioc"
                                                                            : "limit_limit_fok";
    std::string more;
    if (rests)
        more = order.time_in_force == TimeInForce::gtc ? ",\"post_only\":false" : ",\"post_only\":true";
    return fmt::format(R"({{"{}":{{"base_size":"{}","limit_price":"{}"{}}}}})", kind, size,
                       dialect_.price_text(order.listing, order.price), more);
}

std::string EmulatedOrderNotes::order_json(const EmulatedOrder& order, std::string_view word) const
{
    const Listing& listing = table_.listing(order.listing);
    const auto said = market_orders_.find(order.id);
    const bool market = said != market_orders_.end();
    const Amount after =
        order.side == Side::buy ? order.filled_notional + order.fees : order.filled_notional - order.fees;
    const Int128 percent = Int128{order.filled.units} * 100 / std::max<std::int64_t>(order.quantity.units, 1);
    return fmt::format(
        R"({{"order_id":"{}","product_id":"{}","user_id":"user-{}","order_configuration":{},"side":"{}",)"
        R"("client_order_id":{},"status":"{}","time_in_force":"{}","created_time":"{}",)"
        R"("completion_percentage":"{}","filled_size":"{}","average_filled_price":"{}","fee":"",)"
        R"("number_of_fills":"{}","filled_value":"{}","pending_cancel":false,"size_in_quote":{},)"
        R"("total_fees":"{}","size_inclusive_of_fees":false,"total_value_after_fees":"{}",)"
        R"("trigger_status":"INVALID_ORDER_TYPE","order_type":"{}","reject_reason":"{}","settled":{},)"
        R"("product_type":"SPOT","reject_message":"","cancel_message":"{}","outstanding_hold_amount":"{}",)"
        R"("order_placement_source":"RETAIL_ADVANCED","is_liquidation":false,"leverage":"",)"
        R"("margin_type":"UNKNOWN_MARGIN_TYPE",)"
        R"("last_fill_time":null,"last_update_time":"{}",{}}})",
        order_id_text(order.id), listing.symbol, static_cast<unsigned>(order.account),
        configuration_json(standing(order)), order.side == Side::buy ? "BUY" : "SELL",
        json_text(order.client_id), word, force_word(order.time_in_force), micros(order.created),
        static_cast<int>(percent), dialect_.quantity_text(order.listing, order.filled),
        dialect_.average_text(order), order.trades, order.filled_notional.text(),
        market && !said->second.money.empty(), order.fees.text(), after.text(), market ? "MARKET" : "LIMIT",
        "REJECT_REASON_UNSPECIFIED", order.state == EmulatedState::filled,
        order.state == EmulatedState::cancelled ? "User requested cancel" : "", dialect_.hold_text(order),
        micros(order.updated), amends_json(order));
}

std::string EmulatedOrderNotes::stream_order_json(const EmulatedOrder& order) const
{
    const Listing& listing = table_.listing(order.listing);
    const bool market = market_orders_.count(order.id) != 0;
    const Quantity leaves = order.state == EmulatedState::open ? order.quantity - order.filled : Quantity{};
    return fmt::format(
        R"({{"avg_price":"{}","cancel_reason":"{}","client_order_id":{},"completion_percentage":"0",)"
        R"("contract_expiry_type":"UNKNOWN_CONTRACT_EXPIRY_TYPE","cumulative_quantity":"{}",)"
        R"("filled_value":"{}","leaves_quantity":"{}","limit_price":"{}","number_of_fills":"{}",)"
        R"("order_id":"{}","order_side":"{}","order_type":"{}","outstanding_hold_amount":"{}",)"
        R"("post_only":"{}","product_id":"{}","product_type":"SPOT","reject_reason":"",)"
        R"("retail_portfolio_id":"","risk_managed_by":"UNKNOWN_RISK_MANAGEMENT_TYPE","status":"{}",)"
        R"("stop_price":"","time_in_force":"{}","total_fees":"{}","total_value_after_fees":"{}",)"
        R"("trigger_status":"INVALID_ORDER_TYPE","creation_time":"{}","end_time":"0001-01-01T00:00:00Z",)"
        R"("start_time":"0001-01-01T00:00:00Z"}})",
        dialect_.average_text(order), order.state == EmulatedState::cancelled ? "User requested cancel" : "",
        json_text(order.client_id), dialect_.quantity_text(order.listing, order.filled),
        order.filled_notional.text(), dialect_.quantity_text(order.listing, leaves),
        market ? "" : dialect_.price_text(order.listing, order.price), order.trades, order_id_text(order.id),
        order.side == Side::buy ? "BUY" : "SELL", market ? "Market" : "Limit", dialect_.hold_text(order),
        order.time_in_force == TimeInForce::post_only, listing.symbol, status_word(order),
        force_word(order.time_in_force), order.fees.text(), (order.filled_notional + order.fees).text(),
        micros(order.created));
}

}  // namespace arb::coinbase
