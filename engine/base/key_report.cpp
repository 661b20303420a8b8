#include "engine/base/key_report.hpp"

#include <cstddef>

namespace arb {

const char* name(KeyRole role)
{
    return role == KeyRole::read ? "read" : "trade";
}

const char* name(KeyAnswer answer)
{
    constexpr const char* kNames[] = {"told", "refused", "absent", "unreadable", "none"};
    return kNames[static_cast<std::size_t>(answer)];
}

}  // namespace arb
