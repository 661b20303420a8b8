#pragma once
// The private streams tell balances as they change. Between a fill and its balance they differ for a moment;
// what differs for seconds was moved by somebody else, unless the venue takes it back when asked, or its
// owner announced it: then the venue is halted. Core thread.
#include <vector>

#include "engine/pipeline/owners_money.hpp"

namespace arb {

class MoneyWatch {
  public:
    MoneyWatch(const LiveContext& context, VenueStates& venues, MoneyRecord& money, OwnersMoney& owners,
               OrderDesk& desk, const StateRecords& records)
        : context_(context),
          venues_(&venues),
          money_(&money),
          owners_(&owners),
          desk_(&desk),
          records_(&records),
          looked_(venues.count())
    {
    }

    void watch(Timestamp now);

  private:
    void look(VenueId id, MoneyRecord::Truth& truth, bool doubt, Timestamp now);
    void alarm(VenueId id, MoneyRecord::Truth& truth, const Account& account, Timestamp now);
    bool is_deposit(const Account& account, Amount theirs) const;

    LiveContext context_;
    VenueStates* venues_;
    MoneyRecord* money_;
    OwnersMoney* owners_;
    OrderDesk* desk_;
    const StateRecords* records_;
    std::vector<Timestamp> looked_;  ///< by venue: when the stream's word was last compared
};

}  // namespace arb
