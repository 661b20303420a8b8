#pragma once
// What the public channels of the emulated OKX tell: books as they change and those that stay quiet, trades,
// tickers, markets that halt. It knows what each websocket heard last of a book. One thread, no errors.
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "connectors/okx/emulated_market_data.hpp"
#include "connectors/okx/emulated_sessions.hpp"

namespace arb::okx {

class EmulatedFeed : EmulatedPart {
  public:
    using EmulatedPart::EmulatedPart;

    /// What a channel says at once; `listing`: where it is about one.
    void start(SessionId id, const Subscription& wanted, const Listing* listing, Timestamp now,
               SessionOutbox& out);
    void forget_book(SessionId id, ListingId listing) { books_.erase({id, listing}); }
    void forget(SessionId id);
    void tell_book(const Listing& listing, std::span<const Level> bids, std::span<const Level> asks,
                   const EmulatedBook& book, Timestamp now, SessionOutbox& out);
    void tell_trade(const Trade& trade, Timestamp now, SessionOutbox& out);
    void on_tick(Timestamp now, SessionOutbox& out);

  private:
    /// What a websocket heard last of a book.
    struct BookState {
        std::int64_t sequence = 0;
        Timestamp told;
    };
    std::string top_frame(std::string_view channel, const Listing& listing, const EmulatedBook& book,
                          Timestamp now) const;
    void watch_markets(Timestamp now, SessionOutbox& out);
    void keep_alive(Timestamp now, SessionOutbox& out);
    void tell_tickers(Timestamp now, SessionOutbox& out);

    std::map<std::pair<SessionId, ListingId>, BookState> books_;
    std::map<ListingId, bool> halted_;          ///< as last told
    std::map<ListingId, std::string> tickers_;  ///< as last told, without the time
    Timestamp tickers_told_;
};

}  // namespace arb::okx
