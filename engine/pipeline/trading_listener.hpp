#pragma once
// What happens beside packages while orders go to real venues: for ledger, log and status. Plain words, no
// decisions; an implementation may allocate, for it is the report's side. Core thread.
#include <cstdint>
#include <string_view>

#include "engine/base/order_report.hpp"
#include "engine/base/time.hpp"
#include "engine/market/consolidated_book.hpp"
#include "engine/pipeline/key_gate.hpp"
#include "engine/trading/order_desk.hpp"

namespace arb {

///   connecting -> recovering -> trading <-> paused -> stopping (cancel, flatten, settle) -> stopped
enum class Phase : std::uint8_t { connecting, recovering, trading, stopping, stopped };
const char* name(Phase phase);

class TradingListener {
  public:
    virtual ~TradingListener() = default;
    virtual void on_order_state(const OrderChange&, Timestamp) {}
    virtual void on_phase(Phase, Timestamp) {}
    virtual void on_channel(VenueId, Channel, bool /*ready*/, Timestamp) {}
    virtual void on_request_end(VenueId, const RequestEnd&, Timestamp) {}
    /// Our figure beside the venue's word for one asset; `final`: the last of the run.
    virtual void on_balance(VenueId, std::string_view /*asset*/, Amount /*ours*/, Amount /*theirs*/,
                            bool /*final*/, Timestamp)
    {
    }
    /// Trading in the market stopped and somebody must look. kNoVenue where it is no single venue's.
    virtual void on_flag(MarketId, VenueId, std::string_view /*why*/, Timestamp) {}
    /// The operator let trading in the market go on.
    virtual void on_flag_cleared(MarketId, Timestamp) {}
    /// One sentence for the operator; text of venues in it is hostile.
    virtual void on_note(std::string_view /*text*/, Timestamp) {}
    /// Nothing new is risked at the venue until the next start, for this reason.
    virtual void on_halt(VenueId, std::string_view /*why*/, Timestamp) {}
    /// What halted it is explained.
    virtual void on_halt_over(VenueId, Timestamp) {}
    /// A key was judged, took over, or went.
    virtual void on_key(const KeyNews&, Timestamp) {}
    /// A fill beside the packages (late, or of an earlier run).
    virtual void on_late_fill(ListingId, Side, const Fill&, OrderId, Timestamp) {}
};

}  // namespace arb
