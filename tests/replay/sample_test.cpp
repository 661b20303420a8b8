// The shipped sample: it is what its seed gives, its books are whole, its backtest has a golden hash, and a
// recorded session replays or tells the first line that differs. Needs no captures.
#include "tests/replay/support.hpp"

#include <algorithm>

#include "engine/world/workload.hpp"

namespace arb {
namespace {

class Sample : public test::FolderTest {
  protected:
    const std::string recording_ = (test::source_folder() / "config/sample.arb").string();
    const std::string config_ = (test::source_folder() / "config/backtest.toml").string();
};

void expect_equal(const Record& a, const Record& b)
{
    ASSERT_EQ(a.kind, b.kind) << a.number;
    ASSERT_EQ(a.venue, b.venue) << a.number;
    ASSERT_EQ(a.connection, b.connection) << a.number;
    ASSERT_EQ(a.time, b.time) << a.number;
    ASSERT_EQ(a.text.view(), b.text.view()) << a.number;
    ASSERT_EQ(a.url, b.url) << a.number;
    ASSERT_EQ(a.status, b.status) << a.number;
}

TEST_F(Sample, is_what_its_seed_gives)
{
    WorkloadRequest request;
    request.seed = 6;
    request.seconds = 5;
    request.venues = {"binance", "bybit", "coinbase", "kraken", "okx"};
    request.output = at("again.arb");
    request.build = build_text();
    const Result<Written> written = generate_recording(request, plugins());
    ASSERT_TRUE(static_cast<bool>(written));
    JournalReader shipped = JournalReader::open(recording_).take();
    JournalReader again = JournalReader::open(request.output).take();
    EXPECT_EQ(shipped.header().source, again.header().source);
    const auto& venues = shipped.header().venues;
    ASSERT_EQ(venues.size(), again.header().venues.size());
    for (std::size_t v = 0; v < venues.size(); ++v) {
        EXPECT_EQ(venues[v].key, again.header().venues[v].key);
        EXPECT_EQ(venues[v].definitions, again.header().venues[v].definitions) << venues[v].key.label();
    }
    std::uint64_t records = 0;
    for (;; ++records) {
        const Record* a = shipped.next();
        const Record* b = again.next();
        ASSERT_EQ(a == nullptr, b == nullptr) << "after " << records;
        if (a == nullptr) break;
        ASSERT_NO_FATAL_FAILURE(expect_equal(*a, *b));
    }
    EXPECT_EQ(records, written->records);
    EXPECT_EQ(records, 1'684U);
    EXPECT_FALSE(shipped.trouble().has_value());
}

TEST_F(Sample, has_ten_whole_books)
{
    const AuditResult result = test::audit_of({recording_});
    EXPECT_EQ(result.records, 1'684U);
    EXPECT_EQ(result.undecoded, 0U);
    ASSERT_EQ(result.books.size(), 10U);
    for (const AuditBook& book : result.books) {
        EXPECT_TRUE(book.valid) << book.venue << " " << book.symbol;
        EXPECT_EQ(book.gaps, 0U) << book.venue;
        EXPECT_EQ(book.snapshots, 1U) << book.venue;
        EXPECT_EQ(book.crossed, 0U) << book.venue;
        EXPECT_EQ(book.checksums_bad, 0U) << book.venue;
        if (book.venue == "kraken") {
            EXPECT_EQ(book.checksums_ok, book.snapshots + book.deltas);
        }
    }
}

TEST_F(Sample, backtests_to_the_golden_hash_and_replays)
{
    BacktestRequest request = test::request_of(load_config(config_), {recording_});
    request.record_path = at("session.arb");
    const RunResult result = test::backtest_of(request);
    EXPECT_EQ(result.decision_hash, 0xb79738670c77eedaU);
    EXPECT_EQ(result.packages_total, 36U);
    EXPECT_EQ(result.waterfall.realised, test::money("123.1682885124"));
    test::expect_exact_sums(result);
    const ReplayOutcome replayed = test::replay_of(request.record_path);
    EXPECT_FALSE(replayed.differs) << replayed.expected << "\n" << replayed.got;
    EXPECT_TRUE(replayed.troubles.empty());
    EXPECT_GT(replayed.decisions, 0U);
    EXPECT_EQ(replayed.decision_hash, result.decision_hash);
}

// Copies a session; output number `altered` (from 0) gets another text.
std::string alter(const std::string& from, const std::string& to, std::uint64_t altered, std::string& before)
{
    JournalReader reader = JournalReader::open(from).take();
    JournalWriter writer = JournalWriter::create(to, reader.header()).take();
    std::uint64_t outputs = 0;
    std::string after;
    while (const Record* record = reader.next()) {
        if (record->kind == RecordKind::output && outputs++ == altered) {
            before = record->text.view();
            after = before;
            // One digit, so that nothing but the comparison of the whole line can find it.
            const auto digit =
                std::find_if(after.rbegin(), after.rend(), [](char c) { return c >= '0' && c <= '9'; });
            EXPECT_NE(digit, after.rend());
            *digit = *digit == '9' ? '8' : static_cast<char>(*digit + 1);
            writer.output(record->time, after);
        } else {
            writer.copy(*record);
        }
    }
    EXPECT_TRUE(static_cast<bool>(writer.finish()));
    return after;
}

TEST_F(Sample, an_altered_decision_fails_the_replay_with_both_texts)
{
    BacktestRequest request = test::request_of(load_config(config_), {recording_});
    request.record_path = at("session.arb");
    (void)test::backtest_of(request);
    for (const std::uint64_t altered : {0U, 100U}) {
        std::string before;
        const std::string path = at("altered" + std::to_string(altered) + ".arb");
        const std::string after = alter(request.record_path, path, altered, before);
        const ReplayOutcome replayed = test::replay_of(path);
        EXPECT_TRUE(replayed.differs);
        EXPECT_EQ(replayed.decisions, altered);
        EXPECT_EQ(replayed.expected, after);
        EXPECT_EQ(replayed.got, before);
    }
}

}  // namespace
}  // namespace arb
