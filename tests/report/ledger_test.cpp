// The writing side of the ledger: what is recorded is there, once, whatever is told again, lost or broken.
#include "engine/report/ledger.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "engine/report/ledger_queue.hpp"
#include "engine/report/ledger_schema.hpp"
#include "tests/report/ledger_samples.hpp"
#include "tests/support/allocation_counter.hpp"

namespace arb {
namespace {

using namespace ledger_samples;

class LedgerWriter : public LedgerTest {
  protected:
    /// One row of each kind.
    static void tell_all(Ledger& ledger)
    {
        ledger.record(run_row(7));
        for (std::uint64_t i = 0; i < 4; ++i) ledger.record(order_row(i, "sent"));
        ledger.record(package_row(1, "open"));
        for (std::uint64_t i = 0; i < 4; ++i) ledger.record(fill_row(i));
        for (std::uint64_t i = 0; i < 4; ++i) ledger.record(order_row(i, "filled"));
        ledger.record(package_row(1, "flat"));
        ledger.record(balance_row("alpha", "USDT", "start"));
        ledger.record(balance_row("alpha", "USDT", "end"));
        ledger.record(flag_row(false));
        ledger.record(flag_row(true));
        ledger.record(key_use_row(3));
        ledger.record(note_row("something to know"));
        ledger.record(run_row(7, true));
    }
};

unsigned mode_of(const std::string& path)
{
    struct stat status {};
    EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
    return status.st_mode & 0777U;
}

TEST(LedgerRowText, keeps_what_fits)
{
    const ledger::RowText<4> cut("abcdef");
    EXPECT_EQ(cut.view(), "abcd");
    EXPECT_TRUE(ledger::RowText<4>().empty());
    EXPECT_EQ(ledger::RowText<4>(std::string_view("a\0b", 3)).view().size(), 3U);
}

TEST(LedgerAmount, text_and_back)
{
    for (const char* text : {"0", "1", "-1", "0.000000000000000001", "-123456789012345678.000000000000000009",
                             "170141183460469231731.687303715884105727"}) {
        const auto parsed = ledger::parse_amount(text);
        ASSERT_TRUE(parsed) << text;
        EXPECT_EQ(parsed->text(), text);
    }
    for (const char* text :
         {"", "-", "1.", ".5", "+1", "1e5", " 1", "1 ", "0x1", "1.0000000000000000001", "nan",
          "170141183460469231731.687303715884105728", "99999999999999999999999999999999999999999"})
        EXPECT_FALSE(ledger::parse_amount(text)) << text;
}

TEST(LedgerQueue, first_in_first_out_and_refuses_when_full)
{
    ledger::RowQueue queue(4);
    ASSERT_EQ(queue.capacity(), 4U);
    for (std::uint64_t round = 0; round < 10; ++round) {
        for (std::uint64_t i = 0; i < 4; ++i) EXPECT_TRUE(queue.push(key_use_row(round * 10 + i)));
        EXPECT_FALSE(queue.push(key_use_row(99)));
        ASSERT_EQ(queue.waiting(), 4U);
        for (std::size_t i = 0; i < 4; ++i)
            EXPECT_EQ(std::get<ledger::KeyUseRow>(queue.peek(i)).count, round * 10 + i);
        queue.pop(4);
        EXPECT_EQ(queue.waiting(), 0U);
    }
}

TEST(LedgerQueue, does_not_allocate)
{
    ledger::RowQueue queue(1'024);
    const ledger::OrderRow order = order_row(1, "sent");
    const ledger::PackageRow package = package_row(1, "open");
    const std::uint64_t before = test::allocations.load();
    for (int i = 0; i < 1'000; ++i) {
        queue.push(order);
        queue.push(package);
    }
    EXPECT_EQ(test::allocations.load(), before);
}

TEST_F(LedgerWriter, round_trip)
{
    {
        auto ledger = open();
        tell_all(*ledger);
        EXPECT_TRUE(ledger->flush()) << ledger->error();
        EXPECT_TRUE(ledger->complete());
    }
    RawDatabase raw(path());
    EXPECT_EQ(raw.rows("SELECT epoch,ended>begun,mode,build,config_hash,exit_code,decision_hash FROM runs"),
              "7|1|emulated|arbiter test|c0ffee|0|0123456789abcdef|\n");
    EXPECT_EQ(
        raw.rows(
            "SELECT client_id,epoch,number,package,venue,instrument,side,tif,price,quantity,state,filled,"
            "purpose,venue_order_id FROM orders WHERE number=3"),
        "id3|7|3|2|beta|BTC/USDT|sell|ioc|60000.5|0.25|filled|0.25|leg|v3|\n");
    EXPECT_EQ(
        raw.rows("SELECT epoch,trade_id,side,notional,fee,fee_asset,maker,time-venue_time FROM fills WHERE "
                 "order_number=0"),
        "7|t0|buy|15000.125|0.000000000000000001|USDT|1|1000000|\n");
    EXPECT_EQ(
        raw.rows("SELECT epoch,package,outcome,quoted,depth,fees,latency,unwind,realised FROM packages"),
        "7|1|flat|10|-1|-2|-0.5|0|6.5|\n");
    EXPECT_EQ(raw.rows("SELECT kind,ours,theirs,start,fills,fees FROM balances ORDER BY time"),
              "start|1000|1000|1000|0|0|\nend|987.25|987.25|1000|-12.5|0.25|\n");
    EXPECT_EQ(raw.rows("SELECT venue,amount,reason,cleared FROM flags"),
              "alpha|0.001|below the minimum notional|1|\n");
    EXPECT_EQ(raw.rows("SELECT label,endpoint,outcome,count FROM key_uses"), "trade|/v1/order|ok|3|\n");
    EXPECT_EQ(raw.rows("SELECT level,text FROM notes"), "warn|something to know|\n");
    EXPECT_EQ(raw.rows("SELECT count(*) FROM gaps"), "0|\n");
    EXPECT_EQ(raw.rows("PRAGMA user_version"), std::to_string(ledger::kSchemaVersion) + "|\n");
}

TEST_F(LedgerWriter, reader_gives_rows_back)
{
    auto ledger = open();
    tell_all(*ledger);
    ASSERT_TRUE(ledger->flush());
    LedgerReader reader = LedgerReader::open(path()).take();
    std::vector<ledger::FillRow> fills;
    ASSERT_FALSE(reader.fills(LedgerRuns::last(), [&](const ledger::FillRow& row) { fills.push_back(row); }));
    ASSERT_EQ(fills.size(), 4U);
    const ledger::FillRow told = fill_row(3);
    EXPECT_EQ(fills[3].epoch, 7U);
    EXPECT_TRUE(fills[3].venue == told.venue && fills[3].trade_id == told.trade_id &&
                fills[3].side == told.side && fills[3].price == told.price &&
                fills[3].quantity == told.quantity && fills[3].fee_asset == told.fee_asset &&
                fills[3].purpose == told.purpose);
    EXPECT_EQ(fills[3].notional, told.notional);
    EXPECT_EQ(fills[3].fee, told.fee);
    EXPECT_EQ(fills[3].maker, told.maker);
    EXPECT_EQ(fills[3].time, told.time);
    EXPECT_EQ(fills[3].venue_time, told.venue_time);
    std::vector<ledger::PackageRow> packages;
    ASSERT_FALSE(reader.packages(LedgerRuns::one(7), [&](const auto& row) { packages.push_back(row); }));
    ASSERT_EQ(packages.size(), 1U);
    EXPECT_EQ(packages[0].waterfall.realised, amount("6.5"));
    EXPECT_EQ(packages[0].unhedged_ns, 1'000'000);
    EXPECT_EQ(packages[0].finished - packages[0].decided, milliseconds(40));
}

TEST_F(LedgerWriter, numbers_keep_all_64_bits)
{
    auto ledger = open();
    ledger::OrderRow row = order_row(1, "sent");
    row.order = UINT64_MAX;
    row.package = UINT64_MAX - 1;
    ledger->record(row);
    ASSERT_TRUE(ledger->flush());
    std::vector<ledger::OrderRow> rows;
    LedgerReader reader = LedgerReader::open(path()).take();
    ASSERT_FALSE(reader.orders(LedgerRuns::all(), [&](const auto& order) { rows.push_back(order); }));
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows[0].order, UINT64_MAX);
    EXPECT_EQ(rows[0].package, UINT64_MAX - 1);
}

TEST_F(LedgerWriter, rows_told_again_change_nothing)
{
    {
        auto ledger = open();
        tell_all(*ledger);
        ASSERT_TRUE(ledger->close());
    }
    const std::string before = RawDatabase(path()).everything();
    for (int i = 0; i < 2; ++i) {
        auto ledger = open();
        tell_all(*ledger);
        tell_all(*ledger);
        ASSERT_TRUE(ledger->close());
        EXPECT_EQ(RawDatabase(path()).everything(), before);
    }
}

TEST_F(LedgerWriter, what_is_finished_stays_finished)
{
    auto ledger = open();
    ledger->record(run_row(7));
    ledger->record(order_row(1, "filled"));
    ledger::OrderRow stale = order_row(1, "unknown");
    stale.venue_order_id = "";
    ledger->record(stale);
    ledger->record(order_row(2, "unknown"));
    ledger::OrderRow settled = order_row(2, "cancelled");
    settled.sent = {};
    settled.venue_order_id = "";
    ledger->record(settled);
    ledger->record(package_row(1, "flagged"));
    ledger->record(package_row(1, "open"));
    ASSERT_TRUE(ledger->flush());
    RawDatabase raw(path());
    EXPECT_EQ(raw.rows("SELECT number,state,venue_order_id,sent<>0 FROM orders ORDER BY number"),
              "1|filled|v1|1|\n2|cancelled|v2|1|\n");
    EXPECT_EQ(raw.rows("SELECT outcome FROM packages"), "flagged|\n");
}

TEST_F(LedgerWriter, the_next_run_tells_the_same_again_and_changes_nothing)
{
    auto ledger = open();
    ledger->record(run_row(7));
    ledger->record(fill_row(1));
    ledger->record(order_row(1, "filled"));
    ledger->record(flag_row(false));
    ledger->record(flag_row(true));
    ledger->record(run_row(8));
    ledger::FillRow fill = fill_row(1);
    fill.order = 77;  // numbers of orders begin anew with each run
    ledger->record(fill);
    ledger->record(order_row(1, "filled"));
    ledger->record(flag_row(false));
    ASSERT_TRUE(ledger->flush());
    RawDatabase raw(path());
    EXPECT_EQ(raw.rows("SELECT epoch,order_number FROM fills"), "7|1|\n");
    EXPECT_EQ(raw.rows("SELECT epoch,state FROM orders"), "7|filled|\n");
    EXPECT_EQ(raw.rows("SELECT epoch,cleared FROM flags"), "7|1|\n");
}

TEST_F(LedgerWriter, fills_are_told_apart_by_venue_instrument_trade_and_side)
{
    auto ledger = open();
    ledger::FillRow row = fill_row(0);
    ledger->record(row);
    ledger->record(row);
    row.instrument = "ETH/USDT";
    ledger->record(row);
    row.side = Side::sell;
    ledger->record(row);
    row.venue = "gamma";
    ledger->record(row);
    ASSERT_TRUE(ledger->flush());
    EXPECT_EQ(RawDatabase(path()).rows("SELECT count(*) FROM fills"), "4|\n");
}

TEST_F(LedgerWriter, rows_belong_to_the_run_told_last_unless_they_name_another)
{
    auto ledger = open();
    ledger->record(run_row(1));
    ledger->record(package_row(5, "open"));
    ledger->record(run_row(2));
    ledger->record(package_row(5, "open"));
    ledger::PackageRow recovered = package_row(5, "flagged");
    recovered.epoch = 1;
    ledger->record(recovered);
    ASSERT_TRUE(ledger->flush());
    EXPECT_EQ(RawDatabase(path()).rows("SELECT epoch,package,outcome FROM packages"),
              "1|5|flagged|\n2|5|open|\n");
}

TEST_F(LedgerWriter, orders_without_a_client_id_are_told_apart_by_number)
{
    auto ledger = open();
    ledger->record(run_row(1));
    for (std::uint64_t i = 0; i < 3; ++i) {
        ledger::OrderRow row = order_row(UINT64_MAX - 2 * i, "sent");
        row.client_id = "";
        ledger->record(row);
    }
    ASSERT_TRUE(ledger->flush());
    EXPECT_EQ(RawDatabase(path()).rows("SELECT count(*) FROM orders"), "3|\n");
}

TEST_F(LedgerWriter, a_query_of_an_endpoint_is_never_stored)
{
    auto ledger = open();
    ledger::KeyUseRow row = key_use_row(1);
    row.endpoint = "/v1/order?signature=testsecret";
    ledger->record(row);
    ASSERT_TRUE(ledger->flush());
    EXPECT_EQ(RawDatabase(path()).rows("SELECT endpoint FROM key_uses"), "/v1/order|\n");
}

TEST_F(LedgerWriter, hostile_text_is_only_text)
{
    auto ledger = open();
    ledger->record(note_row("'); DROP TABLE notes; --"));
    ledger::FillRow fill = fill_row(1);
    fill.trade_id = std::string_view("a\0b'\xff", 5);
    ledger->record(fill);
    ASSERT_TRUE(ledger->flush());
    std::vector<ledger::FillRow> rows;
    LedgerReader reader = LedgerReader::open(path()).take();
    ASSERT_FALSE(reader.fills(LedgerRuns::all(), [&](const auto& row) { rows.push_back(row); }));
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows[0].trade_id.view(), std::string_view("a\0b'\xff", 5));
    EXPECT_EQ(reader.report(LedgerRuns::all()).take().notes.at(0).text.view(), "'); DROP TABLE notes; --");
}

// ---- trouble

TEST_F(LedgerWriter, only_the_owner_may_read_it)
{
    {
        auto ledger = open();
        ledger->record(note_row("x"));
        ASSERT_TRUE(ledger->flush());
        EXPECT_EQ(mode_of(path()), 0600U);
        EXPECT_EQ(mode_of(path() + "-wal"), 0600U);
        EXPECT_EQ(mode_of(path() + "-shm"), 0600U);
    }
    ASSERT_EQ(::chmod(path().c_str(), 0644), 0);
    open();
    EXPECT_EQ(mode_of(path()), 0600U);
}

TEST_F(LedgerWriter, a_killed_process_leaves_a_readable_file)
{
    // A killed process leaves the file and its write-ahead file as they are: copies of both, taken while the
    // ledger is open and has rows that are not stored yet, are the same thing.
    LedgerOptions options;
    options.period = seconds(1);
    auto ledger = open(options);
    tell_all(*ledger);
    ASSERT_TRUE(ledger->flush());
    for (std::uint64_t i = 100; i < 200; ++i) ledger->record(fill_row(i));
    fs::copy_file(path(), at("copy"));
    fs::copy_file(path() + "-wal", at("copy-wal"));
    ledger->close();
    {
        LedgerReader reader = LedgerReader::open(at("copy")).take();
        const LedgerReport report = reader.report(LedgerRuns::last()).take();
        EXPECT_GE(report.totals.fills, 4U);
        EXPECT_EQ(report.totals.flat, 1U);
        EXPECT_EQ(report.runs.size(), 1U);
    }
    EXPECT_EQ(RawDatabase(at("copy")).rows("PRAGMA integrity_check"), "ok|\n");
    // The next start writes on.
    auto next = Ledger::open(at("copy")).take();
    next->record(run_row(8));
    EXPECT_TRUE(next->close());
    EXPECT_EQ(RawDatabase(at("copy")).rows("SELECT epoch FROM runs"), "7|\n8|\n");
}

TEST_F(LedgerWriter, a_torn_write_costs_the_last_transactions_only)
{
    LedgerOptions options;
    options.period = seconds(1);
    auto ledger = open(options);
    for (std::uint64_t i = 0; i < 20; ++i) {
        ledger->record(fill_row(i));
        ASSERT_TRUE(ledger->flush());
    }
    const auto size = fs::file_size(path() + "-wal");
    ASSERT_GT(size, 4'000U);
    for (const std::uintmax_t cut : {std::uintmax_t{1}, std::uintmax_t{1'000}, size / 3, size / 2}) {
        fs::copy_file(path(), at("copy"), fs::copy_options::overwrite_existing);
        fs::copy_file(path() + "-wal", at("copy-wal"), fs::copy_options::overwrite_existing);
        fs::resize_file(at("copy-wal"), size - cut);
        RawDatabase raw(at("copy"));
        EXPECT_EQ(raw.rows("PRAGMA integrity_check"), "ok|\n") << cut;
        const int kept = std::stoi(raw.rows("SELECT count(*) FROM fills"));
        EXPECT_GT(kept, 0) << cut;
        EXPECT_LT(kept, 20) << cut;
    }
}

TEST_F(LedgerWriter, other_files_are_refused)
{
    open();
    RawDatabase(path()).run("PRAGMA user_version=99");
    for (const auto& error : {Ledger::open(path()).error(), LedgerReader::open(path()).error()}) {
        EXPECT_EQ(error.code, ExitCode::data);
        EXPECT_NE(error.message.find("version 99"), std::string::npos) << error.message;
    }
    EXPECT_EQ(RawDatabase(path()).rows("PRAGMA user_version"), "99|\n");

    RawDatabase(at("other.sqlite")).run("CREATE TABLE mine(x)");
    EXPECT_EQ(Ledger::open(at("other.sqlite")).error().code, ExitCode::data);
    EXPECT_EQ(LedgerReader::open(at("other.sqlite")).error().code, ExitCode::data);
    EXPECT_EQ(RawDatabase(at("other.sqlite")).rows("SELECT name FROM sqlite_master"), "mine|\n");

    std::ofstream(at("text")) << std::string(5'000, 'x');
    EXPECT_EQ(Ledger::open(at("text")).error().code, ExitCode::data);
    EXPECT_EQ(LedgerReader::open(at("text")).error().code, ExitCode::data);

    fs::create_directory(at("folder"));
    EXPECT_EQ(Ledger::open(at("folder")).error().code, ExitCode::data);
    EXPECT_EQ(LedgerReader::open(at("folder")).error().code, ExitCode::data);
    EXPECT_EQ(Ledger::open(at("missing/ledger")).error().code, ExitCode::data);
    EXPECT_EQ(LedgerReader::open(at("missing/ledger")).error().code, ExitCode::data);

    fs::create_symlink(path(), at("link"));
    EXPECT_EQ(Ledger::open(at("link")).error().code, ExitCode::data);
}

TEST_F(LedgerWriter, a_full_ring_drops_counts_and_says_so)
{
    LedgerOptions options;
    options.queue_rows = 8;
    auto ledger = open(options);
    ledger->record(run_row(7));
    ASSERT_TRUE(ledger->flush());
    RawDatabase lock(path());
    lock.run("BEGIN IMMEDIATE");
    for (int i = 0; i < 20; ++i) ledger->record(note_row("note " + std::to_string(i)));
    EXPECT_EQ(ledger->dropped(), 12U);
    EXPECT_FALSE(ledger->complete());
    lock.run("COMMIT");
    EXPECT_TRUE(ledger->flush()) << ledger->error();
    const LedgerReport now = report();
    EXPECT_EQ(now.totals.notes, 8U);
    EXPECT_EQ(now.rows_lost, 12U);
    EXPECT_FALSE(now.complete());
    // Once is enough.
    ledger->record(note_row("after"));
    EXPECT_TRUE(ledger->flush());
    EXPECT_EQ(lock.rows("SELECT epoch,rows FROM gaps"), "7|12|\n");
    EXPECT_FALSE(ledger->complete());
}

TEST_F(LedgerWriter, a_lock_held_by_others_delays_but_loses_nothing)
{
    auto ledger = open();
    RawDatabase lock(path());
    lock.run("BEGIN IMMEDIATE");
    ledger->record(note_row("patience"));
    EXPECT_FALSE(ledger->flush());
    EXPECT_GT(ledger->write_errors(), 0U);
    EXPECT_NE(ledger->error().find("lock"), std::string::npos) << ledger->error();
    EXPECT_TRUE(ledger->complete());
    lock.run("COMMIT");
    EXPECT_TRUE(ledger->flush());
    EXPECT_EQ(report().totals.notes, 1U);
}

TEST_F(LedgerWriter, a_full_disk_is_counted_and_never_thrown)
{
    LedgerOptions options;
    options.pages_max = 48;
    options.queue_rows = 256;
    auto ledger = open(options);
    ledger->record(run_row(7));
    ASSERT_TRUE(ledger->flush()) << ledger->error();
    bool good = true;
    for (std::uint64_t i = 0; good && i < 10'000; ++i) {
        ledger->record(fill_row(i));
        if (i % 100 == 99) good = ledger->flush();
    }
    EXPECT_FALSE(good);
    EXPECT_GT(ledger->write_errors(), 0U);
    EXPECT_NE(ledger->error().find("full"), std::string::npos) << ledger->error();
    for (std::uint64_t i = 0; i < 1'000; ++i) ledger->record(fill_row(20'000 + i));
    EXPECT_FALSE(ledger->close());
    EXPECT_FALSE(ledger->complete());
    // What was stored before is still good.
    EXPECT_GT(report().totals.fills, 100U);
}

TEST_F(LedgerWriter, rows_after_close_are_counted_as_lost)
{
    auto ledger = open();
    EXPECT_TRUE(ledger->close());
    ledger->record(note_row("too late"));
    EXPECT_EQ(ledger->dropped(), 1U);
    EXPECT_FALSE(ledger->close());
}

TEST_F(LedgerWriter, every_row_is_stored_or_counted_under_load)
{
    LedgerOptions options;
    options.queue_rows = 64;
    options.batch_rows = 16;
    options.period = milliseconds(1);
    auto ledger = open(options);
    ledger->record(run_row(7));
    static constexpr std::uint64_t kRows = 20'000;
    std::thread reader([this] {
        // Reports are made all the while; each is of one moment.
        for (int i = 0; i < 5; ++i) {
            const LedgerReport now = report();
            EXPECT_LE(now.totals.fills, kRows);
        }
    });
    for (std::uint64_t i = 0; i < kRows; ++i) {
        ledger->record(fill_row(i));
        if (i % 4'096 == 0) ledger->flush();
    }
    reader.join();
    ASSERT_TRUE(ledger->flush()) << ledger->error();
    const LedgerReport end = report();
    EXPECT_EQ(end.totals.fills + ledger->dropped(), kRows);
    EXPECT_EQ(end.rows_lost, ledger->dropped());
    EXPECT_EQ(end.totals.fills > 0, true);
}

}  // namespace
}  // namespace arb
