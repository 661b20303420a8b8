#pragma once
// The lesser public channels to facts: trades, tickers, whether products trade, and which subscriptions the
// venue confirmed. Part of Decoder; no allocation after warm-up.
#include <vector>

#include "connectors/coinbase/frame_products.hpp"
#include "engine/venue/level_reader.hpp"

namespace arb::coinbase {

class Feeds {
  public:
    Feeds(const VenueSetup& setup, FrameProducts& products);

    /// False: the channel is none of these. `events` is where they begin, nullptr: there are none.
    bool decode(std::string_view channel, const char* events, const FrameInput& input, FactSink& sink);
    /// Forgets which books the venue confirmed on this connection.
    void forget(ConnectionId connection);

  private:
    /// What was said of one product.
    struct State {
        std::string_view product, word;
    };
    struct Acknowledgement {
        bool subscribed = false;
        ConnectionId connection{};
        std::uint64_t round = 0;
    };

    bool read_trades(TextCursor& cursor, const FrameInput& input, FactSink& sink);
    bool read_trade(TextCursor& cursor, const FrameInput& input, FactSink& sink);
    bool read_ticker(TextCursor& cursor, const FrameInput& input, FactSink& sink);
    bool read_states(TextCursor& cursor, const FrameInput& input, FactSink& sink);
    void tell_state(const State& state, const FrameInput& input, FactSink& sink) const;
    void acknowledge(const Listing& listing, ConnectionId connection, FactSink& sink);
    bool read_subscriptions(TextCursor& cursor, const FrameInput& input, FactSink& sink);

    FrameProducts& products_;
    std::vector<Trade> trades_;
    std::vector<State> states_;
    std::vector<Acknowledgement> acknowledged_;  ///< one a listing of the table
    std::uint64_t round_ = 0;
};

}  // namespace arb::coinbase
