#pragma once
// simdjson's bare walk of a text: every key visited, every value read, nothing built of it. No decoder that
// looks at all of a message is expected to be faster, so its time is the floor beside which decoders are
// measured. Nothing on a path calls it.
#include <cstdint>
#include <memory>

#include "engine/base/padded_text.hpp"

namespace arb {

enum class JsonWalk : std::uint8_t {
    values,   ///< texts are unescaped, numbers are looked at to their end
    outlines  ///< only where values stand
};

class JsonWalker {
  public:
    JsonWalker();
    ~JsonWalker();
    JsonWalker(const JsonWalker&) = delete;
    JsonWalker& operator=(const JsonWalker&) = delete;
    /// A sum over what was seen, so that no part of the walk can be left out; 0 where the text is no JSON. It
    /// needs kTextPadding bytes behind it.
    std::uint64_t walk(PaddedText text, JsonWalk how);

  private:
    struct Parser;
    std::unique_ptr<Parser> parser_;
};

}  // namespace arb
