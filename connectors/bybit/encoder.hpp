#pragma once
// Our requests as Bybit's bytes: frames of the trade and private sockets, and signed REST requests. Called by
// the trading side on the core thread. Frames are written into one buffer that is used again (valid until the
// next call, no allocation after warm-up); REST requests allocate. Quantities and prices are printed exactly,
// in the venue's unit, without trailing zeros.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "connectors/bybit/signer.hpp"
#include "engine/venue/venue.hpp"

namespace arb::bybit {

inline constexpr std::string_view kRestBase = "https://api.bybit.com";

/// "&cursor=" for the next page, if there is one. Cursors come percent-encoded and go back as they came;
/// anything that no query may hold is encoded.
void add_cursor(std::string& query, std::string_view cursor);

class Encoder {
  public:
    explicit Encoder(const VenueSetup& setup);

    bool spot() const { return spot_; }
    std::string_view category() const { return category_; }

    // Frames. `request` numbers them; it comes back at the front of reqId.
    std::string_view place(const ApprovedOrder& order, std::uint64_t request, std::int64_t now_ms);
    /// Another price alone: what is left out stays as it is.
    std::string_view amend(const ApprovedAmend& amend, std::uint64_t request, std::int64_t now_ms);
    std::string_view cancel(const OrderReference& order, std::uint64_t request, std::int64_t now_ms);
    std::string_view ping(std::uint64_t request);
    std::string_view subscribe(std::uint64_t request, std::string_view topics);
    /// Empty: the signer refused.
    std::string_view log_on(std::uint64_t request, std::int64_t expires_ms);

    // REST. Empty: the signer refused.
    std::optional<HttpRequest> get(std::string_view path, const std::string& query, std::int64_t now_ms);
    std::optional<HttpRequest> post(std::string_view path, std::string body, std::int64_t now_ms);
    HttpRequest get_public(std::string_view path) const;
    std::string cancel_body(const OrderReference& order) const;
    std::string cancel_all_body(ListingId listing) const;

  private:
    std::string_view key_id() const { return setup_.credentials->key_id; }
    void begin(std::string_view operation, OrderId order, std::uint64_t request, std::int64_t now_ms);
    void add_integer(std::int64_t value);
    std::optional<HttpRequest> sign(HttpRequest request, std::string_view payload, std::int64_t now_ms);

    VenueSetup setup_;
    std::string category_;
    bool spot_;
    RequestSigner signer_;
    std::string text_;
    std::string hex_;
};

}  // namespace arb::bybit
