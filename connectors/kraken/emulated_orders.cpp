// The emulated Kraken: orders in Kraken's words, and news of an account.
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

std::string_view order_status_of(const EmulatedOrder& order)
{
    switch (order.state) {
        case EmulatedState::open:
            return order.filled.zero() ? "new" : "partially_filled";
        case EmulatedState::filled:
            return "filled";
        case EmulatedState::cancelled:
            return "canceled";
        case EmulatedState::expired:
        case EmulatedState::rejected:
            break;
    }
    return "canceled";
}

std::string_view end_reason_of(const EmulatedOrder& order)
{
    switch (order.end_reason) {
        case PlaceError::would_take:
            return "Post only order";
        case PlaceError::self_trade:
            return "STP";
        case PlaceError::unfilled:
            return "Could not be filled in full";
        default:
            break;
    }
    return order.state == EmulatedState::expired ? "IOC order could not be filled further" : "User requested";
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
    const Instrument& instrument = setup_.table->instrument(l->instrument);
    const ScaledNumber price = parse_scaled(param_text(parameters, "limit_price"), instrument.price_decimals);
    const ScaledNumber quantity =
        parse_scaled(param_text(parameters, "order_qty"), instrument.quantity_decimals);
    if (price.error != DecimalError::none) return {{}, "EOrder:Tick size check failed"};
    if (quantity.error != DecimalError::none) return {{}, "EGeneral:Invalid arguments:volume"};
    if (flag_of(parameters, "validate")) return {R"({"order_id":""})", {}};
    order.price = {price.value};
    order.quantity = {quantity.value};
    const PlaceResult result = setup_.exchange->place(order, now);
    const std::string_view error = words(result.error);
    if (!error.empty()) return {{}, std::string(error)};
    return {fmt::format(R"({{"order_id":"{}","cl_ord_id":{}}})", order_id(result.id), json_text(client)), {}};
}

Answer EmulatedKraken::cancel_order(const EmulatedKey& key, const Json& parameters, Timestamp now)
{
    const EmulatedOrder* order = nullptr;
    simdjson::dom::array ids;
    std::string_view id;
    if (parameters["cl_ord_id"].get(ids) == simdjson::SUCCESS && ids.size() == 1 &&
        ids.at(0).get(id) == simdjson::SUCCESS)
        order = setup_.exchange->find_client(key.account, id);
    else if (parameters["order_id"].get(ids) == simdjson::SUCCESS && ids.size() == 1 &&
             ids.at(0).get(id) == simdjson::SUCCESS)
        order = setup_.exchange->find(key.account, order_number(id));
    if (order == nullptr || setup_.exchange->cancel(key.account, order->id, now) == nullptr)
        return {{}, "EOrder:Unknown order"};
    return {fmt::format(R"({{"order_id":"{}"}})", order_id(order->id)), {}};
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

std::string EmulatedKraken::execution(const EmulatedOrder& order, const EmulatedTrade* trade) const
{
    const Listing& l = setup_.table->listing(order.listing);
    const std::string_view status = order_status_of(order);
    const bool ended = order.state == EmulatedState::cancelled || order.state == EmulatedState::expired ||
                       order.state == EmulatedState::rejected;
    std::string text = fmt::format(
        R"({{"order_id":"{}","cl_ord_id":{},"symbol":"{}","side":"{}","order_type":"limit","order_qty":{},"limit_price":{},)"
        R"("exec_type":"{}","order_status":"{}","cum_qty":{},"time_in_force":"{}","timestamp":"{}")",
        order_id(order.id), json_text(order.client_id), l.symbol, name(order.side), size(order.quantity, l),
        price(order.price, l), trade != nullptr ? "trade" : status, status, size(order.filled, l),
        order.time_in_force == TimeInForce::ioc   ? "ioc"
        : order.time_in_force == TimeInForce::fok ? "fok"
                                                  : "gtc",
        micros(order.updated));
    if (trade != nullptr) {
        fmt::format_to(
            std::back_inserter(text),
            R"(,"exec_id":"TEMUL8-{}","last_qty":{},"last_price":{},"liquidity_ind":"{}","cost":{},)"
            R"("fees":[{{"asset":"{}","qty":{}}}])",
            trade->id, size(trade->quantity, l), price(trade->price, l), trade->maker ? "m" : "t",
            trade->notional.text(), trade->fee_asset, trade->fee.text());
    }
    if (ended) fmt::format_to(std::back_inserter(text), R"(,"reason":"{}")", end_reason_of(order));
    return text + "}";
}

void EmulatedKraken::on_order(const EmulatedOrder& order, const EmulatedTrade* trade, Timestamp now,
                              SessionOutbox& out)
{
    now_ = now;
    for (auto& [id, session] : sessions_) {
        if (session.key == nullptr || session.key->account != order.account ||
            session.channels.count("executions") == 0)
            continue;
        say(id, session,
            fmt::format(R"({{"channel":"executions","type":"update","data":[{}],"sequence":{}}})",
                        execution(order, trade), ++session.sequence),
            now, out);
    }
}

void EmulatedKraken::on_balance(AccountId account, const EmulatedBalance& balance, Timestamp now,
                                SessionOutbox& out)
{
    now_ = now;
    for (auto& [id, session] : sessions_) {
        if (session.key == nullptr || session.key->account != account ||
            session.channels.count("balances") == 0)
            continue;
        say(id, session,
            fmt::format(
                R"({{"channel":"balances","type":"update","data":[{{"asset":"{}","balance":{}}}],"sequence":{}}})",
                balance.asset, balance.total.text(), ++session.sequence),
            now, out);
    }
}

}  // namespace arb::kraken
