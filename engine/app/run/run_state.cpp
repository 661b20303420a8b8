#include "engine/app/run/run_state.hpp"

#include <algorithm>
#include <csignal>
#include <random>

#include <fmt/format.h>
#include <unistd.h>

#include "engine/report/utf8.hpp"

namespace arb {
namespace {

// A new segment costs the disk its whole size: not for less than this part of it.
constexpr std::size_t kWorthShortening = 16;
constexpr Duration kShortenAgain = seconds(10);
constexpr std::uint32_t kEpochsApart = 1U << 16;
// Per cent of the segment.
constexpr std::size_t kTellAt = 70, kCloseAt = 85, kRoomAgain = 60;

}  // namespace

RunState::RunState(const RunRequest& request, const InstrumentTable& table)
    : request_(&request), file_(StateFile::open(request.directory + "/state.log", request.state_bytes).take())
{
    for (const std::string& note : file_->notes()) request.log(note);
    std::uint32_t last = 0;
    for (const std::string& line : file_->lines()) {
        LineReader reader(line, table);
        if (reader.word() == "epoch") last = static_cast<std::uint32_t>(reader.number());
    }
    // Seconds since 1970, and always more than the run before: an order id is never used again. Two engines
    // that start in one second must not take each other's orders for their own, so some chance is added.
    const auto now = static_cast<std::uint32_t>(LiveClock().now().ns / seconds(1).ns);
    std::random_device chance;
    epoch_ = std::max(now + chance() % kEpochsApart, last + 1);
}

bool RunState::append(std::string_view line)
{
    const bool kept = file_->append(line);
    if (++lines_ == request_->die_after_lines) ::kill(::getpid(), SIGKILL);
    return kept;
}

void RunState::restore(LiveDriver& driver)
{
    // The epoch first: it opens restoring. Lines of the run before follow.
    const std::vector<std::string> lines = file_->lines();
    const LineWriter epoch = std::move(LineWriter("epoch").number(epoch_));
    (void)driver.command(epoch.view());
    for (const std::string& line : lines) {
        // An earlier run's epoch is not this one's, but its orders were made here.
        const std::string told = line.starts_with("epoch\t") ? "ran" + line.substr(5) : line;
        if (!driver.command(told)) {
            throw StartError(
                ExitCode::data,
                fmt::format("{}/state.log: cannot be applied to today's configuration: '{}'; start with the "
                            "configuration of that run",
                            request_->directory, plain_text(line)));
        }
    }
    if (!append(epoch.view())) throw StartError(ExitCode::data, "state.log: no room");
}

// The log is begun anew with what of it still means something: as soon as that is worth the while and nothing
// is open, and at any moment once half of it is used.
void RunState::shorten(const LiveTrading& live, Timestamp now)
{
    if (live.phase() < Phase::recovering || live.phase() == Phase::stopped) return;
    const std::size_t begun_with = file_->begun_with();
    const bool worth =
        file_->used() >= begun_with + std::max(file_->capacity() / kWorthShortening, begun_with);
    const bool urgent = file_->used() >= file_->capacity() / 2;
    if (!worth || (!urgent && !live.quiet()) || now < shorten_again_) return;
    std::vector<std::string> lines;
    live.checkpoint([&](const LineVisit& visit) { file_->for_each_line(visit); },
                    [&](std::string_view line) { lines.emplace_back(line); });
    if (const Result<bool> replaced = file_->replace(lines); !replaced) {
        request_->log(fmt::format("the state log cannot be shortened: {}", replaced.error().message));
        shorten_again_ = now + kShortenAgain;
    }
}

// What room is left is told, and the last of it is kept for closing.
void RunState::watch(const LiveTrading& live, LiveDriver& driver)
{
    shorten(live, driver.now());
    const std::size_t percent = this->percent();
    if (percent >= kTellAt && !room_told_) {
        room_told_ = true;
        request_->log(fmt::format("the state log is {} % full; from {} % on no new package is begun", percent,
                                  kCloseAt));
    } else if (percent < kRoomAgain) {
        room_told_ = false;
    }
    const bool low = room_low_ ? percent >= kRoomAgain : percent >= kCloseAt;
    if (low == room_low_) return;
    room_low_ = low;
    request_->log(low ? "ALARM the state log is nearly full: no new packages, the rest is kept for closing"
                      : "the state log has room again");
    (void)driver.command(low ? "log low" : "log room");
}

// A log that the next start will not find is no log: what is open is closed while there is one to know of it.
bool RunState::lost()
{
    if (!trouble_.empty()) return false;
    trouble_ = file_->trouble();
    if (!trouble_.empty()) request_->log(fmt::format("ALARM {}: stopping", trouble_));
    return !trouble_.empty();
}

}  // namespace arb
