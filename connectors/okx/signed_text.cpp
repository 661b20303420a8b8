#include "connectors/okx/signed_text.hpp"

#include <algorithm>
#include <array>

#include "engine/base/time.hpp"

namespace arb::okx {
namespace {

constexpr std::string_view kLogOn = "GET/users/self/verify";
constexpr std::size_t kIsoTime = 24;
constexpr std::size_t kSecondsDigits = 10;

constexpr std::array<std::string_view, 13> kOrderFields{"instId",     "tdMode",  "clOrdId", "side", "ordType",
                                                        "px",         "sz",      "tag",     "ccy",  "posSide",
                                                        "reduceOnly", "stpMode", "tgtCcy"};
constexpr std::array<std::string_view, 5> kOrderNeeds{"instId", "tdMode", "side", "ordType", "sz"};
constexpr std::array<std::string_view, 6> kAmendFields{"instId", "ordId", "clOrdId",
                                                       "reqId",  "newSz", "newPx"};
constexpr std::array<std::string_view, 3> kAmendNeeds{"instId", "newSz", "newPx"};
/// In the place of the order's tdMode, which an amend does not name.
constexpr std::string_view kMarginUntold = "untold";
constexpr std::array<std::string_view, 5> kCancelFields{"instId", "ordId", "clOrdId", "timeOut", "tag"};

bool read_order(const SignedFields& fields, RequestView& out)
{
    if (!has_only(fields, kOrderFields, kOrderNeeds)) return false;
    const std::string& type = *find_field(fields, "ordType");
    const std::string& side = *find_field(fields, "side");
    const std::string* const counted = find_field(fields, "tgtCcy");
    const bool priced = find_field(fields, "px") != nullptr;
    const bool limit = type == "limit" || type == "post_only" || type == "fok" || type == "ioc";
    if (side != "buy" && side != "sell") return false;
    // "Place order": a spot market order to buy counts the quote currency unless tgtCcy says otherwise.
    const bool base = counted != nullptr && *counted == "base_ccy";
    if (counted != nullptr && !base) return false;
    if (limit ? !priced : (type != "market" || priced || !base)) return false;
    if (!add_order(fields, "instId", "sz", "px", out)) return false;
    const std::string& mode = *find_field(fields, "tdMode");
    if (mode != "cash") out.orders.back().margin = mode;
    return true;
}

// "Amend order": how large the order becomes is known only when both terms are named. On what it is paid is
// not in the text: it is understood, and no limit of a policy that names a tdMode, or none, allows it.
bool read_amend(const SignedFields& fields, RequestView& out)
{
    if (!has_only(fields, kAmendFields, kAmendNeeds) || find_field(fields, "newPx")->empty()) return false;
    if (!add_order(fields, "instId", "newSz", "newPx", out)) return false;
    out.orders.back().margin = kMarginUntold;
    return true;
}

bool read_body(std::string_view body, RequestView& out)
{
    std::vector<SignedFields> objects;
    if (!read_json_objects(body, objects)) return false;
    const bool order = out.path == "/api/v5/trade/order" || out.path == "/api/v5/trade/batch-orders";
    const bool amend =
        out.path == "/api/v5/trade/amend-order" || out.path == "/api/v5/trade/amend-batch-orders";
    const bool cancel = out.path == "/api/v5/trade/cancel-order" ||
                        out.path == "/api/v5/trade/cancel-batch-orders" ||
                        out.path == "/api/v5/trade/cancel-all-after";
    // A body of any other path holds no order. Its fields are read all the same, because the policy names
    // them when it says why it does not sign.
    out.kind = cancel ? SignedKind::cancel : SignedKind::order;
    for (const SignedFields& fields : objects) {
        if (order && !read_order(fields, out)) return false;
        if (amend && !read_amend(fields, out)) return false;
        if (cancel && !has_only(fields, kCancelFields, {})) return false;
        if (out.fields.size() + fields.size() > kSignedFieldsMax) return false;
        out.fields.insert(out.fields.end(), fields.begin(), fields.end());
    }
    return true;
}

}  // namespace

bool read_signed_text(std::string_view text, RequestView& out)
{
    if (text.size() > kSignedTextMax) return false;
    if (text.ends_with(kLogOn) && all_digits(text.substr(0, text.size() - kLogOn.size()), kSecondsDigits)) {
        out.kind = SignedKind::session;
        out.method = "WS";
        out.path = "/users/self/verify";
        return true;
    }
    if (text.size() < kIsoTime || text[kIsoTime - 1] != 'Z' || !parse_utc(text.substr(0, kIsoTime)))
        return false;
    text.remove_prefix(kIsoTime);
    for (const std::string_view method : {"GET", "POST"}) {
        if (text.starts_with(method)) out.method = method;
    }
    if (out.method.empty()) return false;
    text.remove_prefix(out.method.size());
    // No path holds a brace or a bracket, and every body begins with one.
    const std::size_t end = std::min(text.find_first_of("{["), text.size());
    const std::string_view target = text.substr(0, end);
    const std::string_view body = text.substr(end);
    const std::size_t question = std::min(target.find('?'), target.size());
    out.path = target.substr(0, question);
    if (!out.path.starts_with("/api/v5/")) return false;
    if (out.method == "POST") return question == target.size() && !body.empty() && read_body(body, out);
    out.kind = SignedKind::query;
    if (!body.empty()) return false;
    return question == target.size() || read_query_fields(target.substr(question + 1), out.fields);
}

}  // namespace arb::okx
