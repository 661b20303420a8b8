#include "engine/sim/recording_set.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/journal/same_contents.hpp"

namespace arb {
namespace {

constexpr std::size_t kConnectionsUsual = 16;

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
            const JournalReader& a = files_[i].reader;
            const JournalReader& b = files_[j].reader;
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
    for (File& file : set.files_) set.advance(file);
    set.find_front();
    return set;
}

void RecordingSet::collect(File& file, const std::vector<InstrumentConfig>& overrides,
                           std::optional<Error>& error)
{
    const auto settled = [&](const VenueKey& key, const std::string& symbol) {
        return std::any_of(overrides.begin(), overrides.end(), [&](const InstrumentConfig& o) {
            return o.venue == key.label() && o.definition.symbol == symbol;
        });
    };
    for (const InstrumentTable::VenueListings& venue : file.reader.header().venues) {
        auto place =
            std::find_if(venues_.begin(), venues_.end(), [&](const auto& v) { return v.key == venue.key; });
        if (place == venues_.end()) place = venues_.insert(venues_.end(), {venue.key, {}});
        file.venues.push_back(static_cast<VenueId>(place - venues_.begin()));
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
                              file.reader.path(), definition.symbol, venue.key.label())};
            }
        }
    }
}

std::optional<Error> RecordingSet::merge(const std::vector<InstrumentConfig>& overrides)
{
    std::optional<Error> error;
    for (File& file : files_) collect(file, overrides, error);
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
    for (File& file : files_) {
        if ((error = place_listings(file))) return error;
    }
    return std::nullopt;
}

// Levels of a normalised record count 10^-decimals of the *file's* tick and lot.
std::optional<Error> RecordingSet::place_listings(File& file)
{
    const auto& venues = file.reader.header().venues;
    for (std::size_t v = 0; v < venues.size(); ++v) {
        std::vector<Place> places;
        for (const ListingDefinition& definition : venues[v].definitions) {
            const Listing* listing = table_->find_symbol(file.venues[v], definition.symbol);
            ENSURE(listing != nullptr, "every definition of a file is in the union");
            const unsigned price_decimals = table_->instrument(listing->instrument).price_decimals;
            const unsigned wire_decimals = listing->wire.quantity_decimals;
            if (definition.tick.decimals() > price_decimals || definition.lot.decimals() > wire_decimals) {
                return Error{ExitCode::data,
                             fmt::format("{}: {} was recorded with finer steps than the configuration's "
                                         "[[instrument]] gives it; correct that entry or leave it out",
                                         file.reader.path(), definition.symbol)};
            }
            Place place;
            place.listing = listing->id;
            place.price_factor = power_of_ten(price_decimals - definition.tick.decimals());
            place.quantity_factor =
                power_of_ten(wire_decimals - definition.lot.decimals()) * listing->wire.quantity_factor;
            places.push_back(place);
        }
        // Room for what is said when the file ends: a word for each book and, as a rule, each connection.
        file.farewell.reserve(file.farewell.capacity() + places.size() + kConnectionsUsual);
        file.listings.push_back(std::move(places));
    }
    return std::nullopt;
}

void RecordingSet::advance(File& file)
{
    if (file.over) {
        ++file.said;
        file.record = file.said < file.farewell.size() ? &file.farewell[file.said] : nullptr;
        return;
    }
    do {
        file.record = file.reader.next();
    } while (file.record != nullptr && file.record->kind == RecordKind::output && !with_outputs_);
    if (file.record == nullptr) return end(file);
    if (!placed(file, *file.record)) {
        file.broken = Error{ExitCode::data,
                            fmt::format("{}: record {} names a venue or listing that the header does not "
                                        "have; what came before was read",
                                        file.reader.path(), file.record->number)};
        return end(file);
    }
    if (file.record->time < file.last) {
        file.broken =
            Error{ExitCode::data,
                  fmt::format("{}: record {} has a receive time {} ns before the record ahead of it; what "
                              "came before was read. Import the source again: it must be in order of time",
                              file.reader.path(), file.record->number, (file.last - file.record->time).ns)};
        return end(file);
    }
    file.last = file.record->time;
    if (!file.first.known()) file.first = file.last;
    note(file);
}

bool RecordingSet::placed(const File& file, const Record& record)
{
    if (record.kind == RecordKind::output || record.kind == RecordKind::command) return true;
    if (index(record.venue) >= file.venues.size()) return false;
    return record.kind != RecordKind::book || record.listing < file.listings[index(record.venue)].size();
}

void RecordingSet::find_front()
{
    for (;;) {
        front_ = kNone;
        bool goes_on = false;
        for (std::size_t i = 0; i < files_.size(); ++i) {
            if (files_[i].record == nullptr) continue;
            goes_on |= !files_[i].over;
            if (front_ == kNone || files_[i].record->time < files_[front_].record->time) front_ = i;
        }
        if (!goes_on) front_ = kNone;
        if (front_ == kNone || files_[front_].record->kind != RecordKind::book || !foreign(front_)) return;
        advance(files_[front_]);
    }
}

ConnectionId RecordingSet::connection_of(File& file, ConnectionId id)
{
    if (index(id) >= file.connections.size()) file.connections.resize(index(id) + 1, -1);
    std::int32_t& ours = file.connections[index(id)];
    if (ours < 0) ours = next_connection_++;
    return static_cast<ConnectionId>(ours);
}

RecordingSet::Input RecordingSet::front()
{
    File& file = files_[front_];
    const Record& record = *file.record;
    Input input;
    input.record = &record;
    input.file = front_;
    input.ends = file.over;
    if (record.kind == RecordKind::output || record.kind == RecordKind::command) return input;
    input.venue = file.venues[index(record.venue)];
    if (record.kind == RecordKind::book) {
        const Place& place = file.listings[index(record.venue)][record.listing];
        input.listing = place.listing;
        input.price_factor = place.price_factor;
        input.quantity_factor = place.quantity_factor;
    } else if (record.kind != RecordKind::http && record.kind != RecordKind::wake) {
        input.connection = connection_of(file, record.connection);
    }
    return input;
}

void RecordingSet::pop()
{
    records_ += !files_[front_].over;
    advance(files_[front_]);
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
    const Instrument& instrument = table_->instrument(listing.instrument);
    const std::int64_t price = power_of_ten(instrument.price_decimals - definitions[place].tick.decimals());
    const std::int64_t quantity =
        power_of_ten(listing.wire.quantity_decimals - definitions[place].lot.decimals()) *
        listing.wire.quantity_factor;
    const BookUpdate update = book_update(input);
    if (update.listing == kNoListing) {
        // Impossible numbers must stay impossible: a replay has to doubt the book as this run did.
        merged_bids_.assign(1, RecordedLevel{0, -1});
        record.bids = merged_bids_;
        record.asks = {};
        return record;
    }
    const auto shrink = [&](std::span<const Level> from, std::vector<RecordedLevel>& to) {
        to.clear();
        for (const Level& level : from)
            to.push_back({level.price.units / price, level.quantity.units / quantity});
    };
    shrink(update.bids, merged_bids_);
    shrink(update.asks, merged_asks_);
    record.bids = merged_bids_;
    record.asks = merged_asks_;
    return record;
}

std::vector<Error> RecordingSet::troubles() const
{
    std::vector<Error> errors;
    for (const File& file : files_) {
        if (file.broken) errors.push_back(*file.broken);
        if (file.reader.trouble()) errors.push_back(*file.reader.trouble());
    }
    return errors;
}

std::uint64_t RecordingSet::bytes_read() const
{
    std::uint64_t bytes = 0;
    for (const File& file : files_) bytes += file.reader.bytes_read();
    return bytes;
}

std::uint64_t RecordingSet::bytes_total() const
{
    std::uint64_t bytes = 0;
    for (const File& file : files_) bytes += file.reader.bytes_total();
    return bytes;
}

}  // namespace arb
