#pragma once
// What tests of the trading half share: one listing, and a connector with the emulated venue on an in-memory
// wire. `Link` is tests/support's VenueLink. Tests only.
#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/kraken/kraken.hpp"
#include "engine/venue/emulated_venue.hpp"

namespace arb::kraken::test {

inline ListingDefinition link_definition()
{
    ListingDefinition d = *type().guess_listing("spot", "LINK/USDT");
    d.tick = *Decimal::parse("0.01");
    d.lot = *Decimal::parse("0.1");
    d.quantity_min = *Decimal::parse("1");
    d.notional_min = *Decimal::parse("5");
    return d;
}

template <class Link>
class Life {
  protected:
    using Message = typename Link::Message;

    template <class FeeTaking>
    explicit Life(FeeTaking taking) : link_(type(), "spot", {link_definition()}, taking)
    {
        link_.deposit("USDT", "100000");
        link_.deposit("LINK", "1000");
        link_.street("27.10", "27.20");
    }
    void settle(Duration time = milliseconds(50)) { link_.run(time); }
    std::string last_end(RequestKind kind) const
    {
        const auto* end = link_.last_end(kind);
        return end == nullptr ? "none" : std::string(name(end->end.outcome)) + "/" + name(end->end.reason);
    }
    std::size_t ends(RequestKind kind) const
    {
        return static_cast<std::size_t>(std::count_if(link_.ends.begin(), link_.ends.end(),
                                                      [&](const auto& e) { return e.end.kind == kind; }));
    }
    EmulatedKey& key(std::string_view label)
    {
        return *std::find_if(link_.keys.begin(), link_.keys.end(),
                             [&](const EmulatedKey& k) { return k.label == label; });
    }
    void answer(int status, std::string body, std::vector<std::pair<std::string, std::string>> headers = {})
    {
        link_.instead_of_reply = [=](const HttpRequest&) -> std::optional<ServerReply> {
            return ServerReply{status, headers, body};
        };
    }
    Link link_;
};

}  // namespace arb::kraken::test
