#pragma once
// What the private channels of the emulated OKX tell an account: its orders, its balances and positions, and
// the channel that tells money and positions in one message, whenever one of them changed. One thread.
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "connectors/okx/emulated_lists.hpp"
#include "connectors/okx/emulated_order_notes.hpp"
#include "connectors/okx/emulated_sessions.hpp"

namespace arb::okx {

class EmulatedNews : EmulatedPart {
  public:
    using EmulatedPart::EmulatedPart;

    /// What a channel says at once.
    void start(SessionId id, const Subscription& wanted, AccountId account, Timestamp now,
               SessionOutbox& out);
    void tell_order(const EmulatedOrder& order, const EmulatedTrade* trade, Timestamp now,
                    SessionOutbox& out);
    void tell_balance(AccountId account, const EmulatedBalance& balance, Timestamp now, SessionOutbox& out);
    void tell_failed_amends(Timestamp now, SessionOutbox& out);

  private:
    /// Whom it concerns: subscribers of the channel, where they wanted that instrument or asset.
    struct Subject {
        std::string_view channel;
        const Listing* listing = nullptr;
        std::string_view asset = {};
    };
    void tell(AccountId account, const Subject& about, const std::string& data, Timestamp now,
              SessionOutbox& out);
    void tell_entry(const EmulatedOrder& order, const std::string& entry, Timestamp now, SessionOutbox& out);
    void start_both(SessionId id, const Subscription& wanted, AccountId account, Timestamp now,
                    SessionOutbox& out);
    void tell_both(AccountId account, const EmulatedBalance& balance, Timestamp now, SessionOutbox& out);

    std::map<std::pair<AccountId, std::string>, Amount> cash_told_;  ///< on the channel that tells both
    std::map<AccountId, std::pair<Timestamp, std::string>> last_trade_;
};

}  // namespace arb::okx
