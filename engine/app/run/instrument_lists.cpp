#include "engine/app/run/instrument_lists.hpp"

#include <algorithm>
#include <chrono>
#include <map>

#include <fmt/format.h>

#include "engine/live/host_thread.hpp"
#include "engine/report/utf8.hpp"

namespace arb {
namespace {

constexpr Duration kInstrumentsWithin = seconds(20);
constexpr Duration kListsEvery = seconds(3600);
constexpr Duration kListsAgain = seconds(300);  // after a failure
constexpr Duration kListsSoonest = seconds(30);
constexpr Duration kListsWithin = seconds(60);

// The configuration declares it comparable with others.
bool compared(const EngineConfig& config, const std::string& name)
{
    return std::any_of(config.comparisons.begin(), config.comparisons.end(), [&](const ComparisonConfig& c) {
        return std::find(c.instruments.begin(), c.instruments.end(), name) != c.instruments.end();
    });
}

// What a list does not have any more stays known, marked as halted, so that its return is a change again.
void remember_list(std::vector<ListingDefinition>& known, const std::vector<ListingDefinition>& now)
{
    for (ListingDefinition& definition : known) {
        const auto found = std::find_if(now.begin(), now.end(), [&](const ListingDefinition& d) {
            return d.symbol == definition.symbol;
        });
        if (found != now.end())
            definition = *found;
        else
            definition.status = ListingStatus::halted;
    }
}

}  // namespace

InstrumentLists::Listings InstrumentLists::at_start(const RunRequest& request, net::Loop& loop,
                                                    const std::vector<FetchVenue>& venues)
{
    Listings listings = fetch_instruments(loop, venues, kInstrumentsWithin).take();
    const std::vector<std::string>& wanted = request.config.run_instruments;
    std::map<std::string, int> seen;
    for (const auto& venue : listings) {
        for (const ListingDefinition& d : venue.definitions) ++seen[d.instrument_name()];
    }
    std::vector<std::string> names;
    for (const auto& [name, count] : seen) names.push_back(name);
    for (const std::string& name : wanted) {
        if (seen[name] > 0) continue;
        throw StartError(ExitCode::usage,
                         fmt::format("instruments: no venue lists '{}'{}", name, did_you_mean(name, names)));
    }
    for (auto& venue : listings) {
        auto& all = venue.definitions;
        all.erase(std::remove_if(all.begin(), all.end(),
                                 [&](const ListingDefinition& d) {
                                     const std::string name = d.instrument_name();
                                     if (wanted.empty())
                                         return seen[name] < 2 && !compared(request.config, name);
                                     return std::find(wanted.begin(), wanted.end(), name) == wanted.end();
                                 }),
                  all.end());
    }
    return listings;
}

InstrumentLists::InstrumentLists(const RunRequest& request, const std::vector<FetchVenue>& venues,
                                 Listings known, Engine& engine, LiveDriver& driver)
    : request_(&request), venues_(&venues), known_(std::move(known)), engine_(&engine), driver_(&driver)
{
}

void InstrumentLists::log_changes()
{
    if (engine_->instruments().changes() == told_) return;
    told_ = engine_->instruments().changes();
    request_->log(plain_text(engine_->instruments().last_change()));
}

InstrumentLists::Lists InstrumentLists::read(const std::vector<FetchVenue>& venues)
{
    net::Loop loop(net::Idle::sleep);
    Lists lists;
    for (const FetchVenue& venue : venues) {
        auto fetched = fetch_instruments(loop, {venue}, kListsWithin);
        if (fetched)
            lists.emplace_back(std::move(fetched->front().definitions));
        else
            lists.emplace_back(fetched.error());
    }
    return lists;
}

void InstrumentLists::watch(Timestamp now, bool stopping)
{
    if (reading_.valid()) {
        if (reading_.wait_for(std::chrono::seconds(0)) == std::future_status::ready) apply(now);
        return;
    }
    if (!due_.known()) due_ = now + kListsEvery;
    wanted_ |= engine_->take_instruments_wish();
    const bool soon = wanted_ && now - asked_ >= kListsSoonest;
    if (stopping || (now < due_ && !soon)) return;
    wanted_ = false;
    asked_ = now;
    reading_ = std::async(std::launch::async, [venues = *venues_] {
        leave_engine_core();
        return read(venues);
    });
}

void InstrumentLists::wait()
{
    if (reading_.valid()) reading_.wait();
}

void InstrumentLists::apply(Timestamp now)
{
    const Lists lists = reading_.get();
    due_ = now + kListsEvery;
    for (std::size_t v = 0; v < lists.size(); ++v) {
        const std::string label = (*venues_)[v].key.label();
        // A list that is empty, or lacks everything, is no list: nothing is concluded from it.
        if (!lists[v] || lists[v]->empty()) {
            request_->log(fmt::format("{}: its instruments could not be read again: {}", label,
                                      lists[v] ? "an empty list" : plain_text(lists[v].error().message)));
            due_ = now + kListsAgain;
            continue;
        }
        std::vector<ListingDefinition>& known = known_[v].definitions;
        for (const std::string& line : listing_lines(label, known, *lists[v])) {
            if (!driver_->command(line)) {
                request_->log(fmt::format("{}: a changed instrument is not understood", label));
                continue;
            }
            log_changes();
        }
        remember_list(known, *lists[v]);
    }
    if (engine_->live() != nullptr) (void)driver_->command("fees");
}

}  // namespace arb
