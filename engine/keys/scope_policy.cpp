#include "engine/keys/scope_policy.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>

namespace arb {
namespace {

constexpr std::int64_t kWarnDays = 14;
constexpr Duration kLastDay = seconds(86'400);
constexpr std::size_t kShownMax = 160;

// A venue's text may hold anything: only what can do no harm on a screen is shown.
std::string shown(std::string_view text)
{
    std::string result;
    for (const char c : text.substr(0, kShownMax)) result += c >= 0x20 && c < 0x7f ? c : '?';
    if (text.size() > kShownMax) result += "...";
    return result;
}

std::string after_colon(std::string_view text)
{
    return text.empty() ? std::string() : " (" + shown(text) + ")";
}

// The attestation of that word that counts today, or null.
const KeyAttestation* attested(const KeyFacts& facts, std::string_view what, Timestamp now)
{
    for (const KeyAttestation& attestation : facts.attestations) {
        if (attestation.what == what && attestation.date <= now && now < attestation.until)
            return &attestation;
    }
    return nullptr;
}

std::string attest_with(const KeyFacts& facts, std::string_view what)
{
    return "or vouch for it: arbiter keys attest --label " + facts.label + " --what " + std::string(what);
}

class Judge {
  public:
    Judge(const KeyReport& report, const KeyFacts& facts, Timestamp now)
        : report_(report), facts_(facts), now_(now)
    {
    }

    KeyVerdict run()
    {
        if (judge_answer() && judge_rights() && judge_addresses()) judge_expiry();
        if (!verdict_.accepted())
            verdict_.text = "key '" + facts_.label + "' of " + facts_.venue + " " + verdict_.text;
        return std::move(verdict_);
    }

  private:
    bool refuse(KeyFault fault, std::string text)
    {
        verdict_.fault = fault;
        verdict_.text = std::move(text);
        return false;
    }
    bool excused(std::string_view what)
    {
        const KeyAttestation* attestation = attested(facts_, what, now_);
        if (attestation == nullptr) return false;
        verdict_.warnings.push_back("key '" + facts_.label + "' of " + facts_.venue + ": " + attestation->by +
                                    " vouches for '" + attestation->what + "' until " +
                                    format_day(attestation->until));
        verdict_.attested.push_back(attestation->what + " until " + format_day(attestation->until) + ", by " +
                                    attestation->by);
        return true;
    }

    // True: there is something to judge, or what is missing is vouched for.
    bool judge_answer()
    {
        const std::string words = after_colon(report_.text);
        switch (report_.answer) {
            case KeyAnswer::told:
                return true;
            case KeyAnswer::refused:
                return refuse(KeyFault::refused,
                              "is not taken by the venue" + words +
                                  ": it is revoked, expired, or used from an address it is not bound to");
            case KeyAnswer::absent:
                return excused(kAttestRights) ||
                       refuse(KeyFault::absent, "cannot be checked: the venue has no such question" + words +
                                                    "; use an account that has it, " +
                                                    attest_with(facts_, kAttestRights));
            case KeyAnswer::unreadable:
                return excused(kAttestRights) ||
                       refuse(KeyFault::unreadable,
                              "cannot be checked: the venue's answer is not what it documents" + words +
                                  "; wait for a version that reads it, " +
                                  attest_with(facts_, kAttestRights));
            case KeyAnswer::none:
                break;
        }
        return excused(kAttestRights) ||
               refuse(KeyFault::no_answer, "cannot be checked: the venue does not answer" + words +
                                               "; try again later, " + attest_with(facts_, kAttestRights));
    }

    bool judge_rights()
    {
        if (report_.answer != KeyAnswer::told) return true;  // vouched for
        const KeyRights rights = report_.rights;
        if (rights.has(KeyRight::withdraw))
            return refuse(KeyFault::withdraw,
                          "can withdraw: take that right away, money must not be able to leave");
        if (rights.has(KeyRight::transfer))
            return refuse(KeyFault::transfer,
                          "can transfer between accounts: take that right away, money must stay where it is");
        if (rights.has(KeyRight::address_book))
            return refuse(KeyFault::address_book, "can change withdrawal addresses: take that right away");
        if (rights.has(KeyRight::sub_accounts))
            return refuse(KeyFault::sub_accounts, "can administer sub-accounts: take that right away");
        if (rights.has(KeyRight::other) && !judge_foreign()) return false;
        if (!rights.has(KeyRight::read))
            return refuse(KeyFault::cannot_read, "cannot read the account: give it that right");
        if (facts_.role == KeyRole::read && rights.has(KeyRight::trade))
            return refuse(KeyFault::may_trade, "is for reading and can trade: take that right away");
        if (facts_.role == KeyRole::read) return true;
        if (!rights.has(KeyRight::trade))
            return refuse(KeyFault::cannot_trade,
                          "is for trading and can only read: give it the right to trade");
        if (!report_.missing.empty())
            return refuse(KeyFault::cannot_trade,
                          "is for trading and lacks a right for it: " + shown(report_.missing));
        return true;
    }

    bool judge_foreign()
    {
        std::string_view rest = report_.foreign;
        while (!rest.empty()) {
            const std::size_t cut = rest.find(',');
            const std::string one = shown(rest.substr(0, cut));
            rest = cut == std::string_view::npos ? std::string_view() : rest.substr(cut + 1);
            const std::string what = std::string(kAttestRight) + one;
            if (!excused(what))
                return refuse(KeyFault::foreign_right, "has a right that trading does not need: '" + one +
                                                           "'; take it away, " + attest_with(facts_, what));
        }
        return !report_.foreign.empty() || refuse(KeyFault::foreign_right, "has a right that nobody named");
    }

    bool judge_addresses()
    {
        const bool told = report_.answer == KeyAnswer::told;
        if (told && report_.addresses == KeyTold::some) return true;
        if (told && report_.addresses == KeyTold::none)
            return refuse(KeyFault::any_address,
                          "works from any address: bind it to this machine's address at the venue");
        return excused(kAttestAddresses) || refuse(KeyFault::addresses_untold,
                                                   "may work from any address, the venue does not tell: bind "
                                                   "it to this machine's address, then " +
                                                       attest_with(facts_, kAttestAddresses).substr(3));
    }

    void judge_expiry()
    {
        const bool told = report_.answer == KeyAnswer::told;
        Timestamp expires = facts_.expires;
        if (told && report_.expiry == KeyTold::some && (!expires.known() || report_.expires < expires))
            expires = report_.expires;
        const bool known = (told && report_.expiry != KeyTold::silent) || facts_.expires.known();
        if (!known && !excused(kAttestExpiry)) {
            refuse(KeyFault::expiry_untold,
                   "may expire at any time, the venue does not tell: note the day in the "
                   "keystore, " +
                       attest_with(facts_, kAttestExpiry));
            return;
        }
        if (!expires.known()) return;
        if (expires <= now_) {
            refuse(KeyFault::expired, "expired on " + format_day(expires) + ": make a new one");
        } else if (expires - now_ <= kLastDay) {
            refuse(KeyFault::expires_soon,
                   "expires within a day, on " + format_day(expires) + ": rotate it (arbiter keys rotate)");
        } else if (const std::int64_t days = days_until(expires, now_); days < kWarnDays) {
            verdict_.warnings.push_back("key '" + facts_.label + "' of " + facts_.venue + " expires in " +
                                        std::to_string(days) + " days, on " + format_day(expires) +
                                        ": rotate it (arbiter keys rotate)");
        }
    }

    const KeyReport& report_;
    const KeyFacts& facts_;
    Timestamp now_;
    KeyVerdict verdict_;
};

}  // namespace

constexpr std::string_view kEnvironmentIs = "environment=";

bool attestable(std::string_view what)
{
    return what == kAttestRights || what == kAttestAddresses || what == kAttestExpiry ||
           (what.starts_with(kAttestRight) && what.size() > kAttestRight.size());
}

std::string key_notes(Timestamp expires, const std::vector<KeyAttestation>& attestations, Timestamp now,
                      std::string_view environment)
{
    std::string text = std::to_string(expires.ns);
    if (environment != "live") text.append("\t").append(kEnvironmentIs).append(environment);
    for (const KeyAttestation& attestation : attestations) {
        if (attestation.date > now || attestation.until <= now) continue;
        text += "\t" + attestation.what + "\t" + attestation.by + "\t" + std::to_string(attestation.date.ns) +
                "\t" + std::to_string(attestation.until.ns);
    }
    return text;
}

bool read_key_notes(std::string_view text, KeyFacts& facts)
{
    const auto field = [&] {
        const std::size_t cut = std::min(text.find('\t'), text.size());
        const std::string_view value = text.substr(0, cut);
        text.remove_prefix(std::min(cut + 1, text.size()));
        return value;
    };
    const auto time = [&](Timestamp& out) {
        const std::string_view value = field();
        const auto read = std::from_chars(value.data(), value.data() + value.size(), out.ns);
        return read.ec == std::errc() && read.ptr == value.data() + value.size();
    };
    facts.attestations.clear();
    facts.environment = "live";
    if (!time(facts.expires)) return false;
    if (text.starts_with(kEnvironmentIs)) facts.environment = field().substr(kEnvironmentIs.size());
    while (!text.empty()) {
        KeyAttestation attestation;
        attestation.what = field();
        attestation.by = field();
        if (!attestable(attestation.what) || !time(attestation.date) || !time(attestation.until))
            return false;
        facts.attestations.push_back(std::move(attestation));
    }
    return true;
}

const char* name(KeyFault fault)
{
    constexpr const char* kNames[] = {"none",         "withdraw",      "transfer",         "sub_accounts",
                                      "address_book", "foreign_right", "may_trade",        "cannot_trade",
                                      "cannot_read",  "any_address",   "addresses_untold", "expired",
                                      "expires_soon", "expiry_untold", "refused",          "absent",
                                      "unreadable",   "no_answer",     "changed"};
    static_assert(std::size(kNames) == static_cast<std::size_t>(KeyFault::changed) + 1);
    return kNames[static_cast<std::size_t>(fault)];
}

KeyVerdict judge_key(const KeyReport& report, const KeyFacts& facts, Timestamp now)
{
    return Judge(report, facts, now).run();
}

KeyBaseline KeyBaseline::of(const KeyReport& report)
{
    return {report.rights, report.addresses, std::string(report.address_list)};
}

KeyVerdict judge_again(const KeyBaseline& first, const KeyReport& report, const KeyFacts& facts,
                       Timestamp now)
{
    KeyVerdict verdict = judge_key(report, facts, now);
    if (!verdict.accepted() || report.answer != KeyAnswer::told) return verdict;
    const bool same_rights = report.rights == first.rights;
    if (same_rights && report.addresses == first.addresses && report.address_list == first.address_list)
        return verdict;
    verdict.fault = KeyFault::changed;
    verdict.text =
        "key '" + facts.label + "' of " + facts.venue +
        (same_rights ? " changed at the venue while running: its address list was '" +
                           shown(first.address_list) + "' and is '" + shown(report.address_list) + "'"
                     : std::string(" changed at the venue while running: its rights are others now")) +
        "; if that was you, start again";
    return verdict;
}

}  // namespace arb
