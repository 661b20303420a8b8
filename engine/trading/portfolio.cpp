#include "engine/trading/portfolio.hpp"

namespace arb {

Portfolio::Portfolio(const InstrumentTable& table) : table_(&table)
{
    for (const Listing& listing : table.listings()) {
        const Instrument& instrument = table.instrument(listing.instrument);
        const bool position = instrument.kind != InstrumentKind::spot;
        Slots slots;
        slots.base = slot(listing.venue, position ? instrument.name : instrument.base, position);
        slots.quote = slot(listing.venue, instrument.quote, false);
        slots_.push_back(slots);
    }
}

std::size_t Portfolio::slot(VenueId venue, const std::string& asset, bool position)
{
    for (std::size_t i = 0; i < accounts_.size(); ++i) {
        if (accounts_[i].venue == venue && accounts_[i].asset == asset) return i;
    }
    accounts_.push_back({venue, asset, position, {}, {}, {}, {}});
    is_moved_.push_back(false);
    moved_.reserve(accounts_.size());
    return accounts_.size() - 1;
}

void Portfolio::note_moved(std::size_t account)
{
    if (is_moved_[account]) return;
    is_moved_[account] = true;
    moved_.push_back(account);
}

bool Portfolio::set_start(VenueId venue, std::string_view asset, Amount amount)
{
    for (Account& account : accounts_) {
        if (account.venue != venue || account.asset != asset) continue;
        account.start = amount;
        // A position that was there binds margin from the first order on.
        if (account.position && !amount.zero())
            note_moved(static_cast<std::size_t>(&account - accounts_.data()));
        return true;
    }
    return false;
}

bool Portfolio::adjust(VenueId venue, std::string_view asset, Amount amount)
{
    for (Account& account : accounts_) {
        if (account.venue != venue || account.asset != asset) continue;
        account.start += amount;
        return true;
    }
    return false;
}

void Portfolio::apply(ListingId listing, Side side, const Fill& fill)
{
    note_moved(slots_[index(listing)].base);
    note_moved(slots_[index(listing)].quote);
    Account& base = accounts_[slots_[index(listing)].base];
    Account& quote = accounts_[slots_[index(listing)].quote];
    const Amount quantity = table_->instrument_of(listing).amount(fill.quantity);
    if (side == Side::buy) {
        base.fills += quantity;
        quote.fills -= fill.notional;
    } else {
        base.fills -= quantity;
        quote.fills += fill.notional;
    }
    switch (fill.fee_asset) {
        case FeeAsset::quote:
            quote.fees += fill.fee;
            break;
        case FeeAsset::base:
            base.fees += fill.fee_paid;
            break;
        case FeeAsset::other:
            // Last: a new account may move the others.
            accounts_[slot(table_->listing(listing).venue, fill.fee_name.data(), false)].fees +=
                fill.fee_paid;
            break;
    }
}

void Portfolio::restore(VenueId venue, std::string_view asset, Amount end, Amount carried)
{
    const std::size_t place = slot(venue, std::string(asset), false);
    if (!carried.zero() || (accounts_[place].position && !end.zero())) note_moved(place);
    Account& account = accounts_[place];
    account.start = end;
    account.fills = account.fees = {};
    account.carried = carried;
}

const Account* Portfolio::find(VenueId venue, std::string_view asset) const
{
    for (const Account& account : accounts_) {
        if (account.venue == venue && account.asset == asset) return &account;
    }
    return nullptr;
}

}  // namespace arb
