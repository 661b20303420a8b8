#pragma once
// What a text that Bybit has signed would authorise: a SignedTextParser (engine/keys/request_view.hpp) for
// the signer process. The text is time, key, window and the query or the body: method and path are not in it,
// so they are concluded: a query can only be a GET (bodies are JSON), and a body is known by the names of its
// fields. A log-on opens a socket on which orders are not signed. Any thread.
#include <string_view>

#include "engine/keys/request_view.hpp"

namespace arb::bybit {

bool read_signed_text(std::string_view text, RequestView& out);

}  // namespace arb::bybit
