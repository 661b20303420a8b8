// The emulated Kraken: requests for orders, amends and cancels, in Kraken's words.
#include <algorithm>

#include <fmt/format.h>

#include "connectors/kraken/emulated_core.hpp"
#include "engine/emulate/market_order.hpp"

namespace arb::kraken {
namespace {

// As far from the best price as a market order is let trade.
constexpr Rate kMarketSlip{1'000 * kRatePerBasisPoint};

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

const EmulatedKraken::Terms& EmulatedKraken::terms(std::uint64_t id) const
{
    static const Terms plain;
    const auto found = terms_.find(id);
    return found == terms_.end() ? plain : found->second;
}

std::string EmulatedKraken::read_order(const EmulatedKey& key, const Listing& l, const Json& parameters,
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
    if (tif == "ioc")
        order.time_in_force = TimeInForce::ioc;
    else if (tif == "fok")
        order.time_in_force = TimeInForce::fok;
    else if (!tif.empty() && tif != "gtc")
        return "EGeneral:Invalid arguments:timeinforce";
    if (wire_flag(parameters, "post_only")) {
        if (wish.terms.is_market) return "EGeneral:Invalid arguments:post_only";
        order.time_in_force = TimeInForce::post_only;
    }
    const std::string_view stp = wire_text(parameters, "stp_type");
    if (stp == "cancel_oldest")
        order.self_trade = SelfTrade::cancel_maker;
    else if (stp == "cancel_both")
        order.self_trade = SelfTrade::cancel_both;
    else if (!stp.empty() && stp != "cancel_newest")
        return "EGeneral:Invalid arguments:stp_type";
    return read_amounts(l, parameters, wish);
}

// Money buys at the market alone; what a market order says of a price is not looked at.
std::string EmulatedKraken::read_amounts(const Listing& l, const Json& parameters, Wish& wish) const
{
    const Instrument& instrument = setup_.table->instrument(l.instrument);
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

std::string_view EmulatedKraken::judge(const Wish& wish) const
{
    const Listing& l = setup_.table->listing(wish.order.listing);
    const PlaceOrder& order = wish.order;
    if (!wish.terms.is_market && (order.price.units <= 0 || order.price.units % l.tick.units != 0))
        return words(PlaceError::bad_price);
    if (!wish.terms.money.zero())
        return wish.terms.money < l.notional_min ? words(PlaceError::notional_min) : std::string_view();
    if (order.quantity.units <= 0 || order.quantity.units % l.lot.units != 0)
        return words(PlaceError::bad_quantity);
    if (order.quantity < l.quantity_min) return words(PlaceError::quantity_min);
    if (wish.terms.is_market) return {};
    const std::optional<Amount> notional =
        setup_.table->instrument(l.instrument).notional(order.price, order.quantity);
    if (!notional) return words(PlaceError::bad_quantity);
    return *notional < l.notional_min ? words(PlaceError::notional_min) : std::string_view();
}

Answer EmulatedKraken::submit(Wish wish, Timestamp now)
{
    const Terms& terms = wish.terms;
    if (terms.is_market) {
        const std::optional<Amount> money = terms.money.zero() ? std::nullopt : std::optional(terms.money);
        switch (make_market_order(*setup_.exchange, *setup_.table, kMarketSlip, money, wish.order)) {
            case MarketOrderError::none:
                break;
            case MarketOrderError::no_liquidity:
                return {{}, "EOrder:Insufficient liquidity"};
            case MarketOrderError::too_small:
                return {{}, std::string(words(PlaceError::quantity_min))};
        }
    }
    const PlaceResult result = setup_.exchange->place(wish.order, now);
    const std::string_view error = words(result.error);
    if (!error.empty()) return {{}, std::string(error)};
    if (terms.is_market || terms.userref) terms_[result.id] = terms;
    std::string text = fmt::format(R"({{"order_id":"{}")", order_id(result.id));
    if (!wish.order.client_id.empty())
        text += fmt::format(R"(,"cl_ord_id":{})", json_text(wish.order.client_id));
    if (terms.userref) text += fmt::format(R"(,"order_userref":{})", *terms.userref);
    return {text + "}", {}};
}

Answer EmulatedKraken::add_order(const EmulatedKey& key, const Json& parameters, bool only_looked_at,
                                 Timestamp now)
{
    const Listing* l = listing(wire_text(parameters, "symbol"));
    if (l == nullptr) return {{}, "EQuery:Unknown asset pair"};
    if (!charge(key.account, l->id, 1, now)) return {{}, "EOrder:Rate limit exceeded"};
    Wish wish;
    if (std::string error = read_order(key, *l, parameters, wish); !error.empty())
        return {{}, std::move(error)};
    if (!only_looked_at) return submit(std::move(wish), now);
    if (const std::string_view error = judge(wish); !error.empty()) return {{}, std::string(error)};
    return {R"({"order_id":""})", {}};
}

Timestamp EmulatedKraken::begin_of(const EmulatedOrder& order) const
{
    const auto found = amended_.find(order.id);
    return found == amended_.end() ? order.created : std::max(order.created, found->second.last);
}

// One unit is charged whatever comes of it, those by age only when it is done.
Answer EmulatedKraken::amend_order(const EmulatedKey& key, const Json& parameters, Timestamp now)
{
    const std::string_view id = wire_text(parameters, "order_id");
    const std::string_view client = wire_text(parameters, "cl_ord_id");
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
        const std::string_view value = wire_text(parameters, other);
        if (!value.empty() && value != "static")
            return {{}, fmt::format("EGeneral:Invalid arguments:{}", other)};
    }
    if (const std::string_view text = wire_text(parameters, "deadline"); !text.empty()) {
        const std::optional<Timestamp> deadline = parse_utc(text);
        if (!deadline || *deadline > now + seconds(60)) return {{}, "EGeneral:Invalid arguments:deadline"};
        if (*deadline <= now) return {{}, "EService:Deadline elapsed"};
    }
    const std::string_view limit = wire_text(parameters, "limit_price");
    const std::string_view volume = wire_text(parameters, "order_qty");
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
    if (wire_flag(parameters, "post_only") && !limit.empty() && takes) return {{}, "EOrder:Post only order"};
    const std::int64_t more = charge_of(kAmendCharges, now - begin_of(order));
    charge_anyway(order.account, order.listing, more, now);
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
    const auto each = [&](const char* name, const auto& cancel) {
        simdjson::dom::array ids;
        if (parameters[name].get(ids) != simdjson::SUCCESS) return;
        for (const Json entry : ids) {
            std::string_view text;
            if (entry.get(text) != simdjson::SUCCESS) continue;
            any = true;
            for (const Answer& done : cancel(text))
                say(id, session, answer("cancel_order", request, done, now), now, out);
        }
    };
    using Answers = std::vector<Answer>;
    each("cl_ord_id", [&](std::string_view text) { return Answers{cancel_order(key, text, true, now)}; });
    each("order_id", [&](std::string_view text) { return Answers{cancel_order(key, text, false, now)}; });
    each("order_userref", [&](std::string_view text) {
        Answers answers;
        for (const EmulatedOrder* order : with_reference(key.account, text))
            answers.push_back(cancel_order(key, order_id(order->id), false, now));
        if (answers.empty()) answers.push_back({{}, "EOrder:Unknown order"});
        return answers;
    });
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

// Open orders with that number of their client's.
std::vector<const EmulatedOrder*> EmulatedKraken::with_reference(AccountId account,
                                                                 std::string_view userref) const
{
    std::vector<const EmulatedOrder*> found;
    const ScaledNumber number = parse_scaled(userref, 0);
    if (number.error != DecimalError::none) return found;
    for (const EmulatedOrder* order : setup_.exchange->orders(account, kNoListing, true)) {
        if (terms(order->id).userref == number.value) found.push_back(order);
    }
    return found;
}

void EmulatedKraken::charge_anyway(AccountId account, ListingId listing, std::int64_t units, Timestamp now)
{
    if (setup_.rate_limits) charges_[{account, listing}].force(units, tier_.orders_fall, now);
}

bool EmulatedKraken::charge(AccountId account, ListingId listing, std::int64_t units, Timestamp now)
{
    return charge_millionths(account, listing, units * VenueCounter::kWhole, now);
}

// All keys of an account share the counter of a pair.
bool EmulatedKraken::charge_millionths(AccountId account, ListingId listing, std::int64_t wanted,
                                       Timestamp now)
{
    return !setup_.rate_limits ||
           charges_[{account, listing}].take_millionths(wanted, tier_.orders_most, tier_.orders_fall, now);
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
