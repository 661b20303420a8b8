#include "engine/trading/day_result.hpp"

namespace arb {

bool DayResult::on_realised(Amount realised, Timestamp now)
{
    if (number_of(now) != number_) realised_ = {};
    number_ = number_of(now);
    realised_ += realised;
    return loss_reached(now);
}

bool DayResult::on_open_result(Amount result, Timestamp now)
{
    if (!loss_max_ || result.units >= 0 || loss_reached(now)) return false;
    if (today(now) + result > -*loss_max_) return false;
    closed_ = number_of(now);
    return true;
}

bool DayResult::loss_reached(Timestamp now) const
{
    if (!loss_max_) return false;
    return closed_ == number_of(now) || today(now) <= -*loss_max_;
}

}  // namespace arb
