#include "engine/app/status_view.hpp"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>
#include <unistd.h>

#include "engine/report/utf8.hpp"

namespace arb {
namespace {

constexpr Duration kEvery = milliseconds(500);

std::string money(Amount amount)
{
    const std::string text = amount.text();
    const std::size_t point = text.find('.');
    return point == std::string::npos ? text : text.substr(0, std::min(text.size(), point + 5));
}

}  // namespace

StatusView::StatusView(bool quiet) : quiet_(quiet), terminal_(isatty(STDERR_FILENO) == 1) {}

void StatusView::line(std::string_view text)
{
    if (quiet_) return;
    if (terminal_ && drawn_ > 0) {
        last_ = text.substr(0, text.find('\n'));
        return;
    }
    const std::string time = format_utc(LiveClock().now()).substr(11, 12);
    fmt::print(stderr, "{} {}{}", time, text, text.ends_with('\n') ? "" : "\n");
}

std::string StatusView::page(const RunSession& session) const
{
    const RunFigures& f = session.figures();
    const Engine& engine = session.engine();
    std::string out = fmt::format(
        "arbiter  {}  {} s  {}\n", engine.live() != nullptr ? name(engine.live()->phase()) : "paper",
        (session.now() - session.begun()).ns / seconds(1).ns, engine.risk().paused() ? "PAUSED" : "");
    for (std::size_t v = 0; v < session.table().venue_count(); ++v) {
        const auto id = static_cast<VenueId>(v);
        std::size_t listed = 0, valid = 0;
        for (const Listing& listing : session.table().listings()) {
            if (listing.venue != id) continue;
            ++listed;
            valid += engine.markets().builder(listing.id).tradable();
        }
        fmt::format_to(std::back_inserter(out), "  {:<14} books {}/{}", session.table().label(id), valid,
                       listed);
        if (engine.live() != nullptr && engine.live()->venues().view(id).trading) {
            const VenueView view = engine.live()->venues().view(id);
            fmt::format_to(std::back_inserter(out), "  orders {}  stream {}  clock {:+} us{}{}",
                           view.order_entry ? "up" : "DOWN", view.private_stream ? "up" : "DOWN",
                           view.clock_offset.ns / 1000, view.why.empty() ? "" : "  ", view.why);
        }
        out += '\n';
    }
    for (const Listing& listing : session.table().listings()) {
        const std::string& why = engine.instruments().why(listing.id);
        if (!why.empty()) {
            fmt::format_to(std::back_inserter(out), "  {:<14} {}: no new risk: {}\n",
                           session.table().label(listing.venue), plain_text(listing.symbol), plain_text(why));
        }
    }
    for (std::size_t m = 0; m < engine.markets().market_count(); ++m) {
        const ConsolidatedBook& book = engine.markets().consolidated(static_cast<MarketId>(m));
        if (book.best_bid() == ConsolidatedBook::kNone || book.best_ask() == ConsolidatedBook::kNone)
            continue;
        const MarketDefinition& d = book.definition();
        const std::int64_t bid = book.quotes()[book.best_bid()].bid.units;
        const std::int64_t ask = book.quotes()[book.best_ask()].ask.units;
        const Int128 edge = ask > 0 ? (Int128{bid} - ask) * 100'000 / ask : Int128{0};
        fmt::format_to(std::back_inserter(out), "  {:<14} bid {}  ask {}  edge {} bps\n", d.name,
                       format_scaled(bid, d.price_decimals), format_scaled(ask, d.price_decimals),
                       format_scaled(static_cast<std::int64_t>(edge), 1));
    }
    const LatencyHistogram& latency = session.driver().latency();
    fmt::format_to(std::back_inserter(out),
                   "  packages {} ({} open, {} flagged)  orders {}  fills {}  realised {}\n"
                   "  frame to order: p50 {} us, p99 {} us over {}\n",
                   f.packages, engine.executor().open_count(), f.flagged, f.orders, f.fills,
                   money(f.waterfall.realised), latency.quantile(5000) / 1000, latency.quantile(9900) / 1000,
                   latency.count());
    return out;
}

void StatusView::show(const RunSession& session)
{
    if (quiet_ || !terminal_ || session.now() - shown_ < kEvery) return;
    shown_ = session.now();
    std::string text = page(session) + "  " + last_.substr(0, 100) + "\n";
    // Back to the first line of the view; each line is cleared before it is written.
    std::string out;
    if (drawn_ > 0) out = fmt::format("\x1b[{}A", drawn_);
    drawn_ = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
    for (const char c : text) {
        if (c == '\n') out += "\x1b[K";
        out += c;
    }
    fmt::print(stderr, "{}", out);
}

void StatusView::end()
{
    drawn_ = 0;
}

}  // namespace arb
