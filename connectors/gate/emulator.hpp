#pragma once
// Gate's side of its public protocol: replies to subscriptions, obu books of 50 levels, trades, instrument
// replies. Written from the venue's documents, not from the decoder. One thread, deterministic. Its manners:
// every second whole book comes before the reply to its subscription, a side without changes is left out, and
// a whole book comes again now and then.
#include <memory>
#include <string_view>

#include "engine/emulate/emulator.hpp"

namespace arb::gate {

std::unique_ptr<Emulator> make_emulator(std::string_view market);

}  // namespace arb::gate
