#include "connectors/coinbase/account.hpp"

#include <algorithm>
#include <utility>

namespace arb::coinbase {
namespace {

constexpr Duration kCheckFirst = seconds(5);
constexpr Duration kCheckMost = seconds(60);
constexpr Duration kCheckSoon = milliseconds(200);  // a refusal that may be the key's
constexpr std::string_view kNotWhole = "not a whole lot";
constexpr std::string_view kNotOurs = "not a listing of this venue";

Inquiry wish(RequestKind kind, OrderId order, ListingId listing)
{
    Inquiry inquiry = new_question(kind);
    inquiry.order.order = order;
    inquiry.order.listing = listing;
    return inquiry;
}

void refuse(const Inquiry& q, RejectReason reason, std::string_view text, FactSink& sink)
{
    tell_request_end(q.kind, {Outcome::refused, reason}, q.order.order, {}, text, sink);
}

}  // namespace

TradingFeatures features()
{
    TradingFeatures features;
    features.order_socket = false;
    features.dead_man = false;
    features.dead_man_note =
        "Advanced Trade has neither a dead-man switch nor cancel-on-disconnect: orders of a program that "
        "died stay until somebody cancels them";
    features.cancel_by_client_id = false;
    features.query_by_client_id = false;
    features.fills_on_stream = false;
    features.amends = true;
    features.certainty_window = seconds(30);
    // 30 private requests a second and user, questions included.
    features.orders_per_second = 10;
    features.cancels_reserved = 4;
    return features;
}

Account::Account(const VenueSetup& setup)
    : tools_(setup),
      questions_(tools_),
      inquiries_(setup, questions_, inquiry_rules(),
                 [this](const Inquiry& asked, Timestamp now, FactSink& sink, Outbox& outbox) {
                     if (asked.kind == RequestKind::session)
                         take_verdict(asked, now, sink, outbox);
                     else
                         own_.on_end(asked, now, sink, outbox);
                 }),
      own_(tools_, inquiries_),
      stream_(tools_, own_)
{
}

void Account::start(Timestamp now, FactSink& sink, Outbox& outbox)
{
    // Once more, after a log-on that was refused: nothing is waited for any longer.
    if (started_ && tools_.channels.all_up() && !shut_) return;
    check_due_ = started_;
    if (started_) stream_.socket().end_pause(now, outbox);
    started_ = true;
    // Tokens carry the venue's time: the clock first, then the key and the user channel.
    own_.ask_time(now, sink, outbox);
}

void Account::take_news(Timestamp now, FactSink& sink, Outbox& outbox)
{
    SessionNews news = std::exchange(tools_.news, {});
    if (news.time_over && started_) {
        // The question about the key goes first; the user channel looks after itself once it was opened.
        const bool shut =
            tools_.channels.wants(Channel::order_entry) && !tools_.channels.is_up(Channel::order_entry);
        if (!checking_ && (shut || check_due_)) {
            checking_ = true;
            check_due_ = false;
            check_at_ = {};
            // A key that was refused is still refused, until it is taken.
            Inquiry check = new_question(RequestKind::session);
            check.own = true;
            if (shut_) notes_of(check).patience = 1;
            inquiries_.begin(std::move(check), now, sink, outbox);
            news = std::exchange(tools_.news, {});  // a signer that refuses ends it at once
        }
        if (!streaming_ && tools_.channels.wants(Channel::private_stream)) {
            streaming_ = true;
            stream_.socket().start(now, outbox);
        }
    }
    if (!started_) return;
    if (news.key_trouble && tools_.channels.is_up(Channel::order_entry)) {
        // A key that was good lacks a right, or nobody signs with it any more: found out anew.
        tools_.channels.set(Channel::order_entry, false, sink);
        check_again(now, outbox);
    } else if (news.suspect && !checking_ && !check_at_.known()) {
        check_at_ = now + kCheckSoon;
        outbox.wake_at(tools_.setup.id, check_at_);
    }
}

void Account::take_verdict(const Inquiry& check, Timestamp now, FactSink& sink, Outbox& outbox)
{
    checking_ = false;
    const bool orders = tools_.channels.wants(Channel::order_entry);
    const bool trouble = check.verdict.outcome == Outcome::key_trouble;
    if (check.verdict.done()) {
        pause_ = {};
        forbidden_ = false;
        const bool was_shut = std::exchange(shut_, false);
        if (orders)
            tools_.channels.set(Channel::order_entry, true, sink);
        else if (was_shut)
            AccountTools::end_session(check.verdict, {}, {}, sink);
        return;
    }
    // Whoever could trade goes on until the key itself is refused.
    if (!trouble && tools_.channels.is_up(Channel::order_entry)) return check_again(now, outbox);
    shut_ = trouble;
    forbidden_ = trouble && check.verdict.reason != RejectReason::clock;
    tools_.channels.set(Channel::order_entry, false, sink);
    AccountTools::end_session(check.verdict, check.code, check.text, sink);
    check_again(now, outbox);
}

void Account::check_again(Timestamp now, Outbox& outbox)
{
    pause_ = {std::clamp(pause_.ns * 2, kCheckFirst.ns, kCheckMost.ns)};
    check_at_ = now + pause_;
    outbox.wake_at(tools_.setup.id, check_at_);
}

bool Account::may_send(const Inquiry& q, Timestamp now, FactSink& sink) const
{
    const HourQuota& quota = tools_.quota;
    const bool priced = has_price(q);
    const bool named = q.kind == RequestKind::place || q.kind == RequestKind::cancel_all;
    if (!tools_.channels.wants(Channel::order_entry)) {
        // The key is one that may only read.
        refuse(q, RejectReason::permission, "this session sends no orders", sink);
    } else if (priced && forbidden_) {
        tell_request_end(q.kind, {Outcome::key_trouble, RejectReason::permission}, q.order.order, {},
                         "the key was refused at log-on", sink);
    } else if (priced && !tools_.mine(q.order.listing)) {
        refuse(q, RejectReason::other, kNotOurs, sink);
    } else if (!named && !plain_id(q.venue_id)) {
        // "Edit Order" and "Cancel Orders" take the venue's id alone. Until one is known, the query finds it.
        refuse(q, RejectReason::other, "its id at the venue is not known", sink);
    } else if (priced && !quota.may(HourQuota::kOrdersMost, now)) {
        // Orders and other prices for them leave room for cancels and questions.
        tell_request_end(q.kind, {Outcome::rate_limited, RejectReason::rate_limited}, q.order.order, {},
                         kHourUsedUp, sink, true, quota.next(HourQuota::kOrdersMost, now) - now);
    } else {
        return true;
    }
    return false;
}

void Account::begin(Inquiry inquiry, Timestamp now, FactSink& sink, Outbox& outbox)
{
    inquiries_.begin(std::move(inquiry), now, sink, outbox);
    take_news(now, sink, outbox);
}

void Account::send_order(const ApprovedOrder& order, Timestamp now, FactSink& sink, Outbox& outbox)
{
    const OrderIntent& intent = order.intent();
    Inquiry place = wish(RequestKind::place, order.id(), intent.listing);
    if (!may_send(place, now, sink)) return;
    const std::optional<std::string> body = order_body(order.id(), intent, tools_.listing(intent.listing));
    if (!body) return refuse(place, RejectReason::lot, kNotWhole, sink);
    notes_of(place).body = *body;
    tools_.decoder.sent_to(order.id(), intent.listing);
    begin(std::move(place), now, sink, outbox);
}

void Account::amend_order(const OrderReference& order, const ApprovedAmend& amend, Timestamp now,
                          FactSink& sink, Outbox& outbox)
{
    const OrderIntent& intent = amend.intent();
    Inquiry edit = wish(RequestKind::amend, amend.id(), intent.listing);
    edit.venue_id = order.venue_id;
    if (!may_send(edit, now, sink)) return;
    const std::optional<std::string> body =
        amend_body(order.venue_id, intent, tools_.listing(intent.listing));
    if (!body) return refuse(edit, RejectReason::lot, kNotWhole, sink);
    notes_of(edit).body = *body;
    KnownOrder* const known = tools_.decoder.known().put(order.venue_id, amend.id(), intent.listing);
    if (known != nullptr) {
        known->amending = intent.price;
        known->price_due = false;
    }
    begin(std::move(edit), now, sink, outbox);
}

void Account::cancel_order(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox)
{
    Inquiry cancel = wish(RequestKind::cancel, order.order, order.listing);
    cancel.venue_id = order.venue_id;
    if (may_send(cancel, now, sink)) begin(std::move(cancel), now, sink, outbox);
}

void Account::query_order(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox)
{
    Inquiry search = wish(RequestKind::query_order, order.order, order.listing);
    if (!tools_.mine(order.listing)) return refuse(search, RejectReason::other, kNotOurs, sink);
    tools_.decoder.sent_to(order.order, order.listing);
    search.order.sent = order.sent;
    search.listings.assign(1, order.listing);
    search.step = plain_id(order.venue_id) ? kById : kByList;
    if (search.step == kById) search.venue_id = order.venue_id;
    begin(std::move(search), now, sink, outbox);
}

void Account::query(RequestKind kind, std::span<const ListingId> listings, Timestamp since, Timestamp now,
                    FactSink& sink, Outbox& outbox)
{
    Inquiry list = new_question(kind);
    list.is_public = kind == RequestKind::time;
    list.since = since;
    for (const ListingId id : listings) {
        if (tools_.mine(id)) list.listings.push_back(id);
    }
    if (kind != RequestKind::cancel_all || may_send(list, now, sink))
        begin(std::move(list), now, sink, outbox);
}

void Account::set_clock_offset(Duration offset)
{
    tools_.offset = offset;
    inquiries_.set_clock_offset(offset);
}

bool Account::on_open(ConnectionId connection, std::string_view url, Timestamp now, FactSink& sink,
                      Outbox& outbox)
{
    return stream_.on_open(connection, url, now, sink, outbox);
}

bool Account::on_frame(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink,
                       Outbox& outbox)
{
    if (!stream_.on_frame(connection, frame, now, sink, outbox)) return false;
    take_news(now, sink, outbox);
    return true;
}

bool Account::on_close(ConnectionId connection, Timestamp now, FactSink& sink, Outbox& outbox)
{
    return stream_.on_close(connection, now, sink, outbox);
}

void Account::on_http(const HttpReply& reply, Timestamp now, FactSink& sink, Outbox& outbox)
{
    (void)inquiries_.on_http(reply, now, sink, outbox);
    take_news(now, sink, outbox);
}

void Account::on_wake(Timestamp now, FactSink& sink, Outbox& outbox)
{
    inquiries_.on_wake(now, sink, outbox);
    own_.on_wake(now, sink, outbox);
    take_news(now, sink, outbox);
    stream_.on_wake(now, sink, outbox);
    if (!check_at_.known()) return;
    if (now < check_at_) return outbox.wake_at(tools_.setup.id, check_at_);
    check_at_ = {};
    check_due_ = true;
    own_.ask_time(now, sink, outbox);
    take_news(now, sink, outbox);
}

}  // namespace arb::coinbase
