// Matching and money of emulated venues: examples of every rule, and thousands of seeded operations beside a
// naive model that matches one lot at a time and computes what is bound from scratch.
#include "engine/world/emulated_exchange.hpp"

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "engine/base/random.hpp"

namespace arb {
namespace {

constexpr Timestamp kNow{1'700'000'000'000'000'000};
constexpr AccountId kA{1}, kB{2}, kC{3};
constexpr ListingId kLink{0}, kPerp{1};
constexpr std::int64_t kMakerBps = 10, kTakerBps = 25;

Amount exact(std::string_view text)
{
    return *amount_of(*Decimal::parse(text));
}

InstrumentTable make_table()
{
    ListingDefinition spot;
    spot.market = "spot";
    spot.symbol = "LINKUSDT";
    spot.base = "LINK";
    spot.quote = "USDT";
    spot.tick = *Decimal::parse("0.01");
    spot.lot = *Decimal::parse("0.001");
    spot.quantity_min = *Decimal::parse("0.002");
    spot.notional_min = *Decimal::parse("0.05");
    spot.fee_maker = Decimal(kMakerBps, 4);
    spot.fee_taker = Decimal(kTakerBps, 4);
    ListingDefinition perpetual = spot;
    perpetual.symbol = "LINKPERP";
    perpetual.kind = InstrumentKind::perpetual;
    return InstrumentTable::build({{{"v", "spot"}, {spot, perpetual}}, {{"w", "spot"}, {spot}}}).take();
}

/// Prices in cents, quantities in thousandths.
struct Bench {
    explicit Bench(FeeTaking taking = FeeTaking::quote)
        : table(make_table()), exchange(table, VenueId{0}, [taking] {
              ExchangeRules rules;
              rules.fee_taking = taking;
              return rules;
          }())
    {
        for (const AccountId account : {kA, kB}) {
            exchange.deposit(account, "USDT", exact("1000"));
            exchange.deposit(account, "LINK", exact("100"));
        }
    }
    PlaceResult place(AccountId account, Side side, std::int64_t price, std::int64_t quantity,
                      TimeInForce tif = TimeInForce::gtc, const std::string& client = {},
                      ListingId listing = kLink)
    {
        return exchange.place({account, listing, client, side, tif, {price}, {quantity}}, kNow);
    }
    void street(std::vector<Level> bids, std::vector<Level> asks, ListingId listing = kLink)
    {
        exchange.set_street(listing, bids, asks, kNow);
    }
    EmulatedBalance balance(AccountId account, const std::string& asset) const
    {
        for (const EmulatedBalance& b : exchange.balances(account)) {
            if (b.asset == asset) return b;
        }
        return {};
    }
    const EmulatedOrder& order(AccountId account, const PlaceResult& result) const
    {
        const EmulatedOrder* found = exchange.find(account, result.id);
        EXPECT_NE(found, nullptr);
        static const EmulatedOrder kNone;
        return found == nullptr ? kNone : *found;
    }
    InstrumentTable table;
    EmulatedExchange exchange;
};

Level level(std::int64_t price, std::int64_t quantity)
{
    return {{price}, {quantity}};
}

TEST(EmulatedExchange, RefusesWhatAVenueRefuses)
{
    Bench b;
    b.street({level(2690, 5000)}, {level(2700, 5000)});
    EXPECT_EQ(b.place(kA, Side::buy, 0, 1000).error, PlaceError::bad_price);
    EXPECT_EQ(b.place(kA, Side::buy, -5, 1000).error, PlaceError::bad_price);
    EXPECT_EQ(b.place(kA, Side::buy, 3300, 1000).error, PlaceError::price_limit);
    EXPECT_EQ(b.place(kA, Side::sell, 2100, 1000).error, PlaceError::price_limit);
    EXPECT_EQ(b.place(kA, Side::buy, 2690, 0).error, PlaceError::bad_quantity);
    EXPECT_EQ(b.place(kA, Side::buy, 2690, -1).error, PlaceError::bad_quantity);
    EXPECT_EQ(b.place(kA, Side::buy, 2690, 1).error, PlaceError::quantity_min);
    EXPECT_EQ(b.place(kA, Side::buy, 2, 2).error, PlaceError::notional_min);
    EXPECT_EQ(b.place(kA, Side::buy, 2690, 38'000).error, PlaceError::balance) << "1022 of 1000";
    EXPECT_EQ(b.place(kA, Side::sell, 2700, 100'001).error, PlaceError::balance);
    EXPECT_EQ(b.place(kC, Side::sell, 2700, 1000).error, PlaceError::balance) << "an empty account";
    EXPECT_EQ(b.place(kA, Side::buy, 2690, 1000, TimeInForce::gtc, {}, ListingId{2}).error,
              PlaceError::unknown_listing)
        << "another venue's";
    EXPECT_EQ(b.place(kA, Side::buy, 2690, 1000, TimeInForce::gtc, {}, ListingId{77}).error,
              PlaceError::unknown_listing);
    EXPECT_EQ(b.place(kA, Side::buy, 2600, 1000, TimeInForce::gtc, "x").error, PlaceError::none);
    EXPECT_EQ(b.place(kA, Side::buy, 2600, 1000, TimeInForce::gtc, "x").error, PlaceError::duplicate_id);
    EXPECT_EQ(b.place(kB, Side::buy, 2600, 1000, TimeInForce::gtc, "x").error, PlaceError::none);
    b.exchange.set_cancel_only(kLink, true);
    EXPECT_EQ(b.place(kA, Side::buy, 2600, 1000).error, PlaceError::cancel_only);
    b.exchange.set_halted(kLink, true);
    EXPECT_EQ(b.place(kA, Side::buy, 2600, 1000).error, PlaceError::halted);
    EXPECT_EQ(b.exchange.order_count(), 2U) << "a refused order leaves no trace";
}

TEST(EmulatedExchange, SurvivesNumbersBeyondAnyMarket)
{
    Bench b;
    for (const std::int64_t quantity : {INT64_MAX, INT64_MAX / 2, std::int64_t{2'000'000'000'000'000}}) {
        for (const std::int64_t price : {INT64_MAX, std::int64_t{1'000'000'000}, std::int64_t{1}}) {
            for (const ListingId listing : {kLink, kPerp}) {
                for (const Side side : {Side::buy, Side::sell})
                    EXPECT_NE(b.place(kA, side, price, quantity, TimeInForce::gtc, {}, listing).error,
                              PlaceError::none);
            }
        }
    }
    b.exchange.deposit(kA, "USDT", exact("1000000000000"));
    for (int i = 0; i < 150; ++i)
        EXPECT_EQ(b.place(kA, Side::buy, 1, 1'000'000'000'000'000, TimeInForce::gtc, {}, kPerp).error,
                  PlaceError::none);
    EXPECT_GT(b.exchange.book(kPerp).bids.front().quantity.units, 0);
}

TEST(EmulatedExchange, TakesTheStreetLevelByLevelAndChargesTheTaker)
{
    Bench b;
    b.street({level(2690, 5000)}, {level(2700, 1000), level(2710, 2000), level(2800, 9000)});
    const PlaceResult r = b.place(kA, Side::buy, 2710, 4000, TimeInForce::ioc);
    EXPECT_EQ(r.error, PlaceError::none);
    const EmulatedOrder& o = b.order(kA, r);
    EXPECT_EQ(o.state, EmulatedState::expired);
    EXPECT_EQ(o.filled.units, 3000);
    EXPECT_EQ(o.trades, 2U);
    EXPECT_EQ(o.filled_notional, exact("81.2"));
    EXPECT_EQ(o.fees, exact("0.203"));
    EXPECT_EQ(o.fee_asset, "USDT");
    EXPECT_EQ(b.balance(kA, "USDT").total, exact("918.597"));
    EXPECT_EQ(b.balance(kA, "USDT").held, Amount{});
    EXPECT_EQ(b.balance(kA, "LINK").total, exact("103"));
    ASSERT_EQ(b.exchange.book(kLink).asks.size(), 1U);
    EXPECT_EQ(b.exchange.book(kLink).asks[0], level(2800, 9000));
}

TEST(EmulatedExchange, ABuyerMayPayItsFeeInWhatItReceives)
{
    Bench b(FeeTaking::received);
    b.street({level(2500, 5000)}, {level(2500, 40'000)});
    const PlaceResult r = b.place(kA, Side::buy, 2500, 40'000, TimeInForce::ioc);
    EXPECT_EQ(r.error, PlaceError::none) << "all of the quote currency may be spent";
    EXPECT_EQ(b.balance(kA, "USDT").total, Amount{});
    EXPECT_EQ(b.order(kA, r).fee_asset, "LINK");
    EXPECT_EQ(b.balance(kA, "LINK").total, exact("139.9"));
    b.street({level(2500, 5000)}, {});
    const PlaceResult s = b.place(kA, Side::sell, 2500, 2000, TimeInForce::ioc);
    EXPECT_EQ(b.order(kA, s).fee_asset, "USDT");
    EXPECT_EQ(b.balance(kA, "USDT").total, exact("49.875"));
}

TEST(EmulatedExchange, HoldsLeaveRoomForTheFeeSoThatNothingGoesBelowZero)
{
    Bench b;
    EXPECT_EQ(b.place(kA, Side::buy, 2000, 49'000).error, PlaceError::none);
    EXPECT_EQ(b.balance(kA, "USDT").held, exact("982.45")) << "980 and 25 bps";
    EXPECT_EQ(b.place(kA, Side::buy, 2000, 900).error, PlaceError::balance) << "18.045 of 17.55";
    EXPECT_EQ(b.place(kA, Side::buy, 2000, 870).error, PlaceError::none);
    b.street({}, {level(2000, 100'000)});
    EXPECT_GE(b.balance(kA, "USDT").total, Amount{});
    EXPECT_EQ(b.balance(kA, "USDT").held, Amount{});
    EXPECT_EQ(b.balance(kA, "LINK").total, exact("149.87"));
}

TEST(EmulatedExchange, FillOrKillIsWholeOrNothing)
{
    Bench b;
    b.street({}, {level(2700, 1000), level(2710, 1000)});
    const PlaceResult killed = b.place(kA, Side::buy, 2710, 2001, TimeInForce::fok);
    EXPECT_EQ(killed.error, PlaceError::unfilled);
    EXPECT_EQ(b.order(kA, killed).state, EmulatedState::expired);
    EXPECT_EQ(b.exchange.trade_count(), 0U);
    EXPECT_EQ(b.balance(kA, "USDT").held, Amount{});
    const PlaceResult filled = b.place(kA, Side::buy, 2710, 2000, TimeInForce::fok);
    EXPECT_EQ(filled.error, PlaceError::none);
    EXPECT_EQ(b.order(kA, filled).state, EmulatedState::filled);
}

TEST(EmulatedExchange, PostOnlyRestsOrIsRefused)
{
    Bench b;
    b.street({level(2690, 1000)}, {level(2700, 1000)});
    const PlaceResult refused = b.place(kA, Side::buy, 2700, 1000, TimeInForce::post_only);
    EXPECT_EQ(refused.error, PlaceError::would_take);
    EXPECT_EQ(b.order(kA, refused).state, EmulatedState::rejected);
    const PlaceResult rests = b.place(kA, Side::buy, 2699, 1000, TimeInForce::post_only);
    EXPECT_EQ(b.order(kA, rests).state, EmulatedState::open);
    EXPECT_EQ(b.exchange.book(kLink).bids[0], level(2699, 1000));
    b.street({level(2600, 1000)}, {level(2695, 300)});
    EXPECT_EQ(b.order(kA, rests).filled.units, 300);
    EXPECT_EQ(b.order(kA, rests).fees, exact("0.0080970")) << "its own price, the maker's fee";
}

TEST(EmulatedExchange, NobodyTradesWithThemselves)
{
    Bench b;
    const PlaceResult mine = b.place(kA, Side::sell, 2700, 1000);
    const PlaceResult crossing = b.place(kA, Side::buy, 2700, 500, TimeInForce::ioc);
    EXPECT_EQ(crossing.error, PlaceError::self_trade);
    EXPECT_EQ(b.order(kA, crossing).state, EmulatedState::expired);
    EXPECT_EQ(b.order(kA, mine).state, EmulatedState::open);
    EXPECT_EQ(b.place(kA, Side::buy, 2700, 500, TimeInForce::fok).error, PlaceError::self_trade);
    EXPECT_EQ(b.exchange.trade_count(), 0U);
    EXPECT_EQ(b.place(kB, Side::buy, 2700, 500, TimeInForce::ioc).error, PlaceError::none);
    EXPECT_EQ(b.order(kA, mine).filled.units, 500);
    EXPECT_EQ(b.exchange.trade_count(), 2U) << "one for each side";
}

// Better offers come first: prevention acts where the two would meet, and ends the one that was told.
TEST(EmulatedExchange, PreventionActsWhereTheTwoWouldMeet)
{
    struct Row {
        SelfTrade mode;
        PlaceError error;
        EmulatedState taker, maker;
        std::int64_t taken;
    };
    for (const Row& row : {
             Row{SelfTrade::cancel_taker, PlaceError::self_trade, EmulatedState::expired, EmulatedState::open,
                 300},
             {SelfTrade::cancel_maker, PlaceError::none, EmulatedState::filled, EmulatedState::expired, 1000},
             {SelfTrade::cancel_both, PlaceError::self_trade, EmulatedState::expired, EmulatedState::expired,
              300},
             {SelfTrade::none, PlaceError::none, EmulatedState::filled, EmulatedState::filled, 1000},
         }) {
        Bench b;
        const PlaceResult mine = b.place(kA, Side::sell, 2700, 400);
        b.street({}, {level(2690, 300), level(2710, 9000)});
        PlaceOrder order{kA, kLink, {}, Side::buy, TimeInForce::ioc, {2710}, {1000}};
        order.self_trade = row.mode;
        const PlaceResult taken = b.exchange.place(order, kNow);
        EXPECT_EQ(taken.error, row.error);
        EXPECT_EQ(b.order(kA, taken).state, row.taker);
        EXPECT_EQ(b.order(kA, taken).filled.units, row.taken);
        EXPECT_EQ(b.order(kA, mine).state, row.maker);
        EXPECT_EQ(b.balance(kA, "USDT").held.units, 0);
        EXPECT_EQ(b.balance(kA, "LINK").held, row.maker == EmulatedState::open ? exact("0.4") : Amount{});
    }
    // An own order that is not reached disturbs nobody.
    Bench b;
    (void)b.place(kA, Side::sell, 2700, 400);
    b.street({}, {level(2690, 300)});
    EXPECT_EQ(b.place(kA, Side::buy, 2710, 300, TimeInForce::fok).error, PlaceError::none);
}

TEST(EmulatedExchange, ReduceOnlyMakesAPositionSmallerAndNeverAnother)
{
    Bench b;
    b.street({level(2690, 90000)}, {level(2700, 90000)}, kPerp);
    const auto place = [&](Side side, std::int64_t price, std::int64_t quantity, TimeInForce tif) {
        PlaceOrder order{kA, kPerp, {}, side, tif, {price}, {quantity}};
        order.reduce_only = true;
        return b.exchange.place(order, kNow);
    };
    const auto position = [&] { return b.balance(kA, "LINK/USDT:PERP").total; };
    EXPECT_EQ(place(Side::sell, 2690, 1000, TimeInForce::ioc).error, PlaceError::reduce_only) << "none yet";
    (void)b.place(kA, Side::buy, 2700, 2000, TimeInForce::ioc, {}, kPerp);
    EXPECT_EQ(place(Side::buy, 2700, 1000, TimeInForce::ioc).error, PlaceError::reduce_only) << "larger";
    const PlaceResult resting = place(Side::sell, 2750, 500, TimeInForce::gtc);
    EXPECT_EQ(resting.error, PlaceError::none);
    EXPECT_EQ(position(), exact("2"));
    const PlaceResult closing = place(Side::sell, 2690, 5000, TimeInForce::ioc);
    EXPECT_EQ(b.order(kA, closing).quantity.units, 2000) << "as much as there is";
    EXPECT_EQ(position(), Amount{});
    EXPECT_EQ(b.order(kA, resting).state, EmulatedState::expired) << "nothing left to reduce";
    EXPECT_EQ(b.order(kA, resting).end_reason, PlaceError::reduce_only);
}

TEST(EmulatedExchange, TheStreetMeetsTheBestPriceFirstThenTheOldest)
{
    Bench b;
    const PlaceResult low = b.place(kA, Side::buy, 2600, 1000);
    const PlaceResult high = b.place(kB, Side::buy, 2650, 1000);
    const PlaceResult late = b.place(kA, Side::buy, 2650, 1000);
    b.street({}, {level(2590, 1500)});
    EXPECT_EQ(b.order(kB, high).filled.units, 1000);
    EXPECT_EQ(b.order(kA, late).filled.units, 500);
    EXPECT_EQ(b.order(kA, low).filled.units, 0);
    EXPECT_TRUE(b.exchange.book(kLink).asks.empty()) << "the street's level is used up";
}

TEST(EmulatedExchange, AHaltedBookStandsStill)
{
    Bench b;
    b.street({level(2690, 1000)}, {level(2700, 1000)});
    const PlaceResult rests = b.place(kA, Side::buy, 2695, 1000);
    b.exchange.set_halted(kLink, true);
    b.street({level(2500, 1000)}, {level(2600, 1000)});
    EXPECT_EQ(b.order(kA, rests).filled.units, 0);
    EXPECT_EQ(b.exchange.book(kLink).asks[0], level(2700, 1000));
    EXPECT_NE(b.exchange.cancel(kA, rests.id, kNow), nullptr) << "cancelling is still possible";
    b.exchange.set_halted(kLink, false);
    b.street({level(2500, 1000)}, {level(2600, 1000)});
    EXPECT_EQ(b.exchange.book(kLink).asks[0], level(2600, 1000));
}

TEST(EmulatedExchange, OrdersOfOthersCannotBeFoundOrCancelled)
{
    Bench b;
    const PlaceResult mine = b.place(kA, Side::buy, 2600, 1000, TimeInForce::gtc, "mine");
    EXPECT_EQ(b.exchange.find(kB, mine.id), nullptr);
    EXPECT_EQ(b.exchange.cancel(kB, mine.id, kNow), nullptr);
    EXPECT_EQ(b.exchange.find_client(kB, "mine"), nullptr);
    EXPECT_EQ(b.exchange.find(kA, 0), nullptr);
    EXPECT_EQ(b.exchange.find(kA, UINT64_MAX), nullptr);
    EXPECT_NE(b.exchange.cancel(kA, mine.id, kNow), nullptr);
    EXPECT_EQ(b.exchange.cancel(kA, mine.id, kNow), nullptr) << "only once";
    EXPECT_EQ(b.exchange.find_client(kA, "mine")->state, EmulatedState::cancelled);
    EXPECT_EQ(b.place(kA, Side::buy, 2600, 1000, TimeInForce::gtc, "mine").error, PlaceError::none);
    EXPECT_EQ(b.exchange.find_client(kA, "mine")->state, EmulatedState::open) << "the latest";
}

TEST(EmulatedExchange, OpenOrdersAreLimitedAndCountedRight)
{
    Bench b;
    std::vector<PlaceResult> results;
    for (int i = 0; i < 200; ++i) results.push_back(b.place(kA, Side::buy, 100, 1000));
    EXPECT_EQ(b.place(kA, Side::buy, 100, 1000).error, PlaceError::too_many_orders);
    EXPECT_EQ(b.place(kB, Side::buy, 100, 1000).error, PlaceError::none);
    (void)b.exchange.cancel(kA, results[7].id, kNow);
    EXPECT_EQ(b.place(kA, Side::buy, 100, 1000).error, PlaceError::none);
    b.street({}, {level(100, 2000)});
    EXPECT_EQ(b.exchange.orders(kA, kNoListing, true).size(), 198U);
    EXPECT_EQ(b.place(kA, Side::buy, 99, 1000).error, PlaceError::none);
    EXPECT_EQ(b.place(kA, Side::buy, 99, 1000).error, PlaceError::none);
    EXPECT_EQ(b.place(kA, Side::buy, 99, 1000).error, PlaceError::too_many_orders);
}

TEST(EmulatedExchange, TheDeadMansSwitchCancelsItsAccountAlone)
{
    Bench b;
    const PlaceResult mine = b.place(kA, Side::buy, 2600, 1000);
    const PlaceResult other = b.place(kB, Side::buy, 2600, 1000);
    b.exchange.set_dead_man(kA, kNoListing, kNow + seconds(5));
    b.exchange.set_dead_man(kA, kNoListing, kNow + seconds(10));
    b.exchange.on_time(kNow + seconds(9));
    EXPECT_EQ(b.order(kA, mine).state, EmulatedState::open) << "it was set anew";
    b.exchange.on_time(kNow + seconds(10));
    EXPECT_EQ(b.order(kA, mine).state, EmulatedState::cancelled);
    EXPECT_EQ(b.order(kB, other).state, EmulatedState::open);
    b.exchange.set_dead_man(kB, kPerp, kNow + seconds(11));
    b.exchange.on_time(kNow + seconds(12));
    EXPECT_EQ(b.order(kB, other).state, EmulatedState::open) << "another listing's switch";
    b.exchange.set_dead_man(kB, kLink, kNow + seconds(13));
    b.exchange.set_dead_man(kB, kLink, {});
    b.exchange.on_time(kNow + seconds(20));
    EXPECT_EQ(b.order(kB, other).state, EmulatedState::open) << "switched off";
}

TEST(EmulatedExchange, ADerivativeIsAPositionPaidInQuoteCurrency)
{
    Bench b;
    b.street({level(2690, 9000)}, {level(2700, 9000)}, kPerp);
    b.exchange.deposit(kC, "USDT", exact("10"));
    const PlaceResult r = b.place(kC, Side::sell, 2690, 2000, TimeInForce::ioc, {}, kPerp);
    EXPECT_EQ(b.order(kC, r).state, EmulatedState::filled);
    const EmulatedBalance position = b.balance(kC, "LINK/USDT:PERP");
    EXPECT_TRUE(position.position);
    EXPECT_EQ(position.total, exact("-2"));
    EXPECT_EQ(b.balance(kC, "USDT").total, exact("63.6655")) << "10 and 53.8 less 25 bps";
}

// What a venue tells: a wallet that fees and closed positions move, what a position was entered for, and what
// positions and orders bind of it.
TEST(EmulatedExchange, ADerivativeBindsMarginAndMovesTheWalletByWhatItEarns)
{
    Bench b;
    b.street({level(2690, 900000)}, {level(2700, 900000)}, kPerp);
    b.exchange.deposit(kC, "USDT", exact("100"));
    const auto usdt = [&] { return b.balance(kC, "USDT"); };
    const auto position = [&] { return b.balance(kC, "LINK/USDT:PERP"); };
    EXPECT_EQ(b.place(kC, Side::buy, 2700, 40000, TimeInForce::ioc, {}, kPerp).error, PlaceError::balance)
        << "1080 at a tenth is more than 100";
    const PlaceResult rests = b.place(kC, Side::buy, 2600, 10000, TimeInForce::gtc, {}, kPerp);
    EXPECT_EQ(usdt().order_margin, exact("26"));
    EXPECT_EQ(usdt().held, Amount{});
    (void)b.exchange.cancel(kC, rests.id, kNow);
    EXPECT_EQ(usdt().order_margin, Amount{});
    (void)b.place(kC, Side::buy, 2700, 10000, TimeInForce::ioc, {}, kPerp);
    EXPECT_EQ(position().cost, exact("270"));
    EXPECT_EQ(usdt().margin, exact("27"));
    EXPECT_EQ(usdt().wallet(), exact("99.325")) << "the fee alone";
    b.street({level(2800, 900000)}, {level(2810, 900000)}, kPerp);
    (void)b.place(kC, Side::sell, 2800, 4000, TimeInForce::ioc, {}, kPerp);
    EXPECT_EQ(position().cost, exact("162")) << "what is left of it";
    EXPECT_EQ(usdt().wallet(), exact("103.045")) << "4 earned, 0.28 of fees";
    // Through zero: what is left over begins anew.
    (void)b.place(kC, Side::sell, 2800, 8000, TimeInForce::ioc, {}, kPerp);
    EXPECT_EQ(position().total, exact("-2"));
    EXPECT_EQ(position().cost, exact("-56"));
    EXPECT_EQ(usdt().margin, exact("5.6"));
    EXPECT_EQ(usdt().wallet(), exact("108.485")) << "6 earned, 0.56 of fees";
    (void)b.place(kC, Side::buy, 2810, 2000, TimeInForce::ioc, {}, kPerp);
    EXPECT_EQ(usdt().wallet(), usdt().total);
    EXPECT_EQ(usdt().margin, Amount{});
    EXPECT_EQ(position().cost, Amount{});
}

// ---- the naive model ----

struct ModelOrder {
    AccountId account{};
    Side side{};
    std::int64_t price = 0, quantity = 0, filled = 0;
    bool open = false;
    std::uint64_t id = 0;
};

class Model {
  public:
    explicit Model(FeeTaking taking) : taking_(taking) {}
    std::map<std::pair<AccountId, std::string>, Int128> total;
    std::vector<ModelOrder> orders;
    std::map<std::int64_t, std::int64_t> bids, asks;  // the street: price to quantity

    static Int128 cost(std::int64_t price, std::int64_t quantity)
    {
        return Int128{price} * quantity * 10'000'000'000'000;  // cents x thousandths in 10^-18
    }
    Int128 held(AccountId account, const std::string& asset) const
    {
        Int128 sum = 0;
        for (const ModelOrder& o : orders) {
            if (!o.open || o.account != account) continue;
            if (asset == "USDT" && o.side == Side::buy) sum += needs(o.side, o.price, o.quantity - o.filled);
            if (asset == "LINK" && o.side == Side::sell) sum += needs(o.side, o.price, o.quantity - o.filled);
        }
        return sum;
    }
    PlaceError place(ModelOrder order, TimeInForce tif)
    {
        const std::string asset = order.side == Side::buy ? "USDT" : "LINK";
        if (total[{order.account, asset}] - held(order.account, asset) <
            needs(order.side, order.price, order.quantity))
            return PlaceError::balance;
        orders.push_back(order);
        ModelOrder& o = orders.back();
        const std::int64_t offered = offer(o);
        if (tif == TimeInForce::post_only && offered > 0) return PlaceError::would_take;
        if (tif == TimeInForce::fok && offered < o.quantity) return PlaceError::unfilled;
        if (tif == TimeInForce::fok && before_own(o) < o.quantity) return PlaceError::self_trade;
        o.open = true;
        bool own = false;
        while (o.filled < o.quantity && take_lot(orders.size() - 1, own)) {
        }
        if (own) {
            o.open = false;
            return PlaceError::self_trade;
        }
        const bool rests = tif == TimeInForce::gtc || tif == TimeInForce::post_only;
        if (o.filled == o.quantity || !rests) o.open = false;
        return PlaceError::none;
    }
    void cancel(std::uint64_t id)
    {
        for (ModelOrder& o : orders) {
            if (o.id == id) o.open = false;
        }
    }
    void street(const std::vector<Level>& new_bids, const std::vector<Level>& new_asks)
    {
        bids.clear();
        asks.clear();
        for (const Level& l : new_bids) bids[l.price.units] = l.quantity.units;
        for (const Level& l : new_asks) asks[l.price.units] = l.quantity.units;
        for (const Side side : {Side::buy, Side::sell}) {
            for (;;) {
                auto& offers = side == Side::buy ? asks : bids;
                if (offers.empty()) break;
                const auto best = side == Side::buy ? offers.begin() : std::prev(offers.end());
                ModelOrder* found = nullptr;
                for (ModelOrder& o : orders) {
                    if (!o.open || o.side != side || !meets(o, best->first)) continue;
                    if (found == nullptr ||
                        (side == Side::buy ? o.price > found->price : o.price < found->price))
                        found = &o;
                }
                if (found == nullptr) break;
                fill_lot(*found, found->price, kMakerBps);
                if (--best->second == 0) offers.erase(best);
            }
        }
    }
    std::map<std::int64_t, std::int64_t> book(Side side) const
    {
        std::map<std::int64_t, std::int64_t> levels = side == Side::buy ? bids : asks;
        for (const ModelOrder& o : orders) {
            if (o.open && o.side == side) levels[o.price] += o.quantity - o.filled;
        }
        return levels;
    }

  private:
    Int128 needs(Side side, std::int64_t price, std::int64_t quantity) const
    {
        if (side == Side::sell) return Int128{quantity} * 1'000'000'000'000'000;
        const Int128 plain = cost(price, quantity);
        return taking_ == FeeTaking::received ? plain : plain + plain * kTakerBps / 10'000;
    }
    static bool meets(const ModelOrder& o, std::int64_t price)
    {
        return o.side == Side::buy ? price <= o.price : price >= o.price;
    }
    std::int64_t offer(const ModelOrder& o) const
    {
        std::int64_t sum = 0;
        for (const auto& [price, quantity] : book(o.side == Side::buy ? Side::sell : Side::buy)) {
            if (meets(o, price)) sum += quantity;
        }
        return sum;
    }
    // What stands before the first order of the same account, in the order of matching.
    std::int64_t before_own(const ModelOrder& o) const
    {
        std::vector<std::int64_t> prices;
        for (const auto& [price, unused] : book(o.side == Side::buy ? Side::sell : Side::buy)) {
            if (meets(o, price)) prices.push_back(price);
        }
        if (o.side == Side::sell) std::reverse(prices.begin(), prices.end());
        std::int64_t sum = 0;
        for (const std::int64_t price : prices) {
            for (const ModelOrder& other : orders) {
                if (!other.open || other.side == o.side || other.price != price) continue;
                if (other.account == o.account) return sum;
                sum += other.quantity - other.filled;
            }
            const auto& street_side = o.side == Side::buy ? asks : bids;
            const auto there = street_side.find(price);
            sum += there == street_side.end() ? 0 : there->second;
        }
        return sum;
    }
    bool take_lot(std::size_t place, bool& own)
    {
        ModelOrder& o = orders[place];
        auto& street_side = o.side == Side::buy ? asks : bids;
        ModelOrder* other = nullptr;
        for (ModelOrder& candidate : orders) {
            if (!candidate.open || candidate.side == o.side || !meets(o, candidate.price)) continue;
            if (other == nullptr ||
                (o.side == Side::buy ? candidate.price < other->price : candidate.price > other->price))
                other = &candidate;
        }
        auto best = street_side.end();
        if (!street_side.empty())
            best = o.side == Side::buy ? street_side.begin() : std::prev(street_side.end());
        if (best != street_side.end() && !meets(o, best->first)) best = street_side.end();
        if (other != nullptr && best != street_side.end()) {
            const bool street_better =
                o.side == Side::buy ? best->first < other->price : best->first > other->price;
            if (street_better) other = nullptr;
        }
        own = other != nullptr && other->account == o.account;
        if (own) return false;
        if (other != nullptr) {
            const std::int64_t price = other->price;
            fill_lot(*other, price, kMakerBps);
            fill_lot(o, price, kTakerBps);
            return true;
        }
        if (best == street_side.end()) return false;
        fill_lot(o, best->first, kTakerBps);
        if (--best->second == 0) street_side.erase(best);
        return true;
    }
    void fill_lot(ModelOrder& o, std::int64_t price, std::int64_t fee_bps)
    {
        const Int128 base = 1'000'000'000'000'000;
        const Int128 quote = cost(price, 1);
        const Int128 sign = o.side == Side::buy ? 1 : -1;
        total[{o.account, "LINK"}] += sign * base;
        total[{o.account, "USDT"}] -= sign * quote;
        if (taking_ == FeeTaking::received && o.side == Side::buy)
            total[{o.account, "LINK"}] -= base * fee_bps / 10'000;
        else
            total[{o.account, "USDT"}] -= quote * fee_bps / 10'000;
        if (++o.filled == o.quantity) o.open = false;
    }

    FeeTaking taking_;
};

std::map<std::int64_t, std::int64_t> as_map(std::span<const Level> levels)
{
    std::map<std::int64_t, std::int64_t> result;
    for (const Level& l : levels) result[l.price.units] = l.quantity.units;
    return result;
}

/// Keeps what the venue's protocol side is told, as a client would.
class Listener final : public EmulatedVenue, public SessionOutbox {
  public:
    std::map<std::int64_t, std::int64_t> bids, asks;
    std::map<std::pair<AccountId, std::string>, EmulatedBalance> balances;
    std::map<std::uint64_t, EmulatedOrder> orders;
    std::int64_t public_volume = 0;
    bool same = true;

    ServerReply on_request(const ServerRequest&, Timestamp, SessionOutbox&) override { return {}; }
    bool on_session(SessionId, const ServerRequest&, Timestamp, SessionOutbox&) override { return false; }
    void on_session_frame(SessionId, std::string_view, Timestamp, SessionOutbox&) override {}
    void on_session_closed(SessionId) override {}
    void on_book(ListingId, std::span<const Level> new_bids, std::span<const Level> new_asks,
                 const EmulatedBook& after, Timestamp, SessionOutbox&) override
    {
        apply(bids, new_bids);
        apply(asks, new_asks);
        // Each change comes with the book as it stood then, however many wait: checksums are taken over it.
        same = same && as_map(after.bids) == bids && as_map(after.asks) == asks;
    }
    void on_public_trade(const Trade& trade, Timestamp, SessionOutbox&) override
    {
        public_volume += trade.quantity.units;
    }
    void on_order(const EmulatedOrder& order, const EmulatedTrade* trade, Timestamp, SessionOutbox&) override
    {
        const EmulatedOrder& before = orders[order.id];
        if (trade != nullptr) same = same && order.filled == before.filled + trade->quantity;
        if (trade == nullptr) same = same && order.filled == before.filled;
        orders[order.id] = order;
    }
    void on_balance(AccountId account, const EmulatedBalance& balance, Timestamp, SessionOutbox&) override
    {
        balances[{account, balance.asset}] = balance;
    }
    void on_tick(Timestamp, SessionOutbox&) override {}
    void on_key_changed(const EmulatedKey&, Timestamp, SessionOutbox&) override {}
    ServerReply banned(Duration) const override { return {}; }
    ServerReply failed() const override { return {}; }
    std::string failed_frame(std::string_view) const override { return {}; }
    std::vector<std::pair<std::string, std::string>> addresses(std::string_view) const override { return {}; }
    void send(SessionId, std::string) override {}
    void close(SessionId, int, std::string_view) override {}

  private:
    static void apply(std::map<std::int64_t, std::int64_t>& side, std::span<const Level> levels)
    {
        for (const Level& l : levels) {
            if (l.quantity.zero())
                side.erase(l.price.units);
            else
                side[l.price.units] = l.quantity.units;
        }
    }
};

class Duel {
  public:
    Duel(FeeTaking taking, std::uint64_t seed) : bench_(taking), model_(taking), random_(seed)
    {
        for (const AccountId account : {kA, kB}) {
            model_.total[{account, "USDT"}] = exact("1000").units;
            model_.total[{account, "LINK"}] = exact("100").units;
        }
    }
    void step()
    {
        const std::int64_t what = random_.between(1, 10);
        if (what <= 6)
            place();
        else if (what <= 8)
            cancel();
        else
            street();
        if (what == 10) return;  // told together with what comes next
        bench_.exchange.deliver(listener_, kNow, listener_);
        compare();
    }
    void end() const
    {
        // Money is neither made nor lost: what the accounts have is what they were given, what their trades
        // moved, and what fees took.
        for (const AccountId account : {kA, kB}) {
            Amount quote = exact("1000"), base = exact("100");
            for (const EmulatedTrade* t : bench_.exchange.trades(account, kNoListing, {})) {
                const Amount quantity = bench_.table.instrument_of(kLink).amount(t->quantity);
                base = t->side == Side::buy ? base + quantity : base - quantity;
                quote = t->side == Side::buy ? quote - t->notional : quote + t->notional;
                (t->fee_asset == "USDT" ? quote : base) -= t->fee;
            }
            EXPECT_EQ(bench_.balance(account, "USDT").total, quote);
            EXPECT_EQ(bench_.balance(account, "LINK").total, base);
        }
        EXPECT_GT(bench_.exchange.trade_count(), 100U) << "the sequence tests nothing";
    }

  private:
    void place()
    {
        ModelOrder order;
        order.account = random_.one_in(2) ? kA : kB;
        order.side = random_.one_in(2) ? Side::buy : Side::sell;
        order.price = random_.between(2460, 2540);
        order.quantity = random_.one_in(20) ? random_.between(20'000, 60'000) : random_.between(2, 900);
        constexpr TimeInForce kTifs[] = {TimeInForce::gtc, TimeInForce::gtc, TimeInForce::ioc,
                                         TimeInForce::fok, TimeInForce::post_only};
        const TimeInForce tif = kTifs[random_.between(0, 4)];
        const std::size_t open = bench_.exchange.orders(order.account, kNoListing, true).size();
        if (open >= 200) return;
        const PlaceResult result = bench_.place(order.account, order.side, order.price, order.quantity, tif);
        order.id = result.id;
        const PlaceError expected = model_.place(order, tif);
        ASSERT_EQ(result.error, expected);
        if (result.id != 0) ids_.push_back({order.account, result.id});
    }
    void cancel()
    {
        if (ids_.empty()) return;
        const auto [account, id] =
            ids_[static_cast<std::size_t>(random_.between(0, static_cast<std::int64_t>(ids_.size()) - 1))];
        (void)bench_.exchange.cancel(account, id, kNow);
        model_.cancel(id);
    }
    void street()
    {
        const std::int64_t middle = random_.between(2480, 2520);
        std::vector<Level> bids, asks;
        for (std::int64_t i = 1; i <= random_.between(0, 6); ++i)
            bids.push_back(level(middle - 2 * i, random_.between(1, 600)));
        for (std::int64_t i = 1; i <= random_.between(0, 6); ++i)
            asks.push_back(level(middle + 2 * i, random_.between(1, 600)));
        bench_.street(bids, asks);
        model_.street(bids, asks);
    }
    void compare() const
    {
        for (const ModelOrder& o : model_.orders) {
            const EmulatedOrder* real = bench_.exchange.find(o.account, o.id);
            ASSERT_NE(real, nullptr);
            ASSERT_EQ(real->filled.units, o.filled);
            ASSERT_EQ(real->state == EmulatedState::open, o.open);
            ASSERT_EQ(listener_.orders.at(o.id).filled.units, o.filled);
            ASSERT_EQ(listener_.orders.at(o.id).state, real->state);
        }
        for (const auto& [key, total] : model_.total) {
            const EmulatedBalance real = bench_.balance(key.first, key.second);
            ASSERT_EQ(real.total.text(), Amount{total}.text()) << key.second;
            ASSERT_EQ(real.held.text(), Amount{model_.held(key.first, key.second)}.text()) << key.second;
            ASSERT_GE(real.total, real.held) << "more is bound than there is";
            const EmulatedBalance& told = listener_.balances.at(key);
            ASSERT_EQ(told.total.text(), real.total.text());
            ASSERT_EQ(told.held.text(), real.held.text());
        }
        const EmulatedBook book = bench_.exchange.book(kLink);
        ASSERT_EQ(as_map(book.bids), model_.book(Side::buy));
        ASSERT_EQ(as_map(book.asks), model_.book(Side::sell));
        ASSERT_EQ(listener_.bids, model_.book(Side::buy)) << "what clients were told";
        ASSERT_EQ(listener_.asks, model_.book(Side::sell));
        ASSERT_TRUE(listener_.same);
    }

    Bench bench_;
    Model model_;
    Random random_;
    Listener listener_;
    std::vector<std::pair<AccountId, std::uint64_t>> ids_;
};

class EmulatedExchangeModel : public testing::TestWithParam<std::uint64_t> {};

TEST_P(EmulatedExchangeModel, DoesWhatANaiveOneDoes)
{
    Duel duel(GetParam() % 2 == 0 ? FeeTaking::quote : FeeTaking::received, GetParam());
    for (int i = 0; i < 500; ++i) {
        duel.step();
        if (HasFatalFailure()) FAIL() << "seed " << GetParam() << ", operation " << i;
    }
    duel.end();
}

INSTANTIATE_TEST_SUITE_P(Seeds, EmulatedExchangeModel, testing::Range<std::uint64_t>(1, 13));

}  // namespace
}  // namespace arb
