#pragma once
// What the tests of the trading side share: a connector and the emulated venue of one market on an in-memory
// wire, with money and a street, and short ways to look at what came. `Link` is tests/support's VenueLink.
// Tests only.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "connectors/bybit/bybit.hpp"

namespace arb::bybit::test {

inline ListingDefinition link_definition(std::string_view market)
{
    ListingDefinition d;
    d.market = market;
    d.symbol = "LINKUSDT";
    d.base = "LINK";
    d.quote = "USDT";
    d.kind = market == "spot" ? InstrumentKind::spot : InstrumentKind::perpetual;
    d.tick = *Decimal::parse("0.01");
    d.lot = *Decimal::parse("0.1");
    d.quantity_min = *Decimal::parse("0.2");
    d.notional_min = *Decimal::parse("5");
    return d;
}

/// "refused/balance"
inline std::string end_text(Outcome outcome, RejectReason reason)
{
    return std::string(name(outcome)) + "/" + name(reason);
}

template <class Link>
class Life {
  protected:
    using Message = typename Link::Message;

    template <class FeeTaking>
    void begin(const char* market, FeeTaking taking, std::string_view key = "trade")
    {
        spot_ = std::string_view(market) == "spot";
        link_ = std::make_unique<Link>(type(), market,
                                       std::vector<ListingDefinition>{link_definition(market)}, taking, key);
        link_->deposit("USDT", "100000");
        if (spot_) link_->deposit("LINK", "1000");
        link_->street("27.10", "27.20");
    }
    bool spot() const { return spot_; }
    /// Both channels stand.
    bool log_on()
    {
        link_->start();
        link_->run(seconds(1));
        return link_->ready(Channel::order_entry) && link_->ready(Channel::private_stream);
    }
    void settle() { link_->run(milliseconds(100)); }
    std::string last_end(RequestKind kind) const
    {
        const auto* end = link_->last_end(kind);
        return end == nullptr ? "none" : end_text(end->end.outcome, end->end.reason);
    }
    std::size_t ends(RequestKind kind) const
    {
        return static_cast<std::size_t>(std::count_if(link_->ends.begin(), link_->ends.end(),
                                                      [&](const auto& end) { return end.end.kind == kind; }));
    }
    std::string status(OrderId id) const
    {
        const auto* order = link_->last(id);
        return order == nullptr ? "none" : name(order->report.status);
    }
    /// Drops every frame of the venue that holds this text.
    void drop_frames(std::string text)
    {
        link_->on_to_client = [text](Message& m) {
            return m.kind != Message::Kind::frame || m.text.find(text) == std::string::npos;
        };
    }
    OrderId rest_an_order(std::string_view price = "27.15")
    {
        const OrderId id = link_->place(Side::buy, "1", price, TimeInForce::gtc);
        settle();
        return id;
    }
    void query_fills(Duration back = seconds(60))
    {
        link_->venue().query_fills(link_->all_listings(), link_->now() - back, link_->now(), *link_, *link_);
        link_->run(seconds(2));
    }

    std::unique_ptr<Link> link_;
    bool spot_ = false;
};

template <class Info>
std::string label(const Info& info)
{
    return info.param;
}

}  // namespace arb::bybit::test
