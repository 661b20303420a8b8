#pragma once
// One line of a cryptofeed capture (format 2), taken apart and checked:
//   {"t":"header"|"http"|"connect"|"send"|"recv","conn":"...","ts":<seconds>,"url"|"addr":"...","data":"..."}
// A message that was no text has "b64" instead of "data". The views point into the line. For
// import_cryptofeed alone.
#include <string>
#include <string_view>

#include "engine/base/time.hpp"

namespace arb {

struct CaptureLine {
    enum class Kind { header, http, connect, send, recv, other };
    Kind kind = Kind::other;
    std::string_view type, connection, time_text;
    std::string_view data;  ///< escaped
    bool has_data = false;
    bool packed = false;  ///< `data` is base64 of a message that was no text
    Timestamp time;
    std::string address;
};

/// Fills `out`. Returns what is wrong with the line, or nothing.
std::string_view parse_capture_line(std::string_view text, CaptureLine& out);

/// The connection's name alone, for lines that belong to another one: stops before the long member.
std::string_view connection_of(std::string_view text);

}  // namespace arb
