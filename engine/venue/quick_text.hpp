#pragma once
// Steps over a frame that is written exactly as documented: literals, digits and names without a tokenizer.
// Used by decoders' fast paths, on the core thread. A step that does not fit says false and the caller
// gives the frame to the general walk, which judges. Steps may look into the padding behind the frame;
// whoever walks checks at the end that it stands exactly at the frame's end.
#include <cstring>
#include <string_view>

#include "engine/base/instrument.hpp"
#include "engine/base/padded_text.hpp"
#include "engine/base/scan_decimal.hpp"
#include "engine/base/time.hpp"
#include "engine/venue/level_reader.hpp"

namespace arb {

class QuickText {
  public:
    explicit QuickText(PaddedText frame) : at_(frame.data), end_(frame.data + frame.size) {}

    bool at_end() const { return at_ == end_; }

    /// The next characters, at most kTextPadding of them.
    template <std::size_t Size>
    bool literal(const char (&text)[Size])
    {
        static_assert(Size <= kTextPadding);
        if (at_ >= end_ || std::memcmp(at_, text, Size - 1) != 0) return false;
        at_ += Size - 1;
        return true;
    }
    bool text(std::string_view expected)
    {
        const auto left = static_cast<std::size_t>(at_ < end_ ? end_ - at_ : 0);
        if (left < expected.size() || std::memcmp(at_, expected.data(), expected.size()) != 0) return false;
        at_ += expected.size();
        return true;
    }
    /// The characters before the next quote, which is stepped over.
    bool name(std::string_view& out)
    {
        const char* begin = at_;
        while (at_ < end_ && *at_ != '"') ++at_;
        out = {begin, static_cast<std::size_t>(at_ - begin)};
        return at_++ < end_;
    }
    /// A JSON integer.
    bool integer(std::int64_t& out)
    {
        const bool negative = *at_ == '-';
        const char* begin = at_ + (negative ? 1 : 0);
        const ScannedNumber number = scan_decimal(begin, 0);
        if (number.error != DecimalError::none || number.end > end_) return false;
        if (number.fraction_digits != 0 || (*begin == '0' && number.end != begin + 1)) return false;
        out = negative ? -number.value : number.value;
        at_ = number.end;
        return true;
    }
    /// Digits and a point up to the closing quote, which is left standing.
    bool decimal(unsigned decimals, std::int64_t& out)
    {
        const ScannedNumber number = scan_decimal(at_, decimals);
        out = number.value;
        at_ = number.end;
        return number.error == DecimalError::none && *number.end == '"' && number.end < end_;
    }
    bool price(const WireScale& scale, Price& out)
    {
        return decimal(scale.price_decimals, out.units) && out.units > 0;
    }
    bool quantity(const WireScale& scale, Quantity& out)
    {
        return decimal(scale.quantity_decimals, out.units) &&
               (scale.quantity_factor == 1 ||
                !__builtin_mul_overflow(out.units, scale.quantity_factor, &out.units));
    }

  private:
    const char* at_;
    const char* end_;
};

/// [["price","size"],...]
inline bool read_quoted_pairs(QuickText& text, const WireScale& scale, LevelList& out)
{
    if (!text.literal("[")) return false;
    if (text.literal("]")) return true;
    do {
        Level level;
        if (!text.literal("[\"") || !text.price(scale, level.price) || !text.literal("\",\"") ||
            !text.quantity(scale, level.quantity) || !text.literal("\"]") || !out.push(level)) {
            return false;
        }
    } while (text.literal(","));
    return text.literal("]");
}

/// Milliseconds since 1970, a bare integer.
inline bool read_quick_time(QuickText& text, Timestamp& out)
{
    constexpr std::int64_t kMillisecond = 1'000'000;
    return text.integer(out.ns) && out.ns >= 0 && !__builtin_mul_overflow(out.ns, kMillisecond, &out.ns);
}

}  // namespace arb
