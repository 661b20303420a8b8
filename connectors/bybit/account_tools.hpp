#pragma once
// What the parts of the trading side share: encoder, decoder, parser memory, the clock's offset, and which
// channels are open. Owned by Account, core thread; no errors of its own.
#include <array>
#include <string_view>

#include <simdjson.h>

#include "connectors/bybit/encoder.hpp"
#include "connectors/bybit/errors.hpp"
#include "connectors/bybit/private_decoder.hpp"
#include "engine/connect/channel_news.hpp"
#include "engine/connect/private_socket.hpp"
#include "engine/venue/venue.hpp"

namespace arb::bybit {

/// Requests and log-ons that are not answered within this are over: their outcome is unknown.
inline constexpr Duration kAnswerMax = seconds(10);

/// "Connect": a ping every 20 s, each answered.
constexpr SocketRules socket_rules(std::string_view url)
{
    SocketRules rules;
    rules.url = url;
    rules.silence = seconds(45);
    rules.silence_text = "nothing heard for 45 s";
    rules.ping_after = seconds(20);
    rules.answer_most = kAnswerMax;
    rules.pause_first = seconds(5);
    rules.pause_most = seconds(60);
    return rules;
}

struct AccountTools {
    explicit AccountTools(const VenueSetup& s) : setup(s), encoder(s), decoder(s), channels(s.scope)
    {
        // Larger messages grow it once; a failure shows as an unreadable message.
        [[maybe_unused]] const auto error = parser.allocate(std::size_t{1} << 18);
    }

    VenueSetup setup;
    Encoder encoder;
    PrivateDecoder decoder;
    simdjson::dom::parser parser;
    Duration offset;
    bool shut = false;      ///< the venue refused the key: no further log-on
    bool hedged = false;    ///< a market of ours is in hedge mode: no order of ours can stand there
    bool doubtful = false;  ///< a log-on was refused without a code, and no other channel tells why
    ChannelNews channels;
    std::uint64_t requests = 0;

    /// Milliseconds of the venue's clock.
    std::int64_t timestamp(Timestamp now) const { return (now + offset).ns / 1'000'000; }
    bool mine(ListingId id) const
    {
        return index(id) < setup.table->listings().size() && setup.table->listing(id).venue == setup.id;
    }
    bool read(PaddedText text, simdjson::dom::object& out)
    {
        return parser.parse(text.data, text.size, false).get(out) == simdjson::SUCCESS;
    }

    /// Sends the log-on on a socket that has just opened.
    void log_on(PrivateSocket& socket, Timestamp now, FactSink& sink, Outbox& outbox);
    /// It failed: tells it; the socket comes back after a pause, unless the key was refused.
    void log_on_failed(PrivateSocket& socket, Verdict verdict, std::int64_t code, std::string_view text,
                       Timestamp now, FactSink& sink, Outbox& outbox);
    /// Pings what is due; a log-on without an answer has failed.
    void wake(PrivateSocket& socket, Timestamp now, FactSink& sink, Outbox& outbox);

    void end(RequestKind kind, Verdict verdict, FactSink& sink, OrderId order = kForeignOrder,
             std::int64_t code = 0, std::string_view text = {}) const
    {
        std::array<char, kDecimalTextMax> digits;
        const std::string_view code_text =
            code == 0 ? std::string_view()
                      : std::string_view{digits.data(), print_scaled(code, 0, digits.data())};
        tell_request_end(kind, verdict, order, code_text, text, sink);
    }
};

}  // namespace arb::bybit
