#pragma once
// What the parts of the trading half share: encoder, decoder, parser memory, the clock's offset, and which
// roads are open. Owned by Account, core thread; no errors of its own.
#include <array>
#include <string_view>

#include <simdjson.h>

#include "connectors/bybit/encoder.hpp"
#include "connectors/bybit/errors.hpp"
#include "connectors/bybit/private_decoder.hpp"
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
    explicit AccountTools(const VenueSetup& s) : setup(s), encoder(s), decoder(s)
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
    bool doubtful = false;  ///< a log-on was refused without a code, and no other road tells why
    std::array<bool, static_cast<std::size_t>(Channel::count_)> up{};
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

    bool has_orders() const { return setup.roads != Roads::account; }
    bool has_stream() const { return setup.roads != Roads::orders; }

    /// Sends the log-on on a socket that has just opened.
    void log_on(PrivateSocket& socket, Timestamp now, FactSink& sink, Outbox& outbox);
    /// It failed: tells it; the socket comes back after a pause, unless the key was refused.
    void log_on_failed(PrivateSocket& socket, Verdict verdict, std::int64_t code, std::string_view text,
                       Timestamp now, FactSink& sink, Outbox& outbox);
    /// Pings what is due; a log-on without an answer has failed.
    void wake(PrivateSocket& socket, Timestamp now, FactSink& sink, Outbox& outbox);

    /// Tells a change of a road; when the last wanted one opens, the session stands.
    void set_channel(Channel channel, bool ready, FactSink& sink)
    {
        bool& state = up[static_cast<std::size_t>(channel)];
        if (state == ready) return;
        state = ready;
        sink.on_channel(channel, ready);
        const bool orders = up[static_cast<std::size_t>(Channel::order_entry)] || !has_orders();
        const bool stream = up[static_cast<std::size_t>(Channel::private_stream)] || !has_stream();
        if (ready && orders && stream) end(RequestKind::session, kDone, sink);
    }
    void end(RequestKind kind, Verdict verdict, FactSink& sink, OrderId order = kForeignOrder,
             std::int64_t code = 0, std::string_view text = {}) const
    {
        std::array<char, kDecimalTextMax> digits;
        RequestEnd e;
        e.kind = kind;
        e.outcome = verdict.outcome;
        e.reason = verdict.reason;
        e.order = order;
        if (code != 0) e.code = {digits.data(), print_scaled(code, 0, digits.data())};
        e.text = text;
        sink.on_request_end(e);
    }
};

}  // namespace arb::bybit
