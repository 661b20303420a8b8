#pragma once
// Kraken's side of websocket v2 market data, for generated recordings and tests: AssetPairs, confirmations,
// book and trade frames with the venue's checksum over the ten best levels, books cut to a thousand levels a
// side. One thread, deterministic. Written from the protocol description, not from the decoder.
#include <map>

#include "engine/emulate/emulator.hpp"

namespace arb::kraken {

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
    /// The worst price a side shows while it is full; unset while it holds fewer levels than the depth.
    struct Edges {
        std::optional<Price> bid, ask;
    };
    static std::string book(std::string_view type, const Instrument&, const Listing&,
                            std::span<const Level> bids, std::span<const Level> asks,
                            const EmulatedBook& after, Timestamp venue_time);
    static std::vector<Level> visible(std::span<const Level> changed, std::span<const Level> after,
                                      std::optional<Price>& edge, bool bids);

    std::map<ListingId, Edges> edges_;
    std::uint64_t trade_id_ = 0;
};

}  // namespace arb::kraken
