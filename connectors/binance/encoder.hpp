#pragma once
// Requests of the trading side as bytes: order entry on the websocket API (JSON with parameters in
// alphabetical order, signed over `k=v&...` of them) and signed REST addresses. Called by Account on the core
// thread. The websocket half writes into buffers that are kept, so that nothing is allocated after warm-up.
// An empty result means that the signer refused and nothing may be sent.
#include <optional>
#include <string>
#include <string_view>

#include "connectors/binance/decoder.hpp"
#include "engine/base/client_order_id.hpp"
#include "engine/base/order.hpp"
#include "engine/keys/credentials.hpp"
#include "engine/venue/venue.hpp"

namespace arb::binance {

/// An order that reaches the matching later than this after it was written is refused by the venue.
inline constexpr std::int64_t kOrderWindowMs = 2'000;

class Encoder {
  public:
    Encoder(Market market, const Credentials& credentials);

    /// Ed25519 keys log on once per websocket; afterwards requests carry neither key nor signature.
    bool logs_on() const { return credentials_->signer->algorithm() == KeyAlgorithm::ed25519; }

    // Websocket API. `timestamp` in ms of the venue's clock.
    std::string_view log_on(std::uint64_t id, std::int64_t timestamp);
    std::string_view subscribe(std::uint64_t id, std::int64_t timestamp);
    /// The account, for its proof alone: needs no right but reading.
    std::string_view account_state(std::uint64_t id, std::int64_t timestamp);
    std::string_view account_method() const;
    std::string_view session_status(std::uint64_t id);
    std::string_view place(std::uint64_t id, const Listing& listing, OrderId order, const OrderIntent& intent,
                           std::int64_t timestamp);
    /// Another price for an order that rests (USD-M); `intent` is the order as it shall stand, with its whole
    /// quantity. Named like in a cancel.
    std::string_view amend(std::uint64_t id, const Listing& listing, OrderId order, std::string_view venue_id,
                           const OrderIntent& intent, std::int64_t timestamp);
    /// By the venue's id where it is known (faster there), else by ours.
    std::string_view cancel(std::uint64_t id, const Listing& listing, OrderId order,
                            std::string_view venue_id, std::int64_t timestamp);

    // REST.
    HttpRequest get(std::string_view path, std::string_view query) const;
    /// With the key's header alone (listen keys).
    HttpRequest keyed(std::string_view method, std::string_view path) const;
    /// Signed. `query` is percent-encoded and without timestamp.
    std::optional<HttpRequest> signed_request(std::string_view method, std::string_view path,
                                              std::string query, std::int64_t timestamp) const;
    /// What this key may do, asked at the spot host whatever the market.
    std::optional<HttpRequest> key_request(std::string_view path, std::int64_t timestamp) const;

    /// The listing's symbol as REST wants it.
    static std::string symbol_query(const Listing& listing);

  private:
    std::optional<HttpRequest> sign(HttpRequest request, std::string query, std::int64_t timestamp) const;
    void begin(std::uint64_t id, std::string_view method, bool with_key);
    void text(std::string_view name, std::string_view value);
    void number(std::string_view name, std::int64_t value);
    void name_order(OrderId order, std::string_view venue_id);
    void field(std::string_view name, std::string_view value, bool quoted);
    std::string_view finish(bool sign);

    Market market_;
    const Credentials* credentials_;
    std::string json_, payload_, signature_;
    bool first_ = true;
};

/// "0.1", "12": exact, without trailing zeros, in the venue's unit.
struct NumberText {
    char text[kDecimalTextMax];
    std::size_t size = 0;
    std::string_view view() const { return {text, size}; }
};
NumberText price_text(const Listing& listing, Price price);
NumberText quantity_text(const Listing& listing, Quantity quantity);

bool digits_only(std::string_view text);

}  // namespace arb::binance
