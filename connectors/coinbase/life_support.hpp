#pragma once
// What the tests of the trading side share: how connector and emulated venue are set up on the tests'
// in-memory wire (the Link), and how its last facts read. Tests only, one thread.
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/coinbase/coinbase.hpp"

namespace arb::coinbase::test {

inline ListingDefinition link_usd()
{
    ListingDefinition d;
    d.market = "spot";
    d.symbol = "LINK-USD";
    d.base = "LINK";
    d.quote = "USD";
    d.tick = Decimal(1, 2);
    d.lot = Decimal(1, 1);
    d.quantity_min = Decimal(1, 1);
    d.notional_min = Decimal(1, 0);
    return d;
}

template <class Link>
class Life {
  protected:
    /// `fees` is how the venue takes them, `key` the label of the key.
    template <class Fees>
    void make_link(Fees fees, std::string_view key, bool manners = false)
    {
        link = std::make_unique<Link>(type(), "spot", std::vector<ListingDefinition>{link_usd()}, fees, key,
                                      7, true, manners);
        link->deposit("USD", "100000");
        link->deposit("LINK", "1000");
        link->street("27.10", "27.20");
    }
    bool ready() const { return link->ready(Channel::order_entry) && link->ready(Channel::private_stream); }
    void start()
    {
        link->start();
        link->run(seconds(1));
    }
    void settle() { link->run(milliseconds(50)); }
    std::string ended(RequestKind kind) const
    {
        const auto* end = link->last_end(kind);
        if (end == nullptr) return "none";
        std::string text = std::string(name(end->end.outcome)) + " " + name(end->end.reason);
        return end->code.empty() ? text : text + " " + end->code;
    }
    OrderStatus status(OrderId id) const
    {
        const auto* order = link->last(id);
        return order == nullptr ? OrderStatus::pending : order->report.status;
    }

    std::unique_ptr<Link> link;
};

}  // namespace arb::coinbase::test
