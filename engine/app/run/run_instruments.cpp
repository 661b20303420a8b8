// Instruments while a run lasts: the venues' lists are read again every hour, and sooner when a venue's word
// or a refused order says that ours are old. Megabytes are fetched and read on a thread of their own; what
// differs comes back as lines of input, so that the journal has it.
#include <chrono>

#include <fmt/format.h>

#include "engine/app/run/run_session.hpp"
#include "engine/report/utf8.hpp"

namespace arb {
namespace {

constexpr Duration kListsEvery = seconds(3600);
constexpr Duration kListsAgain = seconds(300);  // after a failure
constexpr Duration kListsSoonest = seconds(30);
constexpr Duration kListsWithin = seconds(60);

std::vector<RunSession::ListReading> read_lists(const std::vector<FetchVenue>& venues)
{
    net::Loop loop(net::Idle::sleep);
    std::vector<RunSession::ListReading> readings;
    for (const FetchVenue& venue : venues) {
        RunSession::ListReading reading;
        auto lists = fetch_instruments(loop, {venue}, kListsWithin);
        if (lists)
            reading.definitions = std::move(lists->front().definitions);
        else
            reading.trouble = lists.error().message;
        readings.push_back(std::move(reading));
    }
    return readings;
}

}  // namespace

// The last of what changed since it was called before: a line of a list, or a word on a venue's stream.
void RunSession::log_instruments()
{
    if (engine_->instruments().changes() == instruments_told_) return;
    instruments_told_ = engine_->instruments().changes();
    request_.log(plain_text(engine_->instruments().last_change()));
}

void RunSession::watch_instruments(Timestamp now)
{
    if (lists_.valid()) {
        if (lists_.wait_for(std::chrono::seconds(0)) == std::future_status::ready) apply_lists(now);
        return;
    }
    if (!lists_due_.known()) lists_due_ = now + kListsEvery;
    lists_wanted_ |= engine_->take_instruments_wish();
    const bool soon = lists_wanted_ && now - lists_asked_ >= kListsSoonest;
    if (stopping_ || (now < lists_due_ && !soon)) return;
    lists_wanted_ = false;
    lists_asked_ = now;
    lists_ = std::async(std::launch::async, read_lists, venues_);
}

void RunSession::apply_lists(Timestamp now)
{
    const std::vector<ListReading> readings = lists_.get();
    lists_due_ = now + kListsEvery;
    for (std::size_t v = 0; v < readings.size(); ++v) {
        const std::string label = venues_[v].key.label();
        // A list that is empty, or lacks everything, is no list: nothing is concluded from it.
        if (readings[v].definitions.empty()) {
            request_.log(
                fmt::format("{}: its instruments could not be read again: {}", label,
                            readings[v].trouble.empty() ? "an empty list" : plain_text(readings[v].trouble)));
            lists_due_ = now + kListsAgain;
            continue;
        }
        std::vector<ListingDefinition>& known = listings_now_[v].definitions;
        for (const std::string& line : listing_lines(label, known, readings[v].definitions)) {
            if (!driver_->command(line)) {
                request_.log(fmt::format("{}: a changed instrument is not understood", label));
                continue;
            }
            log_instruments();
        }
        remember_list(known, readings[v].definitions);
    }
    if (engine_->live() != nullptr) (void)driver_->command("fees");
}

// What a list does not have any more stays known, marked as halted, so that its return is a change again.
void RunSession::remember_list(std::vector<ListingDefinition>& known,
                               const std::vector<ListingDefinition>& now)
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

}  // namespace arb
