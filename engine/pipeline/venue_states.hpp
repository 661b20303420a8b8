#pragma once
// The venues that live trading talks to, each as it stands: which channels are open, how far its clock is
// off, whether it told us to wait, what is known of our orders, fills and money there, and why no new risk is
// taken there. Calls a venue with the sink of its own, for a connector may answer in the call itself. Core
// thread.
#include <array>
#include <memory>
#include <string_view>
#include <vector>

#include "engine/pipeline/state_records.hpp"
#include "engine/pipeline/venue_clock.hpp"
#include "engine/venue/venue.hpp"

namespace arb {

struct VenueState {
    bool trading = false;  ///< has credentials
    std::vector<ListingId> listings;
    std::array<bool, static_cast<std::size_t>(Channel::count_)> ready{};
    VenueClock clock;
    Timestamp clock_asked;
    Timestamp shut_until;        ///< banned or told to slow down
    bool key_trouble = false;    ///< it refused a key: left alone but for a question about the key
    const char* halted = "";     ///< why nothing new is risked here until the next start; empty: it may be
    const char* why = "";        ///< why nothing new is risked here now
    bool cancel_wanted = false;  ///< everything there shall be cancelled, and the venue has not said it is
    Timestamp cancel_asked;      ///< when that was last asked for
    // Our account there.
    bool orders_known = false, fills_known = false, balances_known = false;
    bool balances_asked = false;
    bool recovered = false;  ///< orders, fills and money are known and judged
    Timestamp ready_since;   ///< when it was recovered for the first time in this run
    bool adopted = false;    ///< our record of the money there has begun, in this run or before
    Timestamp watermark;     ///< every fill of ours up to then is known, as told in the log
    Timestamp fills_since;   ///< without one: when the oldest package that was open there was decided

    bool is_open(Channel channel) const { return ready[static_cast<std::size_t>(channel)]; }
    bool all_open() const;
    bool may_ask(Timestamp now) const { return !key_trouble && now >= shut_until; }
};

/// A venue's standing, for people.
struct VenueView {
    bool trading = false;  ///< has credentials
    bool order_entry = false, private_stream = false, recovered = false, stopped = false;
    Duration clock_offset;
    bool clock_known = false;
    std::string_view why;  ///< why new risk is refused there; empty: it is not
};

class VenueStates {
  public:
    /// By venue each. `sinks`: whose facts are that venue's. `fees_known`: by listing, before any venue was
    /// asked; empty: all are.
    struct Parts {
        std::vector<std::unique_ptr<Venue>>* venues = nullptr;
        const std::vector<bool>* has_credentials = nullptr;
        std::vector<FactSink*> sinks;
        Outbox* outbox = nullptr;
        std::vector<bool> fees_known;
    };
    /// Fills of before this long ago are not asked for where nothing says that they are ours.
    static constexpr Duration kFillsBack = seconds(60);

    VenueStates(const LiveContext& context, const Parts& parts, StateRecords& records);

    std::size_t count() const { return states_.size(); }
    VenueState& of(VenueId venue) { return states_[index(venue)]; }
    const VenueState& of(VenueId venue) const { return states_[index(venue)]; }
    /// Each venue that has credentials: visit(VenueId, VenueState&).
    template <class Visit>
    void for_each_trading(Visit&& visit)
    {
        for (std::size_t v = 0; v < states_.size(); ++v) {
            if (states_[v].trading) visit(static_cast<VenueId>(v), states_[v]);
        }
    }
    Venue& venue(VenueId id) { return *(*parts_.venues)[index(id)]; }
    FactSink& sink(VenueId id) { return *parts_.sinks[index(id)]; }
    const std::vector<FactSink*>& sinks() const { return parts_.sinks; }
    Outbox& outbox() { return *parts_.outbox; }

    // Facts.
    void on_channel(VenueId id, Channel channel, bool ready, Timestamp now);
    void on_clock_sample(VenueId id, Timestamp venue_time, Timestamp sent, Timestamp received, Timestamp now);
    void on_fee_report(const FeeReport& report);
    /// Whether the answer was whole, and whether the venue told us to wait.
    void on_request_end(VenueId id, const RequestEnd& end, Timestamp now);

    bool fees_known(VenueId id) const;
    /// The lists of instruments were read again: what this account pays may have changed with them.
    void ask_fees(Timestamp now);
    void ask_clocks(Timestamp now);
    /// From when on fills there may be ours.
    Timestamp fills_since(VenueId id, Timestamp now) const;
    /// Asks the venue to cancel all, and again (send_cancels) until it says that it did.
    void cancel_all(VenueId id, Timestamp now);
    void send_cancels(Timestamp now);
    /// The kill ladder of one venue: no new risk, everything there cancelled, until the next start.
    void halt(VenueId id, const char* why, Timestamp now);
    /// Why this venue may get no new risk now; empty: it may.
    const char* why_not(VenueId id, Timestamp now) const;
    /// Tells the gate where new risk may be taken. `tell`: and the operator, of what changed.
    void judge(bool tell, Timestamp now);
    VenueView view(VenueId id) const;

  private:
    LiveContext context_;
    Parts parts_;
    StateRecords* records_;
    std::vector<VenueState> states_;
};

}  // namespace arb
