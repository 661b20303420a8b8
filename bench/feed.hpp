#pragma once
// Benchmark input: one recording in memory, split into what brings the books up (untimed) and the frames
// after that (timed). Built once a benchmark; one thread.
#include <memory>
#include <string>
#include <vector>

#include "engine/base/instrument.hpp"
#include "engine/base/padded_text.hpp"
#include "engine/journal/record.hpp"
#include "engine/market/markets.hpp"
#include "engine/venue/venue.hpp"

namespace arb::bench {

struct Item {
    RecordKind kind{};
    VenueId venue{};
    ConnectionId connection{};
    Timestamp time;
    std::size_t at = 0, size = 0;  // text, in the arena
    std::string url;
};

class Feed {
  public:
    /// A capture in the wire format of `format` (imported on the spot), or an .arb file when `format` is
    /// empty.
    static std::unique_ptr<Feed> load(const std::string& path, const std::string& format = "",
                                      const std::string& market = "");

    const InstrumentTable& table() const { return *table_; }
    const std::vector<Item>& items() const { return items_; }
    /// Items before this one bring up the books.
    std::size_t timed_from() const { return timed_from_; }
    std::size_t timed_bytes() const { return timed_bytes_; }
    std::size_t timed_frames() const { return items_.size() - timed_from_; }
    PaddedText text(const Item& item) const { return {arena_.data() + item.at, item.size}; }

  private:
    std::vector<char> arena_;
    std::vector<Item> items_;
    std::unique_ptr<InstrumentTable> table_;
    std::size_t timed_from_ = 0;
    std::size_t timed_bytes_ = 0;
};

/// Connectors and, where wanted, books: what stands between a frame and a valid book.
class Pipe final : public FactSink, public Outbox {
  public:
    Pipe(const InstrumentTable& table, bool with_books);
    void feed(const Item& item, PaddedText text);
    /// As if every connection had been closed: the next feed starts from nothing, in warm memory.
    void restart();
    const Markets& markets() const { return *markets_; }
    std::uint64_t facts() const { return facts_; }
    bool all_valid() const;

    void on_book(const BookUpdate& update) override;
    void on_quote(const BestQuote& quote) override
    {
        facts_ += static_cast<std::uint64_t>(quote.bid.price.units);
    }
    void on_trade(const Trade& trade) override { facts_ += static_cast<std::uint64_t>(trade.price.units); }
    void on_connection_sequence(ConnectionId connection, std::uint64_t sequence) override;
    void on_acknowledged(ConnectionId, ListingId, bool) override {}
    void on_venue_time(Timestamp, Timestamp) override {}
    void on_undecoded(const Undecoded&) override { ++undecoded; }
    void send(ConnectionId, std::string_view) override {}
    void request(const HttpRequest&) override {}
    void wake_at(VenueId, Timestamp) override {}
    void reconnect(ConnectionId, std::string_view) override {}

    std::uint64_t undecoded = 0;

  private:
    std::vector<std::unique_ptr<Venue>> venues_;
    std::unique_ptr<Markets> markets_;
    bool with_books_;
    std::vector<std::pair<VenueId, ConnectionId>> seen_;
    ConnectionId connection_{};
    Timestamp now_;
    std::uint64_t facts_ = 0;
};

/// The folder of real captures (ARBITER_DATA, else ../shared/data), empty when it is absent.
std::string data_folder();

}  // namespace arb::bench
