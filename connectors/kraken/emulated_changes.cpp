#include "connectors/kraken/emulated_orders.hpp"

#include <fmt/format.h>

#include "connectors/kraken/emulated_parts.hpp"

namespace arb::kraken {
namespace {

constexpr std::size_t kSocketLeast = 2, kCancelMost = 50;

std::set<std::string> texts_of(const Json& object, const char* key)
{
    std::set<std::string> texts;
    simdjson::dom::array entries;
    if (object[key].get(entries) != simdjson::SUCCESS) return texts;
    for (const Json entry : entries) {
        std::string_view text;
        if (entry.get(text) == simdjson::SUCCESS) texts.emplace(text);
    }
    return texts;
}

}  // namespace

const EmulatedOrder* EmulatedChanges::find(const EmulatedKey& key, std::string_view id, bool by_client) const
{
    const EmulatedOrder* order =
        by_client ? exchange_.find_client(key.account, id) : exchange_.find(key.account, order_number(id));
    return order != nullptr && order->state == EmulatedState::open ? order : nullptr;
}

// One unit is charged whatever comes of it, those by age only when it is done.
Answer EmulatedChanges::amend(const EmulatedKey& key, const Json& parameters, Timestamp now)
{
    const std::string_view id = wire_text(parameters, "order_id");
    const std::string_view client = wire_text(parameters, "cl_ord_id");
    if (id.empty() && client.empty()) return {{}, "EGeneral:Invalid arguments"};
    const EmulatedOrder* order = find(key, id.empty() ? client : id, id.empty());
    if (order == nullptr) return {{}, "EOrder:Unknown order"};
    if (!parts_.charges.take(key.account, order->listing, 1, now)) return {{}, "EOrder:Rate limit exceeded"};
    if (std::string error = amend_order(*order, parameters, now); !error.empty())
        return {{}, std::move(error)};
    return {fmt::format(R"({{"amend_id":"TEMULA-{:05}","{}":{}}})", next_amend_++,
                        id.empty() ? "cl_ord_id" : "order_id", json_text(id.empty() ? client : id)),
            {}};
}

// What is not named stays as it is. Icebergs and triggered orders are not here to be amended.
std::string EmulatedChanges::amend_order(const EmulatedOrder& order, const Json& parameters, Timestamp now)
{
    for (const char* other : {"display_qty", "trigger_price", "trigger_price_type", "limit_price_type"}) {
        const std::string_view value = wire_text(parameters, other);
        if (!value.empty() && value != "static") return fmt::format("EGeneral:Invalid arguments:{}", other);
    }
    if (const std::string_view text = wire_text(parameters, "deadline"); !text.empty()) {
        const std::optional<Timestamp> deadline = parse_utc(text);
        if (!deadline || *deadline > now + seconds(60)) return "EGeneral:Invalid arguments:deadline";
        if (*deadline <= now) return "EService:Deadline elapsed";
    }
    const std::string_view limit = wire_text(parameters, "limit_price");
    const std::string_view volume = wire_text(parameters, "order_qty");
    if (limit.empty() && volume.empty()) return "EGeneral:Invalid arguments";
    const Instrument& instrument = dialect_.instrument(order.listing);
    ScaledNumber price{order.price.units, DecimalError::none},
        quantity{order.quantity.units, DecimalError::none};
    if (!limit.empty()) price = parse_scaled(limit, instrument.price_decimals);
    if (!volume.empty()) quantity = parse_scaled(volume, instrument.quantity_decimals);
    if (price.error != DecimalError::none) return "EOrder:Tick size check failed";
    const std::string bad_quantity = "EGeneral:Invalid arguments:order_qty";
    if (quantity.error != DecimalError::none) return bad_quantity;
    const EmulatedBook book = exchange_.book(order.listing);
    const bool takes = order.side == Side::buy
                           ? !book.asks.empty() && price.value >= book.asks.front().price.units
                           : !book.bids.empty() && price.value <= book.bids.front().price.units;
    if (wire_flag(parameters, "post_only") && !limit.empty() && takes) return "EOrder:Post only order";
    const std::int64_t more = charge_of(kAmendCharges, now - parts_.terms.begin_of(order));
    parts_.charges.force(order.account, order.listing, more, now);
    const PlaceError error = exchange_.amend(order.account, order.id, {price.value}, {quantity.value}, now);
    if (error == PlaceError::none) return {};
    parts_.charges.give_back(order.account, order.listing, more);
    if (error == PlaceError::unknown_listing) return "EOrder:Unknown order";
    return error == PlaceError::bad_quantity ? bad_quantity : refusal(error);
}

Answer EmulatedChanges::cancel(const EmulatedKey& key, std::string_view id, bool by_client, Timestamp now)
{
    const EmulatedOrder* order = find(key, id, by_client);
    if (order == nullptr) return {{}, "EOrder:Unknown order"};
    if (!parts_.charges.take(key.account, order->listing,
                             charge_of(kCancelCharges, now - parts_.terms.begin_of(*order)), now))
        return {{}, "EOrder:Rate limit exceeded"};
    (void)exchange_.cancel(key.account, order->id, now);
    return {fmt::format(R"({{"order_id":"{}"}})", order_id(order->id)), {}};
}

std::vector<Answer> EmulatedChanges::cancel_each(const EmulatedKey& key, const Json& parameters,
                                                 Timestamp now)
{
    std::vector<Answer> answers;
    const auto each = [&](const char* name, const auto& cancel_text) {
        simdjson::dom::array ids;
        if (parameters[name].get(ids) != simdjson::SUCCESS) return;
        for (const Json entry : ids) {
            std::string_view text;
            if (entry.get(text) == simdjson::SUCCESS) cancel_text(text);
        }
    };
    each("cl_ord_id", [&](std::string_view text) { answers.push_back(cancel(key, text, true, now)); });
    each("order_id", [&](std::string_view text) { answers.push_back(cancel(key, text, false, now)); });
    each("order_userref", [&](std::string_view text) {
        const std::vector<const EmulatedOrder*> orders = parts_.terms.with_reference(key.account, text);
        for (const EmulatedOrder* order : orders)
            answers.push_back(cancel(key, order_id(order->id), false, now));
        if (orders.empty()) answers.push_back({{}, "EOrder:Unknown order"});
    });
    if (answers.empty()) answers.push_back({{}, "EGeneral:Invalid arguments"});
    return answers;
}

// Each costs what it would cost alone, and they are cancelled even where that goes beyond the limit. An id
// that is not known is not counted.
Answer EmulatedChanges::cancel_many(const EmulatedKey& key, const std::set<std::string>& ids,
                                    const std::set<std::string>& clients, std::size_t least, Timestamp now)
{
    const std::size_t count = ids.size() + clients.size();
    if (count < least || count > kCancelMost) return {{}, "EGeneral:Invalid arguments:orders"};
    std::set<std::uint64_t> found;
    const auto add = [&](const EmulatedOrder* order) {
        if (order != nullptr) found.insert(order->id);
    };
    for (const std::string& id : ids) {
        add(find(key, id, false));
        for (const EmulatedOrder* order : parts_.terms.with_reference(key.account, id)) add(order);
    }
    for (const std::string& client : clients) add(find(key, client, true));
    for (const std::uint64_t id : found) {
        const EmulatedOrder& order = *exchange_.find(key.account, id);
        parts_.charges.force(key.account, order.listing,
                             charge_of(kCancelCharges, now - parts_.terms.begin_of(order)), now);
        (void)exchange_.cancel(key.account, id, now);
    }
    return {fmt::format(R"({{"count":{}}})", found.size()), {}};
}

Answer EmulatedChanges::cancel_batch(const EmulatedKey& key, const Json& parameters, Timestamp now)
{
    return cancel_many(key, texts_of(parameters, "orders"), texts_of(parameters, "cl_ord_id"), kSocketLeast,
                       now);
}

Answer EmulatedChanges::cancel_all(const EmulatedKey& key, Timestamp now)
{
    std::vector<std::uint64_t> open;
    for (const EmulatedOrder* order : exchange_.orders(key.account, kNoListing, true))
        open.push_back(order->id);
    for (const std::uint64_t id : open) (void)exchange_.cancel(key.account, id, now);
    return {fmt::format(R"({{"count":{}}})", open.size()), {}};
}

Answer EmulatedChanges::cancel_after(const EmulatedKey& key, std::string_view text, Timestamp now)
{
    const std::int64_t timeout = parse_scaled(text, 0).value;
    if (timeout < 0 || timeout >= 86'400) return {{}, "EGeneral:Invalid arguments:timeout"};
    const Timestamp trigger = timeout == 0 ? Timestamp{} : now + seconds(timeout);
    exchange_.set_dead_man(key.account, kNoListing, trigger);
    return {fmt::format(R"({{"currentTime":"{}","triggerTime":"{}"}})", micros(now),
                        timeout == 0 ? std::string("0") : micros(trigger)),
            {}};
}

}  // namespace arb::kraken
