#pragma once
// Requests of the trading side as bytes: REST calls and websocket subscriptions, each with its own token.
// Core thread, deterministic: the nonce comes from time and a counter, never from chance. Allocates (a token
// per request is Coinbase's way; its signature costs more). No errors but an empty result when the signer
// refuses.
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/venue/venue.hpp"

namespace arb::coinbase {

class Encoder {
  public:
    explicit Encoder(const Credentials& credentials) : credentials_(&credentials) {}

    /// `path` begins behind /api/v3/brokerage; `venue_now` is the venue's clock.
    std::optional<HttpRequest> get(std::string_view path, std::string_view query, Timestamp venue_now);
    std::optional<HttpRequest> post(std::string_view path, std::string body, Timestamp venue_now);
    /// A public call, no token.
    static HttpRequest open_get(std::string_view path);
    /// {"type":"subscribe","channel":..,"jwt":..}; empty: the signer refused.
    std::string subscribe(std::string_view channel, Timestamp venue_now);

  private:
    std::optional<HttpRequest> sign(std::string_view method, std::string_view path, Timestamp venue_now);
    std::string token(std::string_view uri, Timestamp venue_now);

    const Credentials* credentials_;
    std::uint64_t tokens_ = 0;
};

/// The body of POST /orders. Empty: the quantity is no whole number of the venue's units.
std::optional<std::string> order_body(OrderId id, const OrderIntent& intent, const Listing& listing);
/// The body of POST /orders/edit: the new price, and what the order was ordered with in all. Empty as above.
std::optional<std::string> amend_body(std::string_view venue_id, const OrderIntent& intent,
                                      const Listing& listing);
/// The body of POST /orders/batch_cancel.
std::string cancel_body(std::span<const std::string> venue_ids);
/// `&product_ids=..` of each listing.
std::string product_query(const InstrumentTable& table, std::span<const ListingId> listings);
/// Whether a venue's id may be put into a path or a body as it is.
bool plain_id(std::string_view text);

}  // namespace arb::coinbase
