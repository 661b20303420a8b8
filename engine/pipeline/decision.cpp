#include "engine/pipeline/decision.hpp"

#include <fmt/format.h>

#include "engine/base/money.hpp"
#include "engine/base/order.hpp"
#include "engine/market/book_builder.hpp"
#include "engine/trading/risk_gate.hpp"

namespace arb {

void Decision::add_to(Hash& hash) const
{
    hash.add(static_cast<std::uint64_t>(kind) | static_cast<std::uint64_t>(index(listing)) << 8 |
             static_cast<std::uint64_t>(side) << 24);
    hash.add_signed(time.ns);
    hash.add(id);
    hash.add_signed(price);
    hash.add_signed(quantity);
    hash.add_signed(number);
    hash.add(static_cast<std::uint64_t>(amount));
    hash.add(static_cast<std::uint64_t>(static_cast<unsigned __int128>(amount) >> 64));
}

std::string Decision::line(const InstrumentTable& table) const
{
    std::string place;
    std::string trade;
    if (listing != kNoListing) {
        const Listing& l = table.listing(listing);
        const Instrument& instrument = table.instrument(l.instrument);
        place = fmt::format(" {} {}", table.label(l.venue), l.symbol);
        trade = fmt::format(" {} {} at {}", arb::name(side), instrument.text(Quantity{quantity}),
                            instrument.text(Price{price}));
    }
    const std::string head = fmt::format("{} ", format_utc(time));
    switch (kind) {
        case DecisionKind::book_state:
            return fmt::format("{}book{} {}", head, place, arb::name(static_cast<BookState>(number)));
        case DecisionKind::resync:
            return fmt::format("{}resync{}", head, place);
        case DecisionKind::package:
            return fmt::format("{}package {} quantity {} edge {}e-8", head, id, quantity, price);
        case DecisionKind::refused:
            return fmt::format("{}refused {}", head, arb::name(static_cast<RiskReason>(number)));
        case DecisionKind::order:
            return fmt::format("{}order {}{}{}", head, id, place, trade);
        case DecisionKind::amend:
            return fmt::format("{}amend {}{}{}", head, id, place, trade);
        case DecisionKind::fill:
            return fmt::format("{}fill {}{}{} fee {}", head, id, place, trade, Amount{amount}.text());
        case DecisionKind::rejected:
            return fmt::format("{}rejected {}{} {}", head, id, place,
                               arb::name(static_cast<RejectReason>(number)));
        case DecisionKind::package_end:
            return fmt::format("{}end {} {} realised {}", head, id, number != 0 ? "flagged" : "flat",
                               Amount{amount}.text());
    }
    return head;
}

}  // namespace arb
