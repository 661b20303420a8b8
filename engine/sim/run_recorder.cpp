#include "engine/sim/run_recorder.hpp"

#include <fmt/format.h>

#include "engine/sim/book_use.hpp"

namespace arb {
namespace {

constexpr std::size_t kPointsMax = 2000;
// A book that was not usable for more than this share of its recording is told about.
constexpr std::int64_t kUnusableTold = 1000;  // one in so many

}  // namespace

void SampledSeries::add(Timestamp now, Amount value)
{
    if (series_.points.size() >= kPointsMax) {
        std::size_t kept = 0;
        for (std::size_t i = 0; i < series_.points.size(); i += 2) series_.points[kept++] = series_.points[i];
        series_.points.resize(kept);
        spacing_ = {spacing_.ns * 2};
    }
    series_.points.push_back({now, value});
}

void RunRecorder::connect(const Session& session)
{
    session_ = &session;
    const InstrumentTable& table = session.engine().markets().table();
    result_.title = session.config().name;
    result_.quote = session.config().quote;
    for (std::size_t v = 0; v < table.venue_count(); ++v) {
        venues_.push_back({});
        venues_.back().venue = table.label(static_cast<VenueId>(v));
    }
    const Portfolio& portfolio = session.engine().portfolio();
    valuation_ = std::make_unique<Valuation>(session.engine().markets(), portfolio, result_.quote);
    for (std::size_t i = 0; i < portfolio.accounts().size(); ++i) {
        const Account& account = portfolio.accounts()[i];
        if (account.asset == result_.quote) continue;
        inventory_.emplace_back(table.label(account.venue) + " " + account.asset);
        inventory_account_.push_back(i);
    }
}

std::string RunRecorder::venue_of(ListingId listing) const
{
    const InstrumentTable& table = session_->engine().markets().table();
    return table.label(table.listing(listing).venue);
}

void RunRecorder::compare(Timestamp now)
{
    if (comparable_ && now > compared_until_) compared_ = {compared_.ns + (now - compared_until_).ns};
    compared_until_ = now;
    comparable_ = false;
    const Markets& markets = session_->engine().markets();
    for (std::size_t i = 0; i < markets.market_count() && !comparable_; ++i) {
        std::size_t usable = 0;
        for (const VenueQuote& quote : markets.consolidated(static_cast<MarketId>(i)).quotes())
            usable += quote.usable;
        comparable_ = usable > 1;
    }
}

void RunRecorder::sample(Timestamp now)
{
    compare(now);
    if (!equity_.due(now)) return;
    const Portfolio& portfolio = session_->engine().portfolio();
    equity_.add(now, moved_ ? valuation_->change() : Amount{});
    for (std::size_t i = 0; i < inventory_.size(); ++i) {
        inventory_[i].add(now, portfolio.accounts()[inventory_account_[i]].end());
    }
}

void RunRecorder::on_order(const ApprovedOrder& order, OrderPurpose, Timestamp)
{
    ++result_.orders_total;
    const InstrumentTable& table = session_->engine().markets().table();
    ++venues_[index(table.listing(order.intent().listing).venue)].orders;
}

void RunRecorder::on_fill(const Package& package, const OrderIntent& intent, const Fill& fill,
                          OrderPurpose purpose, Timestamp now)
{
    moved_ = true;
    ++result_.fills_total;
    const InstrumentTable& table = session_->engine().markets().table();
    const Listing& listing = table.listing(intent.listing);
    const Instrument& instrument = table.instrument(listing.instrument);
    VenueRow& venue = venues_[index(listing.venue)];
    ++venue.fills;
    venue.volume += fill.notional;
    venue.fees += fill.fee;
    if (result_.fills.size() >= kRowsMax) return;
    FillRow row;
    row.time = now;
    row.package = static_cast<std::uint64_t>(package.id);
    row.venue = venue.venue;
    row.instrument = instrument.name;
    row.side = intent.side;
    row.price = instrument.text(fill.price);
    row.quantity = instrument.text(fill.quantity);
    row.notional = fill.notional;
    row.fee = fill.fee;
    row.maker = fill.maker;
    row.unwind = purpose == OrderPurpose::close;
    result_.fills.push_back(std::move(row));
}

void RunRecorder::on_reject(const Package&, const OrderIntent& intent, RejectReason, Timestamp)
{
    ++result_.rejects_total;
    const InstrumentTable& table = session_->engine().markets().table();
    ++venues_[index(table.listing(intent.listing).venue)].rejects;
}

// Sums are of one currency: a result of another one is turned into it at the rate of its moment.
Waterfall RunRecorder::in_run_currency(const PackageEnd& end)
{
    const Engine& engine = session_->engine();
    const MarketDefinition& market = engine.markets().consolidated(end.package.market).definition();
    if (market.quote == result_.quote) return end.waterfall;
    const auto rate = engine.risk().rates().last_of(market.members.front().listing, end.finished);
    if (!rate) {
        ++uncounted_;
        return {};
    }
    Waterfall w;
    w.quoted = at_rate(end.waterfall.quoted, *rate);
    w.depth = at_rate(end.waterfall.depth, *rate);
    w.fees = at_rate(end.waterfall.fees, *rate);
    w.latency = at_rate(end.waterfall.latency, *rate);
    w.unwind = at_rate(end.waterfall.unwind, *rate);
    w.realised = w.sum();
    return w;
}

void RunRecorder::on_end(const PackageEnd& end)
{
    const Markets& markets = session_->engine().markets();
    const MarketDefinition& market = markets.consolidated(end.package.market).definition();
    PackageRow row;
    row.id = static_cast<std::uint64_t>(end.package.id);
    row.decided = end.package.decided;
    row.finished = end.finished;
    row.instrument = market.name;
    row.buy_venue = venues_text(end.package, Side::buy, markets.table());
    row.sell_venue = venues_text(end.package, Side::sell, markets.table());
    row.quantity = format_scaled(end.package.quantity.units, market.quantity_decimals);
    row.outcome = outcome(end);
    row.detail = detail_text(end, markets);
    row.waterfall = end.waterfall;
    ++result_.packages_total;
    const bool unwound = !end.unwound.zero();
    result_.packages_unwound += unwound;
    result_.packages_flagged += end.flagged;
    const Waterfall counted = in_run_currency(end);
    result_.waterfall += counted;
    PairRow& pair = pairs_[{row.instrument, row.buy_venue, row.sell_venue}];
    pair.instrument = row.instrument;
    pair.buy_venue = row.buy_venue;
    pair.sell_venue = row.sell_venue;
    ++pair.packages;
    pair.unwound += unwound;
    pair.flagged += end.flagged;
    const Leg* buy = end.package.first(Side::buy);
    if (buy != nullptr) pair.volume += market_notional(market, buy->best, end.bought);
    pair.waterfall += counted;
    if (result_.packages.size() < kRowsMax) result_.packages.push_back(std::move(row));
}

void RunRecorder::add_accounts()
{
    const InstrumentTable& table = session_->engine().markets().table();
    for (const Account& account : session_->engine().portfolio().accounts()) {
        BalanceRow row;
        row.venue = table.label(account.venue);
        row.asset = account.asset;
        row.start = account.start;
        row.fills = account.fills;
        row.fees = account.fees;
        row.end = account.end();
        result_.balances.push_back(std::move(row));
    }
}

void RunRecorder::add_spans()
{
    const RecordingSet& inputs = session_->inputs();
    result_.compared = compared_;
    const auto apart = [](Timestamp a, Timestamp b) { return a - b > seconds(1) || b - a > seconds(1); };
    bool differ = false;
    for (std::size_t i = 0; i < inputs.file_count(); ++i) {
        result_.spans.push_back(inputs.span(i));
        if (i == 0) continue;
        const InputSpan &last = result_.spans[i - 1], &span = result_.spans[i];
        differ |= apart(span.begin, last.begin) || apart(span.end, last.end);
    }
    for (const InputSpan& span : result_.spans) {
        if (!differ) break;
        result_.notes.push_back(span.begin.known() ? fmt::format("{} runs from {} to {}", span.path,
                                                                 format_utc(span.begin), format_utc(span.end))
                                                   : fmt::format("{} holds no record", span.path));
    }
    for (const Listing& listing : session_->engine().markets().table().listings()) {
        BookUse use = use_of(*session_, listing);
        const std::int64_t lost = use.recorded.ns - use.usable.ns;
        if (lost > use.recorded.ns / kUnusableTold || use.left_out > 0) result_.notes.push_back(use.text());
        result_.books.push_back(std::move(use));
    }
}

void RunRecorder::add_notes()
{
    const InstrumentTable& table = session_->engine().markets().table();
    for (const Listing& listing : table.listings()) {
        if (listing.status == ListingStatus::halted) {
            result_.notes.push_back(
                fmt::format("{} at {}: halted, so nothing is traded there; the venue's own list says that "
                            "it does not trade, whatever its book shows",
                            listing.symbol, table.label(listing.venue)));
        }
        if (!listing.inferred) continue;
        result_.notes.push_back(
            fmt::format("{} at {}: tick and lot were learnt from the data, not told by the venue; "
                        "minimum sizes are unknown",
                        listing.symbol, table.label(listing.venue)));
    }
    // A live configuration has no balances: there the venues tell them.
    for (const VenueConfig& venue : session_->config().venues) {
        if (!venue.balances.empty()) continue;
        result_.notes.push_back(
            fmt::format("{}: the configuration gives it no balance, so nothing can be paid for there; give "
                        "it one in [venue.{}.balance]",
                        venue.label, venue.label));
    }
    bool position = false;
    for (const Account& account : session_->engine().portfolio().accounts()) position |= account.position;
    if (position) {
        result_.notes.push_back(
            "A derivative's position is kept as an asset of its own, paid for in full on paper: the "
            "quote balance of its venue can be below zero while its equity is not.");
    }
    for (const std::string& currency : session_->engine().risk().rates().unknown()) {
        result_.notes.push_back(fmt::format(
            "Nothing tells what {} is worth in {}, the currency of limits: nothing was opened in its "
            "markets; add a spot book of the two, or say it in [rates].",
            currency, result_.quote));
    }
    if (uncounted_ > 0) {
        result_.notes.push_back(fmt::format(
            "{} packages are priced in a currency that nothing here values in {}; the sums leave them out; "
            "add a book of the two, or say it in [rates].",
            uncounted_, result_.quote));
    }
    if (!valuation_->complete()) {
        result_.notes.push_back("Some assets had no book in " + result_.quote +
                                "; the equity leaves them out.");
    }
}

RunResult RunRecorder::take_result()
{
    const Engine& engine = session_->engine();
    result_.events = session_->events();
    result_.begin = session_->begin();
    result_.end = session_->now();
    equity_.add(session_->now(), moved_ ? valuation_->change() : Amount{});
    result_.equity = equity_.series();
    for (std::size_t i = 0; i < inventory_.size(); ++i) {
        inventory_[i].add(session_->now(), engine.portfolio().accounts()[inventory_account_[i]].end());
        result_.inventory.push_back(inventory_[i].series());
    }
    for (std::size_t v = 0; v < venues_.size(); ++v) {
        venues_[v].frames = session_->frames(static_cast<VenueId>(v));
        result_.by_venue.push_back(venues_[v]);
    }
    for (auto& [key, row] : pairs_) result_.by_pair.push_back(row);
    add_accounts();
    compare(session_->now());
    add_spans();
    add_notes();
    engine.crossings().report(result_);
    result_.decision_hash = engine.decision_hash();
    return std::move(result_);
}

}  // namespace arb
