#include "connectors/binance/rest_account.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "connectors/binance/key_report.hpp"
#include "connectors/binance/urls.hpp"

namespace arb::binance {
namespace {

// Open orders of one symbol cost a weight of 6, of all symbols 80.
constexpr std::size_t kOneByOneMax = 12;
// So few orders of a page of fills are asked for one at a time (weight 4 each), more in one list (weight 20).
constexpr std::size_t kLookupsEach = 4;
constexpr int kFillsPage = 1'000;

// The longest span of trades that one request may ask for.
Duration window_of(Market market)
{
    return seconds(market == Market::spot ? 86'400 : 7 * 86'400);
}
constexpr int kWindowsMax = 31;

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

void RestAccount::arm(ListingId listing, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (tools_->market != Market::usdm || !tools_->mine(listing)) return;
    if (std::find(armed_.begin(), armed_.end(), listing) != armed_.end()) return;
    armed_.push_back(listing);
    if (!refresh_at_.known()) refresh_at_ = now + kDeadManRefresh;
    send_dead_man(listing, now, sink, outbox);
    outbox.wake_at(tools_->setup.id, refresh_at_);
}

void RestAccount::send_dead_man(ListingId listing, Timestamp now, FactSink& sink, Outbox& outbox)
{
    Call c;
    c.kind = Kind::dead_man;
    c.listing = listing;
    const std::string query = fmt::format(
        "{}&countdownTime={}", Encoder::symbol_query(tools_->listing(listing)), kDeadManTimer.ns / 1'000'000);
    call(c,
         tools_->encoder.signed_request("POST", "/fapi/v1/countdownCancelAll", query, tools_->timestamp(now)),
         "/fapi/v1/countdownCancelAll", now, sink, outbox);
}

void RestAccount::batch(RequestKind kind, std::span<const ListingId> listings, Timestamp since, Timestamp now,
                        FactSink& sink, Outbox& outbox)
{
    Batch batch;
    batch.id = next_batch_++;
    batch.kind = kind;
    for (const ListingId id : listings) {
        if (tools_->mine(id)) batch.listings.push_back(id);
    }
    const bool at_once = kind == RequestKind::open_orders && batch.listings.size() > kOneByOneMax;
    // One request for every symbol; balances: one for spot, on USD-M positions are a second.
    if (at_once || (kind == RequestKind::balances && tools_->market == Market::spot))
        batch.listings.assign(1, kNoListing);
    else if (kind == RequestKind::balances)
        batch.listings.assign(2, kNoListing);
    if (kind == RequestKind::fills) {
        const Duration back{window_of(tools_->market).ns * kWindowsMax};
        batch.since = std::max(since, now - back);
        batch.complete = batch.since == since;
        batch.window = batch.since;
    }
    batches_.push_back(std::move(batch));
    advance(batches_.back(), now, sink, outbox);
}

RestAccount::Batch* RestAccount::find_batch(std::uint64_t id)
{
    for (Batch& batch : batches_) {
        if (batch.id == id) return &batch;
    }
    return nullptr;
}

std::string RestAccount::fills_query(const Batch& batch) const
{
    std::string query = Encoder::symbol_query(tools_->listing(batch.listings[batch.next]));
    if (batch.from_id >= 0) return query + fmt::format("&fromId={}&limit={}", batch.from_id, kFillsPage);
    const std::int64_t start = batch.window.ns / 1'000'000;
    const std::int64_t end = (batch.window + window_of(tools_->market)).ns / 1'000'000 - 1;
    return query + fmt::format("&startTime={}&endTime={}&limit={}", start, end, kFillsPage);
}

void RestAccount::next_listing(Batch& batch)
{
    ++batch.next;
    batch.window = batch.since;
    batch.from_id = -1;
}

void RestAccount::advance(Batch& batch, Timestamp now, FactSink& sink, Outbox& outbox)
{
    const std::uint64_t id = batch.id;
    if (!step(batch, now, sink, outbox)) finish(id, sink);
}

// The batch's next request; false when there is none left.
bool RestAccount::step(Batch& batch, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (batch.next >= batch.listings.size()) return false;
    Call c;
    c.kind = Kind::batch;
    c.batch = batch.id;
    c.listing = batch.listings[batch.next];
    std::string query = c.listing == kNoListing ? "" : Encoder::symbol_query(tools_->listing(c.listing));
    std::string where;
    std::string_view method = "GET";
    switch (batch.kind) {
        case RequestKind::cancel_all:
            where = path("/api/v3/openOrders", "/fapi/v1/allOpenOrders");
            method = "DELETE";
            break;
        case RequestKind::open_orders:
            where = path("/api/v3/openOrders", "/fapi/v1/openOrders");
            break;
        case RequestKind::balances:
            where = batch.next == 0 ? path("/api/v3/account", "/fapi/v3/balance") : "/fapi/v3/positionRisk";
            break;
        case RequestKind::fees:
            where = path("/api/v3/account/commission", "/fapi/v1/commissionRate");
            break;
        default:
            where = path("/api/v3/myTrades", "/fapi/v1/userTrades");
            query = fills_query(batch);
            if (batch.lookups.empty()) break;
            c.kind = Kind::lookup;
            query = Encoder::symbol_query(tools_->listing(c.listing));
            if (batch.lookups.size() > kLookupsEach && !batch.listed) {
                where = path("/api/v3/allOrders", "/fapi/v1/allOrders");
                const auto first = *std::min_element(batch.lookups.begin(), batch.lookups.end());
                query += fmt::format("&orderId={}&limit=1000", first);
                batch.listed = true;
                break;
            }
            where = path("/api/v3/order", "/fapi/v1/order");
            c.number = batch.lookups.back();
            query += fmt::format("&orderId={}", c.number);
            break;
    }
    call(c, tools_->encoder.signed_request(method, where, query, tools_->timestamp(now)), where, now, sink,
         outbox);
    return true;
}

void RestAccount::finish(std::uint64_t id, FactSink& sink)
{
    const auto found =
        std::find_if(batches_.begin(), batches_.end(), [id](const Batch& b) { return b.id == id; });
    if (found == batches_.end()) return;
    const Batch batch = std::move(*found);
    batches_.erase(found);
    std::array<char, kDecimalTextMax> code{};
    RequestEnd end;
    end.kind = batch.kind;
    end.outcome = batch.verdict.outcome;
    end.reason = batch.verdict.reason;
    end.complete = batch.complete && batch.verdict.outcome == Outcome::done;
    end.retry_after = batch.retry_after;
    end.code = AccountTools::code_text(batch.code, code);
    end.text = batch.text;
    sink.on_request_end(end);
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
        refresh_at_ = now + kDeadManRefresh;
        for (const ListingId listing : armed_) send_dead_man(listing, now, sink, outbox);
    }
    if (refresh_at_.known()) at(refresh_at_);
    return due;
}

}  // namespace arb::binance
