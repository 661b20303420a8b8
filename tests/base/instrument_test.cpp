// Listings of several venues become instruments with common units; symbols are found; lines are read back.
#include "engine/base/instrument.hpp"

#include <gtest/gtest.h>

namespace arb {
namespace {

using Venues = std::vector<InstrumentTable::VenueListings>;

ListingDefinition spot(std::string symbol, const char* tick, const char* lot)
{
    ListingDefinition d;
    d.market = "spot";
    d.symbol = std::move(symbol);
    d.base = "BTC";
    d.quote = "USDT";
    d.tick = *Decimal::parse(tick);
    d.lot = *Decimal::parse(lot);
    return d;
}

ListingDefinition swap(std::string symbol, const char* tick, const char* lot, const char* multiplier)
{
    ListingDefinition d = spot(std::move(symbol), tick, lot);
    d.market = "swap";
    d.kind = InstrumentKind::perpetual;
    d.multiplier = *Decimal::parse(multiplier);
    return d;
}

InstrumentTable built(const Venues& venues)
{
    return InstrumentTable::build(venues).take();
}

void expect_refused(const Venues& venues, const std::string& why)
{
    const Result<InstrumentTable> result = InstrumentTable::build(venues);
    ASSERT_FALSE(result) << why;
    EXPECT_EQ(result.error().code, ExitCode::data);
    EXPECT_NE(result.error().message.find(why), std::string::npos) << result.error().message;
}

TEST(Instrument, units_are_the_finest_over_all_venues)
{
    ListingDefinition fine = spot("BTC-USDT", "0.1", "0.00000001");
    fine.quantity_min = *Decimal::parse("0.00001");
    fine.notional_min = *Decimal::parse("5");
    const InstrumentTable table =
        built({{{"one", "spot"}, {spot("BTCUSDT", "0.01", "0.001")}}, {{"two", ""}, {fine}}});
    ASSERT_EQ(table.instruments().size(), 1U);
    const Instrument& instrument = table.instruments()[0];
    EXPECT_EQ(instrument.name, "BTC/USDT");
    EXPECT_EQ(instrument.price_decimals, 2);
    EXPECT_EQ(instrument.quantity_decimals, 8);
    const Listing& one = table.listings()[0];
    const Listing& two = table.listings()[1];
    EXPECT_EQ(one.tick, Price{1});
    EXPECT_EQ(one.price_step, Price{1});
    EXPECT_EQ(one.lot, Quantity{100'000});
    EXPECT_EQ(two.tick, Price{10});
    EXPECT_EQ(two.price_step, Price{10});
    EXPECT_EQ(two.lot, Quantity{1});
    EXPECT_EQ(two.quantity_min, Quantity{1'000});
    EXPECT_EQ(two.notional_min.text(), "5");
    EXPECT_EQ(two.wire.price_decimals, 2);
    EXPECT_EQ(two.wire.quantity_decimals, 8);
    EXPECT_EQ(two.wire.quantity_factor, 1);
    EXPECT_EQ(instrument.text(Price{3'026'199}), "30261.99");
    EXPECT_EQ(instrument.text(Quantity{150'000'000}), "1.5");
}

TEST(Instrument, a_minimum_finer_than_the_lot_counts)
{
    ListingDefinition d = spot("A", "1", "0.1");
    d.quantity_min = *Decimal::parse("0.25");
    const InstrumentTable table = built({{{"one", ""}, {d}}});
    EXPECT_EQ(table.instruments()[0].quantity_decimals, 2);
    EXPECT_EQ(table.listings()[0].quantity_min, Quantity{25});
    EXPECT_EQ(table.listings()[0].lot, Quantity{10});
}

TEST(Instrument, linear_contracts_become_base)
{
    // A hundredth of a bitcoin a contract, tenths of a contract at one venue; bitcoins to three places at the
    // other.
    ListingDefinition contracts = swap("BTC-USDT-SWAP", "0.1", "0.1", "0.01");
    contracts.quantity_min = *Decimal::parse("0.5");
    const InstrumentTable table =
        built({{{"one", ""}, {contracts}}, {{"two", "usdm"}, {swap("BTCUSDT", "0.10", "0.001", "1")}}});
    const Instrument& instrument = table.instruments()[0];
    EXPECT_EQ(instrument.name, "BTC/USDT:PERP");
    EXPECT_EQ(instrument.quantity_decimals, 3);
    const WireScale& wire = table.listings()[0].wire;
    // "12.3" contracts are 0.123 bitcoins, 123 units.
    const ScaledNumber wired = parse_scaled("12.3", wire.quantity_decimals);
    EXPECT_EQ(wired.error, DecimalError::none);
    EXPECT_EQ(wired.value * wire.quantity_factor, 123);
    EXPECT_EQ(table.listings()[0].lot, Quantity{1});
    EXPECT_EQ(table.listings()[0].quantity_min, Quantity{5});
    EXPECT_EQ(instrument.notional(Price{300'000}, Quantity{123})->text(), "3690");  // 30,000 x 0.123
    EXPECT_EQ(instrument.amount(Quantity{123}).text(), "0.123");
    const WireScale& other = table.listings()[1].wire;
    EXPECT_EQ(parse_scaled("0.123", other.quantity_decimals).value * other.quantity_factor, 123);
}

TEST(Instrument, contracts_of_many_coins)
{
    ListingDefinition d = swap("SHIB-USDT-SWAP", "0.000000001", "1", "1000000");
    const InstrumentTable table = built({{{"one", ""}, {d}}});
    EXPECT_EQ(table.instruments()[0].quantity_decimals, 0);
    EXPECT_EQ(table.listings()[0].wire.quantity_factor, 1'000'000);
    EXPECT_EQ(table.listings()[0].lot, Quantity{1'000'000});
}

TEST(Instrument, inverse_contracts_count_quote_currency)
{
    ListingDefinition d = swap("BTC-USD-SWAP", "0.1", "1", "100");
    d.quote = "USD";
    d.inverse = true;
    d.kind = InstrumentKind::future;
    d.expiry = "220527";
    const InstrumentTable table = built({{{"one", ""}, {d}}});
    const Instrument& instrument = table.instruments()[0];
    EXPECT_EQ(instrument.name, "BTC/USD:220527");
    const WireScale& wire = table.listings()[0].wire;
    const std::int64_t units = parse_scaled("7", wire.quantity_decimals).value * wire.quantity_factor;
    EXPECT_EQ(instrument.notional(Price{300'000}, Quantity{units})->text(), "700");  // whatever the price
    EXPECT_EQ(instrument.notional(Price{1}, Quantity{units})->text(), "700");
    EXPECT_EQ(instrument.amount(Quantity{units}).text(), "700");
}

TEST(Instrument, notional_that_does_not_fit_is_empty)
{
    const InstrumentTable table = built({{{"one", ""}, {spot("A", "1", "1")}}});
    EXPECT_EQ(table.instruments()[0].notional(Price{INT64_MAX}, Quantity{INT64_MAX}), std::nullopt);
    EXPECT_EQ(table.instruments()[0].notional(Price{INT64_MAX}, Quantity{10})->text(),
              "92233720368547758070");
}

TEST(Instrument, legacy_prices_finer_than_the_tick)
{
    ListingDefinition d = spot("A", "0.5", "0.1");
    d.price_unit = *Decimal::parse("0.01");
    d.quantity_unit = *Decimal::parse("0.0001");
    const InstrumentTable table = built({{{"one", ""}, {d}}});
    const Listing& listing = table.listings()[0];
    EXPECT_EQ(table.instruments()[0].price_decimals, 2);
    EXPECT_EQ(table.instruments()[0].quantity_decimals, 4);
    EXPECT_EQ(listing.tick, Price{50});       // our orders keep to the tick
    EXPECT_EQ(listing.price_step, Price{1});  // the book need not
    EXPECT_EQ(listing.lot, Quantity{1000});
    EXPECT_EQ(listing.wire.quantity_decimals, 4);
}

TEST(Instrument, fees)
{
    ListingDefinition told = spot("A", "1", "1");
    told.fee_maker = *Decimal::parse("-0.00005");
    told.fee_taker = *Decimal::parse("0.001");
    const InstrumentTable table = built({{{"one", ""}, {told}}, {{"two", ""}, {spot("A", "1", "1")}}});
    EXPECT_EQ(table.listings()[0].fee_taker, Rate{10 * kRatePerBasisPoint});
    EXPECT_EQ(table.listings()[0].fee_maker, Rate{-kRatePerBasisPoint / 2});
    EXPECT_TRUE(table.listings()[0].fees_known);
    EXPECT_FALSE(table.listings()[1].fees_known);
}

TEST(Instrument, refused_tables)
{
    const VenueKey venue{"one", "spot"};
    expect_refused({{venue, {spot("A", "0", "1")}}}, "above zero");
    expect_refused({{venue, {spot("A", "-0.1", "1")}}}, "above zero");
    expect_refused({{venue, {spot("A", "1", "0")}}}, "above zero");
    expect_refused({{venue, {spot("A", "1", "-1")}}}, "above zero");
    expect_refused({{venue, {swap("A", "1", "1", "0")}}}, "above zero");
    expect_refused({{venue, {spot("A", "0.0000000001", "0.000000001")}}}, "18");
    EXPECT_TRUE(InstrumentTable::build({{venue, {spot("A", "0.000000001", "0.000000001")}}}));
    expect_refused({{venue, {spot("A", "1", "1"), spot("A", "0.1", "1")}}}, "twice");
    expect_refused({{venue, {spot("A", "9223372036854775807", "1"), spot("B", "0.1", "1")}}}, "64 bits");
    expect_refused({{venue, {spot("A", "1", "9223372036854775807"), spot("B", "1", "0.1")}}}, "64 bits");
    ListingDefinition inverse = spot("B", "1", "1");
    inverse.inverse = true;
    expect_refused({{venue, {spot("A", "1", "1")}}, {{"two", ""}, {inverse}}}, "inverse");
    // The decimals of one venue's price and another's quantity count together.
    expect_refused(
        {{venue, {spot("A", "0.0000000001", "1")}}, {{"two", ""}, {spot("A", "1", "0.000000001")}}}, "18");
}

// Units finer than a venue's steps are kept as far as there is room: a table is not refused for them.
TEST(Instrument, finer_units_take_the_room_that_is_left)
{
    const VenueKey venue{"one", "spot"};
    ListingDefinition d = spot("A", "0.01", "0.001");
    d.price_unit = *Decimal::parse("0.00000001");
    d.quantity_unit = *Decimal::parse("0.0000001");
    const auto decimals = [](const Result<InstrumentTable>& table) {
        const Instrument& instrument = table.value().instruments()[0];
        return std::pair{int{instrument.price_decimals}, int{instrument.quantity_decimals}};
    };
    auto table = InstrumentTable::build({{venue, {d}}});
    ASSERT_TRUE(table);
    EXPECT_EQ(decimals(table), std::pair(8, 7));
    EXPECT_EQ(table.value().listings()[0].tick, Price{1'000'000});
    EXPECT_EQ(table.value().listings()[0].lot, Quantity{10'000});
    // Another venue's steps of the same instrument come first.
    table = InstrumentTable::build({{venue, {d}}, {{"two", ""}, {spot("A", "0.000000000001", "1")}}});
    ASSERT_TRUE(table);
    EXPECT_EQ(decimals(table), std::pair(12, 6));
    table = InstrumentTable::build({{venue, {d}}, {{"two", ""}, {spot("A", "1", "0.0000000000001")}}});
    ASSERT_TRUE(table);
    EXPECT_EQ(decimals(table), std::pair(5, 13));
}

TEST(Instrument, more_listings_than_handles)
{
    InstrumentTable::VenueListings venue{{"one", ""}, {}};
    for (int i = 0; i < 65'000; ++i) venue.definitions.push_back(spot("S" + std::to_string(i), "1", "1"));
    EXPECT_TRUE(InstrumentTable::build({venue}));
    venue.definitions.push_back(spot("last", "1", "1"));
    expect_refused({venue}, "65,000");
}

TEST(Instrument, different_quotes_and_kinds_are_different_instruments)
{
    ListingDefinition usd = spot("BTCUSD", "1", "1");
    usd.quote = "USD";
    const InstrumentTable table =
        built({{{"one", ""}, {spot("BTCUSDT", "1", "1"), usd, swap("BTCUSDT-P", "1", "1", "1")}},
               {{"two", "usdm"}, {swap("BTCUSDT", "1", "1", "1")}}});
    ASSERT_EQ(table.instruments().size(), 3U);
    const auto perpetual = table.find_instrument("BTC/USDT:PERP");
    ASSERT_TRUE(perpetual);
    ASSERT_EQ(table.listings_of(*perpetual).size(), 2U);
    EXPECT_EQ(table.listing(table.listings_of(*perpetual)[1]).venue, VenueId{1});
    EXPECT_EQ(table.find_listing(VenueId{1}, *perpetual), ListingId{3});
    EXPECT_EQ(table.find_listing(VenueId{1}, *table.find_instrument("BTC/USD")), std::nullopt);
    EXPECT_EQ(table.find_instrument("ETH/USDT"), std::nullopt);
    EXPECT_EQ(table.find_venue("two_usdm"), VenueId{1});
    EXPECT_EQ(table.find_venue("two"), std::nullopt);
    EXPECT_EQ(table.label(VenueId{0}), "one");
}

TEST(Instrument, symbols_that_share_a_slot)
{
    // With at most eight listings the table has sixteen slots: all of these fall into the last one, so that
    // the walk goes on from the table's beginning.
    const std::vector<std::string> same_slot = {"S8", "S23", "S34", "S41", "S52", "S67", "S78", "S85"};
    InstrumentTable::VenueListings venue{{"one", ""}, {}};
    for (std::size_t i = 0; i + 1 < same_slot.size(); ++i)
        venue.definitions.push_back(spot(same_slot[i], "1", "1"));
    const InstrumentTable table = built({venue, {{"two", ""}, {spot("S85", "1", "1")}}});
    for (std::size_t i = 0; i + 1 < same_slot.size(); ++i) {
        const Listing* found = table.find_symbol(VenueId{0}, same_slot[i]);
        ASSERT_NE(found, nullptr) << same_slot[i];
        EXPECT_EQ(found->id, ListingId(i));
    }
    for (const char* unknown : {"S85", "", "S", "s8", "S8 ", "S230"}) {
        EXPECT_EQ(table.find_symbol(VenueId{0}, unknown), nullptr) << unknown;
    }
    EXPECT_EQ(table.find_symbol(VenueId{1}, "S85")->id, ListingId{7});  // each venue has its own symbols
}

TEST(Instrument, many_symbols_are_all_found)
{
    InstrumentTable::VenueListings venue{{"one", ""}, {}};
    for (int i = 0; i < 5'000; ++i) venue.definitions.push_back(spot("SYM" + std::to_string(i), "1", "1"));
    const InstrumentTable table = built({venue});
    for (std::size_t i = 0; i < 5'000; ++i) {
        ASSERT_EQ(table.find_symbol(VenueId{0}, venue.definitions[i].symbol)->id, ListingId(i));
    }
    EXPECT_EQ(table.find_symbol(VenueId{0}, "SYM5000"), nullptr);
}

TEST(Instrument, a_line_is_read_back)
{
    ListingDefinition d = swap("BTC-USDT-SWAP", "0.1", "0.01", "0.01");
    EXPECT_EQ(*ListingDefinition::from_line(d.to_line()), d);
    d.kind = InstrumentKind::future;
    d.expiry = "260626";
    d.inverse = true;
    d.inferred = true;
    d.status = ListingStatus::halted;
    d.quantity_min = *Decimal::parse("0.03");
    d.notional_min = *Decimal::parse("5.5");
    d.price_unit = *Decimal::parse("0.001");
    d.quantity_unit = *Decimal::parse("0.0001");
    d.fee_maker = *Decimal::parse("-0.0001");
    d.fee_taker = *Decimal::parse("0");  // known to be nothing, not unknown
    EXPECT_EQ(*ListingDefinition::from_line(d.to_line()), d);
}

TEST(Instrument, lines_that_cannot_be_read)
{
    for (const char* line :
         {"", "tick=1", "symbol=A\ttick=1e5", "symbol=A\tcolour=1", "symbol=A\ttick", "symbol=A\t\t",
          "symbol=A\tkind=option", "symbol=A\ttick=", "symbol=A\tlot=NaN", "symbol="}) {
        const Result<ListingDefinition> read = ListingDefinition::from_line(line);
        ASSERT_FALSE(read) << '"' << line << '"';
        EXPECT_EQ(read.error().code, ExitCode::data);
    }
    EXPECT_EQ(ListingDefinition::from_line("symbol=A\tstatus=dreaming")->status, ListingStatus::unknown);
}

}  // namespace
}  // namespace arb
