// The log that a run keeps beside what a terminal shows.
#include "engine/app/run/log_file.hpp"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "tests/support/temporary_folder.hpp"

namespace arb {
namespace {

namespace fs = std::filesystem;

std::string content(const std::string& path)
{
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

TEST(LogFile, keeps_each_line_with_its_time_for_its_owner_alone)
{
    const test::TemporaryFolder folder;
    const std::string& directory = folder.path();
    {
        LogFile log(directory);
        EXPECT_EQ(log.line("first\n", Timestamp{1'700'000'000'000'000'000}), "");
    }
    LogFile log(directory);
    EXPECT_EQ(log.line("second", Timestamp{1'700'000'001'000'000'000}), "");
    const std::string text = content(LogFile::path(directory));
    EXPECT_EQ(text.substr(0, 10), "2023-11-14");
    EXPECT_NE(text.find(" first\n2023-11-14"), std::string::npos) << text;
    EXPECT_TRUE(text.ends_with(" second\n")) << "a second run goes on in it";
    EXPECT_EQ(fs::status(LogFile::path(directory)).permissions(),
              fs::perms::owner_read | fs::perms::owner_write);
}

TEST(LogFile, is_begun_anew_when_it_is_large_and_a_few_before_it_are_kept)
{
    const test::TemporaryFolder folder;
    const std::string& directory = folder.path();
    LogFile log(directory);
    const std::string large(1U << 20, 'x');
    for (int i = 0; i < 60; ++i) EXPECT_EQ(log.line(large, Timestamp{1}), "");
    std::size_t files = 0;
    for (const auto& entry : fs::directory_iterator(directory)) {
        ++files;
        EXPECT_LT(entry.file_size(), LogFile::kBytesMost + 2 * large.size());
    }
    EXPECT_EQ(files, LogFile::kKept + 1);
}

TEST(LogFile, what_cannot_be_written_is_told_once)
{
    const test::TemporaryFolder folder;
    LogFile log(folder.path() + "/nowhere");
    const std::string trouble = log.line("first", Timestamp{1});
    EXPECT_NE(trouble.find("arbiter.log"), std::string::npos) << trouble;
    EXPECT_EQ(log.line("second", Timestamp{2}), "");
}

TEST(LogFile, a_link_is_not_followed)
{
    const test::TemporaryFolder folder;
    const std::string& directory = folder.path();
    std::ofstream(directory + "/victim") << "mine\n";
    fs::create_symlink(directory + "/victim", LogFile::path(directory));
    LogFile log(directory);
    EXPECT_NE(log.line("first", Timestamp{1}), "");
    EXPECT_EQ(content(directory + "/victim"), "mine\n");
}

}  // namespace
}  // namespace arb
