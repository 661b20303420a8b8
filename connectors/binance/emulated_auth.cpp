// Who is asking, may he, and not too often: keys, signatures, timestamps, request weights, order counts.
#include <algorithm>

#include <fmt/format.h>

#include "connectors/binance/emulated_core.hpp"
#include "engine/emulate/key_checks.hpp"
#include "engine/venue/crypto.hpp"
#include "engine/venue/encoding.hpp"

namespace arb::binance {
namespace {

constexpr int kRefusalsMax = 20;  // after this many 429 in a window the address is banned

// Milliseconds with up to three decimals, or microseconds where the number is too long for milliseconds.
bool read_ms(std::string_view text, std::int64_t& us)
{
    const ScaledNumber number = parse_scaled(text, 3);
    if (number.error != DecimalError::none || number.value < 0) return false;
    us = number.value > 100'000'000'000'000'000 ? number.value / 1'000 : number.value;
    return true;
}

}  // namespace

Answer EmulatedBinance::check_key(const Endpoint& endpoint, Call& call, std::string_view key_id) const
{
    constexpr const char* kRefused = "Invalid API-key, IP, or permissions for action.";
    if (key_id.empty() || key_id.size() != 64) return refuse(-2014, "API-key format invalid.", 401);
    const EmulatedKey* const key = find_key(*setup_.keys, key_id);
    if (key == nullptr || !is_key_good(*key, call.now) || !is_address_allowed(*key, call.remote))
        return refuse(-2015, kRefused, 401);
    const bool may = endpoint.security == Security::trade ? key->can_trade : key->can_read || key->can_trade;
    if (!may) return refuse(-2015, kRefused, 401);
    call.key = key;
    return good({});
}

Answer EmulatedBinance::check_time(const Call& call) const
{
    std::int64_t timestamp = 0;
    std::int64_t window = 5'000'000;
    if (!read_ms(call.get("timestamp"), timestamp)) return missing("timestamp");
    const std::string_view told = call.get("recvWindow");
    if (!told.empty() && !read_ms(told, window)) return missing("recvWindow");
    if (window > 60'000'000) return refuse(-1131, "recvWindow must be less than 60000.");
    const std::int64_t server = call.now.ns / 1'000;
    if (timestamp >= server + 1'000'000)
        return refuse(-1021, "Timestamp for this request was 1000ms ahead of the server's time.");
    if (server - timestamp > window)
        return refuse(-1021, "Timestamp for this request is outside of the recvWindow.");
    return good({});
}

bool EmulatedBinance::signature_good(const EmulatedKey& key, std::string_view payload,
                                     std::string_view signature) const
{
    if (key.secret.find("-----BEGIN") == std::string::npos) {
        const auto bytes = hex_decode(signature);
        return bytes && HmacSha256(bytes_of(key.secret)).verify(payload, bytes_of(*bytes));
    }
    const auto bytes = base64_decode(signature);
    const Result<Ed25519Key> pair = Ed25519Key::from_pkcs8(key.secret);
    return bytes && pair && Ed25519Key::verify(pair.value().public_key(), payload, bytes_of(*bytes));
}

Answer EmulatedBinance::prove(const Endpoint& endpoint, Call& call, std::string_view key_id,
                              std::string_view payload, std::string_view signature, bool is_signed) const
{
    if (endpoint.security == Security::none) return good({});
    if (Answer answer = check_key(endpoint, call, key_id); answer.code != 0) return answer;
    if (endpoint.security == Security::key) return good({});
    if (is_signed && signature.empty()) return missing("signature");
    if (Answer answer = check_time(call); answer.code != 0) return answer;
    // Non-ASCII must be percent-encoded before it is signed.
    const bool wide = std::any_of(payload.begin(), payload.end(), [](char c) { return (c & '\x80') != 0; });
    if (is_signed && ((wide && call.session == nullptr) || !signature_good(*call.key, payload, signature)))
        return refuse(-1022, "Signature for this request is not valid.");
    return good({});
}

int EmulatedBinance::weight_of(const Endpoint& endpoint, const Params& params) const
{
    const std::string_view path = endpoint.path;
    // An order that is placed, amended or (on spot) cancelled alone costs no weight.
    if (endpoint.order && !path.ends_with("/batchOrders")) return 0;
    const bool one = !value_of(params, "symbol").empty();
    if (path.find("/ticker/") != std::string_view::npos) return ticker_weight(path, params);
    if (path.ends_with("/premiumIndex") && !one) return 10;
    if (path.ends_with("/order/test") && value_of(params, "computeCommissionRates") == "true") return 20;
    if (path.ends_with("/openOrders") && !one) return spot() ? 80 : 40;
    if (path.ends_with("/myTrades") && !value_of(params, "orderId").empty()) return 5;
    if (!path.ends_with("/depth")) return endpoint.weight;
    const ScaledNumber told = parse_scaled(value_of(params, "limit"), 0);
    const std::int64_t limit = told.error == DecimalError::none ? told.value : spot() ? 100 : 500;
    if (spot()) return limit > 1'000 ? 250 : limit > 500 ? 50 : limit > 100 ? 25 : 5;
    return limit > 500 ? 20 : limit > 100 ? 10 : limit > 50 ? 5 : 2;
}

// Fixed windows aligned to the clock.
bool EmulatedBinance::spend(int weight, const std::string& remote, Timestamp now, Answer& refusal,
                            Duration& retry_after)
{
    Window& window = (*weights_)[pool_of(remote)];
    const int limit = spot() ? 6'000 : 2'400;
    if (begin_span(window, seconds(60), now)) window.used = others_weight();
    if (setup_.rate_limits && now < window.banned_until) {
        retry_after = window.banned_until - now;
        refusal = refuse(-1003, "Way too much request weight used; IP banned.", 418);
        return false;
    }
    window.used += weight;
    if (!setup_.rate_limits || window.used <= limit) return true;
    retry_after = Timestamp{(window.start + 1) * seconds(60).ns} - now;
    if (++window.refused > kRefusalsMax) {
        retry_after = seconds(120);
        window.banned_until = now + retry_after;
        refusal = refuse(-1003, "Way too much request weight used; IP banned.", 418);
        return false;
    }
    refusal = refuse(-1003,
                     fmt::format("Too much request weight used; current limit is {} request weight per 1 "
                                 "MINUTE.",
                                 limit),
                     429);
    return false;
}

Answer EmulatedBinance::count_order(AccountId account, Timestamp now, int times)
{
    auto& [short_window, long_window] = order_counts_[account];
    (void)begin_span(short_window, seconds(10), now);
    (void)begin_span(long_window, seconds(spot() ? 86'400 : 60), now);
    const bool many =
        short_window.used + times > (spot() ? 100 : 300) || long_window.used >= (spot() ? 200'000 : 1'200);
    if (many && setup_.rate_limits) return refuse(-1015, "Too many new orders.", 429);
    short_window.used += times;
    long_window.used += std::min(times, 1);
    return good({});
}

int EmulatedBinance::used_weight(const std::string& remote) const
{
    const auto found = weights_->find(pool_of(remote));
    return found == weights_->end() || !setup_.rate_limits ? 0 : found->second.used;
}

// Replies about orders tell the counts of the account besides.
std::string EmulatedBinance::limits_json(const std::string& remote, const EmulatedKey* orders_of) const
{
    const auto entry = [](const char* type, const char* interval, int number, int limit, int count) {
        return fmt::format(
            R"({{"rateLimitType":"{}","interval":"{}","intervalNum":{},"limit":{},"count":{}}})", type,
            interval, number, limit, count);
    };
    std::string text = "[";
    const auto counts = orders_of == nullptr ? order_counts_.end() : order_counts_.find(orders_of->account);
    if (counts != order_counts_.end() && setup_.rate_limits) {
        const auto& [ten, longer] = counts->second;
        text += entry("ORDERS", "SECOND", 10, spot() ? 100 : 300, ten.used) + ",";
        text += spot() ? entry("ORDERS", "DAY", 1, 200'000, longer.used)
                       : entry("ORDERS", "MINUTE", 1, 1'200, longer.used);
        text += ",";
    }
    return text + entry("REQUEST_WEIGHT", "MINUTE", 1, spot() ? 6'000 : 2'400, used_weight(remote)) + "]";
}

}  // namespace arb::binance
