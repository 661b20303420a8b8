#pragma once
// What a public message comes to once it has been read to its end: a book, a best quote, an event, or which
// book an unreadable frame was about. Called by Decoder on the core thread; no allocation, no errors.
#include "connectors/okx/public_message.hpp"
#include "engine/base/padded_text.hpp"
#include "engine/venue/level_reader.hpp"

namespace arb::okx {

void hand_on_book(const PublicMessage& message, const LevelList& bids, const LevelList& asks, Timestamp now,
                  FactSink& sink);
/// Of bbo-tbt from the levels, of tickers from the quote.
void hand_on_top(const PublicMessage& message, const LevelList& bids, const LevelList& asks, Timestamp now,
                 FactSink& sink);
void hand_on_event(const PublicMessage& message, ConnectionId connection, FactSink& sink);
/// kNoListing: no book is in doubt.
ListingId listing_in_doubt(const PublicMessage& message, PaddedText frame, VenueId venue,
                           const InstrumentTable& table);

}  // namespace arb::okx
