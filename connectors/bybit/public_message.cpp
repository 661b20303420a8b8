#include "connectors/bybit/public_message.hpp"

#include <algorithm>

namespace arb::bybit {

void PublicMessage::hand_on(ConnectionId connection, Timestamp now, FactSink& sink)
{
    if (content == Content::quiet) return;
    if (content == Content::unknown) {
        const std::string_view about = topic.empty() ? text : topic;
        // An older pong has its `op` inside the request that it repeats.
        if (about == "pong") return;
        sink.on_undecoded({UndecodedReason::unknown_message, kNoListing, connection, about});
    } else if (listing == nullptr) {
        sink.on_undecoded({UndecodedReason::unknown_instrument, kNoListing, connection, symbol});
    } else if (content == Content::book) {
        hand_on_book(now, sink);
    } else if (content == Content::trades) {
        for (Trade& trade : trades) {
            trade.receive_time = now;
            sink.on_trade(trade);
        }
    } else {
        hand_on_top(now, sink);
    }
}

void PublicMessage::hand_on_book(Timestamp now, FactSink& sink) const
{
    BookUpdate book;
    book.listing = listing->id;
    book.snapshot = kind == Kind::snapshot;
    book.sequence_last = static_cast<std::uint64_t>(update);
    book.venue_time = matched.known() ? matched : sent;
    book.receive_time = now;
    book.bids = bids.view();
    book.asks = asks.view();
    sink.on_book(book);
}

void PublicMessage::hand_on_top(Timestamp now, FactSink& sink) const
{
    BestQuote best = quote;
    if (content == Content::ticker) {
        // A delta leaves out what did not change. Remembering it would make this a second book: only messages
        // that tell both sides are quotes.
        if (!both_sides) return;
        if (best.bid.price.units == 0 || best.bid.quantity.zero()) best.bid = {};
        if (best.ask.price.units == 0 || best.ask.quantity.zero()) best.ask = {};
        if (best.bid.quantity.zero() && best.ask.quantity.zero()) return;
    } else {
        // Documented as snapshots only. A delta, should one come, may hold a deletion beside the new best
        // level.
        for (const Level& level : bids.view()) best.bid = level.quantity.zero() ? best.bid : level;
        for (const Level& level : asks.view()) best.ask = level.quantity.zero() ? best.ask : level;
        const bool partial = best.bid.quantity.zero() || best.ask.quantity.zero();
        if (kind == Kind::delta && partial) return;
    }
    // `seq` of books and `cs` of tickers are one counter; `u` is another one for each topic.
    best.sequence = static_cast<std::uint64_t>(std::max<std::int64_t>(cross_sequence, 0));
    best.listing = listing->id;
    best.venue_time = matched.known() ? matched : sent;
    best.receive_time = now;
    sink.on_quote(best);
}

void PublicMessage::hand_on_reply(ConnectionId connection, Timestamp now, FactSink& sink) const
{
    if (!success) {
        sink.on_undecoded({UndecodedReason::venue_error, kNoListing, connection, text});
    } else if (operation == "subscribe" || operation == "unsubscribe") {
        // A reply names its request, not its topics.
        sink.on_acknowledged(connection, kNoListing, operation == "subscribe");
    } else if (operation == "pong") {
        if (pong.known()) sink.on_venue_time(pong, now);
    } else if (operation != "ping" && operation != "auth") {
        sink.on_undecoded({UndecodedReason::unknown_message, kNoListing, connection, operation});
    }
}

// A frame cut short may not even show its topic to the parser, so its text is searched: better one book too
// many in doubt than a lost delta unnoticed.
ListingId PublicMessage::listing_in_doubt(PaddedText frame, VenueId venue, const InstrumentTable& table) const
{
    if (listing != nullptr) {
        return content == Content::book ? listing->id : kNoListing;
    }
    if (!topic.empty()) return kNoListing;
    std::string_view rest = frame.view();
    constexpr std::string_view kTopic = "\"orderbook.";
    const std::size_t at = rest.find(kTopic);
    if (at == std::string_view::npos) return kNoListing;
    rest.remove_prefix(at + kTopic.size());
    const std::size_t end = rest.find('"');
    if (end == std::string_view::npos) return kNoListing;  // half a symbol may be another one's name
    rest = rest.substr(0, end);
    const std::size_t dot = rest.find('.');
    if (dot == std::string_view::npos || rest.substr(0, dot) == "1") return kNoListing;
    const Listing* found = table.find_symbol(venue, rest.substr(dot + 1));
    return found != nullptr ? found->id : kNoListing;
}

}  // namespace arb::bybit
