// A run's state log: read back at the start, begun anew, watched while the run lasts.
#include <algorithm>

#include <fmt/format.h>

#include "engine/app/run_session.hpp"
#include "engine/report/utf8.hpp"

namespace arb {

void RunSession::open_state()
{
    if (request_.record_only) return;
    state_ = StateFile::open(request_.directory + "/state.log").take();
    for (const std::string& note : state_->notes()) request_.log(note);
    std::uint32_t last = 0;
    for (const std::string& line : state_->lines()) {
        LineReader reader(line, *table_);
        if (reader.word() == "epoch") last = static_cast<std::uint32_t>(reader.number());
    }
    // Seconds since 1970, and always more than the run before: an order id is never used again.
    const auto now = static_cast<std::uint32_t>(LiveClock().now().ns / seconds(1).ns);
    epoch_ = std::max(now, last + 1);
}

void RunSession::restore()
{
    if (engine_->live() == nullptr) return;
    // The epoch first: it opens restoring. Lines of the run before follow, then the word to begin.
    const std::vector<std::string> lines = state_->lines();
    const LineWriter epoch = std::move(LineWriter("epoch").number(epoch_));
    (void)driver_->command(epoch.view());
    for (const std::string& line : lines) {
        if (line.starts_with("epoch\t")) continue;
        if (!driver_->command(line)) {
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
    (void)driver_->command("begin");
}

// Once a run, when all of the last one is settled: the log of a long life stays short.
void RunSession::fold_state()
{
    if (folded_ || state_ == nullptr || engine_->live() == nullptr ||
        engine_->live()->phase() != Phase::trading)
        return;
    if (!engine_->live()->quiet()) return;
    std::vector<std::string> lines;
    engine_->live()->checkpoint([&](const TradingHalf::LineVisit& visit) { state_->for_each_line(visit); },
                                [&](std::string_view line) { lines.emplace_back(line); });
    const Result<bool> replaced = state_->replace(lines);
    if (!replaced) request_.log(replaced.error().message);
    folded_ = !replaced || replaced.value();
}

// A log that the next start will not find is no log: what is open is closed while there is one to know of it.
void RunSession::watch_state()
{
    if (state_ == nullptr || !state_trouble_.empty()) return;
    state_trouble_ = state_->trouble();
    if (state_trouble_.empty()) return;
    request_.log(fmt::format("{}: stopping", state_trouble_));
    (void)command("stop");
}

}  // namespace arb
