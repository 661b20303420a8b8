#include "connectors/kraken/emulated_states.hpp"

#include <fmt/format.h>

#include "connectors/kraken/emulated_parts.hpp"

namespace arb::kraken {
namespace {

std::string pair_row(const ListingDefinition& d, const Listing& listing, std::string_view state)
{
    return fmt::format(
        R"({{"symbol":"{}","base":"{}","quote":"{}","status":"{}","qty_precision":{},"qty_increment":{},)"
        R"("price_precision":{},"cost_precision":5,"marginable":false,"has_index":true,"cost_min":{},)"
        R"("tick_size":{},"price_increment":{},"qty_min":{}}})",
        listing.symbol, d.base, d.quote, state, d.lot.decimals(), d.lot.text(), d.tick.decimals(),
        d.notional_min.text(), d.tick.text(), d.tick.text(), d.quantity_min.text());
}

std::string instrument_frame(std::string_view type, std::string_view pairs)
{
    return fmt::format(R"({{"channel":"instrument","type":"{}","data":{{"assets":[],"pairs":[{}]}}}})", type,
                       pairs);
}

}  // namespace

void EmulatedStates::subscribe(const SocketCall& call)
{
    parts_.sessions.answer(call, {R"({"channel":"instrument","snapshot":true})", {}});
    if (call.method == "unsubscribe") return parts_.sessions.leave(call.session, "instrument");
    parts_.sessions.join(call.session, "instrument");
    const std::string pairs = json_list(setup_.definitions, [&](const ListingDefinition& d) {
        const Listing* l = dialect_.find(d.symbol);
        return l != nullptr ? pair_row(d, *l, dialect_.state(*l)) : std::string();
    });
    parts_.sessions.say(call.session, instrument_frame("snapshot", pairs), call.now, *call.out);
}

void EmulatedStates::tell(Timestamp now, SessionOutbox& out)
{
    for (const ListingDefinition& d : setup_.definitions) {
        const Listing* l = dialect_.find(d.symbol);
        if (l == nullptr) continue;
        const std::string_view state = dialect_.state(*l);
        std::string& told = told_.try_emplace(l->id, "online").first->second;
        if (told == state) continue;
        told = state;
        for (const SessionId id : parts_.sessions.in("instrument"))
            parts_.sessions.say(id, instrument_frame("update", pair_row(d, *l, state)), now, out);
    }
}

}  // namespace arb::kraken
