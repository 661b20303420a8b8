#pragma once
// A small streaming JSON writer: values go straight into one string, commas and nesting are its own business.
// Called by the reports, cold path, any thread. There is no way in for floating point: a number that is not
// an integer is given as digits with a scale, amounts are exact decimal strings. Text may be hostile: it
// comes out as JSON that may be shown in a terminal and may stand inside an HTML <script> (< > & are escaped,
// so are all control, line-ending, invisible and direction-changing characters), and bytes that are not UTF-8
// become U+FFFD. Wrong nesting is a broken promise (ENSURE).
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/money.hpp"
#include "engine/base/time.hpp"

namespace arb {

class JsonWriter {
  public:
    /// Members and elements of the outermost `broken_depth` levels stand on lines of their own; 0: all on one
    /// line.
    explicit JsonWriter(unsigned broken_depth = 0) : broken_depth_(broken_depth) {}

    JsonWriter& begin_object() { return open('{'); }
    JsonWriter& end_object() { return close('{', '}'); }
    JsonWriter& begin_array() { return open('['); }
    JsonWriter& end_array() { return close('[', ']'); }
    /// The name of the next value; only inside an object.
    JsonWriter& key(std::string_view name);

    JsonWriter& text(std::string_view value);
    /// An array of texts.
    JsonWriter& texts(const std::vector<std::string>& values);
    JsonWriter& integer(std::uint64_t value);
    JsonWriter& signed_integer(std::int64_t value);
    /// value x 10^-decimals as a JSON number, exact, without trailing zeros: for ratios such as bps.
    JsonWriter& number(std::int64_t value, unsigned decimals);
    JsonWriter& amount(Amount value) { return text(value.text()); }
    JsonWriter& flag(bool value);
    JsonWriter& null();
    /// UTC text, or null when the time is not known.
    JsonWriter& time(Timestamp value);
    /// 16 hexadecimal digits in quotes.
    JsonWriter& hash(std::uint64_t value);

    /// The finished document, ended by a line feed. Everything must be closed.
    std::string take();

  private:
    struct Frame {
        char kind = '{';
        bool empty = true;
        bool named = false;  ///< a key waits for its value
    };

    JsonWriter& open(char kind);
    JsonWriter& close(char kind, char end);
    void before_value();
    void line_break(std::size_t depth);

    std::string out_;
    std::vector<Frame> open_;
    unsigned broken_depth_ = 0;
    bool finished_ = false;
};

/// Appends `value` as a quoted JSON string.
void append_json_text(std::string& out, std::string_view value);

}  // namespace arb
