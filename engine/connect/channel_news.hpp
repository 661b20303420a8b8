#pragma once
// Which channels of a trading side are open, told to the sink when that changes and not before; when the last
// one opens that is wanted, the session stands, which ends its request. A part of a connector; core thread,
// no allocation, no errors of its own.
#include <array>

#include "engine/connect/request_end.hpp"

namespace arb {

class ChannelNews {
  public:
    explicit ChannelNews(SessionScope scope)
        : wanted_{scope != SessionScope::account, scope != SessionScope::orders}
    {
    }

    bool wants(Channel channel) const { return wanted_[index_of(channel)]; }
    bool is_up(Channel channel) const { return up_[index_of(channel)]; }
    /// All that are wanted.
    bool all_up() const { return up_ == wanted_; }

    /// How the channel is now; one that is not wanted stays down. True: it has just opened.
    bool set(Channel channel, bool up, FactSink& sink)
    {
        bool& state = up_[index_of(channel)];
        if (!wants(channel) || state == up) return false;
        state = up;
        sink.on_channel(channel, up);
        if (up && all_up())
            tell_request_end(RequestKind::session, {Outcome::done, RejectReason::none}, kForeignOrder, {}, {},
                             sink);
        return up;
    }

  private:
    using PerChannel = std::array<bool, static_cast<std::size_t>(Channel::count_)>;
    static constexpr std::size_t index_of(Channel channel) { return static_cast<std::size_t>(channel); }

    PerChannel wanted_;
    PerChannel up_{};
};

}  // namespace arb
