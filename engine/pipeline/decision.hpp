#pragma once
// One decision of the engine, small and exact: what replay compares and what the decision hash is made of.
// Made on the core thread without allocation; its text is written only where a journal wants it.
#include <cstdint>
#include <string>

#include "engine/base/hash.hpp"
#include "engine/base/ids.hpp"
#include "engine/base/instrument.hpp"
#include "engine/base/time.hpp"

namespace arb {

enum class DecisionKind : std::uint8_t {
    book_state,   ///< a book became valid or stopped being it: listing, number = state
    resync,       ///< a fresh book was asked for: listing
    package,      ///< a package was approved: package, quantity, price = edge
    refused,      ///< risk refused a package: number = reason
    order,        ///< an order was sent: order, listing, side, price, quantity
    fill,         ///< a fill was counted: order, listing, side, price, quantity, amount = fee
    rejected,     ///< a venue rejected: order, listing, number = reason
    package_end,  ///< package, number = flagged, amount = realised
    amend,        ///< an order's price was to change: order, listing, side, price, quantity
};

struct Decision {
    DecisionKind kind{};
    Timestamp time;
    ListingId listing = kNoListing;
    Side side = Side::buy;
    std::uint64_t id = 0;  ///< package or order
    std::int64_t price = 0;
    std::int64_t quantity = 0;
    std::int64_t number = 0;
    Int128 amount = 0;

    void add_to(Hash& hash) const;
    /// One line: time, kind, what, with exact decimals; equal decisions have equal lines.
    std::string line(const InstrumentTable& table) const;
};

class DecisionSink {
  public:
    virtual ~DecisionSink() = default;
    virtual void on_decision(const Decision& decision) = 0;
};

/// All decisions of a run, in their order: each is part of the hash, and told to whoever listens.
class DecisionTrail {
  public:
    /// `sink` may be null.
    explicit DecisionTrail(DecisionSink* sink) : sink_(sink) {}
    void add(const Decision& decision)
    {
        decision.add_to(hash_);
        if (sink_ != nullptr) sink_->on_decision(decision);
    }
    std::uint64_t hash() const { return hash_.value(); }

  private:
    DecisionSink* sink_;
    Hash hash_;
};

}  // namespace arb
