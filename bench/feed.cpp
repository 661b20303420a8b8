#include "bench/feed.hpp"

#include <cstdlib>
#include <filesystem>

#include <fmt/format.h>

#include "connectors/registry.hpp"
#include "engine/app/recordings/venue_directory.hpp"
#include "engine/journal/import.hpp"
#include "engine/journal/reader.hpp"

namespace arb::bench {

std::string data_folder()
{
    const char* given = std::getenv("ARBITER_DATA");
    const std::string folder = given != nullptr ? given : std::string(ARBITER_SOURCE_DIR) + "/../shared/data";
    return std::filesystem::is_directory(folder) ? folder : "";
}

std::unique_ptr<Feed> Feed::load(const std::string& path, const std::string& format,
                                 const std::string& market)
{
    std::string recording = path;
    if (!format.empty()) {
        recording = (std::filesystem::temp_directory_path() /
                     fmt::format("arbiter_bench_{}.arb", std::filesystem::path(path).filename().string()))
                        .string();
        ImportRequest request;
        request.format = format;
        request.inputs = {path};
        request.output = recording;
        request.venue = market.empty() ? "" : "binance";
        request.market = market;
        request.build = "bench";
        (void)run_import(request, ConnectorDirectory(connectors())).take();
    }
    auto feed = std::make_unique<Feed>();
    JournalReader reader = JournalReader::open(recording).take();
    feed->table_ = std::make_unique<InstrumentTable>(InstrumentTable::build(reader.header().venues).take());
    while (const Record* record = reader.next()) {
        Item item;
        item.kind = record->kind;
        item.venue = record->venue;
        item.connection = record->connection;
        item.time = record->time;
        item.at = feed->arena_.size();
        item.size = record->text.size;
        item.url = record->url;
        feed->arena_.insert(feed->arena_.end(), record->text.data, record->text.data + record->text.size);
        feed->items_.push_back(std::move(item));
    }
    feed->arena_.resize(feed->arena_.size() + kTextPadding);
    if (!format.empty()) std::filesystem::remove(recording);
    Pipe pipe(*feed->table_, true);
    while (feed->timed_from_ < feed->items_.size() && !pipe.all_valid()) {
        const Item& item = feed->items_[feed->timed_from_++];
        pipe.feed(item, feed->text(item));
    }
    for (std::size_t i = feed->timed_from_; i < feed->items_.size(); ++i)
        feed->timed_bytes_ += feed->items_[i].size;
    return feed;
}

Pipe::Pipe(const InstrumentTable& table, bool with_books) : with_books_(with_books)
{
    std::vector<SequenceRule> rules(table.listings().size());
    for (std::size_t v = 0; v < table.venue_count(); ++v) {
        const auto id = static_cast<VenueId>(v);
        for (const ConnectorType* type : connectors()) {
            if (type->exchange == table.venue(id).exchange) venues_.push_back(type->make({id, &table, 0}));
        }
        std::vector<ListingId> listings;
        for (const Listing& listing : table.listings()) {
            if (listing.venue != id) continue;
            rules[index(listing.id)] = venues_.back()->sequence_rule(listing);
            listings.push_back(listing.id);
        }
        (void)venues_.back()->plan(listings);
    }
    markets_ = std::make_unique<Markets>(table, rules, BookLimits{}, Markets::markets_of(table), nullptr);
}

bool Pipe::all_valid() const
{
    for (const BookBuilder& builder : markets_->builders()) {
        if (!builder.valid()) return false;
    }
    return true;
}

void Pipe::feed(const Item& item, PaddedText text)
{
    now_ = item.time;
    connection_ = item.kind == RecordKind::http ? kNoConnection : item.connection;
    Venue& venue = *venues_[index(item.venue)];
    if (item.kind == RecordKind::open) seen_.emplace_back(item.venue, item.connection);
    if (item.kind == RecordKind::frame)
        venue.on_frame(item.connection, text, item.time, *this, *this);
    else if (item.kind == RecordKind::http)
        venue.on_http({item.url, 200, text}, item.time, *this, *this);
    else if (item.kind == RecordKind::open)
        venue.on_open(item.connection, item.url, item.time, *this, *this);
}

void Pipe::restart()
{
    for (const auto& [venue, connection] : seen_) {
        venues_[index(venue)]->on_close(connection, now_, *this, *this);
        markets_->on_close(connection, now_);
    }
    seen_.clear();
}

void Pipe::on_book(const BookUpdate& update)
{
    if (with_books_) {
        markets_->on_update(connection_, update);
    } else {
        facts_ += update.bids.size() + update.asks.size();
    }
}

void Pipe::on_connection_sequence(ConnectionId connection, std::uint64_t sequence)
{
    if (with_books_) markets_->on_connection_sequence(connection, sequence, now_);
}

}  // namespace arb::bench
