#include "connectors/kraken/dead_man.hpp"

#include <fmt/format.h>

namespace arb::kraken {
namespace {

constexpr Duration kDeadManRefresh = seconds(20);
constexpr Duration kDeadManAnswerMax = seconds(10);

}  // namespace

void DeadMan::arm(Timestamp now, Outbox& outbox)
{
    due_ = now + kDeadManRefresh;
    number_ = session_->next_number++;
    sent_ = now;
    outbox.used_key(venue_, "cancel_all_orders_after");
    outbox.send(
        session_->connection(),
        fmt::format(
            R"({{"method":"cancel_all_orders_after","params":{{"timeout":60,"token":"{}"}},"req_id":{}}})",
            session_->token, number_));
    outbox.wake_at(venue_, sent_ + kDeadManAnswerMax);
    outbox.wake_at(venue_, due_);
}

bool DeadMan::is_overdue(Timestamp now)
{
    if (number_ == 0 || !is_armed_ || now - sent_ < kDeadManAnswerMax) return false;
    number_ = 0;
    return true;
}

void DeadMan::on_wake(Timestamp now, Outbox& outbox)
{
    if (is_armed_ && now >= due_) arm(now, outbox);
    if (is_armed_ && due_.known()) outbox.wake_at(venue_, due_);
    if (number_ != 0) outbox.wake_at(venue_, sent_ + kDeadManAnswerMax);
}

}  // namespace arb::kraken
