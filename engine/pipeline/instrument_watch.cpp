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
    if (table_ == nullptr) return;
    why_.resize(table_->listings().size());
    for (const Listing& listing : table_->listings()) words_.emplace_back().list = listing.status;
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
    words_[index(listing->id)].list = listing->status;
    words_[index(listing->id)].why = changed.why;
    (void)settle(listing->id);
    if (changed.any) tell(*listing, changed.text);
    change = {listing->id, changed.fees};
    return true;
}

bool InstrumentWatch::delisted(const Listing& listing)
{
    words_[index(listing.id)].list = ListingStatus::halted;
    words_[index(listing.id)].why = "the venue no longer lists it";
    (void)settle(listing.id);
    tell(listing, "no longer listed");
    return true;
}

void InstrumentWatch::on_status(ListingId id, ListingStatus status)
{
    if (table_ == nullptr) return;
    Words& words = words_[index(id)];
    if (words.stream == status) return;
    words.stream = status;
    // A list that does not say the same is old, or knows of a reason of its own: a fresh one tells which.
    const bool halted = status == ListingStatus::halted;
    wish_ |= halted != (words.list == ListingStatus::halted);
    if (!settle(id)) return;
    wish_ = true;
    tell(table_->listing(id), halted                             ? "halted by the venue's word"
                              : status == ListingStatus::trading ? "trading again by the venue's word"
                                                                 : "trading again as its list says");
}

bool InstrumentWatch::settle(ListingId id)
{
    const Words& words = words_[index(id)];
    const ListingStatus before = table_->listing(id).status;
    const bool by_stream = words.stream == ListingStatus::halted;
    table_->set_status(id, by_stream ? ListingStatus::halted : words.list);
    why_[index(id)] = words.list == ListingStatus::halted ? words.why
                      : by_stream                         ? "the venue has halted it"
                                                          : "";
    return table_->listing(id).status != before;
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
