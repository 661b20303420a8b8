#include "connectors/bybit/encoder.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "engine/base/client_order_id.hpp"
#include "engine/venue/encoding.hpp"

namespace arb::bybit {
namespace {

constexpr std::size_t kRequestMax = 1024;

std::string_view word(TimeInForce time_in_force)
{
    switch (time_in_force) {
        case TimeInForce::ioc:
            return "IOC";
        case TimeInForce::fok:
            return "FOK";
        case TimeInForce::gtc:
            return "GTC";
        case TimeInForce::post_only:
            return "PostOnly";
    }
    return "IOC";
}

void add_decimal(std::string& out, std::int64_t units, unsigned decimals)
{
    std::array<char, kDecimalTextMax> digits;
    out.append(digits.data(), print_scaled_short(units, decimals, digits.data()));
}

}  // namespace

void add_cursor(std::string& query, std::string_view cursor)
{
    if (cursor.empty()) return;
    query += "&cursor=";
    const bool plain = std::all_of(cursor.begin(), cursor.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
               std::string_view("%-._~:,").find(c) != std::string_view::npos;
    });
    if (plain)
        query += cursor;
    else
        append_percent(query, cursor);
}

Encoder::Encoder(const VenueSetup& setup)
    : setup_(setup),
      category_(setup.table->venue(setup.id).market),
      spot_(category_ == "spot"),
      signer_(*setup.credentials)
{
    text_.reserve(kRequestMax);
    hex_.reserve(128);
}

void Encoder::add_integer(std::int64_t value)
{
    std::array<char, kDecimalTextMax> digits;
    text_.append(digits.data(), print_scaled(value, 0, digits.data()));
}

// reqId may not be used twice: the client id makes it unique over restarts, the number over retries.
void Encoder::begin(std::string_view operation, OrderId order, std::uint64_t request, std::int64_t now_ms)
{
    text_ = R"({"reqId":")";
    add_integer(static_cast<std::int64_t>(request));
    text_ += '-';
    text_ += client_order_id(order).view();
    text_ += R"(","header":{"X-BAPI-TIMESTAMP":")";
    add_integer(now_ms);
    text_ += R"(","X-BAPI-RECV-WINDOW":")";
    text_ += kWindow;
    text_ += R"("},"op":")";
    text_ += operation;
    text_ += R"(","args":[{"category":")";
    text_ += category_;
    text_ += '"';
}

std::string_view Encoder::place(const ApprovedOrder& order, std::uint64_t request, std::int64_t now_ms)
{
    const OrderIntent& intent = order.intent();
    const Listing& listing = setup_.table->listing(intent.listing);
    begin("order.create", order.id(), request, now_ms);
    text_ += R"(,"symbol":")";
    text_ += listing.symbol;
    text_ += R"(","side":")";
    text_ += intent.side == Side::buy ? "Buy" : "Sell";
    text_ += R"(","orderType":"Limit","qty":")";
    add_decimal(text_, intent.quantity.units / listing.wire.quantity_factor, listing.wire.quantity_decimals);
    text_ += R"(","price":")";
    add_decimal(text_, intent.price.units, listing.wire.price_decimals);
    text_ += R"(","timeInForce":")";
    text_ += word(intent.time_in_force);
    text_ += R"(","orderLinkId":")";
    text_ += client_order_id(order.id()).view();
    // Self-trade prevention is off unless the taker asks for it.
    text_ += R"(","smpType":"CancelTaker")";
    text_ += spot_ ? R"(,"isLeverage":0}]})" : R"(,"positionIdx":0,"reduceOnly":false}]})";
    return text_;
}

std::string_view Encoder::amend(const ApprovedAmend& amend, std::uint64_t request, std::int64_t now_ms)
{
    const Listing& listing = setup_.table->listing(amend.intent().listing);
    begin("order.amend", amend.id(), request, now_ms);
    text_ += R"(,"symbol":")";
    text_ += listing.symbol;
    text_ += R"(","orderLinkId":")";
    text_ += client_order_id(amend.id()).view();
    text_ += R"(","price":")";
    add_decimal(text_, amend.intent().price.units, listing.wire.price_decimals);
    text_ += R"("}]})";
    return text_;
}

std::string_view Encoder::cancel(const OrderReference& order, std::uint64_t request, std::int64_t now_ms)
{
    begin("order.cancel", order.order, request, now_ms);
    text_ += R"(,"symbol":")";
    text_ += setup_.table->listing(order.listing).symbol;
    text_ += R"(","orderLinkId":")";
    text_ += client_order_id(order.order).view();
    text_ += R"("}]})";
    return text_;
}

std::string_view Encoder::ping(std::uint64_t request)
{
    text_ = R"({"req_id":")";
    add_integer(static_cast<std::int64_t>(request));
    text_ += R"(","op":"ping"})";
    return text_;
}

std::string_view Encoder::subscribe(std::uint64_t request, std::string_view topics)
{
    text_ = R"({"req_id":")";
    add_integer(static_cast<std::int64_t>(request));
    text_ += R"(","op":"subscribe","args":[)";
    text_ += topics;
    text_ += "]}";
    return text_;
}

std::string_view Encoder::log_on(std::uint64_t request, std::int64_t expires_ms)
{
    if (!signer_.websocket(expires_ms, hex_)) return {};
    text_ = R"({"req_id":")";
    add_integer(static_cast<std::int64_t>(request));
    text_ += R"(","op":"auth","args":[")";
    text_ += key_id();
    text_ += "\",";
    add_integer(expires_ms);
    text_ += ",\"";
    text_ += hex_;
    text_ += R"("]})";
    return text_;
}

std::optional<HttpRequest> Encoder::sign(HttpRequest request, std::string_view payload, std::int64_t now_ms)
{
    if (!signer_.rest(now_ms, payload, hex_)) return std::nullopt;
    request.venue = setup_.id;
    request.is_signed = true;
    request.headers = {{"X-BAPI-API-KEY", std::string(key_id())},
                       {"X-BAPI-TIMESTAMP", fmt::format("{}", now_ms)},
                       {"X-BAPI-RECV-WINDOW", std::string(kWindow)},
                       {"X-BAPI-SIGN", hex_}};
    return request;
}

std::optional<HttpRequest> Encoder::get(std::string_view path, const std::string& query, std::int64_t now_ms)
{
    HttpRequest request;
    request.url = fmt::format("{}{}{}{}", kRestBase, path, query.empty() ? "" : "?", query);
    return sign(std::move(request), query, now_ms);
}

std::optional<HttpRequest> Encoder::post(std::string_view path, std::string body, std::int64_t now_ms)
{
    HttpRequest request;
    request.method = "POST";
    request.url = fmt::format("{}{}", kRestBase, path);
    request.body = std::move(body);
    const std::string payload = request.body;
    std::optional<HttpRequest> result = sign(std::move(request), payload, now_ms);
    if (result) result->headers.push_back({"Content-Type", "application/json"});
    return result;
}

HttpRequest Encoder::get_public(std::string_view path) const
{
    HttpRequest request;
    request.venue = setup_.id;
    request.url = fmt::format("{}{}", kRestBase, path);
    return request;
}

std::string Encoder::cancel_body(const OrderReference& order) const
{
    return fmt::format(R"({{"category":"{}","symbol":"{}","orderLinkId":"{}"}})", category_,
                       setup_.table->listing(order.listing).symbol, client_order_id(order.order).view());
}

std::string Encoder::cancel_all_body(ListingId listing) const
{
    return fmt::format(R"({{"category":"{}","symbol":"{}"}})", category_,
                       setup_.table->listing(listing).symbol);
}

}  // namespace arb::bybit
