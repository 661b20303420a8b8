// The state log: what was appended is there after any end of the process, damage is told, a second process is
// kept out, and so is a file that somebody else could have written.
#include "engine/live/state_file.hpp"

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "tests/live/state_file_support.hpp"

namespace arb {
namespace {

using test::kStateBytes;
using test::opened_state;

TEST(StateFile, lines_come_back_in_order)
{
    const test::TemporaryFolder folder;
    const std::string path = folder.at("state.log");
    std::vector<std::string> lines;
    {
        const auto file = opened_state(path);
        EXPECT_TRUE(file->lines().empty());
        for (int i = 0; i < 100; ++i) {
            lines.push_back("line " + std::to_string(i) + std::string(static_cast<std::size_t>(i), '.'));
            ASSERT_TRUE(file->append(lines.back()));
        }
        EXPECT_TRUE(file->sync());
    }
    const auto file = opened_state(path);
    EXPECT_EQ(file->lines(), lines);
    EXPECT_TRUE(file->notes().empty());
    struct stat about {};
    ASSERT_EQ(::stat(path.c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 07777, 0600U);
}

TEST(StateFile, a_killed_process_loses_nothing_that_it_appended)
{
    const test::TemporaryFolder folder;
    const std::string path = folder.at("state.log");
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        const auto file = opened_state(path);
        for (int i = 0; i < 50; ++i) (void)file->append("line " + std::to_string(i));
        ::kill(::getpid(), SIGKILL);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFSIGNALED(status));
    const auto file = opened_state(path);
    ASSERT_EQ(file->lines().size(), 50U);
    EXPECT_EQ(file->lines().back(), "line 49");
    EXPECT_TRUE(file->append("and on"));
}

long page_faults()
{
    rusage usage{};
    (void)::getrusage(RUSAGE_THREAD, &usage);
    return usage.ru_minflt;
}

bool can_open_pages()
{
#ifdef MADV_POPULATE_WRITE
    void* page = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    const bool can = ::madvise(page, 4096, MADV_POPULATE_WRITE) == 0;
    (void)::munmap(page, 4096);
    return can;
#else
    return false;
#endif
}

// A page that the disk was given is closed for writing: whoever syncs opens it again, so that the thread that
// sends orders does not wait for the kernel. Five pages are written a round; without that each would fault.
TEST(StateFile, records_after_a_sync_meet_no_page_faults)
{
    if (!can_open_pages()) GTEST_SKIP() << "this kernel cannot open pages ahead";
    const test::TemporaryFolder folder;
    const auto opened = StateFile::open(folder.at("state.log"), std::size_t{1} << 20);
    ASSERT_TRUE(opened) << opened.error().message;
    StateFile& file = *opened.value();
    const std::string line(350, 'x');
    long faults = 0;
    constexpr int kRounds = 10;
    for (int round = 0; round <= kRounds; ++round) {
        ASSERT_TRUE(file.sync());
        const long before = page_faults();
        for (int i = 0; i < 50; ++i) ASSERT_TRUE(file.append(line));
        if (round > 0) faults += page_faults() - before;  // the first round warms the code
    }
    // A sanitizer's own memory may fault now and then.
    EXPECT_LE(faults, kRounds / 2 + 1);
}

TEST(StateFile, a_second_one_is_kept_out)
{
    const test::TemporaryFolder folder;
    const std::string path = folder.at("state.log");
    const auto first = opened_state(path);
    const auto second = StateFile::open(path, kStateBytes);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ExitCode::usage);
    EXPECT_NE(second.error().message.find("another arbiter"), std::string::npos);
}

TEST(StateFile, replacing_is_whole)
{
    const test::TemporaryFolder folder;
    const std::string path = folder.at("state.log");
    {
        const auto file = opened_state(path);
        ASSERT_TRUE(file->append("old"));
        ASSERT_TRUE(file->replace({"new 1", "new 2"}).value());
        ASSERT_TRUE(file->append("new 3"));
        std::vector<std::string> now;
        file->for_each_line([&](std::string_view line) { now.emplace_back(line); });
        EXPECT_EQ(now, (std::vector<std::string>{"new 1", "new 2", "new 3"}));
        EXPECT_FALSE(file->replace({"newer"}).value()) << "not before the last one is on the disk";
        EXPECT_TRUE(file->sync());
        EXPECT_FALSE(std::filesystem::exists(path + ".next"));
    }
    EXPECT_EQ(opened_state(path)->lines(), (std::vector<std::string>{"new 1", "new 2", "new 3"}));
}

TEST(StateFile, a_hundred_segments_take_the_room_of_two)
{
    const test::TemporaryFolder folder;
    const std::string path = folder.at("state.log");
    const auto file = opened_state(path);
    for (int i = 0; i < 100; ++i) {
        while (file->used() < file->capacity() / 2) ASSERT_TRUE(file->append(std::string(1000, 'x')));
        ASSERT_TRUE(file->replace({"checkpoint " + std::to_string(i)}).value());
        std::uintmax_t bytes = 0;
        for (const auto& entry : std::filesystem::directory_iterator(folder.path()))
            bytes += entry.file_size();
        ASSERT_LE(bytes, 2 * kStateBytes);
        ASSERT_TRUE(file->sync());
    }
    EXPECT_LE(2 * StateFile::kBytesDefault, 8U << 20);
}

TEST(StateFile, full_is_told_and_keeps_what_is_there)
{
    const test::TemporaryFolder folder;
    const std::string path = folder.at("state.log");
    std::size_t kept = 0;
    {
        const auto file = opened_state(path);
        while (file->append(std::string(500, 'x'))) ++kept;
        EXPECT_FALSE(file->append(std::string(500, 'y')));
        EXPECT_FALSE(file->append(""));
        const auto replaced = file->replace(std::vector<std::string>(kept + 1, std::string(500, 'z')));
        EXPECT_FALSE(replaced) << "what does not fit is not begun";
    }
    EXPECT_GT(kept, 10U);
    EXPECT_EQ(opened_state(path)->lines().size(), kept);
}

// Whoever can write the file makes the next start trade.
TEST(StateFile, only_a_file_that_nobody_else_could_write_is_opened)
{
    struct Row {
        const char* what;
        void (*spoil)(const std::string& folder, const std::string& path);
        const char* said;
    };
    const Row rows[] = {
        {"group may read", [](const std::string&, const std::string& path) { ::chmod(path.c_str(), 0640); },
         "mode 0640"},
        {"all may write", [](const std::string&, const std::string& path) { ::chmod(path.c_str(), 0666); },
         "mode 0666"},
        {"directory open", [](const std::string& at, const std::string&) { ::chmod(at.c_str(), 0777); },
         "chmod 700"},
        {"directory readable", [](const std::string& at, const std::string&) { ::chmod(at.c_str(), 0755); },
         "chmod 700"},
        {"symbolic link",
         [](const std::string&, const std::string& path) {
             std::filesystem::rename(path, path + ".elsewhere");
             std::filesystem::create_symlink(path + ".elsewhere", path);
         },
         "is a link"},
        {"symbolic link in the next segment's place",
         [](const std::string&, const std::string& path) {
             std::filesystem::create_symlink(path, path + ".next");
         },
         "is a link"},
        {"hard link",
         [](const std::string&, const std::string& path) {
             std::filesystem::create_hard_link(path, path + ".twin");
         },
         "second name"},
        {"directory",
         [](const std::string&, const std::string& path) {
             std::filesystem::remove(path);
             std::filesystem::create_directory(path);
         },
         "no plain file"},
        {"pipe",
         [](const std::string&, const std::string& path) {
             std::filesystem::remove(path);
             ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
         },
         "no plain file"},
    };
    for (const Row& row : rows) {
        SCOPED_TRACE(row.what);
        const test::TemporaryFolder folder;
        const std::string path = folder.at("state.log");
        ASSERT_TRUE(opened_state(path)->append("exposure"));
        row.spoil(folder.path(), path);
        const auto file = StateFile::open(path, kStateBytes);
        ::chmod(folder.path().c_str(), 0700);
        ASSERT_FALSE(file);
        EXPECT_EQ(file.error().code, ExitCode::refused);
        EXPECT_NE(file.error().message.find(row.said), std::string::npos) << file.error().message;
    }
}

TEST(StateFile, another_users_file_or_directory_is_refused)
{
    if (::geteuid() != 0) GTEST_SKIP() << "only root can give files away";
    for (const bool directory : {false, true}) {
        const test::TemporaryFolder folder;
        const std::string path = folder.at("state.log");
        ASSERT_TRUE(opened_state(path)->append("exposure"));
        ASSERT_EQ(::chown((directory ? folder.path() : path).c_str(), 65534, 65534), 0);
        const auto file = StateFile::open(path, kStateBytes);
        ASSERT_FALSE(file);
        EXPECT_EQ(file.error().code, ExitCode::refused);
        EXPECT_NE(file.error().message.find("belongs to user 65534"), std::string::npos);
    }
}

TEST(StateFile, a_file_that_is_taken_away_while_it_is_in_use_is_noticed)
{
    using Spoil = void (*)(const std::string&);
    const Spoil rows[] = {
        [](const std::string& path) { std::filesystem::remove(path); },
        [](const std::string& path) { std::filesystem::rename(path, path + ".gone"); },
        [](const std::string& path) {
            std::filesystem::copy_file(path, path + ".copy");
            std::filesystem::rename(path + ".copy", path);
        },
        [](const std::string& path) { std::filesystem::create_hard_link(path, path + ".twin"); },
        [](const std::string& path) { std::filesystem::remove(path + ".lock"); },
        [](const std::string& path) {
            std::filesystem::remove_all(std::filesystem::path(path).parent_path());
        },
    };
    for (std::size_t i = 0; i < std::size(rows); ++i) {
        SCOPED_TRACE(i);
        const test::TemporaryFolder folder;
        const std::string path = folder.at("state.log");
        const auto file = opened_state(path);
        ASSERT_TRUE(file->append("package"));
        EXPECT_EQ(file->trouble(), "");
        ASSERT_TRUE(file->replace({"package"}).value());
        EXPECT_EQ(file->trouble(), "") << "a segment that has not taken its name yet";
        ASSERT_TRUE(file->sync());
        EXPECT_EQ(file->trouble(), "");
        rows[i](path);
        EXPECT_NE(file->trouble(), "");
        EXPECT_TRUE(file->append("end")) << "what closes is still taken";
    }
}

}  // namespace
}  // namespace arb
