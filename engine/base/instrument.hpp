#pragma once
// What is traded, and how each venue lists it.
//
//   ListingDefinition  one venue's own words about one symbol, exact decimals, as read from its instrument
//                      reply, from TOML, or learnt from data (then `inferred`). Plain text, kept in
//                      recordings.
//   Instrument         the canonical thing: BTC/USDT spot, BTC/USDT:PERP, BTC/USD:220527. It fixes the
//   smallest unit of price and
//                      quantity (a power of ten, the finest over all its venues).
//   Listing            an Instrument at one venue, every rule already in the instrument's units.
//   InstrumentTable    all of them, built once at start. Ids, names and units stay, for any thread; what a
//                      venue changes while it runs (steps, minimums, fees, status) is changed and read on the
//                      core thread alone.
//
// Units. Quantity counts base asset for spot and linear contracts and quote currency for inverse contracts:
// a venue that sends contracts is converted on the way in (contracts x multiplier), so everything above the
// decoder is unit-clean. Different quote assets are different instruments.
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/ids.hpp"
#include "engine/base/money.hpp"
#include "engine/base/result.hpp"

namespace arb {

enum class InstrumentKind : std::uint8_t { spot, perpetual, future };
enum class ListingStatus : std::uint8_t { trading, halted, unknown };

const char* name(InstrumentKind kind);
const char* name(ListingStatus status);

/// One exchange account domain. `exchange` is the connector folder's name, or any name for normalised data.
struct VenueKey {
    std::string exchange;  ///< "binance"
    std::string market;    ///< "spot", "usdm", "coinm"; "" when one instance serves all markets
    bool operator==(const VenueKey&) const = default;
    /// How people name it: the exchange, and the market unless it is empty or spot: "binance_usdm".
    std::string label() const
    {
        return market.empty() || market == "spot" ? exchange : exchange + "_" + market;
    }
};

struct ListingDefinition {
    std::string market;       ///< the venue's market: spot, usdm, coinm, linear, swap, futures
    std::string symbol;       ///< the venue's own text
    std::string base, quote;  ///< canonical asset names: BTC, USDT
    InstrumentKind kind = InstrumentKind::spot;
    bool inverse = false;  ///< contract worth a fixed amount of quote, settled in base
    std::string expiry;    ///< yymmdd for futures
    std::string code;  ///< the venue's other name of it, where orders need one (OKX instIdCode); may be empty
    Decimal tick;      ///< price step
    Decimal lot;       ///< quantity step, in the venue's unit (contracts where it counts contracts)
    Decimal quantity_min;  ///< in the venue's unit
    Decimal notional_min;  ///< in quote currency; zero when the venue has none
    Decimal multiplier{
        1, 0};  ///< base (linear) or quote (inverse) units a contract; 1 where quantity is the asset
    /// Finest price that may stand in the venue's books where that is finer than the tick (orders older than
    /// a change of the tick), as seen or as the venue tells it; kept as far as money stays exact.
    Decimal price_unit;
    Decimal quantity_unit;                        ///< the same for quantities; zero: tick and lot say all
    std::optional<Decimal> fee_maker, fee_taker;  ///< fractions of notional, 0.001 = 10 bps
    ListingStatus status = ListingStatus::trading;
    bool inferred = false;  ///< learnt from the data, not told by the venue

    /// BTC/USDT, BTC/USDT:PERP, BTC/USD:220527.
    std::string instrument_name() const;
    /// One line of tab-separated `field=value`, the form kept in recordings; from_line reads it back.
    std::string to_line() const;
    static Result<ListingDefinition> from_line(std::string_view line);
    bool operator==(const ListingDefinition&) const = default;
};

struct Instrument {
    InstrumentId id{};
    std::string name;
    std::string base, quote;
    InstrumentKind kind = InstrumentKind::spot;
    bool inverse = false;
    std::uint8_t price_decimals = 0;
    std::uint8_t quantity_decimals = 0;

    std::string text(Price price) const { return format_scaled(price.units, price_decimals); }
    std::string text(Quantity quantity) const { return format_scaled(quantity.units, quantity_decimals); }

    /// Money that changes hands in quote currency: price x quantity (spot, linear) or the quantity itself
    /// (inverse). Exact. Empty when it does not fit.
    std::optional<Amount> notional(Price price, Quantity quantity) const;
    /// The quantity as an Amount of base (spot, linear) or quote (inverse).
    Amount amount(Quantity quantity) const;
};

/// How a decoder turns a venue's quantity text into the instrument's units: parse with `quantity_decimals`,
/// multiply by `quantity_factor`. Prices need no factor.
struct WireScale {
    std::uint8_t price_decimals = 0;
    std::uint8_t quantity_decimals = 0;
    std::int64_t quantity_factor = 1;
};

/// What Listing::change did.
struct ListingChange {
    bool any = false;
    bool fees = false;  ///< the listed fees are others now
    std::string text;   ///< in words: "tick 0.01 -> 0.1, trading -> halted"
    std::string why;    ///< why it is halted; empty: it is not
};

struct Listing {
    ListingId id{};
    VenueId venue{};
    InstrumentId instrument{};
    std::string market;
    std::string symbol;
    std::string code;  ///< see ListingDefinition::code
    WireScale wire;
    Price tick{1};        ///< step of our orders
    Price price_step{1};  ///< step of prices in the venue's books: the tick, or finer where old orders rest
    Quantity lot{1};
    Quantity quantity_min;
    Amount notional_min;
    Rate fee_maker, fee_taker;
    bool fees_known = false;
    ListingStatus status = ListingStatus::trading;
    bool inferred = false;

    /// The venue tells other rules. Steps take effect in this run's units; a step finer than the unit leaves
    /// the old one, which is still right; a rule or contract that cannot be expressed halts the listing. What
    /// was agreed at the old steps keeps its meaning: prices at the old tick still rest in the book.
    ListingChange change(const ListingDefinition& told, const Instrument& of);
};

/// A fee fraction; with more than eight decimals rounded up to the next: never under-booked.
Rate fee_rate(const Decimal& fee);

class InstrumentTable {
  public:
    struct VenueListings {
        VenueKey key;
        std::vector<ListingDefinition> definitions;
    };

    /// Builds the table; the order of the input fixes all ids. Refused (ExitCode::data): a tick or lot that
    /// is not positive, an instrument that needs more than 18 decimals for price x quantity, a symbol given
    /// twice at one venue, more than 65,000 listings.
    static Result<InstrumentTable> build(const std::vector<VenueListings>& venues);

    std::size_t venue_count() const { return venues_.size(); }
    const VenueKey& venue(VenueId id) const { return venues_[index(id)].key; }
    std::string label(VenueId id) const { return venues_[index(id)].key.label(); }
    std::optional<VenueId> find_venue(std::string_view label) const;

    std::span<const Instrument> instruments() const { return instruments_; }
    std::span<const Listing> listings() const { return listings_; }
    const Instrument& instrument(InstrumentId id) const { return instruments_[index(id)]; }
    const Listing& listing(ListingId id) const { return listings_[index(id)]; }
    const Instrument& instrument_of(ListingId id) const
    {
        return instruments_[index(listing(id).instrument)];
    }
    std::optional<InstrumentId> find_instrument(std::string_view name) const;
    /// The listings of one instrument, in venue order.
    std::span<const ListingId> listings_of(InstrumentId id) const { return by_instrument_[index(id)]; }
    std::optional<ListingId> find_listing(VenueId venue, InstrumentId instrument) const;

    /// What its venue changes while it is traded. Core thread.
    ListingChange change(ListingId id, const ListingDefinition& told)
    {
        return listings_[index(id)].change(told, instrument_of(id));
    }
    void set_status(ListingId id, ListingStatus status) { listings_[index(id)].status = status; }

    /// Hot path: the venue's symbol to its listing, nullptr when unknown. No allocation.
    const Listing* find_symbol(VenueId venue, std::string_view symbol) const;

  private:
    struct Slot {
        std::uint64_t hash = 0;
        ListingId listing = kNoListing;
    };
    struct VenueEntry {
        VenueKey key;
        std::vector<Slot> slots;  // open addressing, a power of two, at most half full
    };
    using Places = std::map<std::string, std::size_t, std::less<>>;  // instrument name to place
    std::optional<Error> add_instruments(const std::vector<VenueListings>& venues, Places& places);
    std::optional<Error> add_listing(const ListingDefinition& definition, const Instrument& instrument);

    std::vector<VenueEntry> venues_;
    std::vector<Instrument> instruments_;
    std::vector<Listing> listings_;
    std::vector<std::vector<ListingId>> by_instrument_;
};

}  // namespace arb
