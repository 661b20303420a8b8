#pragma once
// C++ source text taken apart just enough for the house rules (tidy_rules.hpp): what is code, what is
// comment, what is string, and where functions begin and end. Not a parser: it knows quotes, comments, raw
// strings and braces, and takes the project's own formatting for granted. Pure functions, no error: odd text
// gives odd views, never a crash.
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace arb::tidy {

/// Four views of one file. Each has the file's length and line breaks; what does not belong is blank.
struct SourceViews {
    std::string code;         ///< without comments and without the insides of strings
    std::string strings;      ///< only the insides of strings
    std::string comments;     ///< only comments, with their slashes
    std::string uncommented;  ///< code and strings
    std::vector<bool> raw;    ///< by line from 0: inside a raw string, where layout is data
};

SourceViews views_of(std::string_view text);

/// The lines of a text without their ends; a final newline opens no further line.
std::vector<std::string_view> lines_of(std::string_view text);

/// The line, counted from 1, that holds this offset.
std::size_t line_at(std::string_view text, std::size_t offset);

bool is_word_character(char c);

/// Offsets of `token` in `code` where it starts (and, if it ends in a word character, ends) at a word's edge.
std::vector<std::size_t> find_token(std::string_view code, std::string_view token);

struct FunctionSpan {
    std::string name;
    std::size_t line_first = 0;  ///< of the signature, from 1
    std::size_t line_last = 0;   ///< of the closing brace
    std::size_t lines() const { return line_last - line_first + 1; }
};

/// Functions with a body at namespace or class scope; lambdas count with the function around them.
std::vector<FunctionSpan> functions_of(const SourceViews& views);

}  // namespace arb::tidy
