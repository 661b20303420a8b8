#include "engine/pipeline/foreign_runs.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace arb {
namespace {

constexpr std::size_t kRunNameDigits = 8;

}  // namespace

std::string run_name(std::uint32_t epoch)
{
    return fmt::format("{:08x}", epoch);
}

std::optional<std::uint32_t> parse_run_name(std::string_view text)
{
    std::uint32_t epoch = 0;
    const auto end = std::from_chars(text.data(), text.data() + text.size(), epoch, 16);
    const bool whole = end.ec == std::errc() && end.ptr == text.data() + text.size();
    // A decimal number of seconds, as files are named, has more digits and must not be taken for another run.
    if (!whole || text.size() != kRunNameDigits || epoch == 0) return std::nullopt;
    return epoch;
}

ForeignRuns::Sign& ForeignRuns::sign(VenueId venue, std::uint32_t epoch)
{
    for (Sign& known : signs_) {
        if (known.venue == venue && known.epoch == epoch) return known;
    }
    signs_.emplace_back();
    signs_.back().venue = venue;
    signs_.back().epoch = epoch;
    return signs_.back();
}

void ForeignRuns::see_fill(VenueId venue, std::uint32_t epoch, Duration age)
{
    Sign& seen = sign(venue, epoch);
    ++seen.fills;
    seen.youngest = std::min(seen.youngest, std::max(age, Duration{}));
}

std::string ForeignRuns::text(const Sign& sign, std::string_view venue)
{
    std::string seen;
    if (sign.orders > 0) seen = fmt::format("open orders now: {}", sign.orders);
    if (sign.fills > 0) {
        seen += fmt::format("{}fills of the last hour: {}, the last one {} s ago", seen.empty() ? "" : "; ",
                            sign.fills, sign.youngest.ns / seconds(1).ns);
    }
    return fmt::format(
        "{}: run {}, which is not of this state directory, trades on this account ({}). Stop that engine; if "
        "it is gone for good: arbiter take-over CONFIG {}",
        venue, run_name(sign.epoch), seen, run_name(sign.epoch));
}

void ForeignRuns::take(std::uint32_t epoch)
{
    if (epoch != 0 && !taken(epoch)) taken_.push_back(epoch);
}

bool ForeignRuns::taken(std::uint32_t epoch) const
{
    return std::find(taken_.begin(), taken_.end(), epoch) != taken_.end();
}

bool ForeignRuns::first_at(VenueId venue)
{
    if (std::find(met_.begin(), met_.end(), venue) != met_.end()) return false;
    met_.push_back(venue);
    return true;
}

void ForeignRuns::add_order(VenueId venue, OrderId id, ListingId listing, std::string_view venue_id)
{
    for (Order& known : orders_) {
        if (known.venue != venue || known.id != id) continue;
        known.listed = true;
        return;
    }
    orders_.push_back({venue, id, listing, std::string(venue_id), true, {}});
}

void ForeignRuns::begin_list(VenueId venue)
{
    for (Order& order : orders_) {
        if (order.venue == venue) order.listed = false;
    }
}

void ForeignRuns::end_list(VenueId venue)
{
    std::erase_if(orders_, [&](const Order& order) { return order.venue == venue && !order.listed; });
}

bool ForeignRuns::lists_any(VenueId venue) const
{
    return std::any_of(orders_.begin(), orders_.end(),
                       [&](const Order& order) { return order.venue == venue && order.listed; });
}

ForeignRuns::Order* ForeignRuns::to_cancel(VenueId venue, Timestamp now)
{
    for (Order& order : orders_) {
        if (order.venue == venue && order.listed && now - order.cancelled >= kCancelRepeat) return &order;
    }
    return nullptr;
}

}  // namespace arb
