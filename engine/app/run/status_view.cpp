#include "engine/app/run/status_view.hpp"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "engine/app/run/status_text.hpp"
#include "engine/report/display.hpp"
#include "engine/report/utf8.hpp"

namespace arb {
namespace {

constexpr Duration kEvery = milliseconds(500);

struct ScreenSize {
    std::size_t columns = 100, rows = 40;
};

ScreenSize screen_size()
{
    winsize size{};
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) return {};
    return {size.ws_col, size.ws_row};
}

/// No longer than the screen is wide; colours take no room.
std::string cut(std::string_view line, std::size_t columns)
{
    std::string out;
    std::size_t shown = 0;
    for (std::size_t at = 0; at < line.size();) {
        if (line[at] == '\x1b') {
            const std::size_t end = std::min(line.find('m', at), line.size() - 1);
            out += line.substr(at, end + 1 - at);
            at = end + 1;
            continue;
        }
        const std::size_t begin = at;
        (void)next_code_point(line, at);
        if (shown++ < columns) out += line.substr(begin, at - begin);
    }
    return out;
}

std::vector<std::string> lines_of(std::string_view text)
{
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        lines.emplace_back(text.substr(at, end - at));
        at = end + 1;
    }
    return lines;
}

}  // namespace

StatusView::StatusView(bool quiet) : quiet_(quiet), terminal_(isatty(STDERR_FILENO) == 1) {}

void StatusView::line(std::string_view text)
{
    if (quiet_) return;
    const std::string time = format_utc(LiveClock().now()).substr(11, 12);
    if (!terminal_ || drawn_ == 0) {
        fmt::print(stderr, "{} {}{}", time, text, text.ends_with('\n') ? "" : "\n");
        return;
    }
    for (const std::string& line : lines_of(text)) last_.push_back(time + " " + plain_text(line));
    while (last_.size() > kLinesKept) last_.pop_front();
}

void StatusView::show(const RunSession& session)
{
    if (quiet_ || !terminal_ || session.now() - shown_ < kEvery) return;
    shown_ = session.now();
    const ScreenSize screen = screen_size();
    const bool colour = std::getenv("NO_COLOR") == nullptr;
    std::vector<std::string> lines = lines_of(status_text(session.status_json(), colour).value_or(""));
    // The log's lines stay on the screen, whatever has to go for them.
    const std::size_t below = last_.size() + 1;
    const std::size_t room = screen.rows > below + 1 ? screen.rows - below - 1 : 1;
    if (lines.size() > room) lines.resize(room);
    lines.emplace_back();
    lines.insert(lines.end(), last_.begin(), last_.end());
    // Back to the first line of the view; each line is cleared before it is written, and what was below.
    std::string out;
    if (drawn_ > 0) out = fmt::format("\x1b[{}A", drawn_);
    for (const std::string& line : lines) out += "\r\x1b[K" + cut(line, screen.columns) + "\n";
    out += "\x1b[J";
    drawn_ = lines.size();
    fmt::print(stderr, "{}", out);
}

void StatusView::end()
{
    drawn_ = 0;
}

}  // namespace arb
