#pragma once
// The inside of EmulatedWorld, for its .cpp files alone: one venue with everything that belongs to it, and
// the object that answers a server's questions from the fault plan. World's thread; no errors.
#include <memory>
#include <vector>

#include "engine/world/emulated_world.hpp"

namespace arb {

class EmulatedWorld::PlannedFaults final : public FaultSource {
  public:
    PlannedFaults(const FaultPlan& plan, const std::string& venue, std::uint64_t seed, Timestamp begun)
        : chooser_(plan, venue, seed, begun)
    {
    }
    MishapChoice on_order(RequestRoute route, Timestamp now) override;
    MishapChoice on_answer(RequestRoute route, RequestDeed deed, Timestamp now) override;
    MishapChoice on_message(Timestamp now) override;
    FaultChooser& chooser() { return chooser_; }

  private:
    FaultChooser chooser_;
};

struct EmulatedWorld::Member {
    Member(EmulatedVenueConfig venue_config, const InstrumentTable& table, VenueId venue_id)
        : config(std::move(venue_config)),
          id(venue_id),
          exchange(table, venue_id,
                   [this] {
                       ExchangeRules rules;
                       rules.fee_taking = config.fee_taking;
                       rules.maker_fee = config.maker_fee;
                       rules.taker_fee = config.taker_fee;
                       return deviant(config.deviations, rules);
                   }()),
          deviant_market(exchange, config.deviations),
          market(config.deviations.any() ? static_cast<EmulatedMarket&>(deviant_market) : exchange)
    {
    }
    /// The venue's clock, as the exchange hears of it.
    Timestamp now() const { return server->venue_now() + config.deviations.clock_ahead(); }

    EmulatedVenueConfig config;
    VenueId id;
    EmulatedExchange exchange;
    DeviantMarket deviant_market;
    WatchedMarket market;
    std::vector<EmulatedKey> keys;
    std::unique_ptr<EmulatedVenue> venue;
    std::unique_ptr<PlannedFaults> faults;  // null: no faults
    std::unique_ptr<VenueServer> server;    // last: it speaks to all of the above
};

}  // namespace arb
