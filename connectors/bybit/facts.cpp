// What the decoder hands on once a frame has been read to its end.
#include <algorithm>

#include "connectors/bybit/decoder.hpp"

namespace arb::bybit {

void Decoder::hand_on(ConnectionId connection, Timestamp now, FactSink& sink)
{
    const Message& m = message_;
    if (m.content == Content::quiet) return;
    if (m.content == Content::unknown) {
        const std::string_view text = m.topic.empty() ? m.text : m.topic;
        // An older pong has its `op` inside the request that it repeats.
        if (text == "pong") return;
        sink.on_undecoded({UndecodedReason::unknown_message, kNoListing, connection, text});
    } else if (m.listing == nullptr) {
        sink.on_undecoded({UndecodedReason::unknown_instrument, kNoListing, connection, m.symbol});
    } else if (m.content == Content::book) {
        hand_on_book(now, sink);
    } else if (m.content == Content::trades) {
        for (Trade& trade : trades_) {
            trade.receive_time = now;
            sink.on_trade(trade);
        }
    } else {
        hand_on_top(now, sink);
    }
}

void Decoder::hand_on_book(Timestamp now, FactSink& sink) const
{
    const Message& m = message_;
    BookUpdate update;
    update.listing = m.listing->id;
    update.snapshot = m.kind == Kind::snapshot;
    update.sequence_last = static_cast<std::uint64_t>(m.update);
    update.venue_time = m.matched.known() ? m.matched : m.sent;
    update.receive_time = now;
    update.bids = bids_.view();
    update.asks = asks_.view();
    sink.on_book(update);
}

void Decoder::hand_on_top(Timestamp now, FactSink& sink) const
{
    const Message& m = message_;
    BestQuote quote = m.quote;
    if (m.content == Content::ticker) {
        // A delta leaves out what did not change. Remembering it would make this a second book: only messages
        // that tell both sides are quotes.
        if (!m.both_sides) return;
        if (quote.bid.price.units == 0 || quote.bid.quantity.zero()) quote.bid = {};
        if (quote.ask.price.units == 0 || quote.ask.quantity.zero()) quote.ask = {};
        if (quote.bid.quantity.zero() && quote.ask.quantity.zero()) return;
    } else {
        // Documented as snapshots only. A delta, should one come, may hold a deletion beside the new best
        // level.
        for (const Level& level : bids_.view()) quote.bid = level.quantity.zero() ? quote.bid : level;
        for (const Level& level : asks_.view()) quote.ask = level.quantity.zero() ? quote.ask : level;
        const bool partial = quote.bid.quantity.zero() || quote.ask.quantity.zero();
        if (m.kind == Kind::delta && partial) return;
    }
    // `seq` of books and `cs` of tickers are one counter; `u` is another one for each topic.
    quote.sequence = static_cast<std::uint64_t>(std::max<std::int64_t>(m.cross_sequence, 0));
    quote.listing = m.listing->id;
    quote.venue_time = m.matched.known() ? m.matched : m.sent;
    quote.receive_time = now;
    sink.on_quote(quote);
}

void Decoder::hand_on_reply(ConnectionId connection, Timestamp now, FactSink& sink) const
{
    const Message& m = message_;
    if (!m.success) {
        sink.on_undecoded({UndecodedReason::venue_error, kNoListing, connection, m.text});
    } else if (m.operation == "subscribe" || m.operation == "unsubscribe") {
        // A reply names its request, not its topics.
        sink.on_acknowledged(connection, kNoListing, m.operation == "subscribe");
    } else if (m.operation == "pong") {
        if (m.pong.known()) sink.on_venue_time(m.pong, now);
    } else if (m.operation != "ping" && m.operation != "auth") {
        sink.on_undecoded({UndecodedReason::unknown_message, kNoListing, connection, m.operation});
    }
}

void Decoder::report_failure(ConnectionId connection, FactSink& sink) const
{
    sink.on_undecoded({reason_, listing_in_doubt(), connection, message_.symbol});
}

// Which book the unreadable frame was about. A frame cut short may not even show its topic to the parser, so
// its text is searched: better one book too many in doubt than a lost delta unnoticed.
ListingId Decoder::listing_in_doubt() const
{
    if (message_.listing != nullptr) {
        return message_.content == Content::book ? message_.listing->id : kNoListing;
    }
    if (!message_.topic.empty()) return kNoListing;
    std::string_view text = frame_.view();
    constexpr std::string_view kTopic = "\"orderbook.";
    const std::size_t at = text.find(kTopic);
    if (at == std::string_view::npos) return kNoListing;
    text.remove_prefix(at + kTopic.size());
    const std::size_t quote = text.find('"');
    if (quote == std::string_view::npos) return kNoListing;  // half a symbol may be another one's name
    text = text.substr(0, quote);
    const std::size_t dot = text.find('.');
    if (dot == std::string_view::npos || text.substr(0, dot) == "1") return kNoListing;
    const Listing* listing = table_->find_symbol(venue_, text.substr(dot + 1));
    return listing != nullptr ? listing->id : kNoListing;
}

}  // namespace arb::bybit
