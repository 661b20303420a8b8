#pragma once
// One venue of `arbiter rehearse`: reached, its instruments read, then a Rehearsal turned by the live driver
// over real sockets, with a journal that is masked in the end. What cannot be reached is a row, not an error.
// Main thread; turned in turn with the others of its command.
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/app/keys/key_questions.hpp"
#include "engine/live/instrument_fetch.hpp"
#include "engine/live/live_driver.hpp"
#include "engine/rehearsal/rehearsal.hpp"
#include "engine/report/rehearsal_report.hpp"

namespace arb {

/// What all venues of one command have in common; outlives them.
struct RehearsalCommon {
    const EngineConfig* config = nullptr;
    Plugins plugins;
    std::string build, directory;
    KeyQuestions questions;
    KeyUseLog* uses = nullptr;
    std::shared_ptr<RequestPools> pools;
    std::string no_keys;  ///< where the command opens none: why
    Duration watch = seconds(60), patience = seconds(5);
    bool orders = false, fill = false, unsafe_endpoint = false;
    std::uint32_t epoch = 1;
};

class RehearseVenue final : private LiveListener {
  public:
    RehearseVenue(const RehearsalCommon& common, const VenueConfig& venue, std::vector<const HeldKey*> keys,
                  net::Loop& loop);
    ~RehearseVenue() override;

    /// Blocks: is it there, over TLS, and what does it list. False: there is nothing to walk.
    bool reach();
    const std::vector<ListingDefinition>& listed() const { return listed_; }
    /// With these instruments (names) of its list; after reach().
    void begin(const std::vector<std::string>& wanted);
    void turn(Duration max_wait);
    bool over() const { return rehearsal_ == nullptr || rehearsal_->over(); }
    void stop();
    std::string doing() const { return rehearsal_ == nullptr ? "over" : rehearsal_->doing(); }
    /// Ends the journal, masks it, and tells. `cut`: it was not let come to its end.
    RehearsedVenue finish(bool cut);

  private:
    void judge_hosts();
    void judge_instruments(const std::vector<std::string>& wanted);
    RehearsalSetup setup_of(const std::vector<std::string>& wanted) const;
    RehearsalCheck websockets() const;
    void keep_recording(RehearsedVenue& told);
    // LiveListener
    void on_connection(VenueId venue, std::string_view address, bool open, std::string_view why) override;
    void on_key_use(VenueId venue, std::string_view label, std::string_view endpoint,
                    Timestamp time) override;

    const RehearsalCommon* common_;
    const VenueConfig* venue_;
    std::vector<const HeldKey*> keys_;
    net::Loop* loop_;
    FetchVenue place_;
    RehearsalChecks checks_;
    std::vector<ListingDefinition> listed_;
    std::size_t answers_ = 0;
    std::optional<Duration> offset_;
    bool reached_ = false;
    std::string unlisted_;  ///< why there is no list
    struct Dialled {
        std::size_t opened = 0;
        std::size_t refused = 0;  ///< before it stood for the first time
        std::string why;          ///< of the last refusal
    };
    std::map<std::string, Dialled> dialled_;  ///< by address
    std::unique_ptr<InstrumentTable> table_;
    std::string journal_path_;
    std::unique_ptr<JournalThread> journal_;
    std::unique_ptr<LiveDriver> driver_;
    std::unique_ptr<Rehearsal> rehearsal_;
};

}  // namespace arb
