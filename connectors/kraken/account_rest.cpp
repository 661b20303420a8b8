// What the account is asked and asks for itself by REST, and what becomes of its own questions: tokens,
// names, and orders of which the stream told too little.
#include <algorithm>

#include "connectors/kraken/account.hpp"

namespace arb::kraken {
namespace {

constexpr Duration kAgain = seconds(5);

}  // namespace

void Account::ask(Inquiry inquiry, Timestamp now, FactSink& sink, Outbox& outbox)
{
    Questions::fill_in(inquiry);
    inquiries_.begin(std::move(inquiry), now, sink, outbox);
}

void Account::query_order(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox)
{
    Inquiry inquiry(RequestKind::query_order);
    inquiry.order = order;
    ask(std::move(inquiry), now, sink, outbox);
}

void Account::query(RequestKind kind, std::span<const ListingId> listings, Timestamp since, Timestamp now,
                    FactSink& sink, Outbox& outbox)
{
    if (kind == RequestKind::cancel_all) return cancel_all(now, sink, outbox);
    if (kind == RequestKind::time) return query_time(now, sink, outbox);
    Inquiry inquiry(kind);
    if (kind == RequestKind::fees) inquiry.listings.assign(listings.begin(), listings.end());
    inquiry.since = since;
    ask(std::move(inquiry), now, sink, outbox);
}

void Account::ask_token(Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (asking_token_) return;
    asking_token_ = true;
    Inquiry inquiry(RequestKind::session);
    inquiry.own = true;
    ask(std::move(inquiry), now, sink, outbox);
}

// Nobody waits for these. What shuts the venue is told all the same.
void Account::on_own_end(const Inquiry& asked, Timestamp now, FactSink& sink, Outbox& outbox)
{
    const Verdict verdict = asked.verdict;
    if (asked.kind == RequestKind::session && !asked.is_public) {
        on_token(asked, now, sink, outbox);
        return;
    }
    if (verdict.outcome == Outcome::rate_limited || verdict.outcome == Outcome::banned ||
        verdict.outcome == Outcome::key_trouble)
        end(asked.kind, verdict, kForeignOrder, sink, asked.text, false, asked.retry_after);
    if (!asked.is_public)
        on_wanted(asked, now, sink, outbox);
    else if (!asked.ids.empty() && !verdict.done() && verdict.outcome != Outcome::refused)
        rows_.forget(asked.ids.front());  // only the venue's own word on a name ends the asking for it
}

// The session ends well when its channels are subscribed, not before.
void Account::on_token(const Inquiry& asked, Timestamp now, FactSink& sink, Outbox& outbox)
{
    asking_token_ = false;
    if (!asked.verdict.done()) {
        if (asked.verdict.outcome != Outcome::key_trouble) {
            token_again_ = now + std::max(kAgain, asked.retry_after);
            outbox.wake_at(setup_.id, token_again_);
        }
        end(RequestKind::session, asked.verdict, kForeignOrder, sink, asked.text, false, asked.retry_after);
        return;
    }
    token_ = questions_.take_token();
    token_made_ = now;
    if (!is_open_ || is_renewing_)
        outbox.connect(setup_.id, kAuthUrl);
    else if (has_orders())
        arm_dead_man(now, outbox);  // a fresh one in time, for the connection that stands
    if (!rows_.knows_assets()) ask(Questions::names_of({}), now, sink, outbox);
}

// What is still wanted is asked for again, with the next turn: a signer that refuses does so at once.
void Account::on_wanted(const Inquiry& asked, Timestamp now, FactSink& sink, Outbox& outbox)
{
    const auto first_lost = asked.ids.begin() + static_cast<std::ptrdiff_t>(asked.ids_done);
    for (auto id = asked.ids.begin(); id != first_lost; ++id) release(*id, true, now, sink, outbox);
    const bool refused = asked.verdict.outcome == Outcome::refused;
    for (auto id = first_lost; id != asked.ids.end(); ++id) {
        const auto wanted = std::find_if(wanted_.begin(), wanted_.end(),
                                         [&](const Wanted& w) { return w.id == *id && w.is_asked; });
        if (wanted == wanted_.end()) continue;
        wanted->is_asked = false;
        ++wanted->tries;
        // One id that the venue does not know spoils the answer about all: each on its own.
        if (refused && asked.ids.size() > 1)
            wanted->is_alone = true;
        else
            wanted->ask_at = now + (refused ? Duration{} : std::max(kAgain, asked.retry_after));
        if (refused && asked.ids.size() == 1) wanted->tries = kWantedTries;
    }
    if (!wanted_.empty()) outbox.wake_at(setup_.id, now);
}

}  // namespace arb::kraken
