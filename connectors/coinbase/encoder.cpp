#include "connectors/coinbase/encoder.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "connectors/coinbase/signer.hpp"
#include "connectors/coinbase/urls.hpp"
#include "engine/venue/encoding.hpp"

namespace arb::coinbase {
namespace {

// A token that begins in the venue's future is refused: it begins some seconds ago, so that a clock that is
// a little ahead does no harm.
constexpr std::int64_t kBackdated = 5;

std::string short_text(std::int64_t units, unsigned decimals)
{
    char text[kDecimalTextMax];
    return {text, print_scaled_short(units, decimals, text)};
}

// In base currency; empty: no whole number of the venue's units.
std::string base_size(const OrderIntent& intent, const Listing& listing)
{
    if (intent.quantity.units % listing.wire.quantity_factor != 0) return {};
    return short_text(intent.quantity.units / listing.wire.quantity_factor, listing.wire.quantity_decimals);
}

// "Create Order": exactly one configuration. A limit IOC is called sor_limit_ioc.
std::string_view configuration(TimeInForce tif)
{
    switch (tif) {
        case TimeInForce::ioc:
            return "sor_limit_ioc";
        case TimeInForce::fok:
            return "limit_limit_fok";
        case TimeInForce::gtc:
        case TimeInForce::post_only:
            break;
    }
    return "limit_limit_gtc";
}

}  // namespace

std::string Encoder::token(std::string_view uri, Timestamp venue_now)
{
    const std::string nonce =
        fmt::format("{:016x}{:016x}", static_cast<std::uint64_t>(venue_now.ns), ++tokens_);
    TokenClaims claims;
    claims.key_id = credentials_->key_id;
    claims.nonce = nonce;
    claims.not_before = venue_now.ns / 1'000'000'000 - kBackdated;
    claims.uri = uri;
    return make_token(*credentials_->signer, claims);
}

std::optional<HttpRequest> Encoder::sign(std::string_view method, std::string_view path, Timestamp venue_now)
{
    const std::string jwt = token(fmt::format("{} {}{}{}", method, kRestHost, kRestPath, path), venue_now);
    if (jwt.empty()) return std::nullopt;
    HttpRequest request;
    request.method = method;
    request.url = fmt::format("https://{}{}{}", kRestHost, kRestPath, path);
    request.headers.push_back({"Authorization", "Bearer " + jwt});
    request.is_signed = true;
    return request;
}

std::optional<HttpRequest> Encoder::get(std::string_view path, std::string_view query, Timestamp venue_now)
{
    std::optional<HttpRequest> request = sign("GET", path, venue_now);
    if (request && !query.empty()) request->url.append("?").append(query);
    return request;
}

std::optional<HttpRequest> Encoder::post(std::string_view path, std::string body, Timestamp venue_now)
{
    std::optional<HttpRequest> request = sign("POST", path, venue_now);
    if (!request) return request;
    request->headers.push_back({"Content-Type", "application/json"});
    request->body = std::move(body);
    return request;
}

HttpRequest Encoder::open_get(std::string_view path)
{
    HttpRequest request;
    request.url = fmt::format("https://{}{}{}", kRestHost, kRestPath, path);
    return request;
}

std::string Encoder::subscribe(std::string_view channel, Timestamp venue_now)
{
    const std::string jwt = token({}, venue_now);
    if (jwt.empty()) return {};
    return fmt::format(R"({{"type":"subscribe","channel":"{}","jwt":"{}"}})", channel, jwt);
}

std::optional<std::string> order_body(OrderId id, const OrderIntent& intent, const Listing& listing)
{
    const std::string size = base_size(intent, listing);
    if (size.empty()) return std::nullopt;
    std::string rest;
    if (intent.time_in_force == TimeInForce::gtc) rest = ",\"post_only\":false";
    if (intent.time_in_force == TimeInForce::post_only) rest = ",\"post_only\":true";
    return fmt::format(
        R"({{"client_order_id":"{}","product_id":"{}","side":"{}","order_configuration":{{"{}":)"
        R"({{"base_size":"{}","limit_price":"{}"{}}}}}}})",
        client_order_uuid(id).view(), listing.symbol, intent.side == Side::buy ? "BUY" : "SELL",
        configuration(intent.time_in_force), size,
        short_text(intent.price.units, listing.wire.price_decimals), rest);
}

// "Edit Order" reads a size that is missing as none at all. What is filled is a part of it.
std::optional<std::string> amend_body(std::string_view venue_id, const OrderIntent& intent,
                                      const Listing& listing)
{
    const std::string size = base_size(intent, listing);
    if (size.empty()) return std::nullopt;
    return fmt::format(R"({{"order_id":"{}","price":"{}","size":"{}"}})", venue_id,
                       short_text(intent.price.units, listing.wire.price_decimals), size);
}

std::string cancel_body(std::span<const std::string> venue_ids)
{
    std::string body = R"({"order_ids":[)";
    for (const std::string& id : venue_ids) {
        if (body.back() != '[') body += ',';
        body.append("\"").append(id).append("\"");
    }
    return body + "]}";
}

std::string product_query(const InstrumentTable& table, std::span<const ListingId> listings)
{
    std::string query;
    for (const ListingId id : listings) {
        query += "&product_ids=";
        append_percent(query, table.listing(id).symbol);
    }
    return query;
}

bool plain_id(std::string_view text)
{
    const auto plain = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
    };
    return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), plain);
}

}  // namespace arb::coinbase
