#pragma once
// Coinbase's side of Advanced Trade market data, for generated recordings and tests: product list,
// subscription confirmations, l2_data and market_trades frames with one running sequence number a connection,
// from 0. One thread, deterministic. Written from the protocol description, not from the decoder.
#include <set>

#include "engine/emulate/emulator.hpp"

namespace arb::coinbase {

class Emulator final : public arb::Emulator {
  public:
    std::string stream_url() const override;
    VenueMessage instruments(const std::vector<ListingDefinition>& definitions) override;
    void subscribe(const Instrument&, const Listing&, const EmulatedBook&, Timestamp venue_time,
                   std::vector<VenueMessage>& out) override;
    void change(const Instrument&, const Listing&, std::span<const Level> bids, std::span<const Level> asks,
                const EmulatedBook& book, Timestamp venue_time, std::vector<VenueMessage>& out) override;
    void trade(const Instrument&, const Listing&, const Trade& trade,
               std::vector<VenueMessage>& out) override;

  private:
    std::string frame(std::string_view channel, Timestamp venue_time, std::string_view events);

    std::set<std::string> subscribed_;
    std::uint64_t sequence_ = 0;
    std::uint64_t trade_id_ = 1'000'000'000;
};

}  // namespace arb::coinbase
