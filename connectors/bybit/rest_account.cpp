#include "connectors/bybit/rest_account.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/base/client_order_id.hpp"
#include "engine/venue/encoding.hpp"

namespace arb::bybit {
namespace {

// "Get Trade History": at most seven days between start and end.
constexpr Duration kFillsSpan = seconds(7 * 86'400);
// Pages of one listing: 100 fills or 50 orders each; more than any session has.
constexpr unsigned kPagesMax = 200;
// Cancel-all is counted per second (once for contracts); a refusal is waited out a few times.
constexpr unsigned kTriesMax = 5;
constexpr Duration kTryAgain = milliseconds(1100);
constexpr std::size_t kCursorMax = 1024;

// Cursors come percent-encoded already and go back as they came; anything that no query may hold is encoded.
void add_cursor(std::string& query, std::string_view cursor)
{
    if (cursor.empty()) return;
    query += "&cursor=";
    const bool plain = std::all_of(cursor.begin(), cursor.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
               std::string_view("%-._~:,").find(c) != std::string_view::npos;
    });
    if (plain)
        query += cursor;
    else
        append_percent(query, cursor);
}

std::int64_t ms(Timestamp time)
{
    return time.ns / 1'000'000;
}

// "Rate Limit": after a 403 everything rests for ten minutes.
Duration rest_after(const HttpReply& reply)
{
    return reply.status == 403 && reply.retry_after == Duration{} ? seconds(600) : reply.retry_after;
}

KeyAnswer key_answer(Verdict verdict, int status, std::int64_t code, bool readable)
{
    constexpr std::int64_t kNoOperation = 10404;
    if (verdict.outcome == Outcome::key_trouble && verdict.reason != RejectReason::clock && status < 500)
        return KeyAnswer::refused;
    if (status == 404 || status == 405 || code == kNoOperation) return KeyAnswer::absent;
    return status == 200 && !readable ? KeyAnswer::unreadable : KeyAnswer::none;
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
    if (kind == RequestKind::balances && !tools_->encoder.spot()) {
        for (const Listing& listing : tools_->setup.table->listings()) {
            if (listing.venue != tools_->setup.id) continue;
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
            return 1 + job.coins.size();
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
            query += fmt::format("&symbol={}", symbol(job.listings[job.next]));
            return encoder.get(path, query, time);
        case RequestKind::balances:
            path = job.next == 0 ? "/v5/account/wallet-balance" : "/v5/position/list";
            if (job.next == 0) return encoder.get(path, "accountType=UNIFIED", time);
            query += fmt::format("&settleCoin={}&limit=200", job.coins[job.next - 1]);
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
void RestAccount::advance(Job& job, Timestamp now) const
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
    ++job.next;
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

void RestAccount::handle(Job& job, const HttpReply& reply, Timestamp now, FactSink& sink)
{
    const Judged judged = judge(reply);
    if (job.kind == RequestKind::key_info) {
        handle_key(job, reply, judged);
        return;
    }
    if (job.kind == RequestKind::session) {
        handle_why(job, judged, sink);
        return;
    }
    if (judged.verdict == kDone) {
        job.cursor.clear();
        if (read(job, judged, now, sink))
            advance(job, now);
        else if (job.verdict == kDone)
            fail(job, {}, 0, "the reply cannot be read");
        return;
    }
    if (judged.verdict.outcome == Outcome::rate_limited && job.kind == RequestKind::cancel_all &&
        ++job.tries < kTriesMax) {
        job.resume = now + kTryAgain;
        return;
    }
    job.retry_after = rest_after(reply);
    fail(job, judged.verdict, judged.code, judged.text);
}

void RestAccount::handle_key(Job& job, const HttpReply& reply, const Judged& judged) const
{
    if (judged.verdict == kDone) {
        job.key = read_key_report(reply.body.view(), tools_->encoder.spot(), job.key_texts);
        if (job.key.answer == KeyAnswer::told)
            ++job.next;
        else
            fail(job, {}, 0, job.key.text);
        return;
    }
    job.key.answer = key_answer(judged.verdict, reply.status, judged.code, judged.readable);
    job.retry_after = rest_after(reply);
    std::string why(judged.text);
    if (why.empty() && reply.status != 0) why = fmt::format("HTTP status {}", reply.status);
    if (why.empty()) why = "no reply";
    if (job.key.answer == KeyAnswer::unreadable) why = "the reply has no retCode";
    fail(job, judged.verdict, judged.code, why);
}

void RestAccount::handle_why(Job& job, const Judged& judged, FactSink& sink) const
{
    job.next = steps(job);
    const Verdict verdict = judged.verdict;
    // A clock can be set right, another key is another start.
    if (verdict.outcome != Outcome::key_trouble || verdict.reason == RejectReason::clock) return;
    tools_->shut = true;
    tools_->end(RequestKind::session, verdict, sink, kForeignOrder, judged.code, judged.text);
}

void RestAccount::tell_key(Job& job, FactSink& sink) const
{
    job.key.label = tools_->setup.credentials->label;
    if (job.key.answer != KeyAnswer::told) job.key.text = job.text;
    sink.on_key_report(job.key);
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
