#include "engine/venue/level_reader.hpp"

#include "engine/base/scan_decimal.hpp"

namespace arb {

bool LevelList::grow()
{
    if (levels_.size() >= kLevelsMax) return false;
    levels_.resize(levels_.size() * 2);
    return true;
}

bool TextCursor::string(std::string_view& out)
{
    if (!take('"')) return false;
    const char* begin = at_;
    while (at_ < end_ && *at_ != '"') {
        if (*at_ == '\\') return false;
        ++at_;
    }
    out = {begin, static_cast<std::size_t>(at_ - begin)};
    return at_++ < end_;
}

bool TextCursor::skip_value()
{
    // Open brackets, innermost in the lowest bit: 1 an array, 0 an object. Deeper nesting than 64 is refused.
    std::uint64_t open = 0;
    unsigned depth = 0;
    bool value_may_end = false;  // something stands before a comma or a closing bracket
    bool just_opened = false;
    do {
        skip_blanks();
        if (at_ >= end_) return false;
        const char c = *at_++;
        if (c == '"') {
            while (at_ < end_ && *at_ != '"') at_ += *at_ == '\\' ? 2 : 1;
            if (at_++ >= end_) return false;
            value_may_end = true;
        } else if (c == '[' || c == '{') {
            if (++depth > 64) return false;
            open = open << 1 | (c == '[' ? 1U : 0U);
            value_may_end = false;
            just_opened = true;
            continue;
        } else if (c == ']' || c == '}') {
            if (depth == 0 || !(value_may_end || just_opened) || (open & 1U) != (c == ']' ? 1U : 0U))
                return false;
            open >>= 1;
            --depth;
            value_may_end = true;
        } else if (c == ',' || c == ':') {
            if (depth == 0 || !value_may_end) return false;
            value_may_end = false;
        } else {  // a bare number or literal: up to the next delimiter
            while (at_ < end_ && *at_ != ',' && *at_ != ']' && *at_ != '}' && *at_ != ':') ++at_;
            value_may_end = true;
        }
        just_opened = false;
    } while (depth > 0);
    return at_ <= end_;
}

bool TextCursor::decimal(unsigned decimals, std::int64_t& value, UndecodedReason& reason,
                         std::uint8_t* fraction_digits)
{
    if (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t') skip_blanks();
    const bool quoted = *at_ == '"';
    const char* begin = at_ + (quoted ? 1 : 0);
    const bool negative = *begin == '-';
    const ScannedNumber number = scan_decimal(begin + (negative ? 1 : 0), decimals);
    const char* after = number.end + (quoted ? 1 : 0);
    if (__builtin_expect(after > end_ || number.error != DecimalError::none || (quoted && *number.end != '"'),
                         0)) {
        reason = number.error == DecimalError::too_precise ? UndecodedReason::too_precise
                                                           : UndecodedReason::bad_number;
        if (after > end_) reason = UndecodedReason::malformed;
        return false;
    }
    value = negative ? -number.value : number.value;
    if (fraction_digits != nullptr) *fraction_digits = number.fraction_digits;
    at_ = after;
    return true;
}

bool TextCursor::price(const WireScale& scale, Price& out, UndecodedReason& reason,
                       std::uint8_t* fraction_digits)
{
    if (!decimal(scale.price_decimals, out.units, reason, fraction_digits)) return false;
    if (__builtin_expect(out.units <= 0, 0)) {
        reason = UndecodedReason::bad_price;
        return false;
    }
    return true;
}

bool TextCursor::quantity(const WireScale& scale, Quantity& out, UndecodedReason& reason,
                          std::uint8_t* fraction_digits)
{
    if (!decimal(scale.quantity_decimals, out.units, reason, fraction_digits)) return false;
    if (__builtin_expect(out.units < 0, 0)) {
        reason = UndecodedReason::bad_quantity;
        return false;
    }
    if (scale.quantity_factor != 1 && __builtin_mul_overflow(out.units, scale.quantity_factor, &out.units)) {
        reason = UndecodedReason::bad_number;
        return false;
    }
    return true;
}

bool read_pairs(TextCursor& cursor, const WireScale& scale, LevelList& out, UndecodedReason& reason)
{
    reason = UndecodedReason::malformed;
    if (!cursor.take('[')) return false;
    if (cursor.peek(']')) return cursor.take(']');
    do {
        Level level;
        if (!cursor.take('[') || !cursor.price(scale, level.price, reason) || !cursor.take(',') ||
            !cursor.quantity(scale, level.quantity, reason)) {
            return false;
        }
        while (__builtin_expect(!cursor.take(']'), 0)) {
            if (!cursor.take(',') || !cursor.skip_value()) {
                reason = UndecodedReason::malformed;
                return false;
            }
        }
        if (!out.push(level)) {
            reason = UndecodedReason::too_many_levels;
            return false;
        }
        reason = UndecodedReason::malformed;
    } while (cursor.take(','));
    return cursor.take(']');
}

}  // namespace arb
