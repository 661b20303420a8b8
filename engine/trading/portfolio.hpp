#pragma once
// What we own where: one account a venue and asset, exact. Spot moves base against quote. A derivative is
// kept as a position, an asset named like its instrument ("BTC/USDT:PERP"), paid for in full on paper: buying
// adds the position and takes price x quantity from the quote account, so end == start + fills - fees holds
// everywhere and equity is quote + position x mark. Core thread; slots are fixed at start, but for assets
// that only fees are taken from.
#include <string>
#include <vector>

#include "engine/base/instrument.hpp"
#include "engine/base/order.hpp"

namespace arb {

struct Account {
    VenueId venue{};
    std::string asset;
    bool position = false;  ///< a derivative's position, may be negative
    Amount start, fills, fees;
    Amount carried;  ///< of `start`: what fills of earlier runs changed
    Amount end() const { return start + fills - fees; }
    /// What fills changed since our record of this account began, in this run and before.
    Amount change() const { return carried + fills; }
};

class Portfolio {
  public:
    explicit Portfolio(const InstrumentTable& table);

    /// Before the first fill. False: the venue has no listing with that asset.
    bool set_start(VenueId venue, std::string_view asset, Amount amount);
    /// The owner moved it in (or out): part of where this record began. False: there is no such account.
    bool adjust(VenueId venue, std::string_view asset, Amount amount);
    /// Fees leave the account of the asset they were taken from; a third asset gets an account when first
    /// seen.
    void apply(ListingId listing, Side side, const Fill& fill);
    /// What an account was at the end of an earlier run; makes the account when there is none. This run's
    /// figures begin there.
    void restore(VenueId venue, std::string_view asset, Amount end, Amount carried);
    /// The account; nullptr: none.
    const Account* find(VenueId venue, std::string_view asset) const;

    const std::vector<Account>& accounts() const { return accounts_; }
    /// Places of the accounts that fills have changed, in this run and before, and of positions that were
    /// there; each once.
    const std::vector<std::size_t>& moved() const { return moved_; }
    const Account& base(ListingId id) const { return accounts_[slots_[index(id)].base]; }
    const Account& quote(ListingId id) const { return accounts_[slots_[index(id)].quote]; }
    std::size_t base_slot(ListingId id) const { return slots_[index(id)].base; }
    std::size_t quote_slot(ListingId id) const { return slots_[index(id)].quote; }

  private:
    struct Slots {
        std::size_t base = 0, quote = 0;
    };
    std::size_t slot(VenueId venue, const std::string& asset, bool position);
    void note_moved(std::size_t account);

    const InstrumentTable* table_;
    std::vector<Account> accounts_;
    std::vector<Slots> slots_;  // by listing
    std::vector<std::size_t> moved_;
    std::vector<bool> is_moved_;  // by account
};

}  // namespace arb
