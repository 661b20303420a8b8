#pragma once
// The reading side of the ledger: a read-only connection that may be used while another process or thread
// writes. All rows of one report or one export come from one moment. Rows are handed out one by one, so the
// size of a ledger is no limit. Cold path, one thread at a time. Errors: a file that is no ledger, of another
// version or damaged, and a run that it does not have, as values.
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/report/ledger_report.hpp"
#include "engine/report/ledger_sqlite.hpp"
#include "engine/report/ledger_sums.hpp"

namespace arb {

/// Which runs: from `first` to `last` epoch.
struct LedgerRuns {
    enum class Which : unsigned char { all, last, one };
    Which which = Which::last;
    std::uint32_t epoch = 0;

    static LedgerRuns all() { return {Which::all, 0}; }
    static LedgerRuns last() { return {Which::last, 0}; }
    static LedgerRuns one(std::uint32_t epoch) { return {Which::one, epoch}; }
};

class LedgerReader {
  public:
    static Result<LedgerReader> open(const std::string& path);

    /// `quote`: the reporting currency; empty: the one most used.
    Result<LedgerReport> report(LedgerRuns runs, const std::string& quote = "");

    /// The modes of its runs ("paper", "emulated", "live"), each once: sums over several mean nothing.
    Result<std::vector<std::string>> modes();

    /// Rows in their order in time; the reason when it could not be done to the end.
    std::optional<Error> orders(LedgerRuns runs, const std::function<void(const ledger::OrderRow&)>& row);
    std::optional<Error> fills(LedgerRuns runs, const std::function<void(const ledger::FillRow&)>& row);
    std::optional<Error> packages(LedgerRuns runs, const std::function<void(const ledger::PackageRow&)>& row);
    std::optional<Error> balances(LedgerRuns runs, const std::function<void(const ledger::BalanceRow&)>& row);
    std::optional<Error> key_uses(LedgerRuns runs, const std::function<void(const ledger::KeyUseRow&)>& row);

  private:
    struct Span {
        std::uint32_t first = 0, last = 0;
    };

    LedgerReader(ledger::Database database, std::string path)
        : database_(std::move(database)), path_(std::move(path))
    {
    }
    Result<Span> span_of(LedgerRuns runs);
    template <class AnyRow>
    std::optional<Error> each(Span span, const std::function<void(const AnyRow&)>& sink);
    template <class AnyRow>
    std::optional<Error> within(LedgerRuns runs, const std::function<void(const AnyRow&)>& sink);
    std::optional<Error> collect(Span span, ledger::ReportSums& sums);
    Error damaged() const;

    ledger::Database database_;
    std::string path_;
};

}  // namespace arb
