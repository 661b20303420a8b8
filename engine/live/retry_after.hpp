#pragma once
// Numbers in the headers of an HTTP reply, above all how long it asks to be left alone: for the driver and the
// probe of venues. Header only; pure, any thread, no errors.
#include "engine/base/decimal.hpp"
#include "engine/base/time.hpp"
#include "engine/net/types.hpp"

namespace arb {

/// Zero: the header is missing, is a date, or is no sane number of seconds.
inline Duration retry_after(const net::Headers& headers)
{
    const std::string_view text = net::find_header(headers, "Retry-After");
    const ScaledNumber number = parse_scaled(text, 0);
    if (text.empty() || number.error != DecimalError::none || number.value < 0 || number.value > 1'000'000)
        return {};
    return seconds(number.value);
}

/// -1: no name, no such header, or no whole number.
inline std::int64_t header_count(const net::Headers& headers, std::string_view name)
{
    const std::string_view text = name.empty() ? name : net::find_header(headers, name);
    const ScaledNumber number = parse_scaled(text, 0);
    return text.empty() || number.error != DecimalError::none || number.value < 0 ? -1 : number.value;
}

}  // namespace arb
