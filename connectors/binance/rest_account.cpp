#include "connectors/binance/rest_account.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "connectors/binance/key_report.hpp"
#include "connectors/binance/urls.hpp"

namespace arb::binance {
namespace {

constexpr std::string_view kTimerPath = "/fapi/v1/countdownCancelAll";

}  // namespace

std::string RestAccount::path(std::string_view spot, std::string_view futures) const
{
    return std::string(tools_->market == Market::spot ? spot : futures);
}

void RestAccount::call(const Call& c, std::optional<HttpRequest> request, std::string_view endpoint,
                       Timestamp now, FactSink& sink, Outbox& outbox)
{
    Call call = c;
    call.tag = next_tag_++;
    call.sent = now;
    calls_.push_back(call);
    if (!request) {
        // The signer refused: nothing may be sent.
        std::optional<ListenKeyReply> unused;
        HttpReply refused;
        refused.status = 401;
        static const PaddedBuffer kBody(R"({"code":-2014,"msg":"the signer refused"})");
        refused.body = kBody.text_of();
        calls_.pop_back();
        return reply(call, refused, now, sink, outbox, unused);
    }
    request->venue = tools_->setup.id;
    request->tag = call.tag;
    request->secret_reply = call.kind == Kind::listen_key;
    request->count_header = kUsedWeight;
    RequestPool& pool = call.kind == Kind::key_info ? *tools_->key_pool : *tools_->pool;
    pool.spend(request_weight(tools_->market, request->method, endpoint, call.listing == kNoListing), now);
    if (request->is_signed) tools_->used_key(endpoint, outbox);
    outbox.request(*request);
    outbox.wake_at(tools_->setup.id, now + kReplyMax);
}

void RestAccount::query_time(bool told, Timestamp now, FactSink& sink, Outbox& outbox)
{
    Call c;
    c.kind = told ? Kind::time : Kind::time_untold;
    call(c, tools_->encoder.get(path("/api/v3/time", "/fapi/v1/time"), {}), "time", now, sink, outbox);
}

void RestAccount::query_key(Timestamp now, FactSink& sink, Outbox& outbox)
{
    std::optional<HttpRequest> request = tools_->encoder.key_request(kKeyPath, tools_->timestamp(now));
    if (!request) {
        // The venue has said nothing about the key.
        KeyReport report;
        report.label = tools_->setup.credentials->label;
        report.text = "the signer refused";
        sink.on_key_report(report);
        Refusal refusal;
        refusal.text = report.text;
        return tools_->end(RequestKind::key_info, {Outcome::key_trouble, RejectReason::permission}, sink,
                           kForeignOrder, refusal);
    }
    Call c;
    c.kind = Kind::key_info;
    call(c, std::move(request), kKeyPath, now, sink, outbox);
}

void RestAccount::query_order(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox)
{
    Call c;
    c.kind = Kind::query_order;
    c.order = order.order;
    c.listing = order.listing;
    if (!tools_->mine(order.listing))
        return tools_->end(RequestKind::query_order, {Outcome::refused, RejectReason::other}, sink,
                           order.order);
    const std::string where = path("/api/v3/order", "/fapi/v1/order");
    const std::string query =
        fmt::format("{}&origClientOrderId={}", Encoder::symbol_query(tools_->listing(order.listing)),
                    client_order_id(order.order).view());
    call(c, tools_->encoder.signed_request("GET", where, query, tools_->timestamp(now)), where, now, sink,
         outbox);
}

void RestAccount::cancel_order(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox)
{
    Call c;
    c.kind = Kind::cancel_order;
    c.order = order.order;
    c.listing = order.listing;
    if (!tools_->mine(order.listing))
        return tools_->end(RequestKind::cancel, {Outcome::refused, RejectReason::other}, sink, order.order);
    const std::string where = path("/api/v3/order", "/fapi/v1/order");
    const std::string query =
        fmt::format("{}&origClientOrderId={}", Encoder::symbol_query(tools_->listing(order.listing)),
                    client_order_id(order.order).view());
    call(c, tools_->encoder.signed_request("DELETE", where, query, tools_->timestamp(now)), where, now, sink,
         outbox);
}

void RestAccount::listen_key(bool renewal, Timestamp now, FactSink& sink, Outbox& outbox)
{
    Call c;
    c.kind = renewal ? Kind::renew_key : Kind::listen_key;
    call(c, tools_->encoder.keyed(renewal ? "PUT" : "POST", "/fapi/v1/listenKey"), "/fapi/v1/listenKey", now,
         sink, outbox);
}

void RestAccount::ask_position_mode(Timestamp now, FactSink& sink, Outbox& outbox)
{
    Call c;
    c.kind = Kind::position_mode;
    mode_again_ = {};
    constexpr std::string_view kWhere = "/fapi/v1/positionSide/dual";
    call(c, tools_->encoder.signed_request("GET", kWhere, {}, tools_->timestamp(now)), kWhere, now, sink,
         outbox);
}

void RestAccount::hedge_heard(Timestamp now, FactSink& sink, Outbox& outbox)
{
    tools_->mode = PositionMode::hedge;
    tell_hedge(sink);
    if (!tools_->wants(Channel::order_entry) || mode_again_.known()) return;
    mode_again_ = now + seconds(60);
    outbox.wake_at(tools_->setup.id, mode_again_);
}

void RestAccount::arm(ListingId listing, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (tools_->market != Market::usdm || !tools_->mine(listing)) return;
    if (std::find(armed_.begin(), armed_.end(), listing) != armed_.end()) return;
    armed_.push_back(listing);
    arming_.push_back(listing);
    if (!refresh_at_.known()) refresh_at_ = now + kDeadManRefresh;
    const Timestamp later = send_timers(now, sink, outbox);
    outbox.wake_at(tools_->setup.id, later.known() ? std::min(later, refresh_at_) : refresh_at_);
}

// What cannot be sent within the weight yet is sent as soon as it can; the timers run longer than that.
Timestamp RestAccount::send_timers(Timestamp now, FactSink& sink, Outbox& outbox)
{
    const std::uint32_t weight = request_weight(Market::usdm, "POST", kTimerPath, false);
    const std::uint32_t most = timers_most(*tools_->pool);
    while (!arming_.empty() && tools_->pool->may(weight, most, now)) {
        const ListingId listing = arming_.front();
        arming_.pop_front();
        send_dead_man(listing, now, sink, outbox);
    }
    return arming_.empty() ? Timestamp{} : tools_->pool->next(weight, most, now);
}

void RestAccount::send_dead_man(ListingId listing, Timestamp now, FactSink& sink, Outbox& outbox)
{
    Call c;
    c.kind = Kind::dead_man;
    c.listing = listing;
    const std::string query = fmt::format(
        "{}&countdownTime={}", Encoder::symbol_query(tools_->listing(listing)), kDeadManTimer.ns / 1'000'000);
    call(c, tools_->encoder.signed_request("POST", std::string(kTimerPath), query, tools_->timestamp(now)),
         kTimerPath, now, sink, outbox);
}

Timestamp RestAccount::on_wake(Timestamp now, FactSink& sink, Outbox& outbox,
                               std::optional<ListenKeyReply>& listen_key)
{
    Timestamp due;
    const auto at = [&due](Timestamp time) {
        if (!due.known() || time < due) due = time;
    };
    const std::vector<Call> waiting = calls_;
    for (const Call& c : waiting) {
        if (now - c.sent < kReplyMax) {
            at(c.sent + kReplyMax);
            continue;
        }
        calls_.erase(
            std::find_if(calls_.begin(), calls_.end(), [&](const Call& o) { return o.tag == c.tag; }));
        static const PaddedBuffer kNothing;
        HttpReply lost;
        lost.status = 0;
        lost.body = kNothing.text_of();
        reply(c, lost, now, sink, outbox, listen_key);
    }
    if (refresh_at_.known() && now >= refresh_at_) {
        refresh_at_ = now + Duration{kDeadManRefresh.ns * (armed_.size() > kQuickTimers ? 2 : 1)};
        arming_.assign(armed_.begin(), armed_.end());
    }
    for (const Timestamp later : {send_timers(now, sink, outbox), go_on(now, sink, outbox)}) {
        if (later.known()) at(later);
    }
    if (refresh_at_.known()) at(refresh_at_);
    if (mode_again_.known() && now >= mode_again_) ask_position_mode(now, sink, outbox);
    if (mode_again_.known()) at(mode_again_);
    return due;
}

}  // namespace arb::binance
