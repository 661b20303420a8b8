// What the decoder hands on once a frame has been read to its end.
#include "connectors/okx/decoder.hpp"

namespace arb::okx {

void Decoder::hand_on(ConnectionId connection, Timestamp now, FactSink& sink)
{
    const Message& m = message_;
    if (m.content == Content::quiet) return;
    if (m.content == Content::instruments || m.content == Content::service)
        return hand_on_states(connection, sink);
    if (m.content == Content::unknown) {
        const std::string_view text = m.channel.empty() ? m.text : m.channel;
        sink.on_undecoded({UndecodedReason::unknown_message, kNoListing, connection, text});
        return;
    }
    if (m.listing == nullptr) {
        sink.on_undecoded({UndecodedReason::unknown_instrument, kNoListing, connection, m.symbol});
        return;
    }
    if (m.content == Content::trades) {
        for (Trade& trade : trades_) {
            trade.receive_time = now;
            sink.on_trade(trade);
        }
    } else if (m.content == Content::book) {
        hand_on_book(now, sink);
    } else {
        hand_on_top(now, sink);
    }
}

void Decoder::hand_on_book(Timestamp now, FactSink& sink) const
{
    const Message& m = message_;
    BookUpdate update;
    update.listing = m.listing->id;
    update.snapshot = m.action != Action::update;  // books5 has no action: each message is the whole top five
    // Fixed to 0 since 2026-06 (changelog): the field is there, the checksum is not.
    update.has_checksum = m.checksum != 0;
    update.checksum = static_cast<std::uint32_t>(m.checksum);
    // Before 2023 messages carried no numbers at all; -1 says that nothing comes before a snapshot.
    update.unnumbered = m.sequence < 0;
    if (m.sequence >= 0) update.sequence_last = static_cast<std::uint64_t>(m.sequence);
    if (m.previous >= 0) {
        update.has_previous = true;
        update.sequence_previous = static_cast<std::uint64_t>(m.previous);
    }
    update.venue_time = m.time;
    update.receive_time = now;
    update.bids = bids_.view();
    update.asks = asks_.view();
    sink.on_book(update);
}

// A word that nobody knows is told, and nothing is risked on it.
void Decoder::hand_on_states(ConnectionId connection, FactSink& sink)
{
    for (const State& state : states_) {
        if (state.status == ListingStatus::unknown)
            sink.on_undecoded({UndecodedReason::unknown_message, kNoListing, connection, state.word});
        const bool trades = state.status == ListingStatus::trading;
        if (state.listing != nullptr)
            statuses_.tell(state.listing->id, trades, sink);
        else
            statuses_.tell_all(trades, sink);
    }
}

void Decoder::hand_on_top(Timestamp now, FactSink& sink) const
{
    const Message& m = message_;
    BestQuote quote = m.quote;
    if (m.content == Content::top) {
        if (bids_.size() != 0) quote.bid = bids_.view().front();
        if (asks_.size() != 0) quote.ask = asks_.view().front();
        if (m.sequence >= 0) quote.sequence = static_cast<std::uint64_t>(m.sequence);
    }
    // A price without a size, or a size without a price, is no side.
    if (quote.bid.price.units == 0 || quote.bid.quantity.zero()) quote.bid = {};
    if (quote.ask.price.units == 0 || quote.ask.quantity.zero()) quote.ask = {};
    if (m.content == Content::ticker && quote.bid.quantity.zero() && quote.ask.quantity.zero()) return;
    quote.listing = m.listing->id;
    quote.venue_time = m.time;
    quote.receive_time = now;
    sink.on_quote(quote);
}

void Decoder::hand_on_event(ConnectionId connection, FactSink& sink) const
{
    const Message& m = message_;
    if (m.event == "subscribe" || m.event == "unsubscribe") {
        sink.on_acknowledged(connection, m.listing != nullptr ? m.listing->id : kNoListing,
                             m.event == "subscribe");
    } else if (m.event == "error" || m.event == "channel-conn-count-error") {
        sink.on_undecoded({UndecodedReason::venue_error, kNoListing, connection, m.text});
    } else if (m.event != "notice" && m.event != "channel-conn-count" && m.event != "login") {
        sink.on_undecoded({UndecodedReason::unknown_message, kNoListing, connection, m.event});
    }
}

void Decoder::report_failure(ConnectionId connection, FactSink& sink) const
{
    sink.on_undecoded({reason_, listing_in_doubt(), connection, message_.symbol});
}

// Which book the unreadable frame was about. A frame cut short may not even show its `arg` to the parser, so
// its text is searched: better one book too many in doubt than a lost delta unnoticed.
ListingId Decoder::listing_in_doubt() const
{
    if (message_.listing != nullptr) {
        return message_.content == Content::book ? message_.listing->id : kNoListing;
    }
    if (!message_.symbol.empty()) return kNoListing;
    const std::string_view text = frame_.view();
    constexpr std::string_view kChannel = "\"channel\":\"books";
    constexpr std::string_view kSymbol = "\"instId\":\"";
    const std::size_t at = text.find(kSymbol);
    if (at == std::string_view::npos || text.find(kChannel) == std::string_view::npos) return kNoListing;
    const std::string_view rest = text.substr(at + kSymbol.size());
    const std::size_t quote = rest.find('"');
    if (quote == std::string_view::npos) return kNoListing;  // half a symbol may be another one's name
    const Listing* listing = table_->find_symbol(venue_, rest.substr(0, quote));
    return listing != nullptr ? listing->id : kNoListing;
}

}  // namespace arb::okx
