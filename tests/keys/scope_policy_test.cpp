// What the gate lets through: every right, address list, expiry and kind of answer, for both roles.
#include <gtest/gtest.h>

#include "engine/keys/scope_policy.hpp"

namespace arb {
namespace {

const Timestamp kNow{1'790'000'000'000'000'000};
constexpr Duration kDay = seconds(86'400);

KeyReport clean(KeyRole role = KeyRole::trade)
{
    KeyReport report;
    report.answer = KeyAnswer::told;
    report.rights.add(KeyRight::read);
    if (role == KeyRole::trade) report.rights.add(KeyRight::trade);
    report.addresses = KeyTold::some;
    report.address_list = "192.0.2.1";
    report.expiry = KeyTold::none;
    return report;
}

KeyFacts facts(KeyRole role = KeyRole::trade)
{
    KeyFacts result;
    result.venue = "okx";
    result.label = "main";
    result.role = role;
    return result;
}

KeyFacts vouched(std::string what, KeyRole role = KeyRole::trade)
{
    KeyFacts result = facts(role);
    result.attestations.push_back({std::move(what), "ann", kNow - kDay, kNow + kDay});
    return result;
}

KeyFault fault(const KeyReport& report, const KeyFacts& about = facts())
{
    const KeyVerdict verdict = judge_key(report, about, kNow);
    EXPECT_EQ(verdict.text.empty(), verdict.accepted());
    return verdict.fault;
}

TEST(ScopePolicy, a_clean_key_of_either_role_passes_without_a_word)
{
    for (const KeyRole role : {KeyRole::trade, KeyRole::read}) {
        const KeyVerdict verdict = judge_key(clean(role), facts(role), kNow);
        EXPECT_TRUE(verdict.accepted()) << verdict.text;
        EXPECT_TRUE(verdict.warnings.empty());
    }
}

TEST(ScopePolicy, it_is_an_allow_list)
{
    // All 128 sets of rights: exactly one passes for each role.
    for (const KeyRole role : {KeyRole::trade, KeyRole::read}) {
        int passed = 0;
        for (unsigned bits = 0; bits < 128; ++bits) {
            KeyReport report = clean(role);
            report.rights.bits = static_cast<std::uint8_t>(bits);
            if (report.rights.has(KeyRight::other)) report.foreign = "earn";
            passed += judge_key(report, facts(role), kNow).accepted();
        }
        EXPECT_EQ(passed, 1);
    }
}

TEST(ScopePolicy, each_wrong_right_has_its_own_sentence)
{
    struct Case {
        KeyRight right;
        KeyFault expected;
    };
    std::vector<std::string> texts;
    for (const auto& [right, expected] :
         {Case{KeyRight::withdraw, KeyFault::withdraw}, Case{KeyRight::transfer, KeyFault::transfer},
          Case{KeyRight::sub_accounts, KeyFault::sub_accounts},
          Case{KeyRight::address_book, KeyFault::address_book}}) {
        KeyReport report = clean();
        report.rights.add(right);
        const KeyVerdict verdict = judge_key(report, facts(), kNow);
        EXPECT_EQ(verdict.fault, expected);
        EXPECT_TRUE(verdict.text.starts_with("key 'main' of okx ")) << verdict.text;
        texts.push_back(verdict.text);
        // Nobody can vouch for a right that the venue does tell.
        for (const char* what : {"rights", "ip", "expiry", "right:withdraw"})
            EXPECT_EQ(fault(report, vouched(what)), expected);
    }
    for (std::size_t i = 0; i < texts.size(); ++i) {
        for (std::size_t k = 0; k < i; ++k) EXPECT_NE(texts[i], texts[k]);
    }
}

TEST(ScopePolicy, roles_are_kept_apart)
{
    EXPECT_EQ(fault(clean(KeyRole::trade), facts(KeyRole::read)), KeyFault::may_trade);
    EXPECT_EQ(fault(clean(KeyRole::read), facts(KeyRole::trade)), KeyFault::cannot_trade);
    KeyReport half = clean();
    half.missing = "close-trades";
    const KeyVerdict verdict = judge_key(half, facts(), kNow);
    EXPECT_EQ(verdict.fault, KeyFault::cannot_trade);
    EXPECT_NE(verdict.text.find("close-trades"), std::string::npos);
    KeyReport blind = clean();
    blind.rights = {};
    blind.rights.add(KeyRight::trade);
    EXPECT_EQ(fault(blind), KeyFault::cannot_read);
}

TEST(ScopePolicy, foreign_rights_are_refused_unless_each_is_vouched_for)
{
    KeyReport report = clean();
    report.rights.add(KeyRight::other);
    report.foreign = "Earn,Pay\x1b[31m";
    const KeyVerdict verdict = judge_key(report, facts(), kNow);
    EXPECT_EQ(verdict.fault, KeyFault::foreign_right);
    EXPECT_NE(verdict.text.find("right:Earn"), std::string::npos);
    EXPECT_EQ(fault(report, vouched("right:Earn")), KeyFault::foreign_right);
    KeyFacts both = vouched("right:Earn");
    both.attestations.push_back({"right:Pay?[31m", "ann", kNow - kDay, kNow + kDay});
    EXPECT_EQ(fault(report, both), KeyFault::none);
    EXPECT_EQ(judge_key(report, both, kNow).warnings.size(), 2U);
    // A right without a name is no reason to pass.
    report.foreign = {};
    EXPECT_EQ(fault(report, both), KeyFault::foreign_right);
    for (const char c : verdict.text) EXPECT_TRUE(c >= 0x20 && c < 0x7f);
}

TEST(ScopePolicy, addresses)
{
    KeyReport report = clean();
    report.addresses = KeyTold::none;
    EXPECT_EQ(fault(report), KeyFault::any_address);
    EXPECT_EQ(fault(report, vouched("ip")), KeyFault::any_address) << "the venue did tell";
    report.addresses = KeyTold::silent;
    EXPECT_EQ(fault(report), KeyFault::addresses_untold);
    EXPECT_EQ(fault(report, vouched("expiry")), KeyFault::addresses_untold);
    EXPECT_EQ(fault(report, vouched("ip")), KeyFault::none);
}

TEST(ScopePolicy, expiry)
{
    struct Case {
        Duration ahead;
        KeyFault expected;
        bool warned;
    };
    for (const auto& [ahead, expected, warned] :
         {Case{Duration{-1}, KeyFault::expired, false}, Case{Duration{0}, KeyFault::expired, false},
          Case{Duration{1}, KeyFault::expires_soon, false}, Case{kDay, KeyFault::expires_soon, false},
          Case{Duration{kDay.ns + 1}, KeyFault::none, true}, Case{seconds(13 * 86'400), KeyFault::none, true},
          Case{seconds(14 * 86'400 + 1), KeyFault::none, false}}) {
        KeyReport report = clean();
        report.expiry = KeyTold::some;
        report.expires = kNow + ahead;
        const KeyVerdict verdict = judge_key(report, facts(), kNow);
        EXPECT_EQ(verdict.fault, expected) << ahead.ns;
        EXPECT_EQ(!verdict.warnings.empty(), warned) << ahead.ns;
        // The keystore's note alone says the same, and the earlier of the two counts.
        KeyFacts noted = facts();
        noted.expires = kNow + ahead;
        KeyReport silent = clean();
        silent.expiry = KeyTold::silent;
        EXPECT_EQ(fault(silent, noted), expected);
        report.expires = kNow + seconds(100 * 86'400);
        EXPECT_EQ(fault(report, noted), expected);
    }
    KeyReport silent = clean();
    silent.expiry = KeyTold::silent;
    EXPECT_EQ(fault(silent), KeyFault::expiry_untold);
    EXPECT_EQ(fault(silent, vouched("expiry")), KeyFault::none);
}

TEST(ScopePolicy, an_attestation_counts_in_its_days_only)
{
    KeyReport report = clean();
    report.addresses = KeyTold::silent;
    KeyFacts about = vouched("ip");
    about.attestations[0].until = kNow;
    EXPECT_EQ(fault(report, about), KeyFault::addresses_untold);
    about.attestations[0].until = kNow + Duration{1};
    EXPECT_EQ(fault(report, about), KeyFault::none);
    about.attestations[0].date = kNow + Duration{1};
    EXPECT_EQ(fault(report, about), KeyFault::addresses_untold);
}

TEST(ScopePolicy, an_answer_that_is_none_needs_all_three_attestations)
{
    struct Case {
        KeyAnswer answer;
        KeyFault expected;
    };
    for (const auto& [answer, expected] :
         {Case{KeyAnswer::absent, KeyFault::absent}, Case{KeyAnswer::unreadable, KeyFault::unreadable},
          Case{KeyAnswer::none, KeyFault::no_answer}}) {
        // What came beside an answer that is none does not count.
        KeyReport report = clean();
        report.answer = answer;
        EXPECT_EQ(fault(report), expected);
        EXPECT_EQ(fault(report, vouched("rights")), KeyFault::addresses_untold);
        KeyFacts all = vouched("rights");
        for (const char* what : {"ip", "expiry"})
            all.attestations.push_back({what, "ann", kNow - kDay, kNow + kDay});
        EXPECT_EQ(fault(report, all), KeyFault::none);
        EXPECT_EQ(judge_key(report, all, kNow).warnings.size(), 3U);
        report.answer = KeyAnswer::refused;
        EXPECT_EQ(fault(report, all), KeyFault::refused) << "a revoked key is revoked";
    }
}

TEST(ScopePolicy, what_changes_while_running_is_refused)
{
    const KeyReport report = clean();
    const KeyBaseline first = KeyBaseline::of(report);
    EXPECT_TRUE(judge_again(first, report, facts(), kNow).accepted());
    KeyReport moved = report;
    moved.address_list = "203.0.113.7";
    const KeyVerdict verdict = judge_again(first, moved, facts(), kNow);
    EXPECT_EQ(verdict.fault, KeyFault::changed);
    EXPECT_NE(verdict.text.find("203.0.113.7"), std::string::npos);
    KeyReport wider = report;
    wider.rights.add(KeyRight::withdraw);
    EXPECT_EQ(judge_again(first, wider, facts(), kNow).fault, KeyFault::withdraw);
    KeyFacts excused = vouched("right:earn");
    KeyReport more = report;
    more.rights.add(KeyRight::other);
    more.foreign = "earn";
    EXPECT_EQ(judge_again(first, more, excused, kNow).fault, KeyFault::changed);
    KeyReport open = report;
    open.addresses = KeyTold::none;
    EXPECT_EQ(judge_again(first, open, facts(), kNow).fault, KeyFault::any_address);
}

TEST(ScopePolicy, the_environment_travels_with_the_notes_where_it_is_not_live)
{
    const std::vector<KeyAttestation> attestations{{"ip", "me", kNow, kNow + kDay}};
    EXPECT_EQ(key_notes(kNow, attestations, kNow), key_notes(kNow, attestations, kNow, "live"));
    EXPECT_EQ(key_notes(kNow, attestations, kNow).find("environment"), std::string::npos);
    KeyFacts facts;
    ASSERT_TRUE(read_key_notes(key_notes(kNow, attestations, kNow, "testnet"), facts));
    EXPECT_EQ(facts.environment, "testnet");
    EXPECT_EQ(facts.attestations, attestations);
    ASSERT_TRUE(read_key_notes(key_notes({}, {}, kNow), facts));
    EXPECT_EQ(facts.environment, "live");
}

TEST(ScopePolicy, notes_travel_as_a_line)
{
    const std::vector<KeyAttestation> attestations = {{"ip", "ann", kNow - kDay, kNow + kDay},
                                                      {"expiry", "ben", kNow - kDay, kNow}};
    const std::string text = key_notes(kNow + kDay, attestations, kNow);
    KeyFacts read = facts();
    ASSERT_TRUE(read_key_notes(text, read));
    EXPECT_EQ(read.expires, kNow + kDay);
    ASSERT_EQ(read.attestations.size(), 1U) << "the one that ended stays behind";
    EXPECT_EQ(read.attestations[0], attestations[0]);
    for (std::size_t cut = 0; cut < text.size(); ++cut) {
        KeyFacts some = facts();
        if (!read_key_notes(text.substr(0, cut), some)) continue;
        // A cut that can be read has lost whole attestations or digits of a day, and never won one.
        EXPECT_LE(some.attestations.size(), 1U);
        for (const KeyAttestation& one : some.attestations) EXPECT_LE(one.until, attestations[0].until);
    }
    for (const char* bad :
         {"", "x", "1\tip", "1\tip\tann", "1\tip\tann\t1", "1\tmagic\tann\t1\t2", "1\tip\tann\tx\t2"}) {
        EXPECT_FALSE(read_key_notes(bad, read)) << bad;
    }
}

}  // namespace
}  // namespace arb
