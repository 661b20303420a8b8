#pragma once
// What a token that Coinbase has signed would authorise: a SignedTextParser (engine/keys/request_view.hpp)
// for the signer process. The text is the header and the claims of a JSON web token: method and path are in
// it, the query and the body are not, so what an order says cannot be checked. Any thread.
#include <string_view>

#include "engine/keys/request_view.hpp"

namespace arb::coinbase {

bool read_signed_text(std::string_view text, RequestView& out);

}  // namespace arb::coinbase
