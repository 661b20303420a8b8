#include "connectors/bybit/rest_account.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "engine/base/client_order_id.hpp"

namespace arb::bybit {
namespace {

// "Get Trade History": at most seven days between start and end.
constexpr Duration kFillsSpan = seconds(7 * 86'400);
// Pages of one listing: 100 fills or 50 orders each; more than any session has.
constexpr unsigned kPagesMax = 200;
// Fee rates may be asked for five times a second.
constexpr Duration kFeePace = milliseconds(250);
constexpr std::size_t kCursorMax = 1024;

std::int64_t ms(Timestamp time)
{
    return time.ns / 1'000'000;
}

}  // namespace

RestAccount::Job& RestAccount::add(RequestKind kind)
{
    jobs_.push_back(std::make_unique<Job>());
    jobs_.back()->kind = kind;
    return *jobs_.back();
}

void RestAccount::query_time(bool told, Timestamp now, FactSink& sink, Outbox& outbox)
{
    Job& job = add(RequestKind::time);
    job.told = told;
    start(job, now, sink, outbox);
}

void RestAccount::query_key(Timestamp now, FactSink& sink, Outbox& outbox)
{
    start(add(RequestKind::key_info), now, sink, outbox);
}

void RestAccount::ask_why(Timestamp now, FactSink& sink, Outbox& outbox)
{
    Job& job = add(RequestKind::session);
    job.told = false;
    start(job, now, sink, outbox);
}

void RestAccount::query_order(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox)
{
    Job& job = add(RequestKind::query_order);
    job.order = order;
    job.order.venue_id = {};
    start(job, now, sink, outbox);
}

void RestAccount::cancel_order(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox)
{
    Job& job = add(RequestKind::cancel);
    job.order = order;
    job.order.venue_id = {};
    start(job, now, sink, outbox);
}

void RestAccount::batch(RequestKind kind, std::span<const ListingId> listings, Timestamp since, Timestamp now,
                        FactSink& sink, Outbox& outbox)
{
    Job& job = add(kind);
    for (const ListingId id : listings) {
        if (tools_->mine(id)) job.listings.push_back(id);
    }
    job.since = job.window = since;
    job.whole = kind == RequestKind::fees && !job.listings.empty();
    if (kind == RequestKind::balances && !tools_->encoder.spot()) {
        job.modes = !one_way_;
        for (const Listing& listing : tools_->setup.table->listings()) {
            if (listing.venue != tools_->setup.id) continue;
            if (job.modes) job.listings.push_back(listing.id);
            const std::string& coin = tools_->setup.table->instrument(listing.instrument).quote;
            if (std::find(job.coins.begin(), job.coins.end(), coin) == job.coins.end())
                job.coins.push_back(coin);
        }
    }
    start(job, now, sink, outbox);
}

std::size_t RestAccount::steps(const Job& job) const
{
    switch (job.kind) {
        case RequestKind::time:
        case RequestKind::cancel:
        case RequestKind::key_info:
        case RequestKind::session:
            return 1;
        case RequestKind::query_order:
            return 3;
        case RequestKind::balances:
            return 1 + (job.modes ? job.listings.size() : job.coins.size());
        default:
            return job.listings.size();
    }
}

bool RestAccount::finished(const Job& job) const
{
    return job.next >= steps(job);
}

std::optional<HttpRequest> RestAccount::fills_request(const Job& job, Timestamp now)
{
    std::string query =
        fmt::format("category={}&symbol={}&startTime={}", tools_->encoder.category(),
                    tools_->setup.table->listing(job.listings[job.next]).symbol, ms(job.window));
    // A start alone means a span of seven days from there.
    if (job.window + kFillsSpan < now + tools_->offset)
        query += fmt::format("&endTime={}", ms(job.window + kFillsSpan));
    query += "&limit=100";
    add_cursor(query, job.cursor);
    return tools_->encoder.get("/v5/execution/list", query, tools_->timestamp(now));
}

std::optional<HttpRequest> RestAccount::next_request(const Job& job, Timestamp now, std::string_view& path)
{
    Encoder& encoder = tools_->encoder;
    const std::int64_t time = tools_->timestamp(now);
    const auto symbol = [&](ListingId id) {
        return std::string_view(tools_->setup.table->listing(id).symbol);
    };
    std::string query = fmt::format("category={}", encoder.category());
    switch (job.kind) {
        case RequestKind::time:
            path = "/v5/market/time";
            return encoder.get_public(path);
        case RequestKind::key_info:
        case RequestKind::session:
            path = "/v5/user/query-api";
            return encoder.get(path, {}, time);
        case RequestKind::cancel:
            path = "/v5/order/cancel";
            return encoder.post(path, encoder.cancel_body(job.order), time);
        case RequestKind::cancel_all:
            path = "/v5/order/cancel-all";
            return encoder.post(path, encoder.cancel_all_body(job.listings[job.next]), time);
        case RequestKind::query_order:
            // Open ones, then the latest that ended, then the history: in this order none slips through while
            // it ends.
            path = job.next < 2 ? "/v5/order/realtime" : "/v5/order/history";
            query += fmt::format("&symbol={}&orderLinkId={}", symbol(job.order.listing),
                                 client_order_id(job.order.order).view());
            if (job.next < 2) query += fmt::format("&openOnly={}", job.next);
            return encoder.get(path, query, time);
        case RequestKind::open_orders:
            path = "/v5/order/realtime";
            query += fmt::format("&symbol={}&openOnly=0&limit=50", symbol(job.listings[job.next]));
            add_cursor(query, job.cursor);
            return encoder.get(path, query, time);
        case RequestKind::fills:
            path = "/v5/execution/list";
            return fills_request(job, now);
        case RequestKind::fees:
            path = "/v5/account/fee-rate";
            if (!job.whole) query += fmt::format("&symbol={}", symbol(job.listings[job.next]));
            return encoder.get(path, query, time);
        case RequestKind::balances:
            path = job.next == 0 ? "/v5/account/wallet-balance" : "/v5/position/list";
            if (job.next == 0) return encoder.get(path, "accountType=UNIFIED", time);
            // Of one symbol flat positions are told, too, and with them its mode.
            query += job.modes ? fmt::format("&symbol={}", symbol(job.listings[job.next - 1]))
                               : fmt::format("&settleCoin={}&limit=200", job.coins[job.next - 1]);
            add_cursor(query, job.cursor);
            return encoder.get(path, query, time);
        default:
            return std::nullopt;
    }
}

bool RestAccount::request(Job& job, Timestamp now, Outbox& outbox)
{
    std::string_view path;
    std::optional<HttpRequest> request = next_request(job, now, path);
    if (!request) {
        fail(job, {Outcome::refused, RejectReason::permission}, 0, "the signer refused");
        return false;
    }
    request->tag = job.tag = ++next_tag_;
    job.sent = now;
    job.resume = {};
    if (request->is_signed) outbox.used_key(tools_->setup.id, path);
    outbox.request(*request);
    outbox.wake_at(tools_->setup.id, now + kAnswerMax);
    return true;
}

void RestAccount::start(Job& job, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (!finished(job) && request(job, now, outbox)) return;
    finish(job, sink);
    jobs_.erase(std::find_if(jobs_.begin(), jobs_.end(), [&](const auto& j) { return j.get() == &job; }));
}

void RestAccount::fail(Job& job, Verdict verdict, std::int64_t code, std::string_view text) const
{
    job.complete = false;
    job.verdict = verdict;
    job.code = code;
    job.text = text;
    job.cursor.clear();
    // Cancelling goes on: what can be cancelled shall be.
    const bool shut = verdict.outcome == Outcome::banned || verdict.outcome == Outcome::key_trouble;
    job.next = job.kind == RequestKind::cancel_all && !shut ? job.next + 1 : steps(job);
}

// To the next page, span of time, or step.
void RestAccount::advance(Job& job, Timestamp now)
{
    if (!job.cursor.empty() && ++job.pages < kPagesMax && job.cursor.size() <= kCursorMax) return;
    if (!job.cursor.empty()) job.complete = false;
    job.cursor.clear();
    job.pages = 0;
    job.tries = 0;
    if (job.kind == RequestKind::fills && job.window + kFillsSpan < now + tools_->offset) {
        job.window = job.window + kFillsSpan;
        return;
    }
    job.window = job.since;
    // Behind the answer for all, `listings` are those that it left out.
    if (!std::exchange(job.whole, false)) ++job.next;
    if (job.kind == RequestKind::fees && !finished(job)) job.resume = now + kFeePace;
    if (job.modes && finished(job) && job.complete) {
        one_way_ = true;
        tools_->hedged = false;
    }
}

void RestAccount::finish(Job& job, FactSink& sink) const
{
    if (job.kind == RequestKind::query_order && job.verdict == kDone && !job.found && job.complete) {
        OrderReport report;
        const ClientOrderId id = client_order_id(job.order.order);
        report.order = job.order.order;
        report.listing = job.order.listing;
        report.status = OrderStatus::absent;
        report.source = ReportSource::query;
        report.client_id = id.view();
        sink.on_order_report(report);
    }
    if (job.kind == RequestKind::key_info) tell_key(job, sink);
    if (!job.told) return;
    std::array<char, kDecimalTextMax> digits;
    RequestEnd end;
    end.kind = job.kind;
    end.outcome = job.verdict.outcome;
    end.reason = job.verdict.reason;
    end.order = job.order.order;
    end.complete = job.complete;
    end.retry_after = job.retry_after;
    if (job.code != 0) end.code = {digits.data(), print_scaled(job.code, 0, digits.data())};
    end.text = job.text;
    sink.on_request_end(end);
}

void RestAccount::on_http(const HttpReply& reply, Timestamp now, FactSink& sink, Outbox& outbox)
{
    const auto found = std::find_if(jobs_.begin(), jobs_.end(),
                                    [&](const auto& job) { return job->tag != 0 && job->tag == reply.tag; });
    if (found == jobs_.end()) return;
    Job& job = **found;
    job.tag = 0;
    handle(job, reply, now, sink);
    if (job.resume.known()) {
        outbox.wake_at(tools_->setup.id, job.resume);
        return;
    }
    start(job, now, sink, outbox);
}

void RestAccount::on_wake(Timestamp now, FactSink& sink, Outbox& outbox)
{
    Timestamp due;
    for (std::size_t i = jobs_.size(); i-- > 0;) {
        Job& job = *jobs_[i];
        const Timestamp next = job.resume.known() ? job.resume : job.sent + kAnswerMax;
        if (now < next) {
            if (!due.known() || next < due) due = next;
            continue;
        }
        if (!job.resume.known()) {
            job.tag = 0;
            fail(job, {}, 0, "no answer within 10 s");
        }
        start(job, now, sink, outbox);
    }
    if (due.known()) outbox.wake_at(tools_->setup.id, due);
}

}  // namespace arb::bybit
