#pragma once
// Takes up the packages of an earlier run that had not ended, as its state log tells them, line by line: each
// with its orders, and the orders that followed. Part of PackageExecutor; core thread, before the first
// input.
#include <optional>
#include <span>

#include "engine/trading/open_packages.hpp"

namespace arb {

class PackageRestore {
  public:
    /// Both outlive it.
    PackageRestore(OpenPackages& packages, const Markets& markets) : packages_(&packages), markets_(&markets)
    {
    }

    void package(const Package& package, std::span<const OrderId> orders);
    void next_order(PackageId package, OrderId order, const OrderIntent& intent, Timestamp sent);
    /// The order was to have this price.
    void amend(PackageId package, OrderId order, Price price);
    /// `rate`: where it is in another market than the asset's, as rate_elsewhere told it.
    void unwind(PackageId package, OrderId order, const OrderIntent& intent, Timestamp sent,
                std::optional<Amount> rate);

  private:
    OpenPackages* packages_;
    const Markets* markets_;
};

}  // namespace arb
