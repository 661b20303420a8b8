// Files that end while others go on, and files that hold one book: what keeps several recordings apart.
#include <algorithm>

#include "engine/sim/recording_set.hpp"

namespace arb {

// What must be said goodbye to when the file ends.
void RecordingSet::note(File& file)
{
    const Record& record = *file.record;
    if (record.kind == RecordKind::book) {
        if (file.spoke.empty()) {
            for (const std::vector<Place>& places : file.listings) file.spoke.emplace_back(places.size());
        }
        file.spoke[index(record.venue)][record.listing] = true;
        return;
    }
    const bool opens = record.kind == RecordKind::frame || record.kind == RecordKind::open;
    if (!opens && record.kind != RecordKind::close) return;
    if (index(record.connection) >= file.open.size()) file.open.resize(index(record.connection) + 1, -1);
    file.open[index(record.connection)] =
        opens ? static_cast<std::int16_t>(index(record.venue)) : std::int16_t{-1};
}

void RecordingSet::end(File& file)
{
    file.over = true;
    Record record;
    record.time = file.last + nanoseconds(1);
    for (std::size_t i = 0; i < file.open.size(); ++i) {
        if (file.open[i] < 0) continue;
        record.kind = RecordKind::close;
        record.venue = static_cast<VenueId>(file.open[i]);
        record.connection = static_cast<ConnectionId>(i);
        file.farewell.push_back(record);
    }
    record.kind = RecordKind::book;
    record.connection = {};
    record.over = true;
    for (std::size_t v = 0; v < file.spoke.size(); ++v) {
        for (std::size_t place = 0; place < file.spoke[v].size(); ++place) {
            if (!file.spoke[v][place]) continue;
            record.venue = static_cast<VenueId>(v);
            record.listing = static_cast<std::uint16_t>(place);
            file.farewell.push_back(record);
        }
    }
    file.record = file.farewell.empty() ? nullptr : file.farewell.data();
}

bool RecordingSet::foreign(std::size_t at)
{
    const File& file = files_[at];
    const ListingId listing = file.listings[index(file.record->venue)][file.record->listing].listing;
    std::size_t& owner = owner_[index(listing)];
    if (file.over) {
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
    std::vector<Span> spans;
    for (const File& file : files_) {
        const bool lists = std::any_of(file.listings.begin(), file.listings.end(), [&](const auto& places) {
            return std::any_of(places.begin(), places.end(),
                               [&](const Place& place) { return place.listing == listing; });
        });
        if (lists && file.first.known()) spans.push_back({file.first, file.last});
    }
    std::sort(spans.begin(), spans.end(), [](const Span& a, const Span& b) { return a.begin < b.begin; });
    Duration total;
    Timestamp reached;
    for (const Span& span : spans) {
        const Timestamp from = std::max(span.begin, reached);
        if (span.end > from) total = {total.ns + (span.end - from).ns};
        reached = std::max(reached, span.end);
    }
    return total;
}

}  // namespace arb
