#pragma once
// OKX's side of its public protocol, after the v5 documentation as of 2026: acknowledgements, books with
// seqId and prevSeqId and a checksum fixed to 0, trades, instrument replies. One thread, deterministic. Books
// are expected to be at most 400 levels a side, the depth of the `books` channel.
#include <memory>
#include <string_view>

#include "engine/emulate/emulator.hpp"

namespace arb::okx {

std::unique_ptr<Emulator> make_emulator(std::string_view market);

}  // namespace arb::okx
