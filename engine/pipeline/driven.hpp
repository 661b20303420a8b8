#pragma once
// What a driver with sockets and a clock turns: inputs with their time come in one after the other, each
// followed by decide(); wishes go to the Outbox that the driven one was made with. The engine is one, the
// rehearsal of a venue another. Core thread; never re-entered.
#include <string_view>
#include <vector>

#include "engine/venue/venue.hpp"

namespace arb {

class Driven {
  public:
    virtual ~Driven() = default;

    /// The public websockets that each venue wants open.
    virtual const std::vector<ConnectionPlan>& plans(VenueId venue) const = 0;
    virtual void on_open(VenueId venue, ConnectionId connection, std::string_view url, Timestamp now) = 0;
    virtual void on_frame(VenueId venue, ConnectionId connection, PaddedText frame, Timestamp now) = 0;
    virtual void on_http(VenueId venue, const HttpReply& reply, Timestamp now) = 0;
    /// `over`: not the connection ended but the recording of it.
    virtual void on_close(VenueId venue, ConnectionId connection, Timestamp now, bool over) = 0;
    /// A timer of this venue; kNoVenue: one of the driven one's own.
    virtual void on_wake(VenueId venue, Timestamp now) = 0;
    /// False: not understood.
    virtual bool on_command(std::string_view text, Timestamp now) = 0;
    /// Of a simulated order.
    virtual void on_order_event(const OrderEvent& event, Timestamp now) = 0;
    /// All inputs of this instant are applied.
    virtual void decide(Timestamp now) = 0;
};

/// Orders that are matched here and not at a venue (paper trading).
class PaperVenues {
  public:
    virtual ~PaperVenues() = default;
    /// When the next order reaches its venue; 0: none is out.
    virtual Timestamp next_due() const = 0;
    /// Matches what has reached a venue by `now` and looks at resting orders; events are appended to `out`.
    virtual void run(Timestamp now, std::vector<OrderEvent>& out) = 0;
};

}  // namespace arb
