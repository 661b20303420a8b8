#pragma once
// What the tests of the trading side share: listings of three kinds, texts of frames, and a connector that
// stands on an in-memory wire with the emulated venue. Tests only.
#include <string>
#include <string_view>
#include <vector>

#include "connectors/okx/okx.hpp"
#include "engine/base/ensure.hpp"
#include "engine/emulate/emulated_venue.hpp"

namespace arb::okx::test {

inline constexpr ListingId kLink{0};
inline constexpr ListingId kLinkSwap{1};
inline constexpr ListingId kLinkFuture{2};

/// Spot LINK-USDT, the linear swap LINK-USDT-SWAP of 0.1 LINK, the inverse future LINK-USD-261225 of 10 USD.
inline std::vector<ListingDefinition> link_definitions()
{
    std::vector<ListingDefinition> result;
    for (const char* symbol : {"LINK-USDT", "LINK-USDT-SWAP", "LINK-USD-261225"}) {
        ListingDefinition d = *type().guess_listing("", symbol);
        const bool spot = d.kind == InstrumentKind::spot;
        d.tick = *Decimal::parse("0.01");
        d.lot = *Decimal::parse(spot ? "0.1" : "1");
        d.quantity_min = *Decimal::parse("1");
        if (!spot) d.multiplier = *Decimal::parse(d.inverse ? "10" : "0.1");
        d.code = std::to_string(10'000 + result.size());
        result.push_back(d);
    }
    return result;
}

/// The private stream's message of one entry.
inline std::string stream(std::string_view channel, std::string_view entry)
{
    return R"({"arg":{"channel":")" + std::string(channel) + R"("},"data":[)" + std::string(entry) + "]}";
}

/// The text with its first `from` changed; empty when there is none.
inline std::string changed(std::string text, std::string_view from, std::string_view to)
{
    const std::size_t at = text.find(from);
    return at == std::string::npos ? std::string() : text.replace(at, from.size(), to);
}

/// A connector and the emulated venue on an in-memory wire, with money and a street; `Base` is
/// tests/support's LinkLife.
template <class Base>
class Life : public Base {
  protected:
    using Base::link_;

    template <class FeeTaking>
    explicit Life(FeeTaking taking) : Base(type(), "", link_definitions(), taking)
    {
        link_.deposit("USDT", "100000");
        link_.deposit("LINK", "10000");
        for (std::size_t i = 0; i < 3; ++i) link_.street("27.10", "27.20", "1000", i);
    }
    bool log_on()
    {
        link_.start();
        link_.run(seconds(1));
        return link_.ready(Channel::order_entry) && link_.ready(Channel::private_stream);
    }
    /// Orders that rest, put there behind the connector's back.
    void rest(std::size_t count, ListingId listing = kLink)
    {
        for (std::size_t i = 0; i < count; ++i) {
            PlaceOrder order;
            order.account = Base::Link::kAccount;
            order.listing = listing;
            order.side = Side::buy;
            order.price = link_.price("20.00", index(listing));
            order.quantity = link_.quantity("10", index(listing));
            ENSURE(link_.exchange().place(order, link_.now()).error == PlaceError::none, "it rests");
        }
        this->settle(milliseconds(200));  // the venue tells of them with its next tick
    }
    std::size_t open(ListingId listing = kNoListing)
    {
        return link_.exchange().orders(Base::Link::kAccount, listing, true).size();
    }
};

}  // namespace arb::okx::test
