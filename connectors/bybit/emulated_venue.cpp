#include "connectors/bybit/emulated_venue.hpp"

#include <array>

#include <fmt/format.h>
#include <simdjson.h>

#include "connectors/bybit/emulated_core.hpp"
#include "connectors/bybit/emulator.hpp"
#include "engine/emulate/endpoints.hpp"

namespace arb::bybit {
namespace {

constexpr std::size_t kBodyMax = std::size_t{1} << 20;

}  // namespace

Answer good(std::string result)
{
    Answer answer;
    answer.result = std::move(result);
    return answer;
}

Answer refuse(int code, std::string text)
{
    Answer answer;
    answer.code = code;
    answer.text = std::move(text);
    return answer;
}

bool read_params(std::string_view json, Params& out)
{
    simdjson::dom::parser parser;
    simdjson::dom::object object;
    if (json.size() > kBodyMax || parser.parse(json.data(), json.size()).get(object) != simdjson::SUCCESS)
        return false;
    for (const auto& [key, value] : object) {
        std::string_view text;
        std::int64_t number = 0;
        bool truth = false;
        if (value.get(text) == simdjson::SUCCESS)
            out.emplace_back(key, text);
        else if (value.get(number) == simdjson::SUCCESS)
            out.emplace_back(key, fmt::format("{}", number));
        else if (value.get(truth) == simdjson::SUCCESS)
            out.emplace_back(key, truth ? "true" : "false");
    }
    return true;
}

EmulatedBybit::EmulatedBybit(const EmulatedVenueSetup& setup)
    : setup_(setup),
      words_(make_emulator(setup.market)),
      tape_(*setup.table, kPublicTrades),
      counts_(setup.rate_limits)
{
}

std::span<const EmulatedBybit::Endpoint> EmulatedBybit::endpoints() const
{
    using E = EmulatedBybit;
    static constexpr std::array kEndpoints{
        Endpoint{"GET", "/v5/market/time", Security::none, 0, &E::time},
        Endpoint{"GET", "/v5/market/instruments-info", Security::none, 0, &E::instruments},
        Endpoint{"GET", "/v5/market/orderbook", Security::none, 0, &E::order_book},
        Endpoint{"GET", "/v5/market/tickers", Security::none, 0, &E::tickers},
        Endpoint{"GET", "/v5/market/recent-trade", Security::none, 0, &E::recent_trades},
        Endpoint{"GET", "/v5/system/status", Security::none, 0, &E::service},
        Endpoint{"GET", "/v5/market/funding/history", Security::none, 0, &E::no_funding},
        Endpoint{"POST", "/v5/order/create", Security::trade, 10, &E::create},
        Endpoint{"POST", "/v5/order/amend", Security::trade, 10, &E::amend},
        Endpoint{"POST", "/v5/order/cancel", Security::trade, 10, &E::cancel},
        Endpoint{"POST", "/v5/order/cancel-all", Security::trade, 10, &E::cancel_all},
        Endpoint{"POST", "/v5/order/create-batch", Security::trade, 0, &E::create_batch},
        Endpoint{"POST", "/v5/order/amend-batch", Security::trade, 0, &E::amend_batch},
        Endpoint{"POST", "/v5/order/cancel-batch", Security::trade, 0, &E::cancel_batch},
        Endpoint{"GET", "/v5/order/realtime", Security::read, 50, &E::realtime},
        Endpoint{"GET", "/v5/order/history", Security::read, 50, &E::history},
        Endpoint{"GET", "/v5/execution/list", Security::read, 50, &E::executions},
        Endpoint{"GET", "/v5/position/list", Security::read, 50, &E::positions},
        Endpoint{"GET", "/v5/account/wallet-balance", Security::read, 50, &E::wallet},
        Endpoint{"GET", "/v5/account/fee-rate", Security::read, 5, &E::fee_rates},
        Endpoint{"GET", "/v5/account/info", Security::read, 50, &E::account_information},
        Endpoint{"GET", "/v5/user/query-api", Security::read, 10, &E::key_information},
        Endpoint{"GET", "/v5/asset/coin/query-info", Security::read, 5, &E::coins},
        Endpoint{"POST", "/v5/order/disconnected-cancel-all", Security::trade, 5, &E::set_dead_man},
        Endpoint{"GET", "/v5/account/query-dcp-info", Security::read, 5, &E::dead_man_information},
        Endpoint{"GET", "/v5/account/user-setting-config", Security::read, 50, &E::settings},
        Endpoint{"POST", "/v5/position/switch-mode", Security::trade, 10, &E::switch_mode},
    };
    return kEndpoints;
}

ServerReply EmulatedBybit::envelope(const Answer& answer, Timestamp now, const RateLeft& limit) const
{
    ServerReply reply;
    reply.headers = {{"Content-Type", "application/json; charset=utf-8"},
                     {"Timenow", fmt::format("{}", ms_of(now))}};
    if (limit.limit > 0) {
        reply.headers.emplace_back("X-Bapi-Limit", fmt::format("{}", limit.limit));
        reply.headers.emplace_back("X-Bapi-Limit-Status", fmt::format("{}", limit.left));
        reply.headers.emplace_back("X-Bapi-Limit-Reset-Timestamp", fmt::format("{}", limit.reset_ms));
    }
    // Errors come with HTTP status 200, too.
    reply.body = fmt::format(R"({{"retCode":{},"retMsg":{},"result":{},"retExtInfo":{},"time":{}}})",
                             answer.code, json_text(answer.text), answer.code == 0 ? answer.result : "{}",
                             answer.extra, ms_of(now));
    return reply;
}

ServerReply EmulatedBybit::on_request(const ServerRequest& request, Timestamp now, SessionOutbox&)
{
    now_ = now;
    RateLeft limit;
    if (!count_address(request.remote, now)) return banned(seconds(600));
    const Endpoint* const endpoint = find_endpoint(endpoints(), request.method, request.path()).endpoint;
    if (endpoint == nullptr) return {404, {}, R"({"retCode":404,"retMsg":"Not Found"})"};
    Call call;
    call.now = now;
    call.limit = &limit;
    if (request.method == "POST") {
        if (!read_params(request.body, call.params))
            return envelope(refuse(10001, "Request parameter error."), now, limit);
        if (request.path().ends_with("-batch") && !read_batch(request.body, call.batch)) call.batch.clear();
    } else {
        (void)read_query_params(request.query(), call.params);
    }
    if (endpoint->security != Security::none) {
        const Answer answer = prove(request, *endpoint, now, call.key);
        if (answer.code != 0) return envelope(answer, now, limit);
        const Answer refused = count_call(*endpoint, call, limit);
        if (refused.code != 0) return envelope(refused, now, limit);
    }
    return envelope((this->*endpoint->handler)(call), now, limit);
}

ServerReply EmulatedBybit::banned(Duration retry_after) const
{
    ServerReply reply;
    reply.status = 403;
    reply.headers = {{"Retry-After", fmt::format("{}", retry_after.ns / seconds(1).ns)}};
    reply.body = "access too frequent";
    return reply;
}

ServerReply EmulatedBybit::failed() const
{
    return envelope(refuse(10016, "Internal server error."), now_, {});
}

std::string EmulatedBybit::failed_frame(std::string_view text) const
{
    Params root;
    if (!read_params(text, root) || value_of(root, "op").substr(0, 6) != "order.") return {};
    return fmt::format(
        R"({{"reqId":{},"retCode":10016,"retMsg":"Internal server error.","op":{},"data":{{}}}})",
        json_text(value_of(root, "reqId")), json_text(value_of(root, "op")));
}

std::vector<std::pair<std::string, std::string>> EmulatedBybit::addresses(std::string_view host_port) const
{
    return {{"REST", fmt::format("https://{}", host_port)},
            {"public websocket", fmt::format("wss://{}/v5/public/{}", host_port, setup_.market)},
            {"private websocket", fmt::format("wss://{}/v5/private", host_port)},
            {"order websocket", fmt::format("wss://{}/v5/trade", host_port)}};
}

std::unique_ptr<EmulatedVenue> make_emulated_venue(const EmulatedVenueSetup& setup)
{
    return std::make_unique<EmulatedBybit>(setup);
}

}  // namespace arb::bybit
