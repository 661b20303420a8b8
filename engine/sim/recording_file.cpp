#include "engine/sim/recording_file.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace arb {
namespace {

constexpr std::size_t kConnectionsUsual = 16;

}  // namespace

// Levels of a normalised record count 10^-decimals of the *file's* tick and lot.
RecordedPlace::RecordedPlace(const InstrumentTable& table, const Listing& at,
                             const ListingDefinition& definition)
    : listing(at.id),
      price_factor(power_of_ten(table.instrument(at.instrument).price_decimals - definition.tick.decimals())),
      quantity_factor(power_of_ten(at.wire.quantity_decimals - definition.lot.decimals()) *
                      at.wire.quantity_factor)
{
}

std::optional<Error> RecordingFile::place_listings(const InstrumentTable& table)
{
    const auto& venues = reader_.header().venues;
    for (std::size_t v = 0; v < venues.size(); ++v) {
        std::vector<RecordedPlace> places;
        for (const ListingDefinition& definition : venues[v].definitions) {
            const Listing* listing = table.find_symbol(venues_[v], definition.symbol);
            ENSURE(listing != nullptr, "every definition of a file is in the union");
            if (definition.tick.decimals() > listing->wire.price_decimals ||
                definition.lot.decimals() > listing->wire.quantity_decimals) {
                return Error{ExitCode::data,
                             fmt::format("{}: {} was recorded with finer steps than the configuration's "
                                         "[[instrument]] gives it; correct that entry or leave it out",
                                         reader_.path(), definition.symbol)};
            }
            places.emplace_back(table, *listing, definition);
        }
        // Room for what is said when the file ends: a word for each book and, as a rule, each connection.
        farewell_.reserve(farewell_.capacity() + places.size() + kConnectionsUsual);
        places_.push_back(std::move(places));
    }
    return std::nullopt;
}

bool RecordingFile::lists(ListingId listing) const
{
    return std::any_of(places_.begin(), places_.end(), [&](const std::vector<RecordedPlace>& places) {
        return std::any_of(places.begin(), places.end(),
                           [&](const RecordedPlace& place) { return place.listing == listing; });
    });
}

void RecordingFile::advance(bool with_outputs)
{
    if (over_) {
        ++said_;
        record_ = said_ < farewell_.size() ? &farewell_[said_] : nullptr;
        return;
    }
    do {
        record_ = reader_.next();
    } while (record_ != nullptr && record_->kind == RecordKind::output && !with_outputs);
    if (record_ == nullptr) return end();
    if (!placed())
        return stop("names a venue or listing that the header does not have; what came before was read");
    if (record_->time < last_) {
        return stop(
            fmt::format("has a receive time {} ns before the record ahead of it; what came before was "
                        "read. Import the source again: it must be in order of time",
                        (last_ - record_->time).ns));
    }
    last_ = record_->time;
    if (!first_.known()) first_ = last_;
    note();
}

void RecordingFile::stop(std::string_view why)
{
    broken_ = Error{ExitCode::data, fmt::format("{}: record {} {}", reader_.path(), record_->number, why)};
    end();
}

bool RecordingFile::placed() const
{
    const Record& record = *record_;
    if (record.kind == RecordKind::output || record.kind == RecordKind::command) return true;
    if (index(record.venue) >= venues_.size()) return false;
    return record.kind != RecordKind::book || record.listing < places_[index(record.venue)].size();
}

// What must be said goodbye to when the file ends.
void RecordingFile::note()
{
    const Record& record = *record_;
    if (record.kind == RecordKind::book) {
        if (spoke_.empty()) {
            for (const std::vector<RecordedPlace>& places : places_) spoke_.emplace_back(places.size());
        }
        spoke_[index(record.venue)][record.listing] = true;
        return;
    }
    const bool opens = record.kind == RecordKind::frame || record.kind == RecordKind::open;
    if (!opens && record.kind != RecordKind::close) return;
    if (index(record.connection) >= open_.size()) open_.resize(index(record.connection) + 1, -1);
    open_[index(record.connection)] =
        opens ? static_cast<std::int16_t>(index(record.venue)) : std::int16_t{-1};
}

void RecordingFile::end()
{
    over_ = true;
    Record record;
    record.time = last_ + nanoseconds(1);
    for (std::size_t i = 0; i < open_.size(); ++i) {
        if (open_[i] < 0) continue;
        record.kind = RecordKind::close;
        record.venue = static_cast<VenueId>(open_[i]);
        record.connection = static_cast<ConnectionId>(i);
        farewell_.push_back(record);
    }
    record.kind = RecordKind::book;
    record.connection = {};
    record.over = true;
    for (std::size_t v = 0; v < spoke_.size(); ++v) {
        for (std::size_t place = 0; place < spoke_[v].size(); ++place) {
            if (!spoke_[v][place]) continue;
            record.venue = static_cast<VenueId>(v);
            record.listing = static_cast<std::uint16_t>(place);
            farewell_.push_back(record);
        }
    }
    record_ = farewell_.empty() ? nullptr : farewell_.data();
}

RecordedInput RecordingFile::input(std::int32_t& next)
{
    const Record& record = *record_;
    RecordedInput input;
    input.record = record_;
    input.ends = over_;
    if (record.kind == RecordKind::output || record.kind == RecordKind::command) return input;
    input.venue = venues_[index(record.venue)];
    if (record.kind == RecordKind::book) {
        static_cast<RecordedPlace&>(input) = place();
    } else if (record.kind != RecordKind::http && record.kind != RecordKind::wake) {
        const std::size_t id = index(record.connection);
        if (id >= connections_.size()) connections_.resize(id + 1, -1);
        if (connections_[id] < 0) connections_[id] = next++;
        input.connection = static_cast<ConnectionId>(connections_[id]);
    }
    return input;
}

void RecordingFile::add_troubles(std::vector<Error>& errors) const
{
    if (broken_) errors.push_back(*broken_);
    if (reader_.trouble()) errors.push_back(*reader_.trouble());
}

}  // namespace arb
