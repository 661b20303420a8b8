#include "engine/trading/order_questions.hpp"

#include <algorithm>

namespace arb {
namespace {

// How far a venue's time of a fill may lie before our time of sending.
constexpr Duration kClocksApart = seconds(5);
// A list of fills that was asked for so long ago will not come. Until then it is not asked for again: a long
// list takes its time where questions are scarce, and every further one would queue behind it.
constexpr Duration kFillsMost = seconds(20);

}  // namespace

Timestamp OrderQuestions::fills_from(const DeskOrder& order)
{
    return order.sent - kClocksApart;
}

bool OrderQuestions::silent(const DeskOrder& order)
{
    if (order.word != DeskOrder::Word::none || order.state == OrderState::unknown) return false;
    return order.immediate() ? order.state != OrderState::working : order.state == OrderState::sent;
}

void OrderQuestions::ask(DeskOrder& order, Timestamp now)
{
    ++asked_;
    if (now - order.fills_asked >= kFillsMost) order.asking_fills = false;
    order.pause = {std::clamp(order.pause.ns * 2, limits_->query_first.ns, limits_->query_most.ns)};
    // Whatever is still missing after this answer is asked for again.
    order.ask_at = now + order.pause;
    const bool missing_fills = order.word != DeskOrder::Word::none || order.absent || order.lacks_fills();
    if (missing_fills && !order.asking_fills) {
        order.asking_fills = true;
        order.fills_asked = now;
        requests_->query_fills(order.intent.listing, fills_from(order), now);
    }
    // Told absent when it could not arrive any more: only its fills are still to be proven. Where questions
    // are scarce, asking for more would keep that answer back.
    if (order.word == DeskOrder::Word::none && !order.absent_for_good)
        requests_->query_order(order.reference(), now);
}

void OrderQuestions::ask_early(const DeskOrder& order, Timestamp now)
{
    // Once its outcome is unknown it is asked about in its turn.
    if (order.word != DeskOrder::Word::none || order.state == OrderState::unknown) return;
    ++asked_;
    requests_->query_order(order.reference(), now);
}

}  // namespace arb
