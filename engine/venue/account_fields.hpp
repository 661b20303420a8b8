#pragma once
// Reading members of private messages (orders, fills, balances) from a parsed document: numbers come as text
// or as JSON numbers, are exact or refused, and the first trouble is remembered, so that an object is read
// whole and judged once. Used by connectors' trading sides on the core thread; private messages are few, so
// the DOM is affordable. Nothing throws.
#include <optional>
#include <string_view>

#include <simdjson.h>

#include "engine/base/instrument.hpp"
#include "engine/base/order_report.hpp"

namespace arb {

class AccountFields {
  public:
    explicit AccountFields(const simdjson::dom::element& object) : object_(object) {}

    bool ok() const { return ok_; }
    void fail() { ok_ = false; }

    bool has(std::string_view key) const
    {
        simdjson::dom::element value;
        return object_[key].get(value) == simdjson::SUCCESS && !value.is_null();
    }
    /// Empty when it is absent or no text; `required`: that is trouble.
    std::string_view text(std::string_view key, bool required = true)
    {
        std::string_view value;
        if (object_[key].get(value) != simdjson::SUCCESS) {
            if (required) ok_ = false;
            return {};
        }
        return value;
    }
    /// A whole number, as JSON number or as text.
    std::int64_t integer(std::string_view key, bool required = true)
    {
        std::int64_t value = 0;
        if (object_[key].get(value) == simdjson::SUCCESS) return value;
        const std::string_view digits = text(key, required);
        if (digits.empty()) return 0;
        const ScaledNumber number = parse_scaled(digits, 0);
        if (number.error != DecimalError::none) ok_ = false;
        return number.value;
    }
    bool flag(std::string_view key)
    {
        bool value = false;
        return object_[key].get(value) == simdjson::SUCCESS && value;
    }
    Timestamp milliseconds_time(std::string_view key, bool required = false)
    {
        const std::int64_t value = integer(key, required);
        if (value < 0 || value > INT64_MAX / 1'000'000) return {};
        return {value * 1'000'000};
    }
    /// A decimal in quotes as money; an empty text is nothing, what is finer than 10^-18 is rounded down.
    Amount amount(std::string_view key, bool required = true)
    {
        const std::string_view digits = text(key, required);
        if (digits.empty()) return {};
        return amount_text(digits);
    }
    Amount amount_text(std::string_view digits)
    {
        const std::optional<Amount> result = amount_rounded_down(digits);
        if (!result) ok_ = false;
        return result.value_or(Amount{});
    }
    Price price(std::string_view key, const Listing& listing, bool required = true)
    {
        return price_text(text(key, required), listing);
    }
    Price price_text(std::string_view digits, const Listing& listing)
    {
        if (digits.empty()) return {};
        const ScaledNumber number = parse_scaled(digits, listing.wire.price_decimals);
        if (number.error != DecimalError::none || number.value < 0) ok_ = false;
        return {number.value};
    }
    Quantity quantity(std::string_view key, const Listing& listing, bool required = true)
    {
        return quantity_text(text(key, required), listing);
    }
    Quantity quantity_text(std::string_view digits, const Listing& listing)
    {
        if (digits.empty()) return {};
        const ScaledNumber number = parse_scaled(digits, listing.wire.quantity_decimals);
        Quantity result{number.value};
        if (number.error != DecimalError::none || number.value < 0 ||
            __builtin_mul_overflow(result.units, listing.wire.quantity_factor, &result.units)) {
            ok_ = false;
            return {};
        }
        return result;
    }

  private:
    simdjson::dom::element object_;
    bool ok_ = true;
};

/// An order's price and quantity as the venue wants them: exact, without trailing zeros. No allocation.
class OrderDigits {
  public:
    OrderDigits(const OrderIntent& intent, const Instrument& instrument, const Listing& listing)
        : price_size_(print_scaled_short(intent.price.units, instrument.price_decimals, price_)),
          quantity_size_(print_scaled_short(intent.quantity.units / listing.wire.quantity_factor,
                                            listing.wire.quantity_decimals, quantity_))
    {
    }
    std::string_view price() const { return {price_, price_size_}; }
    std::string_view quantity() const { return {quantity_, quantity_size_}; }

  private:
    char price_[kDecimalTextMax];
    char quantity_[kDecimalTextMax];
    std::size_t price_size_, quantity_size_;
};

/// What a documented error means: a row of a connector's table of data.
struct Verdict {
    Outcome outcome = Outcome::unknown;
    RejectReason reason = RejectReason::none;
    bool done() const { return outcome == Outcome::done; }
    bool operator==(const Verdict&) const = default;
};

}  // namespace arb
