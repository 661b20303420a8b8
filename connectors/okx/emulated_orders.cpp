#include "connectors/okx/emulated_orders.hpp"

#include <optional>

#include <fmt/format.h>

#include "connectors/okx/emulated_parts.hpp"

namespace arb::okx {
namespace {

constexpr std::size_t kClientMax = 32, kTagMax = 16;

/// What the order says; else it is what accounts are set to.
constexpr Word<SelfTrade> kPreventions[] = {
    {"cancel_maker", SelfTrade::cancel_maker},
    {"cancel_taker", SelfTrade::cancel_taker},
    {"cancel_both", SelfTrade::cancel_both},
};

std::string item(std::uint64_t order, std::string_view client, std::string_view code, std::string_view text,
                 Timestamp now)
{
    return fmt::format(R"({{"ordId":"{}","clOrdId":{},"tag":"","ts":"{}","sCode":"{}","sMsg":{}}})",
                       order == 0 ? std::string() : fmt::format("{}", order), json_text(client), ms_of(now),
                       code, json_text(text));
}

}  // namespace

EmulatedOrders::EmulatedOrders(EmulatedParts& parts) : EmulatedPart(parts), amends_(parts) {}

Answer EmulatedOrders::one(OrderVerb verb, const OrderWish& wish)
{
    if (verb == OrderVerb::amend) return amends_.amend(wish);
    return verb == OrderVerb::place ? place(wish) : cancel(wish);
}

// The outer code tells whether all ("1") or some ("2") failed.
Answer EmulatedOrders::batch(OrderVerb verb, const OrderWish& wishes)
{
    simdjson::dom::array entries;
    if (wishes.argument.get(entries) != simdjson::SUCCESS || entries.size() == 0 || entries.size() > 20)
        return {{}, "51000", "Parameter error"};
    Answer all;
    std::size_t failed = 0;
    const bool batched = entries.size() > 1;  // a batch of one counts as a single order
    for (const JsonBody entry : entries) {
        Answer said = one(verb, {wishes.key, entry, wishes.by_code, wishes.now, batched});
        if (said.data.empty() && !batched) return said;
        if (said.data.empty())
            said.data = item(0, member(entry, "clOrdId"), said.code, said.text, wishes.now);
        failed += said.code != "0" ? 1 : 0;
        all.data += (all.data.empty() ? "" : ",") + said.data;
    }
    if (failed > 0) {
        all.code = failed == entries.size() ? "1" : "2";
        all.text = failed == entries.size() ? "All operations failed" : "Bulk operation partially succeeded.";
    }
    return all;
}

std::string_view EmulatedOrders::unsettled(const JsonBody& argument, const Listing& listing) const
{
    const bool spot = listing.market == "spot";
    const std::string pays = member(argument, "tradeQuoteCcy");
    if (pays.empty() ? spot && parts_.settings.quote == "required"
                     : !spot || pays != dialect_.instrument(listing).quote)
        return "51000";
    const std::string mode = member(argument, "tdMode");
    const std::string position = member(argument, "posSide");
    const bool margin = parts_.settings.level == "3" || parts_.settings.level == "4";
    if (!spot && parts_.settings.level == "1") return "51010";
    if (spot ? mode != (margin ? "cross" : "cash") : mode != "cross" && mode != "isolated") return "51000";
    if (spot) return position.empty() ? "" : "51000";
    if (parts_.settings.positions == "long_short_mode")
        return position == "long" || position == "short" ? "" : "51000";
    return position.empty() || position == "net" ? "" : "51000";
}

Answer EmulatedOrders::place(const OrderWish& wish)
{
    const auto& [key, argument, by_code, now, batched] = wish;
    const std::string client = member(argument, "clOrdId");
    const std::string tag = member(argument, "tag");
    const auto refuse = [&](std::string_view code, std::string_view why) {
        return Answer{item(0, client, code, why, wish.now), "1", "Operation failed."};
    };
    std::int64_t number = 0;
    if (by_code && argument["instIdCode"].get(number) != simdjson::SUCCESS)
        return refuse("50014", "Parameter instIdCode can not be empty");
    const Listing* l =
        by_code ? dialect_.listing_of_code(number) : dialect_.listing(member(argument, "instId"));
    if (l == nullptr) return refuse("51001", kNoInstrument);
    if (parts_.limits.orders_too_fast(key, *l, OrderVerb::place, batched, now))
        return {{}, "50011", "Requests too frequent."};
    if (!is_made_of(client, kClientMax)) return refuse("51000", "Parameter clOrdId error");
    if (!is_made_of(tag, kTagMax)) return refuse("51000", "Parameter tag error");
    const std::string_view wrong = unsettled(argument, *l);
    if (wrong == "51010")
        return refuse(wrong, "You can't complete this request under your current account mode.");
    if (!wrong.empty()) return refuse(wrong, "Parameter tdMode, posSide or tradeQuoteCcy error");
    const std::string side = member(argument, "side");
    const std::string type = member(argument, "ordType");
    const bool market = type == "market";
    PlaceOrder order;
    order.time_in_force = TimeInForce::ioc;
    const bool known = market || (!type.empty() && read_word(kOrderTypes, type, order.time_in_force));
    if ((side != "buy" && side != "sell") || !known) return refuse("51000", "Parameter error");
    order.account = key.account;
    order.listing = l->id;
    order.client_id = client;
    order.side = side == "buy" ? Side::buy : Side::sell;
    const std::string mode = member(argument, "stpMode");
    order.self_trade = SelfTrade::cancel_maker;
    if (!read_word(kPreventions, mode, order.self_trade)) return refuse("51000", "Parameter stpMode error");
    if (order.self_trade == SelfTrade::cancel_both && order.time_in_force == TimeInForce::fok)
        return refuse("50016", "Parameter stpMode doesn't match parameter ordType.");
    bool reduces = false;
    (void)(argument["reduceOnly"].get(reduces) == simdjson::SUCCESS);
    order.reduce_only = l->market != "spot" && (reduces || member(argument, "reduceOnly") == "true");
    MarketTerms terms;
    const Refusal bad = market ? read_market_terms(setup_, argument, *l, order, terms)
                               : read_limit_terms(dialect_.instrument(*l), argument, *l, order);
    if (!bad.code.empty()) return refuse(bad.code, bad.text);
    if (parts_.limits.account_too_fast(key, *l, now))
        return refuse("50061", "You've reached the maximum order rate limit for this account.");
    const PlaceResult result = exchange_.place(order, now);
    const auto [code, why] = refusal_words(result.error);
    if (code != "0") return refuse(code, why);
    parts_.notes.keep(result.id, {tag, mode, market ? std::optional(std::move(terms)) : std::nullopt});
    return {item(result.id, client, "0", "", now), "0", ""};
}

Answer EmulatedOrders::cancel(const OrderWish& wish)
{
    const auto& [key, argument, by_code, now, batched] = wish;
    const std::string client = member(argument, "clOrdId");
    const auto refuse = [&](std::string_view code, std::string_view why) {
        return Answer{item(0, client, code, why, wish.now), "1", "Operation failed."};
    };
    std::int64_t number = 0;
    const bool coded = by_code && argument["instIdCode"].get(number) == simdjson::SUCCESS;
    const Listing* l = coded     ? dialect_.listing_of_code(number)
                       : by_code ? nullptr
                                 : dialect_.listing(member(argument, "instId"));
    if (l == nullptr) return refuse("51001", kNoInstrument);
    if (parts_.limits.orders_too_fast(key, *l, OrderVerb::cancel, batched, now))
        return {{}, "50011", "Requests too frequent."};
    const EmulatedOrder* order = parts_.notes.named(key, argument);
    if (order == nullptr) return refuse("51603", "Order does not exist.");
    if (order->state == EmulatedState::filled)
        return refuse("51400", "Cancellation failed as the order has been filled.");
    if (order->state != EmulatedState::open)
        return refuse("51401", "Cancellation failed as the order has been canceled.");
    (void)exchange_.cancel(key.account, order->id, now);
    return {item(order->id, client, "0", "", now), "0", ""};
}

}  // namespace arb::okx
