#pragma once
// The strategy of LiveWorld (live_world.hpp): it proposes what the test wishes, at the venues' touch or at a
// price where one leg rests, and reprices or withdraws that. The one place where these tests build packages.
// Header only, one thread, one world at a time.
#include <functional>
#include <optional>
#include <string>

#include "engine/trading/strategy.hpp"
#include "tests/support/trading_world.hpp"

namespace arb::test {

/// What the next look of the strategy shall do.
struct Wish {
    enum class What : std::uint8_t { nothing, propose, make, reprice, withdraw };
    What what = What::nothing;
    bool accepted = false;
    ListingId buy{}, sell{};
    std::string quantity;
    std::optional<Side> rests;  ///< this leg rests at `price`, the other one hedges it; empty: both take
    std::string price;
    std::function<Package(const MarketView&, Timestamp)> make;
    PackageId package{};  ///< proposed, or to be repriced or withdrawn
    static Wish of(What what)
    {
        Wish wish;
        wish.what = what;
        return wish;
    }
    static Wish& next()
    {
        static Wish wish;
        return wish;
    }
};

class Wisher final : public Strategy {
  public:
    void on_market(MarketId market, Timestamp now, const MarketView& view, PackageControl& desk) override
    {
        Wish& wish = Wish::next();
        if (wish.what == Wish::What::propose) {
            propose(market, now, view, desk, wish);
        } else if (wish.what == Wish::What::make) {
            Package package = wish.make(view, now);
            wish.what = Wish::What::nothing;
            wish.accepted = desk.propose(package, now);
            wish.package = package.id;
        } else if (wish.what == Wish::What::reprice) {
            const bool buys = wish.rests == Side::buy;
            const Price price = price_of(view.markets, buys ? wish.buy : wish.sell, wish.price);
            wish.accepted = desk.reprice(wish.package, buys ? 0 : 1, price, now);
            wish.what = Wish::What::nothing;
        } else if (wish.what == Wish::What::withdraw) {
            desk.withdraw(wish.package, now);
            wish.what = Wish::What::nothing;
        }
    }

  private:
    static Price price_of(const Markets& markets, ListingId listing, const std::string& text)
    {
        return {parse_scaled(text, markets.table().instrument_of(listing).price_decimals).value};
    }
    static void propose(MarketId market, Timestamp now, const MarketView& view, PackageControl& desk,
                        Wish& wish)
    {
        const ConsolidatedBook& book = view.markets.consolidated(market);
        Package package;
        package.market = market;
        package.decided = now;
        add(package, view.markets, book, wish.buy, Side::buy, wish.quantity);
        add(package, view.markets, book, wish.sell, Side::sell, wish.quantity);
        if (package.legs[0].intent.listing != wish.buy || package.legs[1].intent.listing != wish.sell) return;
        package.quantity = package.legs[0].intent.quantity;
        if (wish.rests) let_rest(view.markets, package, wish);
        wish.what = Wish::What::nothing;
        wish.accepted = desk.propose(package, now);
        wish.package = package.id;
    }
    static void let_rest(const Markets& markets, Package& package, const Wish& wish)
    {
        const bool buys = wish.rests == Side::buy;
        Leg& rest = package.legs[buys ? 0 : 1];
        rest.part = Part::rest;
        rest.intent.time_in_force = TimeInForce::post_only;
        rest.intent.price = rest.best = price_of(markets, rest.intent.listing, wish.price);
        rest.expected =
            *markets.table().instrument_of(rest.intent.listing).notional(rest.best, package.quantity);
        package.legs[buys ? 1 : 0].part = Part::hedge;
    }
    static void add(Package& package, const Markets& markets, const ConsolidatedBook& book, ListingId listing,
                    Side side, const std::string& quantity)
    {
        Leg& result = package.add(side);
        const auto& members = book.definition().members;
        for (std::size_t i = 0; i < members.size(); ++i) {
            if (members[i].listing != listing || !book.quotes()[i].usable || quantity.empty()) continue;
            const Instrument& instrument = markets.table().instrument_of(listing);
            result.member = static_cast<std::uint32_t>(i);
            result.best = side == Side::buy ? book.quotes()[i].ask : book.quotes()[i].bid;
            result.intent.listing = listing;
            result.intent.price = result.best;
            result.intent.quantity = {parse_scaled(quantity, instrument.quantity_decimals).value};
            result.expected = *instrument.notional(result.best, result.intent.quantity);
        }
    }
};

}  // namespace arb::test
