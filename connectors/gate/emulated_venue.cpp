// The emulated Gate: its table of endpoints, and how a request by REST or by websocket comes to one of them.
#include "connectors/gate/emulated_venue.hpp"

#include <array>

#include <fmt/format.h>

#include "connectors/gate/emulated_core.hpp"
#include "connectors/gate/emulator.hpp"
#include "engine/emulate/endpoints.hpp"

namespace arb::gate {
namespace {

constexpr std::string_view kApi = "/api/v4";
constexpr std::size_t kBodyMost = std::size_t{1} << 18;
constexpr std::size_t kListMost = 100;

struct LabelStatus {
    std::string_view label;
    int status;
};
// Labels that do not come with a plain 400.
constexpr std::array kLabelStatuses{
    LabelStatus{"INVALID_KEY", 401},         LabelStatus{"INVALID_SIGNATURE", 401},
    LabelStatus{"INVALID_CREDENTIALS", 401}, LabelStatus{"MISSING_REQUIRED_HEADER", 401},
    LabelStatus{"IP_FORBIDDEN", 403},        LabelStatus{"READ_ONLY", 403},
    LabelStatus{"FORBIDDEN", 403},           LabelStatus{"NOT_FOUND", 404},
    LabelStatus{"ORDER_NOT_FOUND", 404},     LabelStatus{"METHOD_NOT_ALLOWED", 405},
    LabelStatus{"TOO_MANY_REQUESTS", 429},   LabelStatus{"SERVER_ERROR", 500},
};

}  // namespace

VenueAnswer say_done(std::string body, int status)
{
    VenueAnswer answer;
    answer.body = std::move(body);
    answer.status = status;
    return answer;
}

VenueAnswer say_refused(std::string label, std::string message)
{
    VenueAnswer answer;
    answer.status = 400;
    for (const LabelStatus& row : kLabelStatuses) {
        if (row.label == label) answer.status = row.status;
    }
    answer.label = std::move(label);
    answer.message = std::move(message);
    return answer;
}

bool read_fields(const simdjson::dom::element& element, Params& out)
{
    simdjson::dom::object object;
    if (element.get(object) != simdjson::SUCCESS) return false;
    for (const auto& [key, value] : object) {
        std::string_view text;
        if (value.get(text) == simdjson::SUCCESS)
            out.emplace_back(key, text);
        else if (value.is_number() || value.is_bool())
            out.emplace_back(key, simdjson::minify(value));
    }
    return true;
}

EmulatedGate::EmulatedGate(const EmulatedVenueSetup& setup)
    : setup_(setup), words_(make_emulator(setup.market)), counts_(setup.rate_limits)
{
}

EmulatedGate::~EmulatedGate() = default;

std::span<const EmulatedGate::Endpoint> EmulatedGate::endpoints() const
{
    using E = EmulatedGate;
    constexpr Right kOpen = Right::none, kRead = Right::read, kTrade = Right::trade;
    constexpr Count kAddress = Count::address, kEach = Count::endpoint, kOrders = Count::orders,
                    kCancels = Count::cancels;
    static constexpr Endpoint kSpot[] = {
        {"GET", "/spot/time", "", kOpen, kAddress, &E::time},
        {"GET", "/spot/currency_pairs", "", kOpen, kAddress, &E::instruments},
        {"GET", "/spot/order_book", "", kOpen, kAddress, &E::order_book},
        {"POST", "/spot/orders", "order_place", kTrade, kOrders, &E::place},
        {"POST", "/spot/batch_orders", "", kTrade, kOrders, &E::place_many},
        {"PATCH", "/spot/orders/{}", "order_amend", kTrade, kOrders, &E::amend},
        {"DELETE", "/spot/orders/{}", "order_cancel", kTrade, kCancels, &E::cancel},
        {"DELETE", "/spot/orders", "order_cancel_cp", kTrade, kCancels, &E::cancel_market},
        {"POST", "/spot/cancel_batch_orders", "order_cancel_ids", kTrade, kCancels, &E::cancel_ids},
        {"GET", "/spot/orders/{}", "order_status", kRead, kEach, &E::one_order},
        {"GET", "/spot/orders", "order_list", kRead, kEach, &E::order_list},
        {"GET", "/spot/my_trades", "", kRead, kEach, &E::fills},
        {"GET", "/spot/accounts", "", kRead, kEach, &E::accounts},
        {"POST", "/spot/countdown_cancel_all", "", kTrade, kEach, &E::dead_man},
        {"GET", "/unified/accounts", "", kRead, kEach, &E::unified_accounts},
        {"GET", "/unified/unified_mode", "", kRead, kEach, &E::unified_mode},
        {"GET", "/account/main_keys", "", kRead, kEach, &E::key_list},
        {"GET", "/account/detail", "", kRead, kEach, &E::account_detail},
        {"GET", "/wallet/fee", "", kRead, kEach, &E::wallet_fee},
    };
    static constexpr Endpoint kUsdt[] = {
        {"GET", "/spot/time", "", kOpen, kAddress, &E::time},
        {"GET", "/futures/usdt/contracts", "", kOpen, kAddress, &E::instruments},
        {"GET", "/futures/usdt/order_book", "", kOpen, kAddress, &E::order_book},
        {"GET", "/futures/usdt/funding_rate", "", kOpen, kAddress, &E::funding_rates},
        {"POST", "/futures/usdt/orders", "order_place", kTrade, kOrders, &E::place},
        {"PUT", "/futures/usdt/orders/{}", "order_amend", kTrade, kOrders, &E::amend},
        {"DELETE", "/futures/usdt/orders/{}", "order_cancel", kTrade, kCancels, &E::cancel},
        {"DELETE", "/futures/usdt/orders", "order_cancel_cp", kTrade, kCancels, &E::cancel_market},
        {"GET", "/futures/usdt/orders/{}", "order_status", kRead, kEach, &E::one_order},
        {"GET", "/futures/usdt/orders", "order_list", kRead, kEach, &E::order_list},
        {"GET", "/futures/usdt/orders_timerange", "", kRead, kEach, &E::orders_of_span},
        {"GET", "/futures/usdt/my_trades", "", kRead, kEach, &E::fills},
        {"GET", "/futures/usdt/my_trades_timerange", "", kRead, kEach, &E::fills_of_span},
        {"GET", "/futures/usdt/accounts", "", kRead, kEach, &E::contract_account},
        {"GET", "/futures/usdt/positions", "", kRead, kEach, &E::positions},
        {"GET", "/futures/usdt/account_book", "", kRead, kEach, &E::ledger},
        {"GET", "/futures/usdt/fee", "", kRead, kEach, &E::contract_fee},
        {"POST", "/futures/usdt/countdown_cancel_all", "", kTrade, kEach, &E::dead_man},
        {"GET", "/unified/unified_mode", "", kRead, kEach, &E::unified_mode},
        {"GET", "/account/main_keys", "", kRead, kEach, &E::key_list},
        {"GET", "/account/detail", "", kRead, kEach, &E::account_detail},
        {"GET", "/wallet/fee", "", kRead, kEach, &E::wallet_fee},
    };
    return spot() ? std::span<const Endpoint>(kSpot) : std::span<const Endpoint>(kUsdt);
}

ServerReply EmulatedGate::envelope(const VenueAnswer& answer, const RateLeft& budget)
{
    ServerReply reply;
    reply.status = answer.status;
    reply.headers = {{"Content-Type", "application/json"}};
    if (budget.limit > 0) {
        reply.headers.emplace_back("X-Gate-RateLimit-Limit", fmt::format("{}", budget.limit));
        reply.headers.emplace_back("X-Gate-RateLimit-Requests-Remain", fmt::format("{}", budget.left));
        reply.headers.emplace_back("X-Gate-RateLimit-Reset-Timestamp", fmt::format("{}", budget.reset_ms));
    }
    reply.body = answer.good() ? answer.body
                               : fmt::format(R"({{"label":"{}","message":{}}})", answer.label,
                                             json_text(answer.message));
    return reply;
}

VenueAnswer EmulatedGate::run(const Endpoint& endpoint, const Call& call, std::string_view expiry,
                              RateLeft& budget)
{
    if (endpoint.right != Right::none) {
        VenueAnswer answer = check_right(*call.key, endpoint.right);
        if (!answer.good()) return answer;
    }
    if (!expiry.empty()) {
        const std::int64_t end = whole_of(expiry, -1);
        if (end < 0) return say_refused("INVALID_PARAM_VALUE", "Invalid x-gate-exptime");
        if (ms_of(call.now) > end) return say_refused("REQUEST_EXPIRED", "Request has expired");
    }
    if (!count_call(endpoint, call, budget)) return say_refused("TOO_MANY_REQUESTS", "Request Rate Limit");
    return (this->*endpoint.handler)(call);
}

bool EmulatedGate::read_body(const Json& body, Call& call)
{
    simdjson::dom::array list;
    if (body.get(list) != simdjson::SUCCESS) return read_fields(body, call.fields);
    call.list = true;
    for (const Json item : list) {
        if (call.items.size() == kListMost || !read_fields(item, call.items.emplace_back())) return false;
    }
    return true;
}

ServerReply EmulatedGate::on_request(const ServerRequest& request, Timestamp now, SessionOutbox&)
{
    now_ = now;
    RateLeft budget;
    Call call;
    call.now = now;
    const bool is_api = request.path().starts_with(kApi);
    const std::string_view path = is_api ? request.path().substr(kApi.size()) : std::string_view();
    const auto [endpoint, order, known_path] = find_endpoint(endpoints(), request.method, path);
    if (endpoint == nullptr) {
        return envelope(known_path ? say_refused("METHOD_NOT_ALLOWED", "Method not allowed")
                                   : say_refused("NOT_FOUND", "The requested URL was not found"),
                        budget);
    }
    if (!order.empty()) call.fields.emplace_back("order_id", order);
    (void)read_query_params(request.query(), call.fields);
    if (endpoint->right == Right::none) {
        const std::string bucket = fmt::format("{} {}", request.remote, path);
        return envelope(counts_.take(bucket, 200, seconds(10), now, budget)
                            ? (this->*endpoint->handler)(call)
                            : say_refused("TOO_MANY_REQUESTS", "Request Rate Limit"),
                        budget);
    }
    const VenueAnswer proof = prove(request, now, call.key);
    if (!proof.good()) return envelope(proof, budget);
    if (request.header("X-Gate-Size-Decimal") != "1") call.form = Form::whole_reply;
    if (request.method != "GET" && !request.body.empty()) {
        simdjson::dom::parser parser;
        Json body;
        if (request.body.size() > kBodyMost ||
            parser.parse(request.body.data(), request.body.size()).get(body) != simdjson::SUCCESS ||
            !read_body(body, call))
            return envelope(say_refused("INVALID_REQUEST_BODY", "Objects are expected"), budget);
    }
    return envelope(run(*endpoint, call, request.header("x-gate-exptime"), budget), budget);
}

bool EmulatedGate::on_session(SessionId session, const ServerRequest& upgrade, Timestamp now, SessionOutbox&)
{
    now_ = now;
    const std::string_view path = upgrade.path();
    if (path != (spot() ? "/ws/v4/" : "/v4/ws/usdt")) return false;
    Session entry;
    entry.remote = upgrade.remote;
    entry.opened = now;
    entry.decimal = upgrade.header("X-Gate-Size-Decimal") == "1";
    sessions_[session] = std::move(entry);
    return true;
}

void EmulatedGate::on_session_closed(SessionId session)
{
    sessions_.erase(session);
}

ServerReply EmulatedGate::banned(Duration retry_after) const
{
    ServerReply reply = envelope(say_refused("TOO_MANY_REQUESTS", "Request Rate Limit"), {});
    reply.headers.emplace_back("Retry-After", fmt::format("{}", retry_after.ns / seconds(1).ns));
    return reply;
}

ServerReply EmulatedGate::failed() const
{
    return envelope(say_refused("SERVER_ERROR", "Server error"), {});
}

std::vector<std::pair<std::string, std::string>> EmulatedGate::addresses(std::string_view host_port) const
{
    return {{"REST", fmt::format("https://{}{}", host_port, kApi)},
            {"websocket", fmt::format("wss://{}{}", host_port, spot() ? "/ws/v4/" : "/v4/ws/usdt")}};
}

std::unique_ptr<EmulatedVenue> make_emulated_venue(const EmulatedVenueSetup& setup)
{
    return std::make_unique<EmulatedGate>(setup);
}

}  // namespace arb::gate
