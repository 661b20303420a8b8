#pragma once
// Events of Binance's private stream to facts: executionReport, ORDER_TRADE_UPDATE, account changes. Called
// by Account on the core thread with parsed objects; a fact is handed on only when its object was read whole.
// What cannot be read is told by on_undecoded. No allocation, nothing throws.
#include <string_view>

#include <simdjson.h>

#include "connectors/binance/account_memory.hpp"
#include "connectors/binance/decoder.hpp"
#include "connectors/binance/private_fields.hpp"

namespace arb::binance {

/// What an event meant for the session rather than for an account.
enum class PrivateEvent : std::uint8_t { none, shutdown, key_expired, stream_ended };

class PrivateDecoder {
  public:
    using Object = simdjson::dom::object;
    using Array = simdjson::dom::array;

    PrivateDecoder(const VenueSetup& setup, Market market, AccountMemory& memory)
        : setup_(setup), market_(market), memory_(&memory)
    {
    }

    PrivateEvent event(const Object& event, ConnectionId connection, FactSink& sink);

    /// True once after the venue told that money moved, but not how much there is.
    bool take_money_moved() { return std::exchange(money_moved_, false); }

  private:
    bool execution(PrivateFields& fields, Timestamp time, FactSink& sink, bool spot);
    bool account_change(const Object& event, FactSink& sink);
    bool position_change(const Object& event, Timestamp time, FactSink& sink);
    void balance_rows(const Array& rows, Timestamp time, FactSink& sink);

    VenueSetup setup_;
    Market market_;
    AccountMemory* memory_;
    bool money_moved_ = false;
};

}  // namespace arb::binance
