#pragma once
// What the readers of Kraken's books share: the levels of a message, in memory that is kept between frames,
// what was read of one book, and what each listing's book is like since its snapshot. Part of Decoder; hot
// path, no allocation once the lists have grown.
#include <string_view>
#include <vector>

#include "connectors/kraken/levels.hpp"
#include "engine/venue/venue.hpp"

namespace arb::kraken {

/// The frame that is being read.
struct FrameInput {
    ConnectionId connection{};
    const char* end = nullptr;
    Timestamp now;
};

struct BookSide {
    const char* at = nullptr;
    bool read = false;
    std::size_t begin = 0, end = 0;
};

/// One book of a message, its levels being ranges of Books' lists.
struct BookEvent {
    std::string_view symbol;
    const Listing* listing = nullptr;
    bool failed = false, snapshot = false, has_checksum = false;
    UndecodedReason reason = UndecodedReason::malformed;
    std::uint32_t checksum = 0;
    BookSide bids, asks;
    Wording wording;

    BookSide& side(bool of_bids) { return of_bids ? bids : asks; }
};

class Books {
  public:
    Books(const InstrumentTable& table, std::uint32_t depth)
        : states_(table.listings().size(), BookState{depth, {}})
    {
    }

    /// A message begins.
    void clear()
    {
        bids_.clear();
        asks_.clear();
    }
    LevelList& levels(bool of_bids) { return of_bids ? bids_ : asks_; }
    void set_depth(ListingId listing, std::uint32_t depth) { states_[index(listing)].depth = depth; }
    void tell(const BookEvent& event, const FrameInput& input, FactSink& sink);

  private:
    struct BookState {
        std::uint32_t depth = 0;
        TextDecimals text;
    };
    LevelList bids_, asks_;
    std::vector<BookState> states_;  ///< one a listing of the table
};

bool read_checksum(TextCursor& cursor, const FrameInput& input, BookEvent& event);

}  // namespace arb::kraken
