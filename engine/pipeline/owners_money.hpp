#pragma once
// The owner's own money: what he says he put in, took out, or moves between two venues becomes part of our
// record, to the last unit, when the venue shows the same. Anything else stays an alarm. Core thread.
#include <string>
#include <string_view>

#include "engine/pipeline/announced_transfers.hpp"
#include "engine/pipeline/market_flags.hpp"
#include "engine/pipeline/money_record.hpp"

namespace arb {

class OwnersMoney {
  public:
    OwnersMoney(const LiveContext& context, VenueStates& venues, MoneyRecord& money, MarketFlags& flags,
                const OrderDesk& desk, StateRecords& records)
        : context_(context),
          venues_(&venues),
          money_(&money),
          flags_(&flags),
          desk_(&desk),
          records_(&records)
    {
    }

    /// "VENUE ASSET AMOUNT", the amount with a sign where money went out. False: refused (`refusal`).
    bool adopt(std::string_view words, Timestamp now);
    /// "FROM TO ASSET AMOUNT".
    bool announce(std::string_view words, Timestamp now);
    /// Why the last word was refused; empty: it was not.
    const std::string& refusal() const { return refusal_; }

    /// True: what was announced explains the stream's word, or will once that stands still.
    bool explains_stream(MoneyRecord::Truth& truth, const Account& account, Timestamp now);
    /// What a comparison found and an announcement explains becomes part of the record. True: nothing
    /// differs there any more.
    bool explains_comparison(VenueId id, Timestamp now);
    /// Transfers that were announced a day ago explain nothing any more.
    void lapse(Timestamp now);

    AnnouncedTransfers& transfers() { return transfers_; }
    const AnnouncedTransfers& transfers() const { return transfers_; }

  private:
    bool refuse(std::string why);
    void take_in(VenueId id, const std::string& asset, const AnnouncedTransfers::End& end);
    void explain(VenueId id, Timestamp now);
    AnnouncedTransfers::Explanation explanation_of(const Account& account, Amount theirs) const;
    void see(const Account& account, const AnnouncedTransfers::Explanation& seen, Timestamp now);

    LiveContext context_;
    VenueStates* venues_;
    MoneyRecord* money_;
    MarketFlags* flags_;
    const OrderDesk* desk_;
    StateRecords* records_;
    AnnouncedTransfers transfers_;
    std::string refusal_;
};

}  // namespace arb
