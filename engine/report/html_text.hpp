#pragma once
// The only door by which text from outside reaches the HTML report: everything that could end an element, an
// attribute, a script or a comment is escaped, and characters that are not safe to show become U+FFFD. Pure,
// any thread.
#include <string>
#include <string_view>

namespace arb::html {

/// Rows of a table that a page shows, and columns from which on a name may break.
inline constexpr std::size_t kRowsShown = 100;
inline constexpr std::size_t kNameColumnsMax = 28;

/// Safe between tags and inside single or double quotes of an attribute.
std::string escape(std::string_view text);

/// <tag class="...">escaped text</tag>; the class is left out when empty.
std::string element(std::string_view tag, std::string_view css_class, std::string_view text);

/// A figure with its name above and a remark below it; `css_class` colours the value.
std::string tile(std::string_view name, std::string_view css_class, std::string_view value,
                 std::string_view below);

}  // namespace arb::html
