#pragma once
// A private websocket and the one that takes over from it: before the venue's 24 hours are over, when it
// announces its end, or when there is another key, the second is dialled, and the first serves until that
// one stands. Its owner dials, when it is due. A part of the trading side; core thread, sans-I/O.
#include <array>
#include <string_view>

#include "engine/connect/private_socket.hpp"

namespace arb::binance {

/// A websocket lives 24 hours at most.
inline constexpr Duration kLifeMax = seconds(23 * 3600 + 1800);

class SocketPair {
  public:
    struct Heard {
        PrivateSocket::Event event = PrivateSocket::Event::not_ours;
        std::size_t which = 0;
        bool is_ours() const { return event == PrivateSocket::Event::ours; }
        bool is_known() const { return event != PrivateSocket::Event::not_ours; }
    };

    SocketPair(VenueId venue, std::string_view url, bool pings_answered, const bool& shut);

    PrivateSocket& operator[](std::size_t which) { return sockets_[which]; }
    std::size_t serving() const { return serving_; }
    bool is_open() const { return sockets_[serving_].is_open(); }
    ConnectionId connection() const { return sockets_[serving_].connection(); }

    /// Another is wanted beside the one that serves.
    void renew() { renews_ = true; }
    /// dial() is due: none stands or is on its way, or the one that serves is to be replaced.
    bool wants_dial(Timestamp now) const;
    void dial(Timestamp now, Outbox& outbox, std::string_view query = {});
    /// It is logged on, and serves from now on.
    void stand(std::size_t which, Outbox& outbox);

    Heard on_open(ConnectionId connection, std::string_view url, Timestamp now, Outbox& outbox);
    Heard heard(ConnectionId connection, Timestamp now);
    Heard on_close(ConnectionId connection, Timestamp now, Outbox& outbox);

  private:
    VenueId venue_;
    std::array<PrivateSocket, 2> sockets_;
    std::size_t serving_ = 0;
    bool renews_ = false;
};

}  // namespace arb::binance
