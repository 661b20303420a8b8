#pragma once
// Books of the emulated Bybit. Each depth is kept as its subscribers have it, so that levels that fall out of
// the depth are deleted and the counter grows by one with each change. Fed by EmulatedBybit, asked by its
// sessions; one thread.
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "connectors/bybit/emulated_dialect.hpp"

namespace arb::bybit {

class EmulatedBooks : EmulatedPart {
  public:
    /// Topics, and what is told there.
    using News = std::vector<std::pair<std::string, std::string>>;

    using EmulatedPart::EmulatedPart;

    Answer order_book(const EmulatedCall& call);
    bool book_topic(std::string_view topic, const Listing*& listing, std::uint32_t& depth) const;
    /// What a new subscriber is told; empty: it is no book's topic.
    std::string snapshot(std::string_view topic, Timestamp now);
    News change(const Listing& listing, const EmulatedBook& book, Timestamp now);
    /// Best prices that are told again because nothing changed.
    News tell_again(Timestamp now);

  private:
    struct Feed {
        std::vector<Level> bids, asks;
        std::int64_t update = 18'521'287;
        int changes = 0;
        bool known = false;
        Timestamp told;
    };

    Feed& feed(ListingId listing, std::uint32_t depth);
    std::string book_message(const Listing& listing, std::uint32_t depth, bool snapshot,
                             std::span<const Level> bids, std::span<const Level> asks, const Feed& feed,
                             Timestamp now);

    std::map<std::pair<ListingId, std::uint32_t>, Feed> feeds_;
};

}  // namespace arb::bybit
