#pragma once
// Kraken's side of websocket v2 market data, for generated recordings and tests: AssetPairs, confirmations,
// book and trade frames with the venue's checksum over the ten best levels, books cut to a depth (a thousand
// levels a side unless told). One thread, deterministic. Written from the protocol description, not from the
// decoder.
#include <map>

#include "engine/emulate/emulator.hpp"

namespace arb::kraken {

class Emulator final : public arb::Emulator {
  public:
    explicit Emulator(std::size_t depth = 1000) : depth_(depth) {}
    std::size_t depth() const { return depth_; }
    std::string stream_url() const override;
    VenueMessage instruments(const std::vector<ListingDefinition>& definitions) override;
    void subscribe(const Instrument&, const Listing&, const EmulatedBook&, Timestamp venue_time,
                   std::vector<VenueMessage>& out) override;
    void change(const Instrument&, const Listing&, std::span<const Level> bids, std::span<const Level> asks,
                const EmulatedBook& book, Timestamp venue_time, std::vector<VenueMessage>& out) override;
    void trade(const Instrument&, const Listing&, const Trade& trade,
               std::vector<VenueMessage>& out) override;

    struct Shown {
        std::vector<Level> bids, asks;
    };
    /// What is told of a change: nothing beyond the depth, no word about levels pushed out, but those that
    /// come (back) into view at the far end.
    Shown shown(const Listing& listing, std::span<const Level> bids, std::span<const Level> asks,
                const EmulatedBook& after);
    /// What is told at first, the edges of which count from now on.
    Shown first_shown(const Listing& listing, const EmulatedBook& after);

  private:
    /// The worst price a side shows while it is full; unset while it holds fewer levels than the depth.
    struct Edges {
        std::optional<Price> bid, ask;
    };
    static std::string book(std::string_view type, const Instrument&, const Listing&,
                            std::span<const Level> bids, std::span<const Level> asks,
                            const EmulatedBook& after, Timestamp venue_time);
    std::vector<Level> visible(std::span<const Level> changed, std::span<const Level> after,
                               std::optional<Price>& edge, bool bids) const;

    std::size_t depth_;
    std::map<ListingId, Edges> edges_;
    std::uint64_t trade_id_ = 0;
};

/// Over the ten best levels.
std::uint32_t book_checksum(const Instrument& instrument, const Listing& listing, const EmulatedBook& book);
/// With the pair's own decimals: those of its tick and of its lot.
std::string price_text(const Instrument& instrument, const Listing& listing, Price price);
std::string quantity_text(const Instrument& instrument, const Listing& listing, Quantity quantity);
/// An entry of the channel `trade`.
std::string public_trade_row(const Instrument& instrument, const Listing& listing, const Trade& trade,
                             std::uint64_t id);

}  // namespace arb::kraken
