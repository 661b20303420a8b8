#pragma once
// Reading single fields of a simdjson on-demand object without copies: texts stay views into the frame,
// numbers are judged to their closing quote. Used by decoders on the core thread. Every function reports
// by its UndecodedReason argument and a false result; none throws or allocates.
#include <limits>
#include <string_view>

#include <simdjson.h>

#include "engine/base/instrument.hpp"
#include "engine/base/market_data.hpp"
#include "engine/base/padded_text.hpp"
#include "engine/base/scan_decimal.hpp"
#include "engine/base/time.hpp"
#include "engine/venue/level_reader.hpp"

namespace arb {

using JsonArray = simdjson::ondemand::array;
using JsonDocument = simdjson::ondemand::document;
using JsonKey = simdjson::ondemand::raw_json_string;
using JsonObject = simdjson::ondemand::object;
using JsonValue = simdjson::ondemand::value;

/// What a decoder notes while it reads a frame: which members it has met, and why it cannot go on.
class FrameReader {
  protected:
    /// False: the member stood there before, which makes the frame malformed.
    bool once(unsigned& seen, unsigned bit)
    {
        if ((seen & bit) != 0) return fail(UndecodedReason::malformed);
        seen |= bit;
        return true;
    }
    bool fail(UndecodedReason reason)
    {
        reason_ = reason;
        return false;
    }

    UndecodedReason reason_ = UndecodedReason::malformed;
};

/// What simdjson's error says about the frame.
inline UndecodedReason reason_of(simdjson::error_code error)
{
    if (error == simdjson::INCORRECT_TYPE) return UndecodedReason::wrong_type;
    if (error == simdjson::NUMBER_ERROR || error == simdjson::NUMBER_OUT_OF_RANGE)
        return UndecodedReason::bad_number;
    return UndecodedReason::malformed;
}

/// Calls each(key, value) for every member until one is false; it tells why by `reason`, as this does when
/// the object cannot be read.
template <class Each>
bool for_members(JsonObject& object, UndecodedReason& reason, Each&& each)
{
    for (auto field : object) {
        JsonKey key;
        JsonValue value;
        if (field.key().get(key) != simdjson::SUCCESS || field.value().get(value) != simdjson::SUCCESS) {
            reason = UndecodedReason::malformed;
            return false;
        }
        if (!each(key, value)) return false;
    }
    return true;
}

/// A whole frame, in one pass over its members where what its "data" means comes before it, as documented.
/// read_root(key, value, data_waits) sets data_waits where it does not: then read_data(value) gets it in a
/// second pass.
template <class ReadRoot, class ReadData>
bool walk_root(simdjson::ondemand::parser& parser, PaddedText frame, UndecodedReason& reason,
               ReadRoot&& read_root, ReadData&& read_data)
{
    JsonDocument document;
    if (parser.iterate(frame.data, frame.size, frame.size + kTextPadding).get(document) !=
        simdjson::SUCCESS) {
        reason = UndecodedReason::malformed;
        return false;
    }
    bool data_waits = false;
    for (const bool second : {false, true}) {
        JsonObject root;
        if (document.get_object().get(root) != simdjson::SUCCESS) {
            reason = UndecodedReason::malformed;
            return false;
        }
        const bool good = for_members(root, reason, [&](JsonKey key, JsonValue& value) {
            if (!second) return read_root(key, value, data_waits);
            return key != "data" || read_data(value);
        });
        if (!good) return false;
        // Past the last token there is no location any more; anywhere else something follows the closing
        // brace.
        if (document.current_location().error() != simdjson::OUT_OF_BOUNDS) {
            reason = UndecodedReason::malformed;
            return false;
        }
        if (!data_waits) return true;
        document.rewind();
    }
    return true;
}

/// The characters between the quotes of a string value, escapes left as they stand; the value is not
/// consumed.
inline bool read_text(JsonValue& value, std::string_view& out, UndecodedReason& reason)
{
    std::string_view token = value.raw_json_token();
    if (token.empty() || token.front() != '"') {
        reason = UndecodedReason::wrong_type;
        return false;
    }
    // The token reaches to the next one: blanks may follow the closing quote, anything else may not.
    while (token.size() > 1 &&
           (token.back() == ' ' || token.back() == '\n' || token.back() == '\r' || token.back() == '\t')) {
        token.remove_suffix(1);
    }
    if (token.size() < 2 || token.back() != '"') {
        reason = UndecodedReason::malformed;
        return false;
    }
    out = token.substr(1, token.size() - 2);
    return true;
}

/// Milliseconds since 1970 as digits.
inline bool time_of(std::string_view digits, Timestamp& out, UndecodedReason& reason)
{
    const ScannedNumber number = scan_decimal(digits.data(), 0);
    constexpr std::int64_t kMillisecond = 1'000'000;
    if (number.error != DecimalError::none || number.end != digits.data() + digits.size() ||
        number.value > std::numeric_limits<std::int64_t>::max() / kMillisecond) {
        reason = UndecodedReason::bad_number;
        return false;
    }
    out = {number.value * kMillisecond};
    return true;
}

/// Milliseconds since 1970, quoted.
inline bool read_quoted_time(JsonValue& value, Timestamp& out, UndecodedReason& reason)
{
    std::string_view text;
    return read_text(value, text, reason) && time_of(text, out, reason);
}

/// A bare integer.
inline bool read_integer(JsonValue& value, std::int64_t& out, UndecodedReason& reason)
{
    const std::string_view token = value.raw_json_token();
    if (value.get_int64().get(out) == simdjson::SUCCESS) return true;
    // simdjson calls a fraction or an overflow a wrong type, too.
    const bool number =
        !token.empty() && (token.front() == '-' || (token.front() >= '0' && token.front() <= '9'));
    reason = number ? UndecodedReason::bad_number : UndecodedReason::wrong_type;
    return false;
}

/// Milliseconds since 1970, a bare integer.
inline bool read_bare_time(JsonValue& value, Timestamp& out, UndecodedReason& reason)
{
    constexpr std::int64_t kMillisecond = 1'000'000;
    std::int64_t number = 0;
    if (!read_integer(value, number, reason)) return false;
    if (number < 0 || number > std::numeric_limits<std::int64_t>::max() / kMillisecond) {
        reason = UndecodedReason::bad_number;
        return false;
    }
    out = {number * kMillisecond};
    return true;
}

/// A quoted price or size.
inline bool read_price(JsonValue& value, const WireScale& scale, Price& out, UndecodedReason& reason)
{
    std::string_view text;
    if (!read_text(value, text, reason)) return false;
    TextCursor cursor(text.data() - 1, text.data() + text.size() + 1);
    return cursor.price(scale, out, reason);
}

inline bool read_quantity(JsonValue& value, const WireScale& scale, Quantity& out, UndecodedReason& reason)
{
    std::string_view text;
    if (!read_text(value, text, reason)) return false;
    TextCursor cursor(text.data() - 1, text.data() + text.size() + 1);
    return cursor.quantity(scale, out, reason);
}

/// An array of price and size pairs.
inline bool read_levels(JsonValue& value, const char* frame_end, const WireScale& scale, LevelList& out,
                        UndecodedReason& reason)
{
    const std::string_view token = value.raw_json_token();
    if (token.empty() || token.front() != '[') {
        reason = UndecodedReason::wrong_type;
        return false;
    }
    TextCursor cursor(token.data(), frame_end);
    return read_pairs(cursor, scale, out, reason);
}

}  // namespace arb
