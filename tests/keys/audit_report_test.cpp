// What the audit report counts, and what it finds unusual.
#include "engine/keys/audit_report.hpp"

#include <gtest/gtest.h>

#include "engine/keys/audit_log.hpp"
#include "tests/keys/key_test_support.hpp"

namespace arb {
namespace {

using test::PrivateDirectory;
using test::use_of;

constexpr std::int64_t kHour = 3'600;
constexpr std::int64_t kDayNs = 24 * kHour;
constexpr std::int64_t kMonday = 1'700'438'400;  // 2023-11-20T00:00:00Z

class AuditReportTest : public ::testing::Test {
  protected:
    AuditReportTest()
    {
        AuditOptions options;
        options.direct = true;
        options.now = [this] { return last_; };
        last_ = {kMonday * 1'000'000'000};
        log_ = AuditLog::open(path_, std::move(options)).take();
    }
    void use(std::int64_t second, std::string_view endpoint = "POST /order",
             KeyOutcome outcome = KeyOutcome::done, std::string_view reason = {})
    {
        const KeyUse one = use_of(second, endpoint, outcome, reason);
        last_ = one.time;
        ASSERT_TRUE(log_->record(one));
    }
    /// Ten uses an hour from 9 to 16 UTC.
    void work(int days)
    {
        for (int d = 0; d < days; ++d) {
            for (int hour = 9; hour < 17; ++hour) {
                for (int i = 0; i < 10; ++i) use(kMonday + d * kDayNs + hour * kHour + i * 60);
            }
        }
    }
    AuditReport report()
    {
        (void)log_->close();
        return report_audit(path_).take();
    }
    static std::size_t count(const AuditReport& report, AuditAnomaly kind)
    {
        return static_cast<std::size_t>(std::count_if(report.anomalies.begin(), report.anomalies.end(),
                                                      [&](const auto& row) { return row.kind == kind; }));
    }

    PrivateDirectory directory_;
    std::string path_ = directory_.file("keys.audit");
    Timestamp last_;
    std::unique_ptr<AuditLog> log_;
};

TEST_F(AuditReportTest, ordinary_work_is_nothing_unusual)
{
    work(5);
    const AuditReport r = report();
    EXPECT_TRUE(r.anomalies.empty()) << audit_text(r);
    ASSERT_EQ(r.keys.size(), 1U);
    EXPECT_EQ(r.keys[0].uses.done, 400U);
    EXPECT_EQ(r.keys[0].hours[9], 50U);
    EXPECT_EQ(r.keys[0].hours[8], 0U);
    ASSERT_EQ(r.endpoints.size(), 1U);
    EXPECT_EQ(r.endpoints[0].endpoint, "POST /order");
    EXPECT_NE(audit_text(r).find("nothing unusual"), std::string::npos);
}

TEST_F(AuditReportTest, an_hour_and_an_endpoint_never_seen_before)
{
    use(kMonday + 20 * kHour);  // still learning
    work(4);
    use(kMonday + 4 * kDayNs + 3 * kHour, "POST /order");
    use(kMonday + 4 * kDayNs + 9 * kHour, "GET /account");
    use(kMonday + 4 * kDayNs + 9 * kHour + 1, "GET /account");
    const AuditReport r = report();
    EXPECT_EQ(count(r, AuditAnomaly::new_hour), 1U);
    EXPECT_EQ(count(r, AuditAnomaly::new_endpoint), 1U);
}

TEST_F(AuditReportTest, a_burst)
{
    work(2);
    for (int i = 0; i < 120; ++i) use(kMonday + 2 * kDayNs + 9 * kHour + i);
    const AuditReport r = report();
    EXPECT_EQ(count(r, AuditAnomaly::burst), 1U) << "told once an hour";
}

TEST_F(AuditReportTest, failures_one_after_the_other)
{
    for (int i = 0; i < 4; ++i) use(kMonday + i, "POST /order", KeyOutcome::refused, "quantity");
    use(kMonday + 10);
    for (int i = 0; i < 4; ++i) use(kMonday + 20 + i, "POST /order", KeyOutcome::failed);
    EXPECT_EQ(count(report_audit(path_).take(), AuditAnomaly::failures_in_a_row), 0U);
    for (int i = 0; i < 4; ++i) use(kMonday + 30 + i, "POST /order", KeyOutcome::refused, "rate");
    const AuditReport r = report();
    EXPECT_EQ(count(r, AuditAnomaly::failures_in_a_row), 1U);
    EXPECT_EQ(r.keys.at(0).uses.refused, 8U);
    EXPECT_EQ(r.keys.at(0).uses.failed, 4U);
}

TEST_F(AuditReportTest, a_retired_key_a_clock_that_steps_back_and_lines_cut_or_lost)
{
    use(kMonday + 100);
    use(kMonday + 40);
    ASSERT_TRUE(log_->retire("somewhere", "trade", last_));
    use(kMonday + 200);
    (void)log_->close();
    std::string text = test::read_file(path_);
    ::unlink(checkpoint_path(path_).c_str());
    test::write_file(path_, text.substr(0, text.size() - 10));
    AuditOptions options;
    options.queue_uses = 2;
    options.write_period = seconds(3600);
    options.now = [this] { return last_; };
    log_ = AuditLog::open(path_, std::move(options)).take();
    for (int i = 0; i < 3; ++i) (void)log_->record(use_of(kMonday + 201 + i));
    last_ = {(kMonday + 300) * 1'000'000'000};
    const AuditReport r = report();
    EXPECT_TRUE(r.verdict.whole) << r.verdict.trouble;
    EXPECT_EQ(count(r, AuditAnomaly::time_backwards), 1U);
    EXPECT_EQ(count(r, AuditAnomaly::retired_key), 3U);
    EXPECT_EQ(count(r, AuditAnomaly::torn_line), 1U);
    EXPECT_EQ(count(r, AuditAnomaly::lost_uses), 1U);
    EXPECT_TRUE(r.keys.at(0).retired);
}

TEST_F(AuditReportTest, text_json_and_exit_code)
{
    use(kMonday, "POST /\"order\"\\<b>");
    for (int i = 0; i < 5; ++i) use(kMonday + i, "GET /x", KeyOutcome::refused, "endpoint");
    (void)log_->close();
    std::string out;
    EXPECT_EQ(audit_keys(path_, false, out), ExitCode::ok);
    EXPECT_NE(out.find("failures_in_a_row"), std::string::npos) << out;
    EXPECT_NE(out.find("somewhere"), std::string::npos);
    EXPECT_EQ(audit_keys(path_, true, out), ExitCode::ok);
    EXPECT_NE(out.find(R"("endpoint": "POST /\"order\"\\\u003cb\u003e")"), std::string::npos) << out;
    EXPECT_NE(out.find(R"("whole": true)"), std::string::npos);
    std::string text = test::read_file(path_);
    text[text.size() / 2] = '~';
    test::write_file(path_, text);
    EXPECT_EQ(audit_keys(path_, false, out), ExitCode::data);
    EXPECT_NE(out.find("BROKEN"), std::string::npos);
    EXPECT_EQ(audit_keys(path_, true, out), ExitCode::data);
    EXPECT_NE(out.find(R"("whole": false)"), std::string::npos);
    EXPECT_EQ(audit_keys(directory_.file("none"), false, out), ExitCode::usage);
}

}  // namespace
}  // namespace arb
