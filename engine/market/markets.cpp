#include "engine/market/markets.hpp"

#include <algorithm>

namespace arb {
Markets::Markets(const InstrumentTable& table, const std::vector<SequenceRule>& rules,
                 const BookLimits& limits, std::vector<MarketDefinition> definitions, TakenLiquidity* taken)
    : table_(&table),
      taken_(taken),
      memberships_(table.listings().size()),
      clocks_(table.venue_count()),
      connection_of_(table.listings().size(), kNoConnection),
      is_changed_(definitions.size())
{
    ENSURE(rules.size() == table.listings().size(), "there is one sequence rule a listing");
    builders_.reserve(table.listings().size());
    for (const Listing& listing : table.listings()) {
        builders_.emplace_back(table.instrument(listing.instrument), listing, rules[index(listing.id)],
                               limits);
    }
    changed_.reserve(definitions.size());
    for (MarketDefinition& definition : definitions) {
        const auto market = static_cast<MarketId>(consolidated_.size());
        for (std::size_t i = 0; i < definition.members.size(); ++i) {
            memberships_[index(definition.members[i].listing)].push_back(
                {market, static_cast<std::uint32_t>(i)});
        }
        consolidated_.emplace_back(std::move(definition));
    }
}

Markets::Connection& Markets::connection(ConnectionId id)
{
    if (id == kLevelsConnection) return levels_;
    if (index(id) >= connections_.size()) connections_.resize(index(id) + 1);
    return connections_[index(id)];
}

// One connection may take a book over from another that was never closed only after that one fell silent:
// soon when it brings a whole book, late when it brings a change to one that is then lost.
bool Markets::follows(ConnectionId from, const BookUpdate& update)
{
    constexpr Duration kSilentForBook = seconds(3);
    constexpr Duration kSilentForChange = seconds(30);
    ConnectionId& owner = connection_of_[index(update.listing)];
    connection(from).heard = update.receive_time;
    if (owner == from) return true;
    if (owner != kNoConnection) {
        const Duration silence = update.receive_time - connection(owner).heard;
        if (silence < (update.snapshot ? kSilentForBook : kSilentForChange)) return false;
        builders_[index(update.listing)].reset(update.receive_time);
    }
    owner = from;
    Connection& home = connection(from);
    if (std::find(home.listings.begin(), home.listings.end(), update.listing) == home.listings.end()) {
        home.listings.push_back(update.listing);
    }
    return true;
}

BookOutcome Markets::on_update(ConnectionId from, const BookUpdate& update)
{
    BookBuilder& builder = builders_[index(update.listing)];
    if (from != kNoConnection && !follows(from, update)) {
        builder.leave_out();
        return BookOutcome::ignored;
    }
    if (update.venue_time.known()) {
        clocks_[index(table_->listing(update.listing).venue)].add(update.receive_time - update.venue_time);
    }
    const BookOutcome outcome = builder.apply(update);
    if (taken_ != nullptr && !taken_->none(update.listing)) taken_->shown(update.listing, builder.book());
    note_resync(builder);
    touched(update.listing);
    return outcome;
}

bool Markets::on_connection_sequence(ConnectionId from, std::uint64_t sequence, Timestamp now)
{
    Connection& home = connection(from);
    home.heard = now;
    const bool first = !home.sequenced;
    if (!first && sequence == home.last_sequence) return false;
    const bool unbroken = first || sequence == home.last_sequence + 1;
    home.sequenced = true;
    home.last_sequence = sequence;
    if (!unbroken) doubt_all(from, now);
    return true;
}

void Markets::doubt_all(ConnectionId from, Timestamp now)
{
    for (const ListingId id : connection(from).listings) {
        if (connection_of_[index(id)] != from) continue;
        builders_[index(id)].doubt(true, now);
        note_resync(builders_[index(id)]);
        touched(id);
    }
}

void Markets::on_unreadable(ListingId id, Timestamp now, ConnectionId from)
{
    const ConnectionId owner = connection_of_[index(id)];
    if (from != kNoConnection && owner != kNoConnection && from != owner) {
        builders_[index(id)].leave_out();
        return;
    }
    builders_[index(id)].doubt(false, now);
    note_resync(builders_[index(id)]);
    touched(id);
}

void Markets::on_unreadable_frame(ConnectionId from, Timestamp now)
{
    for (const ListingId id : connection(from).listings) {
        const bool numbered = builders_[index(id)].rule().kind != SequenceKind::none;
        if (connection_of_[index(id)] == from && !numbered) on_unreadable(id, now);
    }
}

void Markets::on_close(ConnectionId id, Timestamp now, BookTrouble why)
{
    Connection& home = connection(id);
    for (const ListingId listing : home.listings) {
        if (connection_of_[index(listing)] != id) continue;
        builders_[index(listing)].reset(now, why);
        connection_of_[index(listing)] = kNoConnection;
        touched(listing);
    }
    home = {};
}

void Markets::on_end(ListingId id, Timestamp now)
{
    if (connection_of_[index(id)] != kLevelsConnection) return;
    builders_[index(id)].reset(now, BookTrouble::ended);
    connection_of_[index(id)] = kNoConnection;
    touched(id);
}

void Markets::touched(ListingId id)
{
    for (const Membership& membership : memberships_[index(id)]) {
        consolidated_[index(membership.market)].update(membership.member, builders_[index(id)]);
        if (!is_changed_[index(membership.market)]) {
            is_changed_[index(membership.market)] = true;
            changed_.push_back(membership.market);
        }
    }
}

void Markets::clear_changed()
{
    for (const MarketId id : changed_) is_changed_[index(id)] = false;
    changed_.clear();
}

Duration Markets::excess_delay(ListingId id) const
{
    const BookBuilder& builder = builders_[index(id)];
    const ClockOffset& clock = clocks_[index(table_->listing(id).venue)];
    if (!clock.known || !builder.venue_updated().known()) return {};
    const Duration offset = builder.updated() - builder.venue_updated();
    return {std::max<std::int64_t>(0, offset.ns - clock.minimum.ns)};
}

std::vector<MarketDefinition> Markets::markets_of(const InstrumentTable& table)
{
    std::vector<MarketDefinition> definitions;
    for (const Instrument& instrument : table.instruments()) {
        const std::span<const ListingId> listings = table.listings_of(instrument.id);
        if (listings.size() < 2) continue;
        MarketDefinition definition;
        definition.name = instrument.name;
        definition.base = instrument.base;
        definition.quote = instrument.quote;
        definition.price_decimals = instrument.price_decimals;
        definition.quantity_decimals = instrument.quantity_decimals;
        for (const ListingId listing : listings) definition.members.push_back({listing, 1, 1});
        definitions.push_back(std::move(definition));
    }
    return definitions;
}

}  // namespace arb
