// What a ledger says: sums against a naive recomputation, agreement with the venues, valuation, choice of
// runs.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "engine/report/ledger_sums.hpp"
#include "tests/report/ledger_samples.hpp"

namespace arb {
namespace {

/// Beyond any rounding of the amounts in these tests.
constexpr Amount kWrong{1'000'000'000'000'000'000};

using namespace ledger_samples;

class LedgerNumbers : public LedgerTest {};

struct Told {
    std::vector<ledger::FillRow> fills;
    std::vector<ledger::PackageRow> packages;
    std::vector<ledger::BalanceRow> balances;
    std::vector<ledger::KeyUseRow> uses;
};

constexpr const char* kVenues[] = {"alpha", "beta", "gamma"};
constexpr const char* kInstruments[] = {"BTC/USDT", "ETH/USDT", "BTC/USD", "BTC/USDT:PERP"};
constexpr const char* kFilled[] = {"BTC/USDT", "ETH/USDT", "BTC/USD"};  // whose accounts all have balances
constexpr const char* kAssets[] = {"USDT", "USD", "BTC", "ETH", "XYZ"};

Told random_rows(std::uint64_t seed)
{
    Random random(seed);
    Told told;
    for (std::uint64_t i = 0; i < 400; ++i) {
        ledger::FillRow row = fill_row(i);
        row.venue = random.pick(kVenues);
        row.instrument = random.pick(kFilled);
        row.price = std::string_view(std::to_string(random.below(90'000) + 1) + ".5");
        row.notional = random.money();
        row.fee = random.money();
        row.fee_asset = random.pick(kAssets);
        row.time = kBegin + nanoseconds(random.below(1'000'000'000'000));
        told.fills.push_back(row);
    }
    for (std::uint64_t i = 1; i <= 300; ++i) {
        constexpr const char* kOutcomes[] = {"flat", "flat", "flat", "flagged", "open"};
        ledger::PackageRow row = package_row(i, random.pick(kOutcomes));
        row.instrument = random.pick(kInstruments);
        row.strategy = random.below(2) == 0 ? "cross_venue" : "triangle";
        row.buy_venue = random.pick(kVenues);
        row.sell_venue = random.pick(kVenues);
        row.waterfall = {random.money(), random.money(), random.money(), random.money(), random.money(), {}};
        row.waterfall.realised = row.waterfall.sum();
        row.unhedged_ns = random.below(1'000'000'000);
        told.packages.push_back(row);
    }
    for (const char* venue : kVenues) {
        for (const char* asset : kAssets) {
            told.balances.push_back(balance_row(venue, asset, "start"));
            ledger::BalanceRow row = balance_row(venue, asset, "end");
            row.start = random.money();
            row.fills = random.money();
            row.fees = random.money();
            row.ours = row.theirs = row.start + row.fills - row.fees;
            if (random.below(4) == 0) row.theirs += kWrong;
            told.balances.push_back(row);
        }
    }
    for (std::uint64_t i = 1; i < 50; ++i) {
        ledger::KeyUseRow row = key_use_row(i);
        row.venue = random.pick(kVenues);
        row.outcome = random.below(2) == 0 ? "ok" : "refused";
        told.uses.push_back(row);
    }
    return told;
}

/// A sum by hand over all rows for which `chosen` holds.
template <class Rows, class Chosen, class Value>
Amount total(const Rows& rows, Chosen chosen, Value value)
{
    Amount sum;
    for (const auto& row : rows) {
        if (chosen(row)) sum += value(row);
    }
    return sum;
}

void check_profit(const std::vector<ledger::ProfitLine>& lines, const Told& told, auto belongs,
                  const std::string& what)
{
    std::uint64_t packages = 0;
    for (const ledger::ProfitLine& line : lines) {
        const auto mine = [&](const ledger::PackageRow& row) {
            return row.outcome.view() != "open" && belongs(line, row) &&
                   ledger::quote_of(row.instrument.view()) == line.quote;
        };
        const auto count = std::count_if(told.packages.begin(), told.packages.end(), mine);
        EXPECT_EQ(line.packages, static_cast<std::uint64_t>(count)) << what << " " << line.name;
        packages += line.packages;
        const auto part = [&](Amount Waterfall::*member) {
            return total(told.packages, mine, [&](const auto& row) { return row.waterfall.*member; });
        };
        EXPECT_EQ(line.waterfall.quoted, part(&Waterfall::quoted)) << what << " " << line.name;
        EXPECT_EQ(line.waterfall.fees, part(&Waterfall::fees)) << what << " " << line.name;
        EXPECT_EQ(line.waterfall.unwind, part(&Waterfall::unwind)) << what << " " << line.name;
        EXPECT_EQ(line.waterfall.realised, part(&Waterfall::realised)) << what << " " << line.name;
        EXPECT_EQ(line.waterfall.sum(), line.waterfall.realised) << what << " " << line.name;
    }
    const auto finished = std::count_if(told.packages.begin(), told.packages.end(),
                                        [](const auto& row) { return row.outcome.view() != "open"; });
    EXPECT_EQ(packages, static_cast<std::uint64_t>(finished)) << what;
}

void check_fills(const LedgerReport& report, const Told& told)
{
    std::uint64_t fills = 0;
    for (const ledger::FeeLine& line : report.fees) {
        const auto mine = [&](const ledger::FillRow& row) {
            return row.venue.view() == line.venue && row.fee_asset.view() == line.asset;
        };
        EXPECT_EQ(line.fee, total(told.fills, mine, [](const auto& row) { return row.fee; }));
        fills += line.fills;
    }
    EXPECT_EQ(fills, told.fills.size());
    for (const ledger::ProfitLine& line : report.by_instrument) {
        const auto mine = [&](const ledger::FillRow& row) { return row.instrument.view() == line.name; };
        EXPECT_EQ(line.volume, total(told.fills, mine, [](const auto& row) { return row.notional; }));
    }
}

void check_accounts(const LedgerReport& report, const Told& told)
{
    std::uint64_t wrong = 0;
    for (const ledger::BalanceRow& row : told.balances) {
        if (row.kind.view() == "end" && row.start + row.fills - row.fees != row.theirs) ++wrong;
    }
    EXPECT_EQ(report.mismatches, wrong);
    EXPECT_EQ(report.accounts.size(), 15U);
    std::uint64_t listed = 0;
    for (const ledger::AccountLine& line : report.accounts) {
        EXPECT_EQ(line.row.kind.view(), "end");
        EXPECT_EQ(line.difference, line.agrees ? Amount{} : kWrong);
        listed += line.agrees ? 0 : 1;
    }
    EXPECT_EQ(listed, wrong);
    for (const ledger::HoldingLine& line : report.portfolio) {
        const auto mine = [&](const ledger::BalanceRow& row) {
            return row.kind.view() == "end" && row.asset.view() == line.asset;
        };
        EXPECT_EQ(line.theirs, total(told.balances, mine, [](const auto& row) { return row.theirs; }));
        EXPECT_EQ(line.venues, 3U);
    }
}

void check_unhedged(const LedgerReport& report, const Told& told)
{
    std::vector<std::int64_t> times;
    for (const auto& row : told.packages) {
        if (row.outcome.view() != "open") times.push_back(row.unhedged_ns);
    }
    const auto not_above = [&](std::int64_t limit) {
        return static_cast<std::size_t>(
            std::count_if(times.begin(), times.end(), [&](std::int64_t t) { return t <= limit; }));
    };
    EXPECT_EQ(report.unhedged.packages, times.size());
    EXPECT_GE(not_above(report.unhedged.p50_ns) * 2, times.size());
    EXPECT_LT((not_above(report.unhedged.p50_ns - 1)) * 2, times.size());
    EXPECT_GE(not_above(report.unhedged.p99_ns) * 100, times.size() * 99);
    EXPECT_LT(not_above(report.unhedged.p99_ns - 1) * 100, times.size() * 99);
    EXPECT_EQ(report.unhedged.max_ns, *std::max_element(times.begin(), times.end()));
}

TEST_F(LedgerNumbers, sums_equal_a_naive_recomputation)
{
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        const Told told = random_rows(seed);
        fs::remove(path());
        auto ledger = open();
        ledger->record(run_row(7));
        for (const auto& row : told.fills) ledger->record(row);
        for (const auto& row : told.packages) ledger->record(row);
        for (const auto& row : told.balances) ledger->record(row);
        for (const auto& row : told.uses) ledger->record(row);
        ASSERT_TRUE(ledger->close());
        const LedgerReport report = this->report(LedgerRuns::last(), "USDT");
        check_profit(
            report.results, told, [](const auto&, const auto&) { return true; }, "total");
        std::vector<ledger::ProfitLine> instruments = report.by_instrument;
        check_profit(
            instruments, told,
            [](const auto& line, const auto& row) { return row.instrument.view() == line.name; },
            "instrument");
        check_profit(
            report.by_pair, told,
            [](const auto& line, const auto& row) {
                return row.buy_venue.view() == line.name && row.sell_venue.view() == line.second;
            },
            "pair");
        check_profit(
            report.by_strategy, told,
            [](const auto& line, const auto& row) { return row.strategy.view() == line.name; }, "strategy");
        check_fills(report, told);
        check_accounts(report, told);
        check_unhedged(report, told);
        EXPECT_EQ(report.totals.packages, report.totals.flat + report.totals.flagged + report.totals.open);
        EXPECT_EQ(report.open_packages.size(), report.totals.open);
        EXPECT_EQ(report.flagged_packages.size(), report.totals.flagged);
        EXPECT_EQ(report.waterfall_mismatches, 0U);
        EXPECT_FALSE(report.saturated);
        std::uint64_t uses = 0;
        for (const auto& line : report.key_uses) uses += line.count;
        EXPECT_EQ(uses, 49U * 50U / 2U);
    }
}

// A venue that reckons in binary fractions is off in digits that are no money; our own count never is.
TEST_F(LedgerNumbers, what_is_more_than_the_venues_rounding_is_a_mismatch)
{
    auto ledger = open();
    ledger->record(run_row(1));
    ledger->record(balance_row("alpha", "USDT", "end"));
    ledger::BalanceRow row = balance_row("beta", "USDT", "end");
    row.theirs -= {1};
    ledger->record(row);
    const Amount most = rounding_of(row.start + row.fills - row.fees);
    EXPECT_EQ(most.text(), "0.00000098725");
    row = balance_row("delta", "USDT", "end");
    row.theirs += most + Amount{1};
    ledger->record(row);
    row = balance_row("gamma", "USDT", "end");
    row.ours += {1};  // our own count is wrong although the venue agrees with the sum
    ledger->record(row);
    ASSERT_TRUE(ledger->flush());
    const LedgerReport now = report();
    EXPECT_EQ(now.mismatches, 2U);
    EXPECT_EQ(now.rounded, 1U);
    ASSERT_EQ(now.accounts.size(), 4U);
    EXPECT_TRUE(now.accounts[0].agrees && !now.accounts[0].rounded);
    EXPECT_TRUE(now.accounts[1].agrees && now.accounts[1].rounded);
    EXPECT_EQ(now.accounts[1].difference.text(), "-0.000000000000000001") << "shown as it is";
    EXPECT_FALSE(now.accounts[2].agrees) << "delta";
    EXPECT_FALSE(now.accounts[3].agrees) << "gamma";
    EXPECT_NE(ledger_html(now).find("but for its rounding"), std::string::npos);
}

TEST_F(LedgerNumbers, a_run_that_nobody_closed_counts_its_fills_and_claims_no_agreement)
{
    auto ledger = open();
    ledger::RunRow run = run_row(1);
    run.end = {};
    ledger->record(run);
    for (const char* asset : {"USDT", "BTC"}) ledger->record(balance_row("alpha", asset, "start"));
    ledger->record(balance_row("beta", "USDT", "end"));
    const auto fill = [&](std::uint64_t number, std::int64_t second, Side side, const char* instrument) {
        ledger::FillRow row = fill_row(number);
        row.instrument = instrument;
        row.side = side;
        row.fee = amount("0.5");
        row.time = kBegin + seconds(second);
        return row;
    };
    ledger->record(fill(2, 1, Side::buy, "BTC/USDT"));  // the word of that second has it in
    ledger->record(fill(4, 2, Side::buy, "BTC/USDT"));
    ledger::FillRow coin = fill(6, 3, Side::sell, "BTC/USDT:PERP");
    coin.fee_asset = "COIN";
    ledger->record(coin);
    ledger->record(fill(7, 90, Side::buy, "BTC/USDT"));  // of beta, whose account is closed
    ASSERT_TRUE(ledger->flush());
    const LedgerReport now = report();
    ASSERT_EQ(now.accounts.size(), 6U);
    const auto account = [&](std::string_view venue, std::string_view asset) {
        for (const ledger::AccountLine& line : now.accounts) {
            if (line.row.venue.view() == venue && line.row.asset.view() == asset) return line;
        }
        return ledger::AccountLine{};
    };
    EXPECT_EQ(account("alpha", "BTC").row.fills, amount("0.25"));
    EXPECT_EQ(account("alpha", "BTC").row.ours, amount("1000.25"));
    EXPECT_EQ(account("alpha", "USDT").row.fills, Amount{}) << "15000.125 out and in again";
    EXPECT_EQ(account("alpha", "USDT").row.fees, amount("0.5"));
    EXPECT_EQ(account("alpha", "USDT").later, 2U);
    EXPECT_EQ(account("alpha", "USDT").row.theirs, amount("1000")) << "what the venue said then";
    EXPECT_EQ(account("alpha", "BTC/USDT:PERP").row.ours, amount("-0.25"));
    EXPECT_EQ(account("alpha", "COIN").row.ours, amount("-0.5"));
    EXPECT_TRUE(account("beta", "USDT").agrees);
    EXPECT_FALSE(account("alpha", "BTC").agrees);
    EXPECT_EQ(now.mismatches, 0U);
    EXPECT_EQ(now.not_closed, 5U);
    EXPECT_EQ(now.portfolio.at(0).asset, "BTC");
    EXPECT_EQ(now.portfolio.at(0).theirs, amount("1000.5")) << "not what the venues held at the start";
    ASSERT_EQ(now.coin_fees.size(), 1U);
    EXPECT_EQ(now.coin_fees[0].asset, "COIN");
    EXPECT_EQ(now.coin_fees[0].fee, amount("0.5"));
    const std::string text = ledger_text(now, false);
    EXPECT_EQ(text.find("agree to the last unit"), std::string::npos) << text;
    EXPECT_NE(text.find("5 of 6 accounts have no word of the venue at the end"), std::string::npos) << text;
    EXPECT_NE(text.find("Fills that came after a venue's last word"), std::string::npos) << text;
    EXPECT_NE(text.find("1 run is without an end"), std::string::npos) << text;
    EXPECT_NE(text.find("1 fill paid 0.5 of fees in COIN"), std::string::npos) << text;
    EXPECT_NE(ledger_html(now).find("not asked at the end"), std::string::npos);
    EXPECT_NE(ledger_json(now).find("\"accounts_not_closed\": 5"), std::string::npos);
}

TEST_F(LedgerNumbers, the_last_word_about_an_account_counts)
{
    auto ledger = open();
    ledger->record(run_row(1));
    ledger::BalanceRow check = balance_row("alpha", "USDT", "check");
    check.time = kBegin + seconds(30);
    check.theirs -= amount("5");  // a fill was under way
    ledger->record(check);
    ledger->record(balance_row("alpha", "USDT", "end"));
    ASSERT_TRUE(ledger->flush());
    EXPECT_EQ(report().mismatches, 0U);
    check.time = kBegin + seconds(90);
    ledger->record(check);
    ASSERT_TRUE(ledger->flush());
    EXPECT_EQ(report().mismatches, 1U);
}

TEST_F(LedgerNumbers, a_waterfall_that_does_not_add_up_is_counted)
{
    auto ledger = open();
    ledger::PackageRow row = package_row(1, "flat");
    row.waterfall.realised += {1};
    ledger->record(row);
    ledger->record(package_row(2, "flat"));
    ASSERT_TRUE(ledger->flush());
    EXPECT_EQ(report().waterfall_mismatches, 1U);
}

TEST_F(LedgerNumbers, currencies_are_not_mixed)
{
    auto ledger = open();
    for (std::uint64_t i = 1; i <= 3; ++i) {
        ledger::PackageRow row = package_row(i, "flat");
        row.instrument = i == 3 ? "BTC/USD" : "BTC/USDT";
        ledger->record(row);
    }
    ASSERT_TRUE(ledger->flush());
    const LedgerReport most = report();
    EXPECT_EQ(most.quote, "USDT");
    EXPECT_EQ(most.waterfall().realised, amount("13"));
    ASSERT_EQ(most.results.size(), 2U);
    EXPECT_EQ(most.results[1].quote, "USD");
    EXPECT_EQ(most.by_pair.size(), 2U);
    const LedgerReport dollars = report(LedgerRuns::all(), "USD");
    EXPECT_EQ(dollars.waterfall().realised, amount("6.5"));
    EXPECT_EQ(report(LedgerRuns::all(), "EUR").waterfall().realised, Amount{});
}

TEST_F(LedgerNumbers, portfolio_at_last_fills)
{
    auto ledger = open();
    ledger->record(run_row(1));
    const auto hold = [&](const char* venue, const char* asset, const char* held) {
        ledger::BalanceRow row = balance_row(venue, asset, "end");
        row.start = row.ours = row.theirs = amount(held);
        row.fills = row.fees = {};
        ledger->record(row);
    };
    hold("alpha", "USDT", "100.5");
    hold("beta", "USDT", "50");
    hold("alpha", "BTC", "0.2");
    hold("beta", "BTC", "0.000000000000000003");
    hold("beta", "ETH", "-2");
    hold("beta", "XYZ", "7");
    const auto fill = [&](std::uint64_t number, const char* instrument, const char* price,
                          std::int64_t second) {
        ledger::FillRow row = fill_row(number);
        row.instrument = instrument;
        row.price = price;
        row.quantity = "0";  // the prices alone matter here
        row.notional = row.fee = {};
        row.time = kBegin + seconds(second);
        ledger->record(row);
    };
    fill(1, "BTC/USDT", "60000", 10);
    fill(2, "BTC/USDT", "61000.5", 30);
    fill(3, "BTC/USDT", "62000", 20);
    fill(4, "BTC/USDT:PERP", "99999", 40);  // the thing itself was traded: its price counts
    fill(5, "ETH/USDT:PERP", "3000.25", 5);
    fill(6, "XYZ/USD", "5", 50);
    ASSERT_TRUE(ledger->flush());
    const LedgerReport now = report();
    ASSERT_EQ(now.portfolio.size(), 4U);
    EXPECT_EQ(now.portfolio[0].asset, "BTC");
    EXPECT_EQ(now.portfolio[0].mark, "61000.5");
    EXPECT_EQ(now.portfolio[0].value, amount("12200.100000000000183001"));
    EXPECT_EQ(now.portfolio[1].value, amount("-6000.5"));
    EXPECT_EQ(now.portfolio[1].mark_instrument, "ETH/USDT:PERP");
    EXPECT_EQ(now.portfolio[2].value, amount("150.5"));
    EXPECT_FALSE(now.portfolio[3].valued);
    EXPECT_EQ(now.portfolio_value, now.portfolio[0].value + amount("-6000.5") + amount("150.5"));
}

TEST(LedgerValue, exact_and_bounded)
{
    const auto value = [](const char* held, const char* price) {
        const auto worth = ledger::value_at(amount(held), price);
        return worth ? worth->text() : "none";
    };
    EXPECT_EQ(value("0.2", "61000.5"), "12200.1");
    EXPECT_EQ(value("0.000000000000000003", "61000.5"), "0.000000000000183001");
    EXPECT_EQ(value("-0.000000000000000003", "0.5"), "-0.000000000000000001");
    EXPECT_EQ(value("1000000000000000", "0.000000123456"), "123456000");
    EXPECT_EQ(value("999999999999999999", "9223372036854775807"), "none");
    for (const char* price : {"", "abc", "1e9", "-", "99999999999999999999"})
        EXPECT_EQ(value("1", price), "none");
}

TEST_F(LedgerNumbers, choice_of_runs)
{
    auto ledger = open();
    for (std::uint32_t epoch : {2U, 3U, 5U}) {
        ledger->record(run_row(epoch, epoch != 5));
        ledger->record(package_row(1, epoch == 3 ? "flagged" : "flat"));
        if (epoch == 3) ledger->record(balance_row("alpha", "USDT", "end"));
    }
    ASSERT_TRUE(ledger->flush());
    EXPECT_EQ(report(LedgerRuns::all()).totals.packages, 3U);
    EXPECT_EQ(report(LedgerRuns::all()).runs.size(), 3U);
    EXPECT_EQ(report(LedgerRuns::last()).totals.packages, 1U);
    EXPECT_EQ(report(LedgerRuns::last()).runs.at(0).exit_code, ledger::kStillRunning);
    EXPECT_EQ(report(LedgerRuns::one(3)).totals.flagged, 1U);
    EXPECT_EQ(report(LedgerRuns::one(3)).accounts.size(), 1U);
    EXPECT_EQ(report(LedgerRuns::one(2)).accounts.size(), 0U);
    LedgerReader reader = LedgerReader::open(path()).take();
    const Result<LedgerReport> none = reader.report(LedgerRuns::one(4));
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().code, ExitCode::usage);
    EXPECT_NE(none.error().message.find("no run 4"), std::string::npos);
    // The reader is as good as before.
    EXPECT_TRUE(reader.report(LedgerRuns::one(5)));
}

TEST_F(LedgerNumbers, an_empty_ledger_is_a_report_too)
{
    open();
    const LedgerReport now = report(LedgerRuns::last());
    EXPECT_EQ(now.totals.packages, 0U);
    EXPECT_TRUE(now.complete());
    EXPECT_EQ(now.unhedged.max_ns, 0);
    EXPECT_FALSE(ledger_text(now, true).empty());
    EXPECT_FALSE(ledger_json(now).empty());
    EXPECT_FALSE(ledger_html(now).empty());
}

TEST_F(LedgerNumbers, a_report_while_rows_are_written_is_of_one_moment)
{
    auto ledger = open();
    LedgerReader reader = LedgerReader::open(path()).take();
    for (std::uint64_t round = 1; round <= 20; ++round) {
        ledger->record(package_row(round, "flat"));
        ledger->record(fill_row(round));
        ASSERT_TRUE(ledger->flush());
        const LedgerReport now = reader.report(LedgerRuns::all()).take();
        EXPECT_EQ(now.totals.packages, round);
        EXPECT_EQ(now.totals.fills, round);
    }
}

TEST_F(LedgerNumbers, damage_is_a_value)
{
    {
        auto ledger = open();
        for (std::uint64_t i = 0; i < 500; ++i) ledger->record(fill_row(i));
    }
    fs::copy_file(path(), at("damaged"));
    RawDatabase(at("damaged")).run("UPDATE fills SET fee='much' WHERE order_number=3");
    EXPECT_EQ(LedgerReader::open(at("damaged")).take().report(LedgerRuns::all()).error().code,
              ExitCode::data);

    // Times and numbers that nobody wrote: a report all the same.
    fs::copy_file(path(), at("odd"));
    RawDatabase(at("odd")).run("UPDATE fills SET time=-9223372036854775808, side='?'");
    RawDatabase(at("odd")).run(
        "INSERT INTO runs VALUES(1,9223372036854775807,-9223372036854775808,'','','',0,'')");
    const LedgerReport odd = LedgerReader::open(at("odd")).take().report(LedgerRuns::all()).take();
    EXPECT_FALSE(ledger_text(odd, false).empty());
    EXPECT_FALSE(ledger_html(odd).empty());

    // Bytes overwritten anywhere: an error or a report, nothing else.
    const auto size = fs::file_size(path());
    Random random(11);
    for (int i = 0; i < 60; ++i) {
        fs::copy_file(path(), at("bytes"), fs::copy_options::overwrite_existing);
        std::FILE* file = std::fopen(at("bytes").c_str(), "r+b");
        ASSERT_NE(file, nullptr);
        for (int n = 0; n < 40; ++n) {
            std::fseek(file, static_cast<long>(random.below(static_cast<std::int64_t>(size))), SEEK_SET);
            std::fputc(static_cast<int>(random.below(256)), file);
        }
        std::fclose(file);
        Result<LedgerReader> reader = LedgerReader::open(at("bytes"));
        if (!reader) continue;
        const Result<LedgerReport> read = reader->report(LedgerRuns::all());
        if (!read) {
            EXPECT_EQ(read.error().code, ExitCode::data) << read.error().message;
        }
    }
}

TEST_F(LedgerNumbers, sums_that_do_not_fit_say_so)
{
    auto ledger = open();
    for (std::uint64_t i = 0; i < 8; ++i) {
        ledger::FillRow row = fill_row(2 * i);
        row.fee = row.notional = amount("170141183460469231731");
        ledger->record(row);
        ledger::PackageRow package = package_row(i, "flat");
        package.waterfall.quoted = package.waterfall.realised = amount("-170141183460469231731");
        ledger->record(package);
        ledger::BalanceRow balance = balance_row("alpha", "USDT" + std::to_string(i), "end");
        balance.start = balance.theirs = amount("170141183460469231731");
        balance.fills = amount("-170141183460469231731");
        ledger->record(balance);
    }
    ASSERT_TRUE(ledger->flush());
    const LedgerReport now = report();
    EXPECT_TRUE(now.saturated);
    EXPECT_FALSE(ledger_text(now, false).empty());
    EXPECT_FALSE(ledger_html(now).empty());
    EXPECT_FALSE(ledger_json(now).empty());
}

TEST_F(LedgerNumbers, lists_are_bounded_and_totals_are_not)
{
    auto ledger = open();
    for (std::uint64_t i = 0; i < 3'500; ++i) {
        ledger->record(package_row(i, "flagged"));
        if (i % 500 == 0) {
            ASSERT_TRUE(ledger->flush());
        }
    }
    ASSERT_TRUE(ledger->flush());
    const LedgerReport now = report();
    EXPECT_EQ(now.totals.flagged, 3'500U);
    ASSERT_EQ(now.flagged_packages.size(), ledger::kListedMax);
    EXPECT_EQ(now.flagged_packages.back().package, 3'499U);
}

}  // namespace
}  // namespace arb
