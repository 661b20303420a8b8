#pragma once
// Rows and files for the ledger's tests: a directory of its own for each test, one row of each kind, and
// seeded random rows. Nothing here reads a clock: times count from a fixed moment.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "engine/report/ledger.hpp"
#include "engine/report/ledger_reader.hpp"
#include "engine/report/ledger_rows.hpp"
#include "tests/support/temporary_folder.hpp"

namespace arb::ledger_samples {

namespace fs = std::filesystem;

inline const Timestamp kBegin{1'700'000'000'000'000'000};

inline Amount amount(std::string_view text)
{
    return ledger::parse_amount(text).value();
}

inline ledger::RunRow run_row(std::uint32_t epoch, bool ended = false)
{
    ledger::RunRow row;
    row.epoch = epoch;
    row.begin = kBegin + seconds(epoch);
    if (ended) row.end = row.begin + seconds(60);
    row.mode = "emulated";
    row.build = "arbiter test";
    row.config_hash = "c0ffee";
    row.exit_code = ended ? 0 : ledger::kStillRunning;
    row.decision_hash = "0123456789abcdef";
    return row;
}

inline ledger::OrderRow order_row(std::uint64_t number, std::string_view state)
{
    ledger::OrderRow row;
    row.order = number;
    row.client_id = std::string_view("id" + std::to_string(number));
    row.package = number / 2 + 1;
    row.venue = number % 2 == 0 ? "alpha" : "beta";
    row.instrument = "BTC/USDT";
    row.side = number % 2 == 0 ? Side::buy : Side::sell;
    row.tif = "ioc";
    row.price = "60000.5";
    row.quantity = "0.25";
    row.state = state;
    row.filled = state == "filled" ? "0.25" : "0";
    row.purpose = "leg";
    row.sent = kBegin + milliseconds(static_cast<std::int64_t>(number));
    row.venue_order_id = std::string_view("v" + std::to_string(number));
    return row;
}

inline ledger::FillRow fill_row(std::uint64_t number)
{
    ledger::FillRow row;
    row.venue = number % 2 == 0 ? "alpha" : "beta";
    row.trade_id = std::string_view("t" + std::to_string(number));
    row.order = number;
    row.package = number / 2 + 1;
    row.instrument = "BTC/USDT";
    row.side = number % 2 == 0 ? Side::buy : Side::sell;
    row.price = "60000.5";
    row.quantity = "0.25";
    row.notional = amount("15000.125");
    row.fee = amount("0.000000000000000001");
    row.fee_asset = "USDT";
    row.maker = number % 3 == 0;
    row.purpose = "leg";
    row.time = kBegin + milliseconds(static_cast<std::int64_t>(number));
    row.venue_time = row.time - milliseconds(1);
    return row;
}

inline ledger::PackageRow package_row(std::uint64_t number, std::string_view outcome)
{
    ledger::PackageRow row;
    row.package = number;
    row.instrument = "BTC/USDT";
    row.strategy = "cross_venue";
    row.buy_venue = "alpha";
    row.sell_venue = "beta";
    row.quantity = "0.25";
    row.outcome = outcome;
    row.waterfall = {amount("10"), amount("-1"), amount("-2"), amount("-0.5"), amount("0"), amount("6.5")};
    row.decided = kBegin + milliseconds(static_cast<std::int64_t>(number));
    row.finished = row.decided + milliseconds(40);
    row.unhedged_ns = static_cast<std::int64_t>(number) * 1'000'000;
    return row;
}

inline ledger::BalanceRow balance_row(std::string_view venue, std::string_view asset, std::string_view kind)
{
    ledger::BalanceRow row;
    row.time = kBegin + seconds(kind == "start" ? 1 : 60);
    row.venue = venue;
    row.asset = asset;
    row.kind = kind;
    row.start = amount("1000");
    if (kind != "start") {
        row.fills = amount("-12.5");
        row.fees = amount("0.25");
    }
    row.ours = row.theirs = row.start + row.fills - row.fees;
    return row;
}

inline ledger::FlagRow flag_row(bool cleared)
{
    ledger::FlagRow row;
    row.time = kBegin + seconds(cleared ? 9 : 5);
    row.venue = "alpha";
    row.instrument = "BTC/USDT";
    row.amount = "0.001";
    row.reason = "below the minimum notional";
    row.cleared = cleared;
    return row;
}

inline ledger::KeyUseRow key_use_row(std::uint64_t count)
{
    ledger::KeyUseRow row;
    row.time = kBegin + seconds(static_cast<std::int64_t>(count));
    row.venue = "alpha";
    row.label = "trade";
    row.endpoint = "/v1/order";
    row.outcome = "ok";
    row.count = count;
    return row;
}

inline ledger::NoteRow note_row(std::string_view text)
{
    ledger::NoteRow row;
    row.time = kBegin + seconds(3);
    row.level = "warn";
    row.text = text;
    return row;
}

/// A directory that is gone with the test.
class LedgerTest : public testing::Test {
  protected:
    std::string at(const std::string& name) const { return folder_.at(name); }
    std::string path() const { return at(kLedgerFile); }
    std::unique_ptr<Ledger> open(LedgerOptions options = {}) const
    {
        return Ledger::open(path(), options).take();
    }
    LedgerReport report(LedgerRuns runs = LedgerRuns::all(), const std::string& quote = "") const
    {
        return LedgerReader::open(path()).take().report(runs, quote).take();
    }

  private:
    test::TemporaryFolder folder_;
};

/// Any SQLite file by hand: what a test needs beyond the ledger's own doors.
class RawDatabase {
  public:
    explicit RawDatabase(const std::string& path)
    {
        EXPECT_EQ(sqlite3_open(path.c_str(), &handle_), SQLITE_OK);
    }
    ~RawDatabase() { sqlite3_close(handle_); }
    RawDatabase(const RawDatabase&) = delete;
    RawDatabase& operator=(const RawDatabase&) = delete;

    void run(const std::string& sql)
    {
        char* message = nullptr;
        EXPECT_EQ(sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, &message), SQLITE_OK) << message;
        sqlite3_free(message);
    }
    /// All columns of all rows of a query, a bar between columns and a line feed after each row.
    std::string rows(const std::string& sql)
    {
        std::string out;
        const auto add = [](void* into, int columns, char** values, char**) {
            auto& text = *static_cast<std::string*>(into);
            for (int i = 0; i < columns; ++i)
                text += std::string(values[i] == nullptr ? "NULL" : values[i]) + "|";
            text += "\n";
            return 0;
        };
        EXPECT_EQ(sqlite3_exec(handle_, sql.c_str(), add, &out, nullptr), SQLITE_OK)
            << sqlite3_errmsg(handle_);
        return out;
    }
    /// Everything in the tables, but not the counted gaps.
    std::string everything()
    {
        std::string out;
        for (const char* table :
             {"runs", "orders", "fills", "packages", "balances", "flags", "key_uses", "notes"})
            out += rows(std::string("SELECT '") + table + "',* FROM " + table);
        return out;
    }

  private:
    sqlite3* handle_ = nullptr;
};

/// The same numbers for the same seed everywhere.
class Random {
  public:
    explicit Random(std::uint64_t seed) : state_(seed) {}
    std::int64_t below(std::int64_t limit)
    {
        state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
        return static_cast<std::int64_t>((state_ >> 33U) % static_cast<std::uint64_t>(limit));
    }
    /// With all eighteen decimals in use, of either sign.
    Amount money()
    {
        const Int128 whole = below(2'000'000) - 1'000'000;
        return {whole * power_of_ten(18) + below(1'000'000'000) * Int128{1'000'000'000} +
                below(1'000'000'000)};
    }
    template <std::size_t N>
    const char* pick(const char* const (&of)[N])
    {
        return of[below(static_cast<std::int64_t>(N))];
    }

  private:
    std::uint64_t state_;
};

}  // namespace arb::ledger_samples
