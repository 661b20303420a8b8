#pragma once
// What a text that Gate has signed would authorise: a SignedTextParser (engine/keys/request_view.hpp) for the
// signer process. REST signs a hash of the body, not the body: what an order says cannot be checked there. A
// log-on opens a socket on which orders are not signed. A private channel only tells. Any thread.
#include <string_view>

#include "engine/keys/request_view.hpp"

namespace arb::gate {

bool read_signed_text(std::string_view text, RequestView& out);

}  // namespace arb::gate
