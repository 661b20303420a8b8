#pragma once
// What a client says with a request, by name: the fields of a query or a form, and whole numbers in them.
// Emulated venues call it. Everything read is hostile. Cold path, any thread.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace arb {

/// Names and values, in the order they came.
using Params = std::vector<std::pair<std::string, std::string>>;

/// The first value of that name; empty when there is none.
std::string_view value_of(const Params& params, std::string_view name);

/// Adds the fields of "a=1&b=x%20y". A name alone has an empty value. False: at least one field is no
/// percent-encoding; it is left out.
bool read_query_params(std::string_view text, Params& params);

/// The first value of one name in a query or form; empty when it is absent or no percent-encoding.
std::string query_text(std::string_view text, std::string_view name);

/// "a,b,c"
std::vector<std::string> parts_of(std::string_view list);
/// A list that names nothing means everything.
bool is_among(const std::vector<std::string>& list, std::string_view value);

/// Letters, digits and `others` alone, at most so many.
bool is_made_of(std::string_view text, std::size_t most, std::string_view others = {});

/// Nothing but a whole number that 64 bits hold.
std::optional<std::int64_t> whole_number(std::string_view text);
/// The same; `otherwise` for anything else.
std::int64_t whole_of(std::string_view text, std::int64_t otherwise);

/// A whole number above 0 as a count, of a page's entries say: `most` at most; `usual` for anything else.
std::size_t count_of(std::string_view text, std::size_t usual, std::size_t most);

}  // namespace arb
