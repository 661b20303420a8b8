#pragma once
// The public trades of the emulated Bybit and its tickers, by REST and as the topics tell them. Fed by
// EmulatedBybit, asked by its sessions; one thread.
#include <string>

#include "connectors/bybit/emulated_account.hpp"
#include "engine/emulate/public_tape.hpp"

namespace arb::bybit {

class EmulatedTape : EmulatedPart {
  public:
    using EmulatedPart::EmulatedPart;

    Answer recent_trades(const EmulatedCall& call) const;
    Answer tickers(const EmulatedCall& call) const;
    std::string ticker_message(const Listing& listing, Timestamp now);
    /// Keeps the trade; as the topic tells it.
    std::string add(const Trade& trade, Timestamp now);
    void on_book(ListingId id, const EmulatedBook& book, Timestamp now)
    {
        tape_.set_reference(id, book, now);
    }

  private:
    std::string ticker_fields(const Listing& listing, bool best, Timestamp now) const;
    Price hour_ago(ListingId listing, Price otherwise, Timestamp now) const;

    PublicTape tape_{table_, kPublicTrades};
};

}  // namespace arb::bybit
