// The audit report for people and for programs.
#include <algorithm>

#include <fmt/format.h>

#include "engine/keys/audit_report.hpp"

namespace arb {
namespace {

/// Texts of a log are printable ASCII without blanks, but a path may be anything.
std::string quoted(std::string_view text)
{
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\')
            out.append({'\\', c});
        else if (byte < 0x20 || byte >= 0x7f || c == '<' || c == '>' || c == '&')
            out += byte < 0x80 ? fmt::format("\\u{:04x}", byte) : std::string("\\ufffd");
        else
            out += c;
    }
    return out + "\"";
}

std::string printable(std::string_view text)
{
    std::string out(text);
    std::replace_if(
        out.begin(), out.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
    return out;
}

std::string json_time(Timestamp time)
{
    return time.known() ? quoted(format_utc(time)) : std::string("null");
}

std::string json_uses(const AuditUses& uses)
{
    return fmt::format(R"("done": {}, "refused": {}, "failed": {}, "first": {}, "last": {})", uses.done,
                       uses.refused, uses.failed, json_time(uses.first), json_time(uses.last));
}

std::string json_verdict(const AuditVerdict& verdict)
{
    return fmt::format(
        R"("whole": {}, "lines": {}, "first_broken": {}, "trouble": {}, "chain": {}, "checkpointed": {}, )"
        R"("torn_lines": {}, "lost_uses": {}, "unfinished_bytes": {})",
        verdict.whole, verdict.records, verdict.whole ? "null" : std::to_string(verdict.first_broken),
        verdict.whole ? "null" : quoted(verdict.trouble), quoted(hex_text(verdict.chain)),
        verdict.checkpointed, verdict.torn, verdict.lost_uses, verdict.tail_bytes);
}

template <class Rows, class Write>
void json_list(std::string& out, std::string_view key, const Rows& rows, Write&& write)
{
    out += fmt::format(",\n \"{}\": [", key);
    bool first = true;
    for (const auto& row : rows) {
        out += first ? "\n  " : ",\n  ";
        first = false;
        out += write(row);
    }
    out += first ? "]" : "\n ]";
}

std::string date_and_time(Timestamp time)
{
    return time.known() ? format_utc(time).substr(0, 19) : std::string("-");
}

}  // namespace

std::string audit_json(const AuditReport& report)
{
    std::string out = fmt::format("{{\"log\": {}, {}", quoted(report.path), json_verdict(report.verdict));
    json_list(out, "keys", report.keys, [](const AuditKeyRow& row) {
        std::string hours;
        for (const std::uint64_t uses : row.hours)
            hours += fmt::format("{}{}", hours.empty() ? "" : ",", uses);
        return fmt::format(R"({{"venue": {}, "label": {}, "retired": {}, {}, "uses_by_hour": [{}]}})",
                           quoted(row.venue), quoted(row.label), row.retired, json_uses(row.uses), hours);
    });
    json_list(out, "endpoints", report.endpoints, [](const AuditEndpointRow& row) {
        return fmt::format(R"({{"venue": {}, "label": {}, "endpoint": {}, {}}})", quoted(row.venue),
                           quoted(row.label), quoted(row.endpoint), json_uses(row.uses));
    });
    json_list(out, "anomalies", report.anomalies, [](const AuditAnomalyRow& row) {
        return fmt::format(
            R"({{"kind": "{}", "line": {}, "time": {}, "venue": {}, "label": {}, "text": {}}})",
            name(row.kind), row.line, json_time(row.time), quoted(row.venue), quoted(row.label),
            quoted(row.text));
    });
    return out + fmt::format(",\n \"anomalies_left_out\": {}}}\n", report.anomalies_left_out);
}

std::string audit_text(const AuditReport& report)
{
    const AuditVerdict& verdict = report.verdict;
    std::string out = fmt::format("{}: {} lines, {}\n", printable(report.path), verdict.records,
                                  verdict.whole ? "every one follows the one before" : "BROKEN");
    if (!verdict.whole) {
        out += fmt::format("  {}\n  what follows counts the lines before the break alone\n", verdict.trouble);
    } else if (!verdict.checkpointed) {
        out += "  no checkpoint beside it: lines cut off its end would not show\n";
    }
    if (verdict.tail_bytes > 0 && verdict.whole)
        out += fmt::format("  {} bytes of an unfinished line at the end\n", verdict.tail_bytes);
    out += fmt::format("  chain {}\n", hex_text(verdict.chain));
    if (!report.keys.empty()) {
        out += fmt::format("\n{:<12} {:<20} {:>10} {:>9} {:>8}  {:<19}  {}\n", "venue", "key", "done",
                           "refused", "failed", "last use (UTC)", "hours used (UTC)");
    }
    for (const AuditKeyRow& row : report.keys) {
        std::string hours;
        for (std::size_t hour = 0; hour < row.hours.size(); ++hour) {
            if (row.hours[hour] > 0) hours += fmt::format("{}{:02}", hours.empty() ? "" : " ", hour);
        }
        out += fmt::format("{:<12} {:<20} {:>10} {:>9} {:>8}  {:<19}  {}{}\n", row.venue, row.label,
                           row.uses.done, row.uses.refused, row.uses.failed, date_and_time(row.uses.last),
                           hours, row.retired ? "  (retired)" : "");
    }
    if (!report.endpoints.empty()) {
        out += fmt::format("\n{:<12} {:<20} {:>10} {:>9} {:>8}  {}\n", "venue", "key", "done", "refused",
                           "failed", "endpoint");
    }
    for (const AuditEndpointRow& row : report.endpoints) {
        out += fmt::format("{:<12} {:<20} {:>10} {:>9} {:>8}  {}\n", row.venue, row.label, row.uses.done,
                           row.uses.refused, row.uses.failed, row.endpoint);
    }
    out += report.anomalies.empty() ? "\nnothing unusual\n" : "\nunusual:\n";
    for (const AuditAnomalyRow& row : report.anomalies) {
        const bool of_key = !row.label.empty();
        out += fmt::format("  {}  line {}  {}{}{}\n", date_and_time(row.time), row.line, name(row.kind),
                           of_key ? fmt::format("  {}/{}: ", row.venue, row.label) : std::string(": "),
                           row.text);
    }
    if (report.anomalies_left_out > 0) out += fmt::format("  and {} more\n", report.anomalies_left_out);
    return out;
}

}  // namespace arb
