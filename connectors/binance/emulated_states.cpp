// The emulated Binance: what may be traded now. The futures tell changes on a stream, spot in its list alone.
#include <fmt/format.h>

#include "connectors/binance/emulated_core.hpp"

namespace arb::binance {

std::vector<ListingDefinition> EmulatedBinance::current_definitions() const
{
    std::vector<ListingDefinition> definitions = setup_.definitions;
    for (ListingDefinition& d : definitions) {
        const Listing* const listing = setup_.table->find_symbol(setup_.id, d.symbol);
        if (listing == nullptr) continue;
        if (setup_.exchange->halted(listing->id) || setup_.exchange->cancel_only(listing->id))
            d.status = ListingStatus::halted;
    }
    return definitions;
}

void EmulatedBinance::tell_contracts(Timestamp now, SessionOutbox& out)
{
    for (const ListingDefinition& d : setup_.definitions) {
        const Listing* const listing = setup_.table->find_symbol(setup_.id, d.symbol);
        if (listing == nullptr) continue;
        const std::string_view status = setup_.exchange->halted(listing->id)        ? "CLOSE"
                                        : setup_.exchange->cancel_only(listing->id) ? "PRE_SETTLE"
                                                                                    : "TRADING";
        std::string_view& told = contracts_.try_emplace(listing->id, "TRADING").first->second;
        if (told == status) continue;
        told = status;
        publish("!contractInfo",
                fmt::format(R"({{"e":"contractInfo","E":{},"s":"{}","ps":"{}","ct":"{}","dt":4133404800000,)"
                            R"("ot":1569398400000,"cs":"{}","st":{}}})",
                            now.ns / 1'000'000, d.symbol, d.symbol.substr(0, d.symbol.find('_')),
                            d.kind == InstrumentKind::perpetual ? "PERPETUAL" : "CURRENT_QUARTER", status,
                            setup_.market == "usdm" ? 1 : 2),
                out);
    }
}

}  // namespace arb::binance
