#pragma once
// What a text that OKX has signed would authorise: a SignedTextParser (engine/keys/request_view.hpp) for the
// signer process. The text is time, method, path with query, and body: all of it can be checked. A log-on
// opens a socket on which orders are not signed. Any thread.
#include <string_view>

#include "engine/keys/request_view.hpp"

namespace arb::okx {

bool read_signed_text(std::string_view text, RequestView& out);

}  // namespace arb::okx
