#include "engine/world/workload.hpp"

#include <algorithm>
#include <memory>

#include <fmt/format.h>

#include "engine/emulate/emulator.hpp"
#include "engine/venue/pair_symbol.hpp"
#include "engine/world/invented_book.hpp"

namespace arb {
namespace {

// 2024-01-01 00:00:00 UTC: an invented day, far from any real recording's.
constexpr Timestamp kBegin{1'704'067'200'000'000'000};
constexpr Duration kStep = milliseconds(10);

struct Pair {
    const char* base;
    const char* quote;
    std::int64_t price;  // in 10^-2
    const char* lot;
    const char* quantity_min;
};
constexpr Pair kPairs[] = {{"BTC", "USDT", 4'260'000, "0.00001", "0.0001"},
                           {"ETH", "USDT", 228'000, "0.0001", "0.001"}};

struct TimedMessage {
    Timestamp time;
    std::size_t venue = 0;
    VenueMessage message;
};

std::optional<ListingDefinition> workload_listing(const ConnectorType& type, std::string_view market,
                                                  const Pair& pair)
{
    auto d = listing_of_pair(type, market, pair.base, pair.quote,
                             [](const ListingDefinition& one) { return one.kind == InstrumentKind::spot; });
    if (!d) return d;
    d->tick = *Decimal::parse("0.01");
    d->lot = *Decimal::parse(pair.lot);
    d->quantity_min = *Decimal::parse(pair.quantity_min);
    d->notional_min = *Decimal::parse("5");
    return d;
}

// One venue of the invented world.
struct World {
    const ConnectorType* type = nullptr;
    std::string market;
    std::unique_ptr<Emulator> emulator;
    std::vector<InventedBook> books;  // by pair
    Duration latency;                 // to the recorder
    Timestamp last;                   // receive times never run backwards within a venue
};

void push(std::vector<TimedMessage>& out, World& world, std::size_t place, Timestamp venue_time,
          Random& random, std::vector<VenueMessage>& messages)
{
    for (VenueMessage& message : messages) {
        Timestamp time = venue_time + world.latency + microseconds(random.between(0, 900));
        time = std::max(time, world.last + nanoseconds(1));
        world.last = time;
        out.push_back({time, place, std::move(message)});
    }
    messages.clear();
}

std::vector<World> worlds_of(const WorkloadRequest& request, const Plugins& plugins, Random& random)
{
    std::vector<World> worlds;
    for (const ConnectorType* type : plugins.connectors) {
        for (const std::string_view market : type->markets) {
            const VenueKey key{std::string(type->exchange), std::string(market)};
            const bool wanted =
                std::find(request.venues.begin(), request.venues.end(), key.label()) != request.venues.end();
            const bool spot = market.empty() || market == "spot";
            if (request.venues.empty() ? !spot : !wanted) continue;
            World world;
            world.type = type;
            world.market = market;
            world.emulator = type->make_emulator(market);
            world.latency = microseconds(random.between(800, 6000));
            worlds.push_back(std::move(world));
        }
    }
    return worlds;
}

}  // namespace

Result<Written> generate_recording(const WorkloadRequest& request, const Plugins& plugins)
{
    Random random(request.seed);
    std::vector<World> worlds = worlds_of(request, plugins, random);
    if (worlds.empty() || (!request.venues.empty() && worlds.size() != request.venues.size())) {
        return Error{ExitCode::usage, "generate: a venue of --venues has no connector"};
    }
    JournalHeader header;
    header.build = request.build;
    header.source = fmt::format("generate --seed {} --seconds {}", request.seed, request.seconds);
    for (const World& world : worlds) {
        InstrumentTable::VenueListings venue{{std::string(world.type->exchange), world.market}, {}};
        for (const Pair& pair : kPairs) {
            if (auto d = workload_listing(*world.type, world.market, pair)) venue.definitions.push_back(*d);
        }
        // What the recording says of its instruments is what the connector reads from the venue's own reply.
        const VenueMessage reply = world.emulator->instruments(venue.definitions);
        Result<std::vector<ListingDefinition>> read =
            world.type->read_instruments(world.market, reply.url, reply.text);
        if (!read) return read.error();
        venue.definitions = *read;
        // Every level that is made here is on the steps: no finer unit is needed.
        for (ListingDefinition& d : venue.definitions) d.price_unit = d.quantity_unit = Decimal{};
        header.venues.push_back(std::move(venue));
    }
    Result<InstrumentTable> table = InstrumentTable::build(header.venues);
    if (!table) return table.error();
    for (std::size_t v = 0; v < worlds.size(); ++v) {
        for (const ListingDefinition& d : header.venues[v].definitions) {
            const Listing& listing = *table->find_symbol(static_cast<VenueId>(v), d.symbol);
            worlds[v].books.emplace_back(table->instrument(listing.instrument), listing, random.next());
        }
    }
    std::vector<TimedMessage> messages;
    std::vector<VenueMessage> fresh;
    std::vector<CommonPrice> prices;
    for (const Pair& pair : kPairs) prices.emplace_back(pair.price, random.next());
    for (Timestamp now = kBegin; now < kBegin + seconds(request.seconds); now = now + kStep) {
        for (CommonPrice& price : prices) price.step();
        for (std::size_t v = 0; v < worlds.size(); ++v) {
            for (std::size_t p = 0; p < worlds[v].books.size(); ++p) {
                worlds[v].books[p].step(prices[p], now, *worlds[v].emulator, fresh);
                push(messages, worlds[v], v, now, random, fresh);
            }
        }
    }
    std::stable_sort(messages.begin(), messages.end(),
                     [](const TimedMessage& a, const TimedMessage& b) { return a.time < b.time; });
    Result<JournalWriter> writer = JournalWriter::create(request.output, header);
    if (!writer) return writer.error();
    for (std::size_t v = 0; v < worlds.size(); ++v) {
        writer->open(static_cast<VenueId>(v), static_cast<ConnectionId>(v), kBegin,
                     worlds[v].emulator->stream_url());
    }
    for (const TimedMessage& m : messages) {
        const auto venue = static_cast<VenueId>(m.venue);
        if (m.message.http)
            writer->http(venue, m.time, m.message.url, 200, m.message.text);
        else
            writer->frame(venue, static_cast<ConnectionId>(m.venue), m.time, m.message.text);
    }
    return writer->finish();
}

}  // namespace arb
