#pragma once
// What an emulated venue remembers of its public trades: the latest ones of each listing, numbered as the
// venue numbers them, and what those of the last 24 hours come to, which tickers tell. A day is kept in
// minutes, so its oldest minute falls out whole. Fed by EmulatedVenue::on_public_trade; one thread, no clock.
#include <cstdint>
#include <deque>
#include <vector>

#include "engine/base/instrument.hpp"
#include "engine/base/market_data.hpp"
#include "engine/emulate/emulator.hpp"

namespace arb {

struct TapeTrade {
    std::uint64_t id = 0;  ///< grows by one with each trade of the venue
    Trade trade;
    Amount notional;  ///< quote currency
};

/// What a listing's trades came to in a span of time, the last 24 hours as a rule. Without a trade in them
/// all prices are the last one before; without any trade at all they are the reference price.
struct TapeDay {
    Price open, high, low, last;
    Quantity last_quantity;
    Amount volume, turnover;  ///< base and quote currency
    std::uint64_t trades = 0, first_id = 0, last_id = 0;
    Timestamp begin, end;
};

class PublicTape {
  public:
    static constexpr std::size_t kKept = 1000;  ///< trades of a listing

    /// `first_id`: the number of the first trade. The table outlives the tape.
    PublicTape(const InstrumentTable& table, std::uint64_t first_id);

    /// What a price is before anything traded: the first one that is told of a listing stays. With a time,
    /// the listing begins with one trade of a lot at that price, older than a day and numbered before the
    /// first: clients expect that every market has traded at some time.
    void set_reference(ListingId listing, Price price, Timestamp now = {});
    /// The same with the best bid of a book, if it has one.
    void set_reference(ListingId listing, const EmulatedBook& book, Timestamp now);
    /// With the first book a listing begins with a trade of now, as no venue's tape is empty.
    void begin(ListingId listing, const EmulatedBook& book, Timestamp now);
    /// Keeps the trade; its number.
    std::uint64_t add(const Trade& trade);
    /// Oldest first, at most kKept.
    const std::deque<TapeTrade>& trades(ListingId listing) const { return tapes_[index(listing)].trades; }
    TapeDay day(ListingId listing, Timestamp now) const;
    /// From `begin` on, which is no more than a day ago.
    TapeDay since(ListingId listing, Timestamp begin, Timestamp now) const;

  private:
    struct Minute {
        std::int64_t number = 0;  ///< minutes since 1970
        Price open, high, low, close;
        Amount volume, turnover;
        std::uint64_t trades = 0, first_id = 0, last_id = 0;
    };
    struct Tape {
        std::deque<TapeTrade> trades;
        std::deque<Minute> minutes;  ///< with a trade, oldest first; no older than a day at the last trade
        Price reference, before;     ///< `before`: the last price that is in no minute of `minutes`
    };
    const InstrumentTable* table_;
    std::vector<Tape> tapes_;
    std::uint64_t first_id_, next_id_;
};

}  // namespace arb
