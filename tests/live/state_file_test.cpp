// The state log: what was appended is there after any end of the process, damage is told, a second process is
// kept out.
#include "engine/live/state_file.hpp"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "tests/journal/support.hpp"

namespace arb {
namespace {

constexpr std::size_t kSmall = 1U << 16;

std::unique_ptr<StateFile> opened(const std::string& path)
{
    return std::move(StateFile::open(path, kSmall)).take();
}

TEST(StateFile, lines_come_back_in_order)
{
    const test::Folder folder;
    const std::string path = folder.at("state.log");
    std::vector<std::string> lines;
    {
        const auto file = opened(path);
        EXPECT_TRUE(file->lines().empty());
        for (int i = 0; i < 100; ++i) {
            lines.push_back("line " + std::to_string(i) + std::string(static_cast<std::size_t>(i), '.'));
            ASSERT_TRUE(file->append(lines.back()));
        }
        EXPECT_TRUE(file->sync());
    }
    EXPECT_EQ(opened(path)->lines(), lines);
    struct stat about {};
    ASSERT_EQ(::stat(path.c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777, 0600U);
}

TEST(StateFile, a_killed_process_loses_nothing_that_it_appended)
{
    const test::Folder folder;
    const std::string path = folder.at("state.log");
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        const auto file = opened(path);
        for (int i = 0; i < 50; ++i) (void)file->append("line " + std::to_string(i));
        ::kill(::getpid(), SIGKILL);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFSIGNALED(status));
    const auto file = opened(path);
    ASSERT_EQ(file->lines().size(), 50U);
    EXPECT_EQ(file->lines().back(), "line 49");
    EXPECT_TRUE(file->append("and on"));
}

TEST(StateFile, a_second_one_is_kept_out)
{
    const test::Folder folder;
    const std::string path = folder.at("state.log");
    const auto first = opened(path);
    const auto second = StateFile::open(path, kSmall);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ExitCode::usage);
    EXPECT_NE(second.error().message.find("another arbiter"), std::string::npos);
}

TEST(StateFile, replacing_is_whole)
{
    const test::Folder folder;
    const std::string path = folder.at("state.log");
    {
        const auto file = opened(path);
        ASSERT_TRUE(file->append("old"));
        ASSERT_TRUE(file->replace({"new 1", "new 2"}));
        ASSERT_TRUE(file->append("new 3"));
        EXPECT_TRUE(file->sync());
    }
    EXPECT_EQ(opened(path)->lines(), (std::vector<std::string>{"new 1", "new 2", "new 3"}));
}

TEST(StateFile, full_is_told_and_keeps_what_is_there)
{
    const test::Folder folder;
    const std::string path = folder.at("state.log");
    std::size_t kept = 0;
    {
        const auto file = opened(path);
        while (file->append(std::string(500, 'x'))) ++kept;
        EXPECT_FALSE(file->append("y") && file->append(std::string(500, 'y')));
        EXPECT_FALSE(file->append(""));
    }
    EXPECT_GT(kept, 100U);
    EXPECT_GE(opened(path)->lines().size(), kept);
}

// Each damaged byte of a line is noticed, or it is the length's and ends the file there.
TEST(StateFile, damage_is_never_read_as_a_line)
{
    const test::Folder folder;
    const std::string path = folder.at("state.log");
    const std::vector<std::string> lines{"first line", "second line"};
    {
        const auto file = opened(path);
        for (const std::string& line : lines) ASSERT_TRUE(file->append(line));
    }
    for (std::size_t at = 0; at < 70; ++at) {
        SCOPED_TRACE(at);
        std::fstream bytes(path, std::ios::in | std::ios::out | std::ios::binary);
        bytes.seekg(static_cast<std::streamoff>(at));
        const auto was = static_cast<char>(bytes.get());
        const auto put = [&](char c) {
            bytes.seekp(static_cast<std::streamoff>(at));
            bytes.put(c);
            bytes.flush();
        };
        put(static_cast<char>(was ^ 0x10));
        {
            const auto file = StateFile::open(path, kSmall);
            if (file) {
                const auto& read = (*file)->lines();
                ASSERT_LE(read.size(), lines.size());
                for (std::size_t i = 0; i < read.size(); ++i) EXPECT_EQ(read[i], lines[i]);
            } else {
                EXPECT_EQ(file.error().code, ExitCode::data);
            }
        }
        put(was);
    }
    EXPECT_EQ(opened(path)->lines(), lines);
}

}  // namespace
}  // namespace arb
