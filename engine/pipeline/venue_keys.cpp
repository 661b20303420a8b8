#include "engine/pipeline/venue_keys.hpp"

#include <algorithm>

#include "engine/pipeline/keyed_venue_filters.hpp"

namespace arb {

VenueKeys::VenueKeys(Make make, const VenueSetup& setup) : make_(make), setup_(setup)
{
    serving_.fill(kNoSlot);
    owners_.resize(64, kNoSlot);
    setup_.credentials = nullptr;
    Slot market;
    market.venue = make_(setup_);
    slots_.push_back(std::move(market));
}

bool VenueKeys::covers(SessionScope scope, Channel channel)
{
    if (scope == SessionScope::both) return true;
    return (scope == SessionScope::orders) == (channel == Channel::order_entry);
}

KeySlot VenueKeys::add(const Credentials& credentials, SessionScope scope)
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

void VenueKeys::ask(KeySlot slot, Timestamp now, FactSink& sink, Outbox& outbox)
{
    call(slot, sink, outbox, &Venue::query_key, now);
}

void VenueKeys::start(KeySlot slot, Timestamp now, FactSink& sink, Outbox& outbox)
{
    Slot& s = slots_[slot];
    s.trouble.clear();
    for (std::size_t c = 0; c < kChannels; ++c) {
        if (covers(s.scope, static_cast<Channel>(c)) && serving_[c] == kNoSlot) serving_[c] = slot;
    }
    call(slot, sink, outbox, &Venue::start_session, now);
}

bool VenueKeys::ready(KeySlot slot) const
{
    const Slot& s = slots_[slot];
    for (std::size_t c = 0; c < kChannels; ++c) {
        if (covers(s.scope, static_cast<Channel>(c)) && !s.ready[c]) return false;
    }
    return true;
}

bool VenueKeys::serves(KeySlot slot) const
{
    return std::find(serving_.begin(), serving_.end(), slot) != serving_.end();
}

void VenueKeys::promote(KeySlot slot, FactSink& sink)
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

void VenueKeys::drop(KeySlot slot, Outbox& outbox)
{
    if (slot == 0 || !held(slot)) return;
    for (std::size_t c = 0; c < owners_.size(); ++c) {
        if (owners_[c] == slot)
            outbox.reconnect(static_cast<ConnectionId>(c), "its key is not used any more");
    }
    std::replace(serving_.begin(), serving_.end(), slot, kNoSlot);
    slots_[slot].venue.reset();
}

std::vector<ConnectionPlan> VenueKeys::plan(std::span<const ListingId> listings)
{
    listings_.assign(listings.begin(), listings.end());
    for (std::size_t s = 1; s < slots_.size(); ++s) {
        if (slots_[s].venue != nullptr) (void)slots_[s].venue->plan(listings);
    }
    return market().plan(listings);
}

void VenueKeys::set_clock_offset(Duration offset)
{
    offset_ = offset;
    for (Slot& slot : slots_) {
        if (slot.venue != nullptr) slot.venue->set_clock_offset(offset);
    }
}

KeySlot VenueKeys::claim(ConnectionId connection, std::string_view& url)
{
    std::size_t number = 0;
    const std::size_t mark = url.rfind('#');
    if (mark != std::string_view::npos) {
        for (const char c : url.substr(mark + 1))
            number = std::min<std::size_t>(number * 10 + (c - '0'), kNoSlot);
        url = url.substr(0, mark);
    }
    const auto slot = static_cast<KeySlot>(number);
    if (owners_.size() <= index(connection)) owners_.resize(index(connection) + 64, kNoSlot);
    owners_[index(connection)] = slot;
    if (held(slot) && slots_[slot].dialing > 0) --slots_[slot].dialing;
    return slot;
}

KeySlot VenueKeys::release(ConnectionId connection)
{
    const KeySlot slot = owner(connection);
    if (slot == 0) return slot;
    if (slot != kNoSlot) {
        owners_[index(connection)] = kNoSlot;
        return slot;
    }
    // No connection of that number ever stood, so one of the dials has failed: the first instance that waits
    // for a dial is told.
    for (std::size_t s = 1; s < slots_.size(); ++s) {
        if (slots_[s].dialing == 0) continue;
        --slots_[s].dialing;
        return static_cast<KeySlot>(s);
    }
    return kNoSlot;
}

}  // namespace arb
