#include "engine/journal/tardis_row.hpp"

#include <fmt/format.h>

#include "engine/journal/csv_text.hpp"

namespace arb {
namespace {

constexpr std::string_view kColumns[] = {"exchange",    "symbol", "timestamp", "local_timestamp",
                                         "is_snapshot", "side",   "price",     "amount"};
enum Column { exchange, symbol, venue_time, local_time, is_snapshot, side, price, amount, column_count };

}  // namespace

std::string read_tardis_columns(std::string_view line, TardisColumns& out)
{
    std::vector<std::string_view> names;
    const std::string_view unsplit = split_cells(line, names);
    if (!unsplit.empty()) return std::string(unsplit);
    out.count = names.size();
    std::string missing;
    for (std::size_t i = 0; i < column_count; ++i) {
        const std::optional<std::size_t> place = find_column(names, kColumns[i]);
        if (place)
            out.at[i] = *place;
        else
            missing += (missing.empty() ? "" : ", ") + std::string(kColumns[i]);
    }
    if (missing.empty()) return {};
    return fmt::format("missing column: {}; needed is Tardis incremental_book_L2{}", missing,
                       header_hint(line, names));
}

std::string read_tardis_row(std::string_view line, const TardisColumns& columns,
                            std::vector<std::string_view>& cells, TardisRow& out)
{
    const std::string_view unsplit = split_cells(line, cells);
    if (!unsplit.empty()) return std::string(unsplit);
    if (cells.size() != columns.count) {
        return fmt::format("{} cells where the first line names {} columns", cells.size(), columns.count);
    }
    const auto cell = [&](Column column) { return cells[columns.at[column]]; };
    const auto bad = [&](Column column) {
        return fmt::format("column {}: '{}' cannot be read", kColumns[column], cell(column).substr(0, 40));
    };
    out.exchange = cell(exchange);
    out.symbol = cell(symbol);
    if (out.exchange.empty()) return bad(exchange);
    if (out.symbol.empty()) return bad(symbol);
    const std::optional<Timestamp> time = parse_epoch_number(cell(local_time), 1'000);
    if (!time || !plausible(*time)) return bad(local_time) + " as microseconds since 1970";
    out.time = *time;
    out.venue_time = {};
    if (!cell(venue_time).empty()) {
        const std::optional<Timestamp> told = parse_epoch_number(cell(venue_time), 1'000);
        if (!told) return bad(venue_time) + " as microseconds since 1970";
        if (plausible(*told)) out.venue_time = *told;
    }
    // pandas writes the words with a capital.
    out.snapshot = cell(is_snapshot) == "true" || cell(is_snapshot) == "True";
    if (!out.snapshot && cell(is_snapshot) != "false" && cell(is_snapshot) != "False")
        return bad(is_snapshot) + " (true or false)";
    out.bid = cell(side) == "bid";
    if (!out.bid && cell(side) != "ask") return bad(side) + " (bid or ask)";
    const std::optional<ExactNumber> read_price = parse_exact(cell(price));
    if (!read_price || read_price->mantissa <= 0) return bad(price);
    const std::optional<ExactNumber> read_amount = parse_exact(cell(amount));
    if (!read_amount || read_amount->mantissa < 0) return bad(amount);
    out.price = *read_price;
    out.amount = *read_amount;
    return {};
}

}  // namespace arb
