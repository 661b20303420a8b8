#include "engine/sim/session.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/journal/http_mark.hpp"

namespace arb {
Session::Session(SessionRequest request)
    : request_(std::move(request)),
      inputs_(RecordingSet::open(request_.recordings, request_.config.instruments).take())
{
    const InstrumentTable& table = inputs_.table();
    // A session that traded with venues replays with live trading, and its orders go nowhere.
    live_ = request_.trading &&
            (request_.config.mode == RunMode::emulated || request_.config.mode == RunMode::live);
    if (request_.trading && request_.config.mode == RunMode::backtest) check_config();
    fees_ = fees_of(request_.config, table);
    taken_ = std::make_unique<TakenLiquidity>(table.listings().size());
    exchange_ = make_exchange(request_.config, table, *taken_);
    engine_ = std::make_unique<Engine>(make_parts());
    exchange_->connect(engine_->markets());
    for (const Account& account : engine_->portfolio().accounts())
        exchange_->balances().set_start(account.venue, account.asset, account.start);
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
        throw StartError(ExitCode::usage, fmt::format("{}: no recording has the venue '{}'; they have: {}{}",
                                                      venue.place, venue.label, fmt::join(labels, ", "),
                                                      did_you_mean(venue.label, labels)));
    }
    std::vector<std::string> quotes;
    for (const Instrument& instrument : table.instruments()) quotes.push_back(instrument.quote);
    if (std::find(quotes.begin(), quotes.end(), request_.config.quote) == quotes.end()) {
        throw StartError(
            ExitCode::usage,
            fmt::format("the configuration's quote is '{}', but no instrument of the recordings is priced "
                        "in it{}",
                        request_.config.quote, did_you_mean(request_.config.quote, quotes)));
    }
    for (const InstrumentConfig& instrument : request_.config.instruments) {
        if (const std::optional<VenueId> venue = table.find_venue(instrument.venue)) {
            check_rule(instrument, *venue);
            continue;
        }
        throw StartError(
            ExitCode::usage,
            fmt::format("{}: no recording has the venue '{}' of this [[instrument]]; they have: {}{}",
                        instrument.place, instrument.venue, fmt::join(labels, ", "),
                        did_you_mean(instrument.venue, labels)));
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

// A rule that no listing takes would leave the listing that was meant without its minimums.
void Session::check_rule(const InstrumentConfig& rule, VenueId venue) const
{
    const InstrumentTable& table = inputs_.table();
    if (table.find_symbol(venue, rule.definition.symbol) != nullptr) return;
    std::vector<std::string> symbols;
    for (const Listing& listing : table.listings()) {
        if (listing.venue == venue) symbols.push_back(listing.symbol);
    }
    throw StartError(
        ExitCode::usage,
        fmt::format("{}: the venue {} has no listing '{}' in the recordings, so nothing takes this "
                    "[[instrument]]{}",
                    rule.place, rule.venue, rule.definition.symbol,
                    did_you_mean(rule.definition.symbol, symbols)));
}

EngineParts Session::make_parts()
{
    AssemblyRequest request;
    request.config = &request_.config;
    request.table = &inputs_.table();
    request.plugins = request_.plugins;
    request.trading = request_.trading;
    if (live_) {
        keys_ = std::make_unique<ReplayKeys>(inputs_.table(), request_.plugins);
        request.keys = keys_.get();
    }
    EngineParts parts = assemble(request);
    parts.rules = &inputs_.rules();
    parts.taken = taken_.get();
    parts.sender = live_ ? nullptr : exchange_.get();
    parts.listener = request_.listener;
    parts.decisions = request_.decisions;
    return parts;
}

bool Session::step()
{
    Timestamp due = exchange_->next_due();
    // The recording of a session says itself when its engine looked.
    const Timestamp wake = request_.config.mode == RunMode::backtest ? engine_->next_wake() : Timestamp{};
    if (wake.known() && (!due.known() || wake < due)) due = std::max(wake, now_ + milliseconds(1));
    // An order that would arrive after the last input meets a book that nobody has seen: it is not filled.
    if (inputs_.empty()) return false;
    if (due.known() && due < inputs_.time()) {
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
    // The words of a session's operator belong to that session, not to its market; what venues list does.
    if (record.kind == RecordKind::command && request_.config.mode == RunMode::backtest &&
        !InstrumentWatch::speaks_of(record.text.view())) {
        return;
    }
    if (input_listener_ != nullptr) input_listener_->on_input(inputs_.merged_record(input));
    events_ += !input.ends;
    switch (record.kind) {
        case RecordKind::frame:
            ++frames_[index(input.venue)];
            engine_->on_frame(input.venue, input.connection, record.text, record.time);
            break;
        case RecordKind::http: {
            HttpReply reply;
            reply.url = record.url;
            const HttpMark mark = take_mark(reply.url);
            reply.status = record.status;
            reply.body = record.text;
            reply.tag = mark.tag;
            reply.sent = mark.sent;
            reply.retry_after = mark.retry_after;
            reply.count = mark.count;
            engine_->on_http(input.venue, reply, record.time);
            break;
        }
        case RecordKind::open:
            engine_->on_open(input.venue, input.connection, record.url, record.time);
            break;
        case RecordKind::close:
            engine_->on_close(input.venue, input.connection, record.time, input.ends);
            break;
        case RecordKind::wake:
            engine_->on_wake(input.venue, record.time);
            break;
        case RecordKind::book: {
            if (record.over) {
                engine_->on_levels_end(input.listing, record.time);
                break;
            }
            ++frames_[index(input.venue)];
            const BookUpdate update = inputs_.book_update(input);
            if (update.listing == kNoListing)
                engine_->on_bad_levels(input.listing, record.time);
            else
                engine_->on_levels(update);
            break;
        }
        case RecordKind::command:
            if (record.text.size != 0) (void)engine_->on_command(record.text.view(), record.time);
            break;
        case RecordKind::output:
            break;
    }
}

void Session::finish()
{
    engine_->finish(now_);
}

}  // namespace arb
