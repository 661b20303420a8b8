#pragma once
// The id an order of ours carries at a venue. It is a pure function of the OrderId (run epoch in the upper 32
// bits, counter in the lower 32), so that it is deterministic in replay, never used again, and read back from
// any reply without a table. Two spellings: 18 letters and digits, legal at every venue; and a UUID (version
// 8) for venues that want one. Both carry a check, so that a stranger's id is not taken for ours. Any thread,
// no allocation.
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/base/ids.hpp"

namespace arb {

/// An order that is not ours, or whose client id is not known.
inline constexpr OrderId kForeignOrder{0};

constexpr OrderId make_order_id(std::uint32_t epoch, std::uint32_t counter)
{
    return static_cast<OrderId>((std::uint64_t{epoch} << 32) | counter);
}
constexpr std::uint32_t epoch_of(OrderId id)
{
    return static_cast<std::uint32_t>(static_cast<std::uint64_t>(id) >> 32);
}
constexpr std::uint32_t counter_of(OrderId id)
{
    return static_cast<std::uint32_t>(static_cast<std::uint64_t>(id));
}

struct ClientOrderId {
    std::array<char, 18> text{};
    std::string_view view() const { return {text.data(), text.size()}; }
};
struct ClientOrderUuid {
    std::array<char, 36> text{};
    std::string_view view() const { return {text.data(), text.size()}; }
};

/// `ar`, 13 characters of the id, 3 of check; digits and capital letters without I, L, O, U.
ClientOrderId client_order_id(OrderId id);
/// `61726269-xxxx-8xxx-8xxx-xxxxxxxxxxxx`, lower case.
ClientOrderUuid client_order_uuid(OrderId id);
/// Reads either spelling back (letters of a UUID in either case). Empty: not one of ours.
std::optional<OrderId> parse_client_order_id(std::string_view text);

}  // namespace arb
