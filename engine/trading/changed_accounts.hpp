#pragma once
// The accounts of base assets that orders or fills of ours have changed: whatever sums over accounts looks at
// these alone, and costs no more when more instruments are listed. Core thread; no allocation after the
// constructor.
#include <vector>

#include "engine/base/instrument.hpp"
#include "engine/trading/portfolio.hpp"

namespace arb {

class ChangedAccounts {
  public:
    ChangedAccounts(const InstrumentTable& table, const Portfolio& portfolio)
        : portfolio_(&portfolio),
          listings_of_(portfolio.accounts().size()),
          is_ordered_(portfolio.accounts().size())
    {
        ordered_.reserve(portfolio.accounts().size());
        for (const Listing& listing : table.listings())
            listings_of_[portfolio.base_slot(listing.id)].push_back(listing.id);
    }

    /// An order of this listing was sent.
    void note(ListingId listing)
    {
        const std::size_t account = portfolio_->base_slot(listing);
        if (is_ordered_[account]) return;
        is_ordered_[account] = true;
        ordered_.push_back(account);
    }
    /// The listings whose base asset is held there.
    const std::vector<ListingId>& listings_of(std::size_t account) const { return listings_of_[account]; }
    /// Visits the place of each.
    template <class Visit>
    void for_each(Visit&& visit) const
    {
        for (const std::size_t account : ordered_) visit(account);
        for (const std::size_t account : portfolio_->moved()) {
            if (account < is_ordered_.size() && !is_ordered_[account] && !listings_of_[account].empty())
                visit(account);
        }
    }

  private:
    const Portfolio* portfolio_;
    std::vector<std::vector<ListingId>> listings_of_;  ///< by account
    std::vector<std::size_t> ordered_;
    std::vector<bool> is_ordered_;  ///< by account
};

}  // namespace arb
