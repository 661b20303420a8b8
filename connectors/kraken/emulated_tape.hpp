#pragma once
// What the emulated Kraken says of its market: trades and days from one tape, books, pairs, the time; by
// REST, and the entries of the channels `ticker` and `trade`. Part of the emulated venue; one thread.
#include <string>
#include <string_view>

#include "connectors/kraken/emulated_dialect.hpp"
#include "connectors/kraken/emulated_forms.hpp"
#include "engine/emulate/public_tape.hpp"

namespace arb::kraken {

class EmulatedTape : EmulatedPart {
  public:
    using EmulatedPart::EmulatedPart;

    /// A listing's book is there.
    void begin(ListingId id, const EmulatedBook& book, Timestamp now) { tape_.begin(id, book, now); }
    /// Its number.
    std::uint64_t add(const Trade& trade) { return tape_.add(trade); }

    /// A public question by REST.
    Answer answer(std::string_view name, std::string_view form, Timestamp now) const;
    std::string ticker_frame(std::string_view type, const Listing& listing, Timestamp now) const;
    /// The latest ones.
    std::string trade_rows(const Listing& listing) const;

  private:
    Answer assets() const;
    Answer pairs(std::string_view form) const;
    Answer depth(std::string_view form, Timestamp now) const;
    Answer recent_trades(std::string_view form, Timestamp now) const;
    Answer ticker(std::string_view form, Timestamp now) const;
    std::string ticker_row(const Listing& listing, Timestamp now) const;

    PublicTape tape_{table_, 1};
};

}  // namespace arb::kraken
