#include "connectors/binance/key_report.hpp"

#include <array>

#include "engine/venue/key_fields.hpp"

namespace arb::binance {
namespace {

namespace dom = simdjson::dom;

// 2200-01-01: times in ms behind it, or before 1970, are none that a venue means.
constexpr std::int64_t kTimeMax = 7'258'118'400'000;

constexpr std::string_view kAddresses = "ipRestrict";
constexpr std::string_view kCreatedField = "createTime";
constexpr std::string_view kExpiry = "tradingAuthorityExpirationTime";

struct Flag {
    std::string_view name;
    KeyRight right;
};

// Every flag of the documented answer: one that is missing cannot be taken for false.
constexpr Flag kFlags[] = {
    {"enableReading", KeyRight::read},
    {"enableSpotAndMarginTrading", KeyRight::trade},
    {"enableFutures", KeyRight::trade},
    {"enableWithdrawals", KeyRight::withdraw},
    {"enableInternalTransfer", KeyRight::transfer},
    {"permitsUniversalTransfer", KeyRight::transfer},
    {"enableMargin", KeyRight::other},
    {"enableVanillaOptions", KeyRight::other},
    {"enableFixApiTrade", KeyRight::other},
    {"enableFixReadOnly", KeyRight::other},
    {"enablePortfolioMarginTrading", KeyRight::other},
};
constexpr std::size_t kFlagCount = std::size(kFlags);
constexpr std::size_t kSpotTrading = 1;
constexpr std::size_t kFutures = 2;
static_assert(kFlags[kSpotTrading].name == "enableSpotAndMarginTrading");
static_assert(kFlags[kFutures].name == "enableFutures");

// The flags, and whether there is an address list.
constexpr auto kRequired = [] {
    std::array<std::string_view, kFlagCount + 1> names{};
    for (std::size_t i = 0; i < kFlagCount; ++i) names[i] = kFlags[i].name;
    names[kFlagCount] = kAddresses;
    return names;
}();

class Reader {
  public:
    Reader(Market market, std::string& words) : market_(market), words_(words) { words_.clear(); }

    KeyReport read(std::string_view body)
    {
        const std::string fault = walk_key_flags(
            body, kRequired, [this](std::string_view name, dom::element value) { return take(name, value); });
        if (fault.empty()) return conclude();
        words_ = fault;
        return unreadable_key(words_);
    }

  private:
    static bool read_time(dom::element value, Timestamp& out)
    {
        std::int64_t ms = 0;
        if (value.get_int64().get(ms) || ms < 0 || ms > kTimeMax) return false;
        out = {ms * 1'000'000};
        return true;
    }

    // What is wrong with the field; nullptr: nothing.
    const char* take(std::string_view name, dom::element value)
    {
        constexpr const char* kNoFlag = " is neither true nor false";
        constexpr const char* kNoTime = " is no time";
        bool set = false;
        for (std::size_t i = 0; i < kFlagCount; ++i) {
            if (kFlags[i].name != name) continue;
            if (value.get_bool().get(set)) return kNoFlag;
            set_[i] = set;
            if (set) add(kFlags[i].right, name);
            return nullptr;
        }
        if (name == kAddresses) {
            if (value.get_bool().get(set)) return kNoFlag;
            // The list itself is not told.
            report_.addresses = set ? KeyTold::some : KeyTold::none;
        } else if (name == kCreatedField) {
            if (!read_time(value, report_.created)) return kNoTime;
        } else if (name == kExpiry) {
            if (!read_time(value, report_.expires) || !report_.expires.known()) return kNoTime;
        } else if (value.get_bool().get(set) || set) {
            // Nobody knows what it allows. Only a plain false surely allows nothing.
            add(KeyRight::other, name);
        }
        return nullptr;
    }

    void add(KeyRight right, std::string_view name)
    {
        report_.rights.add(right);
        if (right == KeyRight::other) append_name(words_, name);
    }

    KeyReport conclude()
    {
        report_.answer = KeyAnswer::told;
        report_.foreign = words_;
        report_.expiry = report_.expires.known() ? KeyTold::some : KeyTold::none;
        const std::size_t own = market_ == Market::usdm ? kFutures : kSpotTrading;
        if (report_.rights.has(KeyRight::trade) && !set_[own]) report_.missing = kFlags[own].name;
        return report_;
    }

    Market market_;
    std::string& words_;
    KeyReport report_;
    std::array<bool, kFlagCount> set_{};
};

// -5000: "Path %s, Method %s is invalid".
bool no_such_question(int status, std::int64_t code)
{
    return status == 404 || status == 405 || code == -5000;
}

}  // namespace

KeyReport read_key_report(Market market, std::string_view body, std::string& words)
{
    return Reader(market, words).read(body);
}

KeyReport key_refusal(int status, const Refusal& refusal, std::string& words)
{
    KeyReport report;
    const Outcome outcome = refusal.verdict.outcome;
    const bool busy = outcome == Outcome::rate_limited || outcome == Outcome::banned;
    if (status == 0 || status >= 500 || busy || refusal.verdict.reason == RejectReason::clock)
        report.answer = KeyAnswer::none;
    else if (no_such_question(status, refusal.code))
        report.answer = KeyAnswer::absent;
    else if (outcome == Outcome::key_trouble || status == 401)
        report.answer = KeyAnswer::refused;
    else
        report.answer = KeyAnswer::unreadable;
    words = status == 0 ? "no answer came" : "HTTP " + std::to_string(status);
    if (status != 0 && !refusal.text.empty()) words.append(": ").append(refusal.text);
    report.text = words;
    return report;
}

}  // namespace arb::binance
