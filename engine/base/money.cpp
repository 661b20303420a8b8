#include "engine/base/money.hpp"

namespace arb {

std::optional<Amount> amount_rounded_down(std::string_view text)
{
    const bool negative = text.starts_with('-');
    if (negative) text.remove_prefix(1);
    const std::size_t point = text.find('.');
    const std::string_view whole = text.substr(0, point);
    const std::string_view fraction = point == std::string_view::npos ? "0" : text.substr(point + 1);
    if (whole.empty() || fraction.empty()) return std::nullopt;
    Int128 units = 0;
    const auto append = [&](char digit) {
        return !__builtin_mul_overflow(units, Int128{10}, &units) &&
               !__builtin_add_overflow(units, Int128{digit - '0'}, &units);
    };
    for (const char c : whole) {
        if (c < '0' || c > '9' || !append(c)) return std::nullopt;
    }
    bool cut = false;
    for (std::size_t i = 0; i < fraction.size(); ++i) {
        const char c = fraction[i];
        if (c < '0' || c > '9') return std::nullopt;
        if (i >= kAmountDecimals) {
            cut |= c != '0';
        } else if (!append(c)) {
            return std::nullopt;
        }
    }
    for (std::size_t i = fraction.size(); i < kAmountDecimals; ++i) {
        if (!append('0')) return std::nullopt;
    }
    if (!negative) return Amount{units};
    // Down is away from zero here: a debt never becomes smaller.
    if (cut && __builtin_add_overflow(units, Int128{1}, &units)) return std::nullopt;
    return Amount{-units};
}

}  // namespace arb
