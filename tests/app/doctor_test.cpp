// arbiter doctor on a healthy machine and on sick ones: each check is seen well and ill, and says what to do.
#include "engine/app/doctor/doctor.hpp"

#include <filesystem>

#include <gtest/gtest.h>

#include "engine/keys/audit_log.hpp"
#include "tests/app/doctor_support.hpp"

namespace arb {
namespace {

using test::check_of;
using test::Clinic;
using test::whole;

const std::string kSampleFile = std::string(ARBITER_SOURCE_DIR) + "/config/sample.arb";

std::string all_of(const DoctorReport& report)
{
    return doctor_text(report, false);
}

TEST(Doctor, a_healthy_machine_passes_every_check)
{
    Clinic clinic;
    const DoctorReport report = clinic.examine();
    EXPECT_TRUE(report.passed()) << all_of(report);
    EXPECT_EQ(report.count(CheckState::warning), 0U) << all_of(report);
    for (const char* name :
         {"TLS chain",       "clock",         "latency",      "list",       "listed",
          "scope",           "IP allow list", "expiry",       "one order",  "configuration",
          "state directory", "key file",      "space",        "fsync",      "memory locking",
          "core dumps",      "open files",    "CPU governor", "free cores", "time synchronisation"}) {
        EXPECT_EQ(check_of(report, name).state, CheckState::ok)
            << name << ": " << check_of(report, name).said;
    }
    EXPECT_EQ(report.keys, (std::vector<std::string>{"binance/main (trade)", "okx/main (trade)"}));
    EXPECT_EQ(clinic.venues["okx"].offsets.size(), 1U) << "signed questions know the venue's clock";
    EXPECT_EQ(clinic.accesses, std::vector<bool>{false});
}

struct Sickness {
    const char* what;
    void (*make)(Clinic&);
    const char* check;
    const char* subject;
    CheckState state;
    const char* said;  ///< a part of it
};

const Sickness kSicknesses[] = {
    {"swap", [](Clinic& c) { c.machine.secret_locked = false; }, "memory locking", "", CheckState::failed,
     "cannot be kept out of swap"},
    {"little memory", [](Clinic& c) { c.machine.memory_lock_bytes = 64 << 10; }, "memory locking", "",
     CheckState::warning, "64 KiB"},
    {"dumpable", [](Clinic& c) { c.machine.closed = false; }, "core dumps", "", CheckState::failed, "dumped"},
    {"few files", [](Clinic& c) { c.machine.descriptors = 256; }, "open files", "", CheckState::failed,
     "256"},
    {"powersave", [](Clinic& c) { c.machine.governor = "powersave"; }, "CPU governor", "",
     CheckState::warning, "powersave"},
    {"no governor", [](Clinic& c) { c.machine.governor.clear(); }, "CPU governor", "", CheckState::skipped,
     "none"},
    {"adrift", [](Clinic& c) { c.machine.synchronised = false; }, "time synchronisation", "",
     CheckState::warning, "nothing keeps"},
    {"mute kernel", [](Clinic& c) { c.machine.synchronised.reset(); }, "time synchronisation", "",
     CheckState::skipped, "does not tell"},
    {"no such processor", [](Clinic& c) { c.settings += "[host]\ncore = 9\n"; }, "[host]", "core",
     CheckState::failed, "none of those"},
    {"no haste", [](Clinic& c) { c.settings += "[host]\ncore = 1\nfifo_priority = 20\n"; }, "[host]",
     "fifo_priority", CheckState::failed, "at most 0"},
    {"no room to lock", [](Clinic& c) { c.settings += "[host]\nlock_memory = true\n"; }, "[host]",
     "lock_memory", CheckState::failed, "8 MiB"},
    {"full disk", [](Clinic& c) { c.free_bytes = std::uint64_t{900} << 20U; }, "space", "",
     CheckState::failed, "0.8 GiB"},
    {"filling disk", [](Clinic& c) { c.free_bytes = std::uint64_t{3} << 30U; }, "space", "",
     CheckState::warning, "3.0 GiB"},
    {"no disk",
     [](Clinic& c) {
         c.free_bytes = Error{ExitCode::usage, "gone"};
     },
     "space", "", CheckState::failed, "gone"},
    {"slow disk",
     [](Clinic& c) {
         c.sync_times = std::vector{milliseconds(1), milliseconds(21)};
     },
     "fsync", "", CheckState::warning, "21"},
    {"read-only disk",
     [](Clinic& c) {
         c.sync_times = Error{ExitCode::usage, "read-only"};
     },
     "fsync", "", CheckState::failed, "read-only"},
    {"clock a bit off", [](Clinic& c) { c.venues["okx"].ahead = milliseconds(-400); }, "clock", "okx",
     CheckState::warning, "400 ms behind us"},
    {"clock off", [](Clinic& c) { c.venues["okx"].ahead = milliseconds(1100); }, "clock", "okx",
     CheckState::failed, "1.1 s ahead of us"},
    {"time by websocket alone", [](Clinic& c) { c.venues["okx"].told = TimeTold::not_at_all; }, "clock",
     "okx", CheckState::skipped, "does not tell"},
    {"time in seconds, near enough",
     [](Clinic& c) {
         c.venues["okx"].told = TimeTold::in_seconds;
         c.venues["okx"].ahead = milliseconds(700);
     },
     "clock", "okx", CheckState::ok, "give or take 510 ms"},
    {"time in seconds, off",
     [](Clinic& c) {
         c.venues["okx"].told = TimeTold::in_seconds;
         c.venues["okx"].ahead = milliseconds(-1600);
     },
     "clock", "okx", CheckState::failed, "1.6 s behind us"},
    {"far away", [](Clinic& c) { c.venues["okx"].trip = milliseconds(700); }, "latency", "okx",
     CheckState::warning, "700 ms"},
    {"unreachable", [](Clinic& c) { c.venues["okx"].time_error = "nobody answers"; }, "clock", "okx",
     CheckState::failed, "nobody answers"},
    {"unreachable, so no key is used", [](Clinic& c) { c.venues["okx"].time_error = "nobody answers"; },
     "scope", "okx 'main'", CheckState::failed, "was not reached"},
    {"untrusted",
     [](Clinic& c) {
         c.venues["okx"].time_error = "the certificate has expired";
         c.venues["okx"].untrusted = true;
     },
     "TLS chain", "okx", CheckState::failed, "has expired"},
    {"no list",
     [](Clinic& c) {
         c.venues["okx"].listed = Error{ExitCode::network, "status 500"};
     },
     "list", "okx", CheckState::failed, "status 500"},
    {"not listed there",
     [](Clinic& c) { c.venues["okx"].listed = std::vector{test::pair_of("okx", "ETH-USDT")}; }, "listed",
     "BTC/USDT", CheckState::warning, "not at okx"},
    {"halted", [](Clinic& c) { c.venues["okx"].listed.value()[0].status = ListingStatus::halted; }, "listed",
     "BTC/USDT", CheckState::warning, "halted at okx"},
    {"poor account",
     [](Clinic& c) {
         c.venues["okx"].balances = {{"USDT", true, true, whole(9), whole(9)}};
     },
     "one order", "okx", CheckState::warning, "9 USDT free, one order takes up to 3000"},
    {"can sell",
     [](Clinic& c) {
         c.venues["okx"].balances = {{"BTC", true, true, whole(2), whole(2)}};
     },
     "one order", "okx", CheckState::warning, "it can sell 2 BTC"},
    {"empty account", [](Clinic& c) { c.venues["okx"].balances.clear(); }, "one order", "okx",
     CheckState::failed, "0 USDT free"},
    {"no balances", [](Clinic& c) { c.venues["okx"].balances_error = "too many requests"; }, "one order",
     "okx", CheckState::failed, "too many"},
    {"no keystore",
     [](Clinic& c) {
         c.open_error = Error{ExitCode::refused, "wrong passphrase"};
     },
     "opened", "", CheckState::failed, "wrong passphrase"},
    {"no keys", [](Clinic& c) { c.keys.clear(); }, "scope", "", CheckState::skipped, "no key"},
};

TEST(Doctor, each_sickness_is_found_and_has_its_fix)
{
    for (const Sickness& sickness : kSicknesses) {
        SCOPED_TRACE(sickness.what);
        Clinic clinic;
        sickness.make(clinic);
        const DoctorReport report = clinic.examine();
        const DoctorCheck check = check_of(report, sickness.check, sickness.subject);
        EXPECT_EQ(check.state, sickness.state) << all_of(report);
        EXPECT_NE(check.said.find(sickness.said), std::string::npos) << check.said;
        EXPECT_EQ(report.passed(), report.count(CheckState::failed) == 0);
        if (sickness.state == CheckState::failed) {
            EXPECT_FALSE(report.passed());
        }
    }
}

TEST(Doctor, a_key_that_is_refused_is_used_for_nothing_else)
{
    struct Case {
        void (*make)(ProbedKey&);
        const char* check;
    };
    const Case cases[] = {
        {[](ProbedKey& key) { key.bare.rights.add(KeyRight::withdraw); }, "scope"},
        {[](ProbedKey& key) { key.bare.answer = KeyAnswer::none; }, "scope"},
        {[](ProbedKey& key) { key.bare.addresses = KeyTold::none; }, "IP allow list"},
        {[](ProbedKey& key) {
             key.bare.expiry = KeyTold::some;
             key.bare.expires = test::doctor_day() + seconds(60);
         },
         "expiry"},
    };
    for (const Case& one : cases) {
        Clinic clinic;
        one.make(clinic.venues["okx"].key);
        const DoctorReport report = clinic.examine();
        const DoctorCheck check = check_of(report, one.check, "okx 'main'");
        EXPECT_EQ(check.state, CheckState::failed) << all_of(report);
        // A venue that does not answer is no reason to change the key.
        EXPECT_EQ(check.fix.find(test::type_called("okx").key_page) != std::string::npos,
                  clinic.venues["okx"].key.bare.answer == KeyAnswer::told)
            << check.fix;
        EXPECT_EQ(clinic.venues["okx"].key_questions, 1);
        EXPECT_EQ(clinic.venues["okx"].balance_questions, 0);
        EXPECT_EQ(clinic.venues["binance"].balance_questions, 1) << "the other venue is as it was";
        EXPECT_EQ(report.keys, std::vector<std::string>{"binance/main (trade)"});
    }
}

TEST(Doctor, no_key_is_shown_to_a_venue_that_was_not_reached)
{
    Clinic clinic;
    clinic.venues["okx"].time_error = "the certificate is not for okx";
    clinic.venues["okx"].untrusted = true;
    (void)clinic.examine();
    EXPECT_EQ(clinic.venues["okx"].key_questions, 0);
}

TEST(Doctor, what_somebody_vouches_for_is_a_warning)
{
    Clinic clinic;
    clinic.venues["okx"].key.bare.addresses = KeyTold::silent;
    clinic.keys[1]->facts.attestations = {
        {"ip", "operator", test::doctor_day() - seconds(60), test::doctor_day() + seconds(86'400)}};
    const DoctorReport report = clinic.examine();
    EXPECT_TRUE(report.passed()) << all_of(report);
    EXPECT_EQ(check_of(report, "IP allow list", "okx 'main'").state, CheckState::warning);
    EXPECT_NE(check_of(report, "note", "okx 'main'").said.find("operator vouches for 'ip'"),
              std::string::npos);
    EXPECT_EQ(check_of(report, "note", "okx 'main'").state, CheckState::warning);
}

TEST(Doctor, trade_keys_of_the_keystore_are_opened_with_live_alone)
{
    std::string text = Clinic::kConfig;
    const std::size_t file = text.find("key_file = \"okx_key.toml\"");
    text.replace(file, std::string("key_file = \"okx_key.toml\"").size(), "trade_key = \"main\"");
    text += "[keys]\nkeystore = \"k\"\n";
    Clinic clinic;
    DoctorRequest request = clinic.request(text);
    const DoctorReport without = examine(request, clinic.surroundings());
    EXPECT_EQ(check_of(without, "scope", "okx 'main'").state, CheckState::skipped) << all_of(without);
    request.live = true;
    (void)examine(request, clinic.surroundings());
    EXPECT_EQ(clinic.accesses, (std::vector<bool>{false, true}));
}

FileFacts file_of(unsigned mode, unsigned owner = 1000)
{
    FileFacts facts;
    facts.exists = facts.regular = true;
    facts.mode = mode;
    facts.owner = owner;
    return facts;
}

TEST(Doctor, files_that_others_may_read_or_change_are_found)
{
    FileFacts link = file_of(0777);
    link.regular = false;
    link.link = true;
    FileFacts shut;
    shut.trouble = "Permission denied";
    const std::tuple<const char*, FileFacts, const char*> cases[] = {
        {"key file", file_of(0640), "mode 0640"},
        {"key file", file_of(0600, 0), "belongs to user 0"},
        {"key file", link, "symbolic link"},
        {"key file", FileFacts{}, "is not there"},
        {"key file", shut, "Permission denied"},
        {"configuration", file_of(0664), "others may change it"},
        {"configuration", file_of(0644, 7), "belongs to user 7"},
        {"state directory", file_of(0700), "is no directory"},
    };
    for (const auto& [what, facts, said] : cases) {
        Clinic clinic;
        const std::string path = what == std::string_view("key file")        ? "binance_key.toml"
                                 : what == std::string_view("configuration") ? clinic.config_path()
                                                                             : clinic.folder.path();
        clinic.files[path] = facts;
        const DoctorReport report = clinic.examine();
        const DoctorCheck check = check_of(report, what, path);
        EXPECT_EQ(check.state, CheckState::failed) << all_of(report);
        EXPECT_NE(check.said.find(said), std::string::npos) << check.said;
        EXPECT_FALSE(check.fix.empty());
    }
    Clinic clinic;
    clinic.files[clinic.config_path()] = file_of(0644, 0);
    EXPECT_TRUE(clinic.examine().passed()) << "a configuration of root that all may read";
}

TEST(Doctor, the_newest_journal_is_read_to_its_end)
{
    Clinic clinic;
    EXPECT_EQ(check_of(clinic.examine(), "journal").state, CheckState::skipped);
    const std::string whole_text = test::read_file(kSampleFile);
    const std::string newest = clinic.folder.file("session-100.arb");
    test::write_file(newest, whole_text);
    test::write_file(clinic.folder.file("session-99.arb"), "rubbish of an older run");
    test::write_file(clinic.folder.file("session-x.arb"), "rubbish");
    EXPECT_EQ(check_of(clinic.examine(), "journal").state, CheckState::ok);
    test::write_file(newest, whole_text.substr(0, whole_text.size() / 2));
    const DoctorCheck cut = check_of(clinic.examine(), "journal");
    EXPECT_EQ(cut.state, CheckState::warning) << cut.said;
    EXPECT_NE(cut.said.find("did not end in order"), std::string::npos) << cut.said;
    std::string flipped = whole_text;
    flipped[flipped.size() / 2] = static_cast<char>(flipped[flipped.size() / 2] ^ 1);
    test::write_file(newest, flipped);
    const DoctorCheck damaged = check_of(clinic.examine(), "journal");
    EXPECT_EQ(damaged.state, CheckState::failed) << damaged.said;
    test::write_file(newest, "rubbish");
    EXPECT_EQ(check_of(clinic.examine(), "journal").state, CheckState::failed);
}

TEST(Doctor, the_audit_log_is_verified)
{
    Clinic clinic;
    const std::string path = clinic.folder.file(kAuditFile);
    EXPECT_EQ(check_of(clinic.examine(), "audit log", path).state, CheckState::skipped);
    {
        AuditOptions options;
        options.direct = true;
        auto log = AuditLog::open(path, options).take();
        ASSERT_TRUE(log->record(test::use_of(1'700'000'000)));
    }
    DoctorReport report = clinic.examine();
    EXPECT_TRUE(report.passed()) << all_of(report);
    std::string text = test::read_file(path);
    text[text.find("somewhere")] = 'S';
    test::write_file(path, text);
    report = clinic.examine();
    bool broken = false;
    for (const DoctorCheck& check : report.checks)
        broken = broken || (check.state == CheckState::failed &&
                            check.said.find("chain is broken") != std::string::npos);
    EXPECT_TRUE(broken) << all_of(report);
}

}  // namespace
}  // namespace arb
