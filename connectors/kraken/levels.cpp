#include "connectors/kraken/levels.hpp"

#include "engine/base/scan_decimal.hpp"

#include <algorithm>

#include "engine/venue/json_walk.hpp"

namespace arb::kraken {
namespace {

// More fraction digits than any scale has, be they zeros, are no venue's.
bool note(const TextDecimals& digits, Wording& wording, UndecodedReason& reason)
{
    if (digits.price > kDecimalsMax || digits.quantity > kDecimalsMax) {
        reason = UndecodedReason::too_precise;
        return false;
    }
    wording.text.price = std::max(wording.text.price, digits.price);
    wording.text.quantity = std::max(wording.text.quantity, digits.quantity);
    return true;
}

bool read_number(const char*& at, const char* end, unsigned decimals, std::int64_t& out, std::uint8_t& digits)
{
    const ScannedNumber number = scan_decimal(at, decimals);
    if (number.error != DecimalError::none || number.end >= end) return false;
    out = number.value;
    digits = number.fraction_digits;
    at = number.end;
    return true;
}

bool read_any_order(TextCursor& cursor, const WireScale& scale, Level& level, TextDecimals& digits,
                    UndecodedReason& reason)
{
    unsigned seen = 0;
    const auto once = [&seen](unsigned bit) { return (seen & bit) != 0 ? false : ((seen |= bit), true); };
    const auto member = [&](std::string_view key) {
        bool number = true;
        if (key == "price")
            number = once(1) && cursor.price(scale, level.price, reason, &digits.price);
        else if (key == "qty")
            number = once(2) && cursor.quantity(scale, level.quantity, reason, &digits.quantity);
        else
            return cursor.skip_value();
        if (!number) return false;
        if (ends(cursor)) return true;
        reason = UndecodedReason::bad_number;  // digits, then something else: an exponent
        return false;
    };
    reason = cursor.peek('{') ? UndecodedReason::malformed : UndecodedReason::wrong_type;
    if (!read_object(cursor, member)) return false;
    if (seen != 3) reason = UndecodedReason::missing_field;
    return seen == 3;
}

bool push(LevelList& out, const Level& level, UndecodedReason& reason)
{
    if (out.push(level)) return true;
    reason = UndecodedReason::too_many_levels;
    return false;
}

}  // namespace

bool read_documented(const char*& at, const char* end, const WireScale& scale, LevelList& out,
                     Wording& wording)
{
    if (scale.quantity_factor != 1) return false;
    if (skip(at, "]")) return true;
    UndecodedReason reason;
    do {
        Level level;
        TextDecimals digits;
        if (!skip(at, R"({"price":)") || at >= end ||
            !read_number(at, end, scale.price_decimals, level.price.units, digits.price) ||
            level.price.units <= 0 || !skip(at, R"(,"qty":)") || at >= end ||
            !read_number(at, end, scale.quantity_decimals, level.quantity.units, digits.quantity) ||
            !skip(at, "}") || at >= end || !note(digits, wording, reason) || !out.push(level)) {
            return false;
        }
    } while (skip(at, ","));
    return skip(at, "]");
}

bool read_objects(TextCursor& cursor, const WireScale& scale, LevelList& out, Wording& wording,
                  UndecodedReason& reason)
{
    reason = cursor.peek('[') ? UndecodedReason::malformed : UndecodedReason::wrong_type;
    return read_array(cursor, [&] {
        Level level;
        TextDecimals digits;
        return read_any_order(cursor, scale, level, digits, reason) && note(digits, wording, reason) &&
               push(out, level, reason);
    });
}

bool read_arrays(TextCursor& cursor, const WireScale& scale, LevelList& out, Wording& wording,
                 UndecodedReason& reason)
{
    reason = cursor.peek('[') ? UndecodedReason::malformed : UndecodedReason::wrong_type;
    return read_array(cursor, [&] {
        Level level;
        TextDecimals digits;
        if (!cursor.take('[') || !cursor.price(scale, level.price, reason, &digits.price) ||
            !cursor.take(',') || !cursor.quantity(scale, level.quantity, reason, &digits.quantity)) {
            return false;
        }
        if (cursor.take(',')) {
            std::int64_t time = 0;
            if (!cursor.decimal(9, time, reason)) return false;
            wording.newest.ns = std::max(wording.newest.ns, time);
        }
        while (!cursor.take(']')) {  // "r": republished
            if (!cursor.take(',') || !cursor.skip_value()) return false;
        }
        return note(digits, wording, reason) && push(out, level, reason);
    });
}

}  // namespace arb::kraken
