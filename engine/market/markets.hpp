#pragma once
// All books of a run: a BookBuilder a listing, a ConsolidatedBook a market, the connection-wide counters, the
// clocks of the venues, and the list of markets that changed since the last decision. The engine feeds it
// facts; drivers, strategies and reports read it. Core thread; no allocation after warm-up.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/base/instrument.hpp"
#include "engine/base/market_data.hpp"
#include "engine/market/book_builder.hpp"
#include "engine/market/consolidated_book.hpp"
#include "engine/market/taken_liquidity.hpp"

namespace arb {

/// Receive time minus venue time: latency plus how far the two clocks are apart. The minimum is the best
/// guess of the constant part; what exceeds it is delay. One message with a wrong time would be that minimum
/// for ever: far below all others counts only when a row of messages says the same, and the first one only
/// until the second is far above it.
struct ClockOffset {
    static constexpr Duration kFar = seconds(1), kSurelyWrong = seconds(60);
    static constexpr unsigned kRow = 16;

    Duration minimum;
    bool known = false;
    void add(Duration offset)
    {
        ++count_;
        // Halves: a wrong time may lie as far away as the numbers reach.
        const bool first_was_wrong = count_ == 2 && offset.ns / 2 - minimum.ns / 2 > kSurelyWrong.ns / 2;
        if (!known || first_was_wrong) minimum = offset;
        known = true;
        if (offset.ns >= minimum.ns - kFar.ns) {
            minimum = std::min(minimum, offset);
            row_ = 0;
            return;
        }
        candidate_ = row_ == 0 ? offset : std::max(candidate_, offset);
        if (++row_ == kRow) minimum = candidate_;
    }

  private:
    std::uint64_t count_ = 0;
    Duration candidate_;  ///< the highest of the row that is far below
    unsigned row_ = 0;
};

class Markets {
  public:
    Markets(const InstrumentTable& table, const std::vector<SequenceRule>& rules, const BookLimits& limits,
            std::vector<MarketDefinition> definitions, TakenLiquidity* taken);

    /// `connection` is where the update came from. A book follows one connection, and falls with it: while
    /// that one speaks, what another one says of the book is left out, so that two feeds never mix. With
    /// kNoConnection (REST) the book stays with the connection that it has.
    BookOutcome on_update(ConnectionId connection, const BookUpdate& update);
    /// Judges a connection-wide counter: one that leaves a number out or falls makes all its books doubtful.
    /// False: the same frame again, its books must be ignored.
    bool on_connection_sequence(ConnectionId connection, std::uint64_t sequence, Timestamp now);
    /// What another connection than the book's own garbles is no doubt about it.
    void on_unreadable(ListingId listing, Timestamp now, ConnectionId from = kNoConnection);
    /// A frame of this connection could not be read, and nobody knows of which book it spoke: every book
    /// there whose messages carry no numbers is doubted. The others will miss the number by themselves.
    void on_unreadable_frame(ConnectionId connection, Timestamp now);
    void on_close(ConnectionId connection, Timestamp now, BookTrouble why = BookTrouble::closed);
    /// The recording of a book that came without a websocket is over.
    void on_end(ListingId listing, Timestamp now);

    const InstrumentTable& table() const { return *table_; }
    const BookBuilder& builder(ListingId id) const { return builders_[index(id)]; }
    std::span<const BookBuilder> builders() const { return builders_; }
    const ConsolidatedBook& consolidated(MarketId id) const { return consolidated_[index(id)]; }
    std::size_t market_count() const { return consolidated_.size(); }
    /// The first market that this listing is a member of; 0xffff: of none.
    MarketId market_of(ListingId id) const
    {
        const std::vector<Membership>& of = memberships_[index(id)];
        return of.empty() ? static_cast<MarketId>(0xffff) : of.front().market;
    }
    const TakenLiquidity* taken() const { return taken_; }
    const ClockOffset& clock(VenueId venue) const { return clocks_[index(venue)]; }

    /// How much later than the venue's best case the book's last update arrived; zero when it carries no
    /// time.
    Duration excess_delay(ListingId id) const;

    /// Markets touched since the last call of clear_changed, in order of first touch.
    std::span<const MarketId> changed() const { return changed_; }
    void clear_changed();

    /// Calls `ask(listing)` for each book that should be asked for anew at `now`.
    template <class Ask>
    void take_resyncs(Timestamp now, Ask&& ask)
    {
        if (!next_resync_.known() || now < next_resync_) return;
        next_resync_ = {};
        for (BookBuilder& builder : builders_) {
            if (builder.take_resync(now)) ask(builder.listing());
            note_resync(builder);
        }
    }
    Timestamp next_resync() const { return next_resync_; }

    /// The markets of a table: one an instrument that two or more listings share, plus declared comparisons.
    static std::vector<MarketDefinition> markets_of(const InstrumentTable& table);

  private:
    struct Connection {
        std::uint64_t last_sequence = 0;
        bool sequenced = false;
        Timestamp heard;
        std::vector<ListingId> listings;
    };
    struct Membership {
        MarketId market;
        std::uint32_t member;
    };
    Connection& connection(ConnectionId id);
    bool follows(ConnectionId from, const BookUpdate& update);
    void doubt_all(ConnectionId id, Timestamp now);
    void touched(ListingId id);
    void note_resync(const BookBuilder& builder)
    {
        const Timestamp due = builder.resync_due();
        if (due.known() && (!next_resync_.known() || due < next_resync_)) next_resync_ = due;
    }

    const InstrumentTable* table_;
    TakenLiquidity* taken_;
    std::vector<BookBuilder> builders_;
    std::vector<ConsolidatedBook> consolidated_;
    std::vector<std::vector<Membership>> memberships_;  // by listing
    std::vector<ClockOffset> clocks_;                   // by venue
    std::vector<Connection> connections_;               // by connection id
    Connection levels_;                                 // of kLevelsConnection
    std::vector<ConnectionId> connection_of_;           // by listing
    std::vector<MarketId> changed_;
    std::vector<bool> is_changed_;  // by market
    Timestamp next_resync_;
};

}  // namespace arb
