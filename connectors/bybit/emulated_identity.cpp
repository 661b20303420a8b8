#include "connectors/bybit/emulated_identity.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/emulate/answer_text.hpp"
#include "engine/emulate/key_checks.hpp"
#include "engine/venue/crypto.hpp"
#include "engine/venue/encoding.hpp"

namespace arb::bybit {
namespace {

// "Rate Limit": 600 requests in five seconds from one address, then ten minutes of 403.
constexpr int kAddressRequests = 600;
constexpr Duration kAddressSpan = seconds(5);
constexpr Duration kShutOut = seconds(600);
// The most receive windows may be, in milliseconds.
constexpr std::int64_t kWindowMost = 60'000;

}  // namespace

Answer EmulatedIdentity::check_key(std::string_view key_id, std::string_view remote, Timestamp now,
                                   const EmulatedKey*& key) const
{
    key = find_key(*setup_.keys, key_id);
    if (key == nullptr || key->revoked) return refuse(10003, "API key is invalid.");
    if (!is_key_good(*key, now)) return refuse(33004, "Your api key has expired.");
    if (!is_address_allowed(*key, remote))
        return refuse(10010, "Unmatched IP, please check your API key's bound IP addresses.");
    return {};
}

Answer EmulatedIdentity::check_time(std::string_view stamp, std::string_view window, Timestamp now)
{
    const auto sent = whole_number(stamp);
    const auto span = window.empty() ? std::optional<std::int64_t>(5000) : whole_number(window);
    if (!sent || !span || *span < 0) return refuse(10001, "Request parameter error: timestamp.");
    const std::int64_t server = ms_of(now);
    if (*sent < server - std::min(*span, kWindowMost) || *sent >= server + 1000) {
        return refuse(10002,
                      fmt::format("invalid request, please check your server timestamp or recv_window param. "
                                  "req_timestamp[{}],server_timestamp[{}],recv_window[{}]",
                                  *sent, server, *span));
    }
    return {};
}

bool EmulatedIdentity::signature_good(const EmulatedKey& key, std::string_view payload,
                                      std::string_view signature)
{
    const HmacSha256 mac(bytes_of(key.secret));
    HmacSha256::Digest digest;
    mac.sign(payload, digest);
    return constant_time_equal(hex_lower(digest), signature);
}

Answer EmulatedIdentity::prove(const ServerRequest& request, Need need, Timestamp now,
                               const EmulatedKey*& key) const
{
    const std::string_view key_id = request.header("X-BAPI-API-KEY");
    const std::string_view stamp = request.header("X-BAPI-TIMESTAMP");
    const std::string_view window = request.header("X-BAPI-RECV-WINDOW");
    Answer answer = check_key(key_id, request.remote, now, key);
    if (answer.code != 0) return answer;
    answer = check_time(stamp, window, now);
    if (answer.code != 0) return answer;
    const std::string payload =
        fmt::format("{}{}{}{}", stamp, key_id, window,
                    request.method == "POST" ? std::string_view(request.body) : request.query());
    if (!signature_good(*key, payload, request.header("X-BAPI-SIGN"))) {
        return refuse(10004, "error sign! please check your signature generation algorithm.");
    }
    return check_right(*key, need);
}

Answer EmulatedIdentity::check_right(const EmulatedKey& key, Need need)
{
    const bool may = need == Need::key || (need == Need::trade ? key.can_trade : key.can_read);
    if (!may) return refuse(10005, "Permission denied, please check your API key permissions.");
    return {};
}

Answer EmulatedIdentity::count(const EmulatedCall& call, std::string_view what, int most)
{
    if (most == 0) return {};
    const std::string bucket = fmt::format("{} {}", static_cast<std::uint32_t>(call.account()), what);
    if (counts_.take(bucket, most, seconds(1), call.now, *call.limit)) return {};
    return refuse(10006, "Too many visits. Exceeded the API Rate Limit.");
}

bool EmulatedIdentity::count_address(const std::string& remote, Timestamp now)
{
    if (!setup_.rate_limits) return true;
    Timestamp& until = shut_out_[remote];
    if (now < until) return false;
    if (counts_.take("address " + remote, kAddressRequests, kAddressSpan, now)) return true;
    until = now + kShutOut;
    return false;
}

}  // namespace arb::bybit
