// The emulated Gate: who is asking, may they, and how often. The one place for signatures, rights and expiry.
#include <algorithm>

#include <fmt/format.h>

#include "connectors/gate/emulated_core.hpp"
#include "connectors/gate/emulated_venue.hpp"
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

struct CountRow {
    int most;
    Duration span;
};
// "Rate limits", by Count: public, private of one endpoint, orders and amends of a market, cancels.
constexpr CountRow kSpotCounts[] = {
    {200, seconds(10)}, {200, seconds(10)}, {10, seconds(1)}, {200, seconds(1)}};
constexpr CountRow kUsdtCounts[] = {
    {200, seconds(10)}, {200, seconds(10)}, {100, seconds(1)}, {200, seconds(1)}};

}  // namespace

VenueAnswer EmulatedGate::check_key(std::string_view key_id, std::string_view remote, Timestamp now,
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

VenueAnswer EmulatedGate::check_right(const EmulatedKey& key, Right right)
{
    if (right == Right::trade && !key.can_trade)
        return say_refused("READ_ONLY", "This key may not change anything");
    if (!key.can_read) return say_refused("FORBIDDEN", "No permission to access this");
    return {};
}

bool EmulatedGate::signature_good(const EmulatedKey& key, std::string_view text, std::string_view signature)
{
    HmacSha512::Digest digest;
    HmacSha512(bytes_of(key.secret)).sign(text, digest);
    return constant_time_equal(hex_lower(digest), signature);
}

VenueAnswer EmulatedGate::prove(const ServerRequest& request, Timestamp now, const EmulatedKey*& key) const
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
    if (!signature_good(*key, text, signature)) return say_refused("INVALID_SIGNATURE", "Signature mismatch");
    return {};
}

std::string EmulatedGate::owned_refusal(const Session& session, const Frame& frame, Timestamp now,
                                        const EmulatedKey*& key) const
{
    std::string_view method, key_id, signature;
    Json auth;
    if (frame.message["auth"].get(auth) != simdjson::SUCCESS ||
        auth["method"].get(method) != simdjson::SUCCESS || method != "api_key" ||
        auth["KEY"].get(key_id) != simdjson::SUCCESS || auth["SIGN"].get(signature) != simdjson::SUCCESS)
        return "MISSING_REQUIRED_HEADER: auth";
    const VenueAnswer answer = check_key(key_id, session.remote, now, key);
    if (!answer.good()) return fmt::format("{}: {}", answer.label, answer.message);
    if (!is_clock_good(frame.time, now)) return "REQUEST_EXPIRED: time";
    const std::string text =
        fmt::format("channel={}&event={}&time={}", frame.channel, frame.event, frame.time);
    if (!signature_good(*key, text, signature)) return "INVALID_SIGNATURE: Signature mismatch";
    return key->can_read ? std::string() : "FORBIDDEN: No permission to access this";
}

void EmulatedGate::log_on(SessionId id, Session& session, const Frame& frame, Timestamp now,
                          SessionOutbox& out)
{
    Params said;
    Json payload;
    if (frame.message["payload"].get(payload) == simdjson::SUCCESS) (void)read_fields(payload, said);
    const EmulatedKey* key = nullptr;
    VenueAnswer answer = check_key(value_of(said, "api_key"), session.remote, now, key);
    const std::string_view stamp = value_of(said, "timestamp");
    if (answer.good() && !is_clock_good(whole_of(stamp, 0), now))
        answer = say_refused("REQUEST_EXPIRED", "gap between timestamp and server time exceeds 60");
    if (answer.good() && !signature_good(*key, fmt::format("api\n{}\n\n{}", frame.channel, stamp),
                                         value_of(said, "signature")))
        answer = say_refused("INVALID_SIGNATURE", "Signature mismatch");
    if (!answer.good()) {
        out.send(id, request_error(frame, answer, now, {}));
        return;
    }
    session.key_id = key->key_id;
    out.send(id, fmt::format(R"({{"request_id":{},{},"data":{{"result":{{"api_key":"{}","uid":"{}"}}}}}})",
                             json_text(value_of(said, "req_id")), header(frame.channel, 200, {}, now),
                             key->key_id, user_of(key->account)));
}

bool EmulatedGate::count_call(const Endpoint& endpoint, const Call& call, RateLeft& budget)
{
    const CountRow& row = (spot() ? kSpotCounts : kUsdtCounts)[static_cast<std::size_t>(endpoint.count)];
    const auto user = static_cast<std::uint32_t>(call.account());
    if (endpoint.count == Count::endpoint)
        return counts_.take(fmt::format("{} {} {}", user, endpoint.method, endpoint.path), row.most, row.span,
                            call.now, budget);
    // Futures by websocket: everything about orders together.
    if (!spot() && call.by_socket)
        return counts_.take(fmt::format("{} orders by websocket", user), 100, seconds(1), call.now, budget);
    if (endpoint.count == Count::cancels)
        return counts_.take(fmt::format("{} cancels", user), row.most, row.span, call.now, budget);
    // A batch counts as one, at its first order's market.
    const Params& fields = call.list && !call.items.empty() ? call.items.front() : call.fields;
    return counts_.take(fmt::format("{} orders {}", user, spot() ? value_of(fields, "currency_pair") : ""),
                        row.most, row.span, call.now, budget);
}

void EmulatedGate::on_key_changed(const EmulatedKey& key, Timestamp now, SessionOutbox& out)
{
    now_ = now;
    if (!key.revoked) return;
    for (const auto& [id, session] : sessions_) {
        const bool used = session.key_id == key.key_id ||
                          std::any_of(session.owned.begin(), session.owned.end(),
                                      [&](const auto& topic) { return topic.second == key.key_id; });
        if (used) out.close(id, 1000, "the key is gone");
    }
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
