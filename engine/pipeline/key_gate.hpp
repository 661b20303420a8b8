#pragma once
// The gate that every key passes: before anything else is sent with a key its venue is asked what it may do,
// engine/keys/scope_policy judges, and every hour it is asked again. At the start no session begins before
// all keys are judged, and none begins when one is refused. A key that comes while the engine runs is judged,
// logs on beside the one of its role, takes over when its channels stand, and the old one drains and is
// dropped. Part of KeyWatch; deterministic; core thread.
//
//   asking -> accepted -> [coming ->] serving -> leaving -> gone
//          -> refused
#include <optional>
#include <string>
#include <vector>

#include "engine/keys/scope_policy.hpp"
#include "engine/pipeline/key_gate_limits.hpp"
#include "engine/pipeline/keyed_venue.hpp"

namespace arb {

enum class KeyStage : std::uint8_t { asking, accepted, coming, serving, leaving, gone, refused };
const char* name(KeyStage stage);

/// A key's standing, for people.
struct KeyNews {
    VenueId venue{};
    std::string_view label;
    KeyRole role = KeyRole::trade;
    KeyStage stage = KeyStage::asking;
    KeyFault fault = KeyFault::none;
    std::string_view text;  ///< of a refusal: what is wrong and what to do
    const std::vector<std::string>* warnings =
        nullptr;  ///< sentences about a key that is accepted; never null
    const std::vector<std::string>* attested =
        nullptr;  ///< what it was accepted on somebody's word for; never null
};

class KeyGateListener {
  public:
    /// A key changed its stage, or was asked again and found good (serving).
    virtual void on_key(const KeyNews& news, Timestamp now) = 0;

  protected:
    ~KeyGateListener() = default;
};

class KeyGate {
  public:
    struct Parts {
        std::vector<KeyedVenue*> venues;  ///< by venue; null: has no keys to guard
        std::vector<FactSink*> sinks;     ///< by venue
        Outbox* outbox = nullptr;
        KeyGateListener* listener = nullptr;
        KeyGateLimits limits;
    };
    explicit KeyGate(Parts parts) : parts_(std::move(parts)) {}

    bool guards(VenueId venue) const
    {
        return index(venue) < parts_.venues.size() && parts_.venues[index(venue)] != nullptr;
    }
    /// Before begin: one of the keys of the start. Later: one that takes over from that of its role. False:
    /// no guarded venue, or the label is held already. The credentials outlive the gate.
    bool add(VenueId venue, const KeyFacts& facts, const Credentials& credentials, Timestamp now);
    /// Asks about every key.
    void begin(Timestamp now);
    /// Every key has its first verdict.
    bool settled() const;
    /// A key of the start was refused.
    bool refused() const { return refused_; }
    /// Logs on with every accepted key of the start; once, after settled().
    void start_sessions(Timestamp now);
    /// The venue refused a key in passing: its serving keys are asked about now. A key that it still does not
    /// take stays, and is no verdict: whoever asks goes on asking.
    void ask_again(VenueId venue, Timestamp now);
    /// Logs on once more with the serving keys there.
    void restart_sessions(VenueId venue, Timestamp now);
    void on_report(VenueId venue, const KeyReport& report, Timestamp now);
    /// Questions that are due, take-overs, drained keys.
    void work(Timestamp now);
    /// Why the venue may not be used any more: a serving key was found bad. Empty: it may.
    const std::string& trouble(VenueId venue) const;

    /// Each key ever held, in the order they came.
    template <class See>
    void for_each(See&& see) const
    {
        for (const Key& key : keys_) see(news_of(key));
    }

  private:
    struct Key {
        VenueId venue{};
        KeyFacts facts;
        const Credentials* credentials = nullptr;
        KeySlot slot = kNoSlot;
        KeyStage stage = KeyStage::asking;
        bool of_start = false;
        bool waiting = false;  ///< for an answer
        bool again = false;    ///< the question is of ask_again
        unsigned asks = 0;
        Timestamp due;    ///< when to ask (again)
        Timestamp since;  ///< of the stage
        Timestamp doubted;
        std::optional<KeyBaseline> first;
        KeyVerdict verdict;
    };

    VenueKeys& keys_of(VenueId id) { return parts_.venues[index(id)]->keys(); }
    FactSink& sink(VenueId id) { return *parts_.sinks[index(id)]; }
    KeyNews news_of(const Key& key) const;
    void set_stage(Key& key, KeyStage stage, Timestamp now);
    void ask(Key& key, Timestamp now);
    void judge_first(Key& key, const KeyReport& report, Timestamp now);
    void judge_serving(Key& key, const KeyReport& report, Timestamp now);
    void refuse(Key& key, Timestamp now);
    void advance(Key& key, Timestamp now);
    void take_over(Key& key, Timestamp now);
    SessionScope scope_of(const Key& key) const;

    Parts parts_;
    std::vector<Key> keys_;
    std::vector<std::string> troubles_;  // by venue
    bool begun_ = false, refused_ = false;
};

}  // namespace arb
