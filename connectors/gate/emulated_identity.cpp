#include "connectors/gate/emulated_identity.hpp"

#include <fmt/format.h>

#include "connectors/gate/emulated_venue.hpp"
#include "engine/emulate/answer_text.hpp"
#include "engine/emulate/key_checks.hpp"
#include "engine/venue/crypto.hpp"
#include "engine/venue/encoding.hpp"

namespace arb::gate {
namespace {

// "Authentication": how far a client's clock may be off.
bool is_clock_good(std::int64_t said, Timestamp now)
{
    constexpr std::int64_t kMost = 60;
    return said >= seconds_of(now) - kMost && said <= seconds_of(now) + kMost;
}

bool is_signature_good(const EmulatedKey& key, std::string_view text, std::string_view signature)
{
    HmacSha512::Digest digest;
    HmacSha512(bytes_of(key.secret)).sign(text, digest);
    return constant_time_equal(hex_lower(digest), signature);
}

struct CountRow {
    int most;
    Duration span;
};
// "Rate limits", by CountAs: public, private of one endpoint, orders and amends of a market, cancels.
constexpr CountRow kSpotCounts[] = {
    {200, seconds(10)}, {200, seconds(10)}, {10, seconds(1)}, {200, seconds(1)}};
constexpr CountRow kUsdtCounts[] = {
    {200, seconds(10)}, {200, seconds(10)}, {100, seconds(1)}, {200, seconds(1)}};

}  // namespace

VenueAnswer EmulatedIdentity::check_key(std::string_view key_id, std::string_view remote, Timestamp now,
                                        const EmulatedKey*& key) const
{
    key = find_key(*setup_.keys, key_id);
    if (key == nullptr || !is_key_good(*key, now)) {
        key = nullptr;
        return say_refused("INVALID_KEY", "Invalid key provided");
    }
    if (!is_address_allowed(*key, remote))
        return say_refused("IP_FORBIDDEN", "IP is not in the whitelist of the key");
    return {};
}

VenueAnswer EmulatedIdentity::check_right(const EmulatedKey& key, Right right)
{
    if (right == Right::trade && !key.can_trade)
        return say_refused("READ_ONLY", "This key may not change anything");
    if (!key.can_read) return say_refused("FORBIDDEN", "No permission to access this");
    return {};
}

VenueAnswer EmulatedIdentity::check_expiry(std::string_view expiry, Timestamp now)
{
    if (expiry.empty()) return {};
    const std::int64_t end = whole_of(expiry, -1);
    if (end < 0) return say_refused("INVALID_PARAM_VALUE", "Invalid x-gate-exptime");
    return ms_of(now) > end ? say_refused("REQUEST_EXPIRED", "Request has expired") : VenueAnswer{};
}

VenueAnswer EmulatedIdentity::prove(const ServerRequest& request, Timestamp now,
                                    const EmulatedKey*& key) const
{
    const std::string_view key_id = request.header("KEY");
    const std::string_view stamp = request.header("Timestamp");
    const std::string_view signature = request.header("SIGN");
    if (key_id.empty() || stamp.empty() || signature.empty())
        return say_refused("MISSING_REQUIRED_HEADER", "Missing required header: KEY, Timestamp or SIGN");
    VenueAnswer answer = check_key(key_id, request.remote, now, key);
    if (!answer.good()) return answer;
    if (!is_clock_good(whole_of(stamp, 0), now))
        return say_refused("REQUEST_EXPIRED", "gap between request Timestamp and server time exceeds 60");
    const std::string text = fmt::format("{}\n{}\n{}\n{}\n{}", request.method, request.path(),
                                         request.query(), hex_lower(sha512(request.body)), stamp);
    if (!is_signature_good(*key, text, signature))
        return say_refused("INVALID_SIGNATURE", "Signature mismatch");
    return {};
}

VenueAnswer EmulatedIdentity::prove_log_on(const Params& said, std::string_view channel,
                                           std::string_view remote, Timestamp now,
                                           const EmulatedKey*& key) const
{
    VenueAnswer answer = check_key(value_of(said, "api_key"), remote, now, key);
    if (!answer.good()) return answer;
    const std::string_view stamp = value_of(said, "timestamp");
    if (!is_clock_good(whole_of(stamp, 0), now))
        return say_refused("REQUEST_EXPIRED", "gap between timestamp and server time exceeds 60");
    if (!is_signature_good(*key, fmt::format("api\n{}\n\n{}", channel, stamp), value_of(said, "signature")))
        return say_refused("INVALID_SIGNATURE", "Signature mismatch");
    return {};
}

VenueAnswer EmulatedIdentity::prove_subscription(const simdjson::dom::element& message, std::string_view text,
                                                 std::int64_t time, std::string_view remote, Timestamp now,
                                                 const EmulatedKey*& key) const
{
    std::string_view method, key_id, signature;
    simdjson::dom::element auth;
    if (message["auth"].get(auth) != simdjson::SUCCESS || auth["method"].get(method) != simdjson::SUCCESS ||
        method != "api_key" || auth["KEY"].get(key_id) != simdjson::SUCCESS ||
        auth["SIGN"].get(signature) != simdjson::SUCCESS)
        return say_refused("MISSING_REQUIRED_HEADER", "auth");
    VenueAnswer answer = check_key(key_id, remote, now, key);
    if (!answer.good()) return answer;
    if (!is_clock_good(time, now)) return say_refused("REQUEST_EXPIRED", "time");
    if (!is_signature_good(*key, text, signature))
        return say_refused("INVALID_SIGNATURE", "Signature mismatch");
    return check_right(*key, Right::read);
}

bool EmulatedIdentity::count(CountAs as, const std::string& endpoint, const EmulatedCall& call,
                             RateLeft& budget)
{
    const CountRow& row = (dialect_.spot() ? kSpotCounts : kUsdtCounts)[static_cast<std::size_t>(as)];
    const auto user = static_cast<std::uint32_t>(call.account());
    if (as == CountAs::endpoint)
        return counts_.take(fmt::format("{} {}", user, endpoint), row.most, row.span, call.now, budget);
    // Futures by websocket: everything about orders together.
    if (!dialect_.spot() && call.by_socket)
        return counts_.take(fmt::format("{} orders by websocket", user), 100, seconds(1), call.now, budget);
    if (as == CountAs::cancels)
        return counts_.take(fmt::format("{} cancels", user), row.most, row.span, call.now, budget);
    // A batch counts as one, at its first order's market.
    const Params& fields = call.list && !call.items.empty() ? call.items.front() : call.fields;
    return counts_.take(
        fmt::format("{} orders {}", user, dialect_.spot() ? value_of(fields, "currency_pair") : ""), row.most,
        row.span, call.now, budget);
}

bool EmulatedIdentity::count_public(std::string_view remote, std::string_view path, Timestamp now,
                                    RateLeft& budget)
{
    const CountRow& row = kSpotCounts[static_cast<std::size_t>(CountAs::address)];
    return counts_.take(fmt::format("{} {}", remote, path), row.most, row.span, now, budget);
}

std::vector<EmulatedKey> make_emulated_keys(std::uint64_t seed, std::uint32_t account)
{
    std::vector<EmulatedKey> keys;
    for (const char* label : {"trade", "read", "withdraw", "trade_next"}) {
        const std::string digits = hex_lower(sha256(fmt::format("gate {} {} {}", seed, account, label)));
        EmulatedKey key = make_labelled_key(label, account);
        key.key_id = "emulated" + digits.substr(0, 20);
        key.secret = "emulated" + digits.substr(20, 44);
        keys.push_back(std::move(key));
    }
    return keys;
}

}  // namespace arb::gate
