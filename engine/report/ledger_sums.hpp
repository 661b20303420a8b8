#pragma once
// Rows of a ledger in, a LedgerReport out: all sums of the report, in exact integers, without SQLite. Called
// by the reader, which hands it every chosen row once, the balances before the fills; then `finish`. Rows may
// be hostile: sums that do not fit stop at a limit and say so in `saturated`. Any thread.
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "engine/report/ledger_report.hpp"

namespace arb::ledger {

/// "USDT" of "BTC/USDT" and of "BTC/USDT:PERP"; empty when there is no stroke.
std::string_view quote_of(std::string_view instrument);
std::string_view base_of(std::string_view instrument);

/// amount x price (exact decimal text), rounded towards zero; empty when the price is none or it does not
/// fit.
std::optional<Amount> value_at(Amount amount, std::string_view price);

class ReportSums {
  public:
    void add(const RunRow& row) { report_.runs.push_back(row); }
    void add(const OrderRow& row);
    void add(const FillRow& row);
    void add(const PackageRow& row);
    void add(const BalanceRow& row);
    void add(const FlagRow& row);
    void add(const KeyUseRow& row);
    void add(const NoteRow& row);
    void add_gap(std::uint64_t rows) { report_.rows_lost += rows; }

    /// `quote`: the reporting currency; empty: that of most packages, else of most fills.
    LedgerReport finish(std::string quote);

  private:
    struct Mark {
        Timestamp time;
        std::string price;
    };
    using Account = std::tuple<std::uint32_t, std::string, std::string>;  ///< epoch, venue, asset

    /// What came to an account after the venue's last word about it.
    struct Later {
        Amount fills, fees;
        std::uint64_t count = 0;
    };

    void count_later(const FillRow& row);
    Later* later_at(const FillRow& row, std::string_view asset);
    void sum(Amount& total, Amount value);
    void sum(Waterfall& total, const Waterfall& value);
    void profit(std::map<std::tuple<std::string, std::string, std::string>, ProfitLine>& lines,
                std::string_view name, std::string_view second, const PackageRow& row);
    void choose_quote(std::string quote);
    void finish_accounts();
    void finish_portfolio();
    void value_holding(HoldingLine& line) const;
    void finish_unhedged();

    LedgerReport report_;
    std::map<std::tuple<std::string, std::string, std::string>, ProfitLine> results_, instruments_, pairs_,
        strategies_;
    std::map<std::pair<std::string, std::string>, FeeLine> fees_;
    std::map<Account, BalanceRow> accounts_;
    std::map<Account, Later> later_;
    std::map<std::string, CoinFeeLine> coin_fees_;
    std::map<std::tuple<std::string, std::string, std::string, std::string>, KeyUseLine> key_uses_;
    std::map<std::string, Mark> marks_;                                      ///< by instrument
    std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> quotes_;  ///< packages and fills
    std::vector<std::int64_t> unhedged_;
};

}  // namespace arb::ledger
