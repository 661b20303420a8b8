#pragma once
// A small invented world for tests of trading, strategies and simulation: venues that list instruments by a
// few words of text, their books set by hand, and exact numbers from text. Header only, so that every test
// program can use it; a wrong word in a test stops the test with an ENSURE. One thread. Times are seconds
// after kStart.
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/market/markets.hpp"
#include "engine/trading/portfolio.hpp"
#include "engine/trading/risk_gate.hpp"

namespace arb::test {

inline Decimal decimal(std::string_view text)
{
    const auto value = Decimal::parse(text);
    ENSURE(value.has_value(), "a test writes a decimal");
    return *value;
}

inline Amount money(std::string_view text)
{
    return *amount_of(decimal(text));
}

/// With all decimals, as venues show prices: "27.20".
inline std::string full_text(std::int64_t units, unsigned decimals)
{
    char text[kDecimalTextMax];
    return {text, print_scaled(units, decimals, text)};
}

/// Basis points.
inline Rate bps(std::int64_t points)
{
    return {points * kRatePerBasisPoint};
}

inline constexpr Timestamp kStart{1'700'000'000'000'000'000};
inline Timestamp at_ms(std::int64_t ms)
{
    return kStart + milliseconds(ms);
}

/// One listing of an invented venue; the defaults are LINK/USDT as most venues list it.
struct Spec {
    std::string venue;
    std::string base = "LINK", quote = "USDT";
    std::string tick = "0.01", lot = "0.1", minimum = "0", notional = "0";
    std::int64_t fee_bps = 10;
    InstrumentKind kind = InstrumentKind::spot;
    ListingStatus status = ListingStatus::trading;

    ListingDefinition definition() const
    {
        ListingDefinition d;
        d.market = kind == InstrumentKind::spot ? "spot" : "linear";
        d.symbol = base + quote + (kind == InstrumentKind::spot ? "" : "PERP");
        d.base = base;
        d.quote = quote;
        d.kind = kind;
        d.tick = decimal(tick);
        d.lot = decimal(lot);
        d.quantity_min = decimal(minimum);
        d.notional_min = decimal(notional);
        d.fee_maker = Decimal(fee_bps, 5);
        d.fee_taker = Decimal(fee_bps, 4);
        d.status = status;
        return d;
    }
};

/// Specs of one venue become its listings; venues and listings keep the order of the specs.
inline std::vector<InstrumentTable::VenueListings> venues_of(const std::vector<Spec>& specs)
{
    std::vector<InstrumentTable::VenueListings> venues;
    for (const Spec& spec : specs) {
        if (venues.empty() || venues.back().key.exchange != spec.venue)
            venues.push_back({{spec.venue, "spot"}, {}});
        venues.back().definitions.push_back(spec.definition());
    }
    return venues;
}

/// "27.10" -> "100"
using TextLevel = std::pair<std::string, std::string>;
using TextLevels = std::vector<TextLevel>;

class World {
  public:
    explicit World(const std::vector<Spec>& specs,
                   std::vector<MarketDefinition> (*markets_of)(const InstrumentTable&) = &Markets::markets_of)
        : table(std::move(InstrumentTable::build(venues_of(specs))).take()),
          taken(table.listings().size()),
          markets(table, std::vector<SequenceRule>(table.listings().size()), BookLimits{}, markets_of(table),
                  &taken),
          portfolio(table)
    {
        for (const Listing& listing : table.listings()) fees.push_back(listing.fee_taker);
    }

    Price price(std::size_t listing, std::string_view text) const
    {
        return {scaled(text, instrument(listing).price_decimals)};
    }
    Quantity quantity(std::size_t listing, std::string_view text) const
    {
        return {scaled(text, instrument(listing).quantity_decimals)};
    }
    const Instrument& instrument(std::size_t listing) const
    {
        return table.instrument_of(static_cast<ListingId>(listing));
    }
    std::vector<Level> levels(std::size_t listing, const TextLevels& texts) const
    {
        std::vector<Level> result;
        for (const TextLevel& text : texts) {
            result.push_back({price(listing, text.first), quantity(listing, text.second)});
        }
        return result;
    }
    /// The venue's whole book, received at `now`; the venue's own clock may say when it was made.
    void book(std::size_t listing, const TextLevels& bids, const TextLevels& asks, Timestamp now = kStart,
              Timestamp venue_time = {})
    {
        const std::vector<Level> bid_levels = levels(listing, bids), ask_levels = levels(listing, asks);
        BookUpdate update;
        update.listing = static_cast<ListingId>(listing);
        update.snapshot = true;
        update.receive_time = now;
        update.venue_time = venue_time;
        update.bids = bid_levels;
        update.asks = ask_levels;
        markets.on_update(kNoConnection, update);
    }
    OrderIntent intent(std::size_t listing, Side side, std::string_view price_text,
                       std::string_view quantity_text, TimeInForce time_in_force = TimeInForce::ioc) const
    {
        OrderIntent intent;
        intent.listing = static_cast<ListingId>(listing);
        intent.side = side;
        intent.time_in_force = time_in_force;
        intent.price = price(listing, price_text);
        intent.quantity = quantity(listing, quantity_text);
        return intent;
    }
    void start_with(std::size_t venue, std::string_view asset, std::string_view amount)
    {
        ENSURE(portfolio.set_start(static_cast<VenueId>(venue), asset, money(amount)),
               "the venue has the asset");
    }
    /// A fill of that intent with the fee of its listing.
    Fill fill(const OrderIntent& intent, std::uint64_t trade, std::string_view price_text,
              std::string_view quantity_text) const
    {
        const std::size_t listing = index(intent.listing);
        Fill fill;
        fill.trade_id = trade;
        fill.price = price(listing, price_text);
        fill.quantity = quantity(listing, quantity_text);
        fill.notional = *instrument(listing).notional(fill.price, fill.quantity);
        fill.fee = apply_rate(fill.notional, fees[listing]);
        return fill;
    }

    InstrumentTable table;
    TakenLiquidity taken;
    Markets markets;
    Portfolio portfolio;
    std::vector<Rate> fees;  // by listing

  private:
    static std::int64_t scaled(std::string_view text, unsigned decimals)
    {
        const ScaledNumber number = parse_scaled(text, decimals);
        ENSURE(number.error == DecimalError::none, "a test writes a number that fits the instrument's unit");
        return number.value;
    }
};

/// All listings of the table compared in one market; they share base, quote and units.
inline std::vector<MarketDefinition> one_market(const InstrumentTable& table)
{
    MarketDefinition market;
    market.name = "all";
    const Instrument& first = table.instruments().front();
    market.base = first.base;
    market.quote = first.quote;
    market.price_decimals = first.price_decimals;
    market.quantity_decimals = first.quantity_decimals;
    for (const Listing& listing : table.listings()) market.members.push_back({listing.id, 1, 1});
    return {market};
}

/// Wide limits, so that a test narrows only the one it is about.
inline RiskLimits wide_limits()
{
    RiskLimits limits;
    limits.order_notional_max = money("1000000");
    limits.position_max = money("1000000");
    limits.net_exposure_max = money("1000000");
    limits.orders_per_second = 1000;
    limits.book_age_max = seconds(1'000'000);
    return limits;
}

/// Buy `quantity` at one listing of market 0, sell it at another.
inline Package package_of(const World& world, std::size_t buy, std::string_view buy_price, std::size_t sell,
                          std::string_view sell_price, std::string_view quantity)
{
    Package package;
    package.id = static_cast<PackageId>(1);
    package.decided = kStart;
    const auto add = [&](std::size_t listing, Side side, std::string_view text) {
        Leg& result = package.add(side);
        result.intent = world.intent(listing, side, text, quantity);
        const auto& members = world.markets.consolidated({}).definition().members;
        while (index(members[result.member].listing) != listing) ++result.member;
        result.best = {result.intent.price.units * members[result.member].price_factor};
        result.expected = *world.instrument(listing).notional(result.intent.price, result.intent.quantity);
        package.quantity = {result.intent.quantity.units * members[result.member].quantity_factor};
    };
    add(buy, Side::buy, buy_price);
    add(sell, Side::sell, sell_price);
    return package;
}

}  // namespace arb::test
