#pragma once
// Words of private messages shared by events and replies: order status, why an order ended, numbers that are
// ids. Used by the decoders of events and of replies on the core thread. No allocation, no error but the
// result.
#include <string_view>

#include "connectors/binance/account_memory.hpp"
#include "connectors/binance/private_fields.hpp"
#include "engine/base/client_order_id.hpp"
#include "engine/base/order_report.hpp"

namespace arb::binance {

/// False for a word that is not documented.
bool status_of(std::string_view word, OrderStatus& out);
/// Why an order with that status ended; `told` is the venue's reason, may be empty.
RejectReason reason_of(std::string_view status, std::string_view time_in_force, std::string_view told,
                       Quantity filled);

/// False when the fields had trouble, which is told then.
bool tell_trouble(const PrivateFields& fields, FactSink& sink);
/// Whose symbol stands at that key; nullptr: nobody's, which is told.
const Listing* listing_of(const VenueSetup& setup, PrivateFields& fields, std::string_view key,
                          FactSink& sink);
/// A position under those keys, which is remembered; nullptr when it cannot be read, which is told.
const Listing* take_position(const VenueSetup& setup, PrivateFields& fields, std::string_view symbol,
                             std::string_view amount, std::string_view side, KnownPositions& positions,
                             FactSink& sink);

inline OrderId our_order(std::string_view client_id)
{
    return parse_client_order_id(client_id).value_or(kForeignOrder);
}

/// A venue's numeric id as text.
struct IdText {
    char text[kDecimalTextMax];
    std::size_t size = 0;
    explicit IdText(std::int64_t value)
        : size(print_integer(value < 0 ? 0 : static_cast<std::uint64_t>(value), text))
    {
    }
    std::string_view view() const { return {text, size}; }
};

}  // namespace arb::binance
