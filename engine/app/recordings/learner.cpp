#include "engine/app/recordings/learner.hpp"

#include <algorithm>

namespace arb {
namespace {

// Digits beyond tick and lot that a first pass can still read.
constexpr unsigned kExtra = 4;
// Where nothing is known: enough for every venue's text, and together within exact money.
constexpr unsigned kUnknownPriceDecimals = 9;
constexpr unsigned kUnknownQuantityDecimals = 8;

Decimal step_of(unsigned decimals)
{
    return Decimal(1, decimals);
}

// The definition with steps as fine as money allows.
ListingDefinition widened(ListingDefinition d, bool learnt)
{
    if (learnt) {
        d.tick = step_of(kUnknownPriceDecimals);
        d.lot = step_of(kUnknownQuantityDecimals);
        return d;
    }
    const unsigned price = d.tick.decimals();
    const unsigned quantity = std::max(d.lot.decimals(), d.quantity_min.decimals());
    const unsigned used = price + quantity + d.multiplier.decimals();
    const unsigned room = used < kAmountDecimals ? (kAmountDecimals - used) / 2 : 0;
    const unsigned extra = std::min(kExtra, room);
    d.price_unit = step_of(price + extra);
    d.quantity_unit = step_of(quantity + extra);
    return d;
}

bool expressible(const ListingDefinition& d)
{
    const unsigned quantity = std::max(d.lot.decimals(), d.quantity_min.decimals());
    return d.tick.mantissa() > 0 && d.lot.mantissa() > 0 && d.multiplier.mantissa() > 0 &&
           d.tick.decimals() + quantity + d.multiplier.decimals() <= kAmountDecimals;
}

unsigned needed(std::int64_t units, unsigned scale, unsigned already)
{
    unsigned decimals = already;
    while (decimals < scale && units % power_of_ten(scale - decimals) != 0) ++decimals;
    return decimals;
}

}  // namespace

ConnectorLearner::ConnectorLearner(const ConnectorType& type, const VenueKey& key,
                                   const std::vector<ListingDefinition>& known)
    : type_(&type), key_(key)
{
    // A listing whose code is another's symbol is that one's book under another name: a recording holds it
    // once.
    const auto is_alias = [&](const ListingDefinition& d) {
        return !d.code.empty() &&
               std::any_of(known.begin(), known.end(),
                           [&](const ListingDefinition& other) { return other.symbol == d.code; });
    };
    for (const ListingDefinition& definition : known) {
        if (!expressible(definition) || is_alias(definition)) continue;
        Seen seen;
        seen.definition = definition;
        seen.price_decimals = definition.tick.decimals();
        seen.quantity_decimals = std::max(definition.lot.decimals(), definition.quantity_min.decimals());
        listings_.push_back(std::move(seen));
    }
    rebuild();
}

ConnectorLearner::~ConnectorLearner() = default;

void ConnectorLearner::rebuild()
{
    InstrumentTable::VenueListings venue{key_, {}};
    for (const Seen& seen : listings_) venue.definitions.push_back(widened(seen.definition, seen.learnt));
    Result<InstrumentTable> table = InstrumentTable::build({venue});
    if (!table) {
        // One listing that does not go with the others (units of an instrument shared by two): keep those
        // that do.
        std::vector<Seen> kept;
        venue.definitions.clear();
        for (Seen& seen : listings_) {
            venue.definitions.push_back(widened(seen.definition, seen.learnt));
            if (InstrumentTable::build({venue}))
                kept.push_back(std::move(seen));
            else
                venue.definitions.pop_back();
        }
        listings_ = std::move(kept);
        table = InstrumentTable::build({venue});
    }
    table_ = std::make_unique<InstrumentTable>(std::move(*table));
    VenueSetup setup;
    setup.table = table_.get();
    venue_ = type_->make(setup);
    std::vector<ListingId> ids;
    for (const Listing& listing : table_->listings()) ids.push_back(listing.id);
    (void)venue_->plan(ids);
    for (const Opened& opened : opened_) {
        venue_->on_open(static_cast<ConnectionId>(opened.connection), opened.url, opened.time, *this, *this);
    }
}

void ConnectorLearner::open(std::uint16_t connection, std::string_view url, Timestamp time)
{
    opened_.push_back({connection, std::string(url), time});
    venue_->on_open(static_cast<ConnectionId>(connection), url, time, *this, *this);
}

template <class Feed>
void ConnectorLearner::feed(Feed&& feed)
{
    unknown_.clear();
    feed();
    if (unknown_.empty()) return;
    bool added = false;
    for (const std::string& symbol : unknown_) {
        if (std::find(hopeless_.begin(), hopeless_.end(), symbol) != hopeless_.end()) continue;
        if (table_->find_symbol(VenueId{}, symbol) != nullptr) continue;
        const std::optional<ListingDefinition> guess = type_->guess_listing(key_.market, symbol);
        if (!guess) {
            hopeless_.push_back(symbol);
            continue;
        }
        Seen seen;
        seen.definition = *guess;
        seen.learnt = true;
        listings_.push_back(std::move(seen));
        added = true;
    }
    if (!added) return;
    rebuild();
    feed();
}

void ConnectorLearner::frame(std::uint16_t connection, std::string_view text, Timestamp time)
{
    const PaddedText padded = buffer_.assign(text);
    feed([&] { venue_->on_frame(static_cast<ConnectionId>(connection), padded, time, *this, *this); });
}

void ConnectorLearner::http(std::string_view url, std::string_view body, Timestamp time)
{
    const PaddedText padded = buffer_.assign(body);
    feed([&] { venue_->on_http({url, 200, padded}, time, *this, *this); });
}

void ConnectorLearner::note(ListingId id, Price price, Quantity quantity)
{
    const Listing& listing = table_->listing(id);
    Seen& seen = listings_[index(id)];
    if (!seen.seen) {
        seen.seen = true;
        seen.order = next_order_++;
    }
    seen.price_decimals = needed(price.units, listing.wire.price_decimals, seen.price_decimals);
    seen.quantity_decimals = needed(quantity.units / listing.wire.quantity_factor,
                                    listing.wire.quantity_decimals, seen.quantity_decimals);
}

void ConnectorLearner::on_book(const BookUpdate& update)
{
    note(update.listing, {}, {});
    for (const Level& level : update.bids) note(update.listing, level.price, level.quantity);
    for (const Level& level : update.asks) note(update.listing, level.price, level.quantity);
}

void ConnectorLearner::on_quote(const BestQuote& quote)
{
    note(quote.listing, quote.bid.price, quote.bid.quantity);
    note(quote.listing, quote.ask.price, quote.ask.quantity);
}

void ConnectorLearner::on_trade(const Trade& trade)
{
    note(trade.listing, trade.price, trade.quantity);
}

void ConnectorLearner::on_undecoded(const Undecoded& undecoded)
{
    if (undecoded.reason != UndecodedReason::unknown_instrument || undecoded.text.empty()) return;
    const std::string symbol(undecoded.text);
    if (std::find(unknown_.begin(), unknown_.end(), symbol) == unknown_.end()) unknown_.push_back(symbol);
}

std::vector<ListingDefinition> ConnectorLearner::result() const
{
    std::vector<const Seen*> seen;
    for (const Seen& listing : listings_) {
        if (listing.seen) seen.push_back(&listing);
    }
    std::sort(seen.begin(), seen.end(), [](const Seen* a, const Seen* b) { return a->order < b->order; });
    std::vector<ListingDefinition> result;
    for (const Seen* listing : seen) {
        ListingDefinition d = listing->definition;
        if (listing->learnt) {
            d.tick = step_of(listing->price_decimals);
            d.lot = step_of(listing->quantity_decimals);
            d.inferred = true;
        } else {
            // Seen whole: what the connector holds possible is no longer needed.
            d.price_unit = d.quantity_unit = {};
            if (listing->price_decimals > d.tick.decimals()) d.price_unit = step_of(listing->price_decimals);
            if (listing->quantity_decimals > std::max(d.lot.decimals(), d.quantity_min.decimals())) {
                d.quantity_unit = step_of(listing->quantity_decimals);
            }
        }
        result.push_back(std::move(d));
    }
    return result;
}

}  // namespace arb
