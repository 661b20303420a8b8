#pragma once
// The public side of a rehearsal: books judged as the engine judges them, which subscriptions were confirmed,
// levels that are off the tick that the venue lists, messages that could not be read, and how far the times
// in its messages are from ours. Fed with facts; in the end it makes its rows. One thread.
#include <array>
#include <string>
#include <vector>

#include "engine/market/markets.hpp"
#include "engine/rehearsal/checks.hpp"
#include "engine/rehearsal/mask.hpp"

namespace arb {

/// Markets of one listing each: nothing is compared, a gate still finds its prices.
std::vector<MarketDefinition> single_markets(const InstrumentTable& table);

class FeedWatch {
  public:
    FeedWatch(const InstrumentTable& table, const std::vector<SequenceRule>& rules, const BookLimits& limits);

    // Facts, in the order in which they come.
    void begin_input(ConnectionId connection, Timestamp now);
    void on_book(const BookUpdate& update);
    void on_connection_sequence(ConnectionId connection, std::uint64_t sequence);
    void on_acknowledged(ListingId listing, bool subscribed);
    void on_undecoded(const Undecoded& undecoded, const Mask& mask);
    void on_close(ConnectionId connection, std::string_view what);

    template <class Ask>
    void take_resyncs(Timestamp now, Ask&& ask)
    {
        markets_.take_resyncs(now, ask);
        markets_.clear_changed();
    }
    const Markets& markets() const { return markets_; }
    const BookBuilder& book(ListingId listing) const { return markets_.builder(listing); }
    /// Every book has been valid.
    bool all_seen() const;
    /// How far the times in messages are behind our receiving them, at the least; nothing: none tells any.
    std::optional<Duration> behind() const;

    /// Before any row: from here on nothing counts. The books were watched since `begun`.
    void judge(RehearsalChecks& checks, Timestamp begun, Timestamp now, const Mask& mask) const;

  private:
    struct Seen {
        std::uint64_t confirmed = 0, ended = 0;
        std::uint64_t levels = 0, off_tick = 0;
        Price first_off;
        Timestamp valid;  ///< for the first time
    };
    struct Unread {
        std::uint64_t count = 0;
        std::string first;  ///< masked
    };
    static constexpr std::size_t kReasons = static_cast<std::size_t>(UndecodedReason::count_);

    void count_levels(const BookUpdate& update);
    void judge_book(RehearsalChecks& checks, const Listing& listing, Timestamp now) const;
    void judge_tick(RehearsalChecks& checks, const Listing& listing) const;

    const InstrumentTable* table_;
    Markets markets_;
    ConnectionId connection_{};
    Timestamp now_;
    bool in_past_ = false;
    std::vector<Seen> seen_;           // by listing
    std::uint64_t confirmed_any_ = 0;  // confirmations that name no listing
    std::array<Unread, kReasons> unread_{};
    std::vector<std::uint64_t> unread_levels_;  // by listing: what a level off its steps makes of a message
    std::vector<std::string> closed_;           // addresses, masked
    std::optional<Duration> behind_;
};

}  // namespace arb
