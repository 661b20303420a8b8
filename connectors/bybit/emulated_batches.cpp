// The emulated Bybit: several orders in one request. Each is judged and counted by itself; the request as a
// whole is good all the same.
#include <fmt/format.h>
#include <simdjson.h>

#include "connectors/bybit/emulated_core.hpp"

namespace arb::bybit {
namespace {

// "Batch Place Order": so many in one request. "Rate Limit": so many in a second, counted apart.
constexpr std::size_t kSpotMost = 10, kContractsMost = 20;
constexpr int kSpotRate = 20, kContractsRate = 10;

}  // namespace

bool read_batch(std::string_view json, std::vector<Params>& out)
{
    simdjson::dom::parser parser;
    simdjson::dom::array entries;
    if (parser.parse(json.data(), json.size()).at_key("request").get(entries) != simdjson::SUCCESS)
        return false;
    for (const simdjson::dom::element entry : entries) {
        if (!entry.is_object() || out.size() > kContractsMost) return false;
        (void)read_params(simdjson::minify(entry), out.emplace_back());
    }
    return true;
}

Answer EmulatedBybit::batch(const Call& call, Handler each, std::string_view verb)
{
    const Answer wrong = check_category(call);
    if (wrong.code != 0) return wrong;
    if (call.batch.empty()) return refuse(10001, "params error: request is invalid");
    if (call.batch.size() > (spot() ? kSpotMost : kContractsMost))
        return refuse(10001, "params error: The number of orders in a batch exceeds the limit");
    const std::string bucket = fmt::format("{} {}-batch", static_cast<std::uint32_t>(call.account()), verb);
    std::string list, codes;
    for (const Params& entry : call.batch) {
        Call one;
        one.params = {{"category", setup_.market}};
        one.params.insert(one.params.end(), entry.begin(), entry.end());
        one.key = call.key;
        one.now = call.now;
        RateLeft limit;
        const bool fits =
            counts_.take(bucket, spot() ? kSpotRate : kContractsRate, seconds(1), call.now, limit);
        if (call.limit != nullptr) *call.limit = limit;
        const Answer answer =
            fits ? (this->*each)(one) : refuse(10006, "Too many visits. Exceeded the API Rate Limit.");
        const bool taken = answer.code == 0;
        // A taken one is named as the answer to a single one names it.
        const std::string names =
            taken ? answer.result.substr(1, answer.result.size() - 2)
                  : fmt::format(R"("orderId":"","orderLinkId":{})", json_text(one.get("orderLinkId")));
        const std::string made =
            verb != "create" ? ""
                             : fmt::format(R"(,"createAt":"{}")",
                                           taken ? fmt::format("{}", ms_of(call.now)) : std::string());
        list += fmt::format(R"({}{{"category":"{}","symbol":{},{}{}}})", list.empty() ? "" : ",",
                            setup_.market, json_text(one.get("symbol")), names, made);
        codes += fmt::format(R"({}{{"code":{},"msg":{}}})", codes.empty() ? "" : ",", answer.code,
                             json_text(answer.text));
    }
    Answer all = good(fmt::format(R"({{"list":[{}]}})", list));
    all.extra = fmt::format(R"({{"list":[{}]}})", codes);
    return all;
}

Answer EmulatedBybit::create_batch(const Call& call)
{
    return batch(call, &EmulatedBybit::create, "create");
}

Answer EmulatedBybit::amend_batch(const Call& call)
{
    return batch(call, &EmulatedBybit::amend, "amend");
}

Answer EmulatedBybit::cancel_batch(const Call& call)
{
    return batch(call, &EmulatedBybit::cancel, "cancel");
}

}  // namespace arb::bybit
