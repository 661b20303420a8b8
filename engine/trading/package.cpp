#include "engine/trading/package.hpp"

namespace arb {

const char* name(Part part)
{
    constexpr const char* kNames[] = {"take", "rest", "hedge"};
    return kNames[static_cast<std::size_t>(part)];
}

const char* name(Aim aim)
{
    constexpr const char* kNames[] = {"flat", "hold", "release"};
    return kNames[static_cast<std::size_t>(aim)];
}

}  // namespace arb
