#pragma once
// One venue under several keys: a Venue made of several instances of its connector. One without a key serves
// market data; each key has an instance of its own, whose channels (VenueSetup::scope) follow the key's role:
// beside a read key the trade key opens order entry alone and the read key the private stream. Requests that
// change something go out under the trade key, questions under the read key where there is one. A key that
// takes over is started beside the one it replaces and promoted when its channels stand, so that there is no
// moment without a channel; the old one then hears the ends of what it sent and is dropped.
//
// Which instance an input is for: websockets carry a mark behind their address (Outbox::connect), requests
// the number of the instance in the highest byte of their tag. Core thread; no allocation on the way of
// frames and orders.
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/venue/venue.hpp"

namespace arb {

/// An instance of a KeyedVenue; 0 is the one for market data.
using KeySlot = std::uint8_t;
inline constexpr KeySlot kNoSlot = 0xff;

class KeyedVenue final : public Venue {
  public:
    using Make = std::unique_ptr<Venue> (*)(const VenueSetup& setup);
    /// `setup` without credentials.
    KeyedVenue(Make make, const VenueSetup& setup);
    ~KeyedVenue() override;

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
    bool started(KeySlot slot) const { return slots_[slot].started; }
    /// Orders and cancels under this key that have not ended yet.
    std::uint64_t pending(KeySlot slot) const { return slots_[slot].pending; }
    /// Closes its connections and forgets it; whatever comes for it later is dropped.
    void drop(KeySlot slot, Outbox& outbox);
    bool held(KeySlot slot) const { return slot < slots_.size() && slots_[slot].venue != nullptr; }

    // Venue
    SequenceRule sequence_rule(const Listing& listing) const override;
    std::vector<ConnectionPlan> plan(std::span<const ListingId> listings) override;
    void on_open(ConnectionId connection, std::string_view url, Timestamp now, FactSink& sink,
                 Outbox& outbox) override;
    void on_frame(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink,
                  Outbox& outbox) override;
    void on_http(const HttpReply& reply, Timestamp now, FactSink& sink, Outbox& outbox) override;
    void on_close(ConnectionId connection, Timestamp now, FactSink& sink, Outbox& outbox) override;
    void on_wake(Timestamp now, FactSink& sink, Outbox& outbox) override;
    void resync(ListingId listing, Timestamp now, Outbox& outbox) override;
    TradingFeatures trading_features() const override;
    /// Nothing: keys are started one by one.
    void start_session(Timestamp, FactSink&, Outbox&) override {}
    void send_order(const ApprovedOrder& order, Timestamp now, FactSink& sink, Outbox& outbox) override;
    void amend_order(const OrderReference& order, const ApprovedAmend& amend, Timestamp now, FactSink& sink,
                     Outbox& outbox) override;
    void cancel_order(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox) override;
    void cancel_all(std::span<const ListingId> listings, Timestamp now, FactSink& sink,
                    Outbox& outbox) override;
    void query_order(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox) override;
    void query_open_orders(std::span<const ListingId> listings, Timestamp now, FactSink& sink,
                           Outbox& outbox) override;
    void query_fills(std::span<const ListingId> listings, Timestamp since, Timestamp now, FactSink& sink,
                     Outbox& outbox) override;
    void query_balances(Timestamp now, FactSink& sink, Outbox& outbox) override;
    void query_fees(std::span<const ListingId> listings, Timestamp now, FactSink& sink,
                    Outbox& outbox) override;
    void query_time(Timestamp now, FactSink& sink, Outbox& outbox) override;
    void set_clock_offset(Duration offset) override;

  private:
    static constexpr std::size_t kSlotsMax = 100;
    static constexpr std::size_t kChannels = static_cast<std::size_t>(Channel::count_);
    struct Slot {
        std::unique_ptr<Venue> venue;
        std::string label;  ///< of its key
        SessionScope scope = SessionScope::both;
        bool started = false;
        std::array<bool, kChannels> ready{};
        unsigned dialing = 0;       ///< connections asked for and not opened yet
        std::uint64_t pending = 0;  ///< orders and cancels whose end was not heard
        std::string trouble;
    };
    class FactFilter;  // what an instance says, as far as its key is in use
    class OutboxTag;   // what an instance asks for, marked as its own

    static bool covers(SessionScope scope, Channel channel);
    KeySlot& serving(Channel channel) { return serving_[static_cast<std::size_t>(channel)]; }
    template <class Call>
    void with(KeySlot slot, FactSink& sink, Outbox& outbox, Call&& call);
    /// A request under the key of that channel; without one it ends here.
    template <class Call>
    void ask_by(Channel channel, RequestKind kind, OrderId order, FactSink& sink, Outbox& outbox,
                Call&& call);

    Make make_;
    VenueSetup setup_;
    std::vector<Slot> slots_;                   // never shrinks: a slot is never used again
    std::array<KeySlot, kChannels> serving_{};  // kNoSlot: nobody yet
    std::vector<KeySlot> owners_;               // by connection
    std::vector<ListingId> listings_;
    std::optional<Duration> offset_;
};

}  // namespace arb
