#include "connectors/coinbase/signed_text.hpp"

#include <array>
#include <charconv>
#include <optional>

#include "connectors/coinbase/signer.hpp"
#include "connectors/coinbase/urls.hpp"
#include "engine/venue/encoding.hpp"

namespace arb::coinbase {
namespace {

constexpr std::array<std::string_view, 4> kHeaderFields{"alg", "kid", "nonce", "typ"};
constexpr std::array<std::string_view, 5> kClaims{"sub", "iss", "nbf", "exp", "uri"};
constexpr std::array<std::string_view, 4> kClaimsNeeded{"sub", "iss", "nbf", "exp"};
constexpr std::size_t kSecondsDigits = 11;

bool read_part(std::string_view text, SignedFields& out)
{
    const std::optional<std::string> json = base64url_decode(text);
    return json && read_json_fields(*json, out);
}

std::int64_t number(const std::string& text)
{
    std::int64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

/// A token that is good for longer than ours would be worth stealing.
bool short_lived(const RequestView& view)
{
    const std::string& from = *view.find("nbf");
    const std::string& to = *view.find("exp");
    if (!all_digits(from, kSecondsDigits) || !all_digits(to, kSecondsDigits)) return false;
    const std::int64_t life = number(to) - number(from);
    return life > 0 && life <= kTokenSeconds;
}

/// "POST api.coinbase.com/api/v3/brokerage/orders"
bool read_uri(const std::string& uri, RequestView& out)
{
    const std::size_t blank = uri.find(' ');
    const std::size_t slash = uri.find('/');
    if (blank == std::string::npos || slash == std::string::npos || slash < blank) return false;
    out.method = uri.substr(0, blank);
    out.path = uri.substr(slash);
    if (uri.substr(blank + 1, slash - blank - 1) != kRestHost) return false;
    if (out.method == "GET") {
        out.kind = SignedKind::query;
        return true;
    }
    const std::string stem(kRestPath);
    // Without content there is no order in it, so that anything not named here is refused by every policy.
    out.kind = SignedKind::order;
    if (out.method == "POST" && out.path == stem + "/orders/batch_cancel") out.kind = SignedKind::cancel;
    const bool order =
        out.method == "POST" && (out.path == stem + "/orders" || out.path == stem + "/orders/edit");
    out.content_signed = out.kind == SignedKind::order && !order;
    return true;
}

}  // namespace

bool read_signed_text(std::string_view text, RequestView& out)
{
    const std::size_t point = text.find('.');
    if (text.size() > kSignedTextMax || point == std::string_view::npos) return false;
    SignedFields header;
    if (!read_part(text.substr(0, point), header) || !read_part(text.substr(point + 1), out.fields))
        return false;
    if (!has_only(header, kHeaderFields, kHeaderFields) || !has_only(out.fields, kClaims, kClaimsNeeded))
        return false;
    const std::string& algorithm = *find_field(header, "alg");
    if ((algorithm != "ES256" && algorithm != "EdDSA") || *find_field(header, "typ") != "JWT") return false;
    if (out.key_id.empty() || *find_field(header, "kid") != out.key_id || *out.find("sub") != out.key_id)
        return false;
    if (*out.find("iss") != "cdp" || !short_lived(out)) return false;
    if (const std::string* const uri = out.find("uri")) return read_uri(*uri, out);
    // A websocket's token: it subscribes to the account's own channel.
    out.kind = SignedKind::session;
    out.method = "WS";
    out.path = "/subscribe";
    return true;
}

}  // namespace arb::coinbase
