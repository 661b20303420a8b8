#pragma once
// Orders and fills on our accounts that this engine did not make. Of another run of this program: one that
// may live refuses a start before anything is sent; of one that the owner says is over, the orders are
// cancelled and the fills are nobody's. Of anybody else: flagged, and once trading began the venue is halted.
// Core thread.
#include <string>
#include <vector>

#include "engine/pipeline/foreign_runs.hpp"
#include "engine/pipeline/market_flags.hpp"
#include "engine/pipeline/run_phase.hpp"
#include "engine/pipeline/venue_states.hpp"

namespace arb {

class StrangerWatch {
  public:
    StrangerWatch(const LiveContext& context, VenueStates& venues, MarketFlags& flags,
                  const StateRecords& records, RunPhase& phase)
        : context_(context), venues_(&venues), flags_(&flags), records_(&records), phase_(&phase)
    {
    }

    void on_stranger(const Stranger& stranger, Timestamp now);
    /// Halts each venue where a stranger was just met.
    void halt(Timestamp now);
    /// True: others trade on these accounts. Nothing is begun, and the run is over.
    bool refuse_start(Timestamp now);
    /// Why nothing was begun. Empty: the start went on.
    const std::vector<std::string>& start_refusals() const { return start_refusals_; }
    void cancel_taken_orders(Timestamp now);
    /// What runs elsewhere did, as far as it was seen.
    ForeignRuns& runs() { return runs_; }
    const ForeignRuns& runs() const { return runs_; }
    /// This run begins nothing: whoever else trades, what is ours is ended.
    void set_cleans_up() { cleans_up_ = true; }
    bool cleans_up() const { return cleans_up_; }

  private:
    /// True: it is of another run, and that is all that is to be said of it now.
    bool meet_run(const Stranger& stranger, VenueId id, Timestamp now);

    LiveContext context_;
    VenueStates* venues_;
    MarketFlags* flags_;
    const StateRecords* records_;
    RunPhase* phase_;
    ForeignRuns runs_;
    std::vector<VenueId> met_;  ///< where somebody else's order or fill was just seen
    std::vector<std::string> start_refusals_;
    std::vector<Timestamp> cancelled_one_;  ///< by venue: when an order of a taken run was last cancelled
    bool cleans_up_ = false;
};

}  // namespace arb
