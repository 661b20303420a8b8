#include "connectors/binance/position_watch.hpp"

#include <algorithm>

#include "engine/connect/request_end.hpp"

namespace arb::binance {
namespace {

constexpr Duration kModeAgain = seconds(5);
constexpr Duration kHedgeAgain = seconds(60);

}  // namespace

void PositionWatch::ask(Timestamp now, FactSink& sink, Outbox& outbox)
{
    again_ = {};
    inquiries_->begin(own_inquiry(OwnQuestion::position_mode), now, sink, outbox);
}

void PositionWatch::ask_again(Timestamp at, Outbox& outbox)
{
    again_ = at;
    outbox.wake_at(tools_->setup.id, at);
}

void PositionWatch::mind(Timestamp now, FactSink& sink, Outbox& outbox)
{
    const bool heard = tools_->memory.positions.take_hedge() && tools_->mode != PositionMode::hedge;
    if (heard) {
        tools_->mode = PositionMode::hedge;
        tell_hedge(sink);
        if (tools_->channels.wants(Channel::order_entry) && !again_.known())
            ask_again(now + kHedgeAgain, outbox);
    } else if (tools_->mode_doubted) {
        tools_->mode = PositionMode::unknown;
        ask(now, sink, outbox);
    }
    tools_->mode_doubted = false;
}

// Orders without a position side are refused in hedge mode (-4061), so none is sent before the mode is known.
void PositionWatch::on_answer(const Inquiry& asked, Timestamp now, FactSink& sink, Outbox& outbox)
{
    const PositionMode mode = own_notes(asked).mode;
    if (mode != PositionMode::unknown) tools_->mode = mode;
    if (mode == PositionMode::one_way) {
        told_ = false;
    } else if (mode == PositionMode::hedge) {
        tell_hedge(sink);
        ask_again(now + kHedgeAgain, outbox);
    } else if (asked.verdict.outcome != Outcome::key_trouble) {
        ask_again(now + std::max(kModeAgain, asked.retry_after), outbox);
    }
}

void PositionWatch::tell_hedge(FactSink& sink)
{
    if (told_) return;
    told_ = true;
    tell_request_end(
        RequestKind::session, {Outcome::refused, RejectReason::permission}, kForeignOrder, {},
        "the account is in hedge mode, where no order of ours fits; close its positions and orders, then set "
        "Position Mode to One-way in the preferences of Binance Futures: it is asked again every minute",
        sink);
}

Timestamp PositionWatch::on_wake(Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (again_.known() && now >= again_) ask(now, sink, outbox);
    return again_;
}

}  // namespace arb::binance
