#pragma once
// The status of a running engine as tables for people: what it does, what it earned, what is at risk and
// since when, which limit is how full, and why nothing is traded. Made from the status's JSON, so that it can
// come from another process. Pure, any thread; allocates.
#include <optional>
#include <string>
#include <string_view>

namespace arb {

/// Empty: that is no status. What is at risk is red where `colour`.
std::optional<std::string> status_text(std::string_view json, bool colour);

}  // namespace arb
