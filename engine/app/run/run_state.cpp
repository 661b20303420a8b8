// A run's state log: read back at the start, begun anew, watched while the run lasts.
#include <algorithm>
#include <random>

#include <fmt/format.h>

#include "engine/app/run/run_session.hpp"
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

void RunSession::open_state()
{
    if (request_.record_only) return;
    state_ = StateFile::open(request_.directory + "/state.log", request_.state_bytes).take();
    for (const std::string& note : state_->notes()) request_.log(note);
    std::uint32_t last = 0;
    for (const std::string& line : state_->lines()) {
        LineReader reader(line, *table_);
        if (reader.word() == "epoch") last = static_cast<std::uint32_t>(reader.number());
    }
    // Seconds since 1970, and always more than the run before: an order id is never used again. Two engines
    // that start in one second must not take each other's orders for their own, so some chance is added.
    const auto now = static_cast<std::uint32_t>(LiveClock().now().ns / seconds(1).ns);
    std::random_device chance;
    epoch_ = std::max(now + chance() % kEpochsApart, last + 1);
}

void RunSession::restore()
{
    if (engine_->live() == nullptr) return;
    // The epoch first: it opens restoring. Lines of the run before follow, then the word to begin.
    const std::vector<std::string> lines = state_->lines();
    const LineWriter epoch = std::move(LineWriter("epoch").number(epoch_));
    (void)driver_->command(epoch.view());
    for (const std::string& line : lines) {
        // An earlier run's epoch is not this one's, but its orders were made here.
        const std::string told = line.starts_with("epoch\t") ? "ran" + line.substr(5) : line;
        if (!driver_->command(told)) {
            throw StartError(
                ExitCode::data,
                fmt::format("{}/state.log: cannot be applied to today's configuration: '{}'; start with the "
                            "configuration of that run",
                            request_.directory, plain_text(line)));
        }
    }
    if (!keep_line(epoch.view())) throw StartError(ExitCode::data, "state.log: no room");
    if (keys_ != nullptr) {
        for (const auto& key : keys_->keys()) {
            if (!driver_->command(KeyRing::line(*key, driver_->now()))) {
                throw StartError(ExitCode::internal, fmt::format("key '{}' of {} cannot be used",
                                                                 key->facts.label, key->facts.venue));
            }
        }
    }
    if (request_.cleans_up) (void)driver_->command("clean up");
    (void)driver_->command("begin");
    if (request_.closes_only.empty()) return;
    request_.log(
        fmt::format("an earlier run left something to settle: this one cancels and closes it, opens nothing, "
                    "and stays paused: {}; then start again",
                    request_.closes_only));
    (void)driver_->command("pause");
}

// The log is begun anew with what of it still means something: as soon as that is worth the while and nothing
// is open, and at any moment once half of it is used.
void RunSession::shorten_state()
{
    const LiveTrading* const live = engine_->live();
    if (state_ == nullptr || live == nullptr || live->phase() < Phase::recovering ||
        live->phase() == Phase::stopped)
        return;
    const std::size_t begun_with = state_->begun_with();
    const bool worth =
        state_->used() >= begun_with + std::max(state_->capacity() / kWorthShortening, begun_with);
    const bool urgent = state_->used() >= state_->capacity() / 2;
    if (!worth || (!urgent && !live->quiet()) || driver_->now() < shorten_again_) return;
    std::vector<std::string> lines;
    live->checkpoint([&](const LineVisit& visit) { state_->for_each_line(visit); },
                     [&](std::string_view line) { lines.emplace_back(line); });
    if (const Result<bool> replaced = state_->replace(lines); !replaced) {
        request_.log(fmt::format("the state log cannot be shortened: {}", replaced.error().message));
        shorten_again_ = driver_->now() + kShortenAgain;
    }
}

// What room is left is told, and the last of it is kept for closing.
void RunSession::watch_room()
{
    if (state_ == nullptr || engine_->live() == nullptr) return;
    const std::size_t percent = state_percent();
    if (percent >= kTellAt && !room_told_) {
        room_told_ = true;
        request_.log(fmt::format("the state log is {} % full; from {} % on no new package is begun", percent,
                                 kCloseAt));
    } else if (percent < kRoomAgain) {
        room_told_ = false;
    }
    const bool low = room_low_ ? percent >= kRoomAgain : percent >= kCloseAt;
    if (low == room_low_) return;
    room_low_ = low;
    request_.log(low ? "ALARM the state log is nearly full: no new packages, the rest is kept for closing"
                     : "the state log has room again");
    (void)driver_->command(low ? "log low" : "log room");
}

std::size_t RunSession::state_percent() const
{
    return state_ == nullptr ? 0 : state_->used() * 100 / state_->capacity();
}

// A log that the next start will not find is no log: what is open is closed while there is one to know of it.
void RunSession::watch_state()
{
    if (state_ == nullptr || !state_trouble_.empty()) return;
    state_trouble_ = state_->trouble();
    if (state_trouble_.empty()) return;
    request_.log(fmt::format("ALARM {}: stopping", state_trouble_));
    stopping_ = true;
    (void)driver_->command(engine_->live() != nullptr ? "log failed" : "stop");
}

}  // namespace arb
