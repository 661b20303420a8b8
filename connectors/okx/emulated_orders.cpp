// The emulated OKX: orders from wherever they come, and what it says of them.
#include <algorithm>

#include <fmt/format.h>

#include "connectors/okx/emulated_core.hpp"
#include "engine/emulate/pages.hpp"

namespace arb::okx {
namespace {

constexpr std::size_t kOrdersPage = 100;
constexpr std::size_t kClientMax = 32, kTagMax = 16;
/// What an order's entry says as well, and what stays empty without margin trading, options and algo orders.
constexpr std::string_view kNeverSaid =
    R"("pnl":"0","source":"","quickMgnType":"","algoId":"","algoClOrdId":"","attachAlgoClOrdId":"",)"
    R"("attachAlgoOrds":[],"linkedAlgoOrd":{"algoId":""},"isTpLimit":"false","cancelSourceReason":"",)"
    R"("pxType":"","pxUsd":"","pxVol":"","stpId":"","slOrdPx":"","slTriggerPx":"","slTriggerPxType":"",)"
    R"("tpOrdPx":"","tpTriggerPx":"","tpTriggerPxType":"")";

std::string_view order_type(TimeInForce tif)
{
    constexpr std::string_view kOrderTypes[] = {"ioc", "fok", "limit", "post_only"};
    return kOrderTypes[static_cast<std::size_t>(tif)];
}

std::optional<TimeInForce> tif_of(std::string_view type)
{
    if (type == "ioc") return TimeInForce::ioc;
    if (type == "fok") return TimeInForce::fok;
    if (type == "limit") return TimeInForce::gtc;
    if (type == "post_only") return TimeInForce::post_only;
    return std::nullopt;
}

std::string_view state_of(const EmulatedOrder& order)
{
    switch (order.state) {
        case EmulatedState::open:
            return order.filled.zero() ? "live" : "partially_filled";
        case EmulatedState::filled:
            return "filled";
        case EmulatedState::cancelled:
        case EmulatedState::expired:
        case EmulatedState::rejected:
            break;
    }
    return "canceled";
}

/// What the order says, else what the account is set to; none: no such mode.
std::optional<SelfTrade> prevention_of(std::string_view mode)
{
    if (mode.empty() || mode == "cancel_maker") return SelfTrade::cancel_maker;
    if (mode == "cancel_taker") return SelfTrade::cancel_taker;
    if (mode == "cancel_both") return SelfTrade::cancel_both;
    return std::nullopt;
}

std::string item(std::uint64_t order, std::string_view client, std::string_view code, std::string_view text,
                 Timestamp now)
{
    return fmt::format(R"({{"ordId":"{}","clOrdId":{},"tag":"","ts":"{}","sCode":"{}","sMsg":{}}})",
                       order == 0 ? std::string() : fmt::format("{}", order), json_text(client), ms_of(now),
                       code, json_text(text));
}

// Bought and sold for how much, a unit; eight decimals are shown at most, cut off.
std::string average_price(const EmulatedOrder& order, const Instrument& instrument)
{
    const Amount quantity = instrument.amount(order.filled);
    if (quantity.zero()) return {};
    // Both are counts of 10^-18: ten decimals less below give eight in the quotient.
    const Amount paid = order.filled_notional;
    if (instrument.inverse || quantity.units < power_of_ten(8)) return instrument.text(order.price);
    return format_scaled128(paid.units / (quantity.units / power_of_ten(8)), 8);
}

}  // namespace

bool plain_text(std::string_view text, std::size_t max)
{
    return text.size() <= max && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
           });
}

std::pair<std::string_view, std::string_view> refusal_words(PlaceError error)
{
    switch (error) {
        case PlaceError::unknown_listing:
            return {"51001", "Instrument ID doesn't exist."};
        case PlaceError::halted:
        case PlaceError::cancel_only:
            return {"51028", "Contract or pair under suspension."};
        case PlaceError::bad_price:
            return {"51000", "Parameter px error."};
        case PlaceError::price_limit:
            return {"51006", "Order price is not within the price limit."};
        case PlaceError::bad_quantity:
            return {"51121", "Order count should be the integer multiples of the lot size."};
        case PlaceError::quantity_min:
        case PlaceError::notional_min:
            return {"51020", "Your order should meet or exceed the minimum order amount."};
        case PlaceError::balance:
            return {"51008", "Order failed. Insufficient balance in account."};
        case PlaceError::duplicate_id:
            return {"51016", "Duplicated client order ID"};
        case PlaceError::too_many_orders:
            return {"51025", "Order count exceeds the limit."};
        case PlaceError::reduce_only:
            return {"51169", "Order failed because you have no positions in this direction to reduce."};
        // OKX takes these orders and ends them on the orders channel.
        case PlaceError::none:
        case PlaceError::would_take:
        case PlaceError::unfilled:
        case PlaceError::self_trade:
            break;
    }
    return {"0", ""};
}

std::string_view EmulatedOkx::cancel_source(const EmulatedOrder& order) const
{
    if (timed_out_.count(order.id) > 0) return "20";
    switch (order.end_reason) {
        case PlaceError::would_take:
            return "31";
        case PlaceError::unfilled:
            return "13";
        case PlaceError::self_trade:
            return "32";
        default:
            break;
    }
    if (order.state == EmulatedState::expired) return "14";
    return order.state == EmulatedState::cancelled ? "1" : "";
}

std::string_view EmulatedOkx::unsettled(const Json& argument, const Listing& listing) const
{
    const bool spot = listing.market == "spot";
    const std::string pays = member(argument, "tradeQuoteCcy");
    if (pays.empty() ? spot && settings_.quote == "required"
                     : !spot || pays != setup_.table->instrument(listing.instrument).quote)
        return "51000";
    const std::string mode = member(argument, "tdMode");
    const std::string position = member(argument, "posSide");
    const bool margin = settings_.level == "3" || settings_.level == "4";
    if (!spot && settings_.level == "1") return "51010";
    if (spot ? mode != (margin ? "cross" : "cash") : mode != "cross" && mode != "isolated") return "51000";
    if (spot) return position.empty() ? "" : "51000";
    if (settings_.positions == "long_short_mode")
        return position == "long" || position == "short" ? "" : "51000";
    return position.empty() || position == "net" ? "" : "51000";
}

Answer EmulatedOkx::place(const EmulatedKey& key, const Json& argument, bool by_code, bool batched,
                          Timestamp now)
{
    const std::string client = member(argument, "clOrdId");
    const std::string tag = member(argument, "tag");
    const auto refuse = [&](std::string_view code, std::string_view why) {
        return Answer{item(0, client, code, why, now), "1", "Operation failed."};
    };
    std::int64_t number = 0;
    if (by_code && argument["instIdCode"].get(number) != simdjson::SUCCESS)
        return refuse("50014", "Parameter instIdCode can not be empty");
    const Listing* l = by_code ? listing_of_code(number) : listing(member(argument, "instId"));
    if (l == nullptr) return refuse("51001", "Instrument ID doesn't exist.");
    if (orders_too_fast(key, *l, OrderVerb::place, batched, now))
        return {{}, "50011", "Requests too frequent."};
    if (!plain_text(client, kClientMax)) return refuse("51000", "Parameter clOrdId error");
    if (!plain_text(tag, kTagMax)) return refuse("51000", "Parameter tag error");
    const std::string_view wrong = unsettled(argument, *l);
    if (wrong == "51010")
        return refuse(wrong, "You can't complete this request under your current account mode.");
    if (!wrong.empty()) return refuse(wrong, "Parameter tdMode, posSide or tradeQuoteCcy error");
    const std::string side = member(argument, "side");
    const bool market = member(argument, "ordType") == "market";
    const std::optional<TimeInForce> tif = market ? TimeInForce::ioc : tif_of(member(argument, "ordType"));
    if ((side != "buy" && side != "sell") || !tif) return refuse("51000", "Parameter error");
    PlaceOrder order;
    order.account = key.account;
    order.listing = l->id;
    order.client_id = client;
    order.side = side == "buy" ? Side::buy : Side::sell;
    order.time_in_force = *tif;
    const std::string mode = member(argument, "stpMode");
    const std::optional<SelfTrade> prevention = prevention_of(mode);
    if (!prevention) return refuse("51000", "Parameter stpMode error");
    if (*prevention == SelfTrade::cancel_both && *tif == TimeInForce::fok)
        return refuse("50016", "Parameter stpMode doesn't match parameter ordType.");
    order.self_trade = *prevention;
    bool reduces = false;
    (void)(argument["reduceOnly"].get(reduces) == simdjson::SUCCESS);
    order.reduce_only = l->market != "spot" && (reduces || member(argument, "reduceOnly") == "true");
    MarketTerms terms;
    const Refusal bad = market ? market_terms(argument, *l, order, terms) : limit_terms(argument, *l, order);
    if (!bad.code.empty()) return refuse(bad.code, bad.text);
    if (account_too_fast(key, *l, now))
        return refuse("50061", "You've reached the maximum order rate limit for this account.");
    const PlaceResult result = setup_.exchange->place(order, now);
    const auto [code, why] = refusal_words(result.error);
    if (code != "0") return refuse(code, why);
    if (market) market_terms_[result.id] = std::move(terms);
    if (!tag.empty()) tags_[result.id] = tag;
    if (!mode.empty()) prevention_[result.id] = mode;
    return {item(result.id, client, "0", "", now), "0", ""};
}

Answer EmulatedOkx::cancel(const EmulatedKey& key, const Json& argument, bool by_code, bool batched,
                           Timestamp now)
{
    const std::string client = member(argument, "clOrdId");
    const auto refuse = [&](std::string_view code, std::string_view why) {
        return Answer{item(0, client, code, why, now), "1", "Operation failed."};
    };
    std::int64_t number = 0;
    const bool coded = by_code && argument["instIdCode"].get(number) == simdjson::SUCCESS;
    const Listing* l = coded     ? listing_of_code(number)
                       : by_code ? nullptr
                                 : listing(member(argument, "instId"));
    if (l == nullptr) return refuse("51001", "Instrument ID doesn't exist.");
    if (orders_too_fast(key, *l, OrderVerb::cancel, batched, now))
        return {{}, "50011", "Requests too frequent."};
    const EmulatedOrder* order = named_order(key, argument);
    if (order == nullptr) return refuse("51603", "Order does not exist.");
    if (order->state == EmulatedState::filled)
        return refuse("51400", "Cancellation failed as the order has been filled.");
    if (order->state != EmulatedState::open)
        return refuse("51401", "Cancellation failed as the order has been canceled.");
    (void)setup_.exchange->cancel(key.account, order->id, now);
    return {item(order->id, client, "0", "", now), "0", ""};
}

std::string EmulatedOkx::order_json(const EmulatedOrder& order, const EmulatedTrade* trade,
                                    const AmendNews& amend) const
{
    const Listing& l = setup_.table->listing(order.listing);
    const std::string average = average_price(order, setup_.table->instrument(l.instrument));
    const auto terms = market_terms_.find(order.id);
    const bool market = terms != market_terms_.end();
    return fmt::format(
        R"({{"instType":"{}","instId":"{}","ccy":"","ordId":"{}","clOrdId":{},"tag":"{}","px":"{}","sz":"{}","ordType":"{}",)"
        R"("side":"{}","posSide":"{}","tdMode":"{}","accFillSz":"{}","fillPx":"{}","tradeId":"{}","fillSz":"{}",)"
        R"("fillTime":"{}","fillFee":"{}","fillFeeCcy":"{}","execType":"{}","state":"{}","avgPx":"{}","feeCcy":"{}",)"
        R"("fee":"{}","rebateCcy":"","rebate":"0","reduceOnly":"{}","stpMode":"{}","cancelSource":"{}",)"
        R"("category":"normal","uTime":"{}","cTime":"{}","reqId":{},"amendResult":"{}",)"
        R"("amendSource":"{}","code":"{}","msg":{},"tradeQuoteCcy":"{}","tgtCcy":"{}","lever":"{}",{}}})",
        kind_of(l), l.symbol, order.id, json_text(order.client_id),
        tags_.count(order.id) > 0 ? tags_.at(order.id) : std::string(),
        market ? std::string() : price(order.price, l), market ? terms->second.size : size(order.quantity, l),
        market ? std::string_view("market") : order_type(order.time_in_force), name(order.side),
        l.market == "spot" ? "" : "net", l.market == "spot" && settings_.level < "3" ? "cash" : "cross",
        size(order.filled, l), trade != nullptr ? price(trade->price, l) : "",
        trade != nullptr ? fmt::format("{}", trade->id) : "",
        trade != nullptr ? size(trade->quantity, l) : "0",
        trade != nullptr ? fmt::format("{}", ms_of(trade->time)) : "",
        trade != nullptr ? (-trade->fee).text() : "0", trade != nullptr ? trade->fee_asset : "",
        trade == nullptr ? ""
        : trade->maker   ? "M"
                         : "T",
        closes_apart(order, trade) ? std::string_view("partially_filled") : state_of(order), average,
        order.fee_asset, (-order.fees).text(), order.reduce_only,
        prevention_.count(order.id) > 0 ? prevention_.at(order.id) : std::string("cancel_maker"),
        cancel_source(order), ms_of(order.updated), ms_of(order.created), json_text(amend.request),
        amend.result, amend.result.empty() ? "" : "1", amend.code, json_text(amend.text),
        l.market == "spot" ? setup_.table->instrument(l.instrument).quote : std::string(),
        market ? terms->second.unit : std::string(), l.market == "spot" ? "" : "1", kNeverSaid);
}

// Open orders, or those that ended; newest first, a page at a time.
Answer EmulatedOkx::orders_list(const EmulatedKey& key, const ServerRequest& request, bool open) const
{
    const std::string after = query_text(request.query(), "after");
    const std::string symbol = query_text(request.query(), "instId");
    const std::string kind = query_text(request.query(), "instType");
    const std::string state = query_text(request.query(), "state");
    const Listing* l = symbol.empty() ? nullptr : listing(symbol);
    if (!symbol.empty() && l == nullptr) return {{}, "51001", "Instrument ID doesn't exist."};
    const ScaledNumber bound = parse_scaled(after, 0);
    if (!after.empty() && (bound.error != DecimalError::none || bound.value < 0))
        return {{}, "51000", "Parameter after error"};
    const auto orders = setup_.exchange->orders(key.account, l == nullptr ? kNoListing : l->id, open);
    const std::size_t most = count_of(query_text(request.query(), "limit"), kOrdersPage, kOrdersPage);
    const auto page = newest_page(orders, most, [&](const EmulatedOrder& order) {
        return (after.empty() || order.id < static_cast<std::uint64_t>(bound.value)) &&
               (open || order.state != EmulatedState::open) &&
               (kind.empty() || kind_of(setup_.table->listing(order.listing)) == kind) &&
               (state.empty() || state_of(order) == state);
    });
    return {json_list(page, [&](const EmulatedOrder& order) { return order_json(order, nullptr); }), "0", ""};
}

Answer EmulatedOkx::one_order(const EmulatedKey& key, const ServerRequest& request) const
{
    const std::string client = query_text(request.query(), "clOrdId");
    const ScaledNumber id = parse_scaled(query_text(request.query(), "ordId"), 0);
    if (listing(query_text(request.query(), "instId")) == nullptr)
        return {{}, "51001", "Instrument ID doesn't exist."};
    const EmulatedOrder* order =
        !client.empty() ? setup_.exchange->find_client(key.account, client)
        : id.error == DecimalError::none && id.value > 0
            ? setup_.exchange->find(key.account, static_cast<std::uint64_t>(id.value))
            : nullptr;
    if (order == nullptr) return {{}, "51603", "Order does not exist"};
    return {order_json(*order, nullptr), "0", ""};
}

}  // namespace arb::okx
