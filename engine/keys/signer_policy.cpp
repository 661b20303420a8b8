#include "engine/keys/signer_policy.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace arb {
namespace {

/// Parts of a segment, compared without case and without - _ and points.
constexpr std::array<std::string_view, 17> kForbiddenParts{
    "withdraw", "transfer",   "movefund", "sendmoney", "payout",   "payment",
    "giftcard", "giftcode",   "deposit",  "address",   "fiat",     "submember",
    "subuser",  "subaccount", "apikey",   "delegate",  "whitelist"};
/// Whole segments that are harmless as a part of another word.
constexpr std::array<std::string_view, 5> kForbiddenSegments{"transactions", "capital", "sub", "subs",
                                                             "fastpay"};

/// Fields that only requests to move money (or to widen who may) have.
constexpr std::array<std::string_view, 26> kForbiddenFields{
    "address",      "addresstag", "toaddr",          "toaddress",
    "addressid",    "network",    "chain",           "withdraworderid",
    "withdrawtype", "wallettype", "fromaccounttype", "toaccounttype",
    "transferid",   "tomemberid", "frommemberid",    "toemail",
    "fromemail",    "subacct",    "subaccount",      "subuid",
    "touid",        "touserid",   "fromsymbol",      "beneficiary",
    "recipient",    "iban"};

/// Known ways out, as the venues name them: a pattern that matches one is refused, whatever its words.
constexpr std::array<std::string_view, 30> kKnownWaysOut{"/sapi/v1/capital/withdraw/apply",
                                                         "/sapi/v1/asset/transfer",
                                                         "/sapi/v1/futures/transfer",
                                                         "/sapi/v1/localentity/withdraw/apply",
                                                         "/sapi/v1/sub-account/universalTransfer",
                                                         "/sapi/v1/sub-account/transfer/subToMaster",
                                                         "/sapi/v1/giftcard/createCode",
                                                         "/sapi/v1/margin/transfer",
                                                         "/sapi/v1/account/enableFastWithdrawSwitch",
                                                         "/v5/asset/withdraw/create",
                                                         "/v5/asset/transfer/inter-transfer",
                                                         "/v5/asset/transfer/universal-transfer",
                                                         "/v5/user/create-sub-member",
                                                         "/v5/user/create-sub-api",
                                                         "/v5/user/update-api",
                                                         "/v5/user/delete-api",
                                                         "/api/v5/asset/withdrawal",
                                                         "/api/v5/asset/transfer",
                                                         "/api/v5/asset/withdrawal-lightning",
                                                         "/api/v5/fiat/create-withdrawal",
                                                         "/api/v5/asset/subaccount/transfer",
                                                         "/api/v5/users/subaccount/apikey",
                                                         "/0/private/Withdraw",
                                                         "/0/private/WalletTransfer",
                                                         "/0/private/AccountTransfer",
                                                         "/0/private/CreateSubaccount",
                                                         "/0/private/WithdrawCancel",
                                                         "/api/v3/brokerage/portfolios/move_funds",
                                                         "/v2/accounts/*/transactions",
                                                         "/v2/accounts/*/withdrawals"};

std::string squeezed(std::string_view text)
{
    std::string out;
    for (const char c : text) {
        if (c == '-' || c == '_' || c == '.' || c == '~') continue;
        out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return out;
}

/// Calls `f` with each segment until it says true.
template <class F>
bool any_segment(std::string_view path, F&& f)
{
    while (!path.empty()) {
        if (path.front() == '/') path.remove_prefix(1);
        const std::size_t end = std::min(path.find('/'), path.size());
        if (f(path.substr(0, end))) return true;
        path.remove_prefix(end);
    }
    return false;
}

bool plain_path(std::string_view path)
{
    const auto plain = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
               c == '_' || c == '.' || c == '/';
    };
    return !path.empty() && path.front() == '/' && path.size() <= 200 &&
           path.find("//") == std::string_view::npos && path.find("..") == std::string_view::npos &&
           std::all_of(path.begin(), path.end(), plain);
}

bool word_method(std::string_view method)
{
    return method == "GET" || method == "POST" || method == "PUT" || method == "DELETE" || method == "WS";
}

/// quantity x price x contract <= notional, exactly. What does not fit 128 bits is larger than any limit
/// worth writing, or finer than any venue's step: false.
bool worth_at_most(const SignedOrder& order, const OrderLimit& limit)
{
    Int128 value = Int128{order.quantity.mantissa()} * order.price->mantissa();
    if (__builtin_mul_overflow(value, Int128{limit.contract.mantissa()}, &value)) return false;
    Int128 most = limit.notional->mantissa();
    unsigned decimals = order.quantity.decimals() + order.price->decimals() + limit.contract.decimals();
    for (; decimals < limit.notional->decimals(); ++decimals) {
        if (__builtin_mul_overflow(value, Int128{10}, &value)) return false;
    }
    for (unsigned i = limit.notional->decimals(); i < decimals; ++i) {
        // A limit that outgrows 128 bits on the way is above any value that has not.
        if (__builtin_mul_overflow(most, Int128{10}, &most)) return true;
    }
    return value <= most;
}

Error refuse(std::string message)
{
    return {ExitCode::usage, std::move(message)};
}

}  // namespace

const char* name(Refusal refusal)
{
    static constexpr std::array<const char*, static_cast<std::size_t>(Refusal::count_)> kNames{
        "none",    "no_such_key",  "malformed",  "not_understood", "withdrawal", "endpoint",
        "session", "unseen_order", "instrument", "quantity",       "notional",   "no_price",
        "rate",    "hours",        "audit",      "broken",         "product"};
    const auto index = static_cast<std::size_t>(refusal);
    return index < kNames.size() ? kNames[index] : "?";
}

bool moves_money(std::string_view method, std::string_view path)
{
    return any_segment(path,
                       [&](std::string_view segment) {
                           const std::string word = squeezed(segment);
                           // The question what the key itself may do: the gate asks it, and it changes
                           // nothing.
                           if (word == "getapikeyinfo") return false;
                           const auto holds = [&](std::string_view part) {
                               return word.find(part) != std::string::npos;
                           };
                           const bool part =
                               std::any_of(kForbiddenParts.begin(), kForbiddenParts.end(), holds);
                           const bool whole = std::find(kForbiddenSegments.begin(), kForbiddenSegments.end(),
                                                        word) != kForbiddenSegments.end();
                           return part || whole;
                       }) ||
           (method != "GET" && any_segment(path, [](std::string_view s) { return s == "portfolios"; }));
}

bool moves_money_field(std::string_view name)
{
    const std::string word = squeezed(name);
    return std::find(kForbiddenFields.begin(), kForbiddenFields.end(), word) != kForbiddenFields.end() ||
           word.find("withdraw") != std::string::npos || word.find("transfer") != std::string::npos;
}

bool EndpointPattern::matches(std::string_view request_method, std::string_view request_path) const
{
    if (request_method != method) return false;
    if (!path.ends_with("/*")) return request_path == path;
    const std::string_view stem = std::string_view(path).substr(0, path.size() - 1);
    if (!request_path.starts_with(stem)) return false;
    const std::string_view rest = request_path.substr(stem.size());
    return !rest.empty() && rest.find('/') == std::string_view::npos;
}

std::optional<Error> KeyPolicy::add_endpoint(std::string_view pattern)
{
    const auto wrong = [&](std::string_view why) { return refuse(fmt::format("'{}': {}", pattern, why)); };
    const std::size_t blank = pattern.find(' ');
    if (blank == std::string_view::npos)
        return wrong("write a method and a path, as in \"GET /api/v5/account/balance\"");
    EndpointPattern endpoint{std::string(pattern.substr(0, blank)), std::string(pattern.substr(blank + 1))};
    if (!word_method(endpoint.method)) return wrong("the method is one of GET, POST, PUT, DELETE, WS");
    std::string_view fixed = endpoint.path;
    const bool open = fixed.ends_with("/*");
    if (open) fixed.remove_suffix(2);
    if (!plain_path(fixed)) return wrong("the path begins with / and holds letters, digits and . - _ alone");
    if (open && endpoint.method != "GET") return wrong("only the last segment of a GET may be *");
    if (moves_money(endpoint.method, endpoint.path))
        return wrong("moves money or touches sub-accounts, addresses or keys; no policy can allow that");
    for (const std::string_view known : kKnownWaysOut) {
        // A "*" of the table stands for an account's name; a pattern can name one only letter by letter.
        if (endpoint.matches(endpoint.method, known))
            return wrong("would let a known withdrawal or transfer be signed; name the paths one by one");
    }
    endpoints_.push_back(std::move(endpoint));
    return std::nullopt;
}

std::optional<Error> KeyPolicy::add_limit(OrderLimit limit)
{
    if (limit.instrument.empty() || limit.instrument.find('*') != std::string::npos)
        return refuse("an instrument is named as the venue writes it; there is no pattern for all");
    const auto positive = [](const std::optional<Decimal>& value) { return !value || value->mantissa() > 0; };
    if (!positive(limit.quantity) || !positive(limit.notional) || limit.contract.mantissa() <= 0)
        return refuse(fmt::format("{}: limits are positive", limit.instrument));
    if (!limit.quantity && !limit.notional)
        return refuse(
            fmt::format("{}: give the largest order: quantity, notional or both", limit.instrument));
    const auto same = [&](const OrderLimit& known) {
        return known.instrument == limit.instrument && known.product == limit.product &&
               known.margin == limit.margin;
    };
    if (std::any_of(limits_.begin(), limits_.end(), same))
        return refuse(fmt::format("{}: has two limits", limit.instrument));
    limits_.push_back(std::move(limit));
    return std::nullopt;
}

std::optional<Error> KeyPolicy::set_orders_per_second(std::int64_t count)
{
    if (count < 0 || count > static_cast<std::int64_t>(kOrdersPerSecondMax))
        return refuse(fmt::format("orders a second: 0 to {}", kOrdersPerSecondMax));
    orders_per_second_ = static_cast<std::size_t>(count);
    return std::nullopt;
}

std::optional<Error> KeyPolicy::set_hours(std::string_view range)
{
    const auto wrong = [&] {
        return refuse(fmt::format("hours '{}': write two hours of the day in UTC, as in \"07-19\"", range));
    };
    if (range.size() != 5 || range[2] != '-' || !all_digits(range.substr(0, 2), 2) ||
        !all_digits(range.substr(3), 2)) {
        return wrong();
    }
    const unsigned first = static_cast<unsigned>((range[0] - '0') * 10 + (range[1] - '0'));
    const unsigned last = static_cast<unsigned>((range[3] - '0') * 10 + (range[4] - '0'));
    if (first > 23 || last > 23) return wrong();
    hours_ = 0;
    for (unsigned hour = first;; hour = (hour + 1) % 24) {
        hours_ |= 1U << hour;
        if (hour == last) break;
    }
    return std::nullopt;
}

bool KeyPolicy::listed(const RequestView& request) const
{
    return std::any_of(endpoints_.begin(), endpoints_.end(), [&](const EndpointPattern& endpoint) {
        return endpoint.matches(request.method, request.path);
    });
}

Refusal KeyPolicy::judge_order(const SignedOrder& order) const
{
    const auto named = [&](const OrderLimit& l) { return l.instrument == order.instrument; };
    const auto limit = std::find_if(limits_.begin(), limits_.end(), [&](const OrderLimit& l) {
        return named(l) && l.product == order.product && l.margin == order.margin;
    });
    if (limit == limits_.end())
        return std::any_of(limits_.begin(), limits_.end(), named) ? Refusal::product : Refusal::instrument;
    if (order.quantity.mantissa() <= 0) return Refusal::quantity;
    if (limit->quantity && order.quantity > *limit->quantity) return Refusal::quantity;
    if (!limit->notional) return Refusal::none;
    if (!order.price) return Refusal::no_price;
    return worth_at_most(order, *limit) ? Refusal::none : Refusal::notional;
}

bool KeyPolicy::pace(std::size_t orders, Timestamp now)
{
    while (!recent_.empty() && now - recent_.front() >= seconds(1)) recent_.pop_front();
    if (recent_.size() + orders > orders_per_second_) return false;
    recent_.insert(recent_.end(), orders, now);
    return true;
}

Refusal KeyPolicy::judge(const RequestView& request, SigningTime now)
{
    const auto money = [](const SignedField& field) { return moves_money_field(field.name); };
    if (moves_money(request.method, request.path) ||
        std::any_of(request.fields.begin(), request.fields.end(), money)) {
        return Refusal::withdrawal;
    }
    if (!plain_path(request.path) || !listed(request)) return Refusal::endpoint;
    if (request.kind == SignedKind::query || request.kind == SignedKind::cancel) return Refusal::none;
    const auto hour = static_cast<unsigned>(now.wall.ns / 3'600'000'000'000 % 24);
    if (now.wall.ns <= 0 || (hours_ >> hour & 1U) == 0) return Refusal::hours;
    if (request.kind == SignedKind::session) return sessions_ ? Refusal::none : Refusal::session;
    if (!request.content_signed) {
        if (!unseen_orders_) return Refusal::unseen_order;
        return pace(1, now.steady) ? Refusal::none : Refusal::rate;
    }
    if (request.orders.empty()) return Refusal::not_understood;
    for (const SignedOrder& order : request.orders) {
        const Refusal refusal = judge_order(order);
        if (refusal != Refusal::none) return refusal;
    }
    return pace(request.orders.size(), now.steady) ? Refusal::none : Refusal::rate;
}

}  // namespace arb
