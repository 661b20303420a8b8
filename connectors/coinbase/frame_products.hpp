#pragma once
// Whose books a public frame speaks of: each product is its own listing's and those of its aliases, whose
// facts are told in further passes over the frame. Held by Decoder, asked by its parts; hot path, no
// allocation.
#include <utility>

#include "connectors/coinbase/aliases.hpp"
#include "engine/venue/venue.hpp"

namespace arb::coinbase {

/// What all facts of one frame share.
struct FrameInput {
    ConnectionId connection{};
    const char* end = nullptr;
    Timestamp now;
    Timestamp venue_time;
    std::uint64_t sequence = 0;
    bool unnumbered = false;
};

class FrameProducts {
  public:
    explicit FrameProducts(const VenueSetup& setup)
        : venue_(setup.id), table_(*setup.table), aliases_(table_, venue_)
    {
    }

    void begin()
    {
        pass_ = 0;
        more_ = false;
    }
    /// True: a product of the frame has another alias, so the frame is read once more, in that one's units.
    bool next_pass()
    {
        ++pass_;
        return std::exchange(more_, false);
    }
    bool is_first_pass() const { return pass_ == 0; }

    /// The listing that a product's facts belong to in this pass: its own first, then each of its aliases.
    const Listing* listing_of(std::string_view product)
    {
        const Listing* const alias = aliases_.find(product, pass_);
        if (alias != nullptr) more_ = true;
        return pass_ == 0 ? table_.find_symbol(venue_, product) : aliases_.find(product, pass_ - 1);
    }
    /// A product that is nobody's in this pass is worth a word only if it is nobody's at all.
    bool nobodys(std::string_view product) const
    {
        return pass_ == 0 && aliases_.find(product, 0) == nullptr;
    }
    /// All listings of a product, in whichever pass.
    template <class OnListing>
    void for_each(std::string_view product, OnListing&& on_listing) const
    {
        const Listing* const own = table_.find_symbol(venue_, product);
        if (own != nullptr) on_listing(*own);
        for (std::size_t n = 0; const Listing* alias = aliases_.find(product, n); ++n) on_listing(*alias);
    }

  private:
    VenueId venue_;
    const InstrumentTable& table_;
    Aliases aliases_;
    std::size_t pass_ = 0;  ///< over the frame: 0 for the products themselves
    bool more_ = false;
};

}  // namespace arb::coinbase
