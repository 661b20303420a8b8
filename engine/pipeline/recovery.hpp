#pragma once
// A venue begins with its own word: what is open there, what was filled, what it holds; only then is anything
// risked there. At the start for all venues together, later for one that came late, and now and then its
// money alone, in a quiet moment. Core thread.
#include <cstdint>
#include <vector>

#include "engine/pipeline/owners_money.hpp"
#include "engine/pipeline/stranger_watch.hpp"

namespace arb {

class Recovery {
  public:
    Recovery(const LiveContext& context, VenueStates& venues, OrderDesk& desk, MoneyRecord& money,
             OwnersMoney& owners, MarketFlags& flags, StrangerWatch& strangers, RunPhase& phase,
             const StateRecords& records);

    void begin(Timestamp now) { begun_ = checked_ = now; }
    bool begun() const { return begun_.known(); }
    /// How long venues take to come up counts from here.
    void sessions_began(Timestamp now) { begun_ = now; }
    /// Before trading. True: every venue is recovered, or left out for being late.
    bool advance_start(Timestamp now);
    /// Trading begins: from here the money is compared now and then.
    void end_start(Timestamp now) { checked_ = now; }
    /// A venue that became ready after the start recovers on its own.
    void recover_late(Timestamp now);
    /// A private stream that came back: what it did not tell is asked for.
    void ask_missed_fills(Timestamp now);
    /// Compares the venues' word on the money with ours. `quiet`: nothing is open.
    void check_balances(bool quiet, Timestamp now);
    /// Balances were asked for, to be compared.
    bool comparing() const { return comparing_; }
    void flag_old_unknowns(Timestamp now);

  private:
    struct Questions {
        bool begun = false, left_out = false;
        unsigned comparisons = 0;  ///< in a row that found a difference
        Timestamp asked;           ///< when they were last asked
        Timestamp taken_back;      ///< when what rests there was last cancelled
    };
    /// Asks for what is missing; true: the venue's word on orders, fills and money is known and judged.
    bool recover(VenueId id, VenueState& state, Timestamp now);
    void take_back_resting(VenueId id, Timestamp now);
    void ask(VenueId id, VenueState& state, Timestamp now);
    bool judge_money(VenueId id, VenueState& state, Timestamp now);
    void leave_out_late(Timestamp now);
    void end_comparison(Timestamp now);

    LiveContext context_;
    VenueStates* venues_;
    OrderDesk* desk_;
    MoneyRecord* money_;
    OwnersMoney* owners_;
    MarketFlags* flags_;
    StrangerWatch* strangers_;
    RunPhase* phase_;
    const StateRecords* records_;
    std::vector<Questions> questions_;  // by venue
    Timestamp begun_, checked_;
    bool comparing_ = false;
    std::uint64_t sent_before_ = 0;  ///< orders sent until then: one more, and the answer says nothing
};

}  // namespace arb
