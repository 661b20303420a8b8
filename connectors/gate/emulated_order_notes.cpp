#include "connectors/gate/emulated_order_notes.hpp"

#include <fmt/format.h>

#include "engine/emulate/answer_text.hpp"

namespace arb::gate {
namespace {

// An order is found by its text so long after its end, and cancelled by it so long after it was made.
constexpr Duration kFoundByText = seconds(3600), kCancelledByText = seconds(1800);
// A contract's order without a fill: its id, and its text.
constexpr Duration kEmptyById = seconds(600), kEmptyByText = seconds(60);

constexpr Word<EmulatedState> kFinishWords[] = {
    {"open", EmulatedState::open},
    {"filled", EmulatedState::filled},
    {"cancelled", EmulatedState::cancelled},
    {"poc", EmulatedState::rejected},
};

std::string_view finish_word(const EmulatedOrder& order)
{
    const std::string_view word = word_of(kFinishWords, order.state);
    if (!word.empty()) return word;
    if (order.end_reason == PlaceError::self_trade) return "stp";
    if (order.end_reason == PlaceError::reduce_only) return "reduce_only";
    return order.time_in_force == TimeInForce::fok ? "fok" : "ioc";
}

std::string_view event_word(const EmulatedOrder& order, const EmulatedTrade* trade)
{
    if (order.state != EmulatedState::open) return "finish";
    return trade != nullptr || order.amends > 0 || !order.filled.zero() ? "update" : "put";
}

}  // namespace

bool EmulatedOrderNotes::is_hidden(const EmulatedOrder& order) const
{
    const EmulatedOrder* const now = exchange_.find(order.account, order.id);
    if (now == nullptr) return false;
    return now->end_reason == PlaceError::would_take ||
           (!dialect_.spot() && now->end_reason == PlaceError::unfilled);
}

bool EmulatedOrderNotes::is_forgotten(const EmulatedOrder& order, bool by_text, Timestamp now) const
{
    return !dialect_.spot() && order.state != EmulatedState::open && order.filled.zero() &&
           now - order.updated > (by_text ? kEmptyByText : kEmptyById);
}

const EmulatedOrder* EmulatedOrderNotes::find(const EmulatedCall& call, std::string_view id,
                                              const Listing* listing, bool cancelling) const
{
    const bool by_text = id.starts_with("t-");
    const EmulatedOrder* const order = by_text ? exchange_.find_client(call.account(), id)
                                               : exchange_.find(call.account(), order_number(id));
    if (order == nullptr || (listing != nullptr && order->listing != listing->id) || is_hidden(*order))
        return nullptr;
    if (!dialect_.spot()) return is_forgotten(*order, by_text, call.now) ? nullptr : order;
    if (by_text && cancelling && call.now - order->created > kCancelledByText) return nullptr;
    const bool ended = order->state != EmulatedState::open;
    return by_text && ended && call.now - order->updated > kFoundByText ? nullptr : order;
}

VenueAnswer EmulatedOrderNotes::gone(const EmulatedOrder* order) const
{
    if (order == nullptr) return say_refused("ORDER_NOT_FOUND", "Order not found");
    if (order->state == EmulatedState::open) return {};
    if (!dialect_.spot()) return say_refused("ORDER_FINISHED", "Order is finished");
    return order->state == EmulatedState::filled ? say_refused("ORDER_CLOSED", "Order is closed")
                                                 : say_refused("ORDER_CANCELLED", "Order is cancelled");
}

OrderNote EmulatedOrderNotes::note_of(std::uint64_t id) const
{
    const auto found = notes_.find(id);
    return found == notes_.end() ? OrderNote{} : found->second;
}

std::string EmulatedOrderNotes::group_id() const
{
    const std::string group = dialect_.group();
    return group.empty() ? "0" : group;
}

std::string EmulatedOrderNotes::order_json(const EmulatedOrder& order, Form form) const
{
    return dialect_.spot() ? spot_order(order, form) : contract_order(order, form);
}

std::string EmulatedOrderNotes::order_news(const EmulatedOrder& order, const EmulatedTrade* trade,
                                           Form form) const
{
    if (!dialect_.spot()) return contract_order(order, form);
    return fmt::format(R"({},"user":{},"event":"{}","biz_info":"-"}})", spot_order(order, form),
                       user_of(order.account), event_word(order, trade));
}

// What a reply and the account's channel have in common differs in little: times as numbers or as text, and a
// few members that only one of them has.
std::string EmulatedOrderNotes::spot_order(const EmulatedOrder& order, Form form) const
{
    const Listing& listing = table_.listing(order.listing);
    const Instrument& instrument = table_.instrument(listing.instrument);
    const OrderNote note = note_of(order.id);
    const bool ended = order.state != EmulatedState::open;
    const std::string_view status = !ended                                 ? "open"
                                    : order.state == EmulatedState::filled ? "closed"
                                                                           : "cancelled";
    const std::string paid = order.filled_notional.text();
    const std::string& fee_asset = !order.fee_asset.empty()  ? order.fee_asset
                                   : order.side == Side::buy ? instrument.base
                                                             : instrument.quote;
    const bool push = form == Form::push;
    std::string text = fmt::format(
        R"({{"id":"{}","text":{},"amend_text":{},"create_time":"{}","update_time":"{}","currency_pair":"{}",)"
        R"("type":"limit","account":"{}","side":"{}","amount":"{}","price":"{}","time_in_force":"{}",)"
        R"("left":"{}","filled_total":"{}","avg_deal_price":"{}","fee":"{}","fee_currency":"{}",)"
        R"("point_fee":"0","gt_fee":"0","rebated_fee":"0","rebated_fee_currency":"{}","stp_id":{},)"
        R"("stp_act":"{}","finish_as":"{}")",
        order_id_text(order.id), json_text(order.client_id.empty() ? "apiv4" : order.client_id),
        json_text(note.amend_text), seconds_of(order.created), seconds_of(order.updated), listing.symbol,
        dialect_.unified() ? "unified" : "spot", name(order.side), size_text(listing, order.quantity),
        price_text(listing, order.price), word_of(kForces, order.time_in_force),
        size_text(listing, order.quantity - order.filled), paid,
        price_paid(order.filled_notional, instrument.amount(order.filled)), order.fees.text(), fee_asset,
        fee_asset, group_id(), note.act, finish_word(order));
    // Older pushes say how much is left and not how much is filled.
    if (!push || !setup_.manners)
        text += fmt::format(R"(,"filled_amount":"{}")", size_text(listing, order.filled));
    const std::int64_t created = ms_of(order.created), updated = ms_of(order.updated);
    // order_news goes on with a push.
    if (push) return text + fmt::format(R"(,"create_time_ms":"{}","update_time_ms":"{}")", created, updated);
    return text +
           fmt::format(R"(,"create_time_ms":{},"update_time_ms":{},"status":"{}","iceberg":"0",)"
                       R"("fill_price":"{}","gt_maker_fee":"0","gt_taker_fee":"0","gt_discount":false}})",
                       created, updated, status, paid);
}

std::string EmulatedOrderNotes::contract_order(const EmulatedOrder& order, Form form) const
{
    const Listing& listing = table_.listing(order.listing);
    const Instrument& instrument = table_.instrument(listing.instrument);
    const OrderNote note = note_of(order.id);
    const bool ended = order.state != EmulatedState::open;
    const std::string finish =
        ended ? fmt::format(R"("finish_time":{},"finish_time_ms":{},"finish_as":"{}",)",
                            float_time(order.updated), ms_of(order.updated), finish_word(order))
              : std::string();
    return fmt::format(
        R"({{"id":{},"user":{},"create_time":{},"create_time_ms":{},"update_time":{},{}"status":"{}",)"
        R"("contract":"{}","size":{},"price":{},"left":{},"fill_price":{},"tif":"{}","text":{},"iceberg":0,)"
        R"("is_close":false,"is_reduce_only":{},"is_liq":false,"tkfr":{},"mkfr":{},"refu":0,"stp_id":{},)"
        R"("stp_act":"{}","amend_text":{}}})",
        order_id_text(order.id), user_of(order.account), float_time(order.created), ms_of(order.created),
        float_time(order.updated), finish, ended ? "finished" : "open", listing.symbol,
        contract_size(listing, order.quantity, order.side, form),
        contract_number(price_text(listing, order.price), form),
        contract_size(listing, order.quantity - order.filled, order.side, form),
        contract_number(price_paid(order.filled_notional, instrument.amount(order.filled)), form),
        word_of(kForces, order.time_in_force), json_text(order.client_id.empty() ? "api" : order.client_id),
        order.reduce_only, contract_number(format_scaled(exchange_.taker_fee(listing.id).units, 8), form),
        contract_number(format_scaled(exchange_.maker_fee(listing.id).units, 8), form), group_id(), note.act,
        json_text(note.amend_text));
}

}  // namespace arb::gate
