#pragma once
// Gate's trades and best quotes. A message is read wholly before any of it is handed on. Part of Decoder; no
// allocation after warm-up.
#include <string_view>
#include <vector>

#include "engine/venue/json_fields.hpp"
#include "engine/venue/level_reader.hpp"
#include "engine/venue/venue.hpp"

namespace arb::gate {

class TradeDecoder : private FrameReader {
  public:
    TradeDecoder(VenueId venue, const InstrumentTable& table, bool spot);

    // The value begins at `result` (nullptr: there is none). False: it cannot be used, for that reason().
    bool read_trades(const char* result, PaddedText frame);
    bool read_quote(const char* result, PaddedText frame);
    UndecodedReason reason() const { return reason_; }
    /// A name in what was read that is no listing's.
    std::string_view stranger() const { return stranger_; }
    /// What was read last.
    void hand_on(Timestamp now, FactSink& sink);

  private:
    static constexpr std::size_t kTradesMost = 4096;  ///< in one message
    /// Where the values of a trade or ticker stand: they are read once its listing is known.
    struct Fields {
        const char *price = nullptr, *size = nullptr, *bid = nullptr, *bid_size = nullptr, *ask = nullptr,
                   *ask_size = nullptr;
        std::string_view symbol;
    };

    void clear(PaddedText frame);
    bool read_trade(TextCursor& cursor);
    bool read_signed_size(TextCursor cursor, const Listing& listing, Trade& trade);
    bool read_quote_side(const char* price, const char* size, const Listing& listing, Level& out);

    VenueId venue_;
    const InstrumentTable* table_;
    bool spot_;
    const char* end_ = nullptr;  ///< of the frame
    std::vector<Trade> trades_;
    BestQuote quote_;
    std::string_view stranger_;
};

}  // namespace arb::gate
