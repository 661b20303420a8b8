#pragma once
// Reading members of a private message's objects, with the first trouble remembered, so that an object is
// read whole and judged once. Bybit writes nearly every number as text, and an empty text where it has none.
// Used by PrivateDecoder and the REST replies on the core thread. Texts live in the parser's memory until its
// next document. Nothing throws; no allocation.
#include <optional>
#include <string_view>

#include <simdjson.h>

#include "engine/base/instrument.hpp"
#include "engine/base/market_data.hpp"

namespace arb::bybit {

/// Digits of any sign, up to 128 bits; what is finer than 18 decimals is cut off, downwards.
std::optional<Amount> parse_amount(std::string_view text);
/// Milliseconds since 1970 as digits.
std::optional<Timestamp> parse_ms(std::string_view text);

class PrivateFields {
  public:
    explicit PrivateFields(const simdjson::dom::object& object) : object_(object) {}

    bool ok() const { return ok_; }
    UndecodedReason reason() const { return reason_; }
    void fail(UndecodedReason reason)
    {
        if (ok_) reason_ = reason;
        ok_ = false;
    }

    /// Empty when it is not there, null or empty; another type is trouble.
    std::string_view text(std::string_view key)
    {
        std::string_view value;
        simdjson::dom::element element;
        if (object_.at_key(key).get(element) != simdjson::SUCCESS || element.is_null()) return value;
        if (element.get_string().get(value) != simdjson::SUCCESS) fail(UndecodedReason::wrong_type);
        return value;
    }
    std::string_view required(std::string_view key)
    {
        const std::string_view value = text(key);
        if (ok_ && value.empty()) fail(UndecodedReason::missing_field);
        return value;
    }
    bool flag(std::string_view key)
    {
        bool value = false;
        simdjson::dom::element element;
        if (object_.at_key(key).get(element) != simdjson::SUCCESS || element.is_null()) return false;
        if (element.get_bool().get(value) != simdjson::SUCCESS) fail(UndecodedReason::wrong_type);
        return value;
    }
    /// A time that is nice to have.
    Timestamp time(std::string_view key) { return parse_ms(text(key)).value_or(Timestamp{}); }
    /// Empty: the field is not there or empty.
    std::optional<Amount> amount(std::string_view key)
    {
        const std::string_view digits = text(key);
        if (digits.empty()) return std::nullopt;
        const std::optional<Amount> value = parse_amount(digits);
        if (!value) fail(UndecodedReason::bad_number);
        return value;
    }
    Price price(std::string_view key, const Listing& listing)
    {
        const Price result{units(required(key), listing.wire.price_decimals)};
        if (ok_ && result.units <= 0) fail(UndecodedReason::bad_price);
        return result;
    }
    Quantity quantity(std::string_view key, const Listing& listing)
    {
        Quantity result{units(required(key), listing.wire.quantity_decimals)};
        if (ok_ && result.units < 0) fail(UndecodedReason::bad_quantity);
        if (__builtin_mul_overflow(result.units, listing.wire.quantity_factor, &result.units))
            fail(UndecodedReason::bad_number);
        return result;
    }
    Side side(std::string_view key)
    {
        const std::string_view word = required(key);
        if (ok_ && word != "Buy" && word != "Sell") fail(UndecodedReason::wrong_type);
        return word == "Sell" ? Side::sell : Side::buy;
    }

  private:
    std::int64_t units(std::string_view digits, unsigned decimals)
    {
        if (!ok_) return 0;
        const ScaledNumber number = parse_scaled(digits, decimals);
        if (number.error == DecimalError::too_precise) fail(UndecodedReason::too_precise);
        if (number.error != DecimalError::none) fail(UndecodedReason::bad_number);
        return ok_ ? number.value : 0;
    }

    simdjson::dom::object object_;
    bool ok_ = true;
    UndecodedReason reason_ = UndecodedReason::malformed;
};

}  // namespace arb::bybit
