#include "engine/report/audit_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "engine/base/decimal.hpp"
#include "engine/base/money.hpp"
#include "engine/report/display.hpp"
#include "engine/report/json_writer.hpp"
#include "engine/report/text_table.hpp"
#include "engine/report/utf8.hpp"

namespace arb {
namespace {

constexpr std::size_t kAuditColumns = 140;

void price(JsonWriter& json, const char* name, const std::string& decimal)
{
    json.key(name);
    if (decimal.empty())
        json.null();
    else
        json.text(decimal);
}

void offset(JsonWriter& json, const char* name, bool known, std::int64_t ns)
{
    json.key(name);
    if (known)
        json.signed_integer(ns);
    else
        json.null();
}

void write_book(JsonWriter& json, const AuditBook& book)
{
    json.begin_object();
    json.key("venue").text(book.venue);
    json.key("market").text(book.market);
    json.key("instrument").text(book.instrument);
    json.key("symbol").text(book.symbol);
    json.key("frames").integer(book.frames);
    json.key("snapshots").integer(book.snapshots);
    json.key("deltas").integer(book.deltas);
    json.key("gaps").integer(book.gaps);
    json.key("resyncs").integer(book.resyncs);
    json.key("checksums_ok").integer(book.checksums_ok);
    json.key("checksums_bad").integer(book.checksums_bad);
    json.key("crossed").integer(book.crossed);
    json.key("locked").integer(book.locked);
    json.key("quotes").integer(book.quotes);
    json.key("trades").integer(book.trades);
    json.key("levels_bid").integer(book.levels_bid);
    json.key("levels_ask").integer(book.levels_ask);
    price(json, "best_bid", book.best_bid);
    price(json, "best_ask", book.best_ask);
    json.key("valid").flag(book.valid);
    json.key("state").text(book.state);
    json.key("book_hash").hash(book.book_hash);
    offset(json, "offset_min_ns", book.offset_known, book.offset_min_ns);
    offset(json, "offset_median_ns", book.offset_known, book.offset_median_ns);
    json.key("inferred").flag(book.inferred);
    json.key("recorded_ns").signed_integer(book.use.recorded.ns);
    json.key("usable_ns").signed_integer(book.use.usable.ns);
    json.key("unusable_ns").begin_object();
    for (const auto& [why, time] : book.use.unusable) json.key(name(why)).signed_integer(time.ns);
    json.end_object();
    json.key("left_out").integer(book.use.left_out);
    json.end_object();
}

void write_undecoded(JsonWriter& json, const AuditResult& result)
{
    // Two entries of one reason would be two members of one name, which JSON readers treat as they please.
    json.key("undecoded_by_reason").begin_object();
    for (std::size_t i = 0; i < result.undecoded_by_reason.size(); ++i) {
        const auto& [reason, number] = result.undecoded_by_reason[i];
        const auto same = [&reason = reason](const auto& other) { return other.first == reason; };
        const auto begin = result.undecoded_by_reason.begin();
        const auto here = begin + static_cast<std::ptrdiff_t>(i);
        if (std::find_if(begin, here, same) != here) continue;
        std::uint64_t total = 0;
        for (const auto& other : result.undecoded_by_reason) total += same(other) ? other.second : 0;
        json.key(reason).integer(total);
    }
    json.end_object();
}

/// A count of trouble: red unless zero.
Cell trouble(std::uint64_t value)
{
    return {display::count(value), value > 0 ? Tone::bad : Tone::none};
}

bool worth_telling(const AuditBook& book)
{
    return book.use.left_out > 0 || book.use.recorded.ns - book.use.usable.ns > book.use.recorded.ns / 1000;
}

std::string price_text(const std::string& decimal)
{
    return decimal.empty() ? "-" : display::grouped(decimal);
}

std::string offset_text(const AuditBook& book)
{
    if (!book.offset_known) return "-";
    const Amount milliseconds{Int128{book.offset_median_ns} * power_of_ten(kAmountDecimals - 6)};
    return display::money(milliseconds, 1);
}

std::string book_table(const AuditResult& result, bool colour)
{
    using Align = TextTable::Align;
    const auto any = [&](auto member) {
        return std::any_of(result.books.begin(), result.books.end(),
                           [&](const AuditBook& book) { return book.*member != 0; });
    };
    const bool checksums = any(&AuditBook::checksums_ok) || any(&AuditBook::checksums_bad);
    TextTable table;
    table.column("venue", Align::left).column("market", Align::left, 6).column("instrument", Align::left);
    table.column("symbol", Align::left, 7)
        .column("snapshots", Align::right, 2)
        .column("deltas", Align::right);
    table.column("gaps", Align::right).column("resyncs", Align::right, 1);
    if (checksums) table.column("sums ok", Align::right).column("bad", Align::right);
    table.column("crossed", Align::right).column("locked", Align::right, 8).column("trades", Align::right, 9);
    table.column("bids", Align::right, 4).column("asks", Align::right, 4);
    table.column("best bid", Align::right).column("best ask", Align::right);
    table.column("offset ms", Align::right, 3).column("state", Align::left);
    table.column("book hash", Align::left, 5);
    for (const AuditBook& book : result.books) {
        std::vector<Cell> cells{{book.venue},
                                {book.market},
                                {book.instrument + (book.inferred ? " *" : "")},
                                {book.symbol},
                                {display::count(book.snapshots)},
                                {display::count(book.deltas)},
                                trouble(book.gaps),
                                {display::count(book.resyncs)}};
        if (checksums) {
            cells.push_back({display::count(book.checksums_ok)});
            cells.push_back(trouble(book.checksums_bad));
        }
        const std::string state = !book.state.empty() ? book.state : book.valid ? "valid" : "invalid";
        cells.insert(cells.end(), {trouble(book.crossed),
                                   {display::count(book.locked)},
                                   {display::count(book.trades)},
                                   {display::count(book.levels_bid)},
                                   {display::count(book.levels_ask)},
                                   {price_text(book.best_bid)},
                                   {price_text(book.best_ask)},
                                   {offset_text(book)},
                                   {state, book.valid ? Tone::good : Tone::bad},
                                   {fmt::format("{:016x}", book.book_hash), Tone::dim}});
        table.row(std::move(cells));
    }
    return table.render(kTextIndent, kAuditColumns, colour);
}

std::string summary(const AuditResult& result, bool colour)
{
    const auto valid = static_cast<std::uint64_t>(
        std::count_if(result.books.begin(), result.books.end(), [](const AuditBook& b) { return b.valid; }));
    std::string out;
    for (const std::string& input : result.inputs) {
        out += painted("Audit ", Tone::bold, colour) +
               display::clipped(plain_text(input), kAuditColumns - 8) + "\n";
    }
    if (result.inputs.empty()) out += painted("Audit", Tone::bold, colour) + "\n";
    out +=
        fmt::format("  {} in {}, over {}; {} of {} valid at the end; {} undecoded\n",
                    display::counted(result.frames, "frame", "frames"),
                    display::counted(result.records, "record", "records"), display::duration(result.span_ns),
                    display::count(valid), display::counted(result.books.size(), "book", "books"),
                    display::count(result.undecoded));
    return out;
}

}  // namespace

std::string audit_json(const AuditResult& result)
{
    JsonWriter json(2);
    json.begin_object();
    json.key("inputs").texts(result.inputs);
    json.key("frames").integer(result.frames);
    json.key("records").integer(result.records);
    json.key("span_ns").signed_integer(result.span_ns);
    json.key("undecoded").integer(result.undecoded);
    write_undecoded(json, result);
    json.key("books").begin_array();
    for (const AuditBook& book : result.books) write_book(json, book);
    json.end_array();
    json.key("notes").texts(result.notes);
    json.end_object();
    return json.take();
}

std::string audit_text(const AuditResult& result, bool colour)
{
    std::string out = summary(result, colour) + "\n";
    out += result.books.empty() ? "  no book was found in the recordings\n" : book_table(result, colour);
    if (std::any_of(result.books.begin(), result.books.end(),
                    [](const AuditBook& b) { return b.inferred; })) {
        out += painted("  * decimals learnt from the data", Tone::dim, colour) + "\n";
    }
    if (std::any_of(result.books.begin(), result.books.end(),
                    [](const AuditBook& b) { return b.offset_known; })) {
        out += painted("  offset: receive time less venue time, median", Tone::dim, colour) + "\n";
    }
    if (!result.undecoded_by_reason.empty()) {
        out += "\n" + painted("Undecoded, by reason", Tone::bold, colour) + "\n";
        TextTable reasons;
        reasons.column("number", TextTable::Align::right).column("reason", TextTable::Align::left);
        for (const auto& [reason, number] : result.undecoded_by_reason)
            reasons.row({{display::count(number)}, {reason}});
        out += reasons.render(kTextIndent, kAuditColumns, colour);
    }
    if (std::any_of(result.books.begin(), result.books.end(), worth_telling)) {
        out += "\n" + painted("Not usable all the time", Tone::bold, colour) + "\n";
        for (const AuditBook& book : result.books) {
            if (worth_telling(book))
                out += "  " + display::clipped(plain_text(book.use.text()), kAuditColumns - 2) + "\n";
        }
    }
    if (!result.notes.empty()) {
        out += "\n" + painted("Notes", Tone::bold, colour) + "\n";
        for (const std::string& note : result.notes) out += "  " + plain_text(note) + "\n";
    }
    return out;
}

}  // namespace arb
