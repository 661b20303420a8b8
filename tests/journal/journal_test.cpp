// What is written comes back: every kind of record, the header, large records, many blocks, random ones.
#include <random>

#include "engine/journal/format.hpp"
#include "tests/journal/support.hpp"

namespace arb {
namespace {

using test::Contents;
using test::Folder;
using test::read_journal;

ListingDefinition listing(std::string symbol)
{
    ListingDefinition d;
    d.market = "spot";
    d.symbol = std::move(symbol);
    d.base = "BTC";
    d.quote = "USDT";
    d.tick = Decimal(1, 2);
    d.lot = Decimal(1, 5);
    d.fee_taker = Decimal(1, 3);
    return d;
}

JournalHeader sample_header()
{
    JournalHeader header;
    header.build = "arbiter 1 \\ \n\r end";
    header.source = "import test a b";
    header.config_hash = 0x0123456789abcdefULL;
    header.config_text = "[engine]\nname = \"x\"\n\nconfig 3\n";
    header.venues = {{{"fake", "spot"}, {listing("BTCUSDT"), listing("BTC\nUSDT")}}, {{"other", ""}, {}}};
    return header;
}

constexpr VenueId kFirst{0}, kSecond{1};

TEST(Journal, every_kind_comes_back_as_written)
{
    const Folder folder;
    const std::string path = folder.at("a.arb");
    const std::vector<RecordedLevel> bids{{100, 5}, {99, -1}}, asks{{101, 7}};
    Result<JournalWriter> writer = JournalWriter::create(path, sample_header());
    ASSERT_TRUE(writer);
    writer->open(kFirst, ConnectionId{7}, {10}, "wss://fake/stream");
    writer->frame(kFirst, ConnectionId{65535}, {11}, "{\"a\":1}");
    writer->frame(kSecond, ConnectionId{0}, {-5}, "");
    writer->http(kFirst, {12}, "https://fake/depth?x=1", 429, "slow down");
    writer->wake(kSecond, {13});
    writer->book(kFirst, 1, {14}, true, bids, asks);
    writer->book(kFirst, 0, {14}, false, {}, asks);
    writer->book(kFirst, 0, {14}, true, {}, {});
    writer->book(kFirst, 0, {14}, false, bids, {}, Timestamp{9});
    writer->book(kFirst, 0, {14}, false, {}, {}, Timestamp{-9});
    writer->close(kFirst, ConnectionId{7}, {15}, "bye");
    writer->output({16}, "package 1 refused");
    const Result<Written> written = writer->finish();
    ASSERT_TRUE(written) << written.error().message;
    EXPECT_EQ(written->records, 12U);
    EXPECT_EQ(written->bytes, std::filesystem::file_size(path));
    EXPECT_FALSE(std::filesystem::exists(path + ".part"));

    const Contents contents = read_journal(path);
    EXPECT_EQ(contents.trouble, "");
    const std::vector<std::string> expected{"3 v0 c7 t10 s0 l0 url=wss://fake/stream text=",
                                            "1 v0 c65535 t11 s0 l0 url= text={\"a\":1}",
                                            "1 v1 c0 t-5 s0 l0 url= text=",
                                            "2 v0 c0 t12 s429 l0 url=https://fake/depth?x=1 text=slow down",
                                            "5 v1 c0 t13 s0 l0 url= text=",
                                            "6 v0 c0 t14 s0 l1 snapshot url= text= b100x5 b99x-1 a101x7",
                                            "6 v0 c0 t14 s0 l0 url= text= a101x7",
                                            "6 v0 c0 t14 s0 l0 snapshot url= text=",
                                            "6 v0 c0 t14 s0 l0 url= text= venue=9 b100x5 b99x-1",
                                            "6 v0 c0 t14 s0 l0 url= text= venue=-9",
                                            "4 v0 c7 t15 s0 l0 url= text=bye",
                                            "7 v0 c0 t16 s0 l0 url= text=package 1 refused"};
    EXPECT_EQ(contents.records, expected);
    const JournalHeader wanted = sample_header();
    EXPECT_EQ(contents.header.build, wanted.build);
    EXPECT_EQ(contents.header.source, wanted.source);
    EXPECT_EQ(contents.header.config_hash, wanted.config_hash);
    EXPECT_EQ(contents.header.config_text, wanted.config_text);
    ASSERT_EQ(contents.header.venues.size(), 2U);
    EXPECT_EQ(contents.header.venues[0].key, wanted.venues[0].key);
    EXPECT_EQ(contents.header.venues[0].definitions, wanted.venues[0].definitions);
    EXPECT_TRUE(contents.header.venues[1].definitions.empty());
}

TEST(Journal, empty_journal_is_whole)
{
    const Folder folder;
    Result<JournalWriter> writer = JournalWriter::create(folder.at("a.arb"), {});
    ASSERT_TRUE(writer);
    ASSERT_TRUE(writer->finish());
    const Contents contents = read_journal(folder.at("a.arb"));
    EXPECT_TRUE(contents.opened);
    EXPECT_TRUE(contents.records.empty());
    EXPECT_EQ(contents.trouble, "");
}

TEST(Journal, records_larger_than_a_block)
{
    const Folder folder;
    std::string large(5'000'000, 'x');
    std::mt19937 random(3);
    for (char& c : large) c = static_cast<char>('a' + random() % 26);
    Result<JournalWriter> writer = JournalWriter::create(folder.at("a.arb"), sample_header());
    ASSERT_TRUE(writer);
    writer->frame(kFirst, {}, {1}, "small");
    writer->frame(kFirst, {}, {2}, large);
    writer->frame(kFirst, {}, {3}, "small again");
    ASSERT_TRUE(writer->finish());
    Result<JournalReader> reader = JournalReader::open(folder.at("a.arb"));
    ASSERT_TRUE(reader);
    const Record* record = reader->next();
    ASSERT_NE(record, nullptr);
    record = reader->next();
    ASSERT_NE(record, nullptr);
    EXPECT_TRUE(record->text.view() == large);
    // The bytes behind the text belong to the buffer: the sanitizer would object.
    unsigned sum = 0;
    for (std::size_t i = 0; i < kTextPadding; ++i)
        sum += static_cast<unsigned char>(record->text.data[large.size() + i]);
    EXPECT_GE(sum, 0U);
    record = reader->next();
    ASSERT_NE(record, nullptr);
    EXPECT_EQ(record->text.view(), "small again");
    EXPECT_EQ(reader->next(), nullptr);
    EXPECT_FALSE(reader->trouble());
    EXPECT_EQ(reader->bytes_read(), reader->bytes_total());
}

TEST(Journal, a_record_that_no_block_holds_is_refused)
{
    const Folder folder;
    Result<JournalWriter> writer = JournalWriter::create(folder.at("a.arb"), sample_header());
    ASSERT_TRUE(writer);
    writer->frame(kFirst, {}, {1}, "kept");
    writer->frame(kFirst, {}, {2}, std::string(format::kPayloadMax + 1, 'x'));
    const Result<Written> written = writer->finish();
    ASSERT_FALSE(written);
    EXPECT_NE(written.error().message.find("larger than a journal takes"), std::string::npos);
    EXPECT_FALSE(std::filesystem::exists(folder.at("a.arb")));
}

TEST(Journal, hostile_symbols_come_back_as_they_were)
{
    const Folder folder;
    JournalHeader header = sample_header();
    header.venues[0].definitions[0].symbol = "BTC\tUSDT\\t\n";
    {
        Result<JournalWriter> writer = JournalWriter::create(folder.at("a.arb"), header);
        ASSERT_TRUE(writer);
        ASSERT_TRUE(writer->finish());
    }
    const Result<JournalReader> reader = JournalReader::open(folder.at("a.arb"));
    ASSERT_TRUE(reader);
    EXPECT_EQ(reader->header().venues[0].definitions[0].symbol, "BTC\tUSDT\\t\n");
}

TEST(Journal, no_folder_and_full_disk_are_errors)
{
    const Folder folder;
    const Result<JournalWriter> none = JournalWriter::create(folder.at("missing/a.arb"), {});
    ASSERT_FALSE(none);
    EXPECT_NE(none.error().message.find("cannot create"), std::string::npos);
    if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "no /dev/full on this system";
    std::filesystem::create_symlink("/dev/full", folder.at("full.arb.part"));
    Result<JournalWriter> full = JournalWriter::create(folder.at("full.arb"), {});
    if (!full) return;  // small headers are buffered, so the error may come late
    full->output({1}, "x");
    const Result<Written> written = full->finish();
    ASSERT_FALSE(written);
    EXPECT_NE(written.error().message.find("cannot write"), std::string::npos);
}

/// A random record of any kind, through the writer; the same as text.
void write_random(std::mt19937_64& random, JournalWriter& writer)
{
    const auto below = [&random](std::uint64_t n) { return random() % n; };
    const auto text = [&](std::size_t size_max) {
        std::string out(below(size_max), '\0');
        for (char& c : out) c = static_cast<char>(below(4) == 0 ? random() : '0' + below(10));
        return out;
    };
    const VenueId venue{static_cast<std::uint8_t>(below(2))};
    const ConnectionId connection{static_cast<std::uint16_t>(random())};
    const Timestamp time{static_cast<std::int64_t>(random())};
    std::vector<RecordedLevel> levels(below(40));
    for (RecordedLevel& level : levels)
        level = {static_cast<std::int64_t>(random()), static_cast<std::int64_t>(random())};
    const std::span<const RecordedLevel> all(levels);
    const std::size_t split = below(levels.size() + 1);
    switch (below(7)) {
        case 0:
            return writer.frame(venue, connection, time, text(below(50) == 0 ? 400'000 : 900));
        case 1:
            return writer.http(venue, time, text(80), static_cast<int>(below(600)), text(5'000));
        case 2:
            return writer.open(venue, connection, time, text(60));
        case 3:
            return writer.close(venue, connection, time, text(60));
        case 4:
            return writer.wake(venue, time);
        case 5:
            return writer.book(VenueId{0}, static_cast<std::uint16_t>(below(2)), time, below(2) == 0,
                               all.first(split), all.subspan(split));
        default:
            return writer.output(time, text(300));
    }
}

TEST(Journal, random_records_survive_two_round_trips)
{
    for (const std::uint64_t seed : {1U, 2U, 3U}) {
        SCOPED_TRACE(testing::Message() << "seed " << seed);
        const Folder folder;
        std::mt19937_64 random(seed);
        Result<JournalWriter> writer = JournalWriter::create(folder.at("a.arb"), sample_header());
        ASSERT_TRUE(writer);
        for (int i = 0; i < 3'000; ++i) write_random(random, *writer);
        ASSERT_TRUE(writer->finish());
        // copy() gives the same bytes again.
        Result<JournalReader> reader = JournalReader::open(folder.at("a.arb"));
        ASSERT_TRUE(reader);
        Result<JournalWriter> second = JournalWriter::create(folder.at("b.arb"), reader->header());
        ASSERT_TRUE(second);
        std::uint64_t count = 0;
        while (const Record* record = reader->next()) {
            second->copy(*record);
            ++count;
        }
        EXPECT_EQ(count, 3'000U);
        EXPECT_FALSE(reader->trouble());
        ASSERT_TRUE(second->finish());
        EXPECT_TRUE(test::read_file(folder.at("a.arb")) == test::read_file(folder.at("b.arb")));
        // And the records themselves are those that were written.
        random.seed(seed);
        Result<JournalWriter> third = JournalWriter::create(folder.at("c.arb"), sample_header());
        ASSERT_TRUE(third);
        for (int i = 0; i < 3'000; ++i) write_random(random, *third);
        ASSERT_TRUE(third->finish());
        EXPECT_EQ(read_journal(folder.at("b.arb")).records, read_journal(folder.at("c.arb")).records);
    }
}

TEST(Journal, times_may_run_backwards)
{
    const Folder folder;
    Result<JournalWriter> writer = JournalWriter::create(folder.at("a.arb"), sample_header());
    ASSERT_TRUE(writer);
    writer->wake(kFirst, {100});
    writer->wake(kFirst, {50});
    ASSERT_TRUE(writer->finish());
    const Contents contents = read_journal(folder.at("a.arb"));
    EXPECT_EQ(contents.records.size(), 2U);
    EXPECT_EQ(contents.trouble, "");
}

}  // namespace
}  // namespace arb
