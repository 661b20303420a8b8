#include "engine/pipeline/keyed_venue.hpp"

#include <algorithm>

#include "engine/pipeline/keyed_venue_filters.hpp"

namespace arb {

KeyedVenue::KeyedVenue(Make make, const VenueSetup& setup) : make_(make), setup_(setup)
{
    serving_.fill(kNoSlot);
    owners_.resize(64, kNoSlot);
    setup_.credentials = nullptr;
    Slot market;
    market.venue = make_(setup_);
    slots_.push_back(std::move(market));
}

KeyedVenue::~KeyedVenue() = default;

bool KeyedVenue::covers(SessionScope scope, Channel channel)
{
    if (scope == SessionScope::both) return true;
    return (scope == SessionScope::orders) == (channel == Channel::order_entry);
}

// Keys.

KeySlot KeyedVenue::add(const Credentials& credentials, SessionScope scope)
{
    if (slots_.size() >= kSlotsMax) return kNoSlot;
    VenueSetup setup = setup_;
    setup.credentials = &credentials;
    setup.scope = scope;
    Slot slot;
    slot.venue = make_(setup);
    slot.scope = scope;
    slot.label = credentials.label;
    (void)slot.venue->plan(listings_);
    if (offset_) slot.venue->set_clock_offset(*offset_);
    slots_.push_back(std::move(slot));
    return static_cast<KeySlot>(slots_.size() - 1);
}

void KeyedVenue::ask(KeySlot slot, Timestamp now, FactSink& sink, Outbox& outbox)
{
    with(slot, sink, outbox,
         [&](Venue& v, FactSink& facts, Outbox& tagged) { v.query_key(now, facts, tagged); });
}

void KeyedVenue::start(KeySlot slot, Timestamp now, FactSink& sink, Outbox& outbox)
{
    Slot& s = slots_[slot];
    s.started = true;
    s.trouble.clear();
    for (std::size_t c = 0; c < kChannels; ++c) {
        if (covers(s.scope, static_cast<Channel>(c)) && serving_[c] == kNoSlot) serving_[c] = slot;
    }
    with(slot, sink, outbox,
         [&](Venue& v, FactSink& facts, Outbox& tagged) { v.start_session(now, facts, tagged); });
}

bool KeyedVenue::ready(KeySlot slot) const
{
    const Slot& s = slots_[slot];
    for (std::size_t c = 0; c < kChannels; ++c) {
        if (covers(s.scope, static_cast<Channel>(c)) && !s.ready[c]) return false;
    }
    return true;
}

bool KeyedVenue::serves(KeySlot slot) const
{
    for (const KeySlot serving : serving_) {
        if (serving == slot) return true;
    }
    return false;
}

void KeyedVenue::promote(KeySlot slot, FactSink& sink)
{
    for (std::size_t c = 0; c < kChannels; ++c) {
        const auto channel = static_cast<Channel>(c);
        if (!covers(slots_[slot].scope, channel) || serving_[c] == slot) continue;
        const KeySlot before = serving_[c];
        serving_[c] = slot;
        const bool was = before != kNoSlot && slots_[before].ready[c];
        if (was != slots_[slot].ready[c]) sink.on_channel(channel, slots_[slot].ready[c]);
    }
}

void KeyedVenue::drop(KeySlot slot, Outbox& outbox)
{
    if (slot == 0 || !held(slot)) return;
    for (std::size_t c = 0; c < owners_.size(); ++c) {
        if (owners_[c] == slot)
            outbox.reconnect(static_cast<ConnectionId>(c), "its key is not used any more");
    }
    for (KeySlot& serving : serving_) {
        if (serving == slot) serving = kNoSlot;
    }
    slots_[slot].venue.reset();
}

// Venue: market data, and inputs to whom they belong.

SequenceRule KeyedVenue::sequence_rule(const Listing& listing) const
{
    return slots_[0].venue->sequence_rule(listing);
}

std::vector<ConnectionPlan> KeyedVenue::plan(std::span<const ListingId> listings)
{
    listings_.assign(listings.begin(), listings.end());
    for (std::size_t s = 1; s < slots_.size(); ++s) {
        if (held(static_cast<KeySlot>(s))) (void)slots_[s].venue->plan(listings);
    }
    return slots_[0].venue->plan(listings);
}

void KeyedVenue::on_open(ConnectionId connection, std::string_view url, Timestamp now, FactSink& sink,
                         Outbox& outbox)
{
    if (owners_.size() <= index(connection)) owners_.resize(index(connection) + 64, kNoSlot);
    std::size_t slot = 0;
    const std::size_t mark = url.rfind('#');
    if (mark != std::string_view::npos) {
        for (const char c : url.substr(mark + 1))
            slot = std::min<std::size_t>(slot * 10 + (c - '0'), kNoSlot);
        url = url.substr(0, mark);
    }
    owners_[index(connection)] = static_cast<KeySlot>(slot);
    if (slot == 0) {
        slots_[0].venue->on_open(connection, url, now, sink, outbox);
        return;
    }
    if (!held(static_cast<KeySlot>(slot))) {
        outbox.reconnect(connection, "its key is not used any more");
        return;
    }
    if (slots_[slot].dialing > 0) --slots_[slot].dialing;
    with(static_cast<KeySlot>(slot), sink, outbox,
         [&](Venue& v, FactSink& facts, Outbox& tagged) { v.on_open(connection, url, now, facts, tagged); });
}

void KeyedVenue::on_frame(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink,
                          Outbox& outbox)
{
    const KeySlot slot = index(connection) < owners_.size() ? owners_[index(connection)] : kNoSlot;
    if (slot == 0) {
        slots_[0].venue->on_frame(connection, frame, now, sink, outbox);
        return;
    }
    with(slot, sink, outbox, [&](Venue& v, FactSink& facts, Outbox& tagged) {
        v.on_frame(connection, frame, now, facts, tagged);
    });
}

void KeyedVenue::on_http(const HttpReply& reply, Timestamp now, FactSink& sink, Outbox& outbox)
{
    HttpReply own = reply;
    const auto slot = static_cast<KeySlot>(reply.tag >> kTagBits);
    own.tag = reply.tag & ((std::uint64_t{1} << kTagBits) - 1);
    if (slot == 0) {
        slots_[0].venue->on_http(own, now, sink, outbox);
        return;
    }
    with(slot, sink, outbox,
         [&](Venue& v, FactSink& facts, Outbox& tagged) { v.on_http(own, now, facts, tagged); });
}

void KeyedVenue::on_close(ConnectionId connection, Timestamp now, FactSink& sink, Outbox& outbox)
{
    const KeySlot slot = index(connection) < owners_.size() ? owners_[index(connection)] : kNoSlot;
    if (slot == 0) {
        slots_[0].venue->on_close(connection, now, sink, outbox);
        return;
    }
    const auto tell = [&](Venue& v, FactSink& facts, Outbox& tagged) {
        v.on_close(connection, now, facts, tagged);
    };
    if (slot != kNoSlot) {
        owners_[index(connection)] = kNoSlot;
        with(slot, sink, outbox, tell);
        return;
    }
    // No connection of that number ever stood, so one of the dials has failed: the first instance that waits
    // for a dial is told.
    for (std::size_t s = 1; s < slots_.size(); ++s) {
        if (slots_[s].dialing == 0) continue;
        --slots_[s].dialing;
        with(static_cast<KeySlot>(s), sink, outbox, tell);
        return;
    }
}

void KeyedVenue::on_wake(Timestamp now, FactSink& sink, Outbox& outbox)
{
    slots_[0].venue->on_wake(now, sink, outbox);
    for (std::size_t s = 1; s < slots_.size(); ++s) {
        with(static_cast<KeySlot>(s), sink, outbox,
             [&](Venue& v, FactSink& facts, Outbox& tagged) { v.on_wake(now, facts, tagged); });
    }
}

void KeyedVenue::resync(ListingId listing, Timestamp now, Outbox& outbox)
{
    slots_[0].venue->resync(listing, now, outbox);
}

TradingFeatures KeyedVenue::trading_features() const
{
    return slots_[0].venue->trading_features();
}

}  // namespace arb
