#pragma once
// Books, best quotes and instruments of the emulated Binance, by REST and on streams, and which of them trade
// now. One thread; errors are Binance's codes in answers.
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/binance/emulated_sessions.hpp"
#include "connectors/binance/emulator.hpp"

namespace arb::binance {

class EmulatedMarketData : EmulatedPart {
  public:
    using EmulatedPart::EmulatedPart;

    Answer exchange_info(const Call&) const;
    Answer depth(const Call&);

    void on_book(ListingId id, std::span<const Level> bids, std::span<const Level> asks,
                 const EmulatedBook& book, Timestamp now, SessionOutbox& out);
    /// Of a market that has no tape.
    void on_trade(const Trade& trade, SessionOutbox& out);
    /// Contracts whose status is another one than what was told last: spot tells them in its list alone.
    void tell_contracts(Timestamp now, SessionOutbox& out);

  private:
    void publish_messages(const Listing& listing, const std::vector<VenueMessage>& messages,
                          SessionOutbox& out);
    void publish_best_levels(const Listing& listing, std::string_view change, const EmulatedBook& book,
                             SessionOutbox& out) const;
    std::string with_old_orders(const Listing& listing, std::string text);

    std::unique_ptr<Emulator> feed_ = make_emulator(setup_.market);
    std::map<ListingId, std::string_view> contracts_;  // status, as last told
    std::uint64_t old_orders_ = 0;                     ///< changes of books so far
};

}  // namespace arb::binance
