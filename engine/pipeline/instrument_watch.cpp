#include "engine/pipeline/instrument_watch.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace arb {
namespace {

constexpr std::string_view kListingWord = "listing\t";
constexpr std::string_view kDelistedWord = "delisted\t";

}  // namespace

InstrumentWatch::InstrumentWatch(InstrumentTable* table) : table_(table)
{
    if (table_ != nullptr) why_.resize(table_->listings().size());
}

bool InstrumentWatch::speaks_of(std::string_view line)
{
    return line.starts_with(kListingWord) || line.starts_with(kDelistedWord);
}

bool InstrumentWatch::command(std::string_view line, Change& change)
{
    if (table_ == nullptr || !speaks_of(line)) return false;
    const bool lists = line.starts_with(kListingWord);
    line.remove_prefix(lists ? kListingWord.size() : kDelistedWord.size());
    const std::size_t tab = line.find('\t');
    if (tab == std::string_view::npos) return false;
    const std::optional<VenueId> venue = table_->find_venue(line.substr(0, tab));
    line.remove_prefix(tab + 1);
    if (!venue) return false;
    if (!lists) {
        const Listing* gone = table_->find_symbol(*venue, line);
        return gone != nullptr && delisted(*gone);
    }
    const Result<ListingDefinition> told = ListingDefinition::from_line(line);
    if (!told) return false;
    const Listing* listing = table_->find_symbol(*venue, told->symbol);
    if (listing == nullptr) return false;
    const ListingChange changed = table_->change(listing->id, *told);
    why_[index(listing->id)] = changed.why;
    if (changed.any) tell(*listing, changed.text);
    change = {listing->id, changed.fees};
    return true;
}

bool InstrumentWatch::delisted(const Listing& listing)
{
    table_->set_status(listing.id, ListingStatus::halted);
    why_[index(listing.id)] = "the venue no longer lists it";
    tell(listing, "no longer listed");
    return true;
}

void InstrumentWatch::on_status(ListingId id, ListingStatus status)
{
    if (table_ == nullptr || status == ListingStatus::unknown || table_->listing(id).status == status) return;
    table_->set_status(id, status);
    const bool halted = status == ListingStatus::halted;
    why_[index(id)] = halted ? "the venue has halted it" : "";
    tell(table_->listing(id), halted ? "halted by the venue's word" : "trading again by the venue's word");
    wish_ = true;
}

void InstrumentWatch::on_refusal(RejectReason reason)
{
    wish_ |= reason == RejectReason::tick || reason == RejectReason::lot ||
             reason == RejectReason::notional_minimum || reason == RejectReason::no_market;
}

bool InstrumentWatch::take_wish()
{
    const bool wish = wish_;
    wish_ = false;
    return wish;
}

void InstrumentWatch::tell(const Listing& listing, const std::string& what)
{
    last_change_ = fmt::format("{} at {}: {}", listing.symbol, table_->label(listing.venue), what);
    if (!why_[index(listing.id)].empty())
        last_change_ += fmt::format(" ({}); no new risk there", why_[index(listing.id)]);
    ++changes_;
}

std::vector<std::string> listing_lines(const std::string& venue, const std::vector<ListingDefinition>& before,
                                       const std::vector<ListingDefinition>& now)
{
    std::vector<std::string> lines;
    for (const ListingDefinition& old : before) {
        const auto found = std::find_if(now.begin(), now.end(),
                                        [&](const ListingDefinition& d) { return d.symbol == old.symbol; });
        if (found == now.end())
            lines.push_back(fmt::format("{}{}\t{}", kDelistedWord, venue, old.symbol));
        else if (!(*found == old))
            lines.push_back(fmt::format("{}{}\t{}", kListingWord, venue, found->to_line()));
    }
    return lines;
}

}  // namespace arb
