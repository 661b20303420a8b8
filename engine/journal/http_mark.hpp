#pragma once
// A live session's REST replies carry more than url and status: the connector's tag, whether the request can
// have left, and what Retry-After and the counting header said. They are kept behind the url as a fragment
// ("#tag=7;unsent;retry=2000;count=40"), which no venue ever sends. Used by the live driver and by replay. Any
// thread.
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/time.hpp"

namespace arb {

struct HttpMark {
    std::uint64_t tag = 0;
    bool sent = true;
    Duration retry_after{};
    std::int64_t count = -1;  ///< HttpReply::count
};

/// The url with its mark; without a mark when there is nothing to say.
std::string add_mark(std::string_view url, const HttpMark& mark);
/// Cuts the mark off `url` and reads it; a url without a mark, or with one that cannot be read, gives the
/// defaults.
HttpMark take_mark(std::string_view& url);

/// A reply with every text value of 16 bytes or more made of letters, digits and the like replaced by as many
/// x: tokens and keys must not be kept, while the shape stays as it was, so that a replay goes the same way.
std::string mask_long_texts(std::string_view json);

}  // namespace arb
