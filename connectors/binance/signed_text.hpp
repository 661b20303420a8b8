#pragma once
// What a text that Binance has signed would authorise: a SignedTextParser (engine/keys/request_view.hpp) for
// the signer process. The text is the query alone: method and path are not in it, so they are concluded from
// the names of the fields, and of several requests with the same fields the one that can do most is meant: a
// symbol alone may cancel all its orders, a key and a time alone may log a websocket on. A text that holds a
// time alone could also be sent to other requests without parameters. Any thread.
#include <string_view>

#include "engine/keys/request_view.hpp"

namespace arb::binance {

bool read_signed_text(std::string_view text, RequestView& out);

}  // namespace arb::binance
