#pragma once
// What is known of the venue's orders by its own id: most of its messages name nothing else. The latest ten
// thousand are kept at least; one that is forgotten is asked for again. Core thread, may allocate.
#include <map>
#include <string>
#include <string_view>

#include "engine/base/client_order_id.hpp"
#include "engine/base/money.hpp"
#include "engine/base/order.hpp"

namespace arb::kraken {

struct KnownOrder {
    bool has_owner = false;         ///< whose it is was told: by its client id, a reply or a query
    OrderId order = kForeignOrder;  ///< when has_owner
    ListingId listing = kNoListing;
    bool is_elsewhere = false;  ///< of a pair that is none of our listings
    bool has_side = false;
    Side side = Side::buy;
    Price price;
    Quantity quantity;
};

class OrderMemory {
  public:
    KnownOrder* find(std::string_view id)
    {
        if (const auto found = young_.find(id); found != young_.end()) return &found->second;
        const auto found = old_.find(id);
        if (found == old_.end()) return nullptr;
        // What is still heard of stays young.
        return &young_.insert(old_.extract(found)).position->second;
    }
    KnownOrder& at(std::string_view id)
    {
        if (KnownOrder* known = find(id)) return *known;
        if (young_.size() >= kKept) {
            old_ = std::move(young_);
            young_.clear();
        }
        return young_[std::string(id)];
    }

  private:
    static constexpr std::size_t kKept = 10'000;
    using Orders = std::map<std::string, KnownOrder, std::less<>>;
    Orders young_, old_;
};

}  // namespace arb::kraken
