#include "connectors/gate/signed_text.hpp"

#include <algorithm>
#include <array>

namespace arb::gate {
namespace {

constexpr std::string_view kRoot = "/api/v4/";
constexpr std::size_t kSecondsDigits = 10;
constexpr std::size_t kHashDigits = 128;
/// SHA-512 of nothing.
constexpr std::string_view kNoBody =
    "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
    "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e";

constexpr std::array<std::string_view, 7> kChannels{
    "spot.orders",        "spot.usertrades",  "spot.balances",    "futures.orders",
    "futures.usertrades", "futures.balances", "futures.positions"};

bool is_hash(std::string_view text)
{
    return text.size() == kHashDigits && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
           });
}

bool is_path(std::string_view path)
{
    return path.starts_with(kRoot) && std::all_of(path.begin(), path.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                      c == '/' || c == '_' || c == '-' || c == '.';
           });
}

/// Takes the part before the mark off the front; false: the mark is not there.
bool cut(std::string_view& text, char mark, std::string_view& part)
{
    const std::size_t at = text.find(mark);
    if (at == std::string_view::npos) return false;
    part = text.substr(0, at);
    text.remove_prefix(at + 1);
    return true;
}

// "api", the channel, an empty line for a request without content, and the time.
bool read_log_on(std::string_view rest, RequestView& out)
{
    std::string_view channel, content;
    if (!cut(rest, '\n', channel) || !cut(rest, '\n', content)) return false;
    if ((channel != "spot.login" && channel != "futures.login") || !content.empty() ||
        !all_digits(rest, kSecondsDigits))
        return false;
    out.kind = SignedKind::session;
    out.method = "WS";
    out.path = "/" + std::string(channel);
    return true;
}

bool read_subscription(std::string_view text, RequestView& out)
{
    SignedFields fields;
    if (!read_query_fields(text, fields) || fields.size() != 3 || fields[0].name != "channel" ||
        fields[1].name != "event" || fields[2].name != "time")
        return false;
    const std::string_view channel = fields[0].value;
    if (std::find(kChannels.begin(), kChannels.end(), channel) == kChannels.end() ||
        (fields[1].value != "subscribe" && fields[1].value != "unsubscribe") ||
        !all_digits(fields[2].value, kSecondsDigits))
        return false;
    out.kind = SignedKind::query;
    out.method = "WS";
    out.path = "/" + std::string(channel);
    return true;
}

/// What places or changes orders. Of any other POST the policy says why it is not signed: no content of it is
/// an order.
constexpr std::array<std::string_view, 6> kOrders{"/api/v4/spot/orders",
                                                  "/api/v4/spot/batch_orders",
                                                  "/api/v4/spot/amend_batch_orders",
                                                  "/api/v4/futures/usdt/orders",
                                                  "/api/v4/futures/usdt/batch_orders",
                                                  "/api/v4/futures/usdt/batch_amend_orders"};

/// DELETE takes orders back, and so does the timer.
SignedKind kind_of(std::string_view method, std::string_view path)
{
    if (method == "GET") return SignedKind::query;
    const std::string_view name = path.substr(path.rfind('/') + 1);
    const bool takes_back =
        method == "POST" &&
        (name == "countdown_cancel_all" || name == "cancel_batch_orders" || name == "batch_cancel_orders");
    const bool ends = method == "DELETE" && path.find("/orders") != std::string_view::npos;
    return takes_back || ends ? SignedKind::cancel : SignedKind::order;
}

bool read_request(std::string_view text, RequestView& out)
{
    std::string_view method, path, query, hash;
    if (!cut(text, '\n', method) || !cut(text, '\n', path) || !cut(text, '\n', query) ||
        !cut(text, '\n', hash) || !all_digits(text, kSecondsDigits))
        return false;
    const bool reads = method == "GET";
    if (!reads && method != "POST" && method != "DELETE") return false;
    if (!is_path(path) || !is_hash(hash)) return false;
    const bool empty = hash == kNoBody;
    // A question has no body, and a body that is hashed can be anything.
    if (method != "POST" ? !empty : empty) return false;
    if (!query.empty() && !read_query_fields(query, out.fields)) return false;
    out.method = method;
    out.path = path;
    out.kind = kind_of(method, path);
    out.content_signed =
        out.kind != SignedKind::order || std::find(kOrders.begin(), kOrders.end(), path) == kOrders.end();
    return true;
}

}  // namespace

bool read_signed_text(std::string_view text, RequestView& out)
{
    if (text.size() > kSignedTextMax) return false;
    if (text.starts_with("channel=")) return read_subscription(text, out);
    if (text.starts_with("api\n")) return read_log_on(text.substr(4), out);
    return read_request(text, out);
}

}  // namespace arb::gate
