#pragma once
// Money that the owner said he moves from one venue to another: what may explain a difference of balances
// until both ends were seen or a day went by. Plain state; OwnersMoney looks at the balances, writes down
// what is seen, and tells. Core thread.
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/ids.hpp"
#include "engine/base/money.hpp"
#include "engine/base/time.hpp"

namespace arb {

class AnnouncedTransfers {
  public:
    /// Every set of them is tried against a difference.
    static constexpr std::size_t kMost = 8;
    static constexpr Duration kLife = seconds(86'400);

    struct Transfer {
        std::uint64_t number = 0;  ///< in this state log
        VenueId from{}, to{};
        std::string asset;
        Amount amount;  ///< what leaves `from`; less may arrive
        Timestamp said;
        bool left = false, arrived = false;  ///< seen
    };
    /// One end of a transfer as an account shows it: below zero where money went.
    struct End {
        std::uint64_t number = 0;
        Amount amount;
    };
    struct Explanation {
        std::vector<End> ends;  ///< empty: nothing that was announced explains it
        Amount cost;            ///< what did not arrive
    };

    bool empty() const { return open_.empty(); }
    bool full() const { return open_.size() >= kMost; }
    const std::vector<Transfer>& open() const { return open_; }
    const Transfer* find(std::uint64_t number) const;

    /// A new one; its number.
    std::uint64_t announce(Transfer transfer);
    void restore(const Transfer& transfer);
    /// An end was seen; with both of them it is over. False: there is no such transfer any more.
    bool see(std::uint64_t number, bool left);
    void drop(std::uint64_t number);
    /// Those that were announced a day ago.
    std::vector<Transfer> lapsed(Timestamp now) const;

    /// What of a venue's asset moved by `moved`, by which ends: all that was announced to leave (`same` says
    /// whether that sum is the difference), or of what is to arrive the least sum that covers it, if at least
    /// half of that came.
    Explanation explain(VenueId venue, std::string_view asset, Amount moved,
                        const std::function<bool(Amount)>& same) const;

  private:
    std::vector<Transfer> open_;  // oldest first
    std::uint64_t last_ = 0;
};

}  // namespace arb
