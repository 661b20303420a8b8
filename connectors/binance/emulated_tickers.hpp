#pragma once
// Tickers of the emulated Binance: the last 24 hours, last prices, best quotes and, at the futures, mark
// prices; by REST, on the websocket API and on streams. One thread; errors are Binance's codes in answers.
#include <string>
#include <string_view>

#include "connectors/binance/emulated_tape.hpp"

namespace arb::binance {

class EmulatedTickers : EmulatedPart {
  public:
    using EmulatedPart::EmulatedPart;

    Answer best(const Call&) const;
    Answer last_price(const Call&) const;
    Answer day(const Call&) const;
    Answer premium_index(const Call&) const;
    /// What streams say every second or few.
    void tell_seconds(Timestamp now, SessionOutbox& out);

  private:
    template <class One>
    Answer each_chosen(const Call&, One entry) const;
    std::string average_text(ListingId id, const TapeDay& day) const;
    /// Best bid and best ask with their quantities; on streams in brief.
    std::string best_text(ListingId id, bool brief) const;
    std::string day_json(ListingId id, bool mini, Timestamp now) const;
    std::string day_event(ListingId id, bool mini, Timestamp now) const;
    std::string mark_price(ListingId id, Timestamp now) const;
    std::string mark_event(ListingId id, Timestamp now) const;
    std::string second_text(std::string_view name, std::int64_t second, Timestamp now) const;

    std::int64_t told_second_ = 0;  // of the venue's clock, when tickers were told last
};

}  // namespace arb::binance
