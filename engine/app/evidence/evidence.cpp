#include "engine/app/evidence/evidence.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "engine/app/config/config_file.hpp"
#include "engine/app/evidence/evidence_journal.hpp"
#include "engine/app/evidence/evidence_text.hpp"
#include "engine/keys/audit_log.hpp"
#include "engine/keys/audit_report.hpp"
#include "engine/report/ledger.hpp"
#include "engine/report/ledger_csv.hpp"

namespace arb {
namespace {

constexpr const char* kAuditCopy = "audit.log";

bool exists(const std::string& path)
{
    struct stat about {};
    return ::stat(path.c_str(), &about) == 0;
}

void add_key(std::vector<EvidenceKey>& keys, EvidenceKey key)
{
    const auto same = [&](const EvidenceKey& k) { return k.venue == key.venue && k.label == key.label; };
    if (std::none_of(keys.begin(), keys.end(), same)) keys.push_back(std::move(key));
}

/// Venues and keys that the configuration of the journal names, when the caller had none.
void learn_keys(const std::string& config_text, EvidenceOutcome& outcome)
{
    if (config_text.empty() || !outcome.venues.empty()) return;
    try {
        const EngineConfig config = parse_config(config_text, "the journal's configuration");
        for (const VenueConfig& venue : config.venues) outcome.venues.push_back(venue.label);
        for (EvidenceKey& key : keys_of_config(config)) add_key(outcome.keys, std::move(key));
    } catch (const StartError&) {
        // Written by another version: its text is in the bundle all the same.
    }
}

void add_audit(const EvidenceRequest& request, EvidenceFolder& folder, std::vector<EvidenceKey>& keys)
{
    std::string source = request.audit_path;
    if (source.empty()) {
        const std::string other = request.directory + "/" + kAuditCopy;
        source = request.directory + "/" + kAuditFile;
        if (!exists(source) && exists(other)) source = other;
    }
    constexpr const char* kLog = "every use of a key, chained line by line";
    constexpr const char* kCheck = "is the chain whole, who used what when, anomalies";
    if (!exists(source)) {
        const std::string why =
            fmt::format("{}: there is no such file; a signer keeps its own, --audit names it", source);
        folder.add_missing(kAuditCopy, kLog, why);
        folder.add_missing("audit-check.json", kCheck, why);
        return;
    }
    // The checkpoint first: a log that goes on meanwhile is then only longer than it says.
    const std::string checkpoint = checkpoint_path(kAuditCopy);
    if (exists(checkpoint_path(source)))
        folder.add_copy(checkpoint, "how long the log was at least", checkpoint_path(source));
    folder.add_copy(kAuditCopy, kLog, source);
    folder.add("audit-check.json", kCheck,
               [&](const EvidenceFolder::Sink& sink) -> std::optional<std::string> {
                   const Result<AuditReport> report = report_audit(folder.path_of(kAuditCopy));
                   if (!report) return report.error().message;
                   for (const AuditKeyRow& row : report.value().keys)
                       add_key(keys, {row.venue, row.label, {}});
                   (void)sink(audit_json(report.value()));
                   return std::nullopt;
               });
}

std::optional<std::string> reason(const std::optional<Error>& error)
{
    if (!error) return std::nullopt;
    return error->message;
}

void add_ledger_lists(EvidenceFolder& folder, const LedgerReport& report)
{
    const auto complete = [](std::size_t listed, std::uint64_t all) -> std::optional<std::string> {
        if (listed >= all) return std::nullopt;
        return fmt::format("the first {} of {}", listed, all);
    };
    folder.add("ledger-flags.csv", "exposure that was not closed",
               [&](const EvidenceFolder::Sink& sink) -> std::optional<std::string> {
                   (void)sink("time,run,venue,instrument,amount,reason,cleared\r\n");
                   for (const ledger::FlagRow& row : report.flags) {
                       (void)sink(fmt::format(
                           "{},{},{},{},{},{},{}\r\n", format_utc(row.time), row.epoch,
                           ledger::csv_text(row.venue.view()), ledger::csv_text(row.instrument.view()),
                           ledger::csv_text(row.amount.view()),
                           ledger::csv_text(mask_tokens(row.reason.view())), row.cleared ? 1 : 0));
                   }
                   return std::nullopt;
               });
    folder.add("ledger-notes.csv", "what the engine noted",
               [&](const EvidenceFolder::Sink& sink) -> std::optional<std::string> {
                   (void)sink("time,run,level,text\r\n");
                   for (const ledger::NoteRow& row : report.notes) {
                       (void)sink(fmt::format("{},{},{},{}\r\n", format_utc(row.time), row.epoch,
                                              ledger::csv_text(row.level.view()),
                                              ledger::csv_text(mask_tokens(row.text.view()))));
                   }
                   return complete(report.notes.size(), report.totals.notes);
               });
}

void add_ledger(const EvidenceRequest& request, EvidenceFolder& folder, std::vector<EvidenceKey>& keys)
{
    const std::string source = request.directory + "/" + kLedgerFile;
    Result<LedgerReader> reader = LedgerReader::open(source);
    if (!reader) {
        folder.add_missing("ledger-*.csv", "orders, fills, flags, notes of the last run",
                           reader.error().message);
        return;
    }
    struct Table {
        const char* file;
        const char* what;
        LedgerCsv table;
    };
    constexpr Table kTables[] = {
        {"ledger-orders.csv", "orders of the last run", LedgerCsv::orders},
        {"ledger-fills.csv", "fills of the last run", LedgerCsv::fills},
        {"ledger-packages.csv", "packages of the last run", LedgerCsv::packages},
        {"ledger-balances.csv", "balances of the last run, ours and the venues'", LedgerCsv::balances},
        {"ledger-keys.csv", "uses of keys as the engine counted them", LedgerCsv::keys},
    };
    for (const Table& table : kTables) {
        folder.add(table.file, table.what, [&](const EvidenceFolder::Sink& sink) {
            return reason(ledger_csv(*reader, LedgerRuns::last(), table.table,
                                     [&](std::string_view line) { (void)sink(mask_tokens(line)); }));
        });
    }
    (void)reader->key_uses(LedgerRuns::last(), [&](const ledger::KeyUseRow& row) {
        add_key(keys, {std::string(row.venue.view()), std::string(row.label.view()), {}});
    });
    const Result<LedgerReport> report = reader->report(LedgerRuns::last());
    if (report)
        add_ledger_lists(folder, report.value());
    else
        folder.add_missing("ledger-flags.csv", "exposure that was not closed", report.error().message);
}

/// Returns the configuration that the journal kept.
std::string add_journal(const EvidenceRequest& request, EvidenceFolder& folder)
{
    const std::string file = "journal-extract.jsonl";
    const std::string what =
        fmt::format("orders, decisions and replies of the last {} minutes of the newest session",
                    request.span.ns / seconds(60).ns);
    const std::string source = newest_journal(request.directory);
    if (source.empty()) {
        folder.add_missing(file, what, request.directory + ": holds no session-*.arb");
        return {};
    }
    JournalExtract extract;
    folder.add(file, what, [&](const EvidenceFolder::Sink& sink) -> std::optional<std::string> {
        JournalExtractOptions options;
        options.span = request.span;
        extract = extract_journal(source, request.plugins, options, sink);
        if (!extract.trouble.empty()) return extract.trouble;
        if (extract.left_out > 0) return fmt::format("{} older lines had no room", extract.left_out);
        return std::nullopt;
    });
    return extract.config_text;
}

void add_config(const EvidenceRequest& request, EvidenceFolder& folder, const std::string& kept)
{
    constexpr const char* kWhat = "the configuration; it names key files and holds no secret";
    if (!request.config_path.empty())
        folder.add_copy("config.toml", kWhat, request.config_path);
    else if (!kept.empty())
        folder.add_text("config.toml", kWhat, kept);
    else
        folder.add_missing("config.toml", kWhat, "neither --config nor a journal that kept one");
}

}  // namespace

EvidenceOutcome write_evidence(const EvidenceRequest& request)
{
    EvidenceOutcome outcome;
    outcome.keys = request.keys;
    outcome.venues = request.venues;
    Result<EvidenceFolder> made =
        EvidenceFolder::make(request.into.empty() ? request.directory : request.into, request.now);
    if (!made) {
        outcome.error = made.error();
        return outcome;
    }
    EvidenceFolder& folder = *made;
    outcome.path = folder.path();
    const std::string kept = add_journal(request, folder);
    // First, so that a key is listed with its public id where that is known.
    learn_keys(kept, outcome);
    add_audit(request, folder, outcome.keys);
    add_ledger(request, folder, outcome.keys);
    add_config(request, folder, kept);
    if (request.status.empty())
        folder.add_missing("status.json", "the engine's last word", "no engine answered");
    else
        folder.add_text("status.json", "the engine's last word", mask_tokens(request.status));
    std::stable_sort(outcome.keys.begin(), outcome.keys.end(),
                     [](const EvidenceKey& a, const EvidenceKey& b) {
                         return std::pair(a.venue, a.label) < std::pair(b.venue, b.label);
                     });
    outcome.parts = folder.parts();
    folder.add_text("README.txt", "what happened and what to do", evidence_readme(request, outcome));
    outcome.parts = folder.parts();
    folder.add_text("manifest.json", "SHA-256 of each file", evidence_manifest(request, outcome));
    folder.finish();
    outcome.parts = folder.parts();
    outcome.error = folder.trouble();
    return outcome;
}

}  // namespace arb
