#pragma once
// What the parts of the trading side share: encoder, decoder, the parser's memory, the clock's offset, and
// which channels are open. Owned by Account, core thread; no errors of its own.
#include <array>
#include <string_view>

#include <simdjson.h>

#include "connectors/coinbase/encoder.hpp"
#include "connectors/coinbase/errors.hpp"
#include "connectors/coinbase/hour_quota.hpp"
#include "connectors/coinbase/private_decoder.hpp"
#include "engine/connect/channel_news.hpp"

namespace arb::coinbase {

/// Requests and subscriptions that are not answered within this are over: their outcome is unknown.
inline constexpr Duration kAnswerMax = seconds(10);
/// The venue refuses good tokens at random ("401 Unauthorized", "authentication failure"). Only so many
/// refusals in a row, each of a new token and with a pause between them, say something about the key.
inline constexpr int kRefusalsMax = 5;
/// The pause before the next token, after so many refusals in a row.
constexpr Duration refusal_pause(int refusals)
{
    return {milliseconds(100).ns << (refusals < kRefusalsMax ? refusals - 1 : kRefusalsMax - 1)};
}

/// The venue's clock as it was last asked for.
struct ClockSight {
    Timestamp seen;   ///< ours; 0: never
    Duration offset;  ///< the venue's minus ours
};

/// What the REST side has found out about session and key; taken by Account.
struct SessionNews {
    bool time_over = false;    ///< the clock was asked: answered or not
    bool key_trouble = false;  ///< a request was refused because of the key
    bool suspect = false;      ///< a request was refused, and the key may be the reason: worth asking
};

struct AccountTools {
    explicit AccountTools(const VenueSetup& s)
        : setup(s), encoder(*s.credentials), decoder(s), channels(s.scope)
    {
        [[maybe_unused]] const auto error = parser.allocate(256 * 1024);
    }

    VenueSetup setup;
    Encoder encoder;
    PrivateDecoder decoder;
    simdjson::dom::parser parser;
    Duration offset;
    ClockSight clock;
    HourQuota quota;
    SessionNews news;
    Timestamp taken_at;  ///< when the venue last took a token of ours
    ChannelNews channels;

    Timestamp venue_now(Timestamp now) const { return now + offset; }
    /// What a row of refused tokens means: a clock that is off, or was not seen lately, explains them.
    Verdict judge_refusals(Timestamp now) const
    {
        constexpr Duration kFresh = seconds(60);
        constexpr Duration kWrong = seconds(2);
        if (!clock.seen.known() || now - clock.seen > kFresh) return {};
        const std::int64_t wrong = clock.offset.ns - offset.ns;
        const bool off = wrong > kWrong.ns || wrong < -kWrong.ns;
        return {Outcome::key_trouble, off ? RejectReason::clock : RejectReason::permission};
    }
    const Listing& listing(ListingId id) const { return setup.table->listing(id); }
    bool mine(ListingId id) const
    {
        return index(id) < setup.table->listings().size() && listing(id).venue == setup.id;
    }
    static void end_session(Verdict verdict, std::string_view code, std::string_view text, FactSink& sink)
    {
        tell_request_end(RequestKind::session, verdict, kForeignOrder, code, text, sink);
    }
};

}  // namespace arb::coinbase
