// arbiter logs: the log of a run, which is kept in its state directory whatever a terminal showed of it.
#include <chrono>
#include <fstream>
#include <memory>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <sys/stat.h>
#include <CLI/CLI.hpp>

#include "engine/app/commands.hpp"
#include "engine/app/run/log_file.hpp"
#include "engine/app/shell/signals.hpp"
#include "engine/report/utf8.hpp"

namespace arb {
namespace {

struct LogsOptions {
    std::string directory = "arbiter-state";
    std::size_t lines = 40;
    bool follow = false;
};

constexpr auto kLookEvery = std::chrono::milliseconds(200);

void print_lines(const std::vector<std::string>& lines, std::size_t most)
{
    for (std::size_t i = lines.size() - std::min(lines.size(), most); i < lines.size(); ++i)
        fmt::print("{}\n", plain_text(lines[i]));
    std::fflush(stdout);
}

/// The file that is written now, read on from where it was left, also over its beginning anew.
class Follower {
  public:
    explicit Follower(std::string path) : path_(std::move(path)) {}
    std::vector<std::string> news()
    {
        struct stat found {};
        if (stat(path_.c_str(), &found) != 0) return {};
        if (found.st_ino != inode_ || static_cast<std::uint64_t>(found.st_size) < read_) read_ = 0;
        inode_ = found.st_ino;
        std::ifstream file(path_);
        file.seekg(static_cast<std::streamoff>(read_));
        std::vector<std::string> lines;
        // A line that is still being written is read when it is whole.
        for (std::string line; std::getline(file, line) && !file.eof(); read_ += line.size() + 1)
            lines.push_back(line);
        return lines;
    }

  private:
    std::string path_;
    ino_t inode_ = 0;
    std::uint64_t read_ = 0;
};

ExitCode show_logs(const LogsOptions& options)
{
    const std::string path = LogFile::path(options.directory);
    if (!std::ifstream(path)) {
        throw StartError(
            ExitCode::usage,
            fmt::format("{}: no log is there; `arbiter run` writes one into its state directory", path));
    }
    std::vector<std::string> lines;
    Follower follower(path);
    std::vector<std::string> latest = follower.news();
    // What was written before the file was begun anew.
    for (unsigned age = LogFile::kKept; age > 0 && latest.size() < options.lines; --age) {
        std::ifstream older(LogFile::path(options.directory, age));
        for (std::string line; std::getline(older, line);) lines.push_back(line);
    }
    lines.insert(lines.end(), latest.begin(), latest.end());
    print_lines(lines, options.lines);
    const Signals signals;
    while (options.follow && signals.count() == 0) {
        std::this_thread::sleep_for(kLookEvery);
        const std::vector<std::string> more = follower.news();
        print_lines(more, more.size());
    }
    return ExitCode::ok;
}

}  // namespace

Command add_logs(CLI::App& app)
{
    auto options = std::make_shared<LogsOptions>();
    CLI::App* const command = app.add_subcommand("logs", "The log of a run, also of one that is over");
    command->add_option("directory", options->directory, "State directory of the run")->capture_default_str();
    command->add_option("--lines", options->lines, "How many of the last lines")->capture_default_str();
    command->add_flag("-f,--follow", options->follow, "Go on with what is written, until interrupted");
    return {command, [options] { return show_logs(*options); }};
}

}  // namespace arb
