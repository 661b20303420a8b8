#include "engine/pipeline/package_records.hpp"

#include <fmt/format.h>

namespace arb {

void PackageRecords::on_loss_limit(Timestamp now)
{
    context_.listener.on_note("the loss limit of the day is reached: no new packages until the next UTC day",
                              now);
}

void PackageRecords::on_refused_often(ListingId listing, Timestamp until, Timestamp now)
{
    const Listing& about = context_.table.listing(listing);
    context_.listener.on_note(
        fmt::format(
            "{}: it refused the last orders in {}, or was silent on them; nothing is opened there for {} s",
            records_->label(about.venue), about.symbol, (until - now).ns / seconds(1).ns),
        now);
}

void PackageRecords::on_stuck(const Package& package, const Residual& excess, const char* why, Timestamp now)
{
    const MarketDefinition& market = context_.markets.consolidated(excess.market).definition();
    flags_->raise(excess.market, kNoVenue,
                  fmt::format("package {}: {} {} not closed yet: {}; it is tried again",
                              static_cast<std::uint64_t>(package.id),
                              format_scaled(excess.quantity, market.quantity_decimals), market.base, why),
                  now);
}

void PackageRecords::on_end(const PackageEnd& end)
{
    // The day's result is kept in the currency of limits: a restart has no rates yet.
    const ListingId own =
        context_.markets.consolidated(end.package.market).definition().members.front().listing;
    const Amount realised = context_.risk.rates().counted(own, end.waterfall.realised, end.finished);
    LineWriter line("end");
    line.number(static_cast<std::uint64_t>(end.package.id)).field(outcome(end));
    records_->keep(line.amount(realised).signed_number(end.finished.ns));
    for (std::size_t i = 0; i < end.assets && end.flagged; ++i) {
        const Residual& left = end.residuals[i];
        const MarketDefinition& market = context_.markets.consolidated(left.market).definition();
        if (left.quantity == 0 && i > 0) continue;
        flags_->raise(
            left.market, kNoVenue,
            fmt::format("package {}: {} {} left: {}", static_cast<std::uint64_t>(end.package.id),
                        format_scaled(left.quantity, market.quantity_decimals), market.base, end.detail),
            end.finished);
    }
    if (context_.risk.day().on_realised(realised, end.finished)) on_loss_limit(end.finished);
}

}  // namespace arb
