#pragma once
// The times by which live trading gives up, asks again or grows suspicious. Plain data from
// the configuration ([live]); read-only after start.
#include "engine/base/time.hpp"
#include "engine/pipeline/key_gate_limits.hpp"
#include "engine/trading/trade_memory.hpp"

namespace arb {

struct TradingLimits {
    Duration start_max = seconds(30);  ///< venues that are not ready by then are left out
    Duration stop_max = seconds(60);   ///< then what is left is flagged; longer than any certainty window
    Duration clock_doubt = milliseconds(500);  ///< told
    Duration clock_stop = seconds(1);          ///< no new risk there
    Duration clock_every = seconds(20);        ///< the venue's clock is asked for so often
    Duration check_every = seconds(60);        ///< balances are compared with the venue's so often
    Duration unknown_flag = seconds(600);      ///< an order of unknown outcome for so long is flagged
    Duration stall = milliseconds(500);        ///< the loop stood still for so long: nothing new for a second
    Duration money_doubt = milliseconds(1500);  ///< a balance the stream tells differs for so long: ask
    Duration money_alarm = milliseconds(4500);  ///< and for so long: somebody else moved it
    Duration key_ask_first = seconds(30);       ///< after a venue refused a key it is asked about it again,
    Duration key_ask_most = seconds(600);       ///< each time after twice as long, and at last so often
    std::size_t trades_kept = TradeMemory::kKept;  ///< fills remembered one by one, by the venue's trade id
    KeyGateLimits keys;
};

}  // namespace arb
