#pragma once
// Walking JSON objects and arrays with a TextCursor: the small loops that readers of levels need.
// Cold and hot path, no allocation. A false result leaves the cursor where it failed.
#include <string_view>

#include "engine/venue/level_reader.hpp"

namespace arb {

/// Calls on_member(key) for each member; it must consume the value.
template <class OnMember>
bool read_object(TextCursor& cursor, OnMember&& on_member)
{
    if (!cursor.take('{')) return false;
    if (cursor.peek('}')) return cursor.take('}');
    do {
        std::string_view key;
        if (!cursor.string(key) || !cursor.take(':') || !on_member(key)) return false;
    } while (cursor.take(','));
    return cursor.take('}');
}

/// Calls on_element() for each element; it must consume the value.
template <class OnElement>
bool read_array(TextCursor& cursor, OnElement&& on_element)
{
    if (!cursor.take('[')) return false;
    if (cursor.peek(']')) return cursor.take(']');
    do {
        if (!on_element()) return false;
    } while (cursor.take(','));
    return cursor.take(']');
}

/// The value's first character; the value itself is skipped and can be read later from there.
inline bool remember(TextCursor& cursor, const char*& at)
{
    at = cursor.at();
    return cursor.skip_value();
}

/// Whether a number that was read out of its order ends where a member may end.
inline bool ends(TextCursor& cursor)
{
    return cursor.peek(',') || cursor.peek('}');
}

/// A price and a quantity that were remembered.
inline bool read_level_at(const char* price_at, const char* quantity_at, const char* end,
                          const WireScale& scale, Level& out, UndecodedReason& reason)
{
    TextCursor price(price_at, end);
    TextCursor quantity(quantity_at, end);
    if (!price.price(scale, out.price, reason) || !quantity.quantity(scale, out.quantity, reason))
        return false;
    if (ends(price) && ends(quantity)) return true;
    reason = UndecodedReason::bad_number;
    return false;
}

}  // namespace arb
