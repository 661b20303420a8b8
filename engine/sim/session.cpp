#include "engine/sim/session.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/sim/comparison.hpp"

namespace arb {
namespace {

const VenueConfig* config_of(const EngineConfig& config, const std::string& label)
{
    for (const VenueConfig& venue : config.venues) {
        if (venue.label == label) return &venue;
    }
    return nullptr;
}

const ConnectorType* connector_of(const Plugins& plugins, const VenueKey& key)
{
    for (const ConnectorType* type : plugins.connectors) {
        if (type->exchange != key.exchange) continue;
        if (std::find(type->markets.begin(), type->markets.end(), key.market) != type->markets.end())
            return type;
    }
    return nullptr;
}

}  // namespace

Session::Session(SessionRequest request)
    : request_(std::move(request)),
      inputs_(RecordingSet::open(request_.recordings, request_.config.instruments).take())
{
    const InstrumentTable& table = inputs_.table();
    if (request_.trading) check_config();
    std::vector<VenueModel> models;
    for (std::size_t v = 0; v < table.venue_count(); ++v) {
        const VenueConfig* venue = config_of(request_.config, table.label(static_cast<VenueId>(v)));
        const VenueConfig defaults;
        models.push_back(
            {(venue ? *venue : defaults).feed_latency, (venue ? *venue : defaults).order_latency});
    }
    for (const Listing& listing : table.listings()) {
        const VenueConfig* venue = config_of(request_.config, table.label(listing.venue));
        ListingFees fees{listing.fee_maker, listing.fee_taker};
        if (venue != nullptr && venue->fee_maker) fees.maker = *venue->fee_maker;
        if (venue != nullptr && venue->fee_taker) fees.taker = *venue->fee_taker;
        fees_.push_back(fees);
    }
    taken_ = std::make_unique<TakenLiquidity>(table.listings().size());
    exchange_ = std::make_unique<SimExchange>(table, *taken_, models, fees_, request_.config.risk.margin);
    engine_ = std::make_unique<Engine>(assemble());
    exchange_->connect(engine_->markets());
    for (const Account& account : engine_->portfolio().accounts()) {
        exchange_->balances().set_start(account.venue, account.asset, account.start);
    }
    frames_.resize(table.venue_count());
    events_out_.reserve(1024);
}

Session::~Session() = default;

void Session::check_config() const
{
    const InstrumentTable& table = inputs_.table();
    std::vector<std::string> labels;
    for (std::size_t v = 0; v < table.venue_count(); ++v)
        labels.push_back(table.label(static_cast<VenueId>(v)));
    for (const VenueConfig& venue : request_.config.venues) {
        if (table.find_venue(venue.label)) continue;
        const std::string near = nearest(venue.label, labels);
        throw StartError(ExitCode::usage,
                         fmt::format("{}: no recording has the venue '{}'; they have: {}{}", venue.place,
                                     venue.label, fmt::join(labels, ", "),
                                     near.empty() ? "" : fmt::format("; did you mean '{}'?", near)));
    }
    std::vector<std::string> quotes;
    for (const Instrument& instrument : table.instruments()) quotes.push_back(instrument.quote);
    if (std::find(quotes.begin(), quotes.end(), request_.config.quote) == quotes.end()) {
        const std::string near = nearest(request_.config.quote, quotes);
        throw StartError(
            ExitCode::usage,
            fmt::format("the configuration's quote is '{}', but no instrument of the recordings is priced "
                        "in it{}",
                        request_.config.quote,
                        near.empty() ? "" : fmt::format("; did you mean '{}'?", near)));
    }
    for (const InstrumentConfig& instrument : request_.config.instruments) {
        if (table.find_venue(instrument.venue)) continue;
        const std::string near = nearest(instrument.venue, labels);
        throw StartError(
            ExitCode::usage,
            fmt::format("{}: no recording has the venue '{}' of this [[instrument]]; they have: {}{}",
                        instrument.place, instrument.venue, fmt::join(labels, ", "),
                        near.empty() ? "" : fmt::format("; did you mean '{}'?", near)));
    }
    for (const Listing& listing : table.listings()) {
        const std::string label = table.label(listing.venue);
        const VenueConfig* venue = config_of(request_.config, label);
        if (venue == nullptr) {
            throw StartError(ExitCode::usage,
                             fmt::format("the recordings have the venue '{}', but the configuration has "
                                         "no [venue.{}]: give it latencies, balances and fees",
                                         label, label));
        }
        if (!listing.fees_known && !venue->fee_taker) {
            throw StartError(ExitCode::usage,
                             fmt::format("{}: venue {} has no taker_fee_bps, and its instrument list "
                                         "does not tell fees; without fees a backtest lies",
                                         venue->place, label));
        }
    }
}

EngineParts Session::assemble()
{
    const InstrumentTable& table = inputs_.table();
    EngineParts parts;
    parts.config = &request_.config;
    parts.table = &table;
    for (std::size_t v = 0; v < table.venue_count(); ++v) {
        const auto id = static_cast<VenueId>(v);
        const ConnectorType* type = connector_of(request_.plugins, table.venue(id));
        VenueSetup setup;
        setup.id = id;
        setup.table = &table;
        parts.venues.push_back(type != nullptr ? type->make(setup) : nullptr);
    }
    if (request_.trading) parts.markets = markets();
    for (const ListingFees& fees : fees_) parts.fees_taker.push_back(fees.taker);
    std::vector<std::string> names;
    for (const StrategyType* type : request_.plugins.strategies) names.emplace_back(type->name);
    for (const Settings& settings : request_.config.strategies) {
        if (!request_.trading) break;
        const std::string name = settings.name().substr(settings.name().find('.') + 1);
        const auto found = std::find(names.begin(), names.end(), name);
        if (found == names.end()) {
            const std::string near = nearest(name, names);
            throw StartError(ExitCode::usage,
                             fmt::format("{}: there is no strategy '{}'{}", settings.place(), name,
                                         near.empty() ? "" : fmt::format("; did you mean '{}'?", near)));
        }
        parts.strategies.push_back(
            request_.plugins.strategies[static_cast<std::size_t>(found - names.begin())]);
    }
    parts.taken = taken_.get();
    parts.sender = exchange_.get();
    parts.listener = request_.listener;
    parts.decisions = request_.decisions;
    return parts;
}

std::vector<MarketDefinition> Session::markets() const
{
    std::vector<MarketDefinition> definitions = Markets::markets_of(inputs_.table());
    for (const ComparisonConfig& comparison : request_.config.comparisons) {
        definitions.push_back(comparison_market(inputs_.table(), comparison).take());
    }
    return definitions;
}

bool Session::step()
{
    const Timestamp due = exchange_->next_due();
    if (inputs_.empty() && !due.known()) return false;
    if (inputs_.empty() || (due.known() && due < inputs_.time())) {
        now_ = due;
    } else {
        now_ = inputs_.time();
        if (!begin_.known()) begin_ = now_;
        // All inputs of one receive time are applied before anything is counted or decided.
        do {
            const RecordingSet::Input input = inputs_.front();
            handle(input);
            inputs_.pop();
        } while (!inputs_.empty() && inputs_.time() == now_);
    }
    deliver(now_);
    engine_->decide(now_);
    return true;
}

void Session::deliver(Timestamp now)
{
    events_out_.clear();
    exchange_->run(now, events_out_);
    for (const OrderEvent& event : events_out_) engine_->on_order_event(event, now);
}

void Session::handle(const RecordingSet::Input& input)
{
    const Record& record = *input.record;
    if (input_listener_ != nullptr) input_listener_->on_input(inputs_.merged_record(input));
    ++events_;
    switch (record.kind) {
        case RecordKind::frame:
            ++frames_[index(input.venue)];
            engine_->on_frame(input.venue, input.connection, record.text, record.time);
            break;
        case RecordKind::http:
            engine_->on_http(input.venue, {record.url, record.status, record.text}, record.time);
            break;
        case RecordKind::open:
            engine_->on_open(input.venue, input.connection, record.url, record.time);
            break;
        case RecordKind::close:
            engine_->on_close(input.venue, input.connection, record.time);
            break;
        case RecordKind::wake:
            engine_->on_wake(input.venue, record.time);
            break;
        case RecordKind::book: {
            ++frames_[index(input.venue)];
            const BookUpdate update = inputs_.book_update(input);
            if (update.listing == kNoListing)
                engine_->on_bad_levels(input.listing, record.time);
            else
                engine_->on_levels(update);
            break;
        }
        case RecordKind::output:
            break;
    }
}

void Session::finish()
{
    engine_->finish(now_);
}

}  // namespace arb
