// The emulated Kraken: requests for orders, amends and cancels, in Kraken's words.
#include <algorithm>

#include <fmt/format.h>

#include "connectors/kraken/emulated_core.hpp"

namespace arb::kraken {
namespace {

std::string_view param_text(const simdjson::dom::element& object, std::string_view key)
{
    std::string_view value;
    return object[key].get(value) == simdjson::SUCCESS ? value : std::string_view();
}

bool flag_of(const simdjson::dom::element& object, std::string_view key)
{
    bool value = false;
    return object[key].get(value) == simdjson::SUCCESS && value;
}

std::string_view words(PlaceError error)
{
    switch (error) {
        case PlaceError::none:
        case PlaceError::unfilled:
        case PlaceError::self_trade:
            break;
        case PlaceError::unknown_listing:
            return "EQuery:Unknown asset pair";
        case PlaceError::halted:
        case PlaceError::cancel_only:
            return "EService:Market in cancel_only mode";
        case PlaceError::bad_price:
            return "EOrder:Tick size check failed";
        case PlaceError::price_limit:
            return "EOrder:Invalid price";
        case PlaceError::bad_quantity:
            return "EGeneral:Invalid arguments:volume";
        case PlaceError::quantity_min:
            return "EOrder:Order minimum not met";
        case PlaceError::notional_min:
            return "EOrder:Cost minimum not met";
        case PlaceError::balance:
            return "EOrder:Insufficient funds";
        case PlaceError::duplicate_id:
            return "EOrder:Duplicate cl_ord_id";
        case PlaceError::would_take:
            return "EOrder:Post only order";
        case PlaceError::too_many_orders:
            return "EOrder:Orders limit exceeded";
        case PlaceError::reduce_only:
            return "EOrder:Reduce only:No position exists";
    }
    return {};
}

}  // namespace

std::string EmulatedKraken::order_id(std::uint64_t id) const
{
    return fmt::format("OEMUL8-{:05}-{:06}", id / 1'000'000 % 100'000, id % 1'000'000);
}

std::uint64_t EmulatedKraken::order_number(std::string_view id) const
{
    if (id.size() != 19 || !id.starts_with("OEMUL8-")) return 0;
    const ScaledNumber high = parse_scaled(id.substr(7, 5), 0);
    const ScaledNumber low = parse_scaled(id.substr(13), 0);
    if (high.error != DecimalError::none || low.error != DecimalError::none) return 0;
    return static_cast<std::uint64_t>(high.value) * 1'000'000 + static_cast<std::uint64_t>(low.value);
}

std::string EmulatedKraken::price(Price value, const Listing& l) const
{
    return format_scaled(value.units, setup_.table->instrument(l.instrument).price_decimals);
}

std::string EmulatedKraken::size(Quantity value, const Listing& l) const
{
    return format_scaled(value.units, setup_.table->instrument(l.instrument).quantity_decimals);
}

Answer EmulatedKraken::add_order(const EmulatedKey& key, const Json& parameters, Timestamp now)
{
    const Listing* l = listing(param_text(parameters, "symbol"));
    if (l == nullptr) return {{}, "EQuery:Unknown asset pair"};
    if (!charge(key.account, l->id, 1, now)) return {{}, "EOrder:Rate limit exceeded"};
    const std::string_view side = param_text(parameters, "side");
    const std::string_view tif = param_text(parameters, "time_in_force");
    const std::string_view client = param_text(parameters, "cl_ord_id");
    const bool legal_id = client.size() <= 18 || client.size() == 32 || client.size() == 36;
    if ((side != "buy" && side != "sell") || param_text(parameters, "order_type") != "limit" || !legal_id)
        return {{}, "EGeneral:Invalid arguments"};
    PlaceOrder order;
    order.account = key.account;
    order.listing = l->id;
    order.client_id = std::string(client);
    order.side = side == "buy" ? Side::buy : Side::sell;
    if (tif == "ioc")
        order.time_in_force = TimeInForce::ioc;
    else if (tif == "fok")
        order.time_in_force = TimeInForce::fok;
    else if (!tif.empty() && tif != "gtc")
        return {{}, "EGeneral:Invalid arguments:timeinforce"};
    if (flag_of(parameters, "post_only")) order.time_in_force = TimeInForce::post_only;
    const std::string_view stp = param_text(parameters, "stp_type");
    if (stp == "cancel_oldest")
        order.self_trade = SelfTrade::cancel_maker;
    else if (stp == "cancel_both")
        order.self_trade = SelfTrade::cancel_both;
    else if (!stp.empty() && stp != "cancel_newest")
        return {{}, "EGeneral:Invalid arguments:stp_type"};
    const Instrument& instrument = setup_.table->instrument(l->instrument);
    if (param_text(parameters, "limit_price").empty()) return {{}, "EGeneral:Invalid arguments:price"};
    const ScaledNumber price = parse_scaled(param_text(parameters, "limit_price"), instrument.price_decimals);
    const ScaledNumber quantity =
        parse_scaled(param_text(parameters, "order_qty"), instrument.quantity_decimals);
    if (price.error != DecimalError::none) return {{}, "EOrder:Tick size check failed"};
    if (quantity.error != DecimalError::none) return {{}, "EGeneral:Invalid arguments:volume"};
    // Looked at, not submitted.
    if (flag_of(parameters, "validate")) return {R"({"order_id":""})", {}};
    order.price = {price.value};
    order.quantity = {quantity.value};
    const PlaceResult result = setup_.exchange->place(order, now);
    const std::string_view error = words(result.error);
    if (!error.empty()) return {{}, std::string(error)};
    return {fmt::format(R"({{"order_id":"{}","cl_ord_id":{}}})", order_id(result.id), json_text(client)), {}};
}

Timestamp EmulatedKraken::begin_of(const EmulatedOrder& order) const
{
    const auto found = amended_.find(order.id);
    return found == amended_.end() ? order.created : std::max(order.created, found->second.last);
}

// One unit is charged whatever comes of it, those by age only when it is done.
Answer EmulatedKraken::amend_order(const EmulatedKey& key, const Json& parameters, Timestamp now)
{
    const std::string_view id = param_text(parameters, "order_id");
    const std::string_view client = param_text(parameters, "cl_ord_id");
    if (id.empty() && client.empty()) return {{}, "EGeneral:Invalid arguments"};
    const EmulatedOrder* order = id.empty() ? setup_.exchange->find_client(key.account, client)
                                            : setup_.exchange->find(key.account, order_number(id));
    if (order == nullptr || order->state != EmulatedState::open) return {{}, "EOrder:Unknown order"};
    if (!charge(key.account, order->listing, 1, now)) return {{}, "EOrder:Rate limit exceeded"};
    if (Answer refused = amend(*order, parameters, now); !refused.error.empty()) return refused;
    return {fmt::format(R"({{"amend_id":"TEMULA-{:05}","{}":{}}})", next_amend_++,
                        id.empty() ? "cl_ord_id" : "order_id", json_text(id.empty() ? client : id)),
            {}};
}

// What is not named stays as it is. Icebergs and triggered orders are not here to be amended.
Answer EmulatedKraken::amend(const EmulatedOrder& order, const Json& parameters, Timestamp now)
{
    for (const char* other : {"display_qty", "trigger_price", "trigger_price_type", "limit_price_type"}) {
        const std::string_view value = param_text(parameters, other);
        if (!value.empty() && value != "static")
            return {{}, fmt::format("EGeneral:Invalid arguments:{}", other)};
    }
    if (const std::string_view text = param_text(parameters, "deadline"); !text.empty()) {
        const std::optional<Timestamp> deadline = parse_utc(text);
        if (!deadline || *deadline > now + seconds(60)) return {{}, "EGeneral:Invalid arguments:deadline"};
        if (*deadline <= now) return {{}, "EService:Deadline elapsed"};
    }
    const std::string_view limit = param_text(parameters, "limit_price");
    const std::string_view volume = param_text(parameters, "order_qty");
    if (limit.empty() && volume.empty()) return {{}, "EGeneral:Invalid arguments"};
    const Instrument& instrument = setup_.table->instrument(setup_.table->listing(order.listing).instrument);
    ScaledNumber price{order.price.units, DecimalError::none},
        quantity{order.quantity.units, DecimalError::none};
    if (!limit.empty()) price = parse_scaled(limit, instrument.price_decimals);
    if (!volume.empty()) quantity = parse_scaled(volume, instrument.quantity_decimals);
    if (price.error != DecimalError::none) return {{}, "EOrder:Tick size check failed"};
    const std::string bad_quantity = "EGeneral:Invalid arguments:order_qty";
    if (quantity.error != DecimalError::none) return {{}, bad_quantity};
    const EmulatedBook book = setup_.exchange->book(order.listing);
    const bool takes = order.side == Side::buy
                           ? !book.asks.empty() && price.value >= book.asks.front().price.units
                           : !book.bids.empty() && price.value <= book.bids.front().price.units;
    if (flag_of(parameters, "post_only") && !limit.empty() && takes) return {{}, "EOrder:Post only order"};
    const std::int64_t more = charge_of(kAmendCharges, now - begin_of(order));
    if (!charge(order.account, order.listing, more, now)) return {{}, "EOrder:Rate limit exceeded"};
    const PlaceError error =
        setup_.exchange->amend(order.account, order.id, {price.value}, {quantity.value}, now);
    if (error == PlaceError::none) return {};
    charges_[{order.account, order.listing}].give_back(more);
    if (error == PlaceError::unknown_listing) return {{}, "EOrder:Unknown order"};
    return {{}, error == PlaceError::bad_quantity ? bad_quantity : std::string(words(error))};
}

// One answer an order, all with the request's number.
void EmulatedKraken::cancel_orders(SessionId id, Session& session, const EmulatedKey& key,
                                   const Json& parameters, std::string_view request, Timestamp now,
                                   SessionOutbox& out)
{
    bool any = false;
    for (const bool by_client : {true, false}) {
        simdjson::dom::array ids;
        if (parameters[by_client ? "cl_ord_id" : "order_id"].get(ids) != simdjson::SUCCESS) continue;
        for (const Json entry : ids) {
            std::string_view text;
            if (entry.get(text) != simdjson::SUCCESS) continue;
            any = true;
            say(id, session, answer("cancel_order", request, cancel_order(key, text, by_client, now), now),
                now, out);
        }
    }
    if (!any)
        say(id, session, answer("cancel_order", request, {{}, "EGeneral:Invalid arguments"}, now), now, out);
}

Answer EmulatedKraken::cancel_order(const EmulatedKey& key, std::string_view id, bool by_client,
                                    Timestamp now)
{
    const EmulatedOrder* order = by_client ? setup_.exchange->find_client(key.account, id)
                                           : setup_.exchange->find(key.account, order_number(id));
    if (order == nullptr || order->state != EmulatedState::open) return {{}, "EOrder:Unknown order"};
    if (!charge(key.account, order->listing, charge_of(kCancelCharges, now - begin_of(*order)), now))
        return {{}, "EOrder:Rate limit exceeded"};
    (void)setup_.exchange->cancel(key.account, order->id, now);
    return {fmt::format(R"({{"order_id":"{}"}})", order_id(order->id)), {}};
}

// All keys of an account share the counter of a pair.
bool EmulatedKraken::charge(AccountId account, ListingId listing, std::int64_t units, Timestamp now)
{
    return !setup_.rate_limits || charges_[{account, listing}].take(units, kOrdersMost, kOrdersFall, now);
}

Answer EmulatedKraken::cancel_all(const EmulatedKey& key, Timestamp now)
{
    std::vector<std::uint64_t> open;
    for (const EmulatedOrder* order : setup_.exchange->orders(key.account, kNoListing, true))
        open.push_back(order->id);
    for (const std::uint64_t id : open) (void)setup_.exchange->cancel(key.account, id, now);
    return {fmt::format(R"({{"count":{}}})", open.size()), {}};
}

Answer EmulatedKraken::cancel_after(const EmulatedKey& key, std::int64_t timeout, Timestamp now)
{
    if (timeout < 0 || timeout >= 86'400) return {{}, "EGeneral:Invalid arguments:timeout"};
    const Timestamp trigger = timeout == 0 ? Timestamp{} : now + seconds(timeout);
    setup_.exchange->set_dead_man(key.account, kNoListing, trigger);
    return {fmt::format(R"({{"currentTime":"{}","triggerTime":"{}"}})", micros(now),
                        timeout == 0 ? std::string("0") : micros(trigger)),
            {}};
}

}  // namespace arb::kraken
