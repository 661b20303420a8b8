#pragma once
// The public side of the emulated OKX: instruments and currencies, books, the tape of trades, tickers, and
// what it says of its own service. REST answers, and the pieces that EmulatedFeed tells on channels; one
// thread.
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "connectors/okx/emulated_call.hpp"
#include "connectors/okx/emulated_dialect.hpp"
#include "engine/emulate/public_tape.hpp"

namespace arb::okx {

class EmulatedMarketData : EmulatedPart {
  public:
    using EmulatedPart::EmulatedPart;

    Answer time(const EmulatedCall& call) const;
    Answer instruments(const EmulatedCall& call) const;
    Answer book(const EmulatedCall& call) const;
    Answer full_book(const EmulatedCall& call) const;
    Answer latest_trades(const EmulatedCall& call) const { return trades(call, false); }
    Answer old_trades(const EmulatedCall& call) const { return trades(call, true); }
    Answer ticker(const EmulatedCall& call) const;
    Answer service(const EmulatedCall& call) const;
    Answer currencies(const EmulatedCall& call) const;

    /// Of a kind; `symbol`: that one alone.
    Answer instruments(std::string_view kind, std::string_view symbol) const;
    std::string ticker_body(const Listing& listing, Timestamp now) const;
    static std::string service_json(Timestamp now);
    /// Keeps the trade; its number.
    std::uint64_t add(const Trade& trade) { return tape_.add(trade); }
    void on_book(ListingId id, const EmulatedBook& book, Timestamp now)
    {
        tape_.set_reference(id, book, now);
    }
    /// The number of a book's latest change; 0: nobody heard of one yet.
    std::int64_t sequence(ListingId listing) const;
    /// The same, once somebody hears of it.
    std::int64_t begin_sequence(ListingId listing);
    std::int64_t next_sequence(ListingId listing);

  private:
    static constexpr std::uint64_t kFirstTrade = 130'639'471;

    Answer trades(const EmulatedCall& call, bool history) const;
    /// What the exchange shows, as deep as the call wants it.
    EmulatedBook shown(const EmulatedCall& call, const Listing& listing, std::int64_t most) const;

    PublicTape tape_{table_, kFirstTrade};
    std::map<ListingId, std::int64_t> sequence_;
    std::uint64_t updates_ = 0;
};

}  // namespace arb::okx
