// Kraken's account by REST: what is asked, signed with a growing nonce, and how long an answer may take.
#include <algorithm>

#include <fmt/format.h>

#include "connectors/kraken/account.hpp"
#include "connectors/kraken/quoted.hpp"
#include "connectors/kraken/signer.hpp"

namespace arb::kraken {
namespace {

constexpr std::string_view kBase = "https://api.kraken.com";
constexpr Duration kTokenAgain = seconds(5);
constexpr Duration kTokenAgainMax = seconds(60);
// The driver gives up on a request before that and says so with status 0.
constexpr Duration kReplyMax = seconds(15);

std::int64_t whole_seconds(Timestamp time)
{
    return time.ns / seconds(1).ns;
}

}  // namespace

void Account::ask(Job job, Timestamp now, FactSink& sink, Outbox& outbox)
{
    // Always larger than the one before, also after a restart: it is the time.
    last_nonce_ = std::max(now.ns, last_nonce_ + 1);
    const std::string nonce = fmt::format("{}", last_nonce_);
    job.tag = next_tag_++;
    job.due = now + kReplyMax;
    ++job.pages;
    HttpRequest request;
    request.venue = setup_.id;
    request.tag = job.tag;
    request.method = "POST";
    request.url = std::string(kBase) + job.path;
    request.body = "nonce=" + nonce + job.body;
    if (job.offset > 0) request.body += fmt::format("&ofs={}", job.offset);
    request.is_signed = true;
    request.secret_reply = job.kind == RequestKind::session;
    std::string signature = sign_request(*setup_.credentials, job.path, nonce, request.body);
    if (signature.empty()) {
        finish(job, {Outcome::refused, RejectReason::permission}, now, sink, outbox, "the signer refused");
        return;
    }
    request.headers = {{"API-Key", setup_.credentials->key_id},
                       {"API-Sign", std::move(signature)},
                       {"Content-Type", "application/x-www-form-urlencoded"}};
    outbox.used_key(setup_.id, job.path);
    outbox.wake_at(setup_.id, job.due);
    jobs_.push_back(std::move(job));
    outbox.request(request);
}

void Account::ask_token(Timestamp now, FactSink& sink, Outbox& outbox)
{
    stage_ = Stage::token;
    Job job;
    job.path = "/0/private/GetWebSocketsToken";
    ask(std::move(job), now, sink, outbox);
}

void Account::query_order(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox)
{
    Job job;
    job.kind = RequestKind::query_order;
    job.order = order;
    job.order.venue_id = {};
    if (plain(order.venue_id)) job.venue_id = std::string(order.venue_id);
    if (!job.venue_id.empty()) {
        job.step = Step::by_id;
        job.path = "/0/private/QueryOrders";
        job.body = "&txid=" + job.venue_id;
    } else {
        job.step = Step::open;
        job.path = "/0/private/OpenOrders";
        job.body = fmt::format("&cl_ord_id={}", client_order_id(order.order).view());
    }
    ask(std::move(job), now, sink, outbox);
}

// The reply is whole: OpenOrders knows no pages.
void Account::query_open_orders(Timestamp now, FactSink& sink, Outbox& outbox)
{
    Job job;
    job.kind = RequestKind::open_orders;
    job.path = "/0/private/OpenOrders";
    ask(std::move(job), now, sink, outbox);
}

void Account::query_fills(Timestamp since, Timestamp now, FactSink& sink, Outbox& outbox)
{
    Job job;
    job.kind = RequestKind::fills;
    job.path = "/0/private/TradesHistory";
    // `start` is exclusive and in seconds.
    job.body = fmt::format("&start={}", std::max<std::int64_t>(whole_seconds(since) - 1, 0));
    ask(std::move(job), now, sink, outbox);
}

void Account::query_balances(Timestamp now, FactSink& sink, Outbox& outbox)
{
    Job job;
    job.kind = RequestKind::balances;
    job.path = "/0/private/BalanceEx";
    ask(std::move(job), now, sink, outbox);
}

void Account::query_fees(std::span<const ListingId> listings, Timestamp now, FactSink& sink, Outbox& outbox)
{
    Job job;
    job.kind = RequestKind::fees;
    job.path = "/0/private/TradeVolume";
    for (const ListingId id : listings)
        job.body += (job.body.empty() ? "&pair=" : ",") + PairNames::altname(setup_.table->instrument_of(id));
    if (job.body.empty())
        finish(job, {Outcome::done, RejectReason::none}, now, sink, outbox);
    else
        ask(std::move(job), now, sink, outbox);
}

void Account::finish(const Job& job, Verdict verdict, Timestamp now, FactSink& sink, Outbox& outbox,
                     std::string_view text, Duration retry_after)
{
    if (job.kind == RequestKind::session) {
        // A good one ends when the channels are subscribed.
        if (verdict.outcome == Outcome::done) return;
        stage_ = Stage::closed;
        shut_ = verdict.outcome == Outcome::key_trouble;
        if (!shut_) {
            token_wait_ = std::clamp(token_wait_ + token_wait_, kTokenAgain, kTokenAgainMax);
            token_due_ = now + std::max(token_wait_, retry_after);
            outbox.wake_at(setup_.id, token_due_);
        }
    }
    RequestEnd e;
    e.kind = job.kind;
    e.outcome = verdict.outcome;
    e.reason = verdict.reason;
    e.order = job.order.order;
    e.complete = verdict.outcome == Outcome::done && job.complete;
    e.retry_after = retry_after;
    e.text = text;
    sink.on_request_end(e);
}

bool Account::on_http(const HttpReply& reply, Timestamp now, FactSink& sink, Outbox& outbox)
{
    const auto found = std::find_if(jobs_.begin(), jobs_.end(),
                                    [&](const Job& j) { return reply.tag != 0 && j.tag == reply.tag; });
    if (found == jobs_.end()) return false;
    Job job = std::move(*found);
    jobs_.erase(found);
    if (reply.status == 0) {
        finish(job, reply.sent ? Verdict{} : Verdict{Outcome::refused, RejectReason::other}, now, sink, outbox,
               "no reply");
        return true;
    }
    const std::string_view text = quote_numbers(reply.body.view(), quoted_);
    Json root, result;
    simdjson::dom::array errors;
    const bool readable = parser_.parse(text.data(), text.size(), false).get(root) == simdjson::SUCCESS &&
                          root["error"].get(errors) == simdjson::SUCCESS;
    std::string_view error;
    // An entry that is no text is an error all the same.
    if (readable && errors.size() > 0 && errors.at(0).get(error) != simdjson::SUCCESS) error = "?";
    Verdict verdict = judge(reply.status, readable ? error : std::string_view("?"));
    const bool has_result = readable && root["result"].get(result) == simdjson::SUCCESS;
    if (verdict.outcome == Outcome::done && !has_result) verdict = {};
    Next next = Next::over;
    if (verdict.outcome == Outcome::done)
        next = read(job, result, sink, outbox);
    else if (job.step == Step::by_id && verdict.outcome == Outcome::refused)
        next = next_list(job);  // an id that the venue does not know: the lists are looked through
    else
        return finish(job, verdict, now, sink, outbox, error, reply.retry_after), true;
    if (next == Next::request)
        ask(std::move(job), now, sink, outbox);
    else if (next == Next::over)
        finish(job, {Outcome::done, RejectReason::none}, now, sink, outbox);
    else
        finish(job, {}, now, sink, outbox, "the reply cannot be read");
    return true;
}

void Account::wake_jobs(Timestamp now, FactSink& sink, Outbox& outbox)
{
    for (std::size_t i = 0; i < jobs_.size();) {
        if (now < jobs_[i].due) {
            outbox.wake_at(setup_.id, jobs_[i++].due);
            continue;
        }
        const Job late = std::move(jobs_[i]);
        jobs_.erase(jobs_.begin() + static_cast<std::ptrdiff_t>(i));
        finish(late, {}, now, sink, outbox, "no reply");
    }
}

}  // namespace arb::kraken
