#include "engine/pipeline/run_phase.hpp"

#include <fmt/format.h>

namespace arb {
namespace {

// After the loop stood still: by then every book that lives has been told anew.
constexpr Duration kAfterStall = seconds(1);

}  // namespace

const char* name(Phase phase)
{
    constexpr const char* kNames[] = {"connecting", "recovering", "trading", "stopping", "stopped"};
    return kNames[static_cast<std::size_t>(phase)];
}

RunPhase::RunPhase(const LiveContext& context, const StateRecords& records)
    : context_(context), records_(&records)
{
    // The gate opens when recovery is done, and not before.
    context_.risk.set_paused(true);
}

void RunPhase::set(Phase phase, Timestamp now)
{
    if (phase_ == phase) return;
    phase_ = phase;
    context_.listener.on_phase(phase, now);
}

void RunPhase::pause(bool paused)
{
    operator_pause_ = paused;
    judge();
}

void RunPhase::set_log_low(bool low)
{
    log_low_ = low;
    judge();
}

void RunPhase::judge()
{
    if (phase_ == Phase::trading)
        context_.risk.set_paused(operator_pause_ || log_low_ || records_->failed() || stalled_until_.known());
}

void RunPhase::notice_stall(Timestamp now)
{
    if (turned_.known() && now - turned_ > context_.limits.stall) {
        context_.listener.on_note(
            fmt::format("this program stood still for {} ms: nothing new is risked for {} ms",
                        (now - turned_).ns / 1'000'000, kAfterStall.ns / 1'000'000),
            now);
        stalled_until_ = now + kAfterStall;
        judge();
    } else if (stalled_until_.known() && now >= stalled_until_) {
        stalled_until_ = {};
        judge();
    }
    turned_ = now;
}

const char* RunPhase::paused_why() const
{
    if (!context_.risk.paused()) return "";
    if (records_->failed()) return "the state log cannot be written";
    if (phase_ != Phase::trading) return name(phase_);
    if (stalled_until_.known()) return "this program stood still a moment ago";
    if (log_low_) return "the state log is nearly full: the rest is kept for closing";
    return "an operator's word";
}

}  // namespace arb
