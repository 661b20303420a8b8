#pragma once
// How many orders may be sent in a second: of all venues together, as the configuration says, and at each
// venue, as that allows us, where cancels count too and a part is kept for cancelling and closing. Core
// thread; no allocation after the constructor.
#include <array>
#include <cstdint>
#include <vector>

#include "engine/base/ids.hpp"
#include "engine/base/time.hpp"

namespace arb {

class OrderPace {
  public:
    OrderPace(std::uint32_t orders_per_second, std::size_t venues);

    /// Requests a second the venue allows us, and how many of them opening orders may not use.
    void set_budget(VenueId venue, std::uint32_t orders_per_second, std::uint32_t reserved);
    /// A cancel was sent: it counts against the venue's budget.
    void on_request(VenueId venue, Timestamp now);
    /// An order was sent, or the price of one was changed.
    void on_order(VenueId venue, Timestamp now);
    /// The last one there, as if it had never been.
    void take_back(VenueId venue);
    /// So many more would be too many for this second.
    bool exhausted(Timestamp now, std::uint32_t wanted) const;
    /// The venue takes no more now; of opening orders, or of any.
    bool exhausted_at(VenueId venue, bool opening, Timestamp now) const;

  private:
    static constexpr std::size_t kWindow = 4096;
    struct Venue {
        std::uint32_t per_second = 0;  ///< 0: not limited
        std::uint32_t reserved = 0;
        std::array<Timestamp, 256> sent{};
        std::uint64_t sent_count = 0;
    };
    std::uint32_t orders_per_second_;
    std::array<Timestamp, kWindow> sent_{};
    std::uint64_t sent_count_ = 0;
    std::vector<Venue> venues_;
};

}  // namespace arb
