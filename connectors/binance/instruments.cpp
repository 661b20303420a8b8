#include "connectors/binance/instruments.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "connectors/binance/urls.hpp"

namespace arb::binance {
namespace {

namespace dom = simdjson::dom;

std::string_view name_of(Market market)
{
    return market == Market::spot ? "spot" : market == Market::usdm ? "usdm" : "coinm";
}

std::optional<std::string_view> text(const dom::element& entry, std::string_view key)
{
    std::string_view value;
    if (entry[key].get_string().get(value)) return std::nullopt;
    return value;
}

bool decimal(const dom::element& entry, std::string_view key, Decimal& out)
{
    const auto value = text(entry, key);
    const auto parsed = value ? Decimal::parse(*value) : std::nullopt;
    if (!parsed || parsed->mantissa() < 0) return false;
    out = *parsed;
    return true;
}

// yymmdd behind the last underscore: BTCUSD_211231.
std::string_view expiry_of(std::string_view symbol)
{
    const std::size_t underscore = symbol.rfind('_');
    if (underscore == std::string_view::npos) return {};
    const std::string_view tail = symbol.substr(underscore + 1);
    const bool digits = std::all_of(tail.begin(), tail.end(), [](char c) { return c >= '0' && c <= '9'; });
    return tail.size() == 6 && digits ? tail : std::string_view{};
}

// Perpetual or dated; false for contract types without a market yet (the empty type of a pending listing).
bool set_contract(const dom::element& entry, ListingDefinition& d)
{
    const auto type = text(entry, "contractType");
    if (!type) return false;
    if (type->find("PERPETUAL") != std::string_view::npos) {  // also TRADIFI_PERPETUAL
        d.kind = InstrumentKind::perpetual;
        return true;
    }
    d.kind = InstrumentKind::future;
    d.expiry = expiry_of(d.symbol);
    return !type->empty() && !d.expiry.empty();
}

// The most that an order may ask and hold; zero: not told.
struct Largest {
    Decimal price, quantity;
};

bool set_filters(const dom::element& entry, ListingDefinition& d, Largest& largest)
{
    dom::array filters;
    if (entry["filters"].get_array().get(filters)) return false;
    for (const dom::element filter : filters) {
        const auto type = text(filter, "filterType");
        if (!type) return false;
        if (*type == "PRICE_FILTER") {
            if (!decimal(filter, "tickSize", d.tick)) return false;
            (void)decimal(filter, "maxPrice", largest.price);
        }
        if (*type == "LOT_SIZE") (void)decimal(filter, "maxQty", largest.quantity);
        if (*type == "LOT_SIZE" &&
            (!decimal(filter, "stepSize", d.lot) || !decimal(filter, "minQty", d.quantity_min))) {
            return false;
        }
        // NOTIONAL took the place of MIN_NOTIONAL on spot in 2023; the futures call the field "notional".
        if ((*type == "NOTIONAL" || *type == "MIN_NOTIONAL") &&
            !decimal(filter, "minNotional", d.notional_min) && !decimal(filter, "notional", d.notional_min)) {
            return false;
        }
    }
    return true;
}

bool exact(const ListingDefinition& d)
{
    const unsigned quantity = std::max(d.lot.decimals(), d.quantity_min.decimals()) + d.multiplier.decimals();
    return d.tick.decimals() + quantity <= kDecimalsMax;
}

// Steps change in batches of dozens of symbols, both ways, and older orders keep their digits: the unit of a
// book is finer than today's step by as much as steps were ever moved, never finer than the venue's numbers,
// and such that a thousand of the largest orders at one price still fit.
Decimal finer_unit(const Decimal& step, unsigned precision, const Decimal& largest)
{
    constexpr unsigned kExtra = 4;
    constexpr std::int64_t kOrders = 1'000;
    unsigned decimals = std::min(precision, step.decimals() + kExtra);
    std::int64_t units = 0;
    while (decimals > step.decimals()) {
        const auto most = largest.scaled(std::max(decimals, largest.decimals()));
        if (most && !__builtin_mul_overflow(*most, kOrders, &units)) break;
        --decimals;
    }
    return decimals > step.decimals() ? Decimal(1, decimals) : Decimal();
}

unsigned precision_of(const dom::element& entry, std::string_view key)
{
    std::int64_t digits = 8;
    if (entry[key].get_int64().get(digits) || digits < 0 || digits > 8) return 8;
    return static_cast<unsigned>(digits);
}

void set_units(Market market, const dom::element& entry, const Largest& largest, ListingDefinition& d)
{
    d.price_unit = finer_unit(d.tick, precision_of(entry, "quotePrecision"), largest.price);
    // COIN-M counts whole contracts.
    if (market != Market::coinm)
        d.quantity_unit = finer_unit(d.lot, precision_of(entry, "baseAssetPrecision"), largest.quantity);
}

std::optional<ListingDefinition> read_entry(Market market, const dom::element& entry)
{
    ListingDefinition d;
    d.market = name_of(market);
    const auto symbol = text(entry, "symbol");
    const auto base = text(entry, "baseAsset");
    const auto quote = text(entry, "quoteAsset");
    // COIN-M calls it contractStatus.
    const auto status = market == Market::coinm ? text(entry, "contractStatus") : text(entry, "status");
    if (!symbol || symbol->empty() || !base || base->empty() || !quote || quote->empty()) return std::nullopt;
    d.symbol = *symbol;
    d.base = *base;
    d.quote = *quote;
    d.status = status ? status_of_word(*status) : ListingStatus::unknown;
    if (market != Market::spot && !set_contract(entry, d)) return std::nullopt;
    if (market == Market::coinm) {
        std::int64_t size = 0;
        if (entry["contractSize"].get_int64().get(size) || size <= 0) return std::nullopt;
        d.inverse = true;
        d.multiplier = Decimal(size, 0);
    }
    // A step of zero means that the rule is off; without steps there is no unit.
    Largest largest;
    if (!set_filters(entry, d, largest) || d.tick.zero() || d.lot.zero() || !exact(d)) return std::nullopt;
    set_units(market, entry, largest, d);
    return d;
}

bool names_instruments(std::string_view url)
{
    url = url.substr(0, url.find('?'));
    return url.ends_with("/exchangeInfo");
}

}  // namespace

ListingStatus status_of_word(std::string_view status)
{
    if (status == "TRADING") return ListingStatus::trading;
    static constexpr std::string_view kHalted[] = {
        "HALT",           "BREAK",         "END_OF_DAY",      "CANCEL_ONLY", "PRE_TRADING",
        "POST_TRADING",   "AUCTION_MATCH", "PENDING_TRADING", "PRE_SETTLE",  "SETTLING",
        "PRE_DELIVERING", "DELIVERING",    "DELIVERED",       "CLOSE"};
    const bool halted = std::find(std::begin(kHalted), std::end(kHalted), status) != std::end(kHalted);
    return halted ? ListingStatus::halted : ListingStatus::unknown;
}

Result<std::vector<ListingDefinition>> read_instruments(Market market, std::string_view url,
                                                        std::string_view body)
{
    std::vector<ListingDefinition> definitions;
    if (!names_instruments(url)) return definitions;
    const auto refuse = [market](std::string_view why) {
        return Error{ExitCode::data,
                     fmt::format("binance {} exchangeInfo: {}; fetch it again", name_of(market), why)};
    };
    dom::parser parser;
    dom::element root;
    if (const auto error = parser.parse(simdjson::padded_string(body)).get(root)) {
        return refuse(fmt::format("not readable JSON ({})", simdjson::error_message(error)));
    }
    dom::array symbols;
    if (root["symbols"].get_array().get(symbols)) return refuse("it has no list 'symbols'");
    std::set<std::string, std::less<>> names;  // a symbol given twice would make the whole table refuse
    for (const dom::element entry : symbols) {
        auto definition = read_entry(market, entry);
        if (definition && names.insert(definition->symbol).second)
            definitions.push_back(std::move(*definition));
    }
    if (definitions.empty() && symbols.size() > 0) return refuse("none of its symbols can be read");
    return definitions;
}

namespace {

// Quote assets of spot and USD-M symbols, which run base and quote together. The longest that fits counts
// (BTCTUSD is BTC/TUSD, not BTCT/USD).
constexpr std::string_view kQuotes[] = {
    "USDT", "USDC", "FDUSD", "TUSD", "BUSD", "USD1", "USDP", "USDS", "PAX",  "DAI",  "USD",
    "EUR",  "EURI", "AEUR",  "GBP",  "TRY",  "BRL",  "JPY",  "AUD",  "CHF",  "RUB",  "UAH",
    "NGN",  "ZAR",  "PLN",   "RON",  "ARS",  "MXN",  "CZK",  "COP",  "IDRT", "BIDR", "BVND",
    "VAI",  "BTC",  "ETH",   "BNB",  "XRP",  "TRX",  "DOGE", "SOL",  "DOT"};

bool split(std::string_view pair, ListingDefinition& d)
{
    std::string_view best;
    for (const std::string_view quote : kQuotes) {
        if (pair.size() > quote.size() && quote.size() > best.size() && pair.ends_with(quote)) best = quote;
    }
    if (best.empty()) return false;
    d.base = pair.substr(0, pair.size() - best.size());
    d.quote = best;
    return true;
}

}  // namespace

std::optional<ListingDefinition> guess_listing(Market market, std::string_view symbol)
{
    ListingDefinition d;
    d.market = name_of(market);
    d.symbol = symbol;
    if (market == Market::spot) return split(symbol, d) ? std::optional(d) : std::nullopt;
    const std::size_t underscore = symbol.rfind('_');
    const std::string_view pair = symbol.substr(0, underscore);
    const std::string_view tail = underscore == std::string_view::npos ? "" : symbol.substr(underscore + 1);
    d.expiry = expiry_of(symbol);
    d.kind = d.expiry.empty() ? InstrumentKind::perpetual : InstrumentKind::future;
    if (market == Market::usdm) {
        if (!split(pair, d) || (!tail.empty() && d.expiry.empty())) return std::nullopt;
        return d;
    }
    if (!pair.ends_with("USD") || pair.size() <= 3 || (tail != "PERP" && d.expiry.empty()))
        return std::nullopt;
    d.base = pair.substr(0, pair.size() - 3);
    d.quote = "USD";
    d.inverse = true;
    // "Contract specifications": 100 USD a contract for BTC, 10 USD for every other coin. Left at 1, all
    // quantities would be off by that factor.
    d.multiplier = Decimal(d.base == "BTC" ? 100 : 10, 0);
    return d;
}

}  // namespace arb::binance
