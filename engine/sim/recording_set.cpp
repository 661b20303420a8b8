#include "engine/sim/recording_set.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/journal/same_contents.hpp"

namespace arb {
namespace {

// The definition that counts when several files speak of one symbol: told beats inferred, and two that were
// told must agree.
bool merge_definition(ListingDefinition& kept, const ListingDefinition& other)
{
    if (kept == other || other.inferred) {
        if (kept.inferred && other.inferred) {
            // Decimals learnt from two files: the finer step holds for both.
            kept.tick = std::min(kept.tick, other.tick);
            kept.lot = std::min(kept.lot, other.lot);
        }
        return true;
    }
    if (!kept.inferred) return false;
    kept = other;
    return true;
}

}  // namespace

std::optional<Error> RecordingSet::find_repeated() const
{
    for (std::size_t i = 0; i < files_.size(); ++i) {
        for (std::size_t j = i + 1; j < files_.size(); ++j) {
            const JournalReader& a = files_[i].reader();
            const JournalReader& b = files_[j].reader();
            if (a.bytes_total() != b.bytes_total() || !same_contents(a.path(), b.path())) continue;
            return Error{
                ExitCode::usage,
                a.path() == b.path()
                    ? fmt::format("{} is given twice; give each recording once", a.path())
                    : fmt::format("{} and {} hold the same recording; give it once", a.path(), b.path())};
        }
    }
    return std::nullopt;
}

Result<RecordingSet> RecordingSet::open(const std::vector<std::string>& paths,
                                        const std::vector<InstrumentConfig>& overrides)
{
    RecordingSet set;
    for (const std::string& path : paths) {
        Result<JournalReader> reader = JournalReader::open(path);
        if (!reader) return reader.error();
        set.files_.emplace_back(std::move(*reader));
    }
    if (const std::optional<Error> error = set.find_repeated()) return *error;
    if (const std::optional<Error> error = set.merge(overrides)) return *error;
    set.owner_.assign(set.table_->listings().size(), kNone);
    set.left_out_.assign(set.table_->listings().size(), 0);
    for (RecordingFile& file : set.files_) file.advance(set.with_outputs_);
    set.find_front();
    return set;
}

void RecordingSet::collect(RecordingFile& file, const std::vector<InstrumentConfig>& overrides,
                           std::optional<Error>& error)
{
    const auto settled = [&](const VenueKey& key, const std::string& symbol) {
        return std::any_of(overrides.begin(), overrides.end(), [&](const InstrumentConfig& o) {
            return o.venue == key.label() && o.definition.symbol == symbol;
        });
    };
    for (const InstrumentTable::VenueListings& venue : file.reader().header().venues) {
        auto place =
            std::find_if(venues_.begin(), venues_.end(), [&](const auto& v) { return v.key == venue.key; });
        if (place == venues_.end()) place = venues_.insert(venues_.end(), {venue.key, {}});
        file.add_venue(static_cast<VenueId>(place - venues_.begin()));
        for (const ListingDefinition& definition : venue.definitions) {
            auto& all = place->definitions;
            const auto same = std::find_if(all.begin(), all.end(),
                                           [&](const auto& d) { return d.symbol == definition.symbol; });
            if (same == all.end()) {
                all.push_back(definition);
            } else if (!merge_definition(*same, definition) && !settled(venue.key, definition.symbol) &&
                       !error) {
                error =
                    Error{ExitCode::data,
                          fmt::format(
                              "{}: {} of {} has other rules here than in an earlier recording; give it once "
                              "as [[instrument]] in the configuration",
                              file.reader().path(), definition.symbol, venue.key.label())};
            }
        }
    }
}

std::optional<Error> RecordingSet::merge(const std::vector<InstrumentConfig>& overrides)
{
    std::optional<Error> error;
    for (RecordingFile& file : files_) collect(file, overrides, error);
    for (const InstrumentConfig& override : overrides) {
        for (auto& venue : venues_) {
            if (venue.key.label() != override.venue) continue;
            for (ListingDefinition& definition : venue.definitions) {
                if (definition.symbol != override.definition.symbol) continue;
                definition = override.definition;
            }
        }
    }
    if (error) return error;
    Result<InstrumentTable> table = InstrumentTable::build(venues_);
    if (!table) return table.error();
    table_ = std::make_unique<InstrumentTable>(std::move(*table));
    for (RecordingFile& file : files_) {
        if ((error = file.place_listings(*table_))) return error;
    }
    return std::nullopt;
}

void RecordingSet::find_front()
{
    for (;;) {
        front_ = kNone;
        bool goes_on = false;
        for (std::size_t i = 0; i < files_.size(); ++i) {
            const Record* record = files_[i].record();
            if (record == nullptr) continue;
            goes_on |= !files_[i].over();
            if (front_ == kNone || record->time < time()) front_ = i;
        }
        if (!goes_on) front_ = kNone;
        if (front_ == kNone || files_[front_].record()->kind != RecordKind::book || !foreign(front_)) return;
        files_[front_].advance(with_outputs_);
    }
}

RecordingSet::Input RecordingSet::front()
{
    Input input = files_[front_].input(next_connection_);
    input.file = front_;
    return input;
}

void RecordingSet::pop()
{
    records_ += !files_[front_].over();
    files_[front_].advance(with_outputs_);
    find_front();
}

BookUpdate RecordingSet::book_update(const Input& input)
{
    const auto convert = [&](std::span<const RecordedLevel> from, std::vector<Level>& to) {
        to.clear();
        for (const RecordedLevel& level : from) {
            Level out;
            // A hostile file may hold anything: what does not fit spoils the whole record.
            if (level.price <= 0 || level.quantity < 0 ||
                __builtin_mul_overflow(level.price, input.price_factor, &out.price.units) ||
                __builtin_mul_overflow(level.quantity, input.quantity_factor, &out.quantity.units)) {
                return false;
            }
            to.push_back(out);
        }
        return true;
    };
    BookUpdate update;
    update.normalised = true;
    update.receive_time = input.record->time;
    update.venue_time = input.record->venue_time;
    update.snapshot = input.record->snapshot;
    if (convert(input.record->bids, bids_) && convert(input.record->asks, asks_)) {
        update.listing = input.listing;
        update.bids = bids_;
        update.asks = asks_;
    }
    return update;
}

Record RecordingSet::merged_record(const Input& input)
{
    Record record = *input.record;
    record.venue = input.venue;
    record.connection = input.connection;
    if (record.kind != RecordKind::book) return record;
    const auto& definitions = venues_[index(input.venue)].definitions;
    const Listing& listing = table_->listing(input.listing);
    std::size_t place = 0;
    while (definitions[place].symbol != listing.symbol) ++place;
    record.listing = static_cast<std::uint16_t>(place);
    const RecordedPlace units(*table_, listing, definitions[place]);
    const BookUpdate update = book_update(input);
    const auto shrink = [&](std::span<const Level> from, std::vector<RecordedLevel>& to) {
        to.clear();
        for (const Level& level : from)
            to.push_back(
                {level.price.units / units.price_factor, level.quantity.units / units.quantity_factor});
    };
    shrink(update.bids, merged_bids_);
    shrink(update.asks, merged_asks_);
    // Impossible numbers must stay impossible: a replay has to doubt the book as this run did.
    if (update.listing == kNoListing) merged_bids_.push_back({0, -1});
    record.bids = merged_bids_;
    record.asks = merged_asks_;
    return record;
}

// While one file's normalised records of a book are followed, another's are passed over.
bool RecordingSet::foreign(std::size_t at)
{
    const ListingId listing = files_[at].place().listing;
    std::size_t& owner = owner_[index(listing)];
    if (files_[at].over()) {
        if (owner != at) return true;
        owner = kNone;
        return false;
    }
    if (owner == kNone) owner = at;
    if (owner == at) return false;
    ++left_out_[index(listing)];
    ++records_;
    return true;
}

Duration RecordingSet::recorded(ListingId listing) const
{
    std::vector<InputSpan> spans;
    for (const RecordingFile& file : files_) {
        if (file.lists(listing) && file.span().begin.known()) spans.push_back(file.span());
    }
    std::sort(spans.begin(), spans.end(),
              [](const InputSpan& a, const InputSpan& b) { return a.begin < b.begin; });
    Duration total;
    Timestamp reached;
    for (const InputSpan& span : spans) {
        const Timestamp from = std::max(span.begin, reached);
        if (span.end > from) total = {total.ns + (span.end - from).ns};
        reached = std::max(reached, span.end);
    }
    return total;
}

std::vector<Error> RecordingSet::troubles() const
{
    std::vector<Error> errors;
    for (const RecordingFile& file : files_) file.add_troubles(errors);
    return errors;
}

std::uint64_t RecordingSet::bytes_read() const
{
    std::uint64_t bytes = 0;
    for (const RecordingFile& file : files_) bytes += file.reader().bytes_read();
    return bytes;
}

std::uint64_t RecordingSet::bytes_total() const
{
    std::uint64_t bytes = 0;
    for (const RecordingFile& file : files_) bytes += file.reader().bytes_total();
    return bytes;
}

}  // namespace arb
