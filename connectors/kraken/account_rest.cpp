// Kraken's account by REST: what is asked, in which order it leaves, and how each question ends. What the
// replies hold is read in account_lists.cpp.
#include <algorithm>

#include <fmt/format.h>

#include "connectors/kraken/account.hpp"
#include "connectors/kraken/quoted.hpp"
#include "connectors/kraken/signer.hpp"

namespace arb::kraken {
namespace {

constexpr std::string_view kBase = "https://api.kraken.com";
constexpr Duration kTokenAgain = seconds(5);
// While one private question is out no other may leave: an answer that is lost holds up all the rest for so
// long.
constexpr Duration kReplyMax = seconds(5);
constexpr Duration kJobPause = seconds(5);  ///< of a job that was told to slow down half-way
// A trade stands in the list so long after it at the latest, by a clock that is not ours.
constexpr Duration kListedLate = seconds(15);
constexpr unsigned kNonceTries = 2;
constexpr unsigned kJobTries = 6;

// Not kept waiting for what the venue's counter allows, and sent first.
bool is_urgent(RequestKind kind)
{
    return kind == RequestKind::key_info || kind == RequestKind::session || kind == RequestKind::cancel ||
           kind == RequestKind::cancel_all;
}

// What it adds to the venue's counter.
std::int64_t cost(RequestKind kind, std::string_view path)
{
    if (kind == RequestKind::cancel || kind == RequestKind::cancel_all) return 0;
    return path.ends_with("TradesHistory") || path.ends_with("ClosedOrders") ? kRestHistory : 1;
}

// Texts that begin with W are warnings.
std::string_view first_error(const simdjson::dom::array& errors)
{
    for (const simdjson::dom::element entry : errors) {
        std::string_view text;
        if (entry.get(text) != simdjson::SUCCESS || text.empty()) return "?";
        if (text.front() != 'W') return text;
    }
    return {};
}

}  // namespace

// A page costs four seconds of the counter and holds fifty trades: what whole lists have told is not asked
// for again, however far back the question goes.
std::string Account::fills_body(Timestamp since) const
{
    const bool told = told_until_.known() && told_from_ <= since && since < told_until_;
    const Timestamp from = told ? std::max(since, told_until_ - kListedLate) : since;
    // `start` is exclusive and in seconds. Consolidated rows would have ids and sizes that the stream never
    // told.
    return fmt::format("&start={}&consolidate_taker=false",
                       std::max<std::int64_t>(from.ns / 1'000'000'000 - 1, 0));
}

void Account::note_told(const Question& question)
{
    if (!told_until_.known() || question.since < told_from_ || question.since > told_until_)
        told_from_ = question.since;
    told_until_ = std::max(told_until_, question.asked);
}

void Account::ask(Question question, Timestamp now, Outbox& outbox)
{
    const bool is_first = question.step == Step::first || question.step == Step::by_id;
    if (question.asker == Asker::engine && question.tries == 0 && is_first && question.offset == 0 &&
        question.kind != RequestKind::fees) {
        for (Question& waiting : questions_) {
            // One that has not left yet answers both.
            if (waiting.tag != 0 || waiting.refused || waiting.asker != Asker::engine ||
                waiting.kind != question.kind || waiting.step != question.step || waiting.offset != 0 ||
                waiting.order.order != question.order.order)
                continue;
            if (waiting.kind == RequestKind::fills) {
                waiting.since = std::min(waiting.since, question.since);
                waiting.body = fills_body(waiting.since);
            }
            ++waiting.copies;
            return;
        }
    }
    question.tag = 0;
    questions_.push_back(std::move(question));
    pump(now, outbox);
}

// The oldest, but kinds in turn: what was asked for many orders must not keep the one question about money
// waiting for all of them.
bool Account::goes_before(RequestKind kind, RequestKind older) const
{
    if (is_urgent(kind) != is_urgent(older)) return is_urgent(kind);
    return older == sent_kind_ && kind != sent_kind_;
}

void Account::pump(Timestamp now, Outbox& outbox)
{
    for (;;) {
        Question* next = nullptr;
        for (Question& q : questions_) {
            if (q.asker == Asker::assets || q.asker == Asker::pair || q.refused) continue;
            // The venue wants nonces to arrive in order: the next leaves when this one is answered.
            if (q.tag != 0) return;
            if (q.not_before > now) continue;
            if (next == nullptr || goes_before(q.kind, next->kind)) next = &q;
        }
        if (next == nullptr) return;
        // In turn: what costs little must not keep back for ever what costs much.
        const Duration wait = is_urgent(next->kind)
                                  ? Duration{}
                                  : rest_.wait(cost(next->kind, next->path), tier_.rest_most, now);
        if (wait.ns > 0) {
            outbox.wake_at(setup_.id, now + wait);
            return;
        }
        send_signed(*next, now, outbox);
    }
}

void Account::send_signed(Question& question, Timestamp now, Outbox& outbox)
{
    // Always larger than the one before, also after a restart: it is the time.
    last_nonce_ = std::max(now.ns, last_nonce_ + 1);
    const std::string nonce = fmt::format("{}", last_nonce_);
    HttpRequest request;
    request.venue = setup_.id;
    request.method = "POST";
    request.url = std::string(kBase) + question.path;
    request.body = "nonce=" + nonce + question.body;
    if (question.offset > 0) request.body += fmt::format("&ofs={}", question.offset);
    std::string signature = sign_request(*setup_.credentials, question.path, nonce, request.body);
    if (signature.empty()) {
        // Nothing may leave; it is told with the next turn.
        question.refused = true;
        outbox.wake_at(setup_.id, now);
        return;
    }
    request.tag = question.tag = next_tag_++;
    if (question.kind == RequestKind::fills && question.step == Step::first && question.offset == 0)
        question.asked = now;
    request.is_signed = true;
    request.secret_reply = question.kind == RequestKind::session && question.asker == Asker::engine;
    request.headers = {{"API-Key", setup_.credentials->key_id},
                       {"API-Sign", std::move(signature)},
                       {"Content-Type", "application/x-www-form-urlencoded"}};
    question.due = now + kReplyMax;
    rest_.add(cost(question.kind, question.path), now);
    sent_kind_ = question.kind;
    outbox.used_key(setup_.id, question.path);
    outbox.wake_at(setup_.id, question.due);
    outbox.request(request);
}

void Account::ask_public(Question question, Timestamp now, Outbox& outbox)
{
    HttpRequest request;
    request.venue = setup_.id;
    request.tag = question.tag = next_tag_++;
    request.url = std::string(kBase) + question.path;
    question.due = now + kReplyMax;
    outbox.wake_at(setup_.id, question.due);
    questions_.push_back(std::move(question));
    outbox.request(request);
}

void Account::ask_token(Timestamp now, Outbox& outbox)
{
    if (asking_token_) return;
    asking_token_ = true;
    Question question;
    question.path = "/0/private/GetWebSocketsToken";
    ask(std::move(question), now, outbox);
}

void Account::query_order(const OrderReference& order, Timestamp now, Outbox& outbox)
{
    Question question;
    question.kind = RequestKind::query_order;
    question.order = order;
    question.order.venue_id = {};
    if (!order.venue_id.empty()) {
        question.step = Step::by_id;
        question.orders = {std::string(order.venue_id)};
        question.path = "/0/private/QueryOrders";
        question.body = fmt::format("&txid={}", order.venue_id);
    } else {
        question.path = "/0/private/OpenOrders";
        question.body = fmt::format("&cl_ord_id={}", client_order_id(order.order).view());
    }
    ask(std::move(question), now, outbox);
}

void Account::query_open_orders(Timestamp now, Outbox& outbox)
{
    Question question;
    question.kind = RequestKind::open_orders;
    question.path = "/0/private/OpenOrders";
    ask(std::move(question), now, outbox);
}

void Account::query_fills(Timestamp since, Timestamp now, Outbox& outbox)
{
    Question question;
    question.kind = RequestKind::fills;
    question.since = since;
    question.path = "/0/private/TradesHistory";
    question.body = fills_body(since);
    ask(std::move(question), now, outbox);
}

void Account::query_balances(Timestamp now, Outbox& outbox)
{
    Question question;
    question.kind = RequestKind::balances;
    question.path = "/0/private/BalanceEx";
    ask(std::move(question), now, outbox);
}

void Account::query_fees(std::span<const ListingId> listings, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (listings.empty()) {
        end(RequestKind::fees, {Outcome::done, RejectReason::none}, kForeignOrder, sink);
        return;
    }
    Question question;
    question.kind = RequestKind::fees;
    question.pairs.emplace_back(listings.begin(), listings.end());
    ask_fees(question, now, outbox);
}

void Account::conclude(const Question& question, Verdict verdict, std::string_view text, bool complete,
                       Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (question.asker != Asker::engine) {
        conclude_own(question, verdict, text, now, sink, outbox);
        return;
    }
    const bool session = question.kind == RequestKind::session;
    if (question.kind == RequestKind::fills && verdict.outcome == Outcome::done && complete)
        note_told(question);
    if (session && verdict.outcome != Outcome::done && verdict.outcome != Outcome::key_trouble) {
        token_again_ = now + std::max(kTokenAgain, question.retry_after);
        outbox.wake_at(setup_.id, token_again_);
    }
    if (session && verdict.outcome == Outcome::done) return;  // ends when subscribed
    for (unsigned i = 0; i < question.copies; ++i) {
        if (question.kind == RequestKind::key_info && question.key_answer != KeyAnswer::told)
            tell_no_key(question, text, sink);
        end(question.kind, verdict, question.order.order, sink, text, complete, question.retry_after);
    }
}

// Nobody waits for these. What shuts the venue is told all the same, and what is still wanted is asked again.
void Account::conclude_own(const Question& question, Verdict verdict, std::string_view text, Timestamp now,
                           FactSink& sink, Outbox& outbox)
{
    if (verdict.outcome == Outcome::rate_limited || verdict.outcome == Outcome::banned ||
        verdict.outcome == Outcome::key_trouble)
        end(question.kind, verdict, kForeignOrder, sink, text, false, question.retry_after);
    // Only the venue's own word on a name ends the asking for it.
    if (question.asker == Asker::pair && verdict.outcome != Outcome::refused)
        std::erase(asked_pairs_, question.orders.front());
    if (question.asker != Asker::orders || verdict.outcome == Outcome::done) return;
    const bool refused = verdict.outcome == Outcome::refused;
    for (const std::string& id : question.orders) {
        const auto wanted = std::find_if(wanted_.begin(), wanted_.end(),
                                         [&](const Wanted& w) { return w.id == id && w.is_asked; });
        if (wanted == wanted_.end()) continue;
        wanted->is_asked = false;
        ++wanted->tries;
        // One id that the venue does not know spoils the answer about all: each on its own.
        if (refused && question.orders.size() > 1)
            wanted->is_alone = true;
        else
            wanted->ask_at = now + (refused ? Duration{} : std::max(kTokenAgain, question.retry_after));
        if (refused && question.orders.size() == 1) wanted->tries = kJobTries;
    }
    ask_wanted(now, sink, outbox);
}

// True: the question goes on, nothing is lost. A nonce that came out of order was not looked at; a job of
// several requests that is told to slow down goes on where it stopped.
bool Account::ask_again(Question& question, Verdict verdict, std::string_view error, Timestamp now,
                        Outbox& outbox)
{
    if (error.starts_with("EAPI:Invalid nonce") && question.tries < kNonceTries) {
        ++question.tries;
        ask(std::move(question), now, outbox);
        return true;
    }
    const bool half_way = question.offset > 0 || question.step == Step::closed ||
                          question.step == Step::owners || question.pairs.size() > 1;
    if (verdict.outcome != Outcome::rate_limited || !half_way || question.tries >= kJobTries) return false;
    ++question.tries;
    question.not_before = now + std::max(kJobPause, question.retry_after);
    outbox.wake_at(setup_.id, question.not_before);
    ask(std::move(question), now, outbox);
    return true;
}

bool Account::on_http(const HttpReply& reply, Timestamp now, FactSink& sink, Outbox& outbox)
{
    const auto found = std::find_if(questions_.begin(), questions_.end(),
                                    [&](const Question& q) { return reply.tag != 0 && q.tag == reply.tag; });
    if (found == questions_.end()) return false;
    Question question = std::move(*found);
    questions_.erase(found);
    question.retry_after = reply.retry_after;
    read_reply(question, reply, now, sink, outbox);
    pump(now, outbox);
    return true;
}

void Account::read_reply(Question& question, const HttpReply& reply, Timestamp now, FactSink& sink,
                         Outbox& outbox)
{
    if (question.kind == RequestKind::session && question.asker == Asker::engine) asking_token_ = false;
    if (question.kind == RequestKind::key_info) {
        read_key(question, reply, now, sink, outbox);
        return;
    }
    if (reply.status == 0) {
        conclude(question, reply.sent ? Verdict{} : Verdict{Outcome::refused, RejectReason::other},
                 "no reply", false, now, sink, outbox);
        return;
    }
    const std::string_view text = quote_numbers(reply.body.view(), quoted_);
    Json root;
    simdjson::dom::array errors;
    const bool readable = parser_.parse(text.data(), text.size(), false).get(root) == simdjson::SUCCESS &&
                          root["error"].get(errors) == simdjson::SUCCESS;
    const std::string_view error = readable ? first_error(errors) : std::string_view();
    const Verdict verdict =
        readable ? judge(reply.status, error) : judge(reply.status == 200 ? 500 : reply.status, "?");
    if (error.starts_with("EAPI:Rate limit exceeded")) rest_.raise_to(tier_.rest_most, now);
    // Where a gate before the venue refused, its header tells how long.
    if (reply.status == 200) question.retry_after = std::max(question.retry_after, told_pause(error, now));
    if (ask_again(question, verdict, error, now, outbox)) return;
    Json result;
    if (verdict.outcome == Outcome::done && root["result"].get(result) == simdjson::SUCCESS) {
        if (read_result(question, result, now, sink, outbox))
            conclude(question, verdict, {}, question.is_whole, now, sink, outbox);
        return;
    }
    if (go_on_after(question, verdict, error, now, sink, outbox)) return;
    conclude(question, verdict.outcome == Outcome::done ? Verdict{} : verdict, error, false, now, sink,
             outbox);
}

}  // namespace arb::kraken
