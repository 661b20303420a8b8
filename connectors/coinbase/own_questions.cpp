#include "connectors/coinbase/own_questions.hpp"

#include <algorithm>

#include "connectors/coinbase/account_lists.hpp"

namespace arb::coinbase {
namespace {

constexpr Duration kChaseFirst = milliseconds(100);
constexpr Duration kChaseMost = seconds(4);
constexpr int kChaseTries = 8;

Inquiry own_question(RequestKind kind, std::string_view venue_id = {})
{
    Inquiry inquiry = new_question(kind);
    inquiry.own = true;
    inquiry.is_public = kind == RequestKind::time;
    inquiry.venue_id = venue_id;
    return inquiry;
}

}  // namespace

void OwnQuestions::ask_time(Timestamp now, FactSink& sink, Outbox& outbox)
{
    inquiries_->begin(own_question(RequestKind::time), now, sink, outbox);
}

void OwnQuestions::ask_price(std::string_view venue_id, Timestamp now, FactSink& sink, Outbox& outbox)
{
    KnownOrder* const known = tools_->decoder.known().find(venue_id);
    const bool due = known != nullptr && known->price_due && known->amending.units != 0;
    if (!due || !plain_id(venue_id) || !tools_->quota.may(HourQuota::kQuestionsMost, now)) return;
    // An answer on its way may be older than the message: then it is asked once more.
    if (std::exchange(known->price_asked, true)) return;
    known->price_due = false;
    inquiries_->begin(own_question(RequestKind::query_order, venue_id), now, sink, outbox);
}

void OwnQuestions::on_end(const Inquiry& asked, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (asked.kind == RequestKind::fills) return on_chase_end(asked, now, outbox);
    KnownOrder* const known = tools_->decoder.known().find(asked.venue_id);
    if (known == nullptr) return;
    known->price_asked = false;
    ask_price(asked.venue_id, now, sink, outbox);
}

// Chases.

std::vector<OwnQuestions::Chase>::iterator OwnQuestions::find(std::string_view venue_id)
{
    return std::find_if(chases_.begin(), chases_.end(),
                        [&](const Chase& chase) { return chase.venue_id == venue_id; });
}

void OwnQuestions::chase(std::string_view venue_id, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (!plain_id(venue_id)) return;
    auto found = find(venue_id);
    if (found == chases_.end()) {
        chases_.emplace_back();
        found = chases_.end() - 1;
        found->venue_id = venue_id;
    }
    found->tries = 0;
    found->pause = kChaseFirst;
    if (!found->asking) ask_fills(*found, now, sink, outbox);
}

// The chase may be over when this returns.
void OwnQuestions::ask_fills(Chase& chase, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (!tools_->quota.may(HourQuota::kQuestionsMost, now)) {
        chase.due = tools_->quota.next(HourQuota::kQuestionsMost, now);
        return outbox.wake_at(tools_->setup.id, chase.due);
    }
    chase.asking = true;
    inquiries_->begin(own_question(RequestKind::fills, chase.venue_id), now, sink, outbox);
}

// The history may lag behind the stream.
void OwnQuestions::on_chase_end(const Inquiry& asked, Timestamp now, Outbox& outbox)
{
    const auto chase = find(asked.venue_id);
    if (chase == chases_.end()) return;
    chase->asking = false;
    bool over = ++chase->tries >= kChaseTries;
    if (asked.verdict.done()) {
        KnownOrder* const order = tools_->decoder.known().find(asked.venue_id);
        if (order != nullptr) order->counted = std::max(order->counted, notes_of(asked).sum);
        over = over || order == nullptr || order->counted >= order->told;
    }
    // Nobody signs: nothing left.
    over = over || (asked.tag == 0 && asked.verdict.outcome == Outcome::key_trouble);
    if (over) {
        chases_.erase(chase);
        return;
    }
    chase->due = now + chase->pause;
    outbox.wake_at(tools_->setup.id, chase->due);
    chase->pause = {std::min(chase->pause.ns * 2, kChaseMost.ns)};
}

void OwnQuestions::on_wake(Timestamp now, FactSink& sink, Outbox& outbox)
{
    for (std::size_t i = 0; i < chases_.size(); ++i) {
        if (!chases_[i].asking && chases_[i].due <= now) ask_fills(chases_[i], now, sink, outbox);
    }
    for (const Chase& chase : chases_) {
        if (!chase.asking) outbox.wake_at(tools_->setup.id, chase.due);
    }
}

}  // namespace arb::coinbase
