#pragma once
// What a text that Kraken has signed would authorise: a SignedTextParser (engine/keys/request_view.hpp) for
// the signer process. The text is the path and a SHA-256 of nonce and body: which request it is can be
// checked, what it says cannot. A token for websockets opens one on which orders are not signed. Any thread.
#include <string_view>

#include "engine/keys/request_view.hpp"

namespace arb::kraken {

bool read_signed_text(std::string_view text, RequestView& out);

}  // namespace arb::kraken
