#pragma once
// The objects of Binance's replies (orders, trades, balances, positions, fees) to facts. Called by Account on
// the core thread with parsed objects; a fact is handed on only when its object was read whole. What cannot
// be read is told by on_undecoded and a false result. No allocation, nothing throws.
#include <simdjson.h>

#include "connectors/binance/account_memory.hpp"
#include "connectors/binance/decoder.hpp"
#include "connectors/binance/private_fields.hpp"

namespace arb::binance {

class ReplyDecoder {
  public:
    using Object = simdjson::dom::object;
    using Array = simdjson::dom::array;

    ReplyDecoder(const VenueSetup& setup, Market market, AccountMemory& memory)
        : setup_(setup), market_(market), memory_(&memory)
    {
    }

    /// An order object of a reply: place, cancel, query, open orders. With FULL also its fills.
    bool order(const Object& object, ReportSource source, FactSink& sink);
    /// A trade of myTrades or userTrades, of that order of ours; `id` is the venue's number of the trade.
    bool trade(const Object& object, OrderId order, FactSink& sink, std::int64_t& id);
    bool spot_balance(const Object& object, FactSink& sink);
    bool futures_balance(const Object& object, FactSink& sink);
    /// A row of a list of positions; `listing` says whose. What it adds up to the memory tells.
    bool position(const Object& object, FactSink& sink, ListingId& listing);
    bool fees(const Object& object, ListingId listing, FactSink& sink);

  private:
    bool order_fills(const Object& object, const OrderReport& report, const Listing& listing, FactSink& sink);

    VenueSetup setup_;
    Market market_;
    AccountMemory* memory_;
};

}  // namespace arb::binance
