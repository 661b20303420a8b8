#pragma once
// Where live trading finds the keys that its commands name. In a run it is the keys of the program
// (engine/app/keys/key_ring), in a replay stand-ins that sign nothing. Core thread.
#include <string_view>

#include "engine/keys/credentials.hpp"

namespace arb {

class KeySource {
  public:
    virtual ~KeySource() = default;
    /// The key of that label at the venue of that label, or null. Lives as long as the source.
    virtual const Credentials* find(std::string_view venue, std::string_view label) = 0;
};

}  // namespace arb
