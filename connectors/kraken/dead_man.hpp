#pragma once
// Kraken's dead-man switch on the account's websocket: armed for a minute, renewed every twenty seconds, and
// watched for its answer, because a timer that was not confirmed guards nothing. What follows from a refusal
// is Account's to say. Part of Account; core thread, sans-I/O.
#include <cstdint>
#include <utility>

#include "connectors/kraken/session.hpp"

namespace arb::kraken {

class DeadMan {
  public:
    DeadMan(VenueId venue, Session& session) : venue_(venue), session_(&session) {}

    /// Confirmed, and not refused or left since.
    bool is_armed() const { return is_armed_; }
    /// Sends the request for the next minute.
    void arm(Timestamp now, Outbox& outbox);
    /// The reply with that number is the one waited for; 0: it names no request.
    bool expects(std::uint64_t number) const { return number == number_ || number == 0; }
    void confirmed()
    {
        number_ = 0;
        is_armed_ = true;
    }
    /// True: it was armed until now.
    bool refused()
    {
        number_ = 0;
        return std::exchange(is_armed_, false);
    }
    void disarm() { is_armed_ = false; }
    /// Not armed again by itself: the key may not trade.
    void stop() { due_ = {}; }
    void on_close()
    {
        number_ = 0;
        due_ = {};
    }
    /// The answer to a renewal has not come in time; asked once a request.
    bool is_overdue(Timestamp now);
    /// Renews it when that is due.
    void on_wake(Timestamp now, Outbox& outbox);

  private:
    VenueId venue_;
    Session* session_;
    bool is_armed_ = false;
    std::uint64_t number_ = 0;  ///< of its request that is not answered yet
    Timestamp due_, sent_;
};

}  // namespace arb::kraken
