// What every connector promises, checked for each registered one and each of its markets: its fields are
// set, its addresses are its own, hostile input hands on no book, and what its emulator says becomes the
// emulator's book, also after the connection was closed and opened anew.
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "connectors/registry.hpp"
#include "engine/emulate/emulator.hpp"
#include "engine/journal/writer.hpp"
#include "engine/sim/session.hpp"
#include "tests/support/temporary_folder.hpp"

namespace arb {
namespace {

constexpr Timestamp kNow{1'700'000'000'000'000'000};

struct Place {
    const ConnectorType* type;
    std::string market;
    VenueKey key() const { return {std::string(type->exchange), market}; }
};

void PrintTo(const Place& place, std::ostream* out)
{
    *out << place.key().label();
}

std::vector<Place> places()
{
    std::vector<Place> all;
    for (const ConnectorType* type : connectors()) {
        for (const std::string_view market : type->markets) all.push_back({type, std::string(market)});
    }
    return all;
}

// Counts facts that would change something; everything else is let go.
class CountingSink final : public FactSink, public Outbox {
  public:
    std::size_t books = 0, others = 0, troubles = 0;
    void on_book(const BookUpdate&) override { ++books; }
    void on_quote(const BestQuote&) override { ++others; }
    void on_trade(const Trade&) override { ++others; }
    void on_connection_sequence(ConnectionId, std::uint64_t) override {}
    void on_acknowledged(ConnectionId, ListingId, bool) override {}
    void on_venue_time(Timestamp, Timestamp) override {}
    void on_undecoded(const Undecoded&) override { ++troubles; }
    void send(ConnectionId, std::string_view) override {}
    void request(const HttpRequest&) override {}
    void wake_at(VenueId, Timestamp) override {}
    void reconnect(ConnectionId, std::string_view) override {}
};

// One instrument as the venue itself would list it.
std::optional<ListingDefinition> definition_of(const Place& place, Emulator& emulator)
{
    for (const char* symbol : {"BTC-USDT", "BTC/USDT", "BTCUSDT", "BTC_USDT", "BTCUSD_PERP", "BTC-USD"}) {
        std::optional<ListingDefinition> d = place.type->guess_listing(place.market, symbol);
        if (!d || d->base != "BTC") continue;
        d->tick = *Decimal::parse("0.1");
        d->lot = *Decimal::parse(d->inverse ? "1" : "0.001");
        d->quantity_min = d->lot;
        if (d->inverse) d->multiplier = *Decimal::parse("100");
        const VenueMessage reply = emulator.instruments({*d});
        const auto read = place.type->read_instruments(place.market, reply.url, reply.text);
        if (read && read.value().size() == 1) return read.value()[0];
    }
    return std::nullopt;
}

class ConnectorContract : public testing::TestWithParam<Place> {
  protected:
    const ConnectorType& type() const { return *GetParam().type; }
    const std::string& market() const { return GetParam().market; }
};

TEST_P(ConnectorContract, says_all_that_a_connector_must_say)
{
    EXPECT_FALSE(type().exchange.empty());
    ASSERT_NE(type().make, nullptr);
    ASSERT_NE(type().market_of_url, nullptr);
    ASSERT_NE(type().stream_url, nullptr);
    ASSERT_NE(type().snapshot_url, nullptr);
    ASSERT_NE(type().read_instruments, nullptr);
    ASSERT_NE(type().guess_listing, nullptr);
    ASSERT_NE(type().make_emulator, nullptr);
}

TEST_P(ConnectorContract, addresses_are_its_own_and_nobody_elses)
{
    const std::string stream = type().stream_url(market());
    EXPECT_EQ(stream.find("wss://"), 0U) << stream;
    const std::string emulated = type().make_emulator(market())->stream_url();
    for (const Place& other : places()) {
        const auto found = other.type->market_of_url(stream);
        if (other.type == &type())
            EXPECT_EQ(found, market()) << stream;
        else
            EXPECT_FALSE(found.has_value()) << stream << " is taken by " << other.type->exchange;
    }
    EXPECT_EQ(type().market_of_url(emulated), market()) << emulated;
    const std::string snapshot = type().snapshot_url(market(), "BTCUSDT");
    if (!snapshot.empty()) {
        EXPECT_EQ(type().market_of_url(snapshot), market()) << snapshot;
    }
    for (const char* foreign :
         {"", "wss://example.org/ws", "://", "wss://", "https://example.org/binance.com"}) {
        EXPECT_FALSE(type().market_of_url(foreign).has_value()) << foreign;
    }
}

TEST_P(ConnectorContract, guesses_only_what_a_symbol_tells)
{
    const auto emulator = type().make_emulator(market());
    const auto d = definition_of(GetParam(), *emulator);
    ASSERT_TRUE(d.has_value());
    const auto guess = type().guess_listing(market(), d->symbol);
    ASSERT_TRUE(guess.has_value()) << d->symbol;
    EXPECT_EQ(guess->symbol, d->symbol);
    EXPECT_EQ(guess->instrument_name(), d->instrument_name());
    for (const char* none : {"", "-", "/", "_", "--", "\xff\xfe"}) {
        EXPECT_FALSE(type().guess_listing(market(), none).has_value()) << '\'' << none << '\'';
    }
}

const std::vector<std::string>& hostile_texts()
{
    static const std::vector<std::string> texts{"",
                                                " ",
                                                "{}",
                                                "[]",
                                                "null",
                                                "true",
                                                "0",
                                                "\"\"",
                                                "{",
                                                "}",
                                                "{\"",
                                                "{\"data\":",
                                                "[[[[",
                                                "{\"a\":1}{",
                                                std::string(100'000, '['),
                                                std::string(100'000, '{'),
                                                std::string(50'000, '[') + std::string(50'000, ']'),
                                                "{\"data\":\"\xff\xfe\x80\"}",
                                                std::string(64, '\xff'),
                                                std::string(1 << 20, '9'),
                                                "[" + std::string(1 << 20, '9') + "]",
                                                std::string(4096, '\0'),
                                                "\xef\xbb\xbf{}",
                                                "{\"data\":NaN}",
                                                "{\"data\":1e999999999}",
                                                "\"" + std::string(1 << 16, '\\')};
    return texts;
}

TEST_P(ConnectorContract, hostile_input_changes_no_book)
{
    const auto emulator = type().make_emulator(market());
    const auto d = definition_of(GetParam(), *emulator);
    ASSERT_TRUE(d.has_value());
    for (const bool empty : {true, false}) {
        InstrumentTable::VenueListings venue{GetParam().key(), {}};
        if (!empty) venue.definitions.push_back(*d);
        const InstrumentTable table = InstrumentTable::build({venue}).take();
        const auto connector = type().make({VenueId{0}, &table, 0});
        ASSERT_NE(connector, nullptr);
        std::vector<ListingId> listings;
        for (const Listing& listing : table.listings()) listings.push_back(listing.id);
        const auto plan = connector->plan(listings);
        EXPECT_EQ(plan.empty(), empty);
        CountingSink sink;
        const ConnectionId connection{0};
        const std::string url = plan.empty() ? type().stream_url(market()) : plan[0].url;
        connector->on_open(connection, url, kNow, sink, sink);
        const std::string snapshot = type().snapshot_url(market(), d->symbol);
        PaddedBuffer buffer;
        for (const std::string& text : hostile_texts()) {
            connector->on_frame(connection, buffer.assign(text), kNow, sink, sink);
            connector->on_http({snapshot.empty() ? "https://example.org/" : snapshot, 200, buffer.text_of()},
                               kNow, sink, sink);
            EXPECT_EQ(sink.books + sink.others, 0U) << text.substr(0, 40);
            const auto read = type().read_instruments(market(), snapshot, text);
            EXPECT_TRUE(!read || read.value().empty()) << text.substr(0, 40);
        }
        EXPECT_GT(sink.troubles, hostile_texts().size() / 2);
        connector->on_wake(kNow + seconds(100), sink, sink);
        connector->on_close(connection, kNow, sink, sink);
    }
}

// A venue's emulator and a session over what it says, input by input.
class Dialogue {
  public:
    explicit Dialogue(const Place& place) : emulator_(place.type->make_emulator(place.market))
    {
        const auto d = definition_of(place, *emulator_);
        ENSURE(d.has_value(), "the connector reads its emulator's instruments");
        header_.venues = {{place.key(), {*d}}};
        table_ = std::make_unique<InstrumentTable>(InstrumentTable::build(header_.venues).take());
        writer_ = std::make_unique<JournalWriter>(JournalWriter::create(path_, header_).take());
        for (std::int64_t i = 0; i < 20; ++i) {
            bids_.push_back({{listing().tick.units * (100'000 - i)}, {listing().lot.units * (10 + i)}});
            asks_.push_back({{listing().tick.units * (100'001 + i)}, {listing().lot.units * (20 + i)}});
        }
    }

    const Listing& listing() const { return table_->listings()[0]; }
    const std::string& path() const { return path_; }
    const std::vector<Level>& bids() const { return bids_; }
    const std::vector<Level>& asks() const { return asks_; }

    void open() { writer_->open(VenueId{0}, ConnectionId{0}, next(), emulator_->stream_url()); }
    void close() { writer_->close(VenueId{0}, ConnectionId{0}, next(), "test"); }
    void subscribe()
    {
        emulator_->subscribe(instrument(), listing(), {bids_, asks_}, now_, messages_);
        write();
    }
    /// One level changes, one goes, one comes, on both sides; then a trade.
    void change()
    {
        std::vector<Level> bids, asks;
        for (auto [side, changes, sign] : {std::tuple{&bids_, &bids, -1}, std::tuple{&asks_, &asks, 1}}) {
            (*side)[3].quantity.units += listing().lot.units;
            changes->push_back((*side)[3]);
            changes->push_back({(*side)[5].price, {0}});
            side->erase(side->begin() + 5);
            side->push_back({{side->back().price.units + sign * 7 * listing().tick.units}, listing().lot});
            changes->push_back(side->back());
        }
        emulator_->change(instrument(), listing(), bids, asks, {bids_, asks_}, now_, messages_);
        write();
        Trade trade;
        trade.listing = listing().id;
        trade.price = asks_[0].price;
        trade.quantity = listing().lot;
        trade.venue_time = now_;
        emulator_->trade(instrument(), listing(), trade, messages_);
        write();
    }
    void finish() { ASSERT_TRUE(static_cast<bool>(writer_->finish())); }

  private:
    const Instrument& instrument() const { return table_->instrument(listing().instrument); }
    Timestamp next() { return now_ = now_ + milliseconds(10); }
    void write()
    {
        for (const VenueMessage& message : messages_) {
            if (message.http)
                writer_->http(VenueId{0}, next(), message.url, 200, message.text);
            else
                writer_->frame(VenueId{0}, ConnectionId{0}, next(), message.text);
        }
        messages_.clear();
    }

    const test::TemporaryFolder folder_;
    const std::string path_ = folder_.at("dialogue.arb");
    std::unique_ptr<Emulator> emulator_;
    JournalHeader header_;
    std::unique_ptr<InstrumentTable> table_;
    std::unique_ptr<JournalWriter> writer_;
    std::vector<Level> bids_, asks_;
    std::vector<VenueMessage> messages_;
    Timestamp now_ = kNow;
};

template <class Side>
void expect_levels(const Side& side, const std::vector<Level>& expected)
{
    ASSERT_EQ(side.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_EQ(side.at_rank(i), expected[i]) << i;
}

TEST_P(ConnectorContract, the_emulators_book_becomes_ours_again_after_a_reopen)
{
    Dialogue dialogue(GetParam());
    dialogue.open();
    dialogue.subscribe();
    for (int i = 0; i < 5; ++i) dialogue.change();
    dialogue.close();
    dialogue.open();
    dialogue.subscribe();
    for (int i = 0; i < 5; ++i) dialogue.change();
    dialogue.finish();
    SessionRequest request;
    request.recordings = {dialogue.path()};
    request.plugins.connectors = connectors();
    request.trading = false;
    Session session(std::move(request));
    const ListingId id = dialogue.listing().id;
    const BookBuilder& builder = session.engine().markets().builder(id);
    int closes = 0;
    while (!session.inputs().empty()) {
        const bool closing = session.inputs().front().record->kind == RecordKind::close;
        if (closing) {
            EXPECT_TRUE(builder.valid()) << name(builder.state());
        }
        session.step();
        if (closing) {
            EXPECT_EQ(builder.state(), BookState::empty);
            ++closes;
        }
    }
    EXPECT_EQ(closes, 1);
    EXPECT_TRUE(builder.valid()) << name(builder.state());
    EXPECT_EQ(builder.stats().gaps, 0U);
    EXPECT_EQ(builder.stats().checksums_bad, 0U);
    EXPECT_EQ(builder.stats().snapshots, 2U);
    EXPECT_EQ(session.engine().intake().undecoded_total(), 0U);
    EXPECT_EQ(session.engine().intake().facts(id).trades, 10U);
    expect_levels(builder.book().bids(), dialogue.bids());
    expect_levels(builder.book().asks(), dialogue.asks());
}

// Every cut of every message the emulator writes: nothing is half-applied.
TEST_P(ConnectorContract, a_message_cut_short_hands_on_nothing)
{
    Dialogue dialogue(GetParam());
    dialogue.open();
    dialogue.subscribe();
    dialogue.change();
    dialogue.finish();
    JournalReader reader = JournalReader::open(dialogue.path()).take();
    const InstrumentTable table = InstrumentTable::build(reader.header().venues).take();
    const auto connector = type().make({VenueId{0}, &table, 0});
    (void)connector->plan(std::vector<ListingId>{ListingId{0}});
    CountingSink sink;
    std::size_t cuts = 0;
    PaddedBuffer buffer;
    while (const Record* record = reader.next()) {
        if (record->kind == RecordKind::open)
            connector->on_open(ConnectionId{0}, record->url, kNow, sink, sink);
        for (std::size_t length = 0; length < record->text.size;
             length += 1 + record->text.size / 97, ++cuts) {
            const PaddedText cut = buffer.assign(record->text.view().substr(0, length));
            if (record->kind == RecordKind::frame)
                connector->on_frame(ConnectionId{0}, cut, kNow, sink, sink);
            if (record->kind == RecordKind::http)
                connector->on_http({record->url, 200, cut}, kNow, sink, sink);
            ASSERT_EQ(sink.books + sink.others, 0U) << cut.view();
        }
    }
    EXPECT_GT(cuts, 100U);
    EXPECT_GT(sink.troubles, cuts / 2);
}

INSTANTIATE_TEST_SUITE_P(Every, ConnectorContract, testing::ValuesIn(places()),
                         [](const auto& instance) { return instance.param.key().label(); });

}  // namespace
}  // namespace arb
