#pragma once
// The rehearsal of one venue: walks the Venue contract against it and notes what is as expected and what is
// not. A state machine without clock, thread or socket: the live driver turns it with real sockets, tests
// with a wire in memory. Orders go through a risk gate of its own; whatever happens, the last steps cancel
// what is open and give back what was bought, and what cannot be proved is flagged.
//
//   books -> keys -> log-on -> clock, balances, fees, lists -> orders -> a fill -> books for their time ->
//   clean up
#include <memory>
#include <string>
#include <vector>

#include "engine/pipeline/driven.hpp"
#include "engine/rehearsal/checks.hpp"
#include "engine/rehearsal/step.hpp"

namespace arb {

class Rehearsal final : public Driven {
  public:
    /// `outbox` outlives it.
    Rehearsal(const RehearsalSetup& setup, Outbox& outbox);
    ~Rehearsal() override;

    /// The walk is at its end, and everything told.
    bool over() const { return over_; }
    /// What it is at: "post-only order: cancelled".
    std::string doing() const;
    const RehearsalChecks& checks() const { return checks_; }
    /// Orders or positions that may be left: somebody must look.
    const std::vector<std::string>& flags() const { return stage_.flags; }
    /// What may not be shown of the venue's messages.
    const Mask& mask() const { return stage_.mask; }
    bool open_orders() const { return stage_.orders().any_open(); }

    // Driven
    const std::vector<ConnectionPlan>& plans(VenueId venue) const override;
    void on_open(VenueId venue, ConnectionId connection, std::string_view url, Timestamp now) override;
    void on_frame(VenueId venue, ConnectionId connection, PaddedText frame, Timestamp now) override;
    void on_http(VenueId venue, const HttpReply& reply, Timestamp now) override;
    void on_close(VenueId venue, ConnectionId connection, Timestamp now, bool over) override;
    void on_wake(VenueId venue, Timestamp now) override;
    /// "stop": what is left of the walk is not tried, but for the cleaning up.
    bool on_command(std::string_view text, Timestamp now) override;
    void on_order_event(const OrderEvent&, Timestamp) override {}
    void decide(Timestamp now) override;

  private:
    void walk(Timestamp now);
    void finish(Timestamp now);

    Stage stage_;
    std::vector<ConnectionPlan> plans_;
    std::vector<std::string> addresses_;  // by connection; of public ones that stand
    Walk walk_;
    std::size_t at_ = 0;
    bool begun_ = false;  // the step at hand
    Timestamp step_begun_;
    bool stopping_ = false, over_ = false;
    RehearsalChecks checks_;
};

}  // namespace arb
