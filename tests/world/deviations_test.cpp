// What an emulated venue's protocol side hears through each deviation, beside what it hears without: one
// table, one row a deviation, over a protocol side that only writes down what it is told.
#include "engine/world/deviations.hpp"

#include <algorithm>
#include <functional>

#include <gtest/gtest.h>

namespace arb {
namespace {

constexpr Timestamp kBegun{1'700'000'000'000'000'000};
constexpr AccountId kClient{1};
constexpr ListingId kOnlyListing{0};

Amount coins(std::string_view text)
{
    return *amount_of(*Decimal::parse(text));
}

ListingDefinition definition()
{
    ListingDefinition spot;
    spot.market = "spot";
    spot.symbol = "LINKUSDT";
    spot.base = "LINK";
    spot.quote = "USDT";
    spot.tick = *Decimal::parse("0.01");
    spot.lot = *Decimal::parse("0.1");
    spot.fee_maker = spot.fee_taker = *Decimal::parse("0.001");
    return spot;
}

/// Writes down what it is told; a book is said to a client in one word.
class Scribe final : public EmulatedVenue {
  public:
    struct Heard {
        std::vector<std::pair<EmulatedOrder, bool>> orders;  ///< true: a fill
        std::vector<EmulatedBalance> balances;
        std::vector<Timestamp> times;
        std::size_t books = 0, crossed = 0;
    };
    explicit Scribe(Heard& heard) : heard_(&heard) {}
    ServerReply on_request(const ServerRequest&, Timestamp, SessionOutbox&) override { return {}; }
    bool on_session(SessionId, const ServerRequest&, Timestamp, SessionOutbox&) override { return true; }
    void on_session_frame(SessionId, std::string_view, Timestamp, SessionOutbox&) override {}
    void on_session_closed(SessionId) override {}
    void on_book(ListingId, std::span<const Level> bids, std::span<const Level>, const EmulatedBook& book,
                 Timestamp, SessionOutbox& out) override
    {
        ++heard_->books;
        heard_->crossed += book.bids.front().price >= book.asks.front().price;
        for (const Level& level : bids) {
            if (level.quantity.zero())
                bids_.erase(level.price.units);
            else
                bids_[level.price.units] = level.quantity;
        }
        // Changes and book tell the same.
        EXPECT_EQ(bids_.size(), book.bids.size());
        for (const Level& level : book.bids) EXPECT_EQ(bids_[level.price.units], level.quantity);
        out.send(SessionId{1}, "book");
    }
    void on_public_trade(const Trade&, Timestamp, SessionOutbox&) override {}
    void on_order(const EmulatedOrder& order, const EmulatedTrade* trade, Timestamp, SessionOutbox&) override
    {
        heard_->orders.emplace_back(order, trade != nullptr);
    }
    void on_balance(AccountId, const EmulatedBalance& balance, Timestamp, SessionOutbox&) override
    {
        heard_->balances.push_back(balance);
    }
    void on_tick(Timestamp now, SessionOutbox&) override { heard_->times.push_back(now); }
    void on_key_changed(const EmulatedKey&, Timestamp, SessionOutbox&) override {}
    ServerReply banned(Duration) const override { return {}; }
    ServerReply failed() const override { return {}; }
    std::string failed_frame(std::string_view) const override { return {}; }
    std::vector<std::pair<std::string, std::string>> addresses(std::string_view) const override { return {}; }

  private:
    Heard* heard_;
    std::map<std::int64_t, Quantity> bids_;
};

/// Prices in cents, quantities in tenths.
struct Stand : SessionOutbox {
    explicit Stand(const Deviations& which)
        : deviations(which),
          table(InstrumentTable::build({{{"v", "spot"}, {definition()}}}).take()),
          exchange(table, VenueId{0}, deviant(which, ExchangeRules{})),
          market(exchange, which),
          venue(std::make_unique<Scribe>(heard), market)
    {
        exchange.deposit(kClient, "USDT", coins("1000"));
        exchange.deposit(kClient, "LINK", coins("50"));
        street(2710);
        heard = {};
    }
    void send(SessionId, std::string) override { ++frames; }
    void close(SessionId, int, std::string_view) override {}
    void deliver() { exchange.deliver(venue, now, *this); }
    void street(std::int64_t bid)
    {
        const Level bids[] = {{{bid}, {1000}}};
        const Level asks[] = {{{bid + 10}, {1000}}};
        exchange.set_street(kOnlyListing, bids, asks, now);
        deliver();
    }
    void walk(int steps)
    {
        for (int i = 0; i < steps; ++i) {
            now = now + milliseconds(100);
            street(2710 + i % 2);
        }
    }
    PlaceResult place(std::int64_t price, TimeInForce tif, std::int64_t quantity = 10)
    {
        const PlaceResult result =
            market.place({kClient, kOnlyListing, "mine", Side::buy, tif, {price}, {quantity}}, now);
        deliver();
        return result;
    }
    std::int64_t told(EmulatedState state, bool fills) const
    {
        return std::count_if(heard.orders.begin(), heard.orders.end(), [&](const auto& order) {
            return order.first.state == state && order.second == fills;
        });
    }
    std::int64_t open() const
    {
        return static_cast<std::int64_t>(exchange.orders(kClient, kNoListing, true).size());
    }
    std::string told_total(const std::string& asset) const
    {
        for (const EmulatedBalance& b : market.balances(kClient)) {
            if (b.asset == asset) return b.total.text();
        }
        return "none";
    }

    Deviations deviations;
    InstrumentTable table;
    EmulatedExchange exchange;
    DeviantMarket market;
    Scribe::Heard heard;
    DeviantVenue venue;
    Timestamp now = kBegun;
    std::size_t frames = 0;
};

struct Row {
    Deviation deviation;
    std::function<std::string(Stand&)> see;
    const char* faithful;
    const char* deviant;
};

std::string number(std::int64_t value)
{
    return std::to_string(value);
}

std::string price_after_amend(Stand& s)
{
    const PlaceResult placed = s.place(2700, TimeInForce::gtc);
    EXPECT_EQ(s.market.amend(kClient, placed.id, {2701}, {10}, s.now), PlaceError::none);
    s.deliver();
    const Price price = s.exchange.find(kClient, placed.id)->price;
    return number(s.told(EmulatedState::open, false)) + " told, at " + number(price.units);
}

// Two questions and two answers in a text: what an order of the account did.
std::vector<Row> orders_table()
{
    using D = Deviation;
    return {
        {D::order_not_shown,
         [](Stand& s) {
             s.place(2700, TimeInForce::gtc);
             return number(s.told(EmulatedState::open, false)) + " told, " + number(s.open()) + " open";
         },
         "1 told, 1 open", "0 told, 1 open"},
        {D::end_not_shown,
         [](Stand& s) {
             const PlaceResult placed = s.place(2700, TimeInForce::gtc);
             EXPECT_NE(s.market.cancel(kClient, placed.id, s.now), nullptr);
             s.deliver();
             return number(s.told(EmulatedState::cancelled, false)) + " told, " + number(s.open()) + " open";
         },
         "1 told, 0 open", "0 told, 0 open"},
        {D::query_absent,
         [](Stand& s) {
             const PlaceResult placed = s.place(2700, TimeInForce::gtc);
             const bool known = s.market.find_client(kClient, "mine") != nullptr;
             const auto listed = s.market.orders(kClient, kNoListing, true).size();
             EXPECT_NE(s.market.cancel(kClient, placed.id, s.now), nullptr) << "it can be got rid of";
             EXPECT_NE(s.market.find_client(kClient, "mine"), nullptr) << "known once it has ended";
             return std::string(known ? "known" : "absent") + ", " + std::to_string(listed) + " listed";
         },
         "known, 1 listed", "absent, 0 listed"},
        {D::amend_ignored, price_after_amend, "2 told, at 2701", "1 told, at 2700"},
        {D::cancel_ignored,
         [](Stand& s) {
             const PlaceResult placed = s.place(2700, TimeInForce::gtc);
             const EmulatedOrder* const order = s.market.cancel(kClient, placed.id, s.now);
             s.deliver();
             EXPECT_TRUE(order != nullptr && order->state == EmulatedState::cancelled);
             return number(s.told(EmulatedState::cancelled, false)) + " told, " + number(s.open()) + " open";
         },
         "1 told, 0 open", "0 told, 1 open"},
        {D::ioc_rests,
         [](Stand& s) {
             const PlaceResult placed = s.place(2700, TimeInForce::ioc);
             EXPECT_EQ(s.market.find(kClient, placed.id)->time_in_force, TimeInForce::ioc);
             EXPECT_EQ(s.heard.orders.back().first.time_in_force, TimeInForce::ioc);
             const auto resting = s.open();
             EXPECT_EQ(s.place(2720, TimeInForce::ioc).error,
                       resting == 0 ? PlaceError::none : PlaceError::duplicate_id);
             return number(resting) + " open";
         },
         "0 open", "1 open"},
        {D::post_only_takes,
         [](Stand& s) {
             const PlaceResult placed = s.place(2720, TimeInForce::post_only);
             EXPECT_EQ(s.market.find(kClient, placed.id)->time_in_force, TimeInForce::post_only);
             return number(s.told(EmulatedState::filled, true)) + " filled";
         },
         "0 filled", "1 filled"},
        {D::quantity_differs,
         [](Stand& s) {
             s.place(2700, TimeInForce::gtc);
             return number(s.heard.orders.back().first.quantity.units) + " tenths";
         },
         "10 tenths", "11 tenths"},
    };
}

std::vector<Row> money_table()
{
    using D = Deviation;
    return {
        {D::fee_differs,
         [](Stand& s) {
             s.place(2720, TimeInForce::ioc);
             return s.market.trades(kClient, kOnlyListing, {}).front()->fee.text() + " of " +
                    s.told_total("USDT") + " at " + number(s.market.taker_fee(kOnlyListing).units);
         },
         "0.0272 of 972.7728 at 100000", "0.0544 of 972.7456 at 100000"},
        {D::fill_not_in_list,
         [](Stand& s) {
             s.place(2720, TimeInForce::ioc);
             return number(s.told(EmulatedState::filled, true)) + " told, " +
                    std::to_string(s.market.trades(kClient, kOnlyListing, {}).size()) + " listed";
         },
         "1 told, 1 listed", "1 told, 0 listed"},
        {D::balance_unmoved,
         [](Stand& s) {
             s.place(2720, TimeInForce::ioc);
             s.place(2700, TimeInForce::gtc);
             return s.told_total("LINK") + " LINK, " + s.told_total("USDT") + " USDT, last told " +
                    s.heard.balances.back().total.text() + " with " + s.heard.balances.back().held.text();
         },
         "51 LINK, 972.7728 USDT, last told 972.7728 with 27.027",
         "50 LINK, 1000 USDT, last told 1000 with 27.027"},
        {D::stream_silent,
         [](Stand& s) {
             s.place(2720, TimeInForce::ioc);
             return std::to_string(s.heard.orders.size()) + " orders, " +
                    (s.heard.balances.empty() ? "no" : "some") + " balances";
         },
         "2 orders, some balances", "0 orders, no balances"},
    };
}

std::vector<Row> other_table()
{
    using D = Deviation;
    return {
        {D::book_gap,
         [](Stand& s) {
             s.frames = 0;
             s.walk(80);
             return std::to_string(s.heard.books) + " numbered, " + std::to_string(s.frames) + " said";
         },
         "79 numbered, 79 said", "79 numbered, 77 said"},
        {D::book_crossed,
         [](Stand& s) {
             s.walk(60);
             EXPECT_EQ(s.heard.crossed > 0, s.market.book(kOnlyListing).bids.front().price >=
                                                s.market.book(kOnlyListing).asks.front().price);
             s.walk(30);
             return std::to_string(s.heard.crossed) + " crossed";
         },
         "0 crossed", "20 crossed"},
        {D::clock_off,
         [](Stand& s) {
             s.venue.on_tick(s.now, s);
             return number((s.heard.times.back() - s.now).ns / seconds(1).ns) + " s ahead";
         },
         "0 s ahead", "20 s ahead"},
        {D::key_withdraws,
         [](Stand& s) {
             std::vector<EmulatedKey> keys(2);
             keys[0].can_trade = true;
             deviate(s.deviations, keys);
             return std::string(keys[0].can_withdraw ? "may" : "may not") +
                    (keys[1].can_withdraw ? ", may" : ", may not");
         },
         "may not, may not", "may, may not"},
        {D::tick_differs,
         [](Stand& s) {
             s.place(2701, TimeInForce::gtc);
             return "tick " + deviant(s.deviations, {definition()}).front().tick.text() + ", " +
                    number(s.open()) + " open";
         },
         "tick 0.01, 1 open", "tick 0.1, 1 open"},
    };
}

TEST(Deviations, EachHasItsEffectAndWithoutItNothingChanges)
{
    std::vector<Row> rows = orders_table();
    for (const auto& more : {money_table(), other_table()}) rows.insert(rows.end(), more.begin(), more.end());
    ASSERT_EQ(rows.size(), static_cast<std::size_t>(Deviation::count_)) << "one row for each";
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const Row& row = rows[i];
        SCOPED_TRACE(name(row.deviation));
        EXPECT_EQ(row.deviation, static_cast<Deviation>(i));
        Stand faithful({});
        EXPECT_EQ(row.see(faithful), row.faithful);
        Stand off({row.deviation});
        EXPECT_EQ(row.see(off), row.deviant);
    }
}

TEST(Deviations, EveryNameIsReadBack)
{
    for (std::size_t i = 0; i < static_cast<std::size_t>(Deviation::count_); ++i) {
        const auto deviation = static_cast<Deviation>(i);
        EXPECT_EQ(deviation_named(name(deviation)), deviation);
        EXPECT_TRUE(Deviations{deviation}.has(deviation));
        EXPECT_EQ(Deviations{deviation}.any(), true);
    }
    EXPECT_FALSE(deviation_named("ioc_rest"));
    EXPECT_FALSE(Deviations{}.any());
}

}  // namespace
}  // namespace arb
