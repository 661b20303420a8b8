#pragma once
// The emulated Kraken's private channels, news of an account. Only the first word of an order, its fills and
// snapshots tell what it is; everything else names the order's id and what changed ("Executions", live
// order). Part of the emulated venue; one thread.
#include <map>
#include <string>
#include <utility>

#include "connectors/kraken/emulated_dialect.hpp"
#include "connectors/kraken/emulated_sessions.hpp"
#include "connectors/kraken/emulated_terms.hpp"

namespace arb::kraken {

class EmulatedNews : EmulatedPart {
  public:
    using EmulatedPart::EmulatedPart;

    /// `key`: of the token that was sent, nullptr: of none.
    void subscribe(const SocketCall& call, const EmulatedKey* key);
    /// `amended`: since it was told of last.
    void on_order(const EmulatedOrder& order, const EmulatedTrade* trade, bool amended, Timestamp now,
                  SessionOutbox& out);
    void on_balance(AccountId account, const EmulatedBalance& balance, Timestamp now, SessionOutbox& out);
    void close(SessionId id) { sequences_.erase(id); }

  private:
    struct Sequences {
        std::int64_t executions = 0, balances = 0;
    };
    void say(const EmulatedOrder& order, const std::string& row, Timestamp now, SessionOutbox& out);

    std::map<SessionId, Sequences> sequences_;
    std::map<std::pair<AccountId, std::string>, Amount> told_;  ///< totals of balances
    std::uint64_t announced_ = 0;                               ///< the last order that was told of
};

}  // namespace arb::kraken
