#include "engine/app/rehearse/rehearse_venue.hpp"

#include <unistd.h>

#include <algorithm>
#include <exception>

#include <fmt/format.h>

#include "engine/app/config/config_file.hpp"
#include "engine/app/config/venue_way.hpp"
#include "engine/app/rehearse/rehearse_recording.hpp"
#include "engine/report/display.hpp"

namespace arb {
namespace {

constexpr Duration kTimeWithin = seconds(10);
constexpr Duration kListWithin = seconds(30);
constexpr std::string_view kHosts = "hosts",
                           kHostsExpected = "reachable over TLS, with a certificate that is trusted";
constexpr std::string_view kList = "instruments",
                           kListExpected = "the list is read, and something that is wanted is traded";

bool traded(const ListingDefinition& d)
{
    return d.status != ListingStatus::halted;
}

}  // namespace

RehearseVenue::RehearseVenue(const RehearsalCommon& common, const VenueConfig& venue,
                             std::vector<const HeldKey*> keys, net::Loop& loop)
    : common_(&common),
      venue_(&venue),
      keys_(std::move(keys)),
      loop_(&loop),
      place_(venue_of_run(common.plugins, *common.config, venue, common.unsafe_endpoint))
{
}

RehearseVenue::~RehearseVenue() = default;

void RehearseVenue::judge_hosts()
{
    const ProbeSetup setup = probe_setup(common_->plugins, *venue_, common_->unsafe_endpoint);
    try {
        const auto questions = common_->questions.ask(setup);
        const auto time = questions->time(kTimeWithin);
        if (!time) {
            checks_.judge(false, kHosts, kHostsExpected,
                          (questions->untrusted() ? "its certificate is not to be trusted: " : "") +
                              time.error().message);
            return;
        }
        reached_ = true;
        const net::TlsFacts facts = questions->tls();
        std::string found = facts.version.empty() ? "reached" : facts.version;
        if (facts.certificate_end != 0)
            found += ", its certificate ends on " + format_day({facts.certificate_end * seconds(1).ns});
        checks_.judge(
            true, kHosts, kHostsExpected,
            fmt::format("{}; first answer after {}", found, display::duration(time->round_trip().ns)));
        if (time->told == TimeTold::exactly) offset_ = time->offset();
    } catch (const std::exception& error) {
        // Authorities that cannot be used, and the like: nothing is sent then.
        checks_.judge(false, kHosts, kHostsExpected, error.what());
    }
}

bool RehearseVenue::reach()
{
    judge_hosts();
    if (!reached_) {
        unlisted_ = "the venue was not reached";
        return false;
    }
    auto list = fetch_list(*loop_, place_, kListWithin);
    if (list) {
        listed_ = std::move(list->definitions);
        answers_ = list->answers;
    } else {
        unlisted_ = list.error().message;
    }
    return !listed_.empty();
}

void RehearseVenue::judge_instruments(const std::vector<std::string>& wanted)
{
    if (!reached_) {
        checks_.not_tried(kList, kListExpected, unlisted_);
        return;
    }
    std::string here, not_here, halted;
    for (const std::string& name : wanted) {
        const auto found = std::find_if(listed_.begin(), listed_.end(), [&](const ListingDefinition& d) {
            return d.instrument_name() == name;
        });
        std::string& list = found == listed_.end() ? not_here : traded(*found) ? here : halted;
        list += (list.empty() ? "" : ", ") + name;
    }
    std::string found =
        !unlisted_.empty()
            ? unlisted_
            : fmt::format("{} in {}; wanted and traded: {}",
                          display::counted(listed_.size(), "listing", "listings"),
                          display::counted(answers_, "answer", "answers"), here.empty() ? "none" : here);
    if (!halted.empty()) found += "; halted: " + halted;
    if (!not_here.empty() && unlisted_.empty()) found += "; not listed here: " + not_here;
    checks_.judge(unlisted_.empty() && !here.empty(), kList, kListExpected, found);
}

RehearsalSetup RehearseVenue::setup_of(const std::vector<std::string>& wanted) const
{
    const EngineConfig& config = *common_->config;
    RehearsalSetup setup;
    setup.type = place_.type;
    setup.table = table_.get();
    setup.pools = common_->pools;
    for (const HeldKey* key : keys_) setup.keys.push_back({key->facts, key->credentials.get()});
    if (!common_->no_keys.empty()) setup.no_keys = common_->no_keys;
    // The first that is wanted and traded is what orders are for.
    for (const std::string& name : wanted) {
        const auto instrument = table_->find_instrument(name);
        const auto listing = instrument ? table_->find_listing(VenueId{0}, *instrument) : std::nullopt;
        if (!listing || table_->listing(*listing).status == ListingStatus::halted) continue;
        setup.listing = *listing;
        break;
    }
    setup.books = config.books;
    setup.risk = config.risk;
    setup.limits = config.trading;
    for (const ListingFees& fees : fees_of(config, *table_)) setup.fees_taker.push_back(fees.taker);
    setup.watch = common_->watch;
    setup.patience = common_->patience;
    setup.orders = common_->orders;
    setup.fill = common_->fill;
    setup.epoch = common_->epoch;
    setup.offset = offset_;
    return setup;
}

void RehearseVenue::begin(const std::vector<std::string>& wanted)
{
    judge_instruments(wanted);
    InstrumentTable::VenueListings chosen{place_.key, {}};
    for (const ListingDefinition& d : listed_) {
        if (std::find(wanted.begin(), wanted.end(), d.instrument_name()) != wanted.end())
            chosen.definitions.push_back(d);
    }
    if (chosen.definitions.empty()) return;
    auto table = InstrumentTable::build({chosen});
    if (!table) {
        checks_.judge(false, "rules", "what the list tells of the wanted instruments can be expressed",
                      table.error().message);
        return;
    }
    table_ = std::make_unique<InstrumentTable>(std::move(*table));
    JournalHeader header;
    header.build = common_->build;
    header.source = "rehearse";
    header.config_text = recording_config(venue_->label, *common_->config);
    header.config_hash = parse_config(header.config_text, "rehearsal").hash;
    header.venues = {chosen};
    journal_path_ =
        fmt::format("{}/rehearse-{}-{}.unmasked", common_->directory, venue_->label, common_->epoch);
    journal_ = std::make_unique<JournalThread>(JournalWriter::create(journal_path_, header).take(), *table_,
                                               [] { return true; });
    LiveListener* const listener = this;
    driver_ = std::make_unique<LiveDriver>(*table_, std::vector<LiveVenue>{place_.way}, *loop_,
                                           journal_.get(), listener);
    RehearsalSetup setup = setup_of(wanted);
    setup.decisions = journal_.get();
    rehearsal_ = std::make_unique<Rehearsal>(setup, *driver_);
    driver_->connect(*rehearsal_, nullptr);
    driver_->start();
}

void RehearseVenue::turn(Duration max_wait)
{
    if (driver_ != nullptr) driver_->turn(max_wait);
}

void RehearseVenue::stop()
{
    if (driver_ != nullptr) (void)driver_->command("stop");
}

RehearsedVenue RehearseVenue::finish(bool cut)
{
    RehearsedVenue told;
    told.venue = venue_->label;
    told.checks = checks_.rows();
    if (rehearsal_ == nullptr) return told;
    told.checks.push_back(websockets());
    const std::vector<RehearsalCheck>& rows = rehearsal_->checks().rows();
    told.checks.insert(told.checks.end(), rows.begin(), rows.end());
    told.latencies = rehearsal_->checks().latencies();
    told.flags = rehearsal_->flags();
    if (cut) {
        told.checks.push_back({"rehearsal", CheckResult::differs, "comes to its end",
                               "was cut off at: " + rehearsal_->doing()});
        if (rehearsal_->open_orders())
            told.flags.push_back(
                "ORDERS MAY BE LEFT OPEN: the rehearsal was cut off before their end was proved");
    }
    keep_recording(told);
    return told;
}

// One that was refused and stood when it was dialled again is told, and is no difference.
RehearsalCheck RehearseVenue::websockets() const
{
    std::size_t opened = 0, refused = 0, never = 0;
    std::string why;
    for (const auto& [address, dialled] : dialled_) {
        opened += dialled.opened;
        refused += dialled.refused;
        const bool first_that_never_stood = dialled.opened == 0 && never++ == 0;
        if (dialled.refused > 0 && (why.empty() || first_that_never_stood))
            why = address + ": " + dialled.why;
    }
    std::string found = fmt::format("{} opened, {} refused", opened, refused);
    if (refused > 0) found += fmt::format(" ({} never stood): {}", never, rehearsal_->mask().hidden(why));
    const bool stand = opened > 0 && never == 0;
    return {"websockets", stand ? CheckResult::as_expected : CheckResult::differs,
            "every connection comes to stand", found};
}

void RehearseVenue::keep_recording(RehearsedVenue& told)
{
    const std::string path =
        fmt::format("{}/rehearse-{}-{}.arb", common_->directory, venue_->label, common_->epoch);
    Result<Written> written = journal_->finish();
    if (written) {
        Mask mask = rehearsal_->mask();
        for (const HeldKey* key : keys_) mask.know(key->key_id);
        written = mask_recording(journal_path_, path, std::move(mask));
    }
    ::unlink(journal_path_.c_str());
    const bool whole = written && !journal_->failed();
    if (written) told.recording = path;
    if (!whole)
        told.checks.push_back(
            {"recording", CheckResult::differs, "everything that came is kept",
             written ? "not whole: more came than could be written" : written.error().message});
}

void RehearseVenue::on_connection(VenueId, std::string_view address, bool open, std::string_view why)
{
    Dialled& dialled = dialled_[std::string(address)];
    dialled.opened += open;
    // One that stood and ended is told by the rehearsal itself.
    if (open || dialled.opened > 0) return;
    ++dialled.refused;
    dialled.why = why;
}

void RehearseVenue::on_key_use(VenueId, std::string_view label, std::string_view endpoint, Timestamp time)
{
    for (const HeldKey* key : keys_) {
        if (key->facts.label != label || common_->uses == nullptr) continue;
        if (const auto note = common_->uses->noter(*key, [time] { return time; })) note(endpoint);
    }
}

}  // namespace arb
