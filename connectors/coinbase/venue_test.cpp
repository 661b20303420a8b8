// The Coinbase state machine: subscriptions, silence, renewal of books within the message allowance,
// reopening.
#include <gtest/gtest.h>

#include "connectors/coinbase/emulator.hpp"
#include "connectors/coinbase/test_support.hpp"

namespace arb::coinbase {
namespace {

constexpr Timestamp kStart{1'700'000'000'000'000'000};
const std::vector<ListingId> kBoth = {ListingId{0}, ListingId{1}};

struct Bench {
    std::unique_ptr<Venue> venue = type().make(setup());
    Recorder sink;
    Letters outbox;

    std::vector<std::string> taken() { return std::exchange(outbox.lines, {}); }
    void open(std::uint16_t id, Timestamp now = kStart)
    {
        venue->on_open(ConnectionId{id}, kStreamUrl, now, sink, outbox);
    }
    void frame(std::uint16_t id, const std::string& text, Timestamp now)
    {
        PaddedBuffer buffer(text);
        venue->on_frame(ConnectionId{id}, buffer.text_of(), now, sink, outbox);
    }
};

TEST(CoinbaseVenue, judged_by_the_connection)
{
    Bench bench;
    const SequenceRule rule = bench.venue->sequence_rule(table().listing(ListingId{0}));
    EXPECT_EQ(rule.kind, SequenceKind::connection);
    EXPECT_EQ(rule.checksum, ChecksumKind::none);
    EXPECT_FALSE(rule.rest_snapshot);
}

TEST(CoinbaseVenue, subscribes_one_channel_a_message)
{
    Bench bench;
    const std::vector<ConnectionPlan> plans = bench.venue->plan(kBoth);
    ASSERT_EQ(plans.size(), 1U);
    EXPECT_EQ(plans[0].url, "wss://advanced-trade-ws.coinbase.com");
    bench.open(3);
    EXPECT_EQ(bench.taken(),
              (std::vector<std::string>{
                  R"(3 {"type":"subscribe","channel":"heartbeats"})",
                  R"(3 {"type":"subscribe","channel":"level2","product_ids":["BTC-USD","ETH-USD"]})",
                  R"(3 {"type":"subscribe","channel":"market_trades","product_ids":["BTC-USD","ETH-USD"]})",
                  R"(3 {"type":"subscribe","channel":"status","product_ids":["BTC-USD","ETH-USD"]})"}));
}

TEST(CoinbaseVenue, splits_listings_over_connections)
{
    std::vector<ListingDefinition> definitions;
    std::vector<ListingId> listings;
    for (std::size_t i = 0; i < kProductsPerConnection + 1; ++i) {
        ListingDefinition definition = *guess_listing("spot", "A" + std::to_string(i) + "-USD");
        definition.tick = definition.lot = Decimal(1, 2);
        definitions.push_back(definition);
        listings.push_back(static_cast<ListingId>(i));
    }
    const InstrumentTable big = InstrumentTable::build({{{"coinbase", "spot"}, definitions}}).take();
    Bench bench;
    bench.venue = type().make({VenueId{0}, &big, 0});
    ASSERT_EQ(bench.venue->plan(listings).size(), 2U);
    bench.open(0);
    bench.open(1);
    bench.taken();
    // The second plan goes back to the connection that had it, whatever opens first.
    bench.venue->on_close(ConnectionId{0}, kStart, bench.sink, bench.outbox);
    bench.venue->on_close(ConnectionId{1}, kStart, bench.sink, bench.outbox);
    bench.open(1);
    EXPECT_EQ(bench.taken().at(1), R"(1 {"type":"subscribe","channel":"level2","product_ids":["A20-USD"]})");
}

TEST(CoinbaseVenue, silence_ends_a_connection_once)
{
    Bench bench;
    bench.venue->plan(kBoth);
    bench.open(0);
    bench.taken();
    EXPECT_EQ(bench.outbox.wake, kStart + kSilence);
    bench.frame(0, golden("heartbeats"), kStart + seconds(4));
    bench.venue->on_wake(kStart + seconds(10), bench.sink, bench.outbox);
    EXPECT_TRUE(bench.taken().empty());
    EXPECT_EQ(bench.outbox.wake, kStart + seconds(14));
    bench.venue->on_wake(kStart + seconds(14), bench.sink, bench.outbox);
    EXPECT_EQ(bench.taken(), std::vector<std::string>{"0 reconnect"});
    bench.venue->on_wake(kStart + seconds(15), bench.sink, bench.outbox);
    EXPECT_TRUE(bench.taken().empty());
    bench.venue->on_close(ConnectionId{0}, kStart + seconds(15), bench.sink, bench.outbox);
    bench.open(0, kStart + seconds(16));
    EXPECT_EQ(bench.taken().size(), 4U);
}

TEST(CoinbaseVenue, renews_one_book)
{
    Bench bench;
    bench.venue->plan(kBoth);
    bench.open(0);
    bench.taken();
    bench.venue->resync(ListingId{1}, kStart + seconds(5), bench.outbox);
    EXPECT_EQ(bench.taken(), (std::vector<std::string>{
                                 R"(0 {"type":"unsubscribe","channel":"level2","product_ids":["ETH-USD"]})",
                                 R"(0 {"type":"subscribe","channel":"level2","product_ids":["ETH-USD"]})"}));
}

TEST(CoinbaseVenue, stays_within_eight_messages_a_second)
{
    Bench bench;
    bench.venue->plan(kBoth);
    bench.open(0);  // three messages
    bench.taken();
    const auto at = [](std::int64_t ms) { return kStart + milliseconds(ms); };
    bench.venue->resync(ListingId{0}, at(100), bench.outbox);
    bench.venue->resync(ListingId{1}, at(200), bench.outbox);
    EXPECT_EQ(bench.taken().size(), 4U);
    bench.venue->resync(ListingId{0}, at(300), bench.outbox);
    bench.venue->resync(ListingId{1}, at(400), bench.outbox);
    bench.venue->resync(ListingId{1}, at(500), bench.outbox);
    EXPECT_TRUE(bench.taken().empty());
    EXPECT_EQ(bench.outbox.wake, kStart + seconds(1));
    bench.venue->on_wake(kStart + seconds(1), bench.sink, bench.outbox);
    EXPECT_EQ(bench.taken(),
              (std::vector<std::string>{
                  R"(0 {"type":"unsubscribe","channel":"level2","product_ids":["BTC-USD","ETH-USD"]})",
                  R"(0 {"type":"subscribe","channel":"level2","product_ids":["BTC-USD","ETH-USD"]})"}));
    bench.venue->on_wake(kStart + seconds(2), bench.sink, bench.outbox);
    EXPECT_TRUE(bench.taken().empty());
}

TEST(CoinbaseVenue, nothing_is_sent_without_a_connection)
{
    Bench bench;
    bench.venue->plan(kBoth);
    bench.venue->resync(ListingId{0}, kStart, bench.outbox);
    bench.venue->on_wake(kStart, bench.sink, bench.outbox);
    bench.frame(9, golden("l2_snapshot"), kStart);  // a recording's connection, opened before it began
    EXPECT_TRUE(bench.taken().empty());
    EXPECT_EQ(bench.sink.books, 1U);
    bench.venue->on_open(ConnectionId{0}, "wss://elsewhere", kStart, bench.sink, bench.outbox);
    EXPECT_TRUE(bench.taken().empty());
}

TEST(CoinbaseEmulator, what_it_says_is_understood)
{
    const Listing& listing = table().listing(ListingId{0});
    const Instrument& instrument = table().instrument_of(listing.id);
    const std::unique_ptr<arb::Emulator> emulator = type().make_emulator("spot");
    const std::vector<Level> bids = {{Price{3'000'001}, Quantity{50'000'000}},
                                     {Price{2'999'999}, Quantity{1}}};
    const std::vector<Level> asks = {{Price{3'000'002}, Quantity{300'000'000}}};
    const std::vector<Level> gone = {{Price{3'000'002}, Quantity{0}}};
    std::vector<VenueMessage> out;
    emulator->subscribe(instrument, listing, {bids, asks}, kStart, out);
    emulator->change(instrument, listing, {}, gone, {bids, {}}, kStart + milliseconds(1), out);
    const Trade trade{listing.id, Price{3'000'002}, Quantity{7}, Side::buy, kStart + milliseconds(2), {}};
    emulator->trade(instrument, listing, trade, out);
    Bench bench;
    for (const VenueMessage& message : out) bench.frame(0, message.text, kStart);
    EXPECT_EQ(
        bench.sink.text(),
        "sequence 0\n"
        "book snapshot BTC-USD 22:13:20.000000000Z bids 30000.01x0.5 29999.99x0.00000001 asks 30000.02x3\n"
        "sequence 1\nsubscribed BTC-USD\n"
        "sequence 2\ntime 22:13:20.000000000Z\n"
        "sequence 3\nbook update BTC-USD 22:13:20.001000000Z bids asks 30000.02x0\n"
        "sequence 4\ntrade BTC-USD buy 30000.02x0.00000007 22:13:20.002000000Z\n");
    EXPECT_EQ(emulator->stream_url(), type().stream_url("spot"));
}

}  // namespace
}  // namespace arb::coinbase
