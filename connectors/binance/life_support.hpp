#pragma once
// What the tests of the trading side share: how a connector and the emulated venue of one market are set up
// on the tests' in-memory wire (the Link), and how its last facts read. Tests only, one thread.
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/binance/binance.hpp"
#include "connectors/binance/test_support.hpp"

namespace arb::binance::test {

inline ListingDefinition link_listing(std::string_view market)
{
    ListingDefinition d = listing(market, "LINKUSDT", "0.01", "0.1");
    d.notional_min = decimal("5");
    return d;
}

struct Case {
    const char* market;
    const char* key;
};

template <class Info>
std::string label(const Info& info)
{
    return std::string(info.param.market) + "_" + info.param.key;
}

inline std::string end_text(Outcome outcome, RejectReason reason = RejectReason::none)
{
    return std::string(name(outcome)) + " " + name(reason);
}

template <class Link>
class Life {
  protected:
    /// `fees` is how the venue takes them.
    template <class Fees>
    void make_link(const Case& which, Fees fees)
    {
        market_ = which.market;
        link_ = std::make_unique<Link>(type(), market_, std::vector<ListingDefinition>{link_listing(market_)},
                                       fees, which.key);
        link_->deposit("USDT", "100000");
        if (spot()) link_->deposit("LINK", "1000");
        link_->street("27.10", "27.20");
    }
    bool spot() const { return market_ == "spot"; }
    bool ready() const { return link_->ready(Channel::order_entry) && link_->ready(Channel::private_stream); }
    void settle() { link_->run(milliseconds(50)); }
    /// The last end of that kind; Outcome::count_ when there was none.
    RequestEnd ended(RequestKind kind) const
    {
        const auto* end = link_->last_end(kind);
        RequestEnd result = end == nullptr ? RequestEnd{} : end->end;
        if (end == nullptr) result.outcome = Outcome::count_;
        if (end != nullptr) result.code = end->code;
        return result;
    }
    OrderStatus status(OrderId id) const
    {
        const auto* order = link_->last(id);
        return order == nullptr ? OrderStatus::pending : order->report.status;
    }

    std::string market_;
    std::unique_ptr<Link> link_;
};

}  // namespace arb::binance::test
