// Products that share one book: market data comes under the target's name, orders go to the alias and are
// paid from its wallet.
#include <gtest/gtest.h>

#include "connectors/coinbase/life_support.hpp"
#include "connectors/coinbase/test_support.hpp"
#include "tests/support/venue_link.hpp"

namespace arb::coinbase {
namespace {

using arb::test::money;
using arb::test::VenueLink;

ListingDefinition link_usdc()
{
    ListingDefinition d = test::link_usd();
    d.symbol = "LINK-USDC";
    d.quote = "USDC";
    d.code = "LINK-USD";
    return d;
}

// Facts by the place of their listing in the table.
class Ears final : public FactSink {
  public:
    std::vector<std::string> lines;
    void on_book(const BookUpdate& u) override
    {
        lines.push_back((u.snapshot ? "snapshot " : "update ") + std::to_string(index(u.listing)) + " " +
                        std::to_string(u.asks.empty() ? 0 : u.asks[0].price.units) + "x" +
                        std::to_string(u.asks.empty() ? 0 : u.asks[0].quantity.units));
    }
    void on_quote(const BestQuote& q) override
    {
        lines.push_back("quote " + std::to_string(index(q.listing)));
    }
    void on_trade(const Trade& t) override { lines.push_back("trade " + std::to_string(index(t.listing))); }
    void on_connection_sequence(ConnectionId, std::uint64_t n) override
    {
        lines.push_back("sequence " + std::to_string(n));
    }
    void on_acknowledged(ConnectionId, ListingId id, bool yes) override
    {
        lines.push_back((yes ? "subscribed " : "ended ") + std::to_string(index(id)));
    }
    void on_venue_time(Timestamp, Timestamp) override {}
    void on_undecoded(const Undecoded& u) override
    {
        lines.push_back(std::string("undecoded ") + name(u.reason) + " " + std::string(u.text));
    }
};

struct Pair {
    explicit Pair(bool target)
    {
        // Another instrument's finer steps: the same digits are other units there.
        ListingDefinition finer = link_usdc();
        finer.market = "spot";
        finer.symbol = "LINKUSDC";
        finer.code = "";
        finer.lot = Decimal(1, 3);
        std::vector<ListingDefinition> listed{link_usdc()};
        if (target) listed.push_back(test::link_usd());
        table = std::make_unique<InstrumentTable>(
            InstrumentTable::build({{{"coinbase", "spot"}, listed}, {{"other", "spot"}, {finer}}}).take());
        venue = type().make({VenueId{0}, table.get(), 0});
    }
    std::vector<std::string> told(const std::string& frame)
    {
        Ears ears;
        const PaddedBuffer buffer(frame);
        venue->on_frame(ConnectionId{1}, buffer.text_of(), Timestamp{7}, ears, outbox);
        return ears.lines;
    }
    std::unique_ptr<InstrumentTable> table;
    std::unique_ptr<Venue> venue;
    Letters outbox;
};

using Lines = std::vector<std::string>;

std::string head(const char* channel, int number)
{
    return std::string(R"({"channel":")") + channel +
           R"(","client_id":"","timestamp":"2026-03-04T05:06:08.1Z","sequence_num":)" +
           std::to_string(number) + R"(,"events":[)";
}

std::string book(int number, const char* blank = "")
{
    return head("l2_data", number) + blank + R"({"type":"update","product_id":"LINK-USD","updates":[)" +
           R"({"side":"offer","event_time":"2026-03-04T05:06:08Z","price_level":"27.31","new_quantity":"4.5"}]}]})";
}

TEST(CoinbaseAlias, the_targets_frames_are_the_aliases)
{
    Pair pair(false);
    EXPECT_EQ(pair.told(head("subscriptions", 0) + R"({"subscriptions":{"level2":["LINK-USD"]}}]})"),
              (Lines{"sequence 0", "subscribed 0"}));
    for (const char* blank : {"", " "})
        EXPECT_EQ(pair.told(book(1, blank)), (Lines{"sequence 1", "update 0 2731x4500"}))
            << "read either way";
    EXPECT_EQ(
        pair.told(head("market_trades", 2) +
                  R"({"type":"update","trades":[{"trade_id":"1","product_id":"LINK-USD","price":"27.3",)"
                  R"("size":"1","side":"BUY","time":"2026-03-04T05:06:08Z"}]}]})"),
        (Lines{"sequence 2", "trade 0"}));
    EXPECT_EQ(pair.told(head("ticker", 3) +
                        R"({"type":"update","tickers":[{"product_id":"LINK-USD","best_bid":"27.3",)"
                        R"("best_bid_quantity":"1","best_ask":"27.4","best_ask_quantity":"1"}]}]})"),
              (Lines{"sequence 3", "quote 0"}));
    EXPECT_EQ(pair.told(head("l2_data", 4) + R"({"type":"update","product_id":"XYZ-USD","updates":[]}]})"),
              (Lines{"sequence 4", "undecoded unknown_instrument XYZ-USD"}));
}

TEST(CoinbaseAlias, both_listings_of_a_book_are_told_in_their_own_units)
{
    Pair pair(true);
    EXPECT_EQ(pair.told(book(1)), (Lines{"sequence 1", "update 1 2731x45", "update 0 2731x4500"}));
    const auto plans = pair.venue->plan(std::vector<ListingId>{ListingId{0}, ListingId{1}});
    ASSERT_EQ(plans.size(), 1U);
    Ears ears;
    pair.venue->on_open(ConnectionId{1}, plans[0].url, Timestamp{7}, ears, pair.outbox);
    EXPECT_EQ(pair.outbox.lines[1],
              R"(1 {"type":"subscribe","channel":"level2","product_ids":["LINK-USD"]})");
}

class CoinbaseAliasLife : public ::testing::TestWithParam<const char*>, protected test::Life<VenueLink> {};
INSTANTIATE_TEST_SUITE_P(Keys, CoinbaseAliasLife, ::testing::Values("trade", "trade_ed25519"),
                         [](const auto& key) { return std::string(key.param); });

TEST_P(CoinbaseAliasLife, the_wallet_of_the_alias_pays)
{
    link = std::make_unique<VenueLink>(type(), "spot", std::vector<ListingDefinition>{link_usdc()},
                                       FeeTaking::quote, GetParam());
    link->deposit("USDC", "1000");
    link->street("27.10", "27.20");
    start();
    ASSERT_TRUE(ready());
    EXPECT_GT(link->books, 0U);
    std::string body;
    link->on_to_venue = [&](VenueLink::Message& m) {
        if (m.request.method == "POST") body = m.request.body;
        // Lists are asked for whole: orders may be kept under the target's name.
        EXPECT_EQ(m.request.url.find("product_ids"), std::string::npos);
        return true;
    };
    // The venue tells orders and fills under the target's name.
    link->on_to_client = [](VenueLink::Message& m) {
        for (std::string* text : {&m.text, &m.reply.body}) {
            const std::size_t at = text->find("\"LINK-USDC\"");
            if (at != std::string::npos) text->replace(at, 11, "\"LINK-USD\"");
        }
        return true;
    };
    const OrderId id = link->place(Side::buy, "2", "27.20", TimeInForce::ioc);
    settle();
    EXPECT_NE(body.find(R"("product_id":"LINK-USDC")"), std::string::npos) << body;
    EXPECT_EQ(status(id), OrderStatus::filled);
    ASSERT_EQ(link->fills.size(), 1U);
    EXPECT_EQ(link->fills[0].fee_asset, "USDC");
    link->venue().query_fills(link->all_listings(), link->now() - seconds(60), link->now(), *link, *link);
    link->venue().query_open_orders(link->all_listings(), link->now(), *link, *link);
    link->query(id);
    settle();
    EXPECT_EQ(ended(RequestKind::fills), "done none");
    EXPECT_EQ(ended(RequestKind::open_orders), "done none");
    EXPECT_EQ(ended(RequestKind::query_order), "done none");
    EXPECT_TRUE(link->undecoded.empty());
}

}  // namespace
}  // namespace arb::coinbase
