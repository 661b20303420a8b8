#pragma once
// The only judge of books. One BookBuilder keeps one listing's OrderBook from the venue's updates: it joins
// snapshots with buffered deltas, checks the venue's numbering (a SequenceRule, data) and checksums, keeps to
// the venue's depth, and watches for books that stay crossed. Any doubt makes the book Invalid in the same
// step and asks for a resync, with back-off. Core thread; no allocation once buffers have grown.
//
//   empty ---delta/subscribe---> syncing ---snapshot (joined)---> valid ---gap, checksum, unreadable--->
//   invalid
//     invalid ---snapshot---> valid          any ---connection closed---> empty
//
// A book that stays locked or crossed while its numbers are unbroken is invalid, but followed: when the
// venue's own updates bring it apart it is valid again, also where no fresh snapshot can be asked for.
#include <cstdint>
#include <vector>

#include "engine/base/instrument.hpp"
#include "engine/base/market_data.hpp"
#include "engine/base/sequence_rule.hpp"
#include "engine/base/time.hpp"
#include "engine/market/book_checksum.hpp"
#include "engine/market/book_trouble.hpp"
#include "engine/market/order_book.hpp"
#include "engine/market/snapshot_reach.hpp"

namespace arb {

enum class BookState : std::uint8_t {
    empty,    ///< nothing heard, or the connection is gone
    syncing,  ///< deltas wait for a snapshot
    valid,
    invalid,  ///< doubted; waits for a fresh snapshot
};

const char* name(BookState state);

/// What one update did.
enum class BookOutcome : std::uint8_t {
    applied,
    replaced,      ///< a snapshot became the book
    buffered,      ///< waits for the snapshot
    ignored,       ///< in the past, or the book waits for a snapshot
    gap,           ///< the numbering has a hole: now invalid
    checksum_bad,  ///< now invalid
    bad_level,     ///< off the tick, or more levels than the bound: now invalid
    snapshot_old,  ///< a snapshot older than the buffered deltas: another one is needed
    crossed,       ///< locked or crossed for too long: now invalid
    exhausted,     ///< the best price left what the snapshot told: now invalid
};

struct BookStats {
    std::uint64_t snapshots = 0;
    std::uint64_t deltas = 0;   ///< received, whatever became of them
    std::uint64_t applied = 0;  ///< deltas that changed the book
    std::uint64_t ignored = 0;
    std::uint64_t gaps = 0;
    std::uint64_t resyncs = 0;  ///< fresh books asked for because of doubt (the first one is no resync)
    std::uint64_t checksums_ok = 0;
    std::uint64_t checksums_bad = 0;
    std::uint64_t crossed = 0;     ///< updates after which bid > ask
    std::uint64_t locked = 0;      ///< updates after which bid == ask
    std::uint64_t unreadable = 0;  ///< messages for this book that could not be decoded
    std::uint64_t left_out = 0;    ///< updates of another connection than the one that the book follows
};

struct BookLimits {
    Duration crossed_max = milliseconds(1000);  ///< crossed longer than this: invalid
    Duration resync_first = milliseconds(100);  ///< back-off of resyncs, doubling up to resync_most
    Duration resync_most = seconds(30);
    std::size_t buffered_max = 20'000;  ///< deltas that may wait for a snapshot
};

class BookBuilder {
  public:
    BookBuilder(const Instrument& instrument, const Listing& listing, const SequenceRule& rule,
                const BookLimits& limits);

    BookOutcome apply(const BookUpdate& update);
    /// A message for this book could not be read, or its connection lost frames.
    void doubt(bool gap, Timestamp now);
    /// The connection is gone, or its recording is over: nothing about the book is known.
    void reset(Timestamp now, BookTrouble why = BookTrouble::closed);
    /// An update came over a connection that the book does not follow.
    void leave_out() { ++stats_.left_out; }

    /// Where its recording is over: as it was then.
    BookState state() const { return state_; }
    bool valid() const { return state_ == BookState::valid && !over_; }
    /// Good for decisions: valid, two-sided and not crossed or locked.
    bool tradable() const { return valid() && book_.two_sided() && !book_.crossed() && !book_.locked(); }
    /// Why it is not tradable; none: it is.
    BookTrouble trouble() const { return times_.trouble(); }
    const BookTimes& times() const { return times_; }
    const OrderBook& book() const { return book_; }
    const BookStats& stats() const { return stats_; }
    const SequenceRule& rule() const { return rule_; }
    ListingId listing() const { return listing_; }
    Timestamp updated() const { return updated_; }  ///< receive time of the last update that counted
    Timestamp venue_updated() const { return venue_updated_; }

    /// True once a fresh book should be asked for at `now`; the call counts as having asked.
    bool take_resync(Timestamp now);
    /// When take_resync will next be true; 0: nothing wanted.
    Timestamp resync_due() const { return wants_book_ ? resync_due_ : Timestamp{}; }

  private:
    struct Waiting {
        BookUpdate update;  // its spans are restored from `levels_at`
        std::size_t levels_at = 0;
        std::size_t bids = 0, asks = 0;
        bool applied = false;  // the book has it already; a snapshot that was asked for will not
    };

    BookOutcome handle(const BookUpdate& update);
    BookOutcome apply_snapshot(const BookUpdate& update);
    BookOutcome apply_delta(const BookUpdate& update);
    BookOutcome join_waiting();
    BookOutcome buffer(const BookUpdate& update, bool applied = false);
    /// A REST snapshot that does not reach the deltas that are held.
    bool too_old(const BookUpdate& snapshot) const;
    BookOutcome apply_levels(const BookUpdate& update);
    /// Whether the update continues the book; sets `past` when it lies wholly before it.
    bool continues(const BookUpdate& update, bool& past) const;
    bool checksum_holds(const BookUpdate& update, std::size_t touched_rank);
    bool on_tick(std::span<const Level> levels) const;
    BookOutcome judge_cross(Timestamp now);
    BookOutcome judge_reach(const BookUpdate& update);
    /// Its numbers are unbroken: deltas are applied.
    bool followed() const
    {
        return state_ == BookState::valid || (state_ == BookState::invalid && why_ == BookTrouble::crossed);
    }
    BookTrouble judge_trouble() const;
    void invalidate(Timestamp now, BookTrouble why);
    void want_book(Timestamp now);

    ListingId listing_;
    const Price* step_;  // the listing's price step as it stands today
    SequenceRule rule_;
    BookLimits limits_;
    OrderBook book_;
    BookChecksum checksum_;
    SnapshotReach reach_;
    BookState state_ = BookState::empty;
    bool over_ = false;  // its recording has ended, others go on
    BookTrouble why_ = BookTrouble::waiting;  // when it is not valid
    BookTimes times_;
    BookStats stats_;
    std::uint64_t last_ = 0;            // number of the last applied message
    bool numbered_ = false;             // ... which told one
    bool joined_ = false;               // a delta has been applied since the snapshot (REST rules)
    bool joining_ = false;              // what was held is being applied to a snapshot
    std::uint32_t checksum_known_ = 0;  // the last good checksum, while the best levels do not change
    bool checksum_fresh_ = false;
    Timestamp updated_;
    Timestamp venue_updated_;
    Timestamp crossed_since_;
    bool wants_book_ = false;
    bool doubted_ = false;
    unsigned attempts_ = 0;
    Timestamp resync_due_;
    std::vector<Waiting> waiting_;
    std::vector<Level> waiting_levels_;
};

}  // namespace arb
