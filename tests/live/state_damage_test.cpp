// What a disk can do to the state log: every byte cut or turned, pages lost, old records where new ones
// should be, and the death of the process at each step of beginning a new segment. Never a line that was not
// written, never one that was given up, and never an end in the middle without a word.
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/journal/crc32c.hpp"
#include "tests/live/state_file_support.hpp"

namespace arb {
namespace {

using test::kStateBytes;
using test::opened_state;
using test::put_bytes;

const std::vector<std::string> kLines = {"first line", "second line", "the third line of them"};
constexpr std::size_t kHead = 64;

std::size_t end_of(const std::vector<std::string>& lines, std::size_t count)
{
    std::size_t end = kHead;
    for (std::size_t i = 0; i < count; ++i) end += segment_record_size(lines[i].size());
    return end;
}

/// A log with those lines as bytes; `synced`: all of it is known to be on the disk.
std::string log_of(const std::string& path, const std::vector<std::string>& lines, bool synced)
{
    std::filesystem::remove(path);
    {
        const auto file = opened_state(path);
        for (const std::string& line : lines) EXPECT_TRUE(file->append(line));
        if (synced) {
            EXPECT_TRUE(file->sync());
        }
    }
    return test::bytes_of(path);
}

bool begins(const std::vector<std::string>& whole, const std::vector<std::string>& part)
{
    return part.size() <= whole.size() && std::equal(part.begin(), part.end(), whole.begin());
}

struct Opened {
    std::vector<std::string> lines;
    std::string note, error;
};

/// Opens these bytes; and once more after a line was appended: nothing that was given up may come back.
Opened open_bytes(const std::string& path, const std::string& bytes)
{
    put_bytes(path, bytes);
    Opened opened;
    {
        auto file = StateFile::open(path, kStateBytes);
        if (!file) {
            EXPECT_EQ(file.error().code, ExitCode::data);
            EXPECT_EQ(test::bytes_of(path), bytes) << "what is refused is left as it is";
            opened.error = file.error().message;
            return opened;
        }
        opened.lines = (*file)->lines();
        if (!(*file)->notes().empty()) opened.note = (*file)->notes().front();
        EXPECT_TRUE((*file)->append("appended"));
    }
    std::vector<std::string> expected = opened.lines;
    expected.emplace_back("appended");
    const auto again = opened_state(path);
    EXPECT_EQ(again->lines(), expected);
    EXPECT_TRUE(again->notes().empty());
    return opened;
}

/// What opening would say of them; `opened`: and it is opened indeed, which waits for the disk.
Opened read_bytes(const std::string& path, const std::string& bytes, bool opened)
{
    if (opened) return open_bytes(path, bytes);
    const SegmentReading reading = read_segment(bytes);
    Opened result;
    if (reading.state != SegmentState::whole && reading.state != SegmentState::torn) result.error = "damaged";
    if (result.error.empty()) result.lines = reading.lines;
    if (reading.dropped > 0) result.note = "dropped";
    return result;
}

TEST(StateDamage, cut_at_every_byte)
{
    const test::TemporaryFolder folder;
    const std::string path = folder.at("state.log");
    for (const bool synced : {false, true}) {
        const std::string whole = log_of(path, kLines, synced);
        const std::size_t end = end_of(kLines, kLines.size());
        for (std::size_t size = 0; size <= end + 9; ++size) {
            SCOPED_TRACE(std::to_string(size) + (synced ? " of a synced log" : ""));
            const Opened opened = read_bytes(path, whole.substr(0, size), size % 16 == 5);
            ASSERT_TRUE(begins(kLines, opened.lines));
            if (size < kHead || (synced && size < end)) {
                EXPECT_NE(opened.error, "") << "it had been whole";
                continue;
            }
            ASSERT_EQ(opened.error, "");
            if (size >= end) {
                EXPECT_EQ(opened.lines, kLines);
                EXPECT_EQ(opened.note, "");
            } else if (!synced && size > end_of(kLines, opened.lines.size()) + 8) {
                EXPECT_NE(opened.note.find("dropped"), std::string::npos);
            }
        }
    }
}

TEST(StateDamage, every_byte_turned)
{
    const test::TemporaryFolder folder;
    const std::string path = folder.at("state.log");
    for (const bool synced : {false, true}) {
        const std::string whole = log_of(path, kLines, synced);
        for (std::size_t at = 0; at < end_of(kLines, 3); ++at) {
            for (const char bits : {'\x10', '\x01', '\xff'}) {
                SCOPED_TRACE(std::to_string(at) + (synced ? " of a synced log" : ""));
                std::string bytes = whole;
                bytes[at] = static_cast<char>(bytes[at] ^ bits);
                const Opened opened = read_bytes(path, bytes, bits == '\x01' && at % 8 == 3);
                ASSERT_TRUE(begins(kLines, opened.lines));
                if (at < 56) {
                    EXPECT_NE(opened.error, "");
                } else if (at < kHead) {
                    EXPECT_EQ(opened.lines, kLines) << "how far it was synced: all of it is there";
                } else if (synced) {
                    EXPECT_NE(opened.error.find("damaged"), std::string::npos) << opened.error;
                } else {
                    EXPECT_LT(opened.lines.size(), kLines.size());
                    EXPECT_NE(opened.note.find("dropped"), std::string::npos) << "never in silence";
                }
            }
        }
    }
}

TEST(StateDamage, the_place_is_named_and_no_empty_directory_is_the_advice)
{
    const test::TemporaryFolder folder;
    const std::string path = folder.at("state.log");
    std::string bytes = log_of(path, kLines, true);
    bytes[end_of(kLines, 1) + 30] ^= 1;
    const Opened opened = open_bytes(path, bytes);
    EXPECT_NE(opened.error.find("segment 1 is damaged at byte " + std::to_string(end_of(kLines, 1)) +
                                " (after line 1)"),
              std::string::npos)
        << opened.error;
    EXPECT_EQ(opened.error.find("empty state directory"), std::string::npos);
    EXPECT_NE(opened.error.find("put back"), std::string::npos);
}

// A page of zeros, wherever it begins: what had been on the disk is damage; what had not is given up from
// there, with a word.
TEST(StateDamage, a_page_of_zeros_in_the_middle_is_found)
{
    constexpr std::size_t kPage = 512;
    const test::TemporaryFolder folder;
    const std::string path = folder.at("state.log");
    std::vector<std::string> lines;
    for (int i = 0; i < 60; ++i)
        lines.push_back("package\t" + std::to_string(1000 + i) + std::string(40 + i, 'x'));
    for (const bool synced : {false, true}) {
        const std::string whole = log_of(path, lines, synced);
        for (std::size_t at = kHead; at + kPage < end_of(lines, lines.size()); at += 8) {
            std::string bytes = whole;
            std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), kPage, '\0');
            const Opened opened = read_bytes(path, bytes, at % 512 == 0);
            EXPECT_EQ(opened.error.empty(), !synced) << at;
            EXPECT_TRUE(begins(lines, opened.lines));
            EXPECT_EQ(opened.note.empty(), synced) << at;
        }
    }
}

// A line that never reached the disk while later ones did: they are given up, and appending does not bring
// them back.
TEST(StateDamage, lines_after_a_lost_one_never_come_back)
{
    const test::TemporaryFolder folder;
    const std::string path = folder.at("state.log");
    std::vector<std::string> lines;
    for (int i = 0; i < 100; ++i) lines.push_back(std::to_string(100'000 + i) + std::string(60, 'A'));
    std::string bytes = log_of(path, lines, false);
    std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(end_of(lines, 30)),
                segment_record_size(lines[30].size()), '\0');
    const Opened opened = open_bytes(path, bytes);
    EXPECT_EQ(opened.lines.size(), 30U);
    EXPECT_NE(opened.note.find("dropped"), std::string::npos);
}

TEST(StateDamage, a_torn_last_line_is_dropped_and_said)
{
    const test::TemporaryFolder folder;
    const std::string path = folder.at("state.log");
    std::string bytes = log_of(path, kLines, false);
    std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(end_of(kLines, 2) + 30), 16, '\0');
    const Opened opened = open_bytes(path, bytes);
    EXPECT_EQ(opened.error, "");
    EXPECT_EQ(opened.lines.size(), 2U);
    EXPECT_NE(opened.note.find("dropped"), std::string::npos);
}

// Blocks of a disk hold what an older file left there: records of another segment, whole in themselves and
// with the very sequence number that comes next.
TEST(StateDamage, records_of_another_segment_are_none)
{
    const test::TemporaryFolder folder;
    const std::string path = folder.at("state.log");
    const std::string older = log_of(path, {"first line", "second line", "the stale third line"}, false);
    for (const std::size_t kept : {1U, 2U}) {
        std::string bytes =
            log_of(path, {kLines.begin(), kLines.begin() + static_cast<std::ptrdiff_t>(kept)}, false);
        const std::size_t end = end_of(kLines, kept);
        bytes.replace(end, bytes.size() - end, older, end, std::string::npos);
        const Opened opened = open_bytes(path, bytes);
        EXPECT_EQ(opened.lines.size(), kept);
        EXPECT_NE(opened.note.find("dropped"), std::string::npos);
    }
    // Nor does a record of this one count in another place.
    std::string bytes = log_of(path, {"same size", "also size"}, false);
    const std::size_t size = segment_record_size(9);
    bytes.replace(kHead + size, size, bytes, kHead, size);
    EXPECT_EQ(open_bytes(path, bytes).lines.size(), 1U);
}

// The process or the power dies while a new segment is begun: the old lines or the new ones.
TEST(StateDamage, at_each_step_of_a_new_segment_the_old_lines_are_there_or_the_new)
{
    const test::TemporaryFolder folder;
    const std::string path = folder.at("state.log");
    const std::vector<std::string> fresh = {"checkpoint 1", "checkpoint 2"};
    std::filesystem::remove(path);
    std::string old_bytes, new_bytes;
    {
        const auto file = opened_state(path);
        for (const std::string& line : kLines) ASSERT_TRUE(file->append(line));
        ASSERT_TRUE(file->sync());
        old_bytes = test::bytes_of(path);
        ASSERT_TRUE(file->replace(fresh).value());
        new_bytes = test::bytes_of(path + ".next");
        EXPECT_EQ(test::bytes_of(path), old_bytes) << "it is there until the new one is on the disk";
    }
    const auto judge = [&](const std::string& next, bool whole) {
        put_bytes(path, old_bytes);
        put_bytes(path + ".next", next);
        const auto file = opened_state(path);
        EXPECT_EQ(file->lines(), whole ? fresh : kLines);
        EXPECT_FALSE(std::filesystem::exists(path + ".next"));
    };
    const std::size_t end = end_of(fresh, fresh.size());
    // Its pages reach the disk in any order: cut, or with any eight bytes of it not there.
    for (std::size_t size = 0; size <= end; ++size) judge(new_bytes.substr(0, size), size >= end);
    for (std::size_t at = 0; at < end; at += 8) {
        SCOPED_TRACE(at);
        std::string bytes = new_bytes;
        std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), 8, '\0');
        const bool synced_word = at == 56;
        judge(bytes, synced_word || bytes == new_bytes);
    }
    // Lines that followed before it had its name count as well.
    {
        put_bytes(path, old_bytes);
        std::filesystem::remove(path + ".next");
        const auto file = opened_state(path);
        ASSERT_TRUE(file->replace(fresh).value());
        ASSERT_TRUE(file->append("after"));
    }
    EXPECT_EQ(opened_state(path)->lines(),
              (std::vector<std::string>{"checkpoint 1", "checkpoint 2", "after"}));
}

/// A file as version 1 of the log wrote it.
std::string first_version(const std::vector<std::string>& lines)
{
    std::string bytes("ARBSTAT\n\1\0\0\0\0\0\0\0", 16);
    for (const std::string& line : lines) {
        const auto length = static_cast<std::uint32_t>(line.size());
        const std::uint32_t sum = crc32c(line.data(), line.size());
        bytes.append(reinterpret_cast<const char*>(&length), 4)
            .append(reinterpret_cast<const char*>(&sum), 4);
        bytes += line;
        bytes.append((8 - bytes.size() % 8) % 8, '\0');
    }
    bytes.resize(4 * kStateBytes);
    return bytes;
}

TEST(StateDamage, a_log_of_the_version_before_is_taken_over_whole_or_refused)
{
    const test::TemporaryFolder folder;
    const std::string path = folder.at("state.log");
    const std::string whole = first_version(kLines);
    const Opened opened = open_bytes(path, whole);
    EXPECT_EQ(opened.lines, kLines);
    EXPECT_NE(opened.note.find("version 1"), std::string::npos);
    std::string bytes = whole;
    bytes[30] ^= 1;
    EXPECT_NE(open_bytes(path, bytes).error.find("damaged at byte 16"), std::string::npos);
    // Lines behind the end: which of them once counted cannot be known.
    bytes = whole;
    std::fill_n(bytes.begin() + 40, 24, '\0');
    EXPECT_NE(open_bytes(path, bytes).error.find("damaged"), std::string::npos);
    const std::vector<std::string> many(100, std::string(400, 'x'));
    EXPECT_NE(open_bytes(path, first_version(many)).error.find("too long"), std::string::npos);
    EXPECT_FALSE(std::filesystem::exists(path + ".next"));
}

TEST(StateDamage, other_files_are_refused)
{
    const test::TemporaryFolder folder;
    const std::string path = folder.at("state.log");
    std::string later = log_of(path, kLines, true);
    later[8] = 3;
    EXPECT_NE(open_bytes(path, later).error.find("is of version 3"), std::string::npos);
    EXPECT_NE(open_bytes(path, "").error.find("empty"), std::string::npos);
    EXPECT_NE(open_bytes(path, std::string(kStateBytes, 'x')).error.find("does not begin"),
              std::string::npos);
}

}  // namespace
}  // namespace arb
