#pragma once
// The keys of one venue, each with an instance of the connector of its own, and one instance without a key
// for market data. Whose an input is: websockets carry a mark behind their address (Outbox::connect),
// requests the number of the instance in the highest byte of their tag. A key that takes over is started
// beside the one it replaces and promoted when its channels stand, so that there is no moment without a
// channel; the old one then hears the ends of what it sent and is dropped. Part of KeyedVenue; core thread;
// no allocation on the way of frames and orders.
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/venue/venue.hpp"

namespace arb {

/// An instance of the connector; 0 is the one for market data.
using KeySlot = std::uint8_t;
inline constexpr KeySlot kNoSlot = 0xff;

class VenueKeys {
  public:
    using Make = std::unique_ptr<Venue> (*)(const VenueSetup& setup);
    /// `setup` without credentials.
    VenueKeys(Make make, const VenueSetup& setup);

    // Keys. Nothing is sent with a key before ask() or start().
    /// kNoSlot: there are too many. The credentials outlive this object.
    KeySlot add(const Credentials& credentials, SessionScope scope);
    /// Asks the venue what the key may do.
    void ask(KeySlot slot, Timestamp now, FactSink& sink, Outbox& outbox);
    /// Opens the key's channels. A first one for its scope serves at once, a later one when promoted.
    void start(KeySlot slot, Timestamp now, FactSink& sink, Outbox& outbox);
    /// All its channels stand.
    bool ready(KeySlot slot) const;
    /// It cannot start: what the venue said; empty: it may still.
    const std::string& trouble(KeySlot slot) const { return slots_[slot].trouble; }
    /// From now on this key serves; whoever served is leaving.
    void promote(KeySlot slot, FactSink& sink);
    bool serves(KeySlot slot) const;
    /// Orders and cancels under this key that have not ended yet.
    std::uint64_t pending(KeySlot slot) const { return slots_[slot].pending; }
    /// Closes its connections and forgets it; whatever comes for it later is dropped.
    void drop(KeySlot slot, Outbox& outbox);
    bool held(KeySlot slot) const { return slot < slots_.size() && slots_[slot].venue != nullptr; }

    // Instances.
    std::size_t count() const { return slots_.size(); }
    Venue& market() const { return *slots_[0].venue; }
    /// For all of now and of later; the word of the one for market data.
    std::vector<ConnectionPlan> plan(std::span<const ListingId> listings);
    void set_clock_offset(Duration offset);
    /// Whose connection it is; kNoSlot: nobody's.
    KeySlot owner(ConnectionId connection) const
    {
        return index(connection) < owners_.size() ? owners_[index(connection)] : kNoSlot;
    }
    /// A connection stands: whose it is by the mark behind its address, which is cut off.
    KeySlot claim(ConnectionId connection, std::string_view& url);
    /// It fell, or a dial failed: whose it was.
    KeySlot release(ConnectionId connection);
    /// Calls a method of Venue there; nothing where the slot is not held.
    template <class Method, class... Arguments>
    void call(KeySlot slot, FactSink& sink, Outbox& outbox, Method method, const Arguments&... arguments);
    /// A request under the key that serves there; without one it ends here.
    template <class Method, class... Arguments>
    void request(Channel channel, RequestKind kind, OrderId order, FactSink& sink, Outbox& outbox,
                 Method method, const Arguments&... arguments);

  private:
    static constexpr std::size_t kSlotsMax = 100;
    static constexpr std::size_t kChannels = static_cast<std::size_t>(Channel::count_);
    struct Slot {
        std::unique_ptr<Venue> venue;
        std::string label;  ///< of its key
        SessionScope scope = SessionScope::both;
        std::array<bool, kChannels> ready{};
        unsigned dialing = 0;       ///< connections asked for and not opened yet
        std::uint64_t pending = 0;  ///< orders and cancels whose end was not heard
        std::string trouble;
    };
    class FactFilter;  // what an instance says, as far as its key is in use
    class OutboxTag;   // what an instance asks for, marked as its own

    static bool covers(SessionScope scope, Channel channel);

    Make make_;
    VenueSetup setup_;
    std::vector<Slot> slots_;                   // never shrinks: a slot is never used again
    std::array<KeySlot, kChannels> serving_{};  // kNoSlot: nobody yet
    std::vector<KeySlot> owners_;               // by connection
    std::vector<ListingId> listings_;
    std::optional<Duration> offset_;
};

}  // namespace arb
