#pragma once
// The public channels of the emulated Kraken's websocket v2: books cut to the depth asked for, trades, and
// tickers by trade or by quote, with their snapshots. Part of the emulated venue; one thread.
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "connectors/kraken/emulated_dialect.hpp"
#include "connectors/kraken/emulated_sessions.hpp"
#include "connectors/kraken/emulated_tape.hpp"
#include "connectors/kraken/emulator.hpp"

namespace arb::kraken {

class EmulatedPublic : EmulatedPart {
  public:
    using EmulatedPart::EmulatedPart;

    void subscribe(const SocketCall& call);
    /// To one that is in its channel.
    void tell_book(SessionId id, const Listing& listing, std::span<const Level> bids,
                   std::span<const Level> asks, const EmulatedBook& book, Timestamp now, SessionOutbox& out);
    /// To all who want tickers by quote, when the best prices are others.
    void tell_quotes(const Listing& listing, const EmulatedBook& book, Timestamp now, SessionOutbox& out);
    void tell_ticker(const Listing& listing, bool of_quotes, Timestamp now, SessionOutbox& out);
    void close(SessionId id);

  private:
    using Place = std::pair<SessionId, ListingId>;
    struct Wish {
        std::string_view channel, depth = "10", trigger = "trades";
        simdjson::dom::array symbols;
        bool snapshot = true;
    };
    /// The refusal; empty: `wish` is what was asked for.
    static std::string read(const SocketCall& call, Wish& wish);
    static std::string acknowledged(const Wish& wish, const Listing& listing, bool begins);
    void begin(const SocketCall& call, const Wish& wish, const Listing& listing);

    std::map<Place, Emulator> books_;
    std::map<Place, bool> tickers_;  ///< told of quotes; else of trades
    std::map<ListingId, std::pair<Price, Price>> best_;
};

/// One of 10, 25, 100, 500 and 1000.
bool is_offered_depth(std::string_view depth);

}  // namespace arb::kraken
