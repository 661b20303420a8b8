#pragma once
// Words that lines of state are written with (state_lines.cpp) and read by (state_line_reader.cpp), in the
// order of the enumerations that they stand for. Constants; any thread.
#include <string_view>

namespace arb {

/// In the order of TimeInForce.
inline constexpr std::string_view kStateTifs[] = {"ioc", "fok", "gtc", "post_only"};
/// In the order of FeeAsset.
inline constexpr std::string_view kStateFees[] = {"quote", "base", "other"};
/// Stands where earlier versions wrote the first order's id.
inline constexpr std::string_view kStateLegs = "legs";

}  // namespace arb
