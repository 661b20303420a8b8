// arbiter doctor as a shell sees it: text and JSON, exit codes, and the stamp that a pass leaves behind.
#include "engine/app/doctor/doctor_command.hpp"

#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include <gtest/gtest.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "tests/app/doctor_support.hpp"

namespace arb {
namespace {

using nlohmann::json;
using test::Clinic;

struct DoctorRan {
    int code = -1;
    std::string out, err;
};

DoctorRan doctor(Clinic& clinic, std::vector<std::string> words)
{
    words.insert(words.begin(), {"doctor", clinic.config_path(), "--directory", clinic.folder.path()});
    CLI::App app{"test", "arbiter"};
    app.require_subcommand(1);
    const Command command = add_doctor(app, clinic.surroundings());
    testing::internal::CaptureStdout();
    DoctorRan ran;
    try {
        app.parse(std::vector<std::string>(words.rbegin(), words.rend()));
        ran.code = static_cast<int>(command.run());
    } catch (const CLI::ParseError&) {
        ran.code = static_cast<int>(ExitCode::usage);
    } catch (const StartError& error) {
        ran.err = error.what();
        ran.code = static_cast<int>(error.code());
    }
    ran.out = testing::internal::GetCapturedStdout();
    return ran;
}

TEST(DoctorCommand, a_pass_is_zero_and_leaves_a_private_stamp)
{
    Clinic clinic;
    const DoctorRan ran = doctor(clinic, {"--unsafe-endpoint"});
    EXPECT_EQ(ran.code, 0) << ran.out << ran.err;
    struct stat about {};
    ASSERT_EQ(::stat(clinic.folder.file(kDoctorStampFile).c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777, 0600U);
    const auto stamp = read_doctor_stamp(clinic.folder.path());
    ASSERT_TRUE(stamp) << stamp.error().message;
    EXPECT_EQ(stamp.value().time, test::doctor_day());
    EXPECT_EQ(stamp.value().config_hash, load_config(clinic.config_path()).hash);
    EXPECT_EQ(stamp.value().build, build_text());
    EXPECT_FALSE(stamp.value().live);
    EXPECT_EQ(stamp.value().keys, (std::vector<std::string>{"binance/main (trade)", "okx/main (trade)"}));
}

TEST(DoctorCommand, a_failure_is_seven_and_takes_the_stamp_away)
{
    Clinic clinic;
    ASSERT_EQ(doctor(clinic, {"--unsafe-endpoint"}).code, 0);
    clinic.machine.closed = false;
    const DoctorRan ran = doctor(clinic, {"--unsafe-endpoint"});
    EXPECT_EQ(ran.code, 7);
    EXPECT_NE(ran.out.find("FAIL"), std::string::npos) << ran.out;
    EXPECT_NE(ran.out.find("1 failed"), std::string::npos) << ran.out;
    const auto stamp = read_doctor_stamp(clinic.folder.path());
    ASSERT_FALSE(stamp);
    EXPECT_EQ(stamp.error().code, ExitCode::doctor);
    EXPECT_NE(stamp.error().message.find("has not passed"), std::string::npos) << stamp.error().message;
}

TEST(DoctorCommand, json_has_every_check_and_the_sum)
{
    Clinic clinic;
    clinic.machine.governor = "power\x1b[31msave";
    const DoctorRan ran = doctor(clinic, {"--unsafe-endpoint", "--output", "json"});
    EXPECT_EQ(ran.code, 0) << ran.err;
    const json report = json::parse(ran.out);
    EXPECT_EQ(report["version"], 1);
    EXPECT_EQ(report["generated"], "2026-03-01T01:00:00.000000000Z");
    EXPECT_EQ(report["live"], false);
    EXPECT_EQ(report["summary"]["warning"], 1);
    EXPECT_EQ(report["summary"]["failed"], 0);
    EXPECT_EQ(report["summary"]["passed"], true);
    std::size_t seen = 0;
    for (const json& check : report["checks"]) {
        for (const char* key : {"group", "name", "subject", "state", "said", "fix"})
            EXPECT_TRUE(check.contains(key));
        if (check["name"] != "CPU governor") continue;
        ++seen;
        EXPECT_EQ(check["state"], "warning");
        EXPECT_EQ(check["said"].get<std::string>().find('\x1b'), std::string::npos) << "made harmless";
    }
    EXPECT_EQ(seen, 1U);
}

TEST(DoctorCommand, text_is_grouped_and_its_last_line_sums_up)
{
    Clinic clinic;
    clinic.venues["okx"].ahead = milliseconds(300);
    const DoctorRan ran = doctor(clinic, {"--unsafe-endpoint"});
    EXPECT_NE(ran.out.find("\nmachine\n"), std::string::npos) << ran.out;
    EXPECT_NE(ran.out.find("        -> set this machine's clock by NTP"), std::string::npos) << ran.out;
    const std::string last = ran.out.substr(ran.out.rfind('\n', ran.out.size() - 2) + 1);
    EXPECT_NE(last.find("1 warning"), std::string::npos) << last;
    EXPECT_EQ(ran.out.find('\x1b'), std::string::npos) << "no colours where there is no terminal";
}

TEST(DoctorCommand, an_endpoint_needs_the_word_that_allows_it)
{
    Clinic clinic;
    const DoctorRan ran = doctor(clinic, {});
    EXPECT_EQ(ran.code, 2);
    EXPECT_NE(ran.err.find("--unsafe-endpoint"), std::string::npos) << ran.err;
    EXPECT_EQ(clinic.venues["okx"].times, 0);
}

TEST(DoctorCommand, a_backtest_asks_no_venue_and_no_key)
{
    Clinic clinic;
    test::write_file(clinic.config_path(), "name = \"test\"\n[venue.okx]\ntaker_fee_bps = \"10\"\n");
    const DoctorRan ran = doctor(clinic, {});
    EXPECT_EQ(ran.code, 0) << ran.out << ran.err;
    EXPECT_EQ(clinic.venues["okx"].times, 0);
    EXPECT_TRUE(clinic.accesses.empty());
}

DoctorStamp good_stamp()
{
    return {test::doctor_day(), 5, "arbiter test", true, {}};
}

TEST(DoctorStamp, lets_a_live_run_start_for_a_day)
{
    const Timestamp now = test::doctor_day();
    EXPECT_FALSE(doctor_stamp_trouble(good_stamp(), 5, "arbiter test", now));
    EXPECT_FALSE(doctor_stamp_trouble(good_stamp(), 5, "arbiter test", now + kDoctorStampLife));
    EXPECT_NE(doctor_stamp_trouble(good_stamp(), 5, "arbiter test", now + kDoctorStampLife + nanoseconds(1))
                  .value_or("")
                  .find("24 h"),
              std::string::npos);
    EXPECT_TRUE(doctor_stamp_trouble(good_stamp(), 5, "arbiter test", now - nanoseconds(1)));
}

TEST(DoctorStamp, is_for_one_configuration_one_build_and_live)
{
    const Timestamp now = test::doctor_day();
    EXPECT_NE(doctor_stamp_trouble(good_stamp(), 6, "arbiter test", now).value_or("").find("configuration"),
              std::string::npos);
    EXPECT_NE(doctor_stamp_trouble(good_stamp(), 5, "arbiter other", now).value_or("").find("build"),
              std::string::npos);
    DoctorStamp stamp = good_stamp();
    stamp.live = false;
    EXPECT_NE(doctor_stamp_trouble(stamp, 5, "arbiter test", now).value_or("").find("--live"),
              std::string::npos);
}

TEST(DoctorStamp, one_that_others_could_have_written_or_that_is_damaged_counts_as_none)
{
    Clinic clinic;
    const std::string path = clinic.folder.file(kDoctorStampFile);
    ASSERT_FALSE(write_doctor_stamp(clinic.folder.path(), clinic.examine()));
    const std::string text = test::read_file(path);
    ASSERT_TRUE(read_doctor_stamp(clinic.folder.path()));
    ::chmod(path.c_str(), 0620);
    EXPECT_FALSE(read_doctor_stamp(clinic.folder.path()));
    for (std::size_t cut = 0; cut + 2 < text.size(); ++cut) {
        test::write_file(path, text.substr(0, cut));
        EXPECT_FALSE(read_doctor_stamp(clinic.folder.path())) << cut;
    }
    test::write_file(path, text);
    const std::string elsewhere = clinic.folder.file("elsewhere");
    ASSERT_EQ(::rename(path.c_str(), elsewhere.c_str()), 0);
    ASSERT_EQ(::symlink(elsewhere.c_str(), path.c_str()), 0);
    EXPECT_FALSE(read_doctor_stamp(clinic.folder.path()));
}

TEST(DoctorSurroundings, the_real_machine_answers)
{
    const DoctorSurroundings around = doctor_surroundings();
    test::PrivateDirectory folder;
    const FileFacts facts = around.file(folder.path());
    EXPECT_TRUE(facts.exists && facts.directory && !facts.link);
    EXPECT_EQ(facts.mode, 0700U);
    EXPECT_EQ(facts.owner, around.user);
    ASSERT_EQ(::symlink("nowhere", folder.file("link").c_str()), 0);
    EXPECT_TRUE(around.file(folder.file("link")).link);
    EXPECT_FALSE(around.file(folder.file("none")).exists);
    const auto times = around.sync_times(folder.path());
    ASSERT_TRUE(times) << times.error().message;
    EXPECT_EQ(times.value().size(), 10U);
    EXPECT_FALSE(around.sync_times(folder.file("none")));
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()) == false) << "the link alone is left";
    EXPECT_FALSE(around.file(folder.file(".doctor-fsync")).exists);
    const auto bytes = around.free_bytes(folder.path());
    ASSERT_TRUE(bytes);
    EXPECT_GT(bytes.value(), 0U);
    EXPECT_FALSE(around.free_bytes(folder.file("none")));
    const bool closed_before = ::prctl(PR_GET_DUMPABLE) == 0;  // by another test of this process
    const MachineFacts machine = around.machine();
    EXPECT_GT(machine.threads, 0U);
    EXPECT_GT(machine.descriptors, 0U);
    EXPECT_EQ(machine.closed, closed_before) << "looking closes nothing";
}

}  // namespace
}  // namespace arb
