#pragma once
// What the parts of the trading side share: the encoder, the decoder, the parser's memory, the clock's
// offset, and which channels are open. Owned by Account, core thread; no errors of its own.
#include <array>
#include <string>
#include <string_view>

#include <simdjson.h>

#include "connectors/binance/encoder.hpp"
#include "connectors/binance/errors.hpp"
#include "connectors/binance/private_decoder.hpp"
#include "connectors/binance/reply_decoder.hpp"
#include "connectors/binance/weights.hpp"
#include "engine/connect/channel_news.hpp"
#include "engine/venue/venue.hpp"

namespace arb::binance {

/// The error part of a reply. Texts live in the parser's memory.
struct Refusal {
    std::int64_t code = 0;
    std::string_view text;
    Duration retry_after;
    Verdict verdict;
};

/// USD-M: one position a symbol, or a long and a short one apart, which our orders do not fit. Spot has none.
enum class PositionMode : std::uint8_t { unknown, one_way, hedge };

struct AccountTools {
    /// `s` has credentials and pools.
    AccountTools(const VenueSetup& s, Market m)
        : setup(s),
          market(m),
          encoder(m, *s.credentials),
          memory(*s.table),
          decoder(s, m, memory),
          replies(s, m, memory),
          pool(&pool_of(*s.pools, m)),
          key_pool(&pool_of(*s.pools, Market::spot)),
          mode(m == Market::spot ? PositionMode::one_way : PositionMode::unknown),
          channels(s.scope)
    {
        [[maybe_unused]] const auto error = parser.allocate(64 * 1024);
    }

    VenueSetup setup;
    Market market;
    Encoder encoder;
    AccountMemory memory;
    PrivateDecoder decoder;
    ReplyDecoder replies;
    simdjson::dom::parser parser;
    RequestPool* pool;      ///< of this market's requests
    RequestPool* key_pool;  ///< of the spot host, where a key's permissions are asked
    Duration offset;
    PositionMode mode;
    bool mode_doubted = false;  ///< the venue spoke as to an account of the other mode: ask it again
    ChannelNews channels;

    /// Milliseconds of the venue's clock.
    std::int64_t timestamp(Timestamp now) const { return (now + offset).ns / 1'000'000; }
    const Listing& listing(ListingId id) const { return setup.table->listing(id); }
    bool mine(ListingId id) const
    {
        return index(id) < setup.table->listings().size() && listing(id).venue == setup.id;
    }
    /// The path of a request; `futures` where they call it otherwise.
    std::string path(std::string_view spot, std::string_view futures = {}) const
    {
        std::string result = market == Market::spot ? "/api/v3/" : "/fapi/v1/";
        return result.append(market == Market::spot || futures.empty() ? spot : futures);
    }
    void used_key(std::string_view endpoint, Outbox& outbox) const { outbox.used_key(setup.id, endpoint); }

    void end(RequestKind kind, Verdict verdict, FactSink& sink, OrderId order = kForeignOrder,
             const Refusal& refusal = {}) const
    {
        tell_request_end(kind, verdict, order, code_text(refusal.code, code_), refusal.text, sink, true,
                         refusal.retry_after);
    }
    static std::string_view code_text(std::int64_t code, std::array<char, kDecimalTextMax>& out)
    {
        if (code == 0) return {};
        return {out.data(), print_scaled(code, 0, out.data())};
    }

  private:
    mutable std::array<char, kDecimalTextMax> code_{};
};

/// Reads {"code":..,"msg":..,["data":{"serverTime":..,"retryAfter":..}]} and judges it; anything else is
/// judged by the status alone.
Refusal read_refusal(int status, const simdjson::dom::element* element);

}  // namespace arb::binance
