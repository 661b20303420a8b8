#pragma once
// What clients say to the emulated OKX on websockets: log-ons, subscriptions, orders. Called for each frame;
// everything received is hostile, and refused in OKX's words. One thread.
#include <map>
#include <string>
#include <string_view>

#include "connectors/okx/emulated_feed.hpp"
#include "connectors/okx/emulated_news.hpp"
#include "connectors/okx/emulated_orders.hpp"

namespace arb::okx {

class EmulatedFrames : EmulatedPart {
  public:
    using EmulatedPart::EmulatedPart;

    void read(SessionId id, std::string_view text, Timestamp now, SessionOutbox& out);

  private:
    std::string log_on(SessionId id, const JsonBody& argument, Timestamp now);
    void subscribe(SessionId id, const JsonBody& argument, std::string_view op, Timestamp now,
                   SessionOutbox& out);
    /// True: the venue ended the subscription right after its confirmation.
    bool crowded(SessionId id, std::string_view channel, AccountId account, Timestamp now,
                 SessionOutbox& out);
    void order(SessionId id, const JsonBody& message, std::string_view op, Timestamp now, SessionOutbox& out);

    std::map<AccountId, std::uint64_t> order_streams_;  ///< subscriptions so far
    std::uint64_t replies_ = 0;
};

}  // namespace arb::okx
