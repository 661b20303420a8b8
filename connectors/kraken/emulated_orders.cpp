#include "connectors/kraken/emulated_orders.hpp"

#include <fmt/format.h>

#include "connectors/kraken/emulated_parts.hpp"
#include "engine/emulate/market_order.hpp"
#include "engine/emulate/words.hpp"

namespace arb::kraken {
namespace {

// As far from the best price as a market order is let trade.
constexpr Rate kMarketSlip{1'000 * kRatePerBasisPoint};
constexpr std::size_t kAddLeast = 2, kAddMost = 15;
constexpr Word<TimeInForce> kForces[] = {
    {"gtc", TimeInForce::gtc},
    {"ioc", TimeInForce::ioc},
    {"fok", TimeInForce::fok},
};
constexpr Word<SelfTrade> kPreventions[] = {
    {"cancel_newest", SelfTrade::cancel_taker},
    {"cancel_oldest", SelfTrade::cancel_maker},
    {"cancel_both", SelfTrade::cancel_both},
};

}  // namespace

std::string EmulatedOrders::read(const EmulatedKey& key, const Listing& l, const Json& parameters,
                                 Wish& wish) const
{
    const std::string_view side = wire_text(parameters, "side");
    const std::string_view kind = wire_text(parameters, "order_type");
    const std::string_view tif = wire_text(parameters, "time_in_force");
    const std::string_view client = wire_text(parameters, "cl_ord_id");
    const std::string_view userref = wire_text(parameters, "order_userref");
    const bool legal_id = client.size() <= 18 || client.size() == 32 || client.size() == 36;
    PlaceOrder& order = wish.order;
    wish.terms.is_market = kind == "market";
    if ((side != "buy" && side != "sell") || (kind != "limit" && !wish.terms.is_market) || !legal_id)
        return "EGeneral:Invalid arguments";
    if (!userref.empty()) {
        const ScaledNumber number = parse_scaled(userref, 0);
        if (number.error != DecimalError::none || !client.empty() || number.value < INT32_MIN ||
            number.value > INT32_MAX)
            return "EGeneral:Invalid arguments:userref";
        wish.terms.userref = static_cast<std::int32_t>(number.value);
    }
    order.account = key.account;
    order.listing = l.id;
    order.client_id = std::string(client);
    order.side = side == "buy" ? Side::buy : Side::sell;
    if (!read_word(kForces, tif, order.time_in_force)) return "EGeneral:Invalid arguments:timeinforce";
    if (wire_flag(parameters, "post_only")) {
        if (wish.terms.is_market) return "EGeneral:Invalid arguments:post_only";
        order.time_in_force = TimeInForce::post_only;
    }
    if (!read_word(kPreventions, wire_text(parameters, "stp_type"), order.self_trade))
        return "EGeneral:Invalid arguments:stp_type";
    return read_amounts(l, parameters, wish);
}

// Money buys at the market alone; what a market order says of a price is not looked at.
std::string EmulatedOrders::read_amounts(const Listing& l, const Json& parameters, Wish& wish) const
{
    const Instrument& instrument = dialect_.instrument(l);
    const std::string_view volume = wire_text(parameters, "order_qty");
    const std::string_view money = wire_text(parameters, "cash_order_qty");
    if (!wish.terms.is_market) {
        const std::string_view limit = wire_text(parameters, "limit_price");
        if (limit.empty()) return "EGeneral:Invalid arguments:price";
        const ScaledNumber price = parse_scaled(limit, instrument.price_decimals);
        if (price.error != DecimalError::none) return "EOrder:Tick size check failed";
        wish.order.price = {price.value};
    }
    if (!money.empty()) {
        if (!wish.terms.is_market || wish.order.side != Side::buy || !volume.empty())
            return "EGeneral:Invalid arguments:viqc";
        const ScaledNumber amount = parse_scaled(money, 8);
        if (amount.error != DecimalError::none || amount.value <= 0)
            return "EGeneral:Invalid arguments:volume";
        wish.terms.money = {Int128{amount.value} * power_of_ten(kAmountDecimals - 8)};
        return {};
    }
    const ScaledNumber quantity = parse_scaled(volume, instrument.quantity_decimals);
    if (quantity.error != DecimalError::none) return "EGeneral:Invalid arguments:volume";
    wish.order.quantity = {quantity.value};
    return {};
}

std::string EmulatedOrders::judge(const Wish& wish) const
{
    const Listing& l = table_.listing(wish.order.listing);
    const PlaceOrder& order = wish.order;
    if (!wish.terms.is_market && (order.price.units <= 0 || order.price.units % l.tick.units != 0))
        return refusal(PlaceError::bad_price);
    if (!wish.terms.money.zero())
        return wish.terms.money < l.notional_min ? refusal(PlaceError::notional_min) : std::string();
    if (order.quantity.units <= 0 || order.quantity.units % l.lot.units != 0)
        return refusal(PlaceError::bad_quantity);
    if (order.quantity < l.quantity_min) return refusal(PlaceError::quantity_min);
    if (wish.terms.is_market) return {};
    const std::optional<Amount> notional = dialect_.instrument(l).notional(order.price, order.quantity);
    if (!notional) return refusal(PlaceError::bad_quantity);
    return *notional < l.notional_min ? refusal(PlaceError::notional_min) : std::string();
}

Answer EmulatedOrders::submit(Wish wish, Timestamp now)
{
    const OrderTerms& terms = wish.terms;
    if (terms.is_market) {
        const std::optional<Amount> money = terms.money.zero() ? std::nullopt : std::optional(terms.money);
        switch (make_market_order(exchange_, table_, kMarketSlip, money, wish.order)) {
            case MarketOrderError::none:
                break;
            case MarketOrderError::no_liquidity:
                return {{}, "EOrder:Insufficient liquidity"};
            case MarketOrderError::too_small:
                return {{}, refusal(PlaceError::quantity_min)};
        }
    }
    const PlaceResult result = exchange_.place(wish.order, now);
    if (std::string error = refusal(result.error); !error.empty()) return {{}, std::move(error)};
    parts_.terms.keep(result.id, terms);
    std::string text = fmt::format(R"({{"order_id":"{}")", order_id(result.id));
    if (!wish.order.client_id.empty())
        text += fmt::format(R"(,"cl_ord_id":{})", json_text(wish.order.client_id));
    if (terms.userref) text += fmt::format(R"(,"order_userref":{})", *terms.userref);
    return {text + "}", {}};
}

Answer EmulatedOrders::add(const EmulatedKey& key, const Json& parameters, bool only_looked_at, Timestamp now)
{
    const Listing* l = dialect_.find(wire_text(parameters, "symbol"));
    if (l == nullptr) return {{}, "EQuery:Unknown asset pair"};
    if (!parts_.charges.take(key.account, l->id, 1, now)) return {{}, "EOrder:Rate limit exceeded"};
    Wish wish;
    if (std::string error = read(key, *l, parameters, wish); !error.empty()) return {{}, std::move(error)};
    if (!only_looked_at) return submit(std::move(wish), now);
    if (std::string error = judge(wish); !error.empty()) return {{}, std::move(error)};
    return {R"({"order_id":""})", {}};
}

// The fixed charge, a half of each order, is taken in any case.
std::string EmulatedOrders::add_all(const EmulatedKey& key, const Listing* l, const std::vector<Json>& orders,
                                    bool only_looked_at, Timestamp now, std::vector<Answer>& answers)
{
    if (l == nullptr) return "EQuery:Unknown asset pair";
    if (orders.size() < kAddLeast || orders.size() > kAddMost) return "EGeneral:Invalid arguments:orders";
    if (!parts_.charges.take_millionths(
            key.account, l->id, static_cast<std::int64_t>(orders.size()) * VenueCounter::kWhole / 2, now))
        return "EOrder:Rate limit exceeded";
    std::vector<Wish> wishes(orders.size());
    for (std::size_t i = 0; i < orders.size(); ++i) {
        if (std::string error = read(key, *l, orders[i], wishes[i]); !error.empty()) return error;
        if (std::string error = judge(wishes[i]); !error.empty()) return error;
    }
    for (Wish& wish : wishes)
        answers.push_back(only_looked_at ? Answer{R"({"order_id":""})", {}} : submit(std::move(wish), now));
    return {};
}

Answer EmulatedOrders::add_batch(const EmulatedKey& key, const Json& parameters, Timestamp now)
{
    simdjson::dom::array entries;
    if (parameters["orders"].get(entries) != simdjson::SUCCESS)
        return {{}, "EGeneral:Invalid arguments:orders"};
    const std::vector<Json> orders(entries.begin(), entries.end());
    std::vector<Answer> answers;
    std::string error = add_all(key, dialect_.find(wire_text(parameters, "symbol")), orders,
                                wire_flag(parameters, "validate"), now, answers);
    if (!error.empty()) return {{}, std::move(error)};
    std::string rows;
    for (std::size_t i = 0; i < answers.size(); ++i) {
        rows += rows.empty() ? "" : ",";
        if (answers[i].error.empty()) {
            rows += answers[i].result.substr(0, answers[i].result.size() - 1) + R"(,"success":true})";
            continue;
        }
        const std::string_view client = wire_text(orders[i], "cl_ord_id");
        rows +=
            fmt::format(R"({{{}"success":false,"error":{}}})",
                        client.empty() ? std::string() : fmt::format(R"("cl_ord_id":{},)", json_text(client)),
                        json_text(answers[i].error));
    }
    return {fmt::format(R"({{"orders":[{}]}})", rows), {}};
}

}  // namespace arb::kraken
