#pragma once
// How far each venue's fills are known: what the private stream told without a gap, or a whole list. Kept in
// the log now and then, for a restart asks from there; and the trades from just before it, which a venue's
// list may tell again. Core thread.
#include <functional>
#include <string_view>

#include "engine/pipeline/venue_states.hpp"
#include "engine/trading/order_desk.hpp"

namespace arb {

using LineVisit = std::function<void(std::string_view)>;

class Watermarks {
  public:
    Watermarks(VenueStates& venues, const OrderDesk& desk, StateRecords& records)
        : venues_(&venues), desk_(&desk), records_(&records)
    {
    }

    /// Our record of the money there begins now.
    void begin(VenueId venue, Timestamp now);
    void keep(Timestamp now);
    void restore(VenueId venue, Timestamp watermark);
    /// For a checkpoint: the trades that could still be told again, and the watermark.
    void write(VenueId venue, const LineVisit& write) const;
    /// The venue's time of this fill; 0: not remembered.
    Timestamp venue_time(const Fill& fill) const;

  private:
    LineWriter line(VenueId venue, Timestamp watermark) const;
    void write_trades(VenueId venue, const LineVisit& write) const;

    VenueStates* venues_;
    const OrderDesk* desk_;
    StateRecords* records_;
    Timestamp kept_;
};

}  // namespace arb
