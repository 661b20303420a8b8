#include "engine/report/ledger_reader.hpp"

#include <fmt/format.h>

#include <utility>

#include "engine/report/ledger_schema.hpp"
#include "engine/report/ledger_tables.hpp"

namespace arb {
namespace {

using ledger::Database;
using ledger::Statement;

/// One moment of the file for as long as it lives.
class Snapshot {
  public:
    explicit Snapshot(Database& database) : database_(database), good_(database.execute("BEGIN")) {}
    ~Snapshot() { database_.execute("ROLLBACK"); }
    Snapshot(const Snapshot&) = delete;
    Snapshot& operator=(const Snapshot&) = delete;
    bool good() const { return good_; }

  private:
    Database& database_;
    bool good_;
};

}  // namespace

Result<LedgerReader> LedgerReader::open(const std::string& path)
{
    Result<Database> database = Database::open(path, Database::Mode::read);
    if (!database) return database.error();
    if (auto error = ledger::check_schema(*database, path)) return *error;
    return LedgerReader(std::move(*database), path);
}

Error LedgerReader::damaged() const
{
    return {ExitCode::data,
            fmt::format("{}: the ledger cannot be read to its end: {}", path_, database_.message())};
}

Result<std::vector<std::string>> LedgerReader::modes()
{
    Statement statement = database_.prepare("SELECT DISTINCT mode FROM runs ORDER BY mode");
    std::vector<std::string> modes;
    statement.begin();
    while (statement.next()) modes.emplace_back(statement.text(0));
    if (statement.failed()) return damaged();
    return modes;
}

Result<LedgerReader::Span> LedgerReader::span_of(LedgerRuns runs)
{
    // Without any run the newest rows may still carry an epoch of their own: then everything is meant.
    if (runs.which == LedgerRuns::Which::all) return Span{0, UINT32_MAX};
    Statement bounds = database_.prepare("SELECT count(*),min(epoch),max(epoch),sum(epoch=?) FROM runs");
    bounds.begin(runs.epoch);
    if (!bounds.next()) return damaged();
    const auto least = static_cast<std::uint32_t>(bounds.integer(1));
    const auto most = static_cast<std::uint32_t>(bounds.integer(2));
    if (runs.which == LedgerRuns::Which::last) {
        return bounds.integer(0) == 0 ? Span{0, UINT32_MAX} : Span{most, most};
    }
    if (bounds.integer(3) > 0) return Span{runs.epoch, runs.epoch};
    const std::string has =
        bounds.integer(0) == 0 ? std::string("none") : fmt::format("runs from {} to {}", least, most);
    return Error{ExitCode::usage, fmt::format("{}: there is no run {}; it has {}", path_, runs.epoch, has)};
}

template <class AnyRow>
std::optional<Error> LedgerReader::each(Span span, const std::function<void(const AnyRow&)>& sink)
{
    Statement statement = database_.prepare(ledger::Table<AnyRow>::kSelect);
    statement.begin(span.first, span.last);
    while (statement.next()) {
        AnyRow row;
        ledger::Columns columns(statement);
        ledger::Table<AnyRow>::read(columns, row);
        if (!columns.good()) {
            return Error{ExitCode::data,
                         fmt::format("{}: the ledger is damaged: an amount is no decimal", path_)};
        }
        sink(row);
    }
    if (statement.failed()) return damaged();
    return std::nullopt;
}

template <class AnyRow>
std::optional<Error> LedgerReader::within(LedgerRuns runs, const std::function<void(const AnyRow&)>& sink)
{
    const Snapshot snapshot(database_);
    if (!snapshot.good()) return damaged();
    const Result<Span> span = span_of(runs);
    if (!span) return span.error();
    return each<AnyRow>(*span, sink);
}

std::optional<Error> LedgerReader::orders(LedgerRuns runs,
                                          const std::function<void(const ledger::OrderRow&)>& row)
{
    return within<ledger::OrderRow>(runs, row);
}

std::optional<Error> LedgerReader::fills(LedgerRuns runs,
                                         const std::function<void(const ledger::FillRow&)>& row)
{
    return within<ledger::FillRow>(runs, row);
}

std::optional<Error> LedgerReader::packages(LedgerRuns runs,
                                            const std::function<void(const ledger::PackageRow&)>& row)
{
    return within<ledger::PackageRow>(runs, row);
}

std::optional<Error> LedgerReader::balances(LedgerRuns runs,
                                            const std::function<void(const ledger::BalanceRow&)>& row)
{
    return within<ledger::BalanceRow>(runs, row);
}

std::optional<Error> LedgerReader::key_uses(LedgerRuns runs,
                                            const std::function<void(const ledger::KeyUseRow&)>& row)
{
    return within<ledger::KeyUseRow>(runs, row);
}

std::optional<Error> LedgerReader::collect(Span span, ledger::ReportSums& sums)
{
    std::optional<Error> error;
    const auto take = [&]<class AnyRow>(const AnyRow*) {
        if (!error) error = each<AnyRow>(span, [&sums](const AnyRow& row) { sums.add(row); });
    };
    take(static_cast<const ledger::RunRow*>(nullptr));
    take(static_cast<const ledger::OrderRow*>(nullptr));
    // Before the fills: what a venue said about an account decides which fills came later.
    take(static_cast<const ledger::BalanceRow*>(nullptr));
    take(static_cast<const ledger::FillRow*>(nullptr));
    take(static_cast<const ledger::PackageRow*>(nullptr));
    take(static_cast<const ledger::FlagRow*>(nullptr));
    take(static_cast<const ledger::KeyUseRow*>(nullptr));
    take(static_cast<const ledger::NoteRow*>(nullptr));
    if (error) return error;
    Statement gaps = database_.prepare("SELECT rows FROM gaps WHERE epoch BETWEEN ? AND ?");
    gaps.begin(span.first, span.last);
    while (gaps.next()) sums.add_gap(gaps.unsigned_integer(0));
    if (gaps.failed()) return damaged();
    return std::nullopt;
}

Result<LedgerReport> LedgerReader::report(LedgerRuns runs, const std::string& quote)
{
    const Snapshot snapshot(database_);
    if (!snapshot.good()) return damaged();
    const Result<Span> span = span_of(runs);
    if (!span) return span.error();
    ledger::ReportSums sums;
    if (auto error = collect(*span, sums)) return *error;
    LedgerReport report = sums.finish(quote);
    report.path = path_;
    return report;
}

}  // namespace arb
