// The doctor's questions to the venues that need no key: is it them, how far away, what time is it there, and
// do they list what the configuration trades.
#include <algorithm>
#include <exception>
#include <map>

#include <fmt/format.h>

#include "engine/app/doctor/doctor_checks.hpp"
#include "engine/report/display.hpp"
#include "engine/trading/settings.hpp"

namespace arb {
namespace {

constexpr std::string_view kVenues = "venues";
constexpr std::string_view kInstruments = "instruments";
constexpr std::size_t kSamples = 5;
constexpr Duration kClockWarn = milliseconds(250);
constexpr Duration kClockFail = seconds(1);
constexpr Duration kSlow = milliseconds(500);
constexpr std::int64_t kDay = 86'400;
constexpr std::int64_t kCertificateWarnDays = 14;

std::string distance(Duration offset)
{
    return display::duration(offset.ns < 0 ? -offset.ns : offset.ns) +
           (offset.ns < 0 ? " behind us" : " ahead of us");
}

void check_clock(DoctorChecks& checks, const std::string& label, const ProbedTime& best)
{
    if (best.told == TimeTold::not_at_all) {
        checks.add(kVenues, "clock", label, CheckState::skipped, "the venue does not tell its time by REST");
        return;
    }
    const Duration offset = best.offset();
    Duration size{offset.ns < 0 ? -offset.ns : offset.ns};
    Duration doubt{best.round_trip().ns / 2};
    if (best.told == TimeTold::in_seconds) {
        // Half a second either way may be the rounding alone.
        doubt.ns += milliseconds(500).ns;
        size.ns = std::max<std::int64_t>(size.ns - milliseconds(500).ns, 0);
    }
    const CheckState state = size > kClockFail   ? CheckState::failed
                             : size > kClockWarn ? CheckState::warning
                                                 : CheckState::ok;
    checks.add(kVenues, "clock", label, state,
               fmt::format("the venue is {}, give or take {}", distance(offset), display::duration(doubt.ns)),
               state == CheckState::ok ? "" : "set this machine's clock by NTP: timedatectl set-ntp true");
}

void check_tls(DoctorChecks& checks, const std::string& label, const net::TlsFacts& facts)
{
    if (facts.certificate_end == 0) {
        checks.add(kVenues, "TLS chain", label, CheckState::ok, "verified, with the host's name");
        return;
    }
    const Timestamp end{facts.certificate_end * seconds(1).ns};
    const std::int64_t days = (end - checks.around.now()).ns / seconds(kDay).ns;
    // The venue's own affair, but the day it forgets is a day without that venue.
    const bool soon = days < kCertificateWarnDays && checks.request.config.mode == RunMode::live;
    checks.add(kVenues, "TLS chain", label, soon ? CheckState::warning : CheckState::ok,
               fmt::format("verified, with the host's name; {}, its certificate ends on {}", facts.version,
                           format_day(end)),
               soon ? "nothing to do here; be ready for a day without this venue" : "");
}

void check_unreached(DoctorChecks& checks, const std::string& label, const VenueQuestions& venue,
                     const std::string& why)
{
    if (venue.untrusted())
        checks.add(kVenues, "TLS chain", label, CheckState::failed, why,
                   "do not go on: either this machine's clock or authorities are wrong (apt install "
                   "ca-certificates), or somebody stands between");
    else if (venue.tls().version.empty())
        checks.add(kVenues, "TLS chain", label, CheckState::skipped, "no connection stood");
    else
        check_tls(checks, label, venue.tls());
    checks.add(kVenues, "clock", label, CheckState::failed, why,
               "look at the network, the firewall and the venue's status page, then ask again");
}

void check_answers(DoctorChecks& checks, const std::string& label, VenueQuestions& venue)
{
    // The first answer pays for the handshake: it counts for the clock and not for the latency.
    auto best = venue.time(kVenueAnswerMax);
    if (!best) {
        check_unreached(checks, label, venue, best.error().message);
        return;
    }
    std::vector<Duration> trips;
    for (std::size_t i = 0; i < kSamples; ++i) {
        const auto sample = venue.time(kVenueAnswerMax);
        if (!sample) continue;
        trips.push_back(sample.value().round_trip());
        if (trips.back() < best->round_trip()) best = sample;
    }
    check_tls(checks, label, venue.tls());
    check_clock(checks, label, *best);
    // What is known to the second alone would make signed timestamps worse.
    checks.offsets[label] = best->told == TimeTold::exactly ? best->offset() : Duration{};
    if (trips.empty()) {
        checks.add(kVenues, "latency", label, CheckState::warning, "only the first of several answers came",
                   "ask again; when it stays so, look at the network");
        return;
    }
    std::sort(trips.begin(), trips.end());
    const Duration middle = trips[trips.size() / 2];
    checks.add(kVenues, "latency", label, middle > kSlow ? CheckState::warning : CheckState::ok,
               fmt::format("REST there and back: {} in the middle of {}", display::duration(middle.ns),
                           trips.size()),
               middle > kSlow ? "run nearer to the venue" : "");
}

void check_venue(DoctorChecks& checks, const VenueConfig& venue)
{
    if (checks.request.config.mode == RunMode::emulated && venue.endpoint.empty()) {
        checks.add(kVenues, "route", venue.label, CheckState::failed,
                   "mode \"emulated\" sends orders to emulated venues alone, and this one has no endpoint",
                   "give [venue." + venue.label + "] its endpoint");
        return;
    }
    const ProbeSetup setup = probe_setup(checks.request.plugins, venue, checks.request.unsafe_endpoint);
    try {
        const auto questions = checks.around.questions.ask(setup);
        check_answers(checks, venue.label, *questions);
    } catch (const std::exception& error) {
        checks.add(kVenues, "TLS chain", venue.label, CheckState::failed, error.what(),
                   "name a file with authorities in [venue." + venue.label + "] ca_file, or leave it out");
        return;
    }
    if (!checks.offsets.contains(venue.label)) return;
    auto listed = checks.around.instruments({setup.key, setup.type, setup.way});
    if (listed)
        checks.listed[venue.label] = std::move(*listed);
    else
        checks.add(kInstruments, "list", venue.label, CheckState::failed, listed.error().message,
                   "ask again; when it stays so, this version does not fit the venue any more");
}

std::vector<std::string> wanted_of(const EngineConfig& config)
{
    std::vector<std::string> wanted = config.run_instruments;
    for (const ComparisonConfig& comparison : config.comparisons) {
        for (const std::string& name : comparison.instruments) {
            if (std::find(wanted.begin(), wanted.end(), name) == wanted.end()) wanted.push_back(name);
        }
    }
    return wanted;
}

void check_wanted(DoctorChecks& checks, const std::string& name, const std::vector<std::string>& names,
                  bool all_answered)
{
    std::vector<std::string> at, not_at, halted;
    for (const auto& [label, definitions] : checks.listed) {
        const auto found =
            std::find_if(definitions.begin(), definitions.end(),
                         [&](const ListingDefinition& d) { return d.instrument_name() == name; });
        (found == definitions.end() ? not_at : at).push_back(label);
        if (found != definitions.end() && found->status == ListingStatus::halted) halted.push_back(label);
    }
    const auto joined = [](const std::vector<std::string>& labels) {
        std::string text;
        for (const std::string& label : labels) text += (text.empty() ? "" : ", ") + label;
        return text;
    };
    if (at.empty()) {
        const std::string near = nearest(name, names);
        checks.add(kInstruments, "listed", name, all_answered ? CheckState::failed : CheckState::warning,
                   all_answered ? "no venue lists it" : "no venue that answered lists it",
                   near.empty() ? "take it out of the configuration"
                                : fmt::format("did you mean '{}'? Else take it out", near));
        return;
    }
    std::string said = "at " + joined(at);
    if (!not_at.empty()) said += "; not at " + joined(not_at);
    if (!halted.empty()) said += "; halted at " + joined(halted);
    const bool bad = !not_at.empty() || !halted.empty();
    checks.add(kInstruments, "listed", name, bad ? CheckState::warning : CheckState::ok, said,
               bad ? "it is traded at the other venues alone" : "");
}

// Rules that the user wrote for a symbol its venue does not have change nothing.
void check_overrides(DoctorChecks& checks)
{
    for (const InstrumentConfig& own : checks.request.config.instruments) {
        const auto listed = checks.listed.find(own.venue);
        if (listed == checks.listed.end()) continue;
        std::vector<std::string> symbols;
        for (const ListingDefinition& d : listed->second) symbols.push_back(d.symbol);
        const std::string& symbol = own.definition.symbol;
        if (std::find(symbols.begin(), symbols.end(), symbol) != symbols.end()) continue;
        const std::string near = nearest(symbol, symbols);
        checks.add(kInstruments, "own rules", fmt::format("{} {}", own.venue, symbol), CheckState::warning,
                   "the venue lists no such symbol",
                   near.empty() ? "take the [[instrument]] out" : fmt::format("did you mean '{}'?", near));
    }
}

}  // namespace

void check_venues(DoctorChecks& checks)
{
    if (!checks.asks_venues()) {
        checks.add(kVenues, "questions", "", CheckState::skipped, "mode \"backtest\" needs no venue");
        return;
    }
    if (checks.request.live && checks.request.config.mode != RunMode::live) {
        checks.add(kVenues, "mode", "", CheckState::warning, "the configuration's mode is not \"live\"",
                   "leave --live out, or set mode = \"live\"");
    }
    for (const VenueConfig& venue : checks.request.config.venues) check_venue(checks, venue);
    if (checks.request.config.venues.empty())
        checks.add(kVenues, "questions", "", CheckState::failed, "the configuration has no venue",
                   "give it a [venue.NAME] each");
}

void check_instruments(DoctorChecks& checks)
{
    if (!checks.asks_venues() || checks.listed.empty()) return;
    std::map<std::string, std::size_t> seen;
    for (const auto& [label, definitions] : checks.listed) {
        for (const ListingDefinition& d : definitions) ++seen[d.instrument_name()];
    }
    std::vector<std::string> names;
    std::size_t shared = 0;
    for (const auto& [name, count] : seen) {
        names.push_back(name);
        shared += count > 1;
    }
    for (const auto& [label, definitions] : checks.listed) {
        checks.add(kInstruments, "list", label, definitions.empty() ? CheckState::failed : CheckState::ok,
                   display::counted(definitions.size(), "listing", "listings"),
                   definitions.empty() ? "nothing can be traded there: leave the venue out" : "");
    }
    const bool all_answered = checks.listed.size() == checks.request.config.venues.size();
    const std::vector<std::string> wanted = wanted_of(checks.request.config);
    for (const std::string& name : wanted) check_wanted(checks, name, names, all_answered);
    if (checks.request.config.run_instruments.empty() && wanted.empty()) {
        checks.add(kInstruments, "shared", "", shared == 0 ? CheckState::failed : CheckState::ok,
                   display::counted(shared, "instrument", "instruments") + " at two venues or more",
                   shared == 0 ? "nothing can be compared: choose other venues or declare a [[market]]" : "");
    }
    check_overrides(checks);
}

}  // namespace arb
