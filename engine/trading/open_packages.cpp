#include "engine/trading/open_packages.hpp"

#include <algorithm>

namespace arb {

OpenPackage& OpenPackages::take(const Package& package, Timestamp sent)
{
    ENSURE(!full(), "packages are refused while the table is full");
    const int place = __builtin_ctzll(~used_);
    OpenPackage& open = places_[static_cast<std::size_t>(place)];
    used_ |= std::uint64_t{1} << place;
    open.begin(package, *markets_, sent);
    ++count_;
    return open;
}

void OpenPackages::release(OpenPackage& open)
{
    wake_at(open, {});
    open.used = false;
    used_ &= ~(std::uint64_t{1} << (&open - places_.data()));
    --count_;
}

void OpenPackages::wake_at(OpenPackage& open, Timestamp time)
{
    waking_ -= open.wake.known() ? 1 : 0;
    waking_ += time.known() ? 1 : 0;
    open.wake = time;
}

void OpenPackages::look_again(OpenPackage& open, Timestamp due)
{
    const auto by = [&due](Timestamp time) { due = due.known() ? std::min(due, time) : time; };
    for (std::size_t i = 0; i < open.package.count; ++i) {
        const LegState& leg = open.legs[i];
        if (leg.changing()) by(leg.change_sent() + kChangeMost);
        const bool rests = open.package.legs[i].part == Part::rest && !leg.terminal() && !leg.withdrawn;
        if (rests && open.package.until.known()) by(open.package.until);
    }
    wake_at(open, due);
}

}  // namespace arb
