#pragma once
// Reading members of one private JSON object, the first trouble remembered, so that an object is read whole
// and judged once. Used by the private decoder and the REST half, core thread. Texts live in the parser's
// memory until its next text. Nothing throws, nothing allocates.
#include <string_view>

#include <simdjson.h>

#include "engine/base/instrument.hpp"
#include "engine/base/market_data.hpp"
#include "engine/base/time.hpp"

namespace arb::coinbase {

/// Digits to an Amount. What is finer than 10^-18 is cut, or with `round_up` counts as one more unit (fees).
/// False: no number of that kind, or too large.
bool read_amount(std::string_view text, bool round_up, Amount& out);

/// The member as it is; empty where it is missing or no text.
template <class Json>
std::string_view member_text(const Json& json, std::string_view key)
{
    std::string_view text;
    return json.at_key(key).get_string().get(text) ? std::string_view() : text;
}

class PrivateFields {
  public:
    explicit PrivateFields(simdjson::dom::object object) : object_(object) {}

    bool ok() const { return ok_; }
    UndecodedReason reason() const { return reason_; }
    void fail(UndecodedReason reason)
    {
        if (ok_) reason_ = reason;
        ok_ = false;
    }
    simdjson::dom::object object() const { return object_; }

    /// Empty when it may be missing and is, or is null.
    std::string_view text(std::string_view key, bool required = true)
    {
        std::string_view value;
        simdjson::dom::element element;
        if (find(key, element, required) && element.get_string().get(value))
            fail(UndecodedReason::wrong_type);
        return value;
    }
    bool flag(std::string_view key, bool required = true)
    {
        bool value = false;
        simdjson::dom::element element;
        if (find(key, element, required) && element.get_bool().get(value)) fail(UndecodedReason::wrong_type);
        return value;
    }
    /// `cut`: digits finer than the unit are cut; else they are too_precise.
    Price price(std::string_view key, const Listing& listing, bool cut = false)
    {
        const Price result{decimal(text(key), listing.wire.price_decimals, cut)};
        if (result.units <= 0) fail(UndecodedReason::bad_price);
        return result;
    }
    Quantity quantity(std::string_view key, const Listing& listing, bool cut = false)
    {
        Quantity result{decimal(text(key), listing.wire.quantity_decimals, cut)};
        if (result.units < 0) fail(UndecodedReason::bad_quantity);
        if (__builtin_mul_overflow(result.units, listing.wire.quantity_factor, &result.units))
            fail(UndecodedReason::bad_number);
        return result;
    }
    Amount amount(std::string_view key, bool round_up = false)
    {
        const std::string_view digits = text(key);
        Amount result;
        if (ok_ && !read_amount(digits, round_up, result)) fail(UndecodedReason::bad_number);
        return result;
    }
    Side side(std::string_view key)
    {
        const std::string_view word = text(key);
        if (ok_ && word != "BUY" && word != "SELL") fail(UndecodedReason::wrong_type);
        return word == "SELL" ? Side::sell : Side::buy;
    }
    Timestamp time(std::string_view key)
    {
        const std::string_view digits = text(key, false);
        if (!ok_ || digits.empty()) return {};
        return parse_utc(digits).value_or(Timestamp{});
    }
    simdjson::dom::object inner(std::string_view key)
    {
        simdjson::dom::object value;
        simdjson::dom::element element;
        if (find(key, element, true) && element.get_object().get(value)) fail(UndecodedReason::wrong_type);
        return value;
    }
    simdjson::dom::array list(std::string_view key)
    {
        simdjson::dom::array value;
        simdjson::dom::element element;
        if (find(key, element, true) && element.get_array().get(value)) fail(UndecodedReason::wrong_type);
        return value;
    }

  private:
    bool find(std::string_view key, simdjson::dom::element& out, bool required)
    {
        if (object_.at_key(key).get(out) == simdjson::SUCCESS && !out.is_null()) return true;
        if (required) fail(UndecodedReason::missing_field);
        return false;
    }
    std::int64_t decimal(std::string_view digits, unsigned decimals, bool cut)
    {
        if (!ok_) return 0;
        const std::size_t point = cut ? digits.find('.') : std::string_view::npos;
        if (point != std::string_view::npos && digits.size() > point + 1 + decimals) {
            const std::string_view rest = digits.substr(point + 1);
            if (rest.find_first_not_of("0123456789") != std::string_view::npos)
                fail(UndecodedReason::bad_number);
            digits = digits.substr(0, decimals == 0 ? point : point + 1 + decimals);
        }
        const ScaledNumber number = parse_scaled(digits, decimals);
        if (number.error == DecimalError::too_precise) fail(UndecodedReason::too_precise);
        if (number.error != DecimalError::none) fail(UndecodedReason::bad_number);
        return number.value;
    }

    simdjson::dom::object object_;
    bool ok_ = true;
    UndecodedReason reason_ = UndecodedReason::malformed;
};

}  // namespace arb::coinbase
