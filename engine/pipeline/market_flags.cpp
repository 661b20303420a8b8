#include "engine/pipeline/market_flags.hpp"

#include <fmt/format.h>

namespace arb {

MarketFlags::MarketFlags(const LiveContext& context, StateRecords& records)
    : context_(context), records_(&records), lines_(context.markets.market_count())
{
}

const std::string& MarketFlags::name_of(std::size_t market) const
{
    return context_.markets.consolidated(static_cast<MarketId>(market)).definition().name;
}

void MarketFlags::raise(MarketId market, VenueId venue, std::string_view why, Timestamp now)
{
    ++count_;
    if (index(market) < lines_.size()) {
        context_.risk.set_market_stopped(market, true);
        LineWriter line("flag");
        line.field(name_of(index(market)));
        line.field(venue == kNoVenue ? "-" : records_->label(venue)).field(why);
        lines_[index(market)] = std::string(line.view());
        records_->keep(line);
    }
    context_.listener.on_flag(market, venue, why, now);
}

void MarketFlags::raise_first(MarketId market, VenueId venue, std::string_view why, Timestamp now)
{
    if (index(market) < lines_.size() && lines_[index(market)].empty()) raise(market, venue, why, now);
}

bool MarketFlags::raised(MarketId market) const
{
    return index(market) < lines_.size() && !lines_[index(market)].empty();
}

bool MarketFlags::says(MarketId market, std::string_view why) const
{
    return index(market) < lines_.size() && lines_[index(market)].ends_with(why);
}

bool MarketFlags::about(MarketId market, VenueId venue) const
{
    return index(market) < lines_.size() &&
           lines_[index(market)].starts_with(
               fmt::format("flag\t{}\t{}\t", name_of(index(market)), records_->label(venue)));
}

bool MarketFlags::clear(std::string_view market, Timestamp now)
{
    for (std::size_t m = 0; m < lines_.size(); ++m) {
        const auto id = static_cast<MarketId>(m);
        if (name_of(m) != market) continue;
        if (lines_[m].empty()) return false;
        lines_[m].clear();
        context_.risk.set_market_stopped(id, false);
        records_->keep(LineWriter("cleared").field(market));
        context_.listener.on_flag_cleared(id, now);
        return true;
    }
    return false;
}

void MarketFlags::restore(LineReader& line)
{
    const std::string_view market = line.field();
    for (std::size_t m = 0; m < lines_.size(); ++m) {
        if (name_of(m) != market) continue;
        context_.risk.set_market_stopped(static_cast<MarketId>(m), true);
        LineWriter kept("flag");
        kept.field(market).field(line.field()).field(line.field());
        lines_[m] = std::string(kept.view());
    }
}

void MarketFlags::restore_cleared(std::string_view market)
{
    for (std::size_t m = 0; m < lines_.size(); ++m) {
        if (name_of(m) != market) continue;
        lines_[m].clear();
        context_.risk.set_market_stopped(static_cast<MarketId>(m), false);
    }
}

void MarketFlags::tell_kept(Timestamp now)
{
    for (std::size_t m = 0; m < lines_.size(); ++m) {
        if (lines_[m].empty()) continue;
        ++count_;
        LineReader line(lines_[m], context_.table);
        (void)line.field();
        const std::optional<VenueId> venue = context_.table.find_venue(line.field());
        context_.listener.on_flag(static_cast<MarketId>(m), venue.value_or(kNoVenue),
                                  fmt::format("{} (of an earlier run, not cleared yet)", line.field()), now);
    }
}

}  // namespace arb
