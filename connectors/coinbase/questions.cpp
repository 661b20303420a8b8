#include "connectors/coinbase/questions.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "connectors/coinbase/key_report.hpp"
#include "engine/venue/encoding.hpp"

namespace arb::coinbase {
namespace {

constexpr std::size_t kProductsInQueryMax = 20;  // more are asked for without a filter
// A little before the order was sent: the venue's clock is not ours.
constexpr Duration kBefore = seconds(60);
constexpr Duration kWaitUsual = seconds(1);
constexpr Duration kWaitMost = seconds(10);  // longer: whoever asked is told, and decides
// The venue counts thirty private requests a second; what follows in a list leaves room for orders.
constexpr int kInListsASecond = 15;
// What may still be executed. A list of OPEN alone would leave out orders that can still be cancelled.
constexpr std::string_view kOtherStates =
    "&order_status=PENDING&order_status=QUEUED&order_status=EDIT_QUEUED&order_status=CANCEL_QUEUED";

std::string time_query(std::string_view name, Timestamp time)
{
    return fmt::format("&{}={}", name, percent_encode(format_utc(time).substr(0, 26) + "Z"));
}

bool asks_key(const Inquiry& q)
{
    return q.kind == RequestKind::session || q.kind == RequestKind::key_info;
}

bool cancels(const Inquiry& q)
{
    return q.kind == RequestKind::cancel || (q.kind == RequestKind::cancel_all && q.step == kCancelling);
}

bool is_wish(const Inquiry& q)
{
    return cancels(q) || has_price(q);
}

bool names_order(const Inquiry& q)
{
    return q.kind == RequestKind::query_order && q.step == kById;
}

bool is_list(const Inquiry& q)
{
    return q.kind == RequestKind::fills || q.kind == RequestKind::open_orders ||
           q.kind == RequestKind::balances || q.kind == RequestKind::fees;
}

// Answers that no request gets whose token was not taken.
bool proves_token(int status)
{
    return status == 200 || status == 400 || status == 403 || status == 404;
}

void name_order(std::string_view venue_id, Ask& ask)
{
    ask.path = fmt::format("/orders/historical/{}", venue_id);
    ask.endpoint = "/orders/historical/{order_id}";
}

void name_page(const Inquiry& q, std::string_view path, std::string_view query, Ask& ask)
{
    ask.path = path;
    ask.query = fmt::format("limit=100{}", query);
    if (!q.cursor.empty()) ask.query += "&cursor=" + q.cursor;
}

}  // namespace

InquiryRules inquiry_rules()
{
    InquiryRules rules;
    rules.slow_down = {};  // sends_anew says how long
    rules.wait_most = kWaitMost;
    rules.wait_text = kHourUsedUp;
    return rules;
}

std::size_t Questions::parts(const Inquiry& q) const
{
    const bool by_listing =
        (is_list(q) && q.kind != RequestKind::balances && !q.own) || q.kind == RequestKind::cancel_all;
    return by_listing && q.listings.empty() ? 0 : 1;
}

// Orders on an alias product may be kept under its target's name: then all are asked for.
std::string Questions::products(const Inquiry& q) const
{
    const bool whole = q.listings.size() > kProductsInQueryMax ||
                       std::any_of(q.listings.begin(), q.listings.end(), [this](ListingId id) {
                           return published_as(tools_->listing(id)) != tools_->listing(id).symbol;
                       });
    return whole ? std::string() : product_query(*tools_->setup.table, q.listings);
}

std::string Questions::orders_query(const Inquiry& q) const
{
    std::string query = products(q);
    if (q.kind != RequestKind::query_order) {
        if (q.step != kOtherLive) query += "&order_status=OPEN";
        if (q.step != kOpenAlone) query += kOtherStates;
        if (q.step == kSimpleApp) query += "&order_placement_source=RETAIL_SIMPLE";
    } else if (q.order.sent.known()) {
        query += time_query("start_date", tools_->venue_now(q.order.sent) - kBefore);
    }
    return query;
}

void Questions::ask_fills(const Inquiry& q, Ask& ask) const
{
    if (q.step == kOwner) return name_order(notes_of(q).left.back(), ask);
    if (q.step == kOwners) {
        // Asked one by one, the orders of a day's fills would take longer than the day's trading may wait.
        ask.path = "/orders/historical/batch";
        ask.query = "limit=100";
        for (const std::string& id : owner_batch(q)) ask.query += "&order_ids=" + id;
        return;
    }
    std::string query = q.own ? "&order_ids=" + q.venue_id : products(q);
    if (q.since.known()) query += time_query("start_sequence_timestamp", q.since);
    name_page(q, "/orders/historical/fills", query, ask);
}

Ask Questions::ask(const Inquiry& q)
{
    Ask ask;
    if (is_wish(q)) {
        const bool one = q.kind == RequestKind::cancel;
        ask.method = "POST";
        ask.path = q.kind == RequestKind::place   ? "/orders"
                   : q.kind == RequestKind::amend ? "/orders/edit"
                                                  : "/orders/batch_cancel";
        ask.body = has_price(q) ? notes_of(q).body
                                : cancel_body(one ? std::span(&q.venue_id, 1) : OrderAnswers::batch(q));
        return ask;
    }
    switch (q.kind) {
        case RequestKind::query_order:
        case RequestKind::open_orders:
        case RequestKind::cancel_all:
            if (names_order(q))
                name_order(q.venue_id, ask);
            else
                name_page(q, "/orders/historical/batch", orders_query(q), ask);
            break;
        case RequestKind::fills:
            ask_fills(q, ask);
            break;
        case RequestKind::balances:
            name_page(q, "/accounts", {}, ask);
            break;
        case RequestKind::fees:
            ask.path = "/transaction_summary";
            break;
        case RequestKind::session:
        case RequestKind::key_info:
            ask.path = "/key_permissions";
            break;
        default:
            ask.path = "/time";
            ask.is_signed = false;
    }
    return ask;
}

bool Questions::sign(const Ask& ask, Timestamp venue_now, HttpRequest& out)
{
    std::optional<HttpRequest> request;
    if (!ask.is_signed)
        request = Encoder::open_get(ask.path);
    else if (ask.method == "POST")
        request = tools_->encoder.post(ask.path, ask.body, venue_now);
    else
        request = tools_->encoder.get(ask.path, ask.query, venue_now);
    if (!request) return false;
    out = std::move(*request);
    return true;
}

// A signer that may not amend may still place and cancel.
Verdict Questions::on_signer_refusal(const Inquiry& q)
{
    if (q.kind == RequestKind::amend) return {Outcome::refused, RejectReason::permission};
    tools_->news.key_trouble = true;
    return {Outcome::key_trouble, RejectReason::permission};
}

Timestamp Questions::leaves_at(const Inquiry& q, const Ask&, Timestamp now)
{
    // Lists of the account give way to cancels and to questions about single orders.
    if (is_list(q) && !tools_->quota.may(HourQuota::kQuestionsMost, now))
        return tools_->quota.next(HourQuota::kQuestionsMost, now);
    // Cancelling everything waits only where it is told to.
    const bool follows = q.answered && q.kind != RequestKind::cancel_all;
    const Timestamp next = second_ + seconds(1);
    return follows && now >= second_ && now < next && in_second_ >= kInListsASecond ? next : now;
}

// No order stands behind lists whose pause is over.
bool Questions::goes_before(const Inquiry& q, const Inquiry& older) const
{
    return is_wish(q) && !is_wish(older);
}

void Questions::on_sent(const Inquiry&, const Ask& ask, Timestamp now)
{
    if (now < second_ || now >= second_ + seconds(1)) {
        second_ = now;
        in_second_ = 0;
    }
    ++in_second_;
    if (ask.is_signed) tools_->quota.spend(now);
}

Envelope Questions::open(const Inquiry& q, const HttpReply& reply)
{
    body_ = reply.body.view();
    Envelope envelope = read_answer(tools_->parser, reply);
    if (q.kind == RequestKind::time && envelope.verdict.done()) {
        // "Get Server Time": epochMillis in quotes.
        PrivateFields fields(envelope.data.get_object().value_unsafe());
        const ScaledNumber ms = parse_scaled(fields.text("epochMillis", false), 0);
        if (ms.error == DecimalError::none && ms.value > 0 && ms.value < INT64_MAX / 1'000'000)
            envelope.venue_time = {ms.value * 1'000'000};
    }
    // Whatever a 200 says of a key is judged by its reader.
    if (q.kind == RequestKind::key_info && reply.status == 200)
        envelope.verdict = {Outcome::done, RejectReason::none};
    return envelope;
}

KeyReport Questions::read_key(std::string_view body, KeyTexts& texts)
{
    return read_key_report(body, texts.text);
}

// The question about the key is asked until a row of refusals is long enough to mean something.
std::optional<Next> Questions::on_refused_key(Inquiry& q, Envelope& e, Timestamp now) const
{
    QuestionNotes& notes = notes_of(q);
    const bool taken = q.tries != 0 && tools_->taken_at > notes.refused_since;  // another token, meanwhile
    if (q.tries == 0 || taken) {
        q.tries = 0;
        notes.refused_since = now;
    }
    if (++q.tries < notes.patience && q.may_wait) {
        q.retry_after = refusal_pause(static_cast<int>(q.tries));
        return Next::later;
    }
    e.verdict = taken ? Verdict{} : tools_->judge_refusals(now);
    // Before a session nobody has asked for the clock: then the refusals are all there is to tell.
    if (q.kind == RequestKind::key_info && e.verdict.outcome == Outcome::unknown && !taken)
        e.verdict = {Outcome::key_trouble, RejectReason::permission};
    const bool ed25519 = tools_->setup.credentials->signer->algorithm() == KeyAlgorithm::ed25519;
    e.text = e.verdict.reason == RejectReason::clock
                 ? "refused with one token after another, and this machine's clock is off"
             : ed25519 ? "refused with one token after another (a clock that is off would do that; and "
                         "Ed25519 keys are not taken everywhere: make an ECDSA key)"
                       : "refused with one token after another (a clock that is off would do that, too)";
    return std::nullopt;
}

// A list that has begun, and the cancelling of everything, are not given up because of a full second.
std::optional<Next> Questions::on_slow_down(Inquiry& q)
{
    const Duration pause = std::max(q.retry_after, kWaitUsual);
    const bool has_begun = q.answered || q.kind == RequestKind::cancel_all;
    if (!has_begun || !q.may_wait || pause > kWaitMost) return std::nullopt;
    q.retry_after = pause;
    return Next::later;
}

std::optional<Next> Questions::sends_anew(Inquiry& q, Envelope& e, Timestamp now)
{
    const int status = e.status;
    if (q.is_public) {
        tools_->news.time_over = true;
        if (e.venue_time.known())
            tools_->clock = {now, e.venue_time - (q.asked + Duration{(now - q.asked).ns / 2})};
        return std::nullopt;
    }
    std::optional<Next> next;
    if (status == 401 && asks_key(q)) {
        next = on_refused_key(q, e, now);
    } else if (status == 401) {
        // Nothing was executed. The venue refuses good tokens now and then: a question or a cancel is sent
        // once more at once; what has a price is not, it was for that moment.
        if (!has_price(q) && std::exchange(q.tries, 1) == 0) return Next::again;
        q.tries = 0;
        tools_->news.suspect = true;
    } else {
        if (proves_token(status)) tools_->taken_at = now;
        if (status == 403 && e.code == "PERMISSION_DENIED") {
            // An order may be refused for its product's sake; what cannot even be read lacks a right.
            if (!is_wish(q)) e.verdict = {Outcome::key_trouble, RejectReason::permission};
            tools_->news.suspect = true;
        }
        if (e.verdict.outcome == Outcome::rate_limited)
            next = on_slow_down(q);
        else
            q.tries = 0;
    }
    if (next || q.kind != RequestKind::key_info || e.verdict.done()) return next;
    std::string words;
    const KeyAnswer answer = key_refusal(status, e, words).answer;
    // A clock that is off says nothing of the key, nor do refusals among tokens that are taken.
    const bool doubtful = status == 401 && e.verdict.outcome != Outcome::key_trouble;
    q.key_answer = doubtful || e.verdict.reason == RejectReason::clock ? KeyAnswer::none : answer;
    return refuse(q, e.verdict, e.code, words);
}

Next Questions::refuse(Inquiry& q, Verdict verdict, std::string_view code, std::string_view text) const
{
    if (verdict.outcome == Outcome::key_trouble) tools_->news.key_trouble = true;
    if (q.kind == RequestKind::amend) orders_.not_amended(q, verdict);
    return Inquiries::trouble(q, verdict, code, text);
}

Next Questions::on_refusal(Inquiry& q, const Envelope& e, FactSink& sink)
{
    const bool refused = e.verdict.outcome == Outcome::refused;
    const bool wrong = refused && e.status == 400 && q.cursor.empty();
    switch (q.kind) {
        case RequestKind::time:
            tools_->news.time_over = true;
            break;
        case RequestKind::query_order:
            if (q.own || !names_order(q) || e.status != 404 || !refused) break;
            // Not there by its id; the client id in the list has the last word.
            q.step = kByList;
            return Next::again;
        case RequestKind::cancel_all:
        case RequestKind::open_orders:
            // It takes no mixture of states.
            if (wrong && q.step == kLive) return AccountLists::begin_round(q, kOpenAlone);
            // No such app, no such orders.
            if (wrong && q.step == kSimpleApp) return lists_.orders_over(q, sink);
            break;
        case RequestKind::fills:
            if (q.step == kOwners) return lists_.owners(q, e, sink);
            if (q.step != kOwner) break;
            if (e.verdict.outcome == Outcome::key_trouble) tools_->news.key_trouble = true;
            return lists_.owner(q, e, sink);
        default:
            break;
    }
    return refuse(q, e.verdict, e.code, e.text);
}

Next Questions::read(Inquiry& q, const Envelope& e, FactSink& sink)
{
    const simdjson::dom::object body = e.data.get_object().value_unsafe();
    switch (q.kind) {
        case RequestKind::place:
            return orders_.placed(q, body, sink);
        case RequestKind::amend:
            return orders_.amended(q, body);
        case RequestKind::cancel:
            return OrderAnswers::cancelled(q, body);
        case RequestKind::cancel_all:
        case RequestKind::open_orders:
        case RequestKind::query_order:
            if (is_wish(q)) return OrderAnswers::batch_cancelled(q, body);
            return names_order(q) ? lists_.order(q, body, sink) : lists_.orders(q, body, sink);
        case RequestKind::fills:
            return q.step == kOwners  ? lists_.owners(q, e, sink)
                   : q.step == kOwner ? lists_.owner(q, e, sink)
                                      : lists_.fills(q, body, body_, sink);
        case RequestKind::balances:
            return lists_.accounts(q, body, sink);
        case RequestKind::fees:
            return AccountLists::fees(q, body, sink);
        default:
            return read_permissions(q, body, tools_->channels.wants(Channel::order_entry));
    }
}

}  // namespace arb::coinbase
