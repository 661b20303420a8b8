#pragma once
// What must survive a crash, as lines of text: written ahead by the live engine (StateLog) before anything
// leaves, read back at the next start as commands to the engine, and kept in the session's journal so that a
// replay starts from the same state. Fields are separated by tabs; numbers are exact decimals in the asset's
// or instrument's own terms, so a line keeps its meaning when units change. Writing allocates nothing. Core
// thread.
//
//   epoch    N                                              order ids of this run begin with it
//   ran      N                                              the epoch of an earlier run: its orders are ours
//   taken    N                                              the epoch of a run elsewhere that is over, by the
//                                                           owner's word: what it did is nobody's
//   settled  N                                              that run ended with nothing open, by the venues'
//   word account  venue asset start fills fees [carried]         money, as the run began or at the checkpoint
//   adopt    venue asset amount [transfer]                  the owner's own money, in (or out), by his word;
//                                                           an end of that transfer
//   transfer number from to asset amount time left arrived  announced by the owner, and which ends were seen
//   lapsed   number                                         that transfer explains nothing any more
//   since    venue time floor                               fills up to this time (watermark) are known,
//                                                           and the trades from the floor on are here
//   trades   venue time, then key (hexadecimal) and how much later, many times    trades that were counted
//   trade    key                                            one (as earlier versions wrote it)
//   day      number realised                                the result of that UTC day
//   package  id market quantity edge decided strategy "legs" count aim of until, then each leg:
//            order part market side venue symbol tif price quantity member best expected rate
//            (order 0: a leg that hedges what another one's fills ask for; as earlier versions wrote it:
//            instead of "legs" twice, buying and selling, order venue symbol tif price quantity member
//            best expected)
//   next     package order venue symbol side tif price quantity sent   a resting leg's order from here on
//   amend    package order venue symbol price                a resting leg's order shall have this price
//   unwind   package order venue symbol side tif price quantity sent [rate]   an order that hedges or closes;
//            in another market than the asset's: what its currency is worth in the package's
//   closing  package market quantity cost decided [rest]    lines that unwinding orders alone close
//   joined   market into rate                               the first's lines stand in the other one from
//   here
//                                                           on, at what its currency is worth there
//   line     market cause quantity cost since [rest]        exposure that nobody closes yet (checkpoint)
//   held     package market strategy cost since, then venue symbol quantity a listing   kept by a package
//            that meant to hold (checkpoint)
//   over     order venue_id                                 an order that ended before the checkpoint
//   fill     order venue symbol side key price quantity notional fee asset paid name maker [venue time]
//   counted  the same: a fill whose money is in the accounts already (checkpoint with a package open)
//   late     venue symbol side key price quantity notional fee asset paid name maker [venue time]
//   done     order reason [venue_id]                        venue_id: empty when it was never heard
//   end      package flat|held|flagged [realised time]
//   flag     market venue why                               trading in the market stopped
//   cleared  market                                         and may go on
//   adopted  venue                                          the account lines of this venue are whole
//   key      venue label role notes                          a key to use, with what is noted about it
//                                                           (a command alone, never kept in the log)
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/market/markets.hpp"
#include "engine/pipeline/announced_transfers.hpp"
#include "engine/trading/exposure_book.hpp"
#include "engine/trading/held_positions.hpp"
#include "engine/trading/package.hpp"
#include "engine/trading/portfolio.hpp"
#include "engine/trading/risk_gate.hpp"

namespace arb {

/// Where the lines go, durable against the death of the process when append returns. False: it is not kept
/// (disk full): nothing may be sent any more.
class StateLog {
  public:
    virtual ~StateLog() = default;
    virtual bool append(std::string_view line) = 0;
};

/// One line under construction, in a fixed buffer. Too long a line ends as `overflow`.
class LineWriter {
  public:
    // Written out, so that the buffer is not cleared each time.
    explicit LineWriter(std::string_view word) : size_(0) { text(word); }
    LineWriter& field(std::string_view value);
    LineWriter& number(std::uint64_t value);
    LineWriter& signed_number(std::int64_t value);
    LineWriter& hex(std::uint64_t value);
    /// value x 10^-decimals
    LineWriter& scaled(std::int64_t value, unsigned decimals);
    LineWriter& amount(Amount value);
    std::string_view view() const { return {buffer_.data(), size_}; }
    bool overflow() const { return overflow_; }
    std::size_t room() const { return buffer_.size() - size_; }

  private:
    void text(std::string_view value);
    std::array<char, 2048> buffer_;  // not cleared: what was written is as long as `size_`
    std::size_t size_;
    bool overflow_ = false;
};

/// Writes the lines. `labels` are the venues' labels, made once.
class StateLines {
  public:
    StateLines(const InstrumentTable& table, const Markets& markets);

    LineWriter package(const Package& package, const LegOrders& orders) const;
    LineWriter unwind(const ApprovedOrder& order, Timestamp sent, std::optional<Amount> rate) const
    {
        LineWriter line = sent_order("unwind", order, sent);
        if (rate) line.amount(*rate);
        return line;
    }
    LineWriter amend(const ApprovedAmend& amend) const;
    LineWriter next_order(const ApprovedOrder& order, Timestamp sent) const
    {
        return sent_order("next", order, sent);
    }
    LineWriter closing(const Package& package, const ExposureLine& exposure) const;
    LineWriter exposure(MarketId market, ExposureCause cause, const ExposureLine& exposure) const;
    LineWriter held(const HeldPosition& held) const;
    LineWriter fill(ListingId listing, Side side, const Fill& fill, Timestamp venue_time) const;
    LineWriter late(ListingId listing, Side side, const Fill& fill, Timestamp venue_time) const;
    LineWriter account(const Account& account) const;
    LineWriter transfer(const AnnouncedTransfers::Transfer& transfer) const;
    std::string_view label(VenueId venue) const { return labels_[index(venue)]; }

  private:
    LineWriter sent_order(std::string_view word, const ApprovedOrder& order, Timestamp sent) const;
    void leg(LineWriter& line, const Leg& leg, OrderId order) const;
    void fill_fields(LineWriter& line, ListingId listing, const Fill& fill, Timestamp venue_time) const;

    const InstrumentTable* table_;
    const Markets* markets_;
    std::vector<std::string> labels_;
};

/// Takes a line apart. Each read fails (returns empty, and `failed` stays) on a missing or malformed field.
class LineReader {
  public:
    LineReader(std::string_view line, const InstrumentTable& table);
    std::string_view word() const { return word_; }
    std::string_view field();
    std::uint64_t number();
    std::int64_t signed_number();
    std::uint64_t hex();
    std::int64_t scaled(unsigned decimals);
    Amount amount();
    Side side();
    TimeInForce tif();
    VenueId venue();
    /// venue and symbol; kNoListing: no such listing (any more), which is a failure too.
    ListingId listing();
    Fill fill(ListingId listing);
    /// The package with the order ids of its legs.
    struct Restored {
        Package package;
        std::array<OrderId, Package::kLegsMost> orders{};
    };
    std::optional<Restored> package(const Markets& markets);
    ExposureCause exposure_cause();
    /// A market by name; failed when there is none of it (any more).
    MarketId market(const Markets& markets);
    bool failed() const { return failed_; }
    /// No field is left.
    bool over() const { return rest_.data() == nullptr; }
    /// Every field that was not read yet.
    std::string_view rest() const { return rest_; }

  private:
    void leg(Leg& leg, OrderId& order, const Markets& markets);
    void legs(Restored& restored, const Markets& markets);
    void two_legs(Restored& restored, const Markets& markets);
    void order_of(Leg& leg, const MarketDefinition& market);
    template <class Enum>
    Enum one_of(std::size_t count);
    std::string_view rest_;
    std::string_view word_;
    const InstrumentTable* table_;
    bool failed_ = false;
};

}  // namespace arb
