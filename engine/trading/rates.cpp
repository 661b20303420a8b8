#include "engine/trading/rates.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/base/result.hpp"

namespace arb {
namespace {

// One price in the other direction: 10^36 / price, both counted in 10^-18.
std::optional<Amount> turned(Amount rate)
{
    if (rate.units <= 0) return std::nullopt;
    constexpr Int128 kOne = kPowersOfTen[18];
    return Amount{kOne * kOne / rate.units};
}

}  // namespace

Rates::Rates(const Markets& markets, const RateSettings& settings)
    : markets_(&markets), age_max_(settings.age_max)
{
    const InstrumentTable& table = markets.table();
    for (const Listing& listing : table.listings()) {
        const std::string& quote = table.instrument(listing.instrument).quote;
        const auto known = std::find_if(currencies_.begin(), currencies_.end(),
                                        [&](const Currency& c) { return c.name == quote; });
        of_listing_.push_back(static_cast<std::size_t>(known - currencies_.begin()));
        if (known != currencies_.end()) continue;
        currencies_.emplace_back();
        currencies_.back().name = quote;
    }
    for (std::size_t m = 0; m < markets.market_count(); ++m) {
        const MarketDefinition& market = markets.consolidated(static_cast<MarketId>(m)).definition();
        currencies_[of_listing_[index(market.members.front().listing)]].traded = true;
    }
    for (Currency& currency : currencies_) {
        if (settings.currency.empty() || currency.name == settings.currency)
            currency.fixed = kRateSame;
        else
            find_books(currency, settings);
    }
}

// Of the instrument that is named, or of any spot instrument of the two currencies.
void Rates::find_books(Currency& currency, const RateSettings& settings)
{
    const InstrumentTable& table = markets_->table();
    const auto named = std::find_if(settings.sources.begin(), settings.sources.end(),
                                    [&](const RateSource& s) { return s.currency == currency.name; });
    const bool any = named == settings.sources.end();
    if (!any && named->fixed) {
        currency.fixed = *named->fixed;
        return;
    }
    for (const Listing& listing : table.listings()) {
        const Instrument& instrument = table.instrument(listing.instrument);
        const bool straight = instrument.base == currency.name && instrument.quote == settings.currency;
        const bool inverse = instrument.base == settings.currency && instrument.quote == currency.name;
        if (instrument.kind != InstrumentKind::spot || (!straight && !inverse)) continue;
        if (any || instrument.name == named->instrument) currency.books.push_back({listing.id, inverse});
    }
    if (any || !currency.books.empty()) return;
    throw StartError(ExitCode::usage,
                     fmt::format("{}: '{}' is no spot instrument of {} and {} that this run has; add it to "
                                 "`instruments`, or name another one",
                                 named->place, named->instrument, currency.name, settings.currency));
}

std::optional<Amount> Rates::by_book(const Currency::Book& book, Timestamp now) const
{
    const BookBuilder& builder = markets_->builder(book.listing);
    if (!builder.tradable() || now - builder.updated() > age_max_) return std::nullopt;
    const OrderBook& depth = builder.book();
    const Int128 twice = Int128{depth.bids().best().price.units} + depth.asks().best().price.units;
    const unsigned decimals = markets_->table().instrument_of(book.listing).price_decimals;
    const Amount middle{twice * power_of_ten(kAmountDecimals - decimals) / 2};
    return book.inverse ? turned(middle) : middle.units > 0 ? std::optional(middle) : std::nullopt;
}

std::optional<Amount> Rates::value(const Currency& currency, Timestamp now) const
{
    if (!currency.fixed.zero()) return currency.fixed;
    for (const Currency::Book& book : currency.books) {
        const std::optional<Amount> rate = by_book(book, now);
        if (!rate) continue;
        currency.last = *rate;
        return rate;
    }
    return std::nullopt;
}

std::optional<Amount> Rates::of(ListingId listing, Timestamp now) const
{
    return value(currencies_[of_listing_[index(listing)]], now);
}

std::optional<Amount> Rates::last_of(ListingId listing, Timestamp now) const
{
    const Currency& currency = currencies_[of_listing_[index(listing)]];
    const std::optional<Amount> rate = value(currency, now);
    return rate || currency.last.zero() ? rate : std::optional(currency.last);
}

Amount Rates::counted(ListingId listing, Amount result, Timestamp now) const
{
    const std::optional<Amount> rate = last_of(listing, now);
    if (rate) return at_rate(result, *rate);
    return result.units < 0 ? -kNotionalMost : Amount{};
}

std::optional<Amount> Rates::between(ListingId from, ListingId to, Timestamp now) const
{
    if (of_listing_[index(from)] == of_listing_[index(to)]) return kRateSame;
    const std::optional<Amount> here = of(from, now), there = of(to, now);
    const std::optional<Amount> back = there ? turned(*there) : std::nullopt;
    if (!here || !back) return std::nullopt;
    return *back == kRateSame ? here : std::optional(at_rate(*here, *back));
}

std::optional<Amount> Rates::in_quote(ListingId listing, Amount amount, Timestamp now) const
{
    const std::optional<Amount> rate = of(listing, now);
    if (!rate || *rate == kRateSame) return rate ? std::optional(amount) : std::nullopt;
    const std::optional<Amount> back = turned(*rate);
    return back ? std::optional(at_rate(amount, *back)) : std::nullopt;
}

std::vector<std::string> Rates::unknown() const
{
    std::vector<std::string> names;
    for (const Currency& currency : currencies_) {
        if (currency.traded && currency.fixed.zero() && currency.books.empty())
            names.push_back(currency.name);
    }
    return names;
}

}  // namespace arb
