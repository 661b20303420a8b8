#pragma once
// A run's state log: read back at the start, begun anew while the run lasts, watched for room and for whether
// the next start will find it. Core thread; sync() is for the journal's.
#include "engine/app/run/run_request.hpp"
#include "engine/live/live_driver.hpp"
#include "engine/pipeline/engine.hpp"
#include "engine/pipeline/state_lines.hpp"

namespace arb {

class RunState final : public StateLog {
  public:
    /// Throws StartError.
    RunState(const RunRequest& request, const InstrumentTable& table);

    /// Of this run; more than that of every run before.
    std::uint32_t epoch() const { return epoch_; }
    bool append(std::string_view line) override;
    bool sync() { return file_->sync(); }
    /// The lines of the runs before go to the engine. Throws StartError.
    void restore(LiveDriver& driver);
    /// Once a turn: begins the log anew where that is worth the while, and tells what room is left.
    void watch(const LiveTrading& live, LiveDriver& driver);
    /// Looked at now and then: true once, when the log cannot be relied on any more.
    bool lost();
    /// Why it cannot; empty: it can.
    const std::string& trouble() const { return trouble_; }
    std::size_t percent() const { return file_->used() * 100 / file_->capacity(); }

  private:
    void shorten(const LiveTrading& live, Timestamp now);

    const RunRequest* request_;
    std::unique_ptr<StateFile> file_;
    std::uint32_t epoch_ = 0;
    std::uint64_t lines_ = 0;  ///< written by this run
    Timestamp shorten_again_;
    bool room_told_ = false, room_low_ = false;
    std::string trouble_;
};

}  // namespace arb
