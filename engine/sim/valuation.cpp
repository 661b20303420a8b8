#include "engine/sim/valuation.hpp"

namespace arb {

Valuation::Valuation(const Markets& markets, const Portfolio& portfolio, std::string quote)
    : markets_(&markets), portfolio_(&portfolio)
{
    const InstrumentTable& table = markets.table();
    for (const Account& account : portfolio.accounts()) {
        Source source;
        source.is_quote = account.asset == quote;
        // The account's own venue first: its price is what the asset could be sold for there.
        for (const bool own_venue : {true, false}) {
            for (const Listing& listing : table.listings()) {
                const Instrument& instrument = table.instrument(listing.instrument);
                const std::string& name = account.position ? instrument.name : instrument.base;
                const bool fits = name == account.asset && instrument.quote == quote && !instrument.inverse &&
                                  (account.position || instrument.kind == InstrumentKind::spot);
                if (fits && (listing.venue == account.venue) == own_venue)
                    source.listings.push_back(listing.id);
            }
        }
        sources_.push_back(std::move(source));
    }
}

Amount Valuation::change()
{
    Amount total;
    complete_ = true;
    for (std::size_t i = 0; i < sources_.size(); ++i) {
        const Account& account = portfolio_->accounts()[i];
        const Amount change = account.fills - account.fees;
        Source& source = sources_[i];
        if (source.is_quote) {
            total += change;
            continue;
        }
        for (const ListingId id : source.listings) {
            const BookBuilder& builder = markets_->builder(id);
            if (!builder.tradable()) continue;
            const std::int64_t bid = builder.book().bids().best().price.units;
            source.middle = {bid + (builder.book().asks().best().price.units - bid) / 2};
            source.from = id;
            break;
        }
        if (change.zero()) continue;
        if (source.from == kNoListing) {
            complete_ = false;
            continue;
        }
        const Instrument& instrument = markets_->table().instrument_of(source.from);
        const Quantity quantity{static_cast<std::int64_t>(
            change.units / power_of_ten(kAmountDecimals - instrument.quantity_decimals))};
        const std::optional<Amount> value = instrument.notional(source.middle, quantity);
        if (value)
            total += *value;
        else
            complete_ = false;
    }
    return total;
}

}  // namespace arb
