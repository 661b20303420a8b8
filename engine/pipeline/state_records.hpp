#pragma once
// The lines that must survive a crash, on their way into the state log. Each is kept before what it tells of
// leaves; when one cannot be kept, nothing new is risked from there on. Knows the epoch that the ids of this
// run begin with. Core thread.
#include <cstdint>
#include <string_view>

#include "engine/base/path_stamps.hpp"
#include "engine/pipeline/live_context.hpp"
#include "engine/pipeline/state_lines.hpp"

namespace arb {

class StateRecords {
  public:
    /// `log` null: nothing is kept (replay).
    StateRecords(const LiveContext& context, StateLog* log)
        : risk_(&context.risk), log_(log), lines_(context.table, context.markets)
    {
    }

    void keep(const LineWriter& line)
    {
        if (log_ == nullptr) return;
        const bool kept = !line.overflow() && log_->append(line.view());
        stamp_path(PathStage::recorded);
        if (kept) return;
        // What cannot be kept must not happen: from here on only orders leave that close what is open.
        failed_ = true;
        risk_->set_paused(true);
    }
    /// Whoever keeps the log says that it cannot be written.
    void fail() { failed_ = true; }
    bool failed() const { return failed_; }

    const StateLines& lines() const { return lines_; }
    std::string_view label(VenueId venue) const { return lines_.label(venue); }
    std::uint32_t epoch() const { return epoch_; }
    void set_epoch(std::uint32_t epoch) { epoch_ = epoch; }

  private:
    RiskGate* risk_;
    StateLog* log_;
    StateLines lines_;
    std::uint32_t epoch_ = 0;
    bool failed_ = false;
};

}  // namespace arb
