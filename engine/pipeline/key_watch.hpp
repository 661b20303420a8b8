#pragma once
// Keys while a live run lasts: no session begins before the gate has judged every key, a venue that refuses
// a key is left alone but for a question about the key now and then, and one whose key may not be used any
// more is halted. Core thread.
#include <string>
#include <string_view>
#include <vector>

#include "engine/pipeline/key_source.hpp"
#include "engine/pipeline/run_phase.hpp"
#include "engine/pipeline/venue_states.hpp"

namespace arb {

class KeyWatch final : private KeyGateListener {
  public:
    /// `keyed`: by venue, whose keys are guarded; null: started as they are. `keys` may be null.
    KeyWatch(const LiveContext& context, VenueStates& venues, RunPhase& phase, const StateRecords& records,
             std::vector<KeyedVenue*> keyed, KeySource* keys);

    /// A `key` line.
    bool add(LineReader& line, Timestamp now);
    /// Asks about every key.
    void begin(Timestamp now) { gate_.begin(now); }
    bool sessions_begun() const { return sessions_begun_; }
    /// No session before every key is judged, and none at all when one is refused: the operator looks first.
    /// True: they begin now.
    bool begin_sessions(Timestamp now);
    void on_report(VenueId venue, const KeyReport& report, Timestamp now)
    {
        gate_.on_report(venue, report, now);
    }
    void on_request_end(VenueId id, const RequestEnd& end, Timestamp now);
    /// What the gate has to do: questions that are due, take-overs.
    void work(Timestamp now) { gate_.work(now); }
    void halt(Timestamp now);
    /// Asks venues that refused a key about it again.
    void ask(Timestamp now);
    /// An operator mended the key at the venue: it is asked about now instead of later. False: no trouble.
    bool ask_now(std::string_view label, Timestamp now);
    const KeyGate& gate() const { return gate_; }
    /// A key was refused, at the start or while it served.
    bool refused() const { return refused_; }

  private:
    struct Trouble {
        Timestamp due;                       ///< when the venue is asked about its keys again
        Duration pause;                      ///< and how long after that
        std::vector<std::string> good_keys;  ///< those that the venue took since
    };
    void on_key(const KeyNews& news, Timestamp now) override;
    void begin_trouble(VenueId id, const RequestEnd& end, Timestamp now);
    /// The venue takes this key ("" where keys are not guarded); with all of them the trouble is over.
    void on_good_key(VenueId id, std::string_view label, Timestamp now);
    void end_trouble(VenueId id, Timestamp now);

    LiveContext context_;
    VenueStates* venues_;
    RunPhase* phase_;
    const StateRecords* records_;
    KeySource* keys_;
    KeyGate gate_;
    std::vector<Trouble> troubles_;  // by venue
    bool sessions_begun_ = false, refused_ = false;
};

}  // namespace arb
