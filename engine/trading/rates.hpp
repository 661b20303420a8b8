#pragma once
// What one of each quote currency is worth in the one currency that limits and results are counted in. A
// market of BTC must not be judged by a limit of USDT as if one were the other. The price is the middle of a
// fresh usable book of the two currencies, first of the instrument that the configuration names; what no book
// tells, or only one that is too old, has no value, and new risk in it is refused. Core thread; no
// allocation after the constructor.
#include <optional>
#include <string>
#include <vector>

#include "engine/market/markets.hpp"
#include "engine/trading/package.hpp"

namespace arb {

/// Where the configuration says that a currency's worth comes from.
struct RateSource {
    std::string currency;         ///< of some market: USDC
    std::string instrument;       ///< USDC/USDT, or the other way round; empty: `fixed` says it
    std::optional<Amount> fixed;  ///< the operator's own word, which no book ever corrects
    std::string place;            ///< file:line:col
};

struct RateSettings {
    std::string currency;  ///< of limits and results; empty: each market's own, unconverted (one currency)
    std::vector<RateSource> sources;
    Duration age_max = seconds(60);
};

class Rates {
  public:
    /// StartError (usage): a source names an instrument that there is not, or one of other currencies.
    Rates(const Markets& markets, const RateSettings& settings);

    /// What one of the listing's quote currency is worth now; empty: nothing tells.
    std::optional<Amount> of(ListingId listing, Timestamp now) const;
    /// The last that was told, however old: for what is held already. Empty: nothing ever did.
    std::optional<Amount> last_of(ListingId listing, Timestamp now) const;
    /// A result of the listing's quote currency, in that of limits; where nothing ever told the rate a loss is
    /// larger than any limit, and a gain is nothing.
    Amount counted(ListingId listing, Amount result, Timestamp now) const;
    /// What one of the first listing's quote currency is worth in that of the second.
    std::optional<Amount> between(ListingId from, ListingId to, Timestamp now) const;
    /// So much of the currency of limits, in the listing's quote currency; empty: nothing tells.
    std::optional<Amount> in_quote(ListingId listing, Amount amount, Timestamp now) const;
    /// Currencies of markets that nothing here can value.
    std::vector<std::string> unknown() const;

  private:
    struct Currency {
        std::string name;
        Amount fixed;         ///< zero: books tell it
        bool traded = false;  ///< some market is priced in it
        struct Book {
            ListingId listing = kNoListing;
            bool inverse = false;  ///< its base is the currency of limits
        };
        std::vector<Book> books;
        mutable Amount last;  ///< zero: never told
    };
    std::optional<Amount> by_book(const Currency::Book& book, Timestamp now) const;
    std::optional<Amount> value(const Currency& currency, Timestamp now) const;
    void find_books(Currency& currency, const RateSettings& settings);

    const Markets* markets_;
    Duration age_max_;
    std::vector<Currency> currencies_;
    std::vector<std::size_t> of_listing_;  // place of its quote currency
};

}  // namespace arb
