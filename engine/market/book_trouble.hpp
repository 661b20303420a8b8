#pragma once
// Why a book cannot be decided on, and for how long it could not: what audits and backtests tell beside what
// came of a run. Core thread; no allocation, no errors.
#include <array>
#include <cstddef>
#include <cstdint>

#include "engine/base/time.hpp"

namespace arb {

enum class BookTrouble : std::uint8_t {
    none,        ///< usable
    waiting,     ///< no snapshot has come yet
    closed,      ///< its connection is gone
    ended,       ///< its recording is over
    gap,         ///< a message is missing, or tells no number that continues the book
    checksum,    ///< the venue's checksum is another one than ours
    unreadable,  ///< a message of it, or a level, cannot be read
    crossed,     ///< bid at or above ask
    one_sided,   ///< no bid, or no ask
    exhausted,   ///< its best price left what a cut snapshot told
    count_,
};

const char* name(BookTrouble trouble);
const char* describe(BookTrouble trouble);

/// Time spent in each trouble, from the first word about the book on.
class BookTimes {
  public:
    BookTrouble trouble() const { return trouble_; }
    void set(BookTrouble trouble, Timestamp now)
    {
        if (trouble == trouble_ && since_.known()) return;
        if (since_.known() && now > since_) total_[static_cast<std::size_t>(trouble_)] = in(trouble_, now);
        if (!since_.known() || now > since_) since_ = now;
        trouble_ = trouble;
    }
    /// Time in this trouble until `now`; with BookTrouble::none the time in which the book was usable.
    Duration in(BookTrouble trouble, Timestamp now) const
    {
        Duration time = total_[static_cast<std::size_t>(trouble)];
        if (trouble != trouble_ || !since_.known() || now <= since_) return time;
        return {time.ns + (now - since_).ns};
    }

  private:
    std::array<Duration, static_cast<std::size_t>(BookTrouble::count_)> total_{};
    BookTrouble trouble_ = BookTrouble::waiting;
    Timestamp since_;
};

}  // namespace arb
