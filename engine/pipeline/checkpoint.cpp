#include "engine/pipeline/checkpoint.hpp"

#include "engine/pipeline/open_package_lines.hpp"

namespace arb {
namespace {

void write_runs(const CheckpointParts& parts, const LineVisit& write)
{
    const std::uint32_t epoch = parts.records.epoch();
    write(LineWriter("epoch").number(epoch).view());
    for (const std::uint32_t ran : parts.desk.epochs().all()) {
        if (ran != epoch) write(LineWriter("ran").number(ran).view());
    }
    for (const std::uint32_t taken : parts.strangers.runs().all_taken())
        write(LineWriter("taken").number(taken).view());
}

void write_open_packages(const CheckpointParts& parts, const std::function<void(const LineVisit&)>& log,
                         const LineVisit& write)
{
    OpenPackageLines open;
    parts.executor.for_each_open([&](const PackageExecutor::View& view) { open.add(view.package.id); });
    if (open.empty()) return;
    std::string kept;
    log([&](std::string_view line) {
        if (open.keep(line, kept)) write(kept);
    });
}

void write_exposure(const CheckpointParts& parts, const LineVisit& write)
{
    const ExposureBook& exposure = parts.context.exposure;
    for (std::size_t m = 0; m < exposure.market_count(); ++m) {
        const auto market = static_cast<MarketId>(m);
        for (std::size_t c = 0; c < static_cast<std::size_t>(ExposureCause::count_); ++c) {
            const auto cause = static_cast<ExposureCause>(c);
            const ExposureLine& line = exposure.line(market, cause);
            if (!line.empty()) write(parts.records.lines().exposure(market, cause, line).view());
        }
    }
    for (const HeldPosition& held : parts.context.held.all()) write(parts.records.lines().held(held).view());
}

}  // namespace

void write_checkpoint(const CheckpointParts& parts, const std::function<void(const LineVisit&)>& log,
                      const LineVisit& write)
{
    const StateLines& lines = parts.records.lines();
    write_runs(parts, write);
    for (const Account& account : parts.context.portfolio.accounts()) write(lines.account(account).view());
    for (const AnnouncedTransfers::Transfer& transfer : parts.owners.transfers().open())
        write(lines.transfer(transfer).view());
    LineWriter day("day");
    write(day.signed_number(parts.context.risk.day().number()).amount(parts.context.risk.day().realised()).view());
    parts.flags.for_each_line(write);
    // Before the packages' own lines, which say more of their orders.
    parts.desk.ended().for_each([&](OrderId order, std::string_view venue_id) {
        write(LineWriter("over").number(static_cast<std::uint64_t>(order)).field(venue_id).view());
    });
    write_open_packages(parts, log, write);
    // Behind the packages, whose `closing` lines take a market's lines of their time.
    write_exposure(parts, write);
    // Behind the packages' own fills, which say whose they are.
    parts.desk.fills().trades().for_each([&](const TradeMemory::Trade& trade) {
        if (trade.venue == kNoVenue) write(LineWriter("trade").hex(trade.key).view());
    });
    for (std::size_t v = 0; v < parts.venues.count(); ++v) {
        const auto id = static_cast<VenueId>(v);
        parts.watermarks.write(id, write);
        // Last: with it the account lines count.
        if (parts.venues.of(id).adopted) write(LineWriter("adopted").field(parts.records.label(id)).view());
    }
}

}  // namespace arb
