#include "connectors/coinbase/account.hpp"

#include <algorithm>
#include <utility>

namespace arb::coinbase {
namespace {

constexpr Duration kCheckFirst = seconds(5);
constexpr Duration kCheckMost = seconds(60);
constexpr Duration kCheckSoon = milliseconds(200);  // a refusal that may be the key's

// Without the road of orders the key is one that may only read.
void refuse(RequestKind kind, OrderId order, FactSink& sink)
{
    RequestEnd end;
    end.kind = kind;
    end.outcome = Outcome::refused;
    end.reason = RejectReason::permission;
    end.order = order;
    end.text = "no orders on this road";
    sink.on_request_end(end);
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

void Account::start(Timestamp now, FactSink& sink, Outbox& outbox)
{
    // Once more, after a log-on that was refused: nothing is waited for any longer.
    if (started_ && tools_.all_up() && !shut_) return;
    check_due_ = started_;
    if (started_) stream_.open_now(now, outbox);
    started_ = true;
    // Tokens carry the venue's time: the clock first, then the key and the user channel.
    rest_.query_time(false, now, sink, outbox);
}

void Account::take_news(Timestamp now, FactSink& sink, Outbox& outbox)
{
    SessionNews news = rest_.take_news();
    if (news.time_over && started_) {
        // The question about the key goes first; the user channel looks after itself once it was opened.
        const bool shut = tools_.wants(Channel::order_entry) && !tools_.is_up(Channel::order_entry);
        if (!checking_ && (shut || check_due_)) {
            checking_ = true;
            check_due_ = false;
            check_at_ = {};
            // A key that was refused is still refused, until it is taken.
            rest_.check_key(shut_ ? 1 : kRefusalsMax, now, sink, outbox);
            news = rest_.take_news();  // a signer that refuses ends it at once
        }
        if (!streaming_ && tools_.wants(Channel::private_stream)) {
            streaming_ = true;
            stream_.start(outbox);
        }
    }
    if (news.key_checked) return take_verdict(news, now, sink, outbox);
    if (!started_) return;
    if (news.key_trouble && tools_.is_up(Channel::order_entry)) {
        // A key that was good lacks a right, or nobody signs with it any more: found out anew.
        tools_.set_channel(Channel::order_entry, false, sink);
        check_again(now, outbox);
    } else if (news.suspect && !checking_ && !check_at_.known()) {
        check_at_ = now + kCheckSoon;
        outbox.wake_at(tools_.setup.id, check_at_);
    }
}

void Account::take_verdict(const SessionNews& news, Timestamp now, FactSink& sink, Outbox& outbox)
{
    checking_ = false;
    const bool orders = tools_.wants(Channel::order_entry);
    const bool trouble = news.verdict.outcome == Outcome::key_trouble;
    if (news.verdict.outcome == Outcome::done) {
        pause_ = {};
        forbidden_ = false;
        const bool was_shut = std::exchange(shut_, false);
        if (orders) return tools_.set_channel(Channel::order_entry, true, sink);
        if (was_shut) AccountTools::end_session(news.verdict, {}, {}, sink);
        return;
    }
    // Whoever could trade goes on until the key itself is refused.
    if (!trouble && tools_.is_up(Channel::order_entry)) return check_again(now, outbox);
    shut_ = trouble;
    forbidden_ = trouble && news.verdict.reason != RejectReason::clock;
    tools_.set_channel(Channel::order_entry, false, sink);
    AccountTools::end_session(news.verdict, news.code, news.text, sink);
    check_again(now, outbox);
}

void Account::check_again(Timestamp now, Outbox& outbox)
{
    pause_ = {std::clamp(pause_.ns * 2, kCheckFirst.ns, kCheckMost.ns)};
    check_at_ = now + pause_;
    outbox.wake_at(tools_.setup.id, check_at_);
}

bool Account::may_order(RequestKind kind, OrderId order, FactSink& sink) const
{
    if (!tools_.wants(Channel::order_entry)) {
        refuse(kind, order, sink);
        return false;
    }
    if (!forbidden_) return true;
    RequestEnd end;
    end.kind = kind;
    end.outcome = Outcome::key_trouble;
    end.reason = RejectReason::permission;
    end.order = order;
    end.text = "the key was refused at log-on";
    sink.on_request_end(end);
    return false;
}

void Account::send_order(const ApprovedOrder& order, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (!may_order(RequestKind::place, order.id(), sink)) return;
    rest_.place(order, now, sink, outbox);
    take_news(now, sink, outbox);
}

void Account::amend_order(const OrderReference& order, const ApprovedAmend& amend, Timestamp now,
                          FactSink& sink, Outbox& outbox)
{
    if (!may_order(RequestKind::amend, amend.id(), sink)) return;
    rest_.amend(order, amend, now, sink, outbox);
    take_news(now, sink, outbox);
}

void Account::cancel_order(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (!tools_.wants(Channel::order_entry)) return refuse(RequestKind::cancel, order.order, sink);
    rest_.cancel(order, now, sink, outbox);
    take_news(now, sink, outbox);
}

void Account::query_order(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox)
{
    rest_.query(order, now, sink, outbox);
    take_news(now, sink, outbox);
}

void Account::ask(RequestKind kind, std::span<const ListingId> listings, Timestamp since, Timestamp now,
                  FactSink& sink, Outbox& outbox)
{
    if (kind == RequestKind::cancel_all && !tools_.wants(Channel::order_entry))
        return refuse(kind, kForeignOrder, sink);
    rest_.ask(kind, listings, since, now, sink, outbox);
    take_news(now, sink, outbox);
}

void Account::query_time(Timestamp now, FactSink& sink, Outbox& outbox)
{
    rest_.query_time(true, now, sink, outbox);
    take_news(now, sink, outbox);
}

void Account::query_key(Timestamp now, FactSink& sink, Outbox& outbox)
{
    rest_.query_key(now, sink, outbox);
    take_news(now, sink, outbox);
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
    rest_.on_http(reply, now, sink, outbox);
    take_news(now, sink, outbox);
}

void Account::on_wake(Timestamp now, FactSink& sink, Outbox& outbox)
{
    const auto wake = [&](Timestamp time) {
        if (time.known()) outbox.wake_at(tools_.setup.id, time);
    };
    wake(rest_.on_wake(now, sink, outbox));
    take_news(now, sink, outbox);
    wake(stream_.on_wake(now, sink, outbox));
    if (!check_at_.known()) return;
    if (now < check_at_) return wake(check_at_);
    check_at_ = {};
    check_due_ = true;
    rest_.query_time(false, now, sink, outbox);
    take_news(now, sink, outbox);
}

}  // namespace arb::coinbase
