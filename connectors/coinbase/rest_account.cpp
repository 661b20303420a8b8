#include "connectors/coinbase/rest_account.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/venue/encoding.hpp"

namespace arb::coinbase {
namespace {

constexpr int kPageSize = 100;
constexpr std::size_t kProductsInQueryMax = 20;  // more are asked for without a filter
constexpr std::size_t kCancelsMax = 100;         // "Cancel Orders": ids in a request
// A little before the order was sent: the venue's clock is not ours.
constexpr Duration kBefore = seconds(60);
constexpr Duration kChaseFirst = milliseconds(100);
constexpr Duration kChaseMost = seconds(4);
constexpr int kChaseTries = 8;

std::string time_query(std::string_view name, Timestamp time)
{
    return fmt::format("&{}={}", name, percent_encode(format_utc(time).substr(0, 26) + "Z"));
}

}  // namespace

RestAccount::Job& RestAccount::add(RequestKind kind)
{
    Job& job = jobs_.emplace_back();
    job.kind = kind;
    return job;
}

void RestAccount::send(Job& job, std::optional<HttpRequest> request, std::string_view endpoint, Timestamp now,
                       FactSink& sink, Outbox& outbox)
{
    job.tag = next_tag_++;
    job.sent = now;
    if (!request) {
        Answer answer;
        answer.verdict = {Outcome::key_trouble, RejectReason::permission};
        answer.text = "the signer refused";
        // The venue has said nothing about the key.
        KeyReport report;
        report.text = answer.text;
        if (job.kind == RequestKind::key_info) tell_key(report, sink);
        if (!job.told && job.kind == RequestKind::fills)
            std::erase_if(chases_, [&job](const Chase& c) { return c.venue_id == job.venue_id; });
        return finish(job, answer, sink);
    }
    request->venue = tools_->setup.id;
    request->tag = job.tag;
    if (request->is_signed) outbox.used_key(tools_->setup.id, endpoint);
    outbox.request(*request);
    outbox.wake_at(tools_->setup.id, now + kAnswerMax);
}

void RestAccount::refuse(RequestKind kind, RejectReason reason, OrderId order, std::string_view text,
                         FactSink& sink)
{
    RequestEnd end;
    end.kind = kind;
    end.outcome = Outcome::refused;
    end.reason = reason;
    end.order = order;
    end.text = text;
    sink.on_request_end(end);
}

void RestAccount::finish(Job& job, const Answer& answer, FactSink& sink)
{
    if (answer.verdict.outcome == Outcome::key_trouble) news_.key_trouble = true;
    if (job.kind == RequestKind::session) {
        news_.key_checked = true;
        news_.verdict = answer.verdict;
        news_.code = answer.code;
        news_.text = answer.text;
    } else if (job.kind == RequestKind::time) {
        news_.time_over = true;
    }
    if (job.told) {
        RequestEnd end;
        end.kind = job.kind;
        end.outcome = answer.verdict.outcome;
        end.reason = answer.verdict.reason;
        end.order = job.order;
        end.complete = job.complete && answer.done();
        end.retry_after = answer.retry_after;
        end.code = answer.code;
        end.text = answer.text;
        sink.on_request_end(end);
    }
    const std::uint64_t tag = job.tag;
    jobs_.remove_if([tag](const Job& other) { return other.tag == tag; });
}

void RestAccount::done(Job& job, FactSink& sink)
{
    Answer answer;
    answer.verdict = {Outcome::done, RejectReason::none};
    finish(job, answer, sink);
}

void RestAccount::query_time(bool told, Timestamp now, FactSink& sink, Outbox& outbox)
{
    Job& job = add(RequestKind::time);
    job.told = told;
    send(job, Encoder::open_get("/time"), "/time", now, sink, outbox);
}

void RestAccount::check_key(Timestamp now, FactSink& sink, Outbox& outbox)
{
    Job& job = add(RequestKind::session);
    job.told = false;  // Account ends the session
    send(job, tools_->encoder.get("/key_permissions", {}, tools_->venue_now(now)), "/key_permissions", now,
         sink, outbox);
}

void RestAccount::query_key(Timestamp now, FactSink& sink, Outbox& outbox)
{
    Job& job = add(RequestKind::key_info);
    send(job, tools_->encoder.get("/key_permissions", {}, tools_->venue_now(now)), "/key_permissions", now,
         sink, outbox);
}

void RestAccount::tell_key(KeyReport report, FactSink& sink) const
{
    report.label = tools_->setup.credentials->label;
    sink.on_key_report(report);
}

void RestAccount::place(const ApprovedOrder& order, Timestamp now, FactSink& sink, Outbox& outbox)
{
    const OrderIntent& intent = order.intent();
    if (!tools_->mine(intent.listing))
        return refuse(RequestKind::place, RejectReason::other, order.id(), "not a listing of this venue",
                      sink);
    std::optional<std::string> body = order_body(order.id(), intent, tools_->listing(intent.listing));
    if (!body) return refuse(RequestKind::place, RejectReason::lot, order.id(), "not a whole lot", sink);
    Job& job = add(RequestKind::place);
    job.order = order.id();
    job.listing = intent.listing;
    send(job, tools_->encoder.post("/orders", std::move(*body), tools_->venue_now(now)), "/orders", now, sink,
         outbox);
}

void RestAccount::cancel(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox)
{
    // "Cancel Orders" takes the venue's ids alone. Until one is known, the query finds it.
    if (!plain_id(order.venue_id))
        return refuse(RequestKind::cancel, RejectReason::other, order.order,
                      "its id at the venue is not known", sink);
    Job& job = add(RequestKind::cancel);
    job.order = order.order;
    job.listing = order.listing;
    job.venue_id = order.venue_id;
    std::string body = cancel_body({&job.venue_id, 1});
    send(job, tools_->encoder.post("/orders/batch_cancel", std::move(body), tools_->venue_now(now)),
         "/orders/batch_cancel", now, sink, outbox);
}

void RestAccount::query(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (!tools_->mine(order.listing))
        return refuse(RequestKind::query_order, RejectReason::other, order.order,
                      "not a listing of this venue", sink);
    Job& job = add(RequestKind::query_order);
    job.order = order.order;
    job.listing = order.listing;
    job.listings.assign(1, order.listing);
    job.order_sent = order.sent;
    if (plain_id(order.venue_id)) {
        job.step = Step::order_by_id;
        job.venue_id = order.venue_id;
        return ask_order(job, job.venue_id, now, sink, outbox);
    }
    job.step = Step::order_list;
    ask_page(job, now, sink, outbox);
}

void RestAccount::ask(RequestKind kind, std::span<const ListingId> listings, Timestamp since, Timestamp now,
                      FactSink& sink, Outbox& outbox)
{
    Job& job = add(kind);
    job.since = since;
    for (const ListingId id : listings) {
        if (tools_->mine(id)) job.listings.push_back(id);
    }
    if (job.listings.empty() && kind != RequestKind::balances) {
        job.tag = next_tag_++;
        return done(job, sink);
    }
    if (kind == RequestKind::fees)
        return send(job, tools_->encoder.get("/transaction_summary", {}, tools_->venue_now(now)),
                    "/transaction_summary", now, sink, outbox);
    job.step = kind == RequestKind::fills      ? Step::fill_list
               : kind == RequestKind::balances ? Step::account_list
                                               : Step::order_list;
    ask_page(job, now, sink, outbox);
}

std::string RestAccount::products(const Job& job) const
{
    return job.listings.size() > kProductsInQueryMax ? std::string()
                                                     : product_query(*tools_->setup.table, job.listings);
}

void RestAccount::ask_page(Job& job, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (job.step == Step::order_list) return ask_orders(job, now, sink, outbox);
    if (job.step == Step::fill_list) return ask_fills(job, now, sink, outbox);
    std::string query = fmt::format("limit={}", kPageSize);
    if (!job.cursor.empty()) query += "&cursor=" + percent_encode(job.cursor);
    send(job, tools_->encoder.get("/accounts", query, tools_->venue_now(now)), "/accounts", now, sink,
         outbox);
}

void RestAccount::ask_orders(Job& job, Timestamp now, FactSink& sink, Outbox& outbox)
{
    std::string query = fmt::format("limit={}", kPageSize) + products(job);
    if (job.kind != RequestKind::query_order)
        query += "&order_status=OPEN";
    else if (job.order_sent.known())
        query += time_query("start_date", tools_->venue_now(job.order_sent) - kBefore);
    if (!job.cursor.empty()) query += "&cursor=" + percent_encode(job.cursor);
    send(job, tools_->encoder.get("/orders/historical/batch", query, tools_->venue_now(now)),
         "/orders/historical/batch", now, sink, outbox);
}

void RestAccount::ask_fills(Job& job, Timestamp now, FactSink& sink, Outbox& outbox)
{
    std::string query = fmt::format("limit={}", kPageSize);
    if (!job.venue_id.empty()) {
        query += "&order_ids=" + job.venue_id;
    } else {
        query += products(job);
        if (job.since.known()) query += time_query("start_sequence_timestamp", job.since);
    }
    if (!job.cursor.empty()) query += "&cursor=" + percent_encode(job.cursor);
    send(job, tools_->encoder.get("/orders/historical/fills", query, tools_->venue_now(now)),
         "/orders/historical/fills", now, sink, outbox);
}

void RestAccount::ask_order(Job& job, std::string_view venue_id, Timestamp now, FactSink& sink,
                            Outbox& outbox)
{
    send(job, tools_->encoder.get(fmt::format("/orders/historical/{}", venue_id), {}, tools_->venue_now(now)),
         "/orders/historical/{order_id}", now, sink, outbox);
}

void RestAccount::send_cancels(Job& job, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (job.ids.empty()) return done(job, sink);
    job.step = Step::cancel_list;
    const std::size_t count = std::min(job.ids.size(), kCancelsMax);
    std::string body = cancel_body({job.ids.data(), count});
    job.ids.erase(job.ids.begin(), job.ids.begin() + static_cast<std::ptrdiff_t>(count));
    send(job, tools_->encoder.post("/orders/batch_cancel", std::move(body), tools_->venue_now(now)),
         "/orders/batch_cancel", now, sink, outbox);
}

// Chases.

RestAccount::Chase* RestAccount::find_chase(std::string_view venue_id)
{
    for (Chase& chase : chases_) {
        if (chase.venue_id == venue_id) return &chase;
    }
    return nullptr;
}

void RestAccount::chase(std::string_view venue_id, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (!plain_id(venue_id)) return;
    Chase* found = find_chase(venue_id);
    if (found == nullptr) {
        chases_.push_back({std::string(venue_id), now, kChaseFirst, 0, false});
        found = &chases_.back();
    }
    found->tries = 0;
    found->pause = kChaseFirst;
    if (!found->asking) start_chase(*found, now, sink, outbox);
}

void RestAccount::start_chase(Chase& chase, Timestamp now, FactSink& sink, Outbox& outbox)
{
    chase.asking = true;
    Job& job = add(RequestKind::fills);
    job.told = false;
    job.step = Step::fill_list;
    job.venue_id = chase.venue_id;
    ask_fills(job, now, sink, outbox);
}

// The history may lag behind the stream: asked again until the fills add up to the stream's total.
void RestAccount::end_chase(std::string_view venue_id, bool whole, Timestamp now, Outbox& outbox)
{
    Chase* const chase = find_chase(venue_id);
    if (chase == nullptr) return;
    chase->asking = false;
    if (whole || ++chase->tries >= kChaseTries) {
        const std::string id(venue_id);
        std::erase_if(chases_, [&id](const Chase& c) { return c.venue_id == id; });
        return;
    }
    chase->due = now + chase->pause;
    outbox.wake_at(tools_->setup.id, chase->due);
    chase->pause = {std::min(chase->pause.ns * 2, kChaseMost.ns)};
}

Timestamp RestAccount::on_wake(Timestamp now, FactSink& sink, Outbox& outbox)
{
    std::vector<std::uint64_t> late;
    for (const Job& job : jobs_) {
        if (now >= job.sent + kAnswerMax) late.push_back(job.tag);
    }
    static const PaddedBuffer kNothing;
    for (const std::uint64_t tag : late) {
        HttpReply reply;
        reply.status = 0;
        reply.tag = tag;
        reply.body = kNothing.text_of();
        on_http(reply, now, sink, outbox);
    }
    for (std::size_t i = 0; i < chases_.size(); ++i) {
        if (!chases_[i].asking && chases_[i].due <= now) start_chase(chases_[i], now, sink, outbox);
    }
    Timestamp next;
    const auto earliest = [&next](Timestamp time) {
        if (!next.known() || time < next) next = time;
    };
    for (const Job& job : jobs_) earliest(job.sent + kAnswerMax);
    for (const Chase& chase : chases_) {
        if (!chase.asking) earliest(chase.due);
    }
    return next;
}

}  // namespace arb::coinbase
