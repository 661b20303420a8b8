#include "connectors/binance/signed_text.hpp"

#include <algorithm>
#include <array>

namespace arb::binance {
namespace {

using Names = std::initializer_list<std::string_view>;

constexpr std::size_t kTimeDigits = 16;
constexpr std::size_t kWindowDigits = 5;

/// Every field is one of `known`; every one of `needed` is there. Time, window and key may always be there.
bool holds(const SignedFields& fields, Names needed, Names known)
{
    static constexpr std::array<std::string_view, 3> kAlways{"apiKey", "recvWindow", "timestamp"};
    std::vector<std::string_view> all(kAlways.begin(), kAlways.end());
    all.insert(all.end(), needed);
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

/// "New order": the types whose price is a limit, and the market order in units of the base asset.
bool read_order(RequestView& out)
{
    const std::string& type = *out.find("type");
    const bool priced = out.find("price") != nullptr;
    const bool known = type == "LIMIT" || type == "LIMIT_MAKER" || type == "MARKET";
    const std::string& side = *out.find("side");
    if (!known || priced != (type != "MARKET") || (side != "BUY" && side != "SELL")) return false;
    return add_order(out.fields, "symbol", "quantity", "price", out) &&
           conclude(out, SignedKind::order, "POST", "/order");
}

/// "Modify Order": an order's whole quantity and its price, both as they shall be.
bool read_amend(RequestView& out)
{
    const std::string& side = *out.find("side");
    if ((side != "BUY" && side != "SELL") || out.find("price")->empty()) return false;
    return add_order(out.fields, "symbol", "quantity", "price", out) &&
           conclude(out, SignedKind::order, "PUT", "/order");
}

}  // namespace

bool read_signed_text(std::string_view text, RequestView& out)
{
    out.path_signed = false;
    if (text.size() > kSignedTextMax || !read_query_fields(text, out.fields)) return false;
    const SignedFields& fields = out.fields;
    const std::string* const time = out.find("timestamp");
    const std::string* const window = out.find("recvWindow");
    const std::string* const key = out.find("apiKey");
    if (time == nullptr || !all_digits(*time, kTimeDigits)) return false;
    if (window != nullptr && !all_digits(*window, kWindowDigits)) return false;
    if (key != nullptr && (out.key_id.empty() || *key != out.key_id)) return false;

    if (holds(fields, {"symbol", "side", "type", "quantity"},
              {"price", "timeInForce", "newClientOrderId", "newOrderRespType", "selfTradePreventionMode",
               "reduceOnly", "positionSide"})) {
        return read_order(out);
    }
    // Without a type no order can be placed: with an order's id this is one that shall stand otherwise.
    if (holds(fields, {"symbol", "side", "quantity", "price", "orderId"}, {"origClientOrderId"}) ||
        holds(fields, {"symbol", "side", "quantity", "price", "origClientOrderId"}, {})) {
        return read_amend(out);
    }
    // Reading an order and cancelling it have the same fields.
    if (holds(fields, {"symbol", "orderId"}, {"origClientOrderId"}) ||
        holds(fields, {"symbol", "origClientOrderId"}, {})) {
        return conclude(out, SignedKind::cancel, "DELETE", "/order");
    }
    if (holds(fields, {"symbol", "countdownTime"}, {}))
        return conclude(out, SignedKind::cancel, "POST", "/countdownCancelAll");
    if (holds(fields, {"symbol"}, {})) return conclude(out, SignedKind::cancel, "DELETE", "/openOrders");
    if (holds(fields, {"symbol", "limit"}, {"fromId", "startTime", "endTime", "orderId"}))
        return conclude(out, SignedKind::query, "GET", "/trades");
    if (!holds(fields, {}, {})) return false;
    // A key and a time: the log-on of the websocket API, and its requests for the account.
    if (key != nullptr) return conclude(out, SignedKind::session, "WS", "/session.logon");
    return conclude(out, SignedKind::query, "GET", "/account");
}

}  // namespace arb::binance
