#include "engine/keys/audit_report.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include <fmt/format.h>

namespace arb {
namespace {

constexpr std::int64_t kHour = 3'600'000'000'000;

/// What is remembered of one key while the log is read.
struct Habits {
    AuditKeyRow row;
    std::uint64_t in_a_row = 0;
    std::int64_t hour = -1;  ///< hours since 1970 that `hour_uses` counts
    std::uint64_t hour_uses = 0;
    bool hour_told = false;
    std::map<std::uint64_t, std::uint64_t> earlier_hours;  ///< uses in an hour -> how many such hours
};

void count(AuditUses& uses, const AuditRecord& record)
{
    if (record.outcome == KeyOutcome::done) ++uses.done;
    if (record.outcome == KeyOutcome::refused) ++uses.refused;
    if (record.outcome == KeyOutcome::failed) ++uses.failed;
    if (!uses.first.known()) uses.first = record.time;
    uses.last = std::max(uses.last, record.time);
}

/// Of a map value -> count; 0 when there are fewer than three hours.
std::uint64_t median(const std::map<std::uint64_t, std::uint64_t>& hours)
{
    std::uint64_t all = 0;
    for (const auto& [uses, times] : hours) all += times;
    if (all < 3) return 0;
    std::uint64_t seen = 0;
    for (const auto& [uses, times] : hours) {
        seen += times;
        if (2 * seen >= all) return uses;
    }
    return 0;
}

class AuditReader {
  public:
    AuditReader(AuditReport& report, const AuditReportOptions& options) : report_(report), options_(options)
    {
    }

    void read(const AuditRecord& record)
    {
        if (last_.known() && last_ - record.time > options_.clock_tolerance) {
            add(AuditAnomaly::time_backwards, record,
                fmt::format("the time steps back by {} s from the line before",
                            (last_ - record.time).ns / 1'000'000'000));
        }
        last_ = record.time;
        switch (record.kind) {
            case AuditKind::use:
                use(record);
                break;
            case AuditKind::retire:
                key(record).row.retired = true;
                break;
            case AuditKind::torn:
                add(AuditAnomaly::torn_line, record,
                    fmt::format("a line of {} bytes was cut when a process was killed", record.count));
                break;
            case AuditKind::lost:
                add(AuditAnomaly::lost_uses, record,
                    fmt::format("{} uses could not be written down", record.count));
                break;
            case AuditKind::begin:
            case AuditKind::resume:
            case AuditKind::close:
                break;
        }
    }

    void finish()
    {
        for (auto& [name, habits] : keys_) report_.keys.push_back(std::move(habits.row));
        for (auto& [name, row] : endpoints_) report_.endpoints.push_back(std::move(row));
    }

  private:
    Habits& key(const AuditRecord& record)
    {
        Habits& habits = keys_[{record.venue, record.label}];
        habits.row.venue = record.venue;
        habits.row.label = record.label;
        return habits;
    }

    void add(AuditAnomaly kind, const AuditRecord& record, std::string text)
    {
        if (report_.anomalies.size() >= options_.anomalies_max) {
            ++report_.anomalies_left_out;
            return;
        }
        report_.anomalies.push_back(
            {kind, record.number, record.time, record.venue, record.label, std::move(text)});
    }

    void use(const AuditRecord& record)
    {
        Habits& habits = key(record);
        const bool learnt =
            habits.row.uses.first.known() && record.time - habits.row.uses.first >= options_.learning;
        if (habits.row.retired) add(AuditAnomaly::retired_key, record, "the key was retired before this use");
        const std::size_t day_hour =
            static_cast<std::size_t>(std::max<std::int64_t>(0, record.time.ns) / kHour % 24);
        if (learnt && habits.row.hours[day_hour] == 0) {
            add(AuditAnomaly::new_hour, record,
                fmt::format("first use ever between {:02}:00 and {:02}:00 UTC", day_hour,
                            (day_hour + 1) % 24));
        }
        ++habits.row.hours[day_hour];
        AuditEndpointRow& row = endpoints_[{record.venue, record.label, record.endpoint}];
        if (row.uses.all() == 0) {
            row.venue = record.venue;
            row.label = record.label;
            row.endpoint = record.endpoint;
            if (learnt)
                add(AuditAnomaly::new_endpoint, record,
                    fmt::format("first use ever for {}", record.endpoint));
        }
        count(row.uses, record);
        count(habits.row.uses, record);
        failures(habits, record);
        burst(habits, record);
    }

    void failures(Habits& habits, const AuditRecord& record)
    {
        if (record.outcome == KeyOutcome::done) {
            habits.in_a_row = 0;
        } else if (++habits.in_a_row == options_.failures) {
            add(AuditAnomaly::failures_in_a_row, record,
                fmt::format("{} refused or failed uses one after the other; the last: {}", habits.in_a_row,
                            record.reason.empty() ? name(record.outcome) : record.reason));
        }
    }

    void burst(Habits& habits, const AuditRecord& record)
    {
        const std::int64_t hour = record.time.ns / kHour;
        if (hour != habits.hour) {
            if (habits.hour_uses > 0) ++habits.earlier_hours[habits.hour_uses];
            habits.hour = hour;
            habits.hour_uses = 0;
            habits.hour_told = false;
        }
        ++habits.hour_uses;
        if (habits.hour_told || habits.hour_uses < options_.burst_least) return;
        const std::uint64_t usual = median(habits.earlier_hours);
        if (usual == 0 || habits.hour_uses / options_.burst_factor < usual) return;
        habits.hour_told = true;
        add(AuditAnomaly::burst, record,
            fmt::format("{} uses in one hour; the median hour has {}", habits.hour_uses, usual));
    }

    AuditReport& report_;
    const AuditReportOptions& options_;
    std::map<std::pair<std::string, std::string>, Habits> keys_;
    std::map<std::tuple<std::string, std::string, std::string>, AuditEndpointRow> endpoints_;
    Timestamp last_;
};

}  // namespace

const char* name(AuditAnomaly anomaly)
{
    static constexpr std::array<const char*, 8> kNames{"new_hour",          "new_endpoint", "burst",
                                                       "failures_in_a_row", "retired_key",  "time_backwards",
                                                       "torn_line",         "lost_uses"};
    const auto index = static_cast<std::size_t>(anomaly);
    return index < kNames.size() ? kNames[index] : "?";
}

Result<AuditReport> report_audit(const std::string& path, const AuditReportOptions& options)
{
    AuditReport report;
    report.path = path;
    AuditReader reader(report, options);
    Result<AuditVerdict> verdict =
        verify_audit(path, [&](const AuditRecord& record) { reader.read(record); });
    if (!verdict) return verdict.error();
    report.verdict = std::move(*verdict);
    reader.finish();
    return report;
}

ExitCode audit_keys(const std::string& path, bool json, std::string& out)
{
    const Result<AuditReport> report = report_audit(path);
    if (!report) {
        out = report.error().message + "\n";
        return report.error().code;
    }
    out = json ? audit_json(*report) : audit_text(*report);
    return (*report).verdict.whole ? ExitCode::ok : ExitCode::data;
}

}  // namespace arb
