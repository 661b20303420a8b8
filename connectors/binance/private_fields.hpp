#pragma once
// Reading members of a private message's objects: required and optional ones, with the first trouble
// remembered, so that a message is read whole and judged once. Used by PrivateDecoder and Account on the core
// thread. Texts live in the parser's memory until its next text. Nothing throws; no allocation.
#include <optional>
#include <string_view>

#include <simdjson.h>

#include "connectors/binance/message.hpp"
#include "engine/base/instrument.hpp"
#include "engine/base/market_data.hpp"

namespace arb::binance {

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

    bool has(std::string_view key) const
    {
        simdjson::dom::element value;
        return object_.at_key(key).get(value) == simdjson::SUCCESS && !value.is_null();
    }
    /// Empty when it is not there or null; another type is trouble.
    std::string_view text(std::string_view key, bool required = true)
    {
        std::string_view value;
        simdjson::dom::element element;
        if (!find(key, element, required)) return value;
        if (element.get_string().get(value)) fail(UndecodedReason::wrong_type);
        return value;
    }
    std::int64_t integer(std::string_view key, bool required = true)
    {
        std::int64_t value = 0;
        simdjson::dom::element element;
        if (!find(key, element, required)) return value;
        if (element.get_int64().get(value)) fail(UndecodedReason::wrong_type);
        return value;
    }
    bool flag(std::string_view key, bool required = true)
    {
        bool value = false;
        simdjson::dom::element element;
        if (!find(key, element, required)) return value;
        if (element.get_bool().get(value)) fail(UndecodedReason::wrong_type);
        return value;
    }
    Timestamp time(std::string_view key, bool required = true)
    {
        Timestamp result;
        const std::int64_t value = integer(key, required);
        if (value < 0 || !time_of(static_cast<std::uint64_t>(value), result))
            fail(UndecodedReason::bad_number);
        return result;
    }
    /// A decimal in quotes as a count of 10^-decimals.
    std::int64_t decimal(std::string_view key, unsigned decimals, bool required = true)
    {
        const std::string_view digits = text(key, required);
        if (digits.empty() && (!ok_ || !required)) return 0;
        const ScaledNumber number = parse_scaled(digits, decimals);
        if (number.error == DecimalError::too_precise) fail(UndecodedReason::too_precise);
        if (number.error != DecimalError::none) fail(UndecodedReason::bad_number);
        return number.value;
    }
    Amount amount(std::string_view key, bool required = true)
    {
        const std::string_view digits = text(key, required);
        if (digits.empty() && (!ok_ || !required)) return {};
        const std::optional<Amount> result = amount_rounded_down(digits);
        if (!result) fail(UndecodedReason::bad_number);
        return result.value_or(Amount{});
    }
    Price price(std::string_view key, const Listing& listing, bool required = true)
    {
        const Price result{decimal(key, listing.wire.price_decimals, required)};
        if (result.units < 0) fail(UndecodedReason::bad_price);
        return result;
    }
    Quantity quantity(std::string_view key, const Listing& listing, bool required = true)
    {
        Quantity result{decimal(key, listing.wire.quantity_decimals, required)};
        if (result.units < 0) fail(UndecodedReason::bad_quantity);
        if (__builtin_mul_overflow(result.units, listing.wire.quantity_factor, &result.units))
            fail(UndecodedReason::bad_number);
        return result;
    }
    Side side(std::string_view key)
    {
        const std::string_view word = text(key);
        if (ok_ && word != "BUY" && word != "SELL") fail(UndecodedReason::wrong_type);
        return word == "SELL" ? Side::sell : Side::buy;
    }

  private:
    bool find(std::string_view key, simdjson::dom::element& out, bool required)
    {
        if (object_.at_key(key).get(out) == simdjson::SUCCESS && !out.is_null()) return true;
        if (required) fail(UndecodedReason::missing_field);
        return false;
    }

    simdjson::dom::object object_;
    bool ok_ = true;
    UndecodedReason reason_ = UndecodedReason::malformed;
};

}  // namespace arb::binance
