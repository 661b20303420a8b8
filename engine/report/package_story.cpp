#include "engine/report/package_story.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "engine/report/display.hpp"
#include "engine/report/ledger_sentences.hpp"
#include "engine/report/text_table.hpp"
#include "engine/report/utf8.hpp"

namespace arb {
namespace {

using ledger::FillRow;
using ledger::OrderRow;

using PackageKey = std::pair<std::uint32_t, std::uint64_t>;  // run and number

struct StoryRows {
    std::vector<ledger::PackageRow> packages;
    std::vector<OrderRow> orders;
    std::vector<FillRow> fills;
};

std::string words_of(std::string_view text)
{
    return display::clipped(plain_text(text), 48);
}

/// The asset behind the slash of "BTC/USDT:PERP".
std::string quote_of(std::string_view instrument)
{
    const std::size_t slash = instrument.find('/');
    if (slash == std::string_view::npos) return {};
    const std::string_view quote = instrument.substr(slash + 1);
    return words_of(quote.substr(0, quote.find(':')));
}

std::string since(Timestamp decided, Timestamp time)
{
    if (!time.known() || !decided.known()) return "?";
    return fmt::format("{}{}", time < decided ? "-" : "+",
                       ledger::milliseconds_words(std::abs((time - decided).ns)));
}

/// Of which packages the name tells something, and the rows of those packages.
std::optional<Error> collect(LedgerReader& reader, LedgerRuns runs, std::string_view what, StoryRows& out)
{
    std::set<PackageKey> wanted;
    auto error = reader.packages(runs, [&](const ledger::PackageRow& row) {
        if (std::to_string(row.package) == what) wanted.insert({row.epoch, row.package});
    });
    if (error) return error;
    error = reader.orders(runs, [&](const OrderRow& row) {
        if (row.client_id.view() == what || row.venue_order_id.view() == what)
            wanted.insert({row.epoch, row.package});
    });
    if (error) return error;
    std::set<std::uint64_t> orders;  // a late fill names its order alone
    error = reader.fills(runs, [&](const FillRow& row) {
        if (row.trade_id.view() != what) return;
        if (row.package != 0) wanted.insert({row.epoch, row.package});
        orders.insert(row.order);
    });
    if (error) return error;
    error = reader.orders(runs, [&](const OrderRow& row) {
        if (orders.count(row.order) > 0) wanted.insert({row.epoch, row.package});
    });
    if (error) return error;
    const auto is_wanted = [&](const auto& row) { return wanted.count({row.epoch, row.package}) > 0; };
    orders.clear();
    error = reader.orders(runs, [&](const OrderRow& row) {
        if (!is_wanted(row)) return;
        out.orders.push_back(row);
        orders.insert(row.order);
    });
    if (error) return error;
    error = reader.packages(runs, [&](const ledger::PackageRow& row) {
        if (is_wanted(row)) out.packages.push_back(row);
    });
    if (error) return error;
    return reader.fills(runs, [&](const FillRow& row) {
        if (is_wanted(row) || orders.count(row.order) > 0) out.fills.push_back(row);
    });
}

std::string head_of(const ledger::PackageRow& row, bool colour)
{
    std::string text = painted(fmt::format("Package {} of run {}: {} by {}", row.package, row.epoch,
                                           words_of(row.instrument.view()), words_of(row.strategy.view())),
                               Tone::bold, colour) +
                       "\n";
    if (!row.buy_venue.empty() || !row.sell_venue.empty()) {
        text += fmt::format("  {} to be bought at {} and sold at {}\n", words_of(row.quantity.view()),
                            words_of(row.buy_venue.view()), words_of(row.sell_venue.view()));
    } else {
        text += fmt::format("  {} to be closed\n", words_of(row.quantity.view()));
    }
    text += fmt::format("  decided {}\n", display::moment(row.decided));
    const bool flagged = row.outcome.view() == "flagged";
    if (!row.finished.known()) return text + "  " + painted("it is open", Tone::warn, colour) + "\n";
    text += "  " + painted(fmt::format("ended {} after {}", words_of(row.outcome.view()),
                                       display::duration((row.finished - row.decided).ns)),
                           flagged ? Tone::bad : Tone::none, colour);
    if (row.unhedged_ns > 0)
        text += fmt::format(", {} of it with one leg alone", display::duration(row.unhedged_ns));
    if (!row.detail.empty()) text += ": " + display::clipped(plain_text(row.detail.view()), 96);
    return text + "\n";
}

std::string edge_of(const ledger::PackageRow& row, bool colour)
{
    const Waterfall& w = row.waterfall;
    const unsigned decimals = ledger::decimals_of(w);
    const std::string title = fmt::format("Where the edge went, in {}", quote_of(row.instrument.view()));
    std::string text = "\n" + painted(title, Tone::bold, colour) + "\n";
    if (!row.finished.known()) return text + "  known when it has ended\n";
    TextTable table;
    table.column("part", TextTable::Align::left).column("amount", TextTable::Align::right);
    table.column("what it is", TextTable::Align::prose);
    const auto part = [&](const char* name, Amount amount, const char* what, Tone tone = Tone::none) {
        table.row({{name}, {display::signed_money(amount, decimals), tone}, {what}});
    };
    part("quoted", w.quoted, "best bid less best ask, on the whole quantity, when it was decided");
    part("depth", w.depth, "the books beyond their best levels");
    part("fees", w.fees, "all fees, of closing included");
    part("latency", w.latency, "how the prices changed until the orders arrived");
    part("unwind", w.unwind, "closing what was left over");
    part("realised", w.realised, "the sum", w.realised.units < 0 ? Tone::bad : Tone::good);
    return text + table.render(kTextIndent, kTextColumns, colour);
}

struct Happening {
    Timestamp time;
    std::vector<Cell> cells;
};

std::string fee_words(const FillRow& fill)
{
    return fmt::format("{} {}, fee {} {}", words_of(fill.purpose.view()), fill.maker ? "maker" : "taker",
                       display::exact(fill.fee), words_of(fill.fee_asset.view()));
}

std::string path_of(const ledger::PackageRow& package, const StoryRows& rows, bool colour)
{
    std::vector<Happening> all;
    std::set<std::uint64_t> orders;
    const auto tell = [&](Timestamp time, const auto& row, const char* what, Tone tone,
                          std::string_view quantity, std::string more, std::string_view id) {
        all.push_back({time,
                       {{since(package.decided, time), Tone::dim},
                        {words_of(row.venue.view())},
                        {what, tone},
                        {row.side == Side::buy ? "buy" : "sell"},
                        {words_of(quantity)},
                        {words_of(row.price.view())},
                        {std::move(more)},
                        {words_of(id)}}});
    };
    for (const OrderRow& order : rows.orders) {
        if (order.package != package.package || order.epoch != package.epoch) continue;
        orders.insert(order.order);
        tell(order.sent, order, "order", Tone::bold, order.quantity.view(),
             fmt::format("{} {}", words_of(order.purpose.view()), words_of(order.tif.view())),
             order.client_id.view());
        const bool unknown = order.state.view() == "unknown";
        if (!order.done.known() && !unknown) continue;
        std::string more = order.reason.empty() ? "" : words_of(order.reason.view());
        tell(order.done.known() ? order.done : order.sent, order, unknown ? "unknown" : "end",
             unknown ? Tone::bad : Tone::none, order.filled.view(),
             words_of(order.state.view()) + (more.empty() ? "" : ": " + more), order.venue_order_id.view());
    }
    for (const FillRow& fill : rows.fills) {
        const bool ours = fill.package == package.package && fill.epoch == package.epoch;
        if (!ours && (fill.package != 0 || orders.count(fill.order) == 0)) continue;
        tell(fill.time, fill, ours ? "fill" : "late fill", ours ? Tone::good : Tone::warn,
             fill.quantity.view(), fee_words(fill), fill.trade_id.view());
    }
    std::stable_sort(all.begin(), all.end(),
                     [](const Happening& a, const Happening& b) { return a.time < b.time; });
    std::string text = "\n" + painted("What happened", Tone::bold, colour) + "\n";
    if (all.empty()) return text + "  no order was sent\n";
    TextTable table;
    table.column("after", TextTable::Align::right)
        .column("venue", TextTable::Align::left)
        .column("what", TextTable::Align::left);
    table.column("side", TextTable::Align::left)
        .column("quantity", TextTable::Align::right)
        .column("price", TextTable::Align::right);
    table.column("how", TextTable::Align::left, 2).column("id", TextTable::Align::left, 1);
    for (Happening& one : all) table.row(std::move(one.cells));
    return text + table.render(kTextIndent, 140, colour);
}

}  // namespace

Result<std::string> package_story(LedgerReader& reader, LedgerRuns runs, std::string_view what, bool colour)
{
    StoryRows rows;
    if (const auto error = collect(reader, runs, what, rows)) return *error;
    if (rows.packages.empty()) {
        return Error{
            ExitCode::usage,
            fmt::format("there is no package, order or trade '{}' in these runs; a package's number, "
                        "an order's id and a trade's id stand in `arbiter report` and its exports",
                        words_of(what))};
    }
    std::string text;
    for (const ledger::PackageRow& row : rows.packages) {
        if (!text.empty()) text += "\n";
        text += head_of(row, colour) + edge_of(row, colour) + path_of(row, rows, colour);
    }
    return text;
}

}  // namespace arb
