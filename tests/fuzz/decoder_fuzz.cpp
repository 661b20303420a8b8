// Feeds hostile bytes to one connector (compiled once a venue) and to the book builder behind it, and aborts
// when a fact breaks what the contracts of engine/venue/venue.hpp and engine/market promise. The input is
// lines:
//   https://address body   a REST reply (also offered to the instrument reader)
//   anything else          a websocket frame; the whole input is besides offered as one REST reply
#include <algorithm>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/ensure.hpp"
#include "engine/market/book_builder.hpp"
#include "engine/venue/venue.hpp"

namespace arb::ARBITER_EXCHANGE_NAMESPACE {
const ConnectorType& type();
}

namespace arb {
namespace {

/// Symbols in the spellings of many venues; each connector takes those that it can read.
constexpr std::string_view kSymbols[] = {
    "BTCUSDT",  "ETHUSDT", "BTCUSD_PERP",  "BTCUSD_231229", "BTCUSD",        "BTC-USDT",       "ETH-USDT",
    "BTC-USD",  "ETH-USD", "BTC-USD-SWAP", "ETH-USD-SWAP",  "BTC-USDT-SWAP", "BTC-USD-260925", "BTC/USD",
    "BTC/USDT", "ETH/USD", "DOGE/USD",     "XBT/USD",       "BTC_USDT",      "XRP_USDT",
};

/// Of the facts of one frame, what every consumer relies on.
class JudgingSink final : public FactSink {
  public:
    JudgingSink(const InstrumentTable& table, std::vector<BookBuilder>& books)
        : table_(&table), books_(&books)
    {
    }

    void on_book(const BookUpdate& update) override
    {
        require_listing(update.listing);
        ENSURE(update.bids.size() <= kLevels && update.asks.size() <= kLevels,
               "levels of one update are bounded");
        for (const auto& side : {update.bids, update.asks}) {
            for (const Level& level : side) require_level(level);
        }
        BookBuilder& book = (*books_)[index(update.listing)];
        book.apply(update);
        require_book(book);
    }
    void on_quote(const BestQuote& quote) override
    {
        require_listing(quote.listing);
        for (const Level& level : {quote.bid, quote.ask}) {
            ENSURE(level.quantity.units >= 0, "a quoted quantity is not negative");
            ENSURE(level.quantity.zero() || level.price.units > 0,
                   "a side that is there has a positive price");
        }
    }
    void on_trade(const Trade& trade) override
    {
        require_listing(trade.listing);
        require_level({trade.price, trade.quantity});
    }
    void on_connection_sequence(ConnectionId, std::uint64_t) override {}
    void on_acknowledged(ConnectionId, ListingId listing, bool) override
    {
        if (listing != kNoListing) require_listing(listing);
    }
    void on_venue_time(Timestamp, Timestamp) override {}
    void on_undecoded(const Undecoded& undecoded) override
    {
        ENSURE(undecoded.reason < UndecodedReason::count_, "the reason is one of the list");
        if (undecoded.listing == kNoListing) return;
        require_listing(undecoded.listing);
        BookBuilder& book = (*books_)[index(undecoded.listing)];
        book.doubt(false, now);
        ENSURE(!book.valid(), "a book in doubt is not valid");
    }

    Timestamp now;

  private:
    static constexpr std::size_t kLevels = 262'144;

    void require_listing(ListingId listing) const
    {
        ENSURE(index(listing) < table_->listings().size(), "a fact names a listing of the table");
    }
    static void require_level(const Level& level)
    {
        ENSURE(level.price.units > 0, "a price is positive");
        ENSURE(level.quantity.units >= 0, "a quantity is not negative");
    }
    static void require_book(const BookBuilder& book)
    {
        if (!book.valid()) return;
        const auto bids = book.book().bids().levels();
        const auto asks = book.book().asks().levels();
        const auto rising = [](const Level& a, const Level& b) { return a.price >= b.price; };
        const auto falling = [](const Level& a, const Level& b) { return a.price <= b.price; };
        ENSURE(std::adjacent_find(bids.begin(), bids.end(), rising) == bids.end(),
               "bids rise towards the best");
        ENSURE(std::adjacent_find(asks.begin(), asks.end(), falling) == asks.end(),
               "asks fall towards the best");
        for (const auto& side : {bids, asks}) {
            for (const Level& level : side) ENSURE(level.quantity.units > 0, "a kept level has a quantity");
        }
        if (book.tradable())
            ENSURE(bids.back().price < asks.back().price, "a book to trade on is not crossed");
    }

    const InstrumentTable* table_;
    std::vector<BookBuilder>* books_;
};

/// Takes a venue's wishes and does nothing; a frame may not make a venue wish without end.
class BoundedOutbox final : public Outbox {
  public:
    void send(ConnectionId, std::string_view) override { wish(); }
    void request(const HttpRequest&) override { wish(); }
    void wake_at(VenueId, Timestamp) override { wish(); }
    void reconnect(ConnectionId, std::string_view) override { wish(); }
    void next_input() { wishes_ = 0; }

  private:
    void wish() { ENSURE(++wishes_ < 10'000, "one input makes few wishes"); }
    std::size_t wishes_ = 0;
};

std::vector<ListingDefinition> listings_of(const ConnectorType& type, std::string_view market)
{
    std::vector<ListingDefinition> definitions;
    std::set<std::string> instruments;
    for (const std::string_view symbol : kSymbols) {
        std::optional<ListingDefinition> guess = type.guess_listing(market, symbol);
        if (!guess) continue;
        guess->symbol = symbol;
        guess->tick = Decimal{1, 8};
        guess->lot = Decimal{1, 8};
        guess->multiplier = Decimal{1, 0};
        if (instruments.insert(guess->instrument_name()).second) definitions.push_back(std::move(*guess));
    }
    ENSURE(!definitions.empty(), "the connector reads one of the symbols of the fuzzer");
    return definitions;
}

/// One instance of the connector, with its books.
struct Instance {
    explicit Instance(std::string_view market_name) : market(market_name) {}

    std::string market;
    InstrumentTable table;
    std::vector<ListingId> listings;
    std::string snapshot_url;
};

std::vector<Instance> make_instances(const ConnectorType& type)
{
    std::vector<Instance> instances;
    for (const std::string_view market : type.markets) {
        Instance instance(market);
        const std::vector<ListingDefinition> definitions = listings_of(type, market);
        instance.table =
            InstrumentTable::build({{{std::string(type.exchange), instance.market}, definitions}}).take();
        for (const Listing& listing : instance.table.listings()) instance.listings.push_back(listing.id);
        if (type.snapshot_url != nullptr)
            instance.snapshot_url = type.snapshot_url(market, definitions[0].symbol);
        instances.push_back(std::move(instance));
    }
    return instances;
}

void feed(const ConnectorType& type, const Instance& instance, std::string_view input)
{
    const std::unique_ptr<Venue> venue = type.make({VenueId{0}, &instance.table, 0});
    std::vector<BookBuilder> books;
    for (const Listing& listing : instance.table.listings()) {
        books.emplace_back(instance.table.instrument_of(listing.id), listing, venue->sequence_rule(listing),
                           BookLimits{});
    }
    JudgingSink sink(instance.table, books);
    BoundedOutbox outbox;
    Timestamp now{1'700'000'000'000'000'000};
    std::uint16_t connections = 0;
    for (const ConnectionPlan& plan : venue->plan(instance.listings)) {
        venue->on_open(ConnectionId{connections++}, plan.url, now, sink, outbox);
    }
    ENSURE(connections > 0, "listings need a connection");
    PaddedBuffer buffer;
    std::string_view rest = input;
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        std::string_view line = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        now = now + milliseconds(40);
        sink.now = now;
        outbox.next_input();
        if (line.starts_with("https://")) {
            const std::string_view url = line.substr(0, line.find(' '));
            line.remove_prefix(std::min(url.size() + 1, line.size()));
            venue->on_http({url, 200, buffer.assign(line)}, now, sink, outbox);
        } else {
            venue->on_frame(ConnectionId{0}, buffer.assign(line), now, sink, outbox);
        }
        for (BookBuilder& book : books) {
            if (book.take_resync(now)) venue->resync(book.listing(), now, outbox);
        }
    }
    outbox.next_input();
    venue->on_wake(now + seconds(60), sink, outbox);
    venue->on_http({instance.snapshot_url, 200, buffer.assign(input)}, now, sink, outbox);
    venue->on_http({instance.snapshot_url, 429, buffer.assign(input)}, now, sink, outbox);
    venue->on_close(ConnectionId{0}, now, sink, outbox);
}

/// The cold functions of the connector: on anything they answer, they do not throw.
void ask(const ConnectorType& type, std::string_view market, std::string_view input)
{
    const std::string_view first_line = input.substr(0, std::min(input.find('\n'), std::size_t{200}));
    const std::string_view url = first_line.substr(0, first_line.find(' '));
    const std::string_view body = input.substr(std::min(url.size() + 1, input.size()));
    (void)type.market_of_url(first_line);
    (void)type.guess_listing(market, first_line);
    for (const std::string_view text : {input, body}) {
        const Result<std::vector<ListingDefinition>> definitions = type.read_instruments(market, url, text);
        if (!definitions) continue;
        const VenueKey key{std::string(type.exchange), std::string(market)};
        (void)InstrumentTable::build({{key, definitions.value()}});
        for (const ListingDefinition& definition : definitions.value()) (void)definition.to_line();
    }
}

}  // namespace
}  // namespace arb

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static const arb::ConnectorType& type = arb::ARBITER_EXCHANGE_NAMESPACE::type();
    static const std::vector<arb::Instance> instances = arb::make_instances(type);
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    for (const arb::Instance& instance : instances) {
        arb::feed(type, instance, input);
        arb::ask(type, instance.market, input);
    }
    return 0;
}
