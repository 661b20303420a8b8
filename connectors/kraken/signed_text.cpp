#include "connectors/kraken/signed_text.hpp"

#include <algorithm>
#include <array>

namespace arb::kraken {
namespace {

constexpr std::string_view kStem = "/0/private/";
constexpr std::size_t kDigest = 32;

constexpr std::array<std::string_view, 13> kQueries{
    "Balance",     "BalanceEx",     "TradeBalance", "OpenOrders",  "ClosedOrders",
    "QueryOrders", "TradesHistory", "QueryTrades",  "TradeVolume", "OpenPositions",
    "Ledgers",     "QueryLedgers",  "GetApiKeyInfo"};
constexpr std::array<std::string_view, 4> kCancels{"CancelOrder", "CancelAll", "CancelAllOrdersAfter",
                                                   "CancelOrderBatch"};
constexpr std::array<std::string_view, 4> kOrders{"AddOrder", "AddOrderBatch", "AmendOrder", "EditOrder"};

template <std::size_t N>
bool is_among(const std::array<std::string_view, N>& names, std::string_view name)
{
    return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

// "Spot REST authentication": path and SHA256(nonce + body), 32 bytes of any value.
bool read_signed_text(std::string_view text, RequestView& out)
{
    if (text.size() < kStem.size() + 1 + kDigest || text.size() > kSignedTextMax) return false;
    const std::string_view path = text.substr(0, text.size() - kDigest);
    if (!path.starts_with(kStem)) return false;
    const std::string_view name = path.substr(kStem.size());
    const auto good = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/';
    };
    if (!std::all_of(name.begin(), name.end(), good)) return false;
    out.method = "POST";
    out.path = path;
    // Without content there is no order in it, so that anything not named here is refused by every policy.
    out.kind = SignedKind::order;
    if (is_among(kQueries, name)) out.kind = SignedKind::query;
    if (is_among(kCancels, name)) out.kind = SignedKind::cancel;
    if (name == "GetWebSocketsToken") out.kind = SignedKind::session;
    out.content_signed = out.kind == SignedKind::order && !is_among(kOrders, name);
    return true;
}

}  // namespace arb::kraken
