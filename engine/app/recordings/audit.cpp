#include "engine/app/recordings/audit.hpp"

#include <algorithm>

#include "engine/sim/book_use.hpp"

namespace arb {
namespace {

void add_offsets(AuditBook& row, std::vector<std::int64_t>& offsets)
{
    if (offsets.empty()) return;
    const auto middle = offsets.begin() + static_cast<std::ptrdiff_t>(offsets.size() / 2);
    std::nth_element(offsets.begin(), middle, offsets.end());
    row.offset_known = true;
    row.offset_median_ns = *middle;
    row.offset_min_ns = *std::min_element(offsets.begin(), offsets.end());
}

AuditBook book_row(const Engine& engine, const Listing& listing, std::vector<std::int64_t>& offsets)
{
    const InstrumentTable& table = engine.markets().table();
    const Instrument& instrument = table.instrument(listing.instrument);
    const BookBuilder& builder = engine.markets().builder(listing.id);
    const BookStats& stats = builder.stats();
    AuditBook row;
    row.venue = table.venue(listing.venue).exchange;
    row.market = listing.market;
    row.instrument = instrument.name;
    row.symbol = listing.symbol;
    row.frames = engine.intake().facts(listing.id).frames;
    row.quotes = engine.intake().facts(listing.id).quotes;
    row.trades = engine.intake().facts(listing.id).trades;
    row.snapshots = stats.snapshots;
    row.deltas = stats.deltas;
    row.gaps = stats.gaps;
    row.resyncs = stats.resyncs;
    row.checksums_ok = stats.checksums_ok;
    row.checksums_bad = stats.checksums_bad;
    row.crossed = stats.crossed;
    row.locked = stats.locked;
    const OrderBook& book = builder.book();
    row.levels_bid = book.bids().size();
    row.levels_ask = book.asks().size();
    if (!book.bids().empty()) row.best_bid = instrument.text(book.bids().best().price);
    if (!book.asks().empty()) row.best_ask = instrument.text(book.asks().best().price);
    row.valid = builder.state() == BookState::valid;
    row.state = name(builder.state());
    row.book_hash = book.hash();
    row.inferred = listing.inferred;
    add_offsets(row, offsets);
    return row;
}

}  // namespace

AuditOutcome run_audit(const std::vector<std::string>& recordings, const Plugins& plugins,
                       const std::function<void(std::uint64_t, std::uint64_t, std::uint64_t)>& progress)
{
    SessionRequest request;
    request.recordings = recordings;
    request.plugins = plugins;
    request.trading = false;
    Session session(std::move(request));
    const InstrumentTable& table = session.inputs().table();
    std::vector<std::vector<std::int64_t>> offsets(table.listings().size());
    session.engine().set_clock_listener(&offsets);
    std::uint64_t steps = 0;
    while (session.step()) {
        if ((++steps & 0x3fff) == 0) {
            progress(session.inputs().bytes_read(), session.inputs().bytes_total(), session.events());
        }
    }
    session.finish();
    AuditOutcome outcome;
    AuditResult& result = outcome.result;
    result.inputs = recordings;
    for (std::size_t v = 0; v < table.venue_count(); ++v)
        result.frames += session.frames(static_cast<VenueId>(v));
    result.records = session.inputs().records();
    result.span_ns = (session.now() - session.begin()).ns;
    result.undecoded = session.engine().intake().undecoded_total();
    for (std::size_t r = 0; r < static_cast<std::size_t>(UndecodedReason::count_); ++r) {
        const auto reason = static_cast<UndecodedReason>(r);
        const std::uint64_t count = session.engine().intake().undecoded(reason);
        if (count != 0) result.undecoded_by_reason.emplace_back(name(reason), count);
    }
    for (const Listing& listing : table.listings()) {
        result.books.push_back(book_row(session.engine(), listing, offsets[index(listing.id)]));
        result.books.back().use = use_of(session, listing);
    }
    outcome.troubles = session.inputs().troubles();
    for (const Error& trouble : outcome.troubles) result.notes.push_back(trouble.message);
    return outcome;
}

}  // namespace arb
