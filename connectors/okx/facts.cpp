#include "connectors/okx/facts.hpp"

namespace arb::okx {

void hand_on_book(const PublicMessage& m, const LevelList& bids, const LevelList& asks, Timestamp now,
                  FactSink& sink)
{
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
    update.bids = bids.view();
    update.asks = asks.view();
    sink.on_book(update);
}

void hand_on_top(const PublicMessage& m, const LevelList& bids, const LevelList& asks, Timestamp now,
                 FactSink& sink)
{
    BestQuote quote = m.quote;
    if (m.content == Content::top) {
        if (bids.size() != 0) quote.bid = bids.view().front();
        if (asks.size() != 0) quote.ask = asks.view().front();
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

void hand_on_event(const PublicMessage& m, ConnectionId connection, FactSink& sink)
{
    if (m.event == "subscribe" || m.event == "unsubscribe") {
        sink.on_acknowledged(connection, m.listing != nullptr ? m.listing->id : kNoListing,
                             m.event == "subscribe");
    } else if (m.event == "error" || m.event == "channel-conn-count-error") {
        sink.on_undecoded({UndecodedReason::venue_error, kNoListing, connection, m.text});
    } else if (m.event != "notice" && m.event != "channel-conn-count" && m.event != "login") {
        sink.on_undecoded({UndecodedReason::unknown_message, kNoListing, connection, m.event});
    }
}

// Which book the unreadable frame was about. A frame cut short may not even show its `arg` to the parser, so
// its text is searched: better one book too many in doubt than a lost delta unnoticed.
ListingId listing_in_doubt(const PublicMessage& m, PaddedText frame, VenueId venue,
                           const InstrumentTable& table)
{
    if (m.listing != nullptr) {
        return m.content == Content::book ? m.listing->id : kNoListing;
    }
    if (!m.symbol.empty()) return kNoListing;
    const std::string_view text = frame.view();
    constexpr std::string_view kChannel = "\"channel\":\"books";
    constexpr std::string_view kSymbol = "\"instId\":\"";
    const std::size_t at = text.find(kSymbol);
    if (at == std::string_view::npos || text.find(kChannel) == std::string_view::npos) return kNoListing;
    const std::string_view rest = text.substr(at + kSymbol.size());
    const std::size_t quote = rest.find('"');
    if (quote == std::string_view::npos) return kNoListing;  // half a symbol may be another one's name
    const Listing* listing = table.find_symbol(venue, rest.substr(0, quote));
    return listing != nullptr ? listing->id : kNoListing;
}

}  // namespace arb::okx
