#include "connectors/okx/emulated_orders.hpp"

#include <fmt/format.h>

#include "connectors/okx/emulated_parts.hpp"

namespace arb::okx {

// A timer is over the account's orders with its tag; without one over all of them.
Answer EmulatedDeadMan::set(const EmulatedCall& call)
{
    const std::string text = member(call.body, "timeOut");
    const std::string tag = member(call.body, "tag");
    const ScaledNumber time = parse_scaled(text, 0);
    const bool off = time.value == 0;
    if (text.empty() || time.error != DecimalError::none || (!off && (time.value < 10 || time.value > 120)))
        return {{}, "51000", "Parameter timeOut error"};
    const Timestamp trigger = off ? Timestamp{} : call.now + seconds(time.value);
    timers_[{call.key->account, tag}] = trigger;
    return {fmt::format(R"({{"triggerTime":"{}","tag":{},"ts":"{}"}})", seconds_of(trigger), json_text(tag),
                        ms_of(call.now)),
            "0", ""};
}

void EmulatedDeadMan::run(Timestamp now)
{
    for (auto& [whose, due] : timers_) {
        if (!due.known() || now < due) continue;
        due = {};
        const auto& [account, tag] = whose;
        for (const EmulatedOrder* order : exchange_.orders(account, kNoListing, true)) {
            if (!tag.empty() && parts_.notes.said(order->id).tag != tag) continue;
            parts_.notes.time_out(order->id);
            (void)exchange_.cancel(account, order->id, now);
        }
    }
}

}  // namespace arb::okx
