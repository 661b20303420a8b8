#pragma once
// The times of the gate that every key passes (key_gate.hpp): when to ask again, and when doubt becomes a
// verdict. Plain data with the values a run uses, read-only after start; tests shorten them.
#include "engine/base/time.hpp"

namespace arb {

struct KeyGateLimits {
    Duration check_every = seconds(3600);
    Duration ask_again = seconds(2);    ///< after no answer, before the first verdict
    unsigned asks_max = 5;              ///< then no answer is a verdict
    Duration doubt = seconds(60);       ///< between questions while a serving key cannot be checked
    Duration doubt_max = seconds(600);  ///< then it is refused
    Duration takeover_max = seconds(60);
    Duration drain = seconds(3);       ///< at least so long an old key listens on
    Duration drain_max = seconds(60);  ///< and at most: longer than any certainty window
};

}  // namespace arb
