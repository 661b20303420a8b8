#pragma once
// Walking text that may be anything: symbols, file names and venue messages come from outside. One step gives
// one code point; bytes that are not UTF-8 (overlong, surrogate, cut off) give U+FFFD and move one byte on.
// Used by every form of report before text is shown. Pure, any thread.
#include <cstddef>
#include <string>
#include <string_view>

namespace arb {

inline constexpr char32_t kReplacement = 0xfffd;

/// The code point at `at`, which is moved behind it. `at` must be inside the text.
char32_t next_code_point(std::string_view text, std::size_t& at);

void append_utf8(std::string& out, char32_t code);

/// Must not reach a terminal or a page as it is: controls (ANSI escapes begin with one), line and paragraph
/// separators, invisible and direction-changing characters, U+FEFF, noncharacters.
bool unsafe_to_show(char32_t code);

/// The text with every unsafe character replaced by U+FFFD: one line, nothing hidden.
std::string plain_text(std::string_view text);

/// Code points, taken as columns of a terminal.
std::size_t columns_of(std::string_view text);

}  // namespace arb
