#include "connectors/okx/errors.hpp"

#include <algorithm>

namespace arb::okx {
namespace {

constexpr Verdict kKey{Outcome::key_trouble, RejectReason::permission};
constexpr Verdict kClock{Outcome::key_trouble, RejectReason::clock};
constexpr Verdict kSlower{Outcome::rate_limited, RejectReason::rate_limited};

// Whether the order was executed is not said: busy, a timeout, "does not mean success or failure".
constexpr int kUnknown[] = {50001, 50004, 50013, 50026, 51054, 51149, 51412, 63999, 64007};
constexpr int kTooFast[] = {50011, 50040, 50061, 51113, 51513, 60014, 60023};
// The answers to expTime: the request came too late and was dropped.
constexpr int kExpired[] = {50036, 50037};
constexpr int kOutsideWindow[] = {50102, 50112, 60004, 60006};
constexpr int kBalance[] = {50018, 50021, 51008, 51119, 51127, 51131, 51143, 51502, 59200};
constexpr int kPriceLimit[] = {51006, 51031, 51116, 51122, 51135, 51136, 51137, 51138, 51250};
constexpr int kLot[] = {51007, 51020, 51120, 51121};
constexpr int kTooLarge[] = {50122, 51005, 51101, 51150, 51185, 51201, 51202, 51203};
constexpr int kTooMany[] = {51025, 51174};
constexpr int kPositionLimits[] = {51004, 51033, 51037, 51038, 51102, 51103, 51104, 51105, 51106,
                                   51107, 51108, 51112, 51117, 51129, 51169, 51170, 51186, 51187,
                                   51205, 51206, 51209, 51210, 51211, 51212, 51213, 54006, 54011,
                                   54012, 54024, 54025, 54026, 54027, 54028, 54030, 54031, 54035};
constexpr int kNoMarket[] = {51001, 51002, 51012, 51015, 51021, 51022, 51027, 51028, 51029, 51030, 51087,
                             51110, 51124, 51196, 51197, 51507, 54005, 54007, 54008, 54072, 54073, 54094};
// The account, its country, its settings or its features; the key is as good as before. 50035: the question
// is for keys that are bound to addresses. 54109: the USDC book is not activated for the account. 60011: not
// logged on, which is the session's fault.
constexpr int kNotAllowed[] = {50007, 50008, 50009, 50012, 50017, 50019, 50020, 50022, 50023, 50027,
                               50028, 50029, 50030, 50032, 50033, 50035, 50041, 50046, 50051, 50052,
                               50053, 50059, 50060, 50062, 50075, 51009, 51010, 51024, 51035, 51041,
                               51128, 51155, 54000, 54075, 54092, 54109, 60011};
constexpr int kBadRequest[] = {50000, 50002, 50006, 50014, 50015, 50016, 50024, 50025, 50072, 51000,
                               51003, 51042, 51111, 51133, 51139, 51175, 51176, 51181, 51204, 51328,
                               51329, 51330, 51331, 51332, 51333, 60008, 60012, 60013, 60018, 60019,
                               60027, 60028, 60031, 64000, 64001, 64002, 64003, 64004};
constexpr int kTwice[] = {50071, 51011, 51016, 51065};
constexpr int kWouldTake[] = {51511, 54039, 54040, 54041, 54042, 54043,
                              54044, 54045, 54046, 54047, 54049, 54051};
// Of cancellations and amends: the order is gone, or lives on; 51603: there is none.
constexpr int kNotCancelled[] = {51400, 51401, 51402, 51403, 51404, 51405, 51410,
                                 51413, 51503, 51509, 51510, 51603, 54048};
// Of amends: no order or nothing to change is named, this kind of order or this moment (an auction) allows
// none, too many digits, or a reduce-only order without its position. The order stands as it was.
constexpr int kNotAmended[] = {51407, 51500, 51506, 51508, 51514, 51521, 51522};
constexpr int kBadKey[] = {50100, 50101, 50103, 50104, 50105, 50106, 50107, 50108, 50109, 50110, 50111, 50113,
                           50114, 50118, 50119, 50120, 50121, 60005, 60007, 60009, 60024, 60032, 60033};

constexpr ErrorClass<int> kClasses[] = {
    {{}, kUnknown},
    {kSlower, kTooFast},
    {refused(RejectReason::clock), kExpired},
    {kClock, kOutsideWindow},
    {refused(RejectReason::balance), kBalance},
    {refused(RejectReason::price_limit), kPriceLimit},
    {refused(RejectReason::lot), kLot},
    {refused(RejectReason::other), kTooLarge},
    {refused(RejectReason::too_many), kTooMany},
    {refused(RejectReason::other), kPositionLimits},
    {refused(RejectReason::no_market), kNoMarket},
    {refused(RejectReason::permission), kNotAllowed},
    {refused(RejectReason::other), kBadRequest},
    {refused(RejectReason::duplicate), kTwice},
    {refused(RejectReason::would_take), kWouldTake},
    {refused(RejectReason::other), kNotCancelled},
    {refused(RejectReason::other), kNotAmended},
    {kKey, kBadKey},
};

// The number before "_": 51004_1102 is a kind of 51004. 0: no code of OKX's.
int number_of(std::string_view code)
{
    constexpr std::size_t kDigits = 5;
    code = code.substr(0, code.find('_'));
    if (code.size() != kDigits) return 0;
    int number = 0;
    for (const char c : code) {
        if (c < '0' || c > '9') return 0;
        number = number * 10 + (c - '0');
    }
    return number;
}

const Verdict* find_verdict(std::string_view code)
{
    const int number = number_of(code);
    return number == 0 ? nullptr : arb::find_verdict(error_classes(), number);
}

}  // namespace

std::span<const ErrorClass<int>> error_classes()
{
    return kClasses;
}

Verdict judge(int status, std::string_view code)
{
    if (status >= 500) return {};
    // Success in words of a reply that is none.
    if (code == "0" && status < 300) return {Outcome::done, RejectReason::none};
    if (const Verdict* known = find_verdict(code)) return *known;
    if (status == 429) return kSlower;
    if (status == 403) return {Outcome::banned, RejectReason::rate_limited};
    if (status == 401) return kKey;
    return {};
}

RejectReason end_reason(std::string_view source)
{
    struct Row {
        std::string_view source;
        RejectReason reason;
    };
    // 13, 14: FOK and IOC that found too little to take; 15, 27, 43: beyond a limit of the price; 31, 45:
    // post-only orders that would have taken; 33: it met more than 1,000 resting orders, the rest was
    // dropped. Everything else but the user's own wish (1) is the venue's, without a word of ours for it.
    constexpr Row kRows[] = {
        {"", RejectReason::none},          {"1", RejectReason::none},
        {"13", RejectReason::unfilled},    {"14", RejectReason::unfilled},
        {"15", RejectReason::price_limit}, {"27", RejectReason::price_limit},
        {"31", RejectReason::would_take},  {"32", RejectReason::self_trade},
        {"43", RejectReason::price_limit}, {"45", RejectReason::would_take},
    };
    const auto row =
        std::find_if(std::begin(kRows), std::end(kRows), [&](const Row& r) { return r.source == source; });
    return row == std::end(kRows) ? RejectReason::other : row->reason;
}

}  // namespace arb::okx
