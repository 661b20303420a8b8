#pragma once
// Which roads of a trading half are open, told to the sink when that changes and not before; and the end of
// the session's request, once a connection, when all that are wanted stand. A part of a connector; core
// thread, no allocation, no errors of its own.
#include "engine/connect/request_end.hpp"

namespace arb {

class RoadNews {
  public:
    explicit RoadNews(Roads roads)
        : wants_orders_(roads != Roads::account), wants_stream_(roads != Roads::orders)
    {
    }
    bool wants_orders() const { return wants_orders_; }
    bool wants_stream() const { return wants_stream_; }
    bool orders_up() const { return orders_up_; }

    /// A connection logs on: that its session stands is told anew.
    void begin() { session_told_ = false; }
    /// How it is now; a road that is not wanted is down. True: order entry has just come up.
    bool tell(bool orders, bool stream, FactSink& sink)
    {
        const bool opens = wants_orders_ && orders && !orders_up_;
        set(Channel::private_stream, stream_up_, wants_stream_ && stream, sink);
        set(Channel::order_entry, orders_up_, wants_orders_ && orders, sink);
        if (!session_told_ && orders_up_ == wants_orders_ && stream_up_ == wants_stream_) {
            session_told_ = true;
            tell_request_end(RequestKind::session, {Outcome::done, RejectReason::none}, kForeignOrder, {}, {},
                             sink);
        }
        return opens;
    }

  private:
    static void set(Channel channel, bool& up, bool now_up, FactSink& sink)
    {
        if (up == now_up) return;
        up = now_up;
        sink.on_channel(channel, up);
    }

    bool wants_orders_, wants_stream_;
    bool orders_up_ = false, stream_up_ = false, session_told_ = false;
};

}  // namespace arb
