#pragma once
// Which order of ours a venue's order id belongs to, and how much of it is known: fills carry no client id,
// and the private stream tells totals only. A fixed table that forgets the oldest of a full row; what was
// forgotten is asked for again. Core thread, no allocation after construction.
#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "engine/base/hash.hpp"
#include "engine/base/order_report.hpp"

namespace arb::coinbase {

struct KnownOrder {
    std::array<char, 40> id{};
    std::uint8_t id_size = 0;
    OrderId order = kForeignOrder;
    ListingId listing = kNoListing;
    Quantity told;     ///< cumulative, as the stream says
    Quantity counted;  ///< sum of the fills that were reported
    Price amending;    ///< the price it is to have, until a report shows it; 0: its own
    /// A message since the amend left the limit out: the order is asked for.
    bool price_due = false;
    bool price_asked = false;  ///< and that question is out
    std::uint64_t age = 0;
    std::string_view venue_id() const { return {id.data(), id_size}; }
};

class KnownOrders {
  public:
    KnownOrders() : rows_(kRows * kWays) {}

    KnownOrder* find(std::string_view venue_id)
    {
        for (KnownOrder& entry : row(venue_id)) {
            if (entry.id_size != 0 && entry.venue_id() == venue_id) return &entry;
        }
        return nullptr;
    }
    /// nullptr when the id is empty or longer than any of the venue's.
    KnownOrder* put(std::string_view venue_id, OrderId order, ListingId listing)
    {
        if (venue_id.empty() || venue_id.size() > sizeof KnownOrder::id) return nullptr;
        KnownOrder* entry = find(venue_id);
        if (entry == nullptr) {
            const auto ways = row(venue_id);
            entry =
                &*std::min_element(ways.begin(), ways.end(),
                                   [](const KnownOrder& a, const KnownOrder& b) { return a.age < b.age; });
            *entry = {};
            std::copy(venue_id.begin(), venue_id.end(), entry->id.begin());
            entry->id_size = static_cast<std::uint8_t>(venue_id.size());
        }
        entry->order = order;
        entry->listing = listing;
        entry->age = ++clock_;
        return entry;
    }

  private:
    static constexpr std::size_t kRows = 1024;
    static constexpr std::size_t kWays = 8;

    struct Row {
        KnownOrder* first;
        KnownOrder* begin() const { return first; }
        KnownOrder* end() const { return first + kWays; }
    };
    Row row(std::string_view venue_id)
    {
        std::uint64_t hash = 1469598103934665603ULL;
        for (const char c : venue_id) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
        // Ids that differ in their last letters alone must not crowd into a few rows.
        return {rows_.data() + (mix(hash) % kRows) * kWays};
    }

    std::vector<KnownOrder> rows_;
    std::uint64_t clock_ = 0;
};

}  // namespace arb::coinbase
