// The emulated Kraken: orders placed and cancelled many at a time, by websocket and by REST. What is found
// wrong with one order before any meets the market refuses them all; what the market refuses is told of each.
#include <fmt/format.h>

#include "connectors/kraken/emulated_core.hpp"

namespace arb::kraken {
namespace {

constexpr std::size_t kAddLeast = 2, kAddMost = 15, kCancelMost = 50;

/// Every member whose name begins with `prefix` and a number in brackets, in order.
std::vector<std::string> listed(std::string_view form, const std::string& prefix)
{
    std::vector<std::string> values;
    for (;;) {
        std::string value = query_text(form, fmt::format("{}[{}]", prefix, values.size()));
        if (value.empty()) return values;
        values.push_back(std::move(value));
    }
}

std::set<std::string> texts_of(const simdjson::dom::element& object, const char* key)
{
    std::set<std::string> texts;
    simdjson::dom::array entries;
    if (object[key].get(entries) != simdjson::SUCCESS) return texts;
    for (const simdjson::dom::element entry : entries) {
        std::string_view text;
        if (entry.get(text) == simdjson::SUCCESS) texts.emplace(text);
    }
    return texts;
}

}  // namespace

// The fixed charge, a half of each order, is taken in any case.
std::string EmulatedKraken::place_all(const EmulatedKey& key, const Listing* l,
                                      const std::vector<Json>& orders, bool only_looked_at, Timestamp now,
                                      std::vector<Answer>& answers)
{
    if (l == nullptr) return "EQuery:Unknown asset pair";
    if (orders.size() < kAddLeast || orders.size() > kAddMost) return "EGeneral:Invalid arguments:orders";
    if (!charge_millionths(key.account, l->id,
                           static_cast<std::int64_t>(orders.size()) * VenueCounter::kWhole / 2, now))
        return "EOrder:Rate limit exceeded";
    std::vector<Wish> wishes(orders.size());
    for (std::size_t i = 0; i < orders.size(); ++i) {
        if (std::string error = read_order(key, *l, orders[i], wishes[i]); !error.empty()) return error;
        if (const std::string_view error = judge(wishes[i]); !error.empty()) return std::string(error);
    }
    for (Wish& wish : wishes)
        answers.push_back(only_looked_at ? Answer{R"({"order_id":""})", {}} : submit(std::move(wish), now));
    return {};
}

Answer EmulatedKraken::batch_add(const EmulatedKey& key, const Json& parameters, Timestamp now)
{
    simdjson::dom::array entries;
    if (parameters["orders"].get(entries) != simdjson::SUCCESS)
        return {{}, "EGeneral:Invalid arguments:orders"};
    const std::vector<Json> orders(entries.begin(), entries.end());
    std::vector<Answer> answers;
    std::string error = place_all(key, listing(wire_text(parameters, "symbol")), orders,
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

Answer EmulatedKraken::add_batch_by_form(std::string_view form, const EmulatedKey& key, Timestamp now)
{
    const Listing* l = by_name(query_text(form, "pair"));
    std::vector<std::string> texts;
    std::string json;
    for (std::string prefix = "orders[0]"; !query_text(form, prefix + "[ordertype]").empty();
         prefix = fmt::format("orders[{}]", texts.size())) {
        json += (json.empty() ? "[" : ",") + order_of(form, prefix, l);
        texts.push_back(description(form, prefix, l));
    }
    json += json.empty() ? "[]" : "]";
    simdjson::dom::parser parser;
    simdjson::dom::array entries;
    if (parser.parse(json.data(), json.size()).get(entries) != simdjson::SUCCESS)
        return {{}, "EGeneral:Invalid arguments:orders"};
    const bool only_looked_at = form_flag(form, "validate");
    std::vector<Answer> answers;
    std::string error =
        place_all(key, l, std::vector<Json>(entries.begin(), entries.end()), only_looked_at, now, answers);
    if (!error.empty()) return {{}, std::move(error)};
    std::string rows;
    for (std::size_t i = 0; i < answers.size(); ++i) {
        rows += rows.empty() ? "{" : ",{";
        if (!answers[i].error.empty())
            rows += fmt::format(R"("error":{},)", json_text(answers[i].error));
        else if (!only_looked_at)
            rows += fmt::format(R"("txid":"{}",)", answers[i].result.substr(13, 19));
        rows += texts[i] + "}";
    }
    return {fmt::format(R"({{"orders":[{}]}})", rows), {}};
}

// Each costs what it would cost alone, and they are cancelled even where that goes beyond the limit. An id
// that is not known is not counted.
Answer EmulatedKraken::cancel_many(const EmulatedKey& key, const std::set<std::string>& ids,
                                   const std::set<std::string>& clients, Timestamp now)
{
    std::set<std::uint64_t> found;
    const auto add = [&](const EmulatedOrder* order) {
        if (order != nullptr && order->state == EmulatedState::open) found.insert(order->id);
    };
    for (const std::string& id : ids) {
        add(setup_.exchange->find(key.account, order_number(id)));
        for (const EmulatedOrder* order : with_reference(key.account, id)) add(order);
    }
    for (const std::string& client : clients) add(setup_.exchange->find_client(key.account, client));
    for (const std::uint64_t id : found) {
        const EmulatedOrder& order = *setup_.exchange->find(key.account, id);
        charge_anyway(key.account, order.listing, charge_of(kCancelCharges, now - begin_of(order)), now);
        (void)setup_.exchange->cancel(key.account, id, now);
    }
    return {fmt::format(R"({{"count":{}}})", found.size()), {}};
}

Answer EmulatedKraken::batch_cancel(const EmulatedKey& key, const Json& parameters, Timestamp now)
{
    const std::set<std::string> ids = texts_of(parameters, "orders"),
                                clients = texts_of(parameters, "cl_ord_id");
    const std::size_t count = ids.size() + clients.size();
    if (count < kAddLeast || count > kCancelMost) return {{}, "EGeneral:Invalid arguments:orders"};
    return cancel_many(key, ids, clients, now);
}

Answer EmulatedKraken::cancel_batch_by_form(std::string_view form, const EmulatedKey& key, Timestamp now)
{
    const std::vector<std::string> ids = listed(form, "orders"), clients = listed(form, "cl_ord_ids");
    const std::set<std::string> id_set(ids.begin(), ids.end()), client_set(clients.begin(), clients.end());
    const std::size_t count = id_set.size() + client_set.size();
    if (count == 0 || count > kCancelMost) return {{}, "EGeneral:Invalid arguments:orders"};
    return cancel_many(key, id_set, client_set, now);
}

}  // namespace arb::kraken
