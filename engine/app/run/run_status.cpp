#include "engine/app/run/run_status.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/app/run/why_not.hpp"
#include "engine/live/live_driver.hpp"
#include "engine/report/json_writer.hpp"
#include "engine/report/utf8.hpp"

namespace arb {
namespace {

// Where nothing new is risked, and why.
void tell_instruments(const RunParts& run, JsonWriter& json)
{
    json.key("instruments").begin_array();
    for (const Listing& listing : run.table.listings()) {
        const std::string& why = run.engine.instruments().why(listing.id);
        if (why.empty() && listing.status != ListingStatus::halted) continue;
        json.begin_object();
        json.key("venue").text(run.table.label(listing.venue));
        json.key("symbol").text(plain_text(listing.symbol));
        json.key("no_new_risk").text(why.empty() ? "the venue has halted it" : plain_text(why));
        json.end_object();
    }
    json.end_array();
}

// Every unit that should not be held, once: of an open package, or in a line of its own.
void tell_exposure(const RunParts& run, JsonWriter& json)
{
    const auto tell = [&](MarketId id, std::string_view cause, std::int64_t quantity, Timestamp since) {
        if (quantity == 0) return;
        const MarketDefinition& market = run.engine.markets().consolidated(id).definition();
        json.begin_object();
        json.key("market").text(market.name);
        json.key("cause").text(cause);
        json.key("quantity").text(format_scaled(quantity, market.quantity_decimals));
        json.key("since").text(format_utc(since));
        json.end_object();
    };
    json.key("exposure").begin_array();
    run.engine.executor().for_each_open([&](const PackageExecutor::View& view) {
        tell(view.market, "open_package", view.excess, view.package.decided);
    });
    const ExposureBook& book = run.engine.exposure();
    for (std::size_t m = 0; m < book.market_count(); ++m) {
        for (std::size_t c = 0; c < static_cast<std::size_t>(ExposureCause::count_); ++c) {
            const auto id = static_cast<MarketId>(m);
            const auto cause = static_cast<ExposureCause>(c);
            tell(id, name(cause), book.line(id, cause).quantity, book.line(id, cause).since);
        }
    }
    json.end_array();
}

// Announced by the owner, and not over.
void tell_transfers(const RunParts& run, JsonWriter& json)
{
    if (run.engine.live() == nullptr) return;
    json.key("transfers").begin_array();
    for (const AnnouncedTransfers::Transfer& transfer : run.engine.live()->owners().transfers().open()) {
        json.begin_object();
        json.key("from").text(run.table.label(transfer.from));
        json.key("to").text(run.table.label(transfer.to));
        json.key("asset").text(plain_text(transfer.asset));
        json.key("amount").text(transfer.amount.text());
        json.key("announced").text(format_utc(transfer.said));
        json.key("left").flag(transfer.left);
        json.key("arrived").flag(transfer.arrived);
        json.end_object();
    }
    json.end_array();
}

// Every key and what was found of it.
void tell_keys(const RunParts& run, JsonWriter& json)
{
    if (run.engine.live() == nullptr) return;
    json.key("keys").begin_array();
    run.engine.live()->keys().gate().for_each([&](const KeyNews& news) {
        json.begin_object();
        json.key("venue").text(run.table.label(news.venue));
        json.key("label").text(news.label);
        json.key("role").text(name(news.role));
        json.key("stage").text(name(news.stage));
        json.key("fault").text(name(news.fault));
        json.key("text").text(plain_text(news.text));
        json.key("warnings").begin_array();
        for (const std::string& warning : *news.warnings) json.text(plain_text(warning));
        json.end_array();
        json.end_object();
    });
    json.end_array();
}

// What packages keep that meant to hold, listing by listing.
void tell_held(const RunParts& run, JsonWriter& json)
{
    json.key("held").begin_array();
    for (const HeldPosition& held : run.engine.held().all()) {
        const MarketDefinition& market = run.engine.markets().consolidated(held.market).definition();
        json.begin_object();
        json.key("package").integer(static_cast<std::uint64_t>(held.package));
        json.key("market").text(market.name);
        json.key("since").text(format_utc(held.since));
        json.key("cost").text(held.cost.text());
        json.key("at").begin_array();
        for (const ListingChanges::Entry& entry : held.changes) {
            if (entry.quantity == 0) continue;
            const Listing& listing = run.table.listing(entry.listing);
            json.begin_object();
            json.key("venue").text(run.table.label(listing.venue));
            json.key("symbol").text(listing.symbol);
            json.key("quantity").text(format_scaled(entry.quantity, market.quantity_decimals));
            json.end_object();
        }
        json.end_array();
        json.end_object();
    }
    json.end_array();
}

void tell_run(const RunParts& run, JsonWriter& json)
{
    const RunFigures& f = run.figures;
    const Timestamp now = run.driver.now();
    json.key("version").text(run.request.build);
    json.key("mode").text(name(run.request.config.mode));
    json.key("phase").text(run.engine.live() != nullptr ? name(run.engine.live()->phase()) : "paper");
    json.key("paused").flag(run.engine.risk().paused());
    if (run.engine.live() != nullptr) {
        json.key("paused_why").text(run.engine.live()->paused_why());
        json.key("state_log_percent").integer(run.state_log_percent);
    }
    json.key("seconds").signed_integer((now - run.begun).ns / seconds(1).ns);
    json.key("packages").integer(f.packages);
    json.key("open_packages").integer(run.engine.executor().open_count());
    json.key("flagged").integer(f.flagged);
    json.key("orders").integer(f.orders);
    json.key("open_orders").integer(run.engine.risk().open_orders());
    json.key("fills").integer(f.fills);
    json.key("currency").text(run.request.config.quote);
    json.key("realised").text(f.waterfall.realised.text());
    json.key("realised_today").text(run.engine.risk().day().today(now).text());
    json.key("inputs").integer(run.driver.counts().inputs);
    json.key("frame_to_order_us").begin_object();
    const LatencyHistogram& latency = run.driver.latency();
    json.key("p50").integer(latency.quantile(5000) / 1000);
    json.key("p99").integer(latency.quantile(9900) / 1000);
    json.key("max").integer(latency.most() / 1000);
    json.end_object();
}

void tell_venues(const RunParts& run, JsonWriter& json)
{
    json.key("venues").begin_array();
    for (std::size_t v = 0; v < run.table.venue_count(); ++v) {
        const auto id = static_cast<VenueId>(v);
        json.begin_object();
        json.key("venue").text(run.table.label(id));
        std::int64_t listed = 0, valid = 0;
        for (const Listing& listing : run.table.listings()) {
            listed += listing.venue == id;
            valid += listing.venue == id && run.engine.markets().builder(listing.id).tradable();
        }
        json.key("books").signed_integer(valid);
        json.key("books_listed").signed_integer(listed);
        if (run.engine.live() != nullptr) {
            const VenueView view = run.engine.live()->venues().view(id);
            json.key("order_entry").flag(view.order_entry);
            json.key("private_stream").flag(view.private_stream);
            json.key("clock_offset_us").signed_integer(view.clock_offset.ns / 1000);
            json.key("stopped").text(view.why);
        }
        json.end_object();
    }
    json.end_array();
}

// The best prices of each market over its venues, and how far they cross.
void tell_markets(const RunParts& run, JsonWriter& json)
{
    json.key("markets").begin_array();
    for (std::size_t m = 0; m < run.engine.markets().market_count(); ++m) {
        const ConsolidatedBook& book = run.engine.markets().consolidated(static_cast<MarketId>(m));
        if (book.best_bid() == ConsolidatedBook::kNone || book.best_ask() == ConsolidatedBook::kNone)
            continue;
        const MarketDefinition& market = book.definition();
        const std::int64_t bid = book.quotes()[book.best_bid()].bid.units;
        const std::int64_t ask = book.quotes()[book.best_ask()].ask.units;
        const Int128 edge = ask > 0 ? (Int128{bid} - ask) * 100'000 / ask : Int128{0};
        json.begin_object();
        json.key("market").text(market.name);
        json.key("bid").text(format_scaled(bid, market.price_decimals));
        json.key("ask").text(format_scaled(ask, market.price_decimals));
        json.key("edge_bps").text(format_scaled(static_cast<std::int64_t>(edge), 1));
        json.end_object();
    }
    json.end_array();
}

// Orders of open packages that are not over.
void tell_legs(const RunParts& run, JsonWriter& json)
{
    const auto tell = [&](const OpenPackage& open, const char* part, const OrderIntent& intent,
                          Quantity filled, Timestamp since) {
        const Listing& listing = run.table.listing(intent.listing);
        const Instrument& instrument = run.table.instrument(listing.instrument);
        json.begin_object();
        json.key("package").integer(static_cast<std::uint64_t>(open.package.id));
        json.key("part").text(part);
        json.key("venue").text(run.table.label(listing.venue));
        json.key("symbol").text(plain_text(listing.symbol));
        json.key("side").text(name(intent.side));
        json.key("quantity").text(instrument.text(intent.quantity));
        json.key("price").text(instrument.text(intent.price));
        json.key("filled").text(instrument.text(filled));
        json.key("since").text(format_utc(since));
        json.end_object();
    };
    json.key("open_legs").begin_array();
    run.engine.executor().packages().for_each([&](const OpenPackage& open) {
        for (std::size_t i = 0; i < open.package.count; ++i) {
            const LegState& leg = open.legs[i];
            if (!leg.terminal())
                tell(open, name(open.package.legs[i].part), open.package.legs[i].intent, leg.order.filled(),
                     leg.sent);
        }
        for (const ClosingState& order : open.closing) {
            if (order.used)
                tell(open, order.hedge ? "hedge" : "close", order.intent, order.tracker.filled(), order.sent);
        }
    });
    json.end_array();
}

// How full each limit is that the configuration names.
void tell_limits(const RunParts& run, JsonWriter& json)
{
    const RiskLimits& limits = run.request.config.risk;
    const RiskGate& risk = run.engine.risk();
    const Timestamp now = run.driver.now();
    const auto tell = [&](const std::string& name, Amount used, Amount most) {
        json.begin_object();
        json.key("limit").text(name);
        json.key("used").text(used.text());
        json.key("most").text(most.text());
        json.key("reached").flag(used >= most);
        json.end_object();
    };
    json.key("limits").begin_array();
    if (limits.gross_max)
        tell(limit_name(RiskReason::gross_limit), risk.worst().gross(now), *limits.gross_max);
    for (std::size_t v = 0; limits.venue_max && v < run.table.venue_count(); ++v) {
        const auto id = static_cast<VenueId>(v);
        tell(fmt::format("{} {}", limit_name(RiskReason::venue_limit), run.table.label(id)),
             risk.worst().at(id, now), *limits.venue_max);
    }
    for (std::size_t m = 0; limits.instrument_max && m < run.engine.markets().market_count(); ++m) {
        const auto id = static_cast<MarketId>(m);
        tell(fmt::format("{} {}", limit_name(RiskReason::instrument_limit),
                         run.engine.markets().consolidated(id).definition().name),
             risk.worst().in(id, now), *limits.instrument_max);
    }
    if (limits.loss_day_max) {
        const Amount today = risk.day().today(now);
        tell(limit_name(RiskReason::loss_limit), std::max(Amount{}, -today), *limits.loss_day_max);
    }
    json.end_array();
}

void tell_balances(const RunParts& run, JsonWriter& json)
{
    json.key("balances").begin_array();
    for (const Account& account : run.engine.portfolio().accounts()) {
        json.begin_object();
        json.key("venue").text(run.table.label(account.venue));
        json.key("asset").text(plain_text(account.asset));
        json.key("amount").text(account.end().text());
        json.end_object();
    }
    json.end_array();
}

// Opportunities that were seen and not taken, by what held them back.
void tell_not_taken(const RunParts& run, JsonWriter& json)
{
    json.key("not_taken").begin_array();
    for (const WhyNotRow& row : why_not(run.engine.crossings().missed_so_far())) {
        json.begin_object();
        json.key("reason").text(row.reason);
        json.key("text").text(row.text);
        json.key("times").integer(row.missed.opportunities);
        json.key("edge").text(row.missed.quoted.text());
        json.end_object();
    }
    json.end_array();
}

}  // namespace

std::string status_json(const RunParts& run)
{
    JsonWriter json;
    json.begin_object();
    tell_run(run, json);
    tell_venues(run, json);
    tell_keys(run, json);
    tell_markets(run, json);
    tell_instruments(run, json);
    tell_exposure(run, json);
    tell_legs(run, json);
    tell_limits(run, json);
    tell_held(run, json);
    tell_not_taken(run, json);
    tell_transfers(run, json);
    tell_balances(run, json);
    json.key("flags").texts(run.figures.flags);
    json.end_object();
    return json.take();
}

std::string start_page(const std::vector<FetchVenue>& venues, const InstrumentTable& table,
                       const KeyRing* keys)
{
    std::string page;
    for (std::size_t v = 0; v < venues.size(); ++v) {
        const std::string label = venues[v].key.label();
        const auto listed = std::count_if(table.listings().begin(), table.listings().end(),
                                          [&](const Listing& l) { return index(l.venue) == v; });
        fmt::format_to(std::back_inserter(page), "  {:<14}{} instruments", label, listed);
        if (!venues[v].way.endpoint.empty())
            fmt::format_to(std::back_inserter(page), ", at {}", venues[v].way.endpoint);
        std::string held;
        if (keys != nullptr) {
            for (const auto& key : keys->keys()) {
                if (key->facts.venue != label) continue;
                held += fmt::format("{}{} key '{}'", held.empty() ? "" : ", ", name(key->facts.role),
                                    plain_text(key->facts.label));
            }
        }
        if (held.empty()) {
            page += ", market data only\n";
            continue;
        }
        VenueSetup setup;
        setup.id = static_cast<VenueId>(v);
        setup.table = &table;
        const TradingFeatures features = venues[v].type->make(setup)->trading_features();
        fmt::format_to(std::back_inserter(page), ", {}, orders by {}\n", held,
                       features.order_socket ? "websocket" : "REST");
        fmt::format_to(std::back_inserter(page), "  {:<14}dead-man switch: {}{}\n", "",
                       features.dead_man ? "" : "NONE: ", features.dead_man_note);
    }
    return page;
}

}  // namespace arb
