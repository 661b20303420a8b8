#include "connectors/binance/private_values.hpp"

#include <utility>

#include "connectors/binance/errors.hpp"

namespace arb::binance {

// Not a book's trouble: the listing stays out of the fact, or its book would be thrown away.
bool tell_trouble(const PrivateFields& fields, FactSink& sink)
{
    if (!fields.ok()) sink.on_undecoded({fields.reason(), kNoListing, kNoConnection, {}});
    return fields.ok();
}

const Listing* listing_of(const VenueSetup& setup, PrivateFields& fields, std::string_view key,
                          FactSink& sink)
{
    const std::string_view symbol = fields.text(key);
    if (!tell_trouble(fields, sink)) return nullptr;
    const Listing* const listing = setup.table->find_symbol(setup.id, symbol);
    if (listing == nullptr)
        sink.on_undecoded({UndecodedReason::unknown_instrument, kNoListing, kNoConnection, symbol});
    return listing;
}

const Listing* take_position(const VenueSetup& setup, PrivateFields& fields, std::string_view symbol,
                             std::string_view amount, std::string_view side, KnownPositions& positions,
                             FactSink& sink)
{
    const Listing* const listing = listing_of(setup, fields, symbol, sink);
    if (listing == nullptr) return nullptr;
    const Amount size = fields.amount(amount);
    const std::string_view which = fields.text(side, false);
    if (!KnownPositions::is_side(which)) fields.fail(UndecodedReason::wrong_type);
    if (!tell_trouble(fields, sink)) return nullptr;
    positions.put(listing->id, which, size);
    return listing;
}

// Status words of both markets. PENDING_CANCEL still fills.
bool status_of(std::string_view word, OrderStatus& out)
{
    static constexpr std::pair<std::string_view, OrderStatus> kWords[] = {
        {"NEW", OrderStatus::working},
        {"PARTIALLY_FILLED", OrderStatus::working},
        {"FILLED", OrderStatus::filled},
        {"CANCELED", OrderStatus::cancelled},
        {"EXPIRED", OrderStatus::cancelled},
        {"EXPIRED_IN_MATCH", OrderStatus::cancelled},
        {"REJECTED", OrderStatus::rejected},
        {"PENDING_NEW", OrderStatus::pending},
        {"PENDING_CANCEL", OrderStatus::working},
        // USD-M: the venue closes a position. The event's totals tell how far it got.
        {"NEW_INSURANCE", OrderStatus::working},
        {"NEW_ADL", OrderStatus::working},
    };
    for (const auto& [text, status] : kWords) {
        if (text != word) continue;
        out = status;
        return true;
    }
    return false;
}

RejectReason reason_of(std::string_view status, std::string_view tif, std::string_view told, Quantity filled)
{
    if (status == "EXPIRED_IN_MATCH") return RejectReason::self_trade;
    if (status == "CANCELED") return end_reason(told);
    if (status != "EXPIRED" && status != "REJECTED") return RejectReason::none;
    const RejectReason reason = end_reason(told);
    if (reason != RejectReason::none || status == "REJECTED")
        return reason == RejectReason::none ? RejectReason::other : reason;
    if (!filled.zero()) return RejectReason::none;
    if (tif == "FOK") return RejectReason::unfilled;
    // A post-only order of the futures that would take may be expired instead of refused.
    return tif == "GTX" ? RejectReason::would_take : RejectReason::none;
}

}  // namespace arb::binance
