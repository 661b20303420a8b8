#pragma once
// Our requests as Gate's frames on the websocket: orders, their amends and cancels, the log-on, private
// channels and pings. Called by Account on the core thread. Orders are written into one line that is used
// again (valid until the next call, no allocation); log-ons and subscriptions allocate. `now` is the venue's
// clock. An empty text: the signer refused, or the order has no id that can be sent.
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "connectors/gate/market_names.hpp"
#include "engine/venue/venue.hpp"

namespace arb::gate {

/// The wallet that our spot orders pay from; what an account must be for it is asked before the first order.
inline constexpr std::string_view kWallet = "spot";
inline constexpr std::string_view kLogOnId = "login";

/// What a client id of ours has in front of it in `text`.
inline constexpr std::string_view kTextHead = "t-";

class Encoder {
  public:
    explicit Encoder(const VenueSetup& setup) : setup_(setup), words_(&words_of(setup)) {}

    // `number` comes back as request_id.
    std::string_view place(const ApprovedOrder& order, std::uint64_t number, Timestamp now);
    /// Another price alone: what is not named stays as it is.
    std::string_view amend(const OrderReference& order, const ApprovedAmend& amend, std::uint64_t number,
                           Timestamp now);
    std::string_view cancel(const OrderReference& order, std::uint64_t number, Timestamp now);
    std::string_view ping(Timestamp now);

    std::string log_on(Timestamp now) const;
    /// `payload`: what the channel wants named, as a JSON list; empty: the channel has none.
    std::string subscribe(std::string_view channel, std::string_view payload, Timestamp now) const;

  private:
    template <class... Parts>
    std::string_view write(std::string_view channel, std::uint64_t number, Timestamp now,
                           std::string_view form, const Parts&... parts);

    VenueSetup setup_;
    const MarketNames* words_;
    std::array<char, 1024> line_{};
};

}  // namespace arb::gate
