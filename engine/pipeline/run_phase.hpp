#pragma once
// How far a live run is, and why nothing new may be risked anywhere: an operator's pause, a state log that is
// nearly full or cannot be written, a program that just stood still. Opens and closes the gate. Core thread.
#include "engine/pipeline/state_records.hpp"

namespace arb {

class RunPhase {
  public:
    RunPhase(const LiveContext& context, const StateRecords& records);

    Phase phase() const { return phase_; }
    void set(Phase phase, Timestamp now);
    /// The operator's pause, or its end.
    void pause(bool paused);
    /// What room the state log has is kept for closing.
    void set_log_low(bool low);
    /// The gate as it should stand now.
    void judge();
    /// Called once a turn. What was queued while the loop stood still is stamped as it is read: books look
    /// fresh that are not, and gaps between them look old enough to be believed.
    void notice_stall(Timestamp now);
    /// Why nothing new is risked anywhere; empty: it is.
    const char* paused_why() const;

  private:
    LiveContext context_;
    const StateRecords* records_;
    Phase phase_ = Phase::connecting;
    bool operator_pause_ = false, log_low_ = false;
    Timestamp turned_;         ///< the last turn of the loop
    Timestamp stalled_until_;  ///< it stood still: nothing new is risked until then
};

}  // namespace arb
