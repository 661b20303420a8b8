// The emulated Kraken: the `instrument` channel, which tells what each pair takes.
#include <fmt/format.h>

#include "connectors/kraken/emulated_core.hpp"

namespace arb::kraken {

std::string_view EmulatedKraken::state_of(const Listing& listing) const
{
    if (setup_.exchange->halted(listing.id)) return "maintenance";
    return setup_.exchange->cancel_only(listing.id) ? "cancel_only" : "online";
}

std::string EmulatedKraken::pair_row(const ListingDefinition& d, const Listing& listing) const
{
    return fmt::format(
        R"({{"symbol":"{}","base":"{}","quote":"{}","status":"{}","qty_precision":{},"qty_increment":{},)"
        R"("price_precision":{},"cost_precision":5,"marginable":false,"has_index":true,"cost_min":{},)"
        R"("tick_size":{},"price_increment":{},"qty_min":{}}})",
        listing.symbol, d.base, d.quote, state_of(listing), d.lot.decimals(), d.lot.text(), d.tick.decimals(),
        d.notional_min.text(), d.tick.text(), d.tick.text(), d.quantity_min.text());
}

std::string EmulatedKraken::instrument_frame(std::string_view type, std::string_view pairs) const
{
    return fmt::format(R"({{"channel":"instrument","type":"{}","data":{{"assets":[],"pairs":[{}]}}}})", type,
                       pairs);
}

void EmulatedKraken::subscribe_instruments(SessionId id, Session& session, std::string_view method,
                                           std::string_view request, Timestamp now, SessionOutbox& out)
{
    say(id, session, answer(method, request, {R"({"channel":"instrument","snapshot":true})", {}}, now), now,
        out);
    if (method == "unsubscribe") {
        session.channels.erase("instrument");
        return;
    }
    session.channels.insert("instrument");
    std::string pairs;
    for (const ListingDefinition& d : setup_.definitions) {
        const Listing* l = listing(d.symbol);
        if (l != nullptr) pairs += (pairs.empty() ? "" : ",") + pair_row(d, *l);
    }
    say(id, session, instrument_frame("snapshot", pairs), now, out);
}

void EmulatedKraken::tell_states(Timestamp now, SessionOutbox& out)
{
    for (const ListingDefinition& d : setup_.definitions) {
        const Listing* l = listing(d.symbol);
        if (l == nullptr) continue;
        const std::string_view state = state_of(*l);
        std::string& told = states_.try_emplace(l->id, "online").first->second;
        if (told == state) continue;
        told = state;
        for (auto& [id, session] : sessions_) {
            if (session.channels.count("instrument") != 0)
                say(id, session, instrument_frame("update", pair_row(d, *l)), now, out);
        }
    }
}

}  // namespace arb::kraken
