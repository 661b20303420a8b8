#pragma once
// The packages that are open: a fixed number of places, of which only those that are taken are ever touched,
// for they are large; and when each of them is looked at again. Core thread; no allocation after the
// constructor.
#include <cstdint>
#include <vector>

#include "engine/trading/open_package.hpp"

namespace arb {

class OpenPackages {
  public:
    static constexpr std::size_t kMost = 64;  // one bit each

    explicit OpenPackages(const Markets& markets) : markets_(&markets), places_(kMost) {}

    bool full() const { return count_ == kMost; }
    std::size_t count() const { return count_; }
    /// A package begins; there must be room.
    OpenPackage& take(const Package& package, Timestamp sent);
    void release(OpenPackage& open);
    /// Null: it is not open.
    OpenPackage* find(PackageId package)
    {
        return first([package](const OpenPackage& open) { return open.package.id == package; });
    }
    /// At this time, when a cancel or a change of price must be given up, or when what rests has rested long
    /// enough; 0: not by itself.
    void look_again(OpenPackage& open, Timestamp due);
    /// Some have a time at which they are looked at again.
    bool any_waking() const { return waking_ > 0; }
    /// The first for which `is` holds; null: none.
    template <class Is>
    OpenPackage* first(Is&& is)
    {
        for (std::uint64_t left = used_; left != 0; left &= left - 1) {
            OpenPackage& open = places_[static_cast<std::size_t>(__builtin_ctzll(left))];
            if (is(open)) return &open;
        }
        return nullptr;
    }
    /// Those that were open when it began and still are.
    template <class Visit>
    void for_each(Visit&& visit)
    {
        for (std::uint64_t left = used_; left != 0; left &= left - 1) {
            OpenPackage& open = places_[static_cast<std::size_t>(__builtin_ctzll(left))];
            if (open.used) visit(open);
        }
    }
    template <class Visit>
    void for_each(Visit&& visit) const
    {
        for (std::uint64_t left = used_; left != 0; left &= left - 1)
            visit(places_[static_cast<std::size_t>(__builtin_ctzll(left))]);
    }

    /// A cancel that nothing came of is sent again after so long, and a price that nobody confirms is no
    /// longer waited for.
    static constexpr Duration kChangeMost = seconds(2);

  private:
    void wake_at(OpenPackage& open, Timestamp time);

    const Markets* markets_;
    std::vector<OpenPackage> places_;
    std::uint64_t used_ = 0;  ///< one bit a place that is taken
    std::size_t count_ = 0;
    std::size_t waking_ = 0;
};

}  // namespace arb
