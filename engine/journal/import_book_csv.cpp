// Tables of whole books, one row a moment: columns timestamp, b1..bN with bv1..bvN (bids, best first, and
// their quantities) and a1..aM with av1..avM, in any order; other columns are ignored. An empty cell or a
// NaN, as pandas writes a missing value, or a quantity of zero, is no level. One file is one instrument at
// one venue; both are named on the command line.
#include <algorithm>

#include <fmt/format.h>

#include "engine/base/digit.hpp"

#include "engine/journal/csv_text.hpp"
#include "engine/journal/import_run.hpp"

namespace arb {
namespace {

constexpr std::size_t kDepthMax = 10'000;

struct LevelColumns {
    std::size_t price = 0, quantity = 0;
};

/// Where the columns stand in one file.
struct BookColumns {
    std::size_t count = 0;
    std::size_t time = 0;
    std::vector<LevelColumns> bids, asks;
};

struct ExactLevel {
    ExactNumber price, quantity;
};

struct BookRow {
    Timestamp time;
    std::vector<ExactLevel> bids, asks;
    std::uint64_t halves = 0;  ///< levels of which one cell alone has a value
};

/// The 12 of "b12" and "bv12" where the side is 'b'; 0: no name of a level.
std::size_t level_of(std::string_view name, char side)
{
    if (!name.starts_with(side)) return 0;
    name.remove_prefix(1);
    if (name.starts_with('v')) name.remove_prefix(1);
    if (name.empty() || name.size() > 5 || !std::all_of(name.begin(), name.end(), is_digit)) return 0;
    return static_cast<std::size_t>(*parse_count(name));
}

/// b1, bv1, b2, bv2, ... up to the highest number that occurs. Returns the name of one that is missing, or
/// nothing.
std::string find_levels(const std::vector<std::string_view>& names, char side, std::vector<LevelColumns>& out)
{
    std::size_t levels = 1;
    for (const std::string_view name : names) levels = std::max(levels, level_of(name, side));
    for (std::size_t level = 1; level <= std::min(levels, kDepthMax); ++level) {
        const std::string price_name = fmt::format("{}{}", side, level);
        const std::string quantity_name = fmt::format("{}v{}", side, level);
        const std::optional<std::size_t> price = find_column(names, price_name);
        const std::optional<std::size_t> quantity = find_column(names, quantity_name);
        if (!price) return price_name;
        if (!quantity) return quantity_name;
        out.push_back({*price, *quantity});
    }
    return {};
}

/// Returns what is wrong, or nothing.
std::string read_columns(std::string_view line, BookColumns& out)
{
    out = {};
    std::vector<std::string_view> names;
    const std::string_view unsplit = split_cells(line, names);
    if (!unsplit.empty()) return std::string(unsplit);
    out.count = names.size();
    std::string missing;
    const auto lacks = [&missing](const std::string& name) {
        if (!name.empty()) missing += (missing.empty() ? "" : ", ") + name;
    };
    const std::optional<std::size_t> time = find_column(names, "timestamp");
    if (!time) lacks("timestamp");
    lacks(find_levels(names, 'b', out.bids));
    lacks(find_levels(names, 'a', out.asks));
    if (!missing.empty()) {
        return fmt::format("missing column: {}; needed are timestamp, b1..bN, bv1..bvN, a1..aN, av1..avN{}",
                           missing, header_hint(line, names));
    }
    out.time = *time;
    return {};
}

/// An empty cell, or what pandas writes for one.
bool no_value(std::string_view cell)
{
    return cell.empty() || cell == "NaN" || cell == "nan" || cell == "NAN";
}

std::string read_side(const std::vector<std::string_view>& cells, const std::vector<LevelColumns>& columns,
                      std::vector<ExactLevel>& out, std::uint64_t& halves)
{
    out.clear();
    for (const LevelColumns& column : columns) {
        const std::string_view price_text = cells[column.price];
        const std::string_view quantity_text = cells[column.quantity];
        if (no_value(price_text) || no_value(quantity_text)) {
            halves += no_value(price_text) != no_value(quantity_text) ? 1 : 0;
            continue;
        }
        const std::optional<ExactNumber> price = parse_exact(price_text);
        const std::optional<ExactNumber> quantity = parse_exact(quantity_text);
        if (!price || price->mantissa <= 0) {
            return fmt::format("column {}: '{}' is no price", column.price + 1, price_text.substr(0, 40));
        }
        if (!quantity || quantity->mantissa < 0) {
            return fmt::format("column {}: '{}' is no quantity", column.quantity + 1,
                               quantity_text.substr(0, 40));
        }
        if (quantity->mantissa > 0) out.push_back({*price, *quantity});
    }
    return {};
}

/// Whether a date and time ends with a zone that is not UTC.
bool other_zone(std::string_view text)
{
    const std::size_t sign = text.find_last_of("+-");
    return text.size() > 10 && text[4] == '-' && sign != std::string_view::npos && sign > 10;
}

/// One row by these columns. Returns what is wrong, or nothing.
std::string read_row(std::string_view line, const BookColumns& columns, std::vector<std::string_view>& cells,
                     BookRow& out)
{
    const std::string_view unsplit = split_cells(line, cells);
    if (!unsplit.empty()) return std::string(unsplit);
    if (cells.size() != columns.count) {
        return fmt::format("{} cells where the first line names {} columns", cells.size(), columns.count);
    }
    const std::string_view time_text = cells[columns.time];
    const std::optional<Timestamp> time = parse_time(time_text);
    if (!time || !plausible(*time)) {
        return fmt::format("column {}: '{}' is no time (YYYY-MM-DD HH:MM:SS in UTC, or a count since 1970){}",
                           columns.time + 1, time_text.substr(0, 40),
                           other_zone(time_text) ? ": it is in another zone than UTC" : "");
    }
    out.time = *time;
    out.halves = 0;
    std::string problem = read_side(cells, columns.bids, out.bids, out.halves);
    if (problem.empty()) problem = read_side(cells, columns.asks, out.asks, out.halves);
    return problem;
}

/// Counts of the definition's steps. False: a price is off them, or a number is too large.
bool scale(const std::vector<ExactLevel>& levels, const ListingDefinition& definition,
           std::vector<RecordedLevel>& out)
{
    out.clear();
    for (const ExactLevel& level : levels) {
        const std::optional<std::int64_t> price = level.price.scaled(definition.tick.decimals());
        const std::optional<std::int64_t> quantity = level.quantity.cut(definition.lot.decimals());
        if (!price || !quantity) return false;
        if (*quantity > 0) out.push_back({*price, *quantity});
    }
    return true;
}

class BookSource : public RecordSource {
  public:
    BookSource(LineSource lines, std::uint64_t lines_good, const ListingDefinition& definition)
        : lines_(std::move(lines)), lines_good_(lines_good), definition_(definition)
    {
    }

    bool next() override
    {
        std::string_view text;
        while (lines_.line() < lines_good_ && lines_.next(text)) {
            line_ = lines_.line();
            std::string problem;
            if (line_ == 1) {
                problem = read_columns(text, columns_);
            } else if (!text.empty()) {
                problem = read_row(text, columns_, cells_, row_);
                if (problem.empty() &&
                    (!scale(row_.bids, definition_, bids_) || !scale(row_.asks, definition_, asks_))) {
                    problem = fmt::format(
                        "a price is off the tick of {}, or a number is too large (tick {}, lot {})",
                        definition_.symbol, definition_.tick.text(), definition_.lot.text());
                }
                time_ = row_.time;
                if (problem.empty()) return true;
            }
            if (!problem.empty()) {
                error_ = lines_.at(problem);
                return false;
            }
        }
        if (lines_.trouble()) error_ = lines_.trouble();
        return false;
    }

    void write(JournalWriter& out) override { out.book(VenueId{}, 0, time_, true, bids_, asks_); }
    std::uint64_t bytes_read() const override { return lines_.bytes_read(); }

  private:
    LineSource lines_;
    std::uint64_t lines_good_;
    const ListingDefinition& definition_;
    BookColumns columns_;
    std::vector<std::string_view> cells_;
    BookRow row_;
    std::vector<RecordedLevel> bids_, asks_;
};

class BookCsvImporter : public Importer {
  public:
    BookCsvImporter(const ImportContext& context, VenueKey key, ListingDefinition definition, StepsSeen steps)
        : context_(context),
          key_(std::move(key)),
          definition_(std::move(definition)),
          steps_(std::move(steps))
    {
    }

    std::optional<Error> scan(std::size_t, const LineSource& lines, std::string_view text) override
    {
        std::string problem;
        if (lines.line() == 1) {
            last_ = {};
            problem = read_columns(text, columns_);
        } else if (!text.empty()) {
            problem = read_row(text, columns_, cells_, row_);
            if (problem.empty() && row_.time < last_) problem = backwards_text(row_.time, last_);
        }
        if (!problem.empty()) return lines.at(problem);
        if (lines.line() == 1 || text.empty()) return std::nullopt;
        last_ = row_.time;
        context_.notes.add("level with a price and no quantity, or the other way round, left out",
                           row_.halves);
        for (const std::vector<ExactLevel>* side : {&row_.bids, &row_.asks}) {
            for (const ExactLevel& level : *side) {
                steps_.see(level.price, level.quantity, lines);
            }
        }
        return std::nullopt;
    }

    std::optional<Error> scan_end(std::size_t, bool, std::uint64_t&) override { return std::nullopt; }

    Result<std::vector<InstrumentTable::VenueListings>> venues() override
    {
        const std::optional<Error> error = settle_steps(steps_, key_, definition_, context_.notes);
        if (error) return *error;
        return std::vector<InstrumentTable::VenueListings>{{key_, {definition_}}};
    }

    Result<std::vector<std::unique_ptr<RecordSource>>> sources(std::size_t input,
                                                               std::uint64_t lines_good) override
    {
        Result<LineSource> lines = LineSource::open(context_.request.inputs[input]);
        if (!lines) return lines.error();
        std::vector<std::unique_ptr<RecordSource>> result;
        result.push_back(std::make_unique<BookSource>(std::move(*lines), lines_good, definition_));
        return result;
    }

  private:
    ImportContext context_;
    VenueKey key_;
    ListingDefinition definition_;
    BookColumns columns_;
    std::vector<std::string_view> cells_;
    BookRow row_;
    Timestamp last_;
    StepsSeen steps_;
};

/// BASE/QUOTE, BASE/QUOTE:PERP or BASE/QUOTE:yymmdd.
std::optional<ListingDefinition> read_instrument(std::string_view name)
{
    const std::size_t slash = name.find('/');
    if (slash == std::string_view::npos || slash == 0) return std::nullopt;
    ListingDefinition result;
    result.base = name.substr(0, slash);
    const std::string_view rest = name.substr(slash + 1);
    const std::size_t colon = rest.find(':');
    result.quote = rest.substr(0, colon);
    if (result.quote.empty() || name.find_first_of(" \t,") != std::string_view::npos) return std::nullopt;
    if (colon != std::string_view::npos) {
        const std::string_view contract = rest.substr(colon + 1);
        result.kind = contract == "PERP" ? InstrumentKind::perpetual : InstrumentKind::future;
        if (contract.empty()) return std::nullopt;
        if (result.kind == InstrumentKind::future) result.expiry = contract;
    }
    result.symbol = name;
    return result;
}

}  // namespace

Result<std::unique_ptr<Importer>> make_book_csv_importer(const ImportContext& context)
{
    const ImportRequest& request = context.request;
    if (request.venue.empty() || request.instrument.empty()) {
        return Error{ExitCode::usage,
                     "import --from book-csv needs --venue and --instrument, for example "
                     "--venue huobi --instrument LINK/USDT"};
    }
    std::optional<ListingDefinition> definition = read_instrument(request.instrument);
    if (!definition) {
        return Error{
            ExitCode::usage,
            fmt::format("--instrument '{}': write BASE/QUOTE, for example LINK/USDT", request.instrument)};
    }
    const VenueKey key{request.venue, request.market.empty() ? "spot" : request.market};
    definition->market = key.market;
    const ListingDefinition* given = find_given(request, key, request.instrument);
    StepsSeen steps;
    if (given != nullptr) {
        definition = *given;
        steps = StepsSeen(*given);
    }
    return std::unique_ptr<Importer>(
        std::make_unique<BookCsvImporter>(context, key, std::move(*definition), std::move(steps)));
}

}  // namespace arb
