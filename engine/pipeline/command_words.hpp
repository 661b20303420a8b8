#pragma once
// An operator's words, as the control socket hands them on: one after the other, parted by single blanks.
// Pure; any thread.
#include <algorithm>
#include <string_view>

namespace arb {

/// Takes the next word off; empty: there is none.
inline std::string_view next_word(std::string_view& words)
{
    const std::string_view word = words.substr(0, words.find(' '));
    words.remove_prefix(std::min(word.size() + 1, words.size()));
    return word;
}

}  // namespace arb
