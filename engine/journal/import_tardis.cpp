// Tardis `incremental_book_L2` CSV: exchange,symbol,timestamp,local_timestamp,is_snapshot,side,price,amount;
// both times in microseconds, sorted by local_timestamp, an amount of 0 removes the level. Rows of one symbol
// with the same two times come from one message of the exchange and become one record. A message of snapshot
// rows is a whole book and replaces the one before: exchanges that send nothing but whole books have
// is_snapshot true in every row. Rows before the first snapshot are not usable.
#include <algorithm>
#include <deque>
#include <map>

#include <fmt/format.h>

#include "engine/journal/csv_text.hpp"
#include "engine/journal/format.hpp"
#include "engine/journal/import_run.hpp"
#include "engine/journal/tardis_row.hpp"

namespace arb {
namespace {

/// Levels that one moment may bring; a hostile file must not fill the memory.
constexpr std::size_t kLevelsMax = 1'000'000;
/// Moments that are remembered: so far back it is found where a row belongs that stands too late.
constexpr std::size_t kMomentsMax = 1024;

/// One symbol of one exchange, as the first pass finds it.
struct TardisListing {
    std::size_t venue = 0;
    std::uint16_t place = 0;
    ListingDefinition definition;
    StepsSeen steps;
    bool begun = false;  ///< its first snapshot was seen (in this file)
};

using ListingKey = std::pair<std::string, std::string>;
using ListingMap = std::map<ListingKey, TardisListing>;

/// Finds a row's listing; neighbouring rows mostly share it.
class ListingFinder {
  public:
    TardisListing* find(ListingMap& map, const TardisRow& row)
    {
        if (last_ == nullptr || key_.first != row.exchange || key_.second != row.symbol) {
            key_ = {std::string(row.exchange), std::string(row.symbol)};
            const auto found = map.find(key_);
            last_ = found == map.end() ? nullptr : &found->second;
        }
        return last_;
    }

  private:
    ListingKey key_;
    TardisListing* last_ = nullptr;
};

class TardisSource : public RecordSource {
  public:
    TardisSource(LineSource lines, std::uint64_t lines_good, ListingMap& listings)
        : lines_(std::move(lines)), lines_good_(lines_good), listings_(listings)
    {
    }

    bool next() override
    {
        if (!ready_.empty()) ready_.pop_front();
        while (ready_.empty() && !error_) {
            if (!read_moment()) break;
        }
        if (ready_.empty()) return false;
        time_ = ready_.front().time;
        line_ = ready_.front().line;
        return true;
    }

    void write(JournalWriter& out) override
    {
        const Group& group = ready_.front();
        out.book(static_cast<VenueId>(group.listing->venue), group.listing->place, time_, group.snapshot,
                 group.bids, group.asks, group.venue_time);
    }

    std::uint64_t bytes_read() const override { return lines_.bytes_read(); }

  private:
    /// Rows of one listing at one moment that became one record.
    struct Group {
        const TardisListing* listing = nullptr;
        Timestamp time, venue_time;
        std::uint64_t line = 0;
        bool snapshot = false;
        std::vector<RecordedLevel> bids, asks;
    };

    bool fail(std::string_view what)
    {
        error_ = lines_.at(what);
        return false;
    }

    /// The next row into row_; false at the end or on trouble.
    bool read_one()
    {
        std::string_view text;
        while (lines_.line() < lines_good_ && lines_.next(text)) {
            if (lines_.line() == 1) {
                read_tardis_columns(text, columns_);
                continue;
            }
            if (text.empty()) continue;
            const std::string problem = read_tardis_row(text, columns_, cells_, row_);
            return problem.empty() ? true : fail(problem);
        }
        if (lines_.trouble()) error_ = lines_.trouble();
        return false;
    }

    /// All rows of one local_timestamp; the row behind them stays in row_ (as text of the line source it
    /// stays good, since the next line is asked for only after it was taken).
    bool read_moment()
    {
        if (!has_row_ && !(has_row_ = read_one())) return false;
        const Timestamp moment = row_.time;
        std::size_t levels = 0;
        do {
            if (++levels > kLevelsMax) return fail("more than a million rows of one local_timestamp");
            if (!take_row()) return false;
            has_row_ = read_one();
        } while (has_row_ && row_.time == moment);
        // Rows of a moment that was cut short by trouble are not the whole message: the book must not see
        // them.
        if (error_) ready_.clear();
        return !error_;
    }

    bool take_row()
    {
        const TardisListing* listing = finder_.find(listings_, row_);
        if (listing == nullptr)
            return fail("a symbol that was not there before: was the file changed meanwhile?");
        bool& begun = begun_[listing];
        begun = begun || row_.snapshot;
        if (!begun) return true;
        const std::optional<std::int64_t> units = row_.price.scaled(listing->definition.tick.decimals());
        const std::optional<std::int64_t> quantity = row_.amount.cut(listing->definition.lot.decimals());
        if (!units || !quantity) {
            return fail(fmt::format(
                "the price is off the tick of {}, or a number is too large (tick {}, lot {})",
                listing->definition.symbol, listing->definition.tick.text(), listing->definition.lot.text()));
        }
        Group& group = group_of(*listing);
        (row_.bid ? group.bids : group.asks).push_back({*units, *quantity});
        return true;
    }

    Group& group_of(const TardisListing& listing)
    {
        for (auto at = ready_.rbegin(); at != ready_.rend(); ++at) {
            if (at->listing != &listing) continue;
            if (at->snapshot == row_.snapshot && at->venue_time == row_.venue_time) return *at;
            break;
        }
        Group& group = ready_.emplace_back();
        group.listing = &listing;
        group.time = row_.time;
        group.venue_time = row_.venue_time;
        group.line = lines_.line();
        group.snapshot = row_.snapshot;
        return group;
    }

    LineSource lines_;
    std::uint64_t lines_good_;
    ListingMap& listings_;
    ListingFinder finder_;
    TardisColumns columns_;
    std::vector<std::string_view> cells_;
    TardisRow row_;
    bool has_row_ = false;
    std::map<const TardisListing*, bool> begun_;
    std::deque<Group> ready_;
};

class TardisImporter : public Importer {
  public:
    explicit TardisImporter(const ImportContext& context) : context_(context) {}

    std::optional<Error> scan(std::size_t, const LineSource& lines, std::string_view text) override
    {
        if (lines.line() == 1) {
            moments_.clear();
            for (auto& [key, listing] : listings_) listing.begun = false;
            const std::string problem = read_tardis_columns(text, columns_);
            return problem.empty() ? std::optional<Error>() : lines.at(problem);
        }
        if (text.empty()) return std::nullopt;
        TardisRow row;
        std::string problem = read_tardis_row(text, columns_, cells_, row);
        if (problem.empty() && !moments_.empty() && row.time < moments_.back().time) {
            problem = backwards_text(row.time, moments_.back().time);
            forget_since(row.time);
        }
        if (!problem.empty()) return lines.at(problem);
        if (moments_.empty() || row.time != moments_.back().time) {
            if (moments_.size() == kMomentsMax) moments_.pop_front();
            moments_.push_back({row.time, lines.line()});
        }
        TardisListing* listing = finder_.find(listings_, row);
        if (listing == nullptr) {
            problem = add_listing(row);
            if (!problem.empty()) return lines.at(problem);
            finder_ = {};
            listing = finder_.find(listings_, row);
        }
        listing->begun = listing->begun || row.snapshot;
        if (!listing->begun) {
            ++skipped_;
            return std::nullopt;
        }
        listing->steps.see(row.price, row.amount, lines);
        return std::nullopt;
    }

    std::optional<Error> scan_end(std::size_t, bool whole, std::uint64_t& lines_good) override
    {
        // Of the last moment before the trouble some rows may be missing: a part of a message would make a
        // false book.
        if (!whole && !moments_.empty()) lines_good = std::min(lines_good, moments_.back().line - 1);
        return std::nullopt;
    }

    Result<std::vector<InstrumentTable::VenueListings>> venues() override
    {
        for (auto& [key, listing] : listings_) {
            InstrumentTable::VenueListings& venue = venues_[listing.venue];
            const std::optional<Error> error =
                settle_steps(listing.steps, venue.key, listing.definition, context_.notes);
            if (error) return *error;
            venue.definitions[listing.place] = listing.definition;
        }
        context_.notes.add("row before the first snapshot skipped", skipped_);
        return venues_;
    }

    Result<std::vector<std::unique_ptr<RecordSource>>> sources(std::size_t input,
                                                               std::uint64_t lines_good) override
    {
        Result<LineSource> lines = LineSource::open(context_.request.inputs[input]);
        if (!lines) return lines.error();
        std::vector<std::unique_ptr<RecordSource>> result;
        result.push_back(std::make_unique<TardisSource>(std::move(*lines), lines_good, listings_));
        return result;
    }

  private:
    /// The rows of one local_timestamp, in one file.
    struct Moment {
        Timestamp time;
        std::uint64_t line = 0;  ///< the first
    };

    /// A row of this time stands too late. What came at that time or after it was applied without the row, so
    /// it makes a false book: the first moment of these becomes the last one remembered, which scan_end
    /// leaves out with all behind it. A row from before all that is remembered belongs to another stretch of
    /// time and says nothing but that the last moment may have been cut short.
    void forget_since(Timestamp time)
    {
        if (time < moments_.front().time) return;
        while (moments_.size() > 1 && moments_[moments_.size() - 2].time >= time) moments_.pop_back();
    }

    VenueKey key_of(std::string_view exchange_text) const
    {
        if (!context_.request.venue.empty()) return {context_.request.venue, context_.request.market};
        if (const std::optional<VenueKey> known = context_.directory.venue_of_tardis(exchange_text))
            return *known;
        std::string name(exchange_text);
        for (char& c : name) {
            if (c == '-') c = '_';
        }
        return {name, context_.request.market};
    }

    /// What the symbol means: as --instruments says, else as the venue's connector reads it, else as it is
    /// commonly spelt.
    ListingDefinition define(const VenueKey& key, const TardisRow& row) const
    {
        const VenueKey asked{key.exchange, key.market.empty() ? "spot" : key.market};
        for (const VenueKey& candidate : {key, asked}) {
            if (!context_.directory.known(candidate)) continue;
            std::optional<ListingDefinition> guess = context_.directory.guess_listing(candidate, row.symbol);
            if (guess) return *guess;
        }
        bool derivative = !key.market.empty() && key.market != "spot";
        for (const std::string_view ending :
             {"-futures", "-swap", "-delivery", "-derivatives", "-perp", "-dm"})
            derivative = derivative || row.exchange.ends_with(ending);
        ListingDefinition guess = guess_from_symbol(row.symbol, derivative);
        if (!key.market.empty()) guess.market = key.market;
        if (guess.quote == "?") {
            context_.notes.add(
                fmt::format("{} at {}: the symbol does not tell base and quote; name them with "
                            "--instruments",
                            row.symbol, key.label()));
        }
        return guess;
    }

    /// Returns what is wrong, or nothing.
    std::string add_listing(const TardisRow& row)
    {
        const VenueKey key = key_of(row.exchange);
        std::size_t venue = 0;
        while (venue < venues_.size() && !(venues_[venue].key == key)) ++venue;
        if (venue == format::kVenuesMax) return "more than 255 exchanges";
        if (venue == venues_.size()) venues_.push_back({key, {}});
        std::vector<ListingDefinition>& definitions = venues_[venue].definitions;
        if (definitions.size() == format::kListingsMax) return "more than 65,535 symbols at one exchange";
        for (const auto& [other, taken] : listings_) {
            if (taken.venue != venue || other.first == row.exchange) continue;
            // Several exchanges of the collection may be markets of one venue, whose symbols are then all
            // different; under a name that the user gave they are different venues.
            if (other.second != row.symbol && context_.request.venue.empty()) continue;
            return fmt::format("the exchanges '{}' and '{}' are both named {}: import them one by one",
                               other.first, row.exchange, key.label());
        }
        TardisListing listing;
        listing.venue = venue;
        listing.place = static_cast<std::uint16_t>(definitions.size());
        const ListingDefinition* given = find_given(context_.request, key, row.symbol);
        listing.definition = given != nullptr ? *given : define(key, row);
        if (given != nullptr) listing.steps = StepsSeen(*given);
        definitions.emplace_back();
        listings_.emplace(ListingKey(row.exchange, row.symbol), std::move(listing));
        return {};
    }

    ImportContext context_;
    TardisColumns columns_;
    std::vector<std::string_view> cells_;
    std::deque<Moment> moments_;
    ListingMap listings_;
    ListingFinder finder_;
    std::vector<InstrumentTable::VenueListings> venues_;
    std::uint64_t skipped_ = 0;
};

}  // namespace

Result<std::unique_ptr<Importer>> make_tardis_importer(const ImportContext& context)
{
    if (context.request.venue.empty() && !context.request.market.empty()) {
        return Error{ExitCode::usage,
                     "import --from tardis-l2: --market names the market of --venue; give both or none"};
    }
    return std::unique_ptr<Importer>(std::make_unique<TardisImporter>(context));
}

}  // namespace arb
