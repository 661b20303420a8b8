#include "strategies/maker_taker/maker_taker.hpp"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "engine/market/taken_liquidity.hpp"

namespace arb::maker_taker {
namespace {

// Time alone is looked at so often.
constexpr Duration kLookEvery = milliseconds(50);

const MarketMember& member_of(const MarketView& view, MarketId market, std::size_t member)
{
    return view.markets.consolidated(market).definition().members[member];
}

const Listing& listing_of(const MarketView& view, MarketId market, std::size_t member)
{
    return view.markets.table().listing(member_of(view, market, member).listing);
}

// Prices are worked out so much finer than the market's unit, and rounded once, to the safe side.
constexpr std::int64_t kFiner = 10'000;

// The last price that pays, times kFiner: the hedge's less (selling: plus) its fee, the maker's fee and the
// edge.
Int128 limit_of(Int128 hedge, Side side, Rate hedge_fee, Rate maker_fee, Rate edge)
{
    const Int128 one = kRateOne;
    if (side == Side::buy)
        return hedge * (one - hedge_fee.units) * one / ((one + maker_fee.units) * (one + edge.units));
    return hedge * (one + hedge_fee.units) * (one + edge.units) / ((one - maker_fee.units) * one) + 1;
}

// The leg that buys comes first, whichever of the two rests.
std::size_t resting_leg(Side side)
{
    return side == Side::buy ? 0 : 1;
}

// `price` and `tick` times kFiner, in the market's units.
Price on_tick(Int128 price, Int128 tick, Side side)
{
    const Int128 below = price / tick * tick;
    return {static_cast<std::int64_t>((side == Side::buy || below == price ? below : below + tick) / kFiner)};
}

}  // namespace

MakerTaker::MakerTaker(const Limits& limits, const Markets& markets, std::vector<bool> enabled,
                       std::vector<bool> makers)
    : limits_(limits), enabled_(std::move(enabled)), of_(markets.market_count())
{
    for (std::size_t m = 0; m < markets.market_count(); ++m) {
        const auto market = static_cast<MarketId>(m);
        const auto& members = markets.consolidated(market).definition().members;
        for (std::size_t i = 0; i < members.size() && enabled_[m]; ++i) {
            if (!makers[index(markets.table().listing(members[i].listing).venue)]) continue;
            for (const Side side : {Side::buy, Side::sell}) {
                of_[m].push_back(quotes_.size());
                quotes_.push_back({market, i, side, {}, {}});
            }
        }
    }
}

void MakerTaker::on_market(MarketId market, Timestamp now, const MarketView& view, PackageControl& packages)
{
    for (const std::size_t quote : of_[index(market)]) manage(quotes_[quote], now, view, packages);
}

// A book that nothing changes grows stale all the same.
void MakerTaker::on_time(Timestamp now, const MarketView& view, PackageControl& packages)
{
    if (now - looked_ < kLookEvery) return;
    looked_ = now;
    for (Quote& quote : quotes_) {
        if (quote.package != PackageId{}) manage(quote, now, view, packages);
    }
}

void MakerTaker::manage(Quote& quote, Timestamp now, const MarketView& view, PackageControl& packages)
{
    RestingState state;
    if (quote.package != PackageId{}) state = packages.state(quote.package, resting_leg(quote.side));
    if (!state.open) quote.package = {};
    if (state.open && !state.resting) return;  // what it filled is being hedged
    const std::optional<Wish> wanted = wish(quote, state, now, view);
    if (state.open)
        follow(quote, state, wanted, now, view, packages);
    else if (wanted && (!quote.moved.known() || now - quote.moved >= limits_.reprice))
        propose(quote, *wanted, now, view, packages);
}

void MakerTaker::follow(Quote& quote, const RestingState& state, const std::optional<Wish>& wish,
                        Timestamp now, const MarketView& view, PackageControl& packages)
{
    if (!wish) {
        packages.withdraw(quote.package, now);
        return;
    }
    // While a fill is not hedged no order of this quote is moved.
    if (state.changing || state.excess != 0) return;
    const bool buys = quote.side == Side::buy;
    const std::int64_t tick = listing_of(view, quote.market, quote.member).tick.units;
    const bool too_near = buys ? state.price > wish->limit : state.price < wish->limit;
    if (too_near) {
        if (packages.reprice(quote.package, resting_leg(quote.side), wish->price, now))
            quote.moved = now;
        else
            packages.withdraw(quote.package, now);
        return;
    }
    const std::int64_t moved = wish->price.units - state.price.units;
    if ((moved < 0 ? -moved : moved) < limits_.follow_ticks * tick || now - quote.moved < limits_.reprice)
        return;
    if (packages.reprice(quote.package, resting_leg(quote.side), wish->price, now)) quote.moved = now;
}

// New orders may be sent there, and the book may be judged by.
bool MakerTaker::open_for(MarketId market, std::size_t member, Timestamp now, const MarketView& view) const
{
    const VenueQuote& quote = view.markets.consolidated(market).quotes()[member];
    const Listing& listing = listing_of(view, market, member);
    return quote.usable && now - quote.updated <= limits_.stale && !view.risk.venue_stopped(listing.venue) &&
           listing.status != ListingStatus::halted && now >= view.risk.refusals().until(listing.id);
}

std::optional<MakerTaker::Wish> MakerTaker::wish(const Quote& quote, const RestingState& state, Timestamp now,
                                                 const MarketView& view) const
{
    if (view.risk.paused() || view.risk.market_stopped(quote.market) || view.risk.day().loss_reached(now) ||
        !open_for(quote.market, quote.member, now, view))
        return std::nullopt;
    std::optional<Wish> best;
    const std::size_t members = view.markets.consolidated(quote.market).quotes().size();
    for (std::size_t hedge = 0; hedge < members; ++hedge) {
        if (hedge == quote.member || !open_for(quote.market, hedge, now, view)) continue;
        Wish candidate;
        if (!price_by(quote, hedge, now, view, candidate) || !affordable(quote, state, view, candidate))
            continue;
        const bool better = !best || (quote.side == Side::buy ? candidate.limit > best->limit
                                                              : candidate.limit < best->limit);
        if (better) best = candidate;
    }
    if (best && !place_in_book(quote, state, view, *best)) return std::nullopt;
    return best;
}

// How much, and up to which price, when this venue hedges; false: it is too thin, or the order too small.
bool MakerTaker::price_by(const Quote& quote, std::size_t hedge, Timestamp now, const MarketView& view,
                          Wish& wish) const
{
    const MarketDefinition& market = view.markets.consolidated(quote.market).definition();
    const MarketMember& maker = market.members[quote.member];
    const MarketMember& taker = market.members[hedge];
    const Listing& here = listing_of(view, quote.market, quote.member);
    const Listing& there = listing_of(view, quote.market, hedge);
    const VenueQuote& top = view.markets.consolidated(quote.market).quotes()[hedge];
    const bool buys = quote.side == Side::buy;
    wish.hedge = hedge;
    wish.hedge_best = buys ? top.bid : top.ask;
    // What both venues' lots allow of the wanted amount.
    const std::int64_t step =
        std::lcm(here.lot.units * maker.quantity_factor, there.lot.units * taker.quantity_factor);
    const Amount unit = market_notional(market, wish.hedge_best, {step});
    const std::optional<Amount> most = view.risk.rates().in_quote(maker.listing, limits_.order, now);
    if (unit.units <= 0 || !most) return false;
    wish.quantity = {static_cast<std::int64_t>(most->units / unit.units) * step};
    const bool enough = wish.quantity.units >= here.quantity_min.units * maker.quantity_factor &&
                        wish.quantity.units >= there.quantity_min.units * taker.quantity_factor &&
                        !wish.quantity.zero();
    const Amount value = market_notional(market, wish.hedge_best, wish.quantity);
    if (!enough || value < here.notional_min || value < there.notional_min) return false;
    // By depth: what taking all of it there would bring or cost now.
    Quantity left = wish.quantity;
    Level level;
    DepthWalk walk(view.markets.builder(taker.listing).book(), taker.listing, buys ? Side::sell : Side::buy,
                   view.markets.taken());
    while (!left.zero() && walk.next(level)) {
        const Quantity part = std::min(left, Quantity{level.quantity.units * taker.quantity_factor});
        wish.hedge_worst = {level.price.units * taker.price_factor};
        wish.hedge_notional += market_notional(market, wish.hedge_worst, part);
        left = left - part;
    }
    if (!left.zero()) return false;
    const Amount one = market_notional(market, {1}, wish.quantity);
    const Int128 average = wish.hedge_notional.units * kFiner / one.units;
    const Int128 limit = limit_of(average, quote.side, view.risk.fees().taker(taker.listing),
                                  view.risk.fees().maker(maker.listing), limits_.edge_min);
    wish.limit = on_tick(limit, Int128{here.tick.units} * maker.price_factor * kFiner, quote.side);
    wish.limit.units /= maker.price_factor;
    return wish.limit.units > 0;
}

// In front of the others where that pays, never so near that it would take, and not far behind the best.
bool MakerTaker::place_in_book(const Quote& quote, const RestingState& state, const MarketView& view,
                               Wish& wish) const
{
    const Listing& listing = listing_of(view, quote.market, quote.member);
    const OrderBook& book = view.markets.builder(listing.id).book();
    const bool buys = quote.side == Side::buy;
    // Our own order stands in the venue's book too: it is nobody to stand in front of.
    std::size_t rank = 0;
    const auto at = [&](std::size_t place) {
        return buys ? book.bids().at_rank(place) : book.asks().at_rank(place);
    };
    const std::size_t size = buys ? book.bids().size() : book.asks().size();
    if (state.resting && size > 1 && at(0).price == state.price && at(0).quantity <= state.left) rank = 1;
    const std::int64_t best = at(rank).price.units;
    const std::int64_t tick = listing.tick.units;
    if (buys) {
        const std::int64_t most = book.asks().best().price.units - tick;
        wish.price = {std::min({wish.limit.units, most, best + tick})};
    } else {
        const std::int64_t least = book.bids().best().price.units + tick;
        wish.price = {std::max({wish.limit.units, least, best - tick})};
    }
    const Int128 behind = buys ? Int128{best} - wish.price.units : Int128{wish.price.units} - best;
    return behind * kRateOne <= Int128{best} * limits_.behind.units;
}

bool MakerTaker::affordable(const Quote& quote, const RestingState& state, const MarketView& view,
                            const Wish& wish) const
{
    const MarketDefinition& market = view.markets.consolidated(quote.market).definition();
    const ListingId here = market.members[quote.member].listing;
    const ListingId there = market.members[wish.hedge].listing;
    const bool buys = quote.side == Side::buy;
    const ListingId buyer = buys ? here : there, seller = buys ? there : here;
    const Amount base{Int128{wish.quantity.units} * power_of_ten(kAmountDecimals - market.quantity_decimals)};
    const Amount value = market_notional(market, wish.hedge_best, wish.quantity);
    const Amount cost = value + apply_rate(value, view.risk.fees().taker(buyer));
    // What rests already has its money reserved, and its worst case counted.
    const bool counted_buy = state.resting && buys, counted_sell = state.resting && !buys;
    const Amount bought = view.risk.worst().position(buyer, Side::buy) + (counted_buy ? Amount{} : base);
    const Amount sold = view.risk.worst().position(seller, Side::sell) - (counted_sell ? Amount{} : base);
    if (bought > limits_.inventory_max || sold < -limits_.inventory_max) return false;
    if (!counted_buy && view.risk.money().free_quote(buyer, quote.package) < cost) return false;
    return counted_sell || view.portfolio.base(seller).position ||
           view.risk.money().free_base(seller, quote.package) >= base;
}

void MakerTaker::propose(Quote& quote, const Wish& wish, Timestamp now, const MarketView& view,
                         PackageControl& packages)
{
    const MarketDefinition& market = view.markets.consolidated(quote.market).definition();
    const MarketMember& maker = market.members[quote.member];
    const MarketMember& taker = market.members[wish.hedge];
    Package package;
    package.market = quote.market;
    package.quantity = wish.quantity;
    package.decided = now;
    const bool buys = quote.side == Side::buy;
    (void)package.add(Side::buy, buys ? Part::rest : Part::hedge);
    (void)package.add(Side::sell, buys ? Part::hedge : Part::rest);
    Leg& rest = package.legs[resting_leg(quote.side)];
    Leg& hedge = package.legs[1 - resting_leg(quote.side)];
    rest.member = static_cast<std::uint32_t>(quote.member);
    rest.intent.listing = maker.listing;
    rest.intent.time_in_force = TimeInForce::post_only;
    rest.intent.price = wish.price;
    rest.intent.quantity = {wish.quantity.units / maker.quantity_factor};
    rest.best = {wish.price.units * maker.price_factor};
    rest.expected = market_notional(market, rest.best, wish.quantity);
    hedge.member = static_cast<std::uint32_t>(wish.hedge);
    hedge.intent.listing = taker.listing;
    hedge.intent.time_in_force = TimeInForce::ioc;
    hedge.intent.price = {wish.hedge_worst.units / taker.price_factor};
    hedge.intent.quantity = {wish.quantity.units / taker.quantity_factor};
    hedge.best = wish.hedge_best;
    hedge.expected = wish.hedge_notional;
    const Amount paid_out = package.legs[0].expected;
    const Amount gain = package.legs[1].expected - paid_out;
    const Int128 paid = std::max<Int128>(1, paid_out.units / kRateOne);
    package.edge = rate_within(gain.units / paid);
    // Also after a refusal: what the gate or the venue does not take now is not offered with every update.
    quote.moved = now;
    if (packages.propose(package, now)) quote.package = package.id;
}

namespace {

// By name, in the order of `names`; all when none is wanted.
std::vector<bool> chosen(Settings& settings, std::string_view key, const std::vector<std::string>& names,
                         std::string_view what)
{
    const std::vector<std::string> wanted = settings.texts(key);
    std::vector<bool> result;
    for (const std::string& name : names)
        result.push_back(wanted.empty() || std::find(wanted.begin(), wanted.end(), name) != wanted.end());
    for (const std::string& name : wanted) {
        if (std::find(names.begin(), names.end(), name) != names.end()) continue;
        const std::string near = nearest(name, names);
        settings.fail(key, fmt::format("names '{}', which {}{}", name, what,
                                       near.empty() ? "" : fmt::format("; did you mean '{}'?", near)));
    }
    return result;
}

std::unique_ptr<Strategy> make(Settings& settings, const Markets& markets)
{
    Limits limits;
    limits.edge_min = settings.basis_points("min_edge_bps", "1");
    limits.order = settings.positive_amount("order_quote", "200");
    limits.behind = settings.basis_points("behind_bps", "5", 0);
    limits.follow_ticks = settings.integer("follow_ticks", 1, 1, 1'000'000);
    limits.reprice = settings.milliseconds("reprice_ms", 250);
    limits.stale = settings.milliseconds("stale_ms", 2000);
    limits.inventory_max = settings.amount("inventory_max_base", "1000000000");
    std::vector<std::string> names, venues;
    for (std::size_t i = 0; i < markets.market_count(); ++i)
        names.push_back(markets.consolidated(static_cast<MarketId>(i)).definition().name);
    for (std::size_t v = 0; v < markets.table().venue_count(); ++v)
        venues.push_back(markets.table().label(static_cast<VenueId>(v)));
    std::vector<bool> enabled = chosen(settings, "markets", names, "no two venues of the inputs share");
    std::vector<bool> makers = chosen(settings, "makers", venues, "is no venue of the inputs");
    return std::make_unique<MakerTaker>(limits, markets, std::move(enabled), std::move(makers));
}

}  // namespace

const StrategyType& type()
{
    static const StrategyType value{"maker_taker", &make};
    return value;
}

}  // namespace arb::maker_taker
