#pragma once
// What stands between an instance of a KeyedVenue and the engine, both ways: the inside of venue_keys.cpp
// and keyed_venue.cpp, nobody else's.
#include <string>
#include <utility>

#include <fmt/format.h>

#include "engine/base/ensure.hpp"
#include "engine/pipeline/venue_keys.hpp"

namespace arb {

inline constexpr unsigned kTagBits = 56;
inline constexpr std::size_t kTroubleMax = 200;

// Passes the facts of one instance on. Orders, fills and balances are true whichever key heard them. Whether
// the venue can be traded on is told only by the instance whose key is in use for that; what another key's
// instance says of its own sockets is left out.
class VenueKeys::FactFilter final : public FactSink {
  public:
    FactFilter(VenueKeys& owner, KeySlot slot, FactSink& sink) : owner_(&owner), slot_(slot), sink_(&sink) {}

    void on_book(const BookUpdate& update) override { sink_->on_book(update); }
    void on_quote(const BestQuote& quote) override { sink_->on_quote(quote); }
    void on_trade(const Trade& trade) override { sink_->on_trade(trade); }
    void on_connection_sequence(ConnectionId connection, std::uint64_t sequence) override
    {
        sink_->on_connection_sequence(connection, sequence);
    }
    void on_acknowledged(ConnectionId connection, ListingId listing, bool subscribed) override
    {
        sink_->on_acknowledged(connection, listing, subscribed);
    }
    void on_venue_time(Timestamp venue_time, Timestamp receive_time) override
    {
        sink_->on_venue_time(venue_time, receive_time);
    }
    void on_undecoded(const Undecoded& undecoded) override { sink_->on_undecoded(undecoded); }
    void on_listing_status(ListingId listing, ListingStatus status) override
    {
        sink_->on_listing_status(listing, status);
    }
    void on_order_report(const OrderReport& report) override { sink_->on_order_report(report); }
    void on_fill_report(const FillReport& report) override { sink_->on_fill_report(report); }
    void on_balance_report(const BalanceReport& report) override { sink_->on_balance_report(report); }
    void on_fee_report(const FeeReport& report) override { sink_->on_fee_report(report); }
    void on_clock_sample(Timestamp venue_time, Timestamp sent, Timestamp received) override
    {
        sink_->on_clock_sample(venue_time, sent, received);
    }
    void on_key_report(const KeyReport& report) override { sink_->on_key_report(report); }

    void on_channel(Channel channel, bool ready) override
    {
        Slot& slot = owner_->slots_[slot_];
        if (!covers(slot.scope, channel)) return;
        slot.ready[static_cast<std::size_t>(channel)] = ready;
        if (owner_->serving_[static_cast<std::size_t>(channel)] == slot_) sink_->on_channel(channel, ready);
    }

    void on_request_end(const RequestEnd& end) override
    {
        Slot& slot = owner_->slots_[slot_];
        if (is_about_order(end.kind) && slot.pending > 0) --slot.pending;
        const bool own = end.kind == RequestKind::session || end.kind == RequestKind::dead_man;
        if (owner_->serves(slot_) || end.kind == RequestKind::key_info) {
            sink_->on_request_end(end);
            return;
        }
        RequestEnd told = end;
        if (end.outcome == Outcome::key_trouble) {
            slot.trouble = std::string(end.text.substr(0, kTroubleMax));
            if (slot.trouble.empty()) slot.trouble = "the venue refused the key";
            // What was asked under it did not happen; the venue itself goes on under the other key.
            told.outcome = Outcome::refused;
        }
        if (!own) sink_->on_request_end(told);
    }

  private:
    VenueKeys* owner_;
    KeySlot slot_;
    FactSink* sink_;
};

class VenueKeys::OutboxTag final : public Outbox {
  public:
    OutboxTag(VenueKeys& owner, KeySlot slot, Outbox& outbox) : owner_(&owner), slot_(slot), outbox_(&outbox)
    {
    }

    void send(ConnectionId connection, std::string_view text) override { outbox_->send(connection, text); }
    void request(const HttpRequest& request) override
    {
        HttpRequest marked = request;
        ENSURE(request.tag >> kTagBits == 0, "connectors count their requests from 1");
        marked.tag |= std::uint64_t{slot_} << kTagBits;
        outbox_->request(marked);
    }
    void wake_at(VenueId venue, Timestamp time) override { outbox_->wake_at(venue, time); }
    void reconnect(ConnectionId connection, std::string_view why) override
    {
        outbox_->reconnect(connection, why);
    }
    void connect(VenueId venue, std::string_view url) override
    {
        ++owner_->slots_[slot_].dialing;
        outbox_->connect(venue, fmt::format("{}#{}", url, slot_));
    }
    void used_key(VenueId venue, std::string_view endpoint) override
    {
        outbox_->used_key_of(venue, owner_->slots_[slot_].label, endpoint);
    }

  private:
    VenueKeys* owner_;
    KeySlot slot_;
    Outbox* outbox_;
};

template <class Method, class... Arguments>
void VenueKeys::call(KeySlot slot, FactSink& sink, Outbox& outbox, Method method,
                     const Arguments&... arguments)
{
    if (!held(slot)) return;
    Venue& venue = *slots_[slot].venue;
    if (slot == 0) return (venue.*method)(arguments..., sink, outbox);
    FactFilter facts(*this, slot, sink);
    OutboxTag tagged(*this, slot, outbox);
    (venue.*method)(arguments..., facts, tagged);
}

template <class Method, class... Arguments>
void VenueKeys::request(Channel channel, RequestKind kind, OrderId order, FactSink& sink, Outbox& outbox,
                        Method method, const Arguments&... arguments)
{
    const KeySlot slot = serving_[static_cast<std::size_t>(channel)];
    if (!held(slot)) {
        RequestEnd end;
        end.kind = kind;
        end.outcome = Outcome::refused;
        end.reason = RejectReason::permission;
        end.order = order;
        end.complete = false;
        end.text = "no key serves here";
        sink.on_request_end(end);
        return;
    }
    if (is_about_order(kind)) ++slots_[slot].pending;
    call(slot, sink, outbox, method, arguments...);
}

}  // namespace arb
