#include "connectors/gate/instruments.hpp"

#include <gtest/gtest.h>

#include "connectors/gate/emulator.hpp"
#include "connectors/gate/gate.hpp"
#include "connectors/gate/test_support.hpp"

namespace arb::gate::test {
namespace {

constexpr const char* kPairsUrl = "https://api.gateio.ws/api/v4/spot/currency_pairs";
constexpr const char* kContractsUrl = "https://api.gateio.ws/api/v4/futures/usdt/contracts";

std::vector<std::string> lines_of(const std::vector<ListingDefinition>& listings)
{
    std::vector<std::string> lines;
    for (const ListingDefinition& d : listings) {
        std::string line = d.symbol + " " + d.instrument_name() + " tick " + d.tick.text() + " lot " +
                           d.lot.text() + " min " + d.quantity_min.text() + " notional " +
                           d.notional_min.text() + " x " + d.multiplier.text() + " " + name(d.status);
        if (!d.quantity_unit.zero()) line += " unit " + d.quantity_unit.text();
        lines.push_back(line);
    }
    return lines;
}

TEST(GateInstruments, PairsWithTheirStepsAndStatus)
{
    const auto listings = read_instruments("spot", kPairsUrl, golden("currency_pairs")).take();
    EXPECT_EQ(lines_of(listings),
              (std::vector<std::string>{
                  "ETH_USDT ETH/USDT tick 0.000001 lot 0.001 min 0.001 notional 1 x 1 trading",
                  "BTC_USDT BTC/USDT tick 0.01 lot 0.000001 min 0.00001 notional 3 x 1 trading",
                  "NEW_USDT NEW/USDT tick 0.00000001 lot 1 min 1 notional 3 x 1 halted",
                  "OLD_USDT OLD/USDT tick 0.01 lot 0.000001 min 0.00001 notional 0 x 1 halted",
                  "OFF_USDT OFF/USDT tick 0.01 lot 0.000001 min 0.00001 notional 3 x 1 halted",
                  "PRE_USDT PRE/USDT tick 0.01 lot 0.000001 min 0.00001 notional 3 x 1 halted",
                  "ODD_USDT ODD/USDT tick 0.01 lot 0.000001 min 0.00001 notional 3 x 1 unknown",
              }))
        << "no inexact, unreadable or half entry; what can only be bought or only be sold is halted";
    for (const ListingDefinition& d : listings) EXPECT_FALSE(d.fee_taker) << "the list's fee is out of date";
    EXPECT_TRUE(InstrumentTable::build({{{"gate", "spot"}, listings}}));
}

TEST(GateInstruments, ContractsWithTheirMultiplier)
{
    const auto listings = read_instruments("usdt", kContractsUrl, golden("contracts_usdt")).take();
    EXPECT_EQ(lines_of(listings),
              (std::vector<std::string>{
                  "BTC_USDT BTC/USDT:PERP tick 0.1 lot 1 min 1 notional 0 x 0.0001 trading",
                  "XRP_USDT XRP/USDT:PERP tick 0.0001 lot 1 min 0.1 notional 0 x 10 trading unit 0.0001",
                  "OUT_USDT OUT/USDT:PERP tick 0.1 lot 1 min 1 notional 0 x 0.0001 halted",
                  "PRE_USDT PRE/USDT:PERP tick 0.1 lot 1 min 1 notional 0 x 0.0001 halted",
                  "CUT_USDT CUT/USDT:PERP tick 0.1 lot 1 min 1 notional 0 x 0.0001 halted",
                  "ODD_USDT ODD/USDT:PERP tick 0.1 lot 1 min 1 notional 0 x 0.0001 unknown",
                  "SURE_USDT SURE/USDT:PERP tick 0.1 lot 1 min 1 notional 0 x 0.0001 trading",
              }))
        << "no inverse contract, none without a multiplier, no size as a fraction, no flag that is none";
    const InstrumentTable table = InstrumentTable::build({{{"gate", "usdt"}, listings}}).take();
    const Listing& decimal = *table.find_symbol(VenueId{0}, "XRP_USDT");
    EXPECT_EQ(decimal.wire.quantity_factor, 10);
    EXPECT_EQ(decimal.lot.units % 10'000, 0) << "orders of whole contracts, books finer";
}

TEST(GateInstruments, TellsWhatCannotBeRead)
{
    EXPECT_TRUE(
        read_instruments("spot", "https://api.gateio.ws/api/v4/spot/order_book?x=1", "{").take().empty());
    EXPECT_TRUE(read_instruments("spot", kContractsUrl, golden("contracts_usdt")).take().empty())
        << "another market's list";
    for (const std::string& body : {std::string(), std::string("<html>"), std::string("{}"),
                                    std::string("{\"a\":1"), golden("instruments_refused")}) {
        const auto result = read_instruments("spot", kPairsUrl, body);
        ASSERT_FALSE(result) << body;
        EXPECT_EQ(result.error().code, ExitCode::data);
        EXPECT_NE(result.error().message.find(kPairsUrl), std::string::npos);
    }
    const auto refused = read_instruments("usdt", kContractsUrl, golden("instruments_refused"));
    EXPECT_NE(refused.error().message.find("TOO_MANY_REQUESTS"), std::string::npos);
}

TEST(GateInstruments, GuessesFromSymbols)
{
    const auto spot = guess_listing("spot", "BTC_USDT");
    ASSERT_TRUE(spot);
    EXPECT_EQ(spot->instrument_name(), "BTC/USDT");
    EXPECT_TRUE(spot->tick.zero()) << "the data tells it";
    EXPECT_EQ(guess_listing("usdt", "BTC_USDT")->instrument_name(), "BTC/USDT:PERP");
    EXPECT_EQ(guess_listing("spot", "ETH_BTC")->instrument_name(), "ETH/BTC");
    EXPECT_FALSE(guess_listing("usdt", "BTC_USD")) << "settled in bitcoin";
    for (const char* symbol : {"", "BTC", "BTC_", "_USDT", "BTC__USDT", "BTC_USDT_20260925", "BTC-USDT"})
        EXPECT_FALSE(guess_listing("spot", symbol)) << symbol;
}

TEST(GateInstruments, KnowsItsAddresses)
{
    struct Row {
        const char *url, *market;
    };
    for (const Row& row : {Row{"wss://api.gateio.ws/ws/v4/", "spot"},
                           {"wss://api.gateio.ws/ws/v4/#account", "spot"},
                           {"wss://ws-testnet.gate.com/v4/ws/spot", "spot"},
                           {"https://api.gateio.ws/api/v4/spot/orders?x=1", "spot"},
                           {"https://api.gateio.ws/api/v4/wallet/fee", "spot"},
                           {"https://api-testnet.gateapi.io/api/v4/spot/time", "spot"},
                           {"wss://fx-ws.gateio.ws/v4/ws/usdt", "usdt"},
                           {"wss://ws-testnet.gate.com/v4/ws/futures/usdt#account", "usdt"},
                           {"https://api.gateio.ws/api/v4/futures/usdt/contracts", "usdt"},
                           {"https://fx-api.gateio.ws/api/v4/futures/usdt/orders", "usdt"}}) {
        EXPECT_EQ(market_of_url(row.url), row.market) << row.url;
    }
    for (const char* url :
         {"", "api.gateio.ws", "wss://", "wss://fx-ws.gateio.ws/v4/ws/btc",
          "wss://fx-ws.gateio.ws/v4/ws/usdt/sbe", "wss://ws-testnet.gate.com/v4/ws/futures/btc",
          "https://api.gateio.ws/api/v4/futures/btc/contracts", "https://api.gateio.ws/api/v4/options/x",
          "wss://api.gateio.ws.example.org/ws/v4/", "wss://example.org/ws/v4/?api.gateio.ws"}) {
        EXPECT_FALSE(market_of_url(url)) << url;
    }
}

TEST(GateInstruments, OffersTheConnectorType)
{
    const ConnectorType& connector = type();
    EXPECT_EQ(connector.exchange, "gate");
    for (const std::string_view market : connector.markets) {
        EXPECT_EQ(connector.market_of_url(connector.stream_url(market)), market);
        EXPECT_EQ(connector.make_emulator(market)->stream_url(), connector.stream_url(market));
        EXPECT_EQ(connector.snapshot_url(market, "BTC_USDT"), "") << "snapshots come by websocket";
        for (const std::string& url : connector.instrument_urls(market))
            EXPECT_EQ(connector.market_of_url(url), market) << url;
        for (const VenueEnvironment& one : connector.environments(market)) {
            for (const VenueEnvironment::Address& address : one.addresses)
                EXPECT_NE(address.own, address.instead);
        }
    }
    EXPECT_TRUE(connector.dial_headers("spot").empty());
    ASSERT_EQ(connector.dial_headers("usdt").size(), 1U);
    EXPECT_EQ(connector.dial_headers("usdt")[0].name, "X-Gate-Size-Decimal");
    EXPECT_EQ(connector.dial_headers("usdt")[0].value, "1");
}

TEST(GateInstruments, ReadsTheEmulatorsReply)
{
    for (const auto& [market, list] : {std::pair{"spot", "currency_pairs"}, {"usdt", "contracts_usdt"}}) {
        const char* const url = std::string_view(market) == "spot" ? kPairsUrl : kContractsUrl;
        std::vector<ListingDefinition> definitions = read_instruments(market, url, golden(list)).take();
        for (ListingDefinition& d : definitions) {
            if (d.status == ListingStatus::unknown)
                d.status = ListingStatus::halted;  // it has no word for it
        }
        const VenueMessage message = make_emulator(market)->instruments(definitions);
        EXPECT_TRUE(message.http);
        EXPECT_EQ(market_of_url(message.url), market);
        EXPECT_EQ(read_instruments(market, message.url, message.text).take(), definitions);
    }
}

}  // namespace
}  // namespace arb::gate::test
