// What a run needs to know before its first input: which venues, with which keys and instruments, and whether
// its paper money is worth anything.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "engine/app/config/venue_way.hpp"
#include "engine/app/run/run_session.hpp"

namespace arb {
namespace {

constexpr Duration kInstrumentsWithin = seconds(20);

// The configuration declares it comparable with others.
bool compared(const EngineConfig& config, const std::string& name)
{
    return std::any_of(config.comparisons.begin(), config.comparisons.end(), [&](const ComparisonConfig& c) {
        return std::find(c.instruments.begin(), c.instruments.end(), name) != c.instruments.end();
    });
}

}  // namespace

void RunSession::choose_venues()
{
    for (const VenueConfig& venue : request_.config.venues)
        venues_.push_back(venue_of_run(request_.plugins, request_.config, venue, request_.unsafe_endpoint));
    if (venues_.empty()) throw StartError(ExitCode::usage, request_.config.name + ": no [venue.NAME] in it");
    listings_ = fetch_instruments(loop_, venues_, kInstrumentsWithin).take();
    const std::vector<std::string>& wanted = request_.config.run_instruments;
    std::map<std::string, int> seen;
    for (const auto& venue : listings_) {
        for (const ListingDefinition& d : venue.definitions) ++seen[d.instrument_name()];
    }
    std::vector<std::string> names;
    for (const auto& [name, count] : seen) names.push_back(name);
    for (const std::string& name : wanted) {
        if (seen[name] > 0) continue;
        const std::string near = nearest(name, names);
        throw StartError(ExitCode::usage,
                         fmt::format("instruments: no venue lists '{}'{}", name,
                                     near.empty() ? "" : fmt::format("; did you mean '{}'?", near)));
    }
    for (auto& venue : listings_) {
        auto& all = venue.definitions;
        all.erase(std::remove_if(all.begin(), all.end(),
                                 [&](const ListingDefinition& d) {
                                     const std::string name = d.instrument_name();
                                     if (wanted.empty())
                                         return seen[name] < 2 && !compared(request_.config, name);
                                     return std::find(wanted.begin(), wanted.end(), name) == wanted.end();
                                 }),
                  all.end());
    }
    table_ = std::make_unique<InstrumentTable>(InstrumentTable::build(listings_).take());
    listings_now_ = listings_;
}

// Paper money and fees come from the configuration: without money a run would look idle and say nothing.
void RunSession::check_paper() const
{
    if (exchange_ == nullptr || request_.record_only) return;
    const std::vector<ListingFees> fees = fees_of(request_.config, *table_);
    for (const Listing& listing : table_->listings()) {
        if (fees[index(listing.id)].known) continue;
        const std::string label = table_->label(listing.venue);
        const VenueConfig* venue = config_of(request_.config, label);
        throw StartError(
            ExitCode::usage,
            fmt::format("{}: [venue.{}] has no taker_fee_bps, and the venue's instrument list does not "
                        "tell fees; without fees paper trading lies",
                        venue != nullptr ? venue->place : request_.config.name, label));
    }
    const std::vector<Account>& accounts = engine_->portfolio().accounts();
    if (std::any_of(accounts.begin(), accounts.end(), [](const Account& a) { return !a.start.zero(); }))
        return;
    request_.log(
        "paper trading without money: give each venue its [venue.NAME.balance] in the configuration, or "
        "nothing "
        "can be bought or sold");
}

}  // namespace arb
