// Hostile and unlucky files: whatever is wrong is found, named, and never costs a record before it. Under the
// sanitizers this is also the proof that no byte outside the buffers is touched.
#include <cstring>
#include <random>

#include "engine/journal/format.hpp"
#include "tests/journal/support.hpp"

namespace arb {
namespace {

using test::Contents;
using test::Folder;
using test::read_file;
using test::read_journal;

constexpr VenueId kVenue{0};

JournalHeader small_header()
{
    ListingDefinition d;
    d.symbol = "BTCUSDT";
    d.base = "BTC";
    d.quote = "USDT";
    d.tick = Decimal(1, 2);
    d.lot = Decimal(1, 5);
    JournalHeader header;
    header.source = "test";
    header.venues = {{{"fake", ""}, {d}}};
    return header;
}

/// A journal of three small blocks: records that together pass a block's target size, but pack well.
std::string small_journal(const Folder& folder)
{
    Result<JournalWriter> writer = JournalWriter::create(folder.at("whole.arb"), small_header());
    EXPECT_TRUE(writer);
    const std::vector<RecordedLevel> levels{{1, 2}, {3, 4}};
    for (int i = 0; i < 3; ++i) {
        writer->open(kVenue, ConnectionId{1}, {i * 10}, "wss://x");
        writer->frame(kVenue, ConnectionId{1}, {i * 10 + 1}, "{\"p\":\"1.25\"}");
        writer->book(kVenue, 0, {i * 10 + 2}, true, levels, levels);
        writer->frame(kVenue, ConnectionId{1}, {i * 10 + 3}, std::string(format::kBlockRawTarget - 200, 'z'));
    }
    EXPECT_TRUE(writer->finish());
    return read_file(folder.at("whole.arb"));
}

bool is_prefix(const std::vector<std::string>& part, const std::vector<std::string>& whole)
{
    return part.size() <= whole.size() && std::equal(part.begin(), part.end(), whole.begin());
}

TEST(JournalDamage, cut_at_every_byte)
{
    const Folder folder;
    const std::string whole = small_journal(folder);
    const Contents all = read_journal(folder.at("whole.arb"));
    ASSERT_EQ(all.records.size(), 12U);
    ASSERT_EQ(all.trouble, "");
    ASSERT_LT(whole.size(), 4'000U);
    std::size_t kept_before = 0;
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const std::string path = folder.write("cut.arb", whole.substr(0, size));
        const Contents cut = read_journal(path);
        ASSERT_NE(cut.trouble, "") << "cut at " << size;
        ASSERT_NE(cut.trouble.find(path), std::string::npos) << cut.trouble;
        ASSERT_TRUE(is_prefix(cut.records, all.records)) << "cut at " << size;
        ASSERT_GE(cut.records.size(), kept_before);
        kept_before = cut.records.size();
    }
    EXPECT_EQ(kept_before, 12U);
}

TEST(JournalDamage, flip_every_byte)
{
    const Folder folder;
    const std::string whole = small_journal(folder);
    const Contents all = read_journal(folder.at("whole.arb"));
    for (std::size_t at = 0; at < whole.size(); ++at) {
        std::string damaged = whole;
        damaged[at] = static_cast<char>(damaged[at] ^ (1 << (at % 8)));
        const Contents contents = read_journal(folder.write("flip.arb", damaged));
        ASSERT_NE(contents.trouble, "") << "byte " << at << " was changed and nobody noticed";
        ASSERT_TRUE(is_prefix(contents.records, all.records)) << "byte " << at;
    }
}

TEST(JournalDamage, bytes_behind_the_end_are_noticed)
{
    const Folder folder;
    const std::string whole = small_journal(folder);
    const Contents contents = read_journal(folder.write("long.arb", whole + "x"));
    EXPECT_EQ(contents.records.size(), 12U);
    EXPECT_NE(contents.trouble.find("something follows"), std::string::npos);
}

TEST(JournalDamage, a_lost_block_in_the_middle_is_noticed)
{
    const Folder folder;
    const std::string whole = small_journal(folder);
    const std::size_t first = whole.find("ARBB");
    const std::size_t second = whole.find("ARBB", first + 4);
    ASSERT_NE(second, std::string::npos);
    const Contents contents =
        read_journal(folder.write("gap.arb", whole.substr(0, first) + whole.substr(second)));
    EXPECT_TRUE(contents.records.empty());
    EXPECT_NE(contents.trouble.find("blocks are missing"), std::string::npos);
}

TEST(JournalDamage, trouble_says_where_and_what_to_do)
{
    const Folder folder;
    const std::string whole = small_journal(folder);
    const std::size_t second = whole.find("ARBB", whole.find("ARBB") + 4);
    std::string damaged = whole;
    damaged[second + sizeof(format::BlockHead) + 3] ^= 1;
    const Contents contents = read_journal(folder.write("a.arb", damaged));
    const std::string expected =
        folder.at("a.arb") + ": the block is damaged: wrong checksum (block 2, byte " +
        std::to_string(second) + " of " + std::to_string(whole.size()) + "). The " +
        std::to_string(contents.records.size()) +
        " records before it are good and were read. Go on with what was read, or make the "
        "recording again from its source.";
    EXPECT_EQ(contents.trouble, expected);
    EXPECT_GT(contents.records.size(), 0U);
}

TEST(JournalDamage, an_unfinished_part_reads_to_its_last_block)
{
    const Folder folder;
    {
        Result<JournalWriter> writer = JournalWriter::create(folder.at("a.arb"), small_header());
        ASSERT_TRUE(writer);
        for (int i = 0; i < 3; ++i) writer->frame(kVenue, {}, {i}, std::string(700'000, 'z'));
    }
    EXPECT_FALSE(std::filesystem::exists(folder.at("a.arb")));
    const Contents contents = read_journal(folder.at("a.arb.part"));
    EXPECT_EQ(contents.records.size(), 2U);
    EXPECT_NE(contents.trouble.find("ends without its index"), std::string::npos);
}

TEST(JournalDamage, what_is_no_journal_is_refused)
{
    const Folder folder;
    EXPECT_NE(read_journal(folder.at("none.arb")).trouble.find("cannot open"), std::string::npos);
    EXPECT_NE(read_journal(folder.write("empty.arb", "")).trouble.find("empty"), std::string::npos);
    EXPECT_NE(
        read_journal(folder.write("text.arb", "timestamp,b1,a1\n")).trouble.find("not an Arbiter journal"),
        std::string::npos);
    EXPECT_NE(read_journal(folder.at("")).trouble.find("not a file"), std::string::npos);
    std::mt19937 random(11);
    for (int i = 0; i < 200; ++i) {
        std::string noise(random() % 600, '\0');
        for (char& c : noise) c = static_cast<char>(random());
        EXPECT_FALSE(read_journal(folder.write("noise.arb", noise)).opened);
    }
}

/// A journal with any header and any blocks, every checksum right: only the content lies.
std::string forge(std::uint32_t version, const std::string& payload)
{
    format::FileHead head{};
    std::memcpy(head.magic, format::kFileMagic, sizeof(head.magic));
    head.version = version;
    head.payload_length = static_cast<std::uint32_t>(payload.size());
    head.payload_checksum = crc32c(payload.data(), payload.size());
    head.checksum = format::checksum_of(head);
    return std::string(reinterpret_cast<const char*>(&head), sizeof(head)) + payload;
}

std::string forge_block(const std::string& raw, std::uint32_t records, std::uint32_t raw_length)
{
    const std::string stored = test::zstd(raw);
    format::BlockHead head{};
    head.magic = format::kBlockMagic;
    head.raw_length = raw_length;
    head.stored_length = static_cast<std::uint32_t>(stored.size());
    head.records = records;
    head.number_first = 1;
    head.stored_checksum = crc32c(stored.data(), stored.size());
    head.checksum = format::checksum_of(head);
    return std::string(reinterpret_cast<const char*>(&head), sizeof(head)) + stored;
}

std::string record_bytes(format::RecordHead head, std::size_t payload)
{
    std::string out(reinterpret_cast<const char*>(&head), sizeof(head));
    out.resize(sizeof(head) + payload, '\1');
    return out;
}

TEST(JournalDamage, another_version_is_refused_by_name)
{
    const Folder folder;
    const std::string payload = *format::write_header(small_header());
    const std::string text = read_journal(folder.write("a.arb", forge(2, payload))).trouble;
    EXPECT_NE(text.find("version 2"), std::string::npos) << text;
    EXPECT_NE(text.find("newer"), std::string::npos) << text;
}

TEST(JournalDamage, headers_that_lie)
{
    const Folder folder;
    const std::string good = *format::write_header(small_header());
    EXPECT_TRUE(read_journal(folder.write("a.arb", forge(1, good))).opened);
    for (const std::string& payload :
         {std::string("build x\n"), std::string("config 99999999999999999999\n"),
          std::string("config 5\nabc"), std::string("config_hash zz\nconfig 0\n"),
          std::string("listing symbol=X\nconfig 0\n"), std::string("venue x\nconfig 0\n"),
          std::string("venue x\t\nlisting symbol\nconfig 0\n"), std::string("surprise 1\nconfig 0\n"),
          std::string()}) {
        EXPECT_FALSE(read_journal(folder.write("a.arb", forge(1, payload))).opened) << payload;
    }
    // A length that would fill the memory is judged before anything is allocated.
    std::string huge = forge(1, good);
    format::FileHead head{};
    std::memcpy(&head, huge.data(), sizeof(head));
    head.payload_length = 0xffffffff;
    head.checksum = format::checksum_of(head);
    std::memcpy(huge.data(), &head, sizeof(head));
    EXPECT_NE(read_journal(folder.write("a.arb", huge)).trouble.find("impossible length"), std::string::npos);
}

TEST(JournalDamage, blocks_that_lie)
{
    const Folder folder;
    const std::string start = forge(1, *format::write_header(small_header()));
    const std::string good = record_bytes({32, 1, 0, 0, 5, 8, 0}, 8);
    const auto trouble = [&](const std::string& block) {
        const Contents contents = read_journal(folder.write("a.arb", start + block));
        EXPECT_TRUE(contents.opened);
        EXPECT_LE(contents.records.size(), 1U);
        return contents.trouble;
    };
    const auto says = [](const std::string& text, std::string_view part) {
        return text.find(part) != std::string::npos ? testing::AssertionSuccess()
                                                    : testing::AssertionFailure() << text;
    };
    const auto one = [&](const format::RecordHead& head, std::size_t payload) {
        const std::string raw = record_bytes(head, payload);
        return trouble(forge_block(raw, 1, static_cast<std::uint32_t>(raw.size())));
    };
    EXPECT_TRUE(says(trouble(forge_block(good, 1, 32)), "without its index"));
    EXPECT_TRUE(says(trouble(forge_block(good, 1, 0xfffffff8)), "impossible lengths"));
    EXPECT_TRUE(says(trouble(forge_block(good, 0, 32)), "impossible lengths"));
    EXPECT_TRUE(says(trouble(forge_block(good, 2, 32)), "impossible lengths"));
    EXPECT_TRUE(says(trouble(forge_block(good, 1, 64U << 20)), "unpacks to another length"));
    EXPECT_TRUE(says(trouble(forge_block(good + good, 1, 64)), "more than its records"));
    EXPECT_TRUE(says(one({64, 1, 0, 0, 5, 8, 0}, 8), "longer than its block"));
    EXPECT_TRUE(says(one({0, 1, 0, 0, 5, 8, 0}, 8), "longer than its block"));
    EXPECT_TRUE(says(one({31, 1, 0, 0, 5, 7, 0}, 8), "longer than its block"));
    EXPECT_TRUE(says(one({32, 1, 0, 0, 5, 9, 0}, 8), "longer than the record"));
    EXPECT_TRUE(says(one({32, 1, 0, 0, 5, 0xffffffff, 0xffffffff}, 8), "longer than the record"));
    EXPECT_TRUE(says(one({32, 6, 0, 0, 5, 0xffffffff, 1}, 8), "longer than the record"));
    EXPECT_TRUE(says(one({32, 6, 0, 1, 5, 0, 0}, 8), "listing 1"));
    EXPECT_TRUE(says(one({32, 1, 1, 0, 5, 8, 0}, 8), "venue 1"));
    EXPECT_TRUE(says(one({32, 9, 0, 0, 5, 8, 0}, 8), "unknown kind"));
    EXPECT_TRUE(says(one({32, 0, 0, 0, 5, 8, 0}, 8), "unknown kind"));
    // Two records are said and the second head would reach past the end.
    const std::string split = record_bytes({40, 1, 0, 0, 5, 8, 0}, 16) + std::string(8, '\0');
    EXPECT_TRUE(says(trouble(forge_block(split, 2, 48)), "fewer records"));
}

TEST(JournalDamage, random_blocks_with_right_checksums_never_crash)
{
    const Folder folder;
    const std::string start = forge(1, *format::write_header(small_header()));
    std::mt19937 random(23);
    for (int i = 0; i < 500; ++i) {
        std::string raw;
        const auto records = static_cast<std::uint32_t>(1 + random() % 5);
        for (std::uint32_t r = 0; r < records; ++r) {
            const std::size_t payload = random() % 10 * 8;
            const format::RecordHead head{
                random() % 8 == 0 ? static_cast<std::uint32_t>(random())
                                  : static_cast<std::uint32_t>(24 + payload),
                static_cast<std::uint8_t>(random() % 9 | (random() % 2) << 7U),
                static_cast<std::uint8_t>(random() % 2 == 0 ? 0 : random()),
                static_cast<std::uint16_t>(random() % 2 == 0 ? 0 : random()),
                static_cast<std::int64_t>(random()),
                static_cast<std::uint32_t>(random() % 2 == 0 ? random() % 90 : random()),
                static_cast<std::uint32_t>(random() % 2 == 0 ? random() % 4 : random())};
            raw += record_bytes(head, payload);
        }
        const Contents contents = read_journal(
            folder.write("a.arb", start + forge_block(raw, records, static_cast<std::uint32_t>(raw.size()))));
        ASSERT_NE(contents.trouble, "");
    }
}

}  // namespace
}  // namespace arb
