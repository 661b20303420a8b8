#include "connectors/binance/walk_values.hpp"

namespace arb::binance {
namespace {

bool decimal_at(const char* at, const char* end, unsigned decimals, std::int64_t& out,
                UndecodedReason& reason)
{
    reason = UndecodedReason::missing_field;
    if (at == nullptr) return false;
    reason = UndecodedReason::wrong_type;
    if (*at != '"') return false;
    return TextCursor(at, end).decimal(decimals, out, reason);
}

bool quantity_at(const char* at, const char* end, const WireScale& scale, Quantity& out,
                 UndecodedReason& reason)
{
    std::int64_t units = 0;
    if (!decimal_at(at, end, scale.quantity_decimals, units, reason)) return false;
    reason = units < 0 ? UndecodedReason::bad_quantity : UndecodedReason::bad_number;
    return units >= 0 && !__builtin_mul_overflow(units, scale.quantity_factor, &out.units);
}

// Price and quantity of one side of a quote; an empty side is sent as zeros.
bool quote_side(const char* price, const char* quantity, const char* end, const WireScale& scale, Level& out,
                UndecodedReason& reason)
{
    if (!decimal_at(price, end, scale.price_decimals, out.price.units, reason) ||
        !quantity_at(quantity, end, scale, out.quantity, reason)) {
        return false;
    }
    reason = UndecodedReason::bad_price;
    return out.price.units > 0 || (out.price.units == 0 && out.quantity.zero());
}

// The text of a decimal cut behind its `decimals` digits.
bool cut_decimal(TextCursor& cursor, unsigned decimals, std::int64_t& out, UndecodedReason& reason)
{
    std::string_view text;
    reason = UndecodedReason::bad_number;
    if (!cursor.peek('"') || !cursor.string(text)) return false;
    const std::size_t point = text.find('.');
    if (point == std::string_view::npos) return false;
    const std::string_view cut = text.substr(0, decimals == 0 ? point : point + 1 + decimals);
    const ScaledNumber number = parse_scaled(cut, decimals);
    out = number.value;
    return number.error == DecimalError::none;
}

// One level behind its opening bracket. Where it is finer than the listing's units, the quantity is cut and a
// level with a finer price left out: such levels are old orders, mostly far from the market, and must not
// spoil the book.
bool read_level(TextCursor& cursor, const WireScale& scale, Level& level, bool& finer, bool& kept,
                UndecodedReason& reason)
{
    kept = cursor.price(scale, level.price, reason);
    if (!kept) {
        if (reason != UndecodedReason::too_precise ||
            !cut_decimal(cursor, scale.price_decimals, level.price.units, reason))
            return false;
        reason = UndecodedReason::bad_price;
        if (level.price.units < 0) return false;
        finer = true;
    }
    reason = UndecodedReason::malformed;
    if (!cursor.take(',')) return false;
    if (cursor.quantity(scale, level.quantity, reason)) return true;
    if (reason != UndecodedReason::too_precise ||
        !cut_decimal(cursor, scale.quantity_decimals, level.quantity.units, reason))
        return false;
    finer = true;
    reason = level.quantity.units < 0 ? UndecodedReason::bad_quantity : UndecodedReason::bad_number;
    return level.quantity.units >= 0 &&
           !__builtin_mul_overflow(level.quantity.units, scale.quantity_factor, &level.quantity.units);
}

bool side_at(const char* at, const char* end, const WireScale& scale, LevelList& out, std::size_t& finer,
             UndecodedReason& reason)
{
    reason = UndecodedReason::missing_field;
    if (at == nullptr) return false;
    reason = UndecodedReason::wrong_type;
    if (*at != '[') return false;
    TextCursor cursor(at, end);
    reason = UndecodedReason::malformed;
    if (!cursor.take('[')) return false;
    if (cursor.peek(']')) return cursor.take(']');
    do {
        Level level;
        bool fine = false;
        bool kept = true;
        reason = UndecodedReason::malformed;
        if (!cursor.take('[') || !read_level(cursor, scale, level, fine, kept, reason)) return false;
        reason = UndecodedReason::malformed;
        while (!cursor.take(']')) {
            if (!cursor.take(',') || !cursor.skip_value()) return false;
        }
        finer += fine ? 1 : 0;
        if (kept && !out.push(level)) {
            reason = UndecodedReason::too_many_levels;
            return false;
        }
    } while (cursor.take(','));
    return cursor.take(']');
}

}  // namespace

bool read_sides(const Walk& walk, const WireScale& scale, LevelList& bids, LevelList& asks,
                std::size_t& finer, UndecodedReason& reason)
{
    finer = 0;
    bids.clear();
    asks.clear();
    return side_at(walk.bid, walk.end, scale, bids, finer, reason) &&
           side_at(walk.ask, walk.end, scale, asks, finer, reason);
}

bool read_message(Walk& walk, bool futures, LevelList& bids, LevelList& asks, std::size_t& finer,
                  UndecodedReason& reason)
{
    Message& message = walk.message;
    const WireScale& scale = message.listing->wire;
    reason = UndecodedReason::missing_field;
    if (message.kind == MessageKind::delta) {
        return walk.has(Key::first) && walk.has(Key::last) && walk.has(Key::event_time) &&
               (!futures || walk.has(Key::previous)) && read_sides(walk, scale, bids, asks, finer, reason);
    }
    if (message.kind == MessageKind::quote) {
        return walk.has(Key::last) &&
               quote_side(walk.bid, walk.bid_quantity, walk.end, scale, message.bid, reason) &&
               quote_side(walk.ask, walk.ask_quantity, walk.end, scale, message.ask, reason);
    }
    if (!walk.has(Key::maker) || !walk.has(Key::match_time) ||
        !decimal_at(walk.price, walk.end, scale.price_decimals, message.trade.price.units, reason) ||
        !quantity_at(walk.quantity, walk.end, scale, message.trade.quantity, reason)) {
        return false;
    }
    reason = message.trade.price.units <= 0 ? UndecodedReason::bad_price : UndecodedReason::bad_quantity;
    return message.trade.price.units > 0 && !message.trade.quantity.zero();
}

}  // namespace arb::binance
