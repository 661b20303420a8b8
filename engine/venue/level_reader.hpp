#pragma once
// The toolkit's hot half for decoders: reading price levels straight from the frame's bytes, after simdjson
// has validated the frame (UTF-8, closed strings) and found where the array begins.
//
//   LevelList   levels of one side in scratch memory that is kept between frames
//   TextCursor  a bounded walk over JSON text: skips blanks, copies nothing, fails past the end
//   read_pairs  [["price","quantity",...],...]  (Binance, OKX, Bybit)
//
// Numbers may stand in quotes or bare. A failure names its reason and leaves the list as it was cut off; the
// caller reports it, and the book becomes invalid. Zero and negative prices and negative quantities are
// refused here; ticks are judged by BookBuilder. No allocation once the lists have grown to the venue's
// depth. One thread.
#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "engine/base/instrument.hpp"
#include "engine/base/market_data.hpp"

namespace arb {

/// More levels a side in one message than any venue sends; beyond it the message is refused.
inline constexpr std::size_t kLevelsMax = 262'144;

class LevelList {
  public:
    LevelList() : levels_(1024) {}
    void clear() { size_ = 0; }
    /// False when kLevelsMax is reached.
    bool push(Level level)
    {
        if (__builtin_expect(size_ == levels_.size(), 0) && !grow()) return false;
        levels_[size_++] = level;
        return true;
    }
    std::span<const Level> view() const { return {levels_.data(), size_}; }
    std::size_t size() const { return size_; }

  private:
    bool grow();
    std::vector<Level> levels_;
    std::size_t size_ = 0;
};

class TextCursor {
  public:
    /// `at` must have kTextPadding readable bytes after `end`.
    TextCursor(const char* at, const char* end) : at_(at), end_(end) {}

    const char* at() const { return at_; }
    bool inside() const { return at_ <= end_; }

    /// Skips blanks, then takes `c` if it is next.
    bool take(char c)
    {
        if (__builtin_expect(*at_ != c, 0)) {
            skip_blanks();
            if (*at_ != c) return false;
        }
        return ++at_ <= end_;
    }
    bool peek(char c)
    {
        if (*at_ != c) skip_blanks();
        return *at_ == c && at_ < end_;
    }
    /// A quoted string without escapes; the view is the text between the quotes.
    bool string(std::string_view& out);
    /// Any JSON value: string, number, literal, object or array (bounded depth).
    bool skip_value();
    /// A decimal, quoted or bare, as a count of 10^-decimals. `fraction_digits` are those written.
    bool decimal(unsigned decimals, std::int64_t& value, UndecodedReason& reason,
                 std::uint8_t* fraction_digits = nullptr);
    /// A price and a quantity of this wire scale, both judged. `at` is left behind the quantity.
    bool price(const WireScale& scale, Price& out, UndecodedReason& reason,
               std::uint8_t* fraction_digits = nullptr);
    bool quantity(const WireScale& scale, Quantity& out, UndecodedReason& reason,
                  std::uint8_t* fraction_digits = nullptr);

  private:
    void skip_blanks()
    {
        while (at_ < end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
    }
    const char* at_;
    const char* end_;
};

/// Reads an array of arrays whose first two elements are price and quantity; further elements are skipped.
/// The cursor stands at or before the opening bracket and is left behind the closing one.
bool read_pairs(TextCursor& cursor, const WireScale& scale, LevelList& out, UndecodedReason& reason);

}  // namespace arb
