#include "connectors/binance/encoder.hpp"

#include <algorithm>

#include "connectors/binance/signer.hpp"
#include "connectors/binance/urls.hpp"
#include "engine/venue/encoding.hpp"

namespace arb::binance {
namespace {

constexpr std::size_t kBufferBytes = 1'024;

std::string_view time_in_force(Market market, TimeInForce tif)
{
    switch (tif) {
        case TimeInForce::ioc:
            return "IOC";
        case TimeInForce::fok:
            return "FOK";
        case TimeInForce::gtc:
            return "GTC";
        case TimeInForce::post_only:
            // Spot has the order type LIMIT_MAKER instead, which takes no time in force.
            return market == Market::spot ? "" : "GTX";
    }
    return "IOC";
}

}  // namespace

NumberText price_text(const Listing& listing, Price price)
{
    NumberText result;
    result.size = print_scaled_short(price.units, listing.wire.price_decimals, result.text);
    return result;
}

NumberText quantity_text(const Listing& listing, Quantity quantity)
{
    NumberText result;
    result.size = print_scaled_short(quantity.units / listing.wire.quantity_factor,
                                     listing.wire.quantity_decimals, result.text);
    return result;
}

bool digits_only(std::string_view text)
{
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

Encoder::Encoder(Market market, const Credentials& credentials) : market_(market), credentials_(&credentials)
{
    json_.reserve(kBufferBytes);
    payload_.reserve(kBufferBytes);
    signature_.reserve(kBufferBytes);
}

void Encoder::begin(std::uint64_t id, std::string_view method, bool with_key)
{
    char digits[kDecimalTextMax];
    json_.assign(R"({"id":)");
    json_.append(digits, print_integer(id, digits));
    json_.append(R"(,"method":")").append(method).append(R"(","params":{)");
    payload_.clear();
    first_ = true;
    if (with_key) text("apiKey", credentials_->key_id);
}

void Encoder::field(std::string_view name, std::string_view value, bool quoted)
{
    if (!first_) {
        json_ += ',';
        payload_ += '&';
    }
    first_ = false;
    json_.append(1, '"').append(name).append("\":");
    if (quoted) json_ += '"';
    json_.append(value);
    if (quoted) json_ += '"';
    payload_.append(name).append(1, '=').append(value);
}

void Encoder::text(std::string_view name, std::string_view value)
{
    field(name, value, true);
}

void Encoder::number(std::string_view name, std::int64_t value)
{
    char digits[kDecimalTextMax];
    field(name, {digits, print_integer(static_cast<std::uint64_t>(std::max<std::int64_t>(0, value)), digits)},
          false);
}

// "Signed request example" of the websocket API: the payload is not percent-encoded and holds apiKey.
std::string_view Encoder::finish(bool sign)
{
    if (sign) {
        Signature signature;
        if (!credentials_->signer->sign(payload_, signature)) return {};
        signature_.clear();
        append_signature(credentials_->signer->algorithm(), signature, signature_);
        json_.append(first_ ? "" : ",").append(R"("signature":")").append(signature_).append(1, '"');
    }
    json_.append("}}");
    return json_;
}

std::string_view Encoder::log_on(std::uint64_t id, std::int64_t timestamp)
{
    begin(id, "session.logon", true);
    number("timestamp", timestamp);
    return finish(true);
}

std::string_view Encoder::subscribe(std::uint64_t id, std::int64_t timestamp)
{
    if (logs_on()) {
        begin(id, "userDataStream.subscribe", false);
        return finish(false);
    }
    begin(id, "userDataStream.subscribe.signature", true);
    number("timestamp", timestamp);
    return finish(true);
}

std::string_view Encoder::account_method() const
{
    return market_ == Market::spot ? "account.status" : "account.balance";
}

std::string_view Encoder::account_state(std::uint64_t id, std::int64_t timestamp)
{
    begin(id, account_method(), !logs_on());
    number("timestamp", timestamp);
    return finish(!logs_on());
}

std::string_view Encoder::session_status(std::uint64_t id)
{
    begin(id, "session.status", false);
    return finish(false);
}

std::string_view Encoder::place(std::uint64_t id, const Listing& listing, OrderId order,
                                const OrderIntent& intent, std::int64_t timestamp)
{
    const std::string_view tif = time_in_force(market_, intent.time_in_force);
    const ClientOrderId client = client_order_id(order);
    begin(id, "order.place", !logs_on());
    text("newClientOrderId", client.view());
    // FULL tells single fills with the reply; the futures know no more than RESULT.
    text("newOrderRespType", market_ == Market::spot ? "FULL" : "RESULT");
    text("price", price_text(listing, intent.price).view());
    text("quantity", quantity_text(listing, intent.quantity).view());
    number("recvWindow", kOrderWindowMs);
    text("side", intent.side == Side::buy ? "BUY" : "SELL");
    text("symbol", listing.symbol);
    if (!tif.empty()) text("timeInForce", tif);
    number("timestamp", timestamp);
    text("type", tif.empty() ? "LIMIT_MAKER" : "LIMIT");
    return finish(!logs_on());
}

void Encoder::name_order(OrderId order, std::string_view venue_id)
{
    if (digits_only(venue_id))
        field("orderId", venue_id, false);
    else
        text("origClientOrderId", client_order_id(order).view());
}

// "Modify Order": price and quantity are both needed, and the side; what is not named stays as it was.
std::string_view Encoder::amend(std::uint64_t id, const Listing& listing, OrderId order,
                                std::string_view venue_id, const OrderIntent& intent, std::int64_t timestamp)
{
    begin(id, "order.modify", !logs_on());
    name_order(order, venue_id);
    text("price", price_text(listing, intent.price).view());
    text("quantity", quantity_text(listing, intent.quantity).view());
    number("recvWindow", kOrderWindowMs);
    text("side", intent.side == Side::buy ? "BUY" : "SELL");
    text("symbol", listing.symbol);
    number("timestamp", timestamp);
    return finish(!logs_on());
}

std::string_view Encoder::cancel(std::uint64_t id, const Listing& listing, OrderId order,
                                 std::string_view venue_id, std::int64_t timestamp)
{
    begin(id, "order.cancel", !logs_on());
    name_order(order, venue_id);
    text("symbol", listing.symbol);
    number("timestamp", timestamp);
    return finish(!logs_on());
}

HttpRequest Encoder::get(std::string_view path, std::string_view query) const
{
    HttpRequest request;
    request.url = rest_base(market_);
    request.url.append(path);
    if (!query.empty()) request.url.append(1, '?').append(query);
    return request;
}

HttpRequest Encoder::keyed(std::string_view method, std::string_view path) const
{
    HttpRequest request = get(path, {});
    request.method = method;
    request.headers.push_back({"X-MBX-APIKEY", credentials_->key_id});
    request.is_signed = true;
    return request;
}

std::optional<HttpRequest> Encoder::signed_request(std::string_view method, std::string_view path,
                                                   std::string query, std::int64_t timestamp) const
{
    return sign(keyed(method, path), std::move(query), timestamp);
}

std::optional<HttpRequest> Encoder::key_request(std::string_view path, std::int64_t timestamp) const
{
    HttpRequest request = keyed("GET", path);
    request.url = rest_base(Market::spot).append(path);
    return sign(std::move(request), {}, timestamp);
}

std::optional<HttpRequest> Encoder::sign(HttpRequest request, std::string query, std::int64_t timestamp) const
{
    if (!query.empty()) query += '&';
    query += "timestamp=" + std::to_string(timestamp);
    Signature signature;
    if (!credentials_->signer->sign(query, signature)) return std::nullopt;
    std::string text;
    append_signature(credentials_->signer->algorithm(), signature, text);
    request.url += '?' + query + "&signature=" + percent_encode(text);
    return request;
}

std::string Encoder::symbol_query(const Listing& listing)
{
    return "symbol=" + percent_encode(listing.symbol);
}

}  // namespace arb::binance
