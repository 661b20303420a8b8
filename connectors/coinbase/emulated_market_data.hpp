#pragma once
// The public side of the emulated Coinbase: products, books, the tape of trades and what the last day came
// to, as REST answers it and as the channels tell it. Asked by EmulatedCoinbase and its sessions; one thread.
#include <string>

#include "connectors/coinbase/emulated_call.hpp"
#include "connectors/coinbase/emulated_dialect.hpp"
#include "engine/emulate/public_tape.hpp"

namespace arb::coinbase {

class EmulatedMarketData : EmulatedPart {
  public:
    using EmulatedPart::EmulatedPart;

    CoinbaseAnswer server_time(const EmulatedCall& call) const;
    CoinbaseAnswer products(const EmulatedCall& call) const;
    CoinbaseAnswer product(const EmulatedCall& call) const;
    CoinbaseAnswer product_book(const EmulatedCall& call) const;
    CoinbaseAnswer best_bid_ask(const EmulatedCall& call) const;
    CoinbaseAnswer market_trades(const EmulatedCall& call) const;
    CoinbaseAnswer currencies(const EmulatedCall& call) const;
    CoinbaseAnswer old_time(const EmulatedCall& call) const;
    CoinbaseAnswer exchange_rates(const EmulatedCall& call) const;

    void on_book(ListingId id, const EmulatedBook& book, Timestamp now)
    {
        tape_.set_reference(id, book, now);
    }
    /// Keeps the trade; as the channel tells it.
    std::string add(const Trade& trade);
    /// `best`: with the best quote.
    std::string ticker_json(const Listing& listing, bool best, Timestamp now) const;
    /// Whether it trades, as the status channel tells it.
    std::string state_json(const ListingDefinition& definition, const Listing& listing) const;

  private:
    static constexpr std::uint64_t kFirstTrade = 700'000'001;

    std::string product_json(const ListingDefinition& definition, Timestamp now, bool target = false,
                             bool post_only = false) const;
    std::string shop_window(Timestamp now) const;
    std::string book_json(const Listing& listing, std::size_t depth, Timestamp now) const;
    std::string trade_json(const TapeTrade& one) const;
    std::string day_json(ListingId listing, Timestamp now) const;

    PublicTape tape_{table_, kFirstTrade};
};

}  // namespace arb::coinbase
