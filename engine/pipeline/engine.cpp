#include "engine/pipeline/engine.hpp"

#include "engine/base/path_stamps.hpp"

namespace arb {
namespace {

std::vector<SequenceRule> rules_of(const EngineParts& parts)
{
    std::vector<SequenceRule> rules;
    for (const Listing& listing : parts.table->listings()) {
        const std::unique_ptr<Venue>& venue = parts.venues[index(listing.venue)];
        rules.push_back(venue != nullptr ? venue->sequence_rule(listing) : SequenceRule{});
    }
    return rules;
}

// What nobody carries anywhere.
class NoOutbox final : public Outbox {
  public:
    void send(ConnectionId, std::string_view) override {}
    void request(const HttpRequest&) override {}
    void wake_at(VenueId, Timestamp) override {}
    void reconnect(ConnectionId, std::string_view) override {}
};

}  // namespace

Engine::Engine(EngineParts parts)
    : parts_(std::move(parts)),
      instruments_(parts_.rules),
      portfolio_(*parts_.table),
      decisions_(parts_.decisions),
      known_state_(parts_.table->listings().size(), BookState::empty)
{
    ENSURE(parts_.venues.size() == parts_.table->venue_count(), "there is one place a venue");
    static NoOutbox nowhere;
    if (parts_.outbox == nullptr) parts_.outbox = &nowhere;
    markets_ = std::make_unique<Markets>(*parts_.table, rules_of(parts_), parts_.config->books,
                                         std::move(parts_.markets), parts_.taken);
    intake_ = std::make_unique<FactIntake>(*markets_, instruments_);
    for (const VenueConfig& venue : parts_.config->venues) {
        const std::optional<VenueId> id = parts_.table->find_venue(venue.label);
        if (!id) continue;
        for (const auto& [asset, amount] : venue.balances) {
            if (portfolio_.set_start(*id, asset, amount)) continue;
            throw StartError(ExitCode::usage,
                             venue.place + ": venue " + venue.label + " has no instrument with the asset '" +
                                 asset + "' in these inputs; leave its balance out or add the recording");
        }
    }
    risk_ = std::make_unique<RiskGate>(*markets_, portfolio_, parts_.config->risk, parts_.fees_taker);
    for (std::size_t i = 0; i < parts_.fees_maker.size(); ++i)
        risk_->fees().set_maker(static_cast<ListingId>(i), parts_.fees_maker[i]);
    crossings_ = std::make_unique<CrossingMonitor>(*markets_, parts_.fees_taker);
    exposure_ = std::make_unique<ExposureBook>(*markets_);
    held_ = std::make_unique<HeldPositions>();
    reports_ = std::make_unique<ReportQueue>(parts_.listener, parts_.trading_listener);
    if (parts_.sender == nullptr) live_ = std::make_unique<LiveTrading>(live_parts());
    news_ = std::make_unique<PackageNews>(decisions_, *reports_, instruments_);
    executor_ = std::make_unique<PackageExecutor>(
        *markets_, *risk_, portfolio_, *exposure_, *held_, parts_.config->executor,
        live_ != nullptr ? static_cast<OrderSender&>(*live_) : *parts_.sender, *news_);
    news_->connect(*executor_, live_.get());
    if (live_ != nullptr) live_->connect(*executor_);
    strategies_ = std::make_unique<StrategyRunner>(
        StrategyRunner::Parts{*markets_, *risk_, portfolio_, *crossings_, *held_, *executor_, decisions_,
                              live_.get(), parts_.config->executor.unwind_band});
    intake_->connect(live_.get(), parts_.sender);
    for (std::size_t i = 0; i < parts_.strategies.size(); ++i) {
        Settings settings = parts_.config->strategies[i];
        strategies_->add(parts_.strategies[i]->make(settings, *markets_));
        settings.finish();
    }
    // The plan tells connectors which listings are theirs, so that resyncs and acknowledgements find them.
    plans_.resize(parts_.venues.size());
    for (std::size_t v = 0; v < parts_.venues.size(); ++v) {
        if (parts_.venues[v] == nullptr) continue;
        std::vector<ListingId> listings;
        for (const Listing& listing : parts_.table->listings()) {
            if (index(listing.venue) == v) listings.push_back(listing.id);
        }
        plans_[v] = parts_.venues[v]->plan(listings);
    }
}

Engine::~Engine() = default;

LiveTrading::Parts Engine::live_parts()
{
    LiveTrading::Parts parts;
    parts.table = parts_.table;
    parts.markets = markets_.get();
    parts.venues = {&parts_.venues, &parts_.has_credentials, intake_->sinks(), parts_.outbox,
                    parts_.fees_known};
    parts.keyed = parts_.keyed;
    parts.keys = parts_.keys;
    parts.portfolio = &portfolio_;
    parts.risk = risk_.get();
    parts.exposure = exposure_.get();
    parts.held = held_.get();
    parts.log = parts_.log;
    parts.listener = reports_.get();
    parts.limits = parts_.config->trading;
    parts.desk.trades_kept = parts_.config->trading.trades_kept;
    return parts;
}

void Engine::on_open(VenueId venue, ConnectionId connection, std::string_view url, Timestamp now)
{
    intake_->begin(connection, now);
    if (parts_.venues[index(venue)] != nullptr)
        parts_.venues[index(venue)]->on_open(connection, url, now, intake_->of(venue), *parts_.outbox);
}

void Engine::on_frame(VenueId venue, ConnectionId connection, PaddedText frame, Timestamp now)
{
    intake_->begin(connection, now);
    const std::unique_ptr<Venue>& to = parts_.venues[index(venue)];
    if (to != nullptr)
        to->on_frame(connection, frame, now, intake_->of(venue), *parts_.outbox);
    else
        intake_->count_unknown();
    stamp_path(PathStage::booked);
}

void Engine::on_http(VenueId venue, const HttpReply& reply, Timestamp now)
{
    intake_->begin(kNoConnection, now);
    const std::unique_ptr<Venue>& to = parts_.venues[index(venue)];
    if (to != nullptr)
        to->on_http(reply, now, intake_->of(venue), *parts_.outbox);
    else
        intake_->count_unknown();
}

void Engine::on_close(VenueId venue, ConnectionId connection, Timestamp now, bool over)
{
    intake_->begin(connection, now);
    if (parts_.venues[index(venue)] != nullptr)
        parts_.venues[index(venue)]->on_close(connection, now, intake_->of(venue), *parts_.outbox);
    markets_->on_close(connection, now, over ? BookTrouble::ended : BookTrouble::closed);
}

void Engine::on_wake(VenueId venue, Timestamp now)
{
    intake_->begin(kNoConnection, now);
    if (venue == kNoVenue || parts_.venues[index(venue)] == nullptr) return;
    parts_.venues[index(venue)]->on_wake(now, intake_->of(venue), *parts_.outbox);
}

bool Engine::on_command(std::string_view text, Timestamp now)
{
    intake_->begin(kNoConnection, now);
    if (text == "begin") {
        begin(now);
        return live_ != nullptr;
    }
    constexpr std::string_view kRelease = "release ";
    refusal_.clear();
    const bool understood = InstrumentWatch::speaks_of(text) ? change_listing(text)
                            : text.starts_with(kRelease)
                                ? strategies_->release(text.substr(kRelease.size()), now, refusal_)
                            : live_ != nullptr ? live_->command(text, now)
                                               : pause_simulated(text);
    if (!understood && live_ != nullptr && refusal_.empty()) refusal_ = live_->owners().refusal();
    commands_refused_ += !understood;
    return understood;
}

// Fees of the configuration stand above those of a list; an account's own come from the venue.
bool Engine::change_listing(std::string_view line)
{
    InstrumentWatch::Change change;
    if (!instruments_.command(line, change)) return false;
    if (!change.fees || change.listing == kNoListing || live_ != nullptr) return true;
    const Listing& listing = parts_.table->listing(change.listing);
    const std::string label = parts_.table->label(listing.venue);
    for (const VenueConfig& venue : parts_.config->venues) {
        if (venue.label == label && venue.fee_taker) return true;
    }
    risk_->fees().set_taker(change.listing, listing.fee_taker);
    risk_->fees().set_maker(change.listing, listing.fee_maker);
    crossings_->set_taker_fee(change.listing, listing.fee_taker);
    parts_.sender->set_fees(change.listing, listing.fee_maker, listing.fee_taker);
    return true;
}

// Simulated orders need no cancelling and no venue's word: all that can be said is whether new ones may be
// made.
bool Engine::pause_simulated(std::string_view text)
{
    const bool pauses = text == "pause" || text == "stop" || text == "kill";
    if (!pauses && text != "resume") return false;
    risk_->set_paused(pauses);
    return true;
}

void Engine::begin(Timestamp now)
{
    intake_->begin(kNoConnection, now);
    if (live_ != nullptr) live_->begin(now);
}

void Engine::on_levels(const BookUpdate& update)
{
    intake_->begin(kLevelsConnection, update.receive_time);
    intake_->on_book(update);
}

void Engine::on_levels_end(ListingId listing, Timestamp now)
{
    intake_->begin(kLevelsConnection, now);
    markets_->on_end(listing, now);
}

void Engine::on_bad_levels(ListingId listing, Timestamp now)
{
    intake_->begin(kLevelsConnection, now);
    Undecoded undecoded;
    undecoded.reason = UndecodedReason::bad_number;
    undecoded.listing = listing;
    intake_->on_undecoded(undecoded);
}

void Engine::on_order_event(const OrderEvent& event, Timestamp now)
{
    executor_->on_event(event, now);
}

// What open exposure would bring now, less what it cost: it counts in the day's loss before it is closed.
void Engine::judge_open_result(Timestamp now)
{
    if (!parts_.config->risk.loss_day_max || now - open_judged_ < seconds(1)) return;
    open_judged_ = now;
    Amount result;
    const auto add = [&](MarketId market, std::int64_t quantity, Amount cost) {
        if (quantity == 0 && cost.zero()) return;
        const ListingId listing = markets_->consolidated(market).definition().members.front().listing;
        // What nobody can value has lost all that it cost.
        const Amount worth = risk_->prices().worth_now(market, quantity, now).value_or(Amount{});
        result += risk_->rates().counted(listing,
                                         quantity < 0 && worth.zero() ? -absolute(cost) : worth - cost, now);
    };
    for (std::size_t m = 0; m < exposure_->market_count(); ++m) {
        const ExposureLine line = exposure_->sum(static_cast<MarketId>(m));
        add(static_cast<MarketId>(m), line.quantity, line.cost);
    }
    executor_->for_each_open(
        [&](const PackageExecutor::View& view) { add(view.market, view.excess, view.value); });
    if (risk_->day().on_open_result(result, now) && live_ != nullptr) live_->packages().on_loss_limit(now);
}

void Engine::tell_book_states(MarketId market, Timestamp now)
{
    for (const MarketMember& member : markets_->consolidated(market).definition().members) {
        const BookState state = markets_->builder(member.listing).state();
        if (state == known_state_[index(member.listing)]) continue;
        known_state_[index(member.listing)] = state;
        Decision decision;
        decision.kind = DecisionKind::book_state;
        decision.time = now;
        decision.listing = member.listing;
        decision.number = static_cast<std::int64_t>(state);
        decisions_.add(decision);
    }
}

void Engine::decide(Timestamp now)
{
    if (live_ != nullptr) live_->work(now);
    risk_->prices().remember(now);
    judge_open_result(now);
    strategies_->tell_ends(*news_, now);
    for (const MarketId market : markets_->changed()) {
        tell_book_states(market, now);
        crossings_->observe(market, now);
        strategies_->on_market(market, now);
    }
    markets_->clear_changed();
    strategies_->on_time(now);
    executor_->on_time(now);
    if (live_ != nullptr) live_->drain(now);
    markets_->take_resyncs(now, [&](ListingId listing) {
        Decision decision;
        decision.kind = DecisionKind::resync;
        decision.time = now;
        decision.listing = listing;
        decisions_.add(decision);
        const std::unique_ptr<Venue>& venue = parts_.venues[index(parts_.table->listing(listing).venue)];
        if (venue != nullptr) venue->resync(listing, now, *parts_.outbox);
    });
    // The orders of this instant have left.
    reports_->tell();
}

void Engine::finish(Timestamp now)
{
    crossings_->finish(now);
    executor_->finish(now);
    reports_->tell();
}

}  // namespace arb
