#include "connectors/kraken/emulated_rest.hpp"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "connectors/kraken/emulated_parts.hpp"
#include "engine/emulate/params.hpp"

namespace arb::kraken {
namespace {

/// Every member whose name begins with `prefix` and a number in brackets.
std::set<std::string> listed(std::string_view form, const std::string& prefix)
{
    std::set<std::string> values;
    for (std::size_t place = 0;; ++place) {
        std::string value = query_text(form, fmt::format("{}[{}]", prefix, place));
        if (value.empty()) return values;
        values.insert(std::move(value));
    }
}

// An order of a form in the websocket's words; `prefix`: "orders[0]".
std::string order_in_words(std::string_view form, const std::string& prefix, const Listing* l)
{
    const auto text = [&](const char* name) {
        return query_text(form, prefix.empty() ? name : fmt::format("{}[{}]", prefix, name));
    };
    std::string tif = text("timeinforce");
    std::transform(tif.begin(), tif.end(), tif.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    std::string stp = text("stptype");
    std::replace(stp.begin(), stp.end(), '-', '_');
    const std::string flags = text("oflags");
    const bool in_quote = flags.find("viqc") != std::string::npos;
    return fmt::format(
        R"({{"symbol":{},"side":{},"order_type":{},"{}":{},"limit_price":{},"time_in_force":{},)"
        R"("post_only":{},"cl_ord_id":{},"order_userref":{},"stp_type":{}}})",
        json_text(l != nullptr ? l->symbol : ""), json_text(text("type")), json_text(text("ordertype")),
        in_quote ? "cash_order_qty" : "order_qty", json_text(text("volume")), json_text(text("price")),
        json_text(tif), flags.find("post") != std::string::npos, json_text(text("cl_ord_id")),
        json_text(text("userref")), json_text(stp));
}

std::string description(std::string_view form, const std::string& prefix, const std::string& altname)
{
    const auto text = [&](const char* name) {
        return query_text(form, prefix.empty() ? name : fmt::format("{}[{}]", prefix, name));
    };
    const bool is_market = text("ordertype") == "market";
    return fmt::format(R"("descr":{{"order":{}}})",
                       json_text(fmt::format("{} {} {} @ {}", text("type"), text("volume"), altname,
                                             is_market ? "market" : "limit " + text("price"))));
}

}  // namespace

ServerReply EmulatedRest::answer(const ServerRequest& request, Timestamp now)
{
    ServerReply reply;
    reply.headers = {{"Content-Type", "application/json"}};
    Answer answer;
    const std::string_view path = request.path();
    std::optional<std::string> body(request.method == "GET" ? std::string(request.query()) : request.body);
    if (request.method == "POST" && request.header("Content-Type").find("json") != std::string_view::npos)
        body = form_of_json(request.body);
    const std::string form = body.value_or("");
    if (path.starts_with("/0/public/") && (request.method == "GET" || request.method == "POST")) {
        answer = parts_.tape.answer(path.substr(10), form, now);
    } else if (path.starts_with("/0/private/") && request.method == "POST") {
        const EmulatedKey* key = nullptr;
        const std::string_view name = path.substr(11);
        answer.error = parts_.identity.admit(request, name, form, now, key);
        if (answer.error.empty()) answer = ask_private(name, form, *key, now);
    } else {
        reply.status = 404;
        answer.error = "EGeneral:Unknown method";
    }
    // HTTP 200 even on errors: error[] tells.
    reply.body = answer.error.empty() ? fmt::format(R"({{"error":[],"result":{}}})", answer.result)
                                      : fmt::format(R"({{"error":[{}]}})", json_text(answer.error));
    return reply;
}

Answer EmulatedRest::ask_private(std::string_view name, std::string_view form, const EmulatedKey& key,
                                 Timestamp now)
{
    if (name == "GetApiKeyInfo") return parts_.lists.key_info(key);  // needs no permission
    if (name == "GetWebSocketsToken")
        return {fmt::format(R"({{"token":"{}","expires":900}})", parts_.identity.new_token(key, now)), {}};
    if (!key.can_read) return {{}, "EGeneral:Permission denied"};
    if (std::optional<Answer> list = parts_.lists.answer(name, form, key)) return *std::move(list);
    if (!key.can_trade) return {{}, "EGeneral:Permission denied"};
    return trade(name, form, key, now);
}

Answer EmulatedRest::trade(std::string_view name, std::string_view form, const EmulatedKey& key,
                           Timestamp now)
{
    EmulatedChanges& changes = parts_.changes;
    if (name == "CancelAll") return changes.cancel_all(key, now);
    if (name == "CancelAllOrdersAfter") return changes.cancel_after(key, query_text(form, "timeout"), now);
    if (name == "CancelOrder") return cancel(form, key, now);
    if (name == "CancelOrderBatch")
        return changes.cancel_many(key, listed(form, "orders"), listed(form, "cl_ord_ids"), 1, now);
    if (name == "AddOrderBatch") return place_batch(form, key, now);
    if (name == "AddOrder") return place(form, key, now);
    if (name == "AmendOrder") return amend(form, key, now);
    return {{}, "EGeneral:Unknown method"};
}

Answer EmulatedRest::place(std::string_view form, const EmulatedKey& key, Timestamp now)
{
    const Listing* l = dialect_.by_name(query_text(form, "pair"));
    const std::string json = order_in_words(form, {}, l);
    simdjson::dom::parser parser;
    Json parameters;
    if (parser.parse(json.data(), json.size()).get(parameters) != simdjson::SUCCESS)
        return {{}, "EGeneral:Invalid arguments"};
    const bool only_looked_at = form_flag(form, "validate");
    const Answer done = parts_.orders.add(key, parameters, only_looked_at, now);
    if (!done.error.empty()) return done;
    const std::string text = description(form, {}, l != nullptr ? dialect_.altname(*l) : "");
    if (only_looked_at) return {"{" + text + "}", {}};
    return {fmt::format(R"({{{},"txid":["{}"]}})", text, done.result.substr(13, 19)), {}};
}

Answer EmulatedRest::place_batch(std::string_view form, const EmulatedKey& key, Timestamp now)
{
    const Listing* l = dialect_.by_name(query_text(form, "pair"));
    std::vector<std::string> texts;
    std::string json;
    for (std::string prefix = "orders[0]"; !query_text(form, prefix + "[ordertype]").empty();
         prefix = fmt::format("orders[{}]", texts.size())) {
        json += (json.empty() ? "[" : ",") + order_in_words(form, prefix, l);
        texts.push_back(description(form, prefix, l != nullptr ? dialect_.altname(*l) : ""));
    }
    json += json.empty() ? "[]" : "]";
    simdjson::dom::parser parser;
    simdjson::dom::array entries;
    if (parser.parse(json.data(), json.size()).get(entries) != simdjson::SUCCESS)
        return {{}, "EGeneral:Invalid arguments:orders"};
    const bool only_looked_at = form_flag(form, "validate");
    std::vector<Answer> answers;
    std::string error = parts_.orders.add_all(key, l, std::vector<Json>(entries.begin(), entries.end()),
                                              only_looked_at, now, answers);
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

// What is said to be the venue's id may be the client's number, which several orders can have.
Answer EmulatedRest::cancel(std::string_view form, const EmulatedKey& key, Timestamp now)
{
    const std::string client = query_text(form, "cl_ord_id"), id = query_text(form, "txid");
    std::size_t count = 0;
    for (const EmulatedOrder* order :
         parts_.terms.with_reference(key.account, client.empty() ? id : std::string())) {
        const Answer done = parts_.changes.cancel(key, order_id(order->id), false, now);
        if (!done.error.empty()) return done;
        ++count;
    }
    if (count == 0) {
        const Answer done = parts_.changes.cancel(key, client.empty() ? id : client, !client.empty(), now);
        if (!done.error.empty()) return done;
        count = 1;
    }
    return {fmt::format(R"({{"count":{},"pending":false}})", count), {}};
}

Answer EmulatedRest::amend(std::string_view form, const EmulatedKey& key, Timestamp now)
{
    std::string json = fmt::format(R"({{"post_only":{})", query_text(form, "post_only") == "true");
    for (const char* name :
         {"txid", "cl_ord_id", "order_qty", "display_qty", "limit_price", "trigger_price", "deadline"}) {
        const std::string value = query_text(form, name);
        if (value.empty()) continue;
        json += fmt::format(R"(,"{}":{})", std::string_view(name) == "txid" ? "order_id" : name,
                            json_text(value));
    }
    json += "}";
    simdjson::dom::parser parser;
    Json parameters;
    if (parser.parse(json.data(), json.size()).get(parameters) != simdjson::SUCCESS)
        return {{}, "EGeneral:Invalid arguments"};
    const Answer done = parts_.changes.amend(key, parameters, now);
    if (!done.error.empty()) return done;
    // Here it does not say which order it was.
    return {done.result.substr(0, done.result.find(',')) + "}", {}};
}

}  // namespace arb::kraken
