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
// What may still be executed. A list of OPEN alone would leave out orders that can still be cancelled.
constexpr std::string_view kOtherLive =
    "&order_status=PENDING&order_status=QUEUED&order_status=EDIT_QUEUED&order_status=CANCEL_QUEUED";

std::string time_query(std::string_view name, Timestamp time)
{
    return fmt::format("&{}={}", name, percent_encode(format_utc(time).substr(0, 26) + "Z"));
}

std::string round_query(bool open, bool others, bool simple_app)
{
    std::string query;
    if (open) query += "&order_status=OPEN";
    if (others) query += kOtherLive;
    if (simple_app) query += "&order_placement_source=RETAIL_SIMPLE";
    return query;
}

}  // namespace

void RestAccount::query_time(bool told, Timestamp now, FactSink& sink, Outbox& outbox)
{
    Job& job = add(RequestKind::time);
    job.told = told;
    Call call;
    call.open = true;
    call.path = "/time";
    send(job, std::move(call), now, sink, outbox);
}

void RestAccount::check_key(int patience, Timestamp now, FactSink& sink, Outbox& outbox)
{
    Job& job = add(RequestKind::session);
    job.told = false;  // Account ends the session
    job.patience = patience;
    get(job, "/key_permissions", {}, now, sink, outbox);
}

void RestAccount::query_key(Timestamp now, FactSink& sink, Outbox& outbox)
{
    Job& job = add(RequestKind::key_info);
    get(job, "/key_permissions", {}, now, sink, outbox);
}

void RestAccount::tell_key(KeyReport report, FactSink& sink) const
{
    report.label = tools_->setup.credentials->label;
    sink.on_key_report(report);
}

// True: told, and not to be sent. Orders and other prices for them leave room for cancels and questions.
bool RestAccount::hour_over(RequestKind kind, OrderId order, Timestamp now, FactSink& sink) const
{
    if (quota_.may(HourQuota::kOrdersMost, now)) return false;
    RequestEnd end;
    end.kind = kind;
    end.outcome = Outcome::rate_limited;
    end.reason = RejectReason::rate_limited;
    end.order = order;
    end.retry_after = quota_.next(HourQuota::kOrdersMost, now) - now;
    end.text = kHourUsedUp;
    sink.on_request_end(end);
    return true;
}

void RestAccount::place(const ApprovedOrder& order, Timestamp now, FactSink& sink, Outbox& outbox)
{
    const OrderIntent& intent = order.intent();
    if (!tools_->mine(intent.listing))
        return refuse(RequestKind::place, RejectReason::other, order.id(), "not a listing of this venue",
                      sink);
    std::optional<std::string> body = order_body(order.id(), intent, tools_->listing(intent.listing));
    if (!body) return refuse(RequestKind::place, RejectReason::lot, order.id(), "not a whole lot", sink);
    if (hour_over(RequestKind::place, order.id(), now, sink)) return;
    Job& job = add(RequestKind::place);
    job.order = order.id();
    job.listing = intent.listing;
    tools_->decoder.sent_to(order.id(), intent.listing);
    post(job, "/orders", std::move(*body), now, sink, outbox);
}

void RestAccount::amend(const OrderReference& order, const ApprovedAmend& amend, Timestamp now,
                        FactSink& sink, Outbox& outbox)
{
    const OrderIntent& intent = amend.intent();
    if (!tools_->mine(intent.listing))
        return refuse(RequestKind::amend, RejectReason::other, amend.id(), "not a listing of this venue",
                      sink);
    // "Edit Order" takes the venue's id alone, as "Cancel Orders" does.
    if (!plain_id(order.venue_id))
        return refuse(RequestKind::amend, RejectReason::other, amend.id(), "its id at the venue is not known",
                      sink);
    std::optional<std::string> body = amend_body(order.venue_id, intent, tools_->listing(intent.listing));
    if (!body) return refuse(RequestKind::amend, RejectReason::lot, amend.id(), "not a whole lot", sink);
    if (hour_over(RequestKind::amend, amend.id(), now, sink)) return;
    Job& job = add(RequestKind::amend);
    job.order = amend.id();
    job.listing = intent.listing;
    job.venue_id = order.venue_id;
    KnownOrder* const known = tools_->decoder.known().put(order.venue_id, amend.id(), intent.listing);
    if (known != nullptr) {
        known->amending = intent.price;
        known->price_due = false;
    }
    post(job, "/orders/edit", std::move(*body), now, sink, outbox);
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
    post(job, "/orders/batch_cancel", std::move(body), now, sink, outbox);
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
    tools_->decoder.sent_to(order.order, order.listing);
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
    if (kind == RequestKind::fees) return get(job, "/transaction_summary", {}, now, sink, outbox);
    job.step = kind == RequestKind::fills      ? Step::fill_list
               : kind == RequestKind::balances ? Step::account_list
                                               : Step::order_list;
    ask_page(job, now, sink, outbox);
}

// Orders on an alias product may be kept under its target's name: then all are asked for.
std::string RestAccount::products(const Job& job) const
{
    const bool whole = job.listings.size() > kProductsInQueryMax ||
                       std::any_of(job.listings.begin(), job.listings.end(), [this](ListingId id) {
                           return published_as(tools_->listing(id)) != tools_->listing(id).symbol;
                       });
    return whole ? std::string() : product_query(*tools_->setup.table, job.listings);
}

void RestAccount::ask_page(Job& job, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (job.step == Step::order_list) return ask_orders(job, now, sink, outbox);
    if (job.step == Step::fill_list) return ask_fills(job, now, sink, outbox);
    std::string query = fmt::format("limit={}", kPageSize);
    if (!job.cursor.empty()) query += "&cursor=" + percent_encode(job.cursor);
    get(job, "/accounts", std::move(query), now, sink, outbox);
}

void RestAccount::ask_orders(Job& job, Timestamp now, FactSink& sink, Outbox& outbox)
{
    std::string query = fmt::format("limit={}", kPageSize) + products(job);
    if (job.kind != RequestKind::query_order)
        query += round_query(job.round != Round::other_live, job.round != Round::open_alone,
                             job.round == Round::simple_app);
    else if (job.order_sent.known())
        query += time_query("start_date", tools_->venue_now(job.order_sent) - kBefore);
    if (!job.cursor.empty()) query += "&cursor=" + percent_encode(job.cursor);
    get(job, "/orders/historical/batch", std::move(query), now, sink, outbox);
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
    get(job, "/orders/historical/fills", std::move(query), now, sink, outbox);
}

void RestAccount::ask_order(Job& job, std::string_view venue_id, Timestamp now, FactSink& sink,
                            Outbox& outbox)
{
    Call call;
    call.path = fmt::format("/orders/historical/{}", venue_id);
    call.endpoint = "/orders/historical/{order_id}";
    send(job, std::move(call), now, sink, outbox);
}

// Asked one by one, the orders of a day's fills would take longer than the day's trading may wait.
void RestAccount::ask_owners(Job& job, Timestamp now, FactSink& sink, Outbox& outbox)
{
    job.step = Step::fill_orders;
    std::string query = fmt::format("limit={}", kPageSize);
    const std::size_t count = std::min(job.ids.size(), kOwnersMax);
    for (std::size_t i = job.ids.size() - count; i < job.ids.size(); ++i) query += "&order_ids=" + job.ids[i];
    get(job, "/orders/historical/batch", std::move(query), now, sink, outbox);
}

void RestAccount::send_cancels(Job& job, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (job.ids.empty()) return done(job, sink);
    job.step = Step::cancel_list;
    const std::size_t count = std::min(job.ids.size(), kCancelsMax);
    std::string body = cancel_body({job.ids.data(), count});
    job.ids.erase(job.ids.begin(), job.ids.begin() + static_cast<std::ptrdiff_t>(count));
    post(job, "/orders/batch_cancel", std::move(body), now, sink, outbox);
}

void RestAccount::ask_price(std::string_view venue_id, Timestamp now, FactSink& sink, Outbox& outbox)
{
    KnownOrder* const known = tools_->decoder.known().find(venue_id);
    const bool due = known != nullptr && known->price_due && known->amending.units != 0;
    if (!due || !plain_id(venue_id) || !quota_.may(HourQuota::kQuestionsMost, now)) return;
    // An answer on its way may be older than the message: then it is asked once more.
    for (const Job& job : jobs_) {
        if (!job.told && job.kind == RequestKind::query_order && job.venue_id == venue_id) return;
    }
    known->price_due = false;
    Job& job = add(RequestKind::query_order);
    job.told = false;
    job.step = Step::order_by_id;
    job.venue_id = venue_id;
    ask_order(job, job.venue_id, now, sink, outbox);
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
    if (!quota_.may(HourQuota::kQuestionsMost, now)) {
        chase.due = quota_.next(HourQuota::kQuestionsMost, now);
        return outbox.wake_at(tools_->setup.id, chase.due);
    }
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

}  // namespace arb::coinbase
