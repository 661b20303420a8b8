#pragma once
// Cancel all, flatten inside the band, stop: what an operator's word, or a log that cannot be written, does
// to what is open. The lines of every market are closed once a wish; what is still open has its own owner,
// and no order of it changes a line. Core thread.
#include <cstdint>
#include <vector>

#include "engine/pipeline/owners_money.hpp"
#include "engine/pipeline/run_phase.hpp"
#include "engine/trading/package_executor.hpp"

namespace arb {

class KillLadder {
  public:
    KillLadder(const LiveContext& context, VenueStates& venues, const OrderDesk& desk, MoneyRecord& money,
               OwnersMoney& owners, MarketFlags& flags, RunPhase& phase, StateRecords& records)
        : context_(context),
          venues_(&venues),
          desk_(&desk),
          money_(&money),
          owners_(&owners),
          flags_(&flags),
          phase_(&phase),
          records_(&records),
          other_markets_(other_markets(context.markets, OtherMarkets::spot)),
          wanted_(context.markets.market_count())
    {
    }
    void connect(PackageExecutor& executor) { executor_ = &executor; }

    /// Where something of ours may be open: elsewhere the account may hold its owner's own orders.
    void cancel_everything(Timestamp now);
    void want_flat();
    void want_flat(MarketId market) { wanted_[index(market)] = true; }
    /// Exposure that no package has, closed like a leftover leg.
    void flatten(Timestamp now);
    /// `flat`: what is open is closed first. Said a second time without it: at once.
    void begin_stop(Timestamp now, bool flat);
    void advance_stop(Timestamp now);

  private:
    bool flat_wanted() const;
    /// Lines of the same asset and the other sign stand in this market from here on: what evens out is not
    /// traded twice.
    void join_opposites(MarketId market, Timestamp now);
    void flag_exposure(Timestamp now);
    void hurry(Timestamp now);
    /// True: the venues' last word on the money was heard, or is not waited for any longer; it is told.
    bool settle(bool late, Timestamp now);
    bool heard_enough(bool late, Timestamp now);

    LiveContext context_;
    VenueStates* venues_;
    const OrderDesk* desk_;
    MoneyRecord* money_;
    OwnersMoney* owners_;
    MarketFlags* flags_;
    RunPhase* phase_;
    StateRecords* records_;
    PackageExecutor* executor_ = nullptr;
    std::vector<std::vector<MarketId>> other_markets_;  // by market
    std::vector<bool> wanted_;  ///< by market: its lines of exposure are still to be closed
    std::uint64_t packages_ = 0;
    Timestamp begun_, checked_;
    Timestamp hurried_;   ///< since when nothing but cancels is sent
    unsigned looks_ = 0;  ///< comparisons that found a difference
};

}  // namespace arb
