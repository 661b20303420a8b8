#include "connectors/bybit/signed_text.hpp"

#include <algorithm>
#include <vector>

namespace arb::bybit {
namespace {

using Names = std::initializer_list<std::string_view>;

constexpr std::string_view kLogOn = "GET/realtime";
constexpr std::size_t kTimeDigits = 13;  ///< until the year 2286
constexpr std::size_t kWindowDigits = 5;

bool holds(const SignedFields& fields, Names needed, Names known)
{
    std::vector<std::string_view> all(needed);
    all.insert(all.end(), known);
    return has_only(fields, all, std::vector<std::string_view>(needed));
}

bool conclude(RequestView& out, SignedKind kind, std::string_view method, std::string_view path)
{
    out.kind = kind;
    out.method = method;
    out.path = path;
    return true;
}

// One name is a spot pair and a perpetual, and isLeverage borrows for a spot order.
bool read_product(RequestView& out)
{
    SignedOrder& order = out.orders.back();
    const std::string& category = *out.find("category");
    const std::string* const leverage = out.find("isLeverage");
    if (category != "spot") order.product = category;
    if (leverage != nullptr && *leverage != "0" && *leverage != "1") return false;
    if (leverage != nullptr && *leverage == "1") order.margin = "leverage";
    return true;
}

bool read_body(RequestView& out)
{
    const SignedFields& fields = out.fields;
    if (holds(
            fields, {"category", "symbol", "side", "orderType", "qty"},
            {"price", "timeInForce", "orderLinkId", "smpType", "isLeverage", "positionIdx", "reduceOnly"})) {
        const std::string& type = *out.find("orderType");
        const std::string& side = *out.find("side");
        // "Place Order": qty of a spot market order may count the quote coin; it has no limit that holds.
        const bool market = type == "Market" && *out.find("category") != "spot";
        if ((type != "Limit" && !market) || (out.find("price") != nullptr) != (type == "Limit")) return false;
        if (side != "Buy" && side != "Sell") return false;
        return add_order(fields, "symbol", "qty", "price", out) && read_product(out) &&
               conclude(out, SignedKind::order, "POST", "/v5/order/create");
    }
    if (holds(fields, {"category", "symbol", "orderLinkId"}, {"orderId"}) ||
        holds(fields, {"category", "symbol", "orderId"}, {})) {
        return conclude(out, SignedKind::cancel, "POST", "/v5/order/cancel");
    }
    if (holds(fields, {"category"}, {"symbol", "baseCoin", "settleCoin"}))
        return conclude(out, SignedKind::cancel, "POST", "/v5/order/cancel-all");
    if (holds(fields, {"timeWindow"}, {"product"}))
        return conclude(out, SignedKind::cancel, "POST", "/v5/order/disconnected-cancel-all");
    // What amends an order is among these: it goes over the socket, where nothing is signed, and its body
    // would tell no amount.
    return false;
}

bool read_query(RequestView& out)
{
    const SignedFields& fields = out.fields;
    if (fields.empty()) return conclude(out, SignedKind::query, "GET", "/v5/user/query-api");
    if (holds(fields, {"accountType"}, {"coin"}))
        return conclude(out, SignedKind::query, "GET", "/v5/account/wallet-balance");
    if (holds(fields, {"category", "settleCoin"}, {"limit", "cursor"}))
        return conclude(out, SignedKind::query, "GET", "/v5/position/list");
    // Positions of one symbol look the same.
    if (holds(fields, {"category"}, {"symbol"}))
        return conclude(out, SignedKind::query, "GET", "/v5/account/fee-rate");
    if (holds(fields, {"category", "symbol", "startTime"}, {"endTime", "limit", "cursor", "execType"}))
        return conclude(out, SignedKind::query, "GET", "/v5/execution/list");
    if (holds(fields, {"category"}, {"symbol", "orderId", "orderLinkId", "openOnly", "limit", "cursor"}))
        return conclude(out, SignedKind::query, "GET", "/v5/order/realtime");
    return false;
}

}  // namespace

bool read_signed_text(std::string_view text, RequestView& out)
{
    out.path_signed = false;
    if (text.size() > kSignedTextMax) return false;
    if (text.starts_with(kLogOn)) {
        return all_digits(text.substr(kLogOn.size()), kTimeDigits) &&
               conclude(out, SignedKind::session, "WS", "/realtime");
    }
    // Nothing parts the four: the time has a known length, the key is known, and no query or body begins with
    // a digit.
    if (text.size() < kTimeDigits || !all_digits(text.substr(0, kTimeDigits), kTimeDigits)) return false;
    text.remove_prefix(kTimeDigits);
    if (out.key_id.empty() || !text.starts_with(out.key_id)) return false;
    text.remove_prefix(out.key_id.size());
    const std::size_t window = std::min(text.find_first_not_of("0123456789"), text.size());
    if (!all_digits(text.substr(0, window), kWindowDigits)) return false;
    text.remove_prefix(window);
    if (text.starts_with('{')) return read_json_fields(text, out.fields) && read_body(out);
    return read_query_fields(text, out.fields) && read_query(out);
}

}  // namespace arb::bybit
