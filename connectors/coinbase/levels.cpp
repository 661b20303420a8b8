#include "connectors/coinbase/levels.hpp"

#include "engine/base/scan_decimal.hpp"

#include <array>

#include "engine/venue/json_walk.hpp"

namespace arb::coinbase {
namespace {

// Letters, digits and -:.TZ; a backslash, a control character or a byte of UTF-8 is for the other reader to
// judge.
constexpr std::array<bool, 256> kPlain = [] {
    std::array<bool, 256> plain{};
    for (unsigned c = '0'; c <= '9'; ++c) plain[c] = true;
    for (unsigned c = 'A'; c <= 'Z'; ++c) plain[c] = plain[c + 32] = true;
    for (const unsigned c : {'-', ':', '.', '_'}) plain[c] = true;
    return plain;
}();

// All levels of an event mostly share one event_time: two overlapping compares instead of a walk.
bool repeats(const char* at, std::string_view text)
{
    if (text.size() < 16 || text.size() > 32) return false;
    std::uint64_t here[4], there[4];
    std::memcpy(here, at, 16);
    std::memcpy(here + 2, at + text.size() - 16, 16);
    std::memcpy(there, text.data(), 16);
    std::memcpy(there + 2, text.data() + text.size() - 16, 16);
    return ((here[0] ^ there[0]) | (here[1] ^ there[1]) | (here[2] ^ there[2]) | (here[3] ^ there[3])) == 0 &&
           at[text.size()] == '"';
}

bool read_number(const char*& at, const char* end, unsigned decimals, std::int64_t& out)
{
    const ScannedNumber number = scan_decimal(at, decimals);
    if (number.error != DecimalError::none || number.end >= end) return false;
    out = number.value;
    at = number.end;
    return true;
}

struct WireLevel {
    Level level;
    bool bid = false;
};

bool walk_level(const char*& at, const char* end, const WireScale& scale, std::string_view& time,
                WireLevel& out)
{
    out.bid = skip(at, R"({"side":"bid","event_time":")");
    if (!out.bid && !skip(at, R"({"side":"offer","event_time":")")) return false;
    if (at >= end) return false;
    if (repeats(at, time))
        at += time.size() + 1;
    else if (!read_plain(at, end, time))
        return false;
    return at < end && skip(at, R"(,"price_level":")") && at < end &&
           read_number(at, end, scale.price_decimals, out.level.price.units) && out.level.price.units > 0 &&
           skip(at, R"(","new_quantity":")") && at < end &&
           read_number(at, end, scale.quantity_decimals, out.level.quantity.units) && skip(at, "\"}") &&
           at < end;
}

bool read_side(TextCursor& cursor, bool& bid, UndecodedReason& reason)
{
    std::string_view side;
    if (!cursor.peek('"')) {
        reason = UndecodedReason::wrong_type;
        return false;
    }
    if (!cursor.string(side)) return false;
    bid = side == "bid";
    return bid || side == "offer";
}

bool read_any_order(TextCursor& cursor, const WireScale& scale, WireLevel& out, UndecodedReason& reason)
{
    unsigned seen = 0;
    const auto once = [&seen](unsigned bit) { return (seen & bit) != 0 ? false : ((seen |= bit), true); };
    const auto member = [&](std::string_view key) {
        if (key == "side") return once(1) && read_side(cursor, out.bid, reason);
        bool number = true;
        if (key == "price_level")
            number = once(2) && cursor.price(scale, out.level.price, reason);
        else if (key == "new_quantity")
            number = once(4) && cursor.quantity(scale, out.level.quantity, reason);
        else
            return cursor.skip_value();
        if (!number) return false;
        if (ends(cursor)) return true;
        reason = UndecodedReason::bad_number;  // digits, then something else: an exponent
        return false;
    };
    reason = cursor.peek('{') ? UndecodedReason::malformed : UndecodedReason::wrong_type;
    if (!read_object(cursor, member)) return false;
    if (seen != 7) reason = UndecodedReason::missing_field;
    return seen == 7;
}

}  // namespace

bool read_plain(const char*& at, const char* end, std::string_view& out)
{
    const char* begin = at;
    while (at < end && kPlain[static_cast<unsigned char>(*at)]) ++at;
    if (at >= end || *at != '"') return false;
    out = {begin, static_cast<std::size_t>(at - begin)};
    ++at;
    return true;
}

// A snapshot of BTC-USD holds 45,000 levels in 5 MB, all written the same way: whole runs of keys are
// compared at once.
bool read_documented(const char*& at, const char* end, const WireScale& scale, LevelList& bids,
                     LevelList& asks)
{
    if (scale.quantity_factor != 1) return false;
    if (skip(at, "]")) return true;
    std::string_view time;
    do {
        WireLevel wire;
        if (!walk_level(at, end, scale, time, wire) || !(wire.bid ? bids : asks).push(wire.level))
            return false;
    } while (skip(at, ","));
    return skip(at, "]");
}

bool read_updates(TextCursor& cursor, const WireScale& scale, LevelList& bids, LevelList& asks,
                  UndecodedReason& reason)
{
    reason = cursor.peek('[') ? UndecodedReason::malformed : UndecodedReason::wrong_type;
    return read_array(cursor, [&] {
        WireLevel wire;
        if (!read_any_order(cursor, scale, wire, reason)) return false;
        if ((wire.bid ? bids : asks).push(wire.level)) return true;
        reason = UndecodedReason::too_many_levels;
        return false;
    });
}

}  // namespace arb::coinbase
