// How jobs travel: requests with fresh tokens, replies back to their jobs, second tries, waiting, the ends.
#include <algorithm>

#include "connectors/coinbase/rest_account.hpp"

namespace arb::coinbase {
namespace {

constexpr Duration kWaitUsual = seconds(1);
constexpr Duration kWaitMost = seconds(10);  // longer: whoever asked is told, and decides
constexpr int kWaitsMax = 10;
// The venue counts thirty private requests a second; what follows in a list leaves room for orders.
constexpr int kInListsASecond = 15;

// Answers that no request gets whose token was not taken.
bool proves_token(int status)
{
    return status == 200 || status == 400 || status == 403 || status == 404;
}

}  // namespace

RestAccount::Job& RestAccount::add(RequestKind kind)
{
    Job& job = jobs_.emplace_back();
    job.kind = kind;
    return job;
}

RestAccount::Job* RestAccount::find_job(std::uint64_t tag)
{
    const auto found =
        std::find_if(jobs_.begin(), jobs_.end(), [tag](const Job& job) { return job.tag == tag; });
    return tag == 0 || found == jobs_.end() ? nullptr : &*found;
}

void RestAccount::get(Job& job, std::string path, std::string query, Timestamp now, FactSink& sink,
                      Outbox& outbox)
{
    Call call;
    call.path = std::move(path);
    call.query = std::move(query);
    send(job, std::move(call), now, sink, outbox);
}

void RestAccount::post(Job& job, std::string path, std::string body, Timestamp now, FactSink& sink,
                       Outbox& outbox)
{
    Call call;
    call.post = true;
    call.path = std::move(path);
    call.body = std::move(body);
    send(job, std::move(call), now, sink, outbox);
}

void RestAccount::send(Job& job, Call call, Timestamp now, FactSink& sink, Outbox& outbox)
{
    job.call = std::move(call);
    job.refused = 0;
    job.waits = 0;
    if (held_back(job, now, sink, outbox)) return;
    // Cancelling everything waits only where it is told to.
    const bool goes_on = job.kind != RequestKind::cancel_all && !job.call.post &&
                         (job.pages > 0 || job.step == Step::fill_order || job.step == Step::fill_orders);
    const Timestamp next = second_ + seconds(1);
    if (goes_on && now >= second_ && now < next && in_second_ >= kInListsASecond)
        return wait(job, next, outbox);
    transmit(job, now, sink, outbox);
}

void RestAccount::transmit(Job& job, Timestamp now, FactSink& sink, Outbox& outbox)
{
    job.tag = next_tag_++;
    job.sent = now;
    job.again = {};
    if (now < second_ || now >= second_ + seconds(1)) {
        second_ = now;
        in_second_ = 0;
    }
    ++in_second_;
    if (!job.call.open) quota_.spend(now);
    const Call& call = job.call;
    std::optional<HttpRequest> request;
    if (call.open)
        request = Encoder::open_get(call.path);
    else if (call.post)
        request = tools_->encoder.post(call.path, call.body, tools_->venue_now(now));
    else
        request = tools_->encoder.get(call.path, call.query, tools_->venue_now(now));
    if (!request) {
        Answer answer;
        // A signer that may not amend may still place and cancel.
        answer.verdict = {job.kind == RequestKind::amend ? Outcome::refused : Outcome::key_trouble,
                          RejectReason::permission};
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
    if (request->is_signed)
        outbox.used_key(tools_->setup.id,
                        call.endpoint.empty() ? std::string_view(call.path) : call.endpoint);
    outbox.request(*request);
    outbox.wake_at(tools_->setup.id, now + kAnswerMax);
}

// Lists of the account give way to cancels and to questions about single orders.
bool RestAccount::held_back(Job& job, Timestamp now, FactSink& sink, Outbox& outbox)
{
    const bool list = job.kind == RequestKind::fills || job.kind == RequestKind::open_orders ||
                      job.kind == RequestKind::balances || job.kind == RequestKind::fees;
    if (!list || quota_.may(HourQuota::kQuestionsMost, now)) return false;
    const Timestamp until = quota_.next(HourQuota::kQuestionsMost, now);
    if (may_wait(job) && until - now <= kWaitMost) {
        wait(job, until, outbox);
        return true;
    }
    if (!job.told) end_chase(job.venue_id, false, now, outbox);
    Answer answer;
    answer.verdict = {Outcome::rate_limited, RejectReason::rate_limited};
    answer.retry_after = until - now;
    answer.text = kHourUsedUp;
    finish(job, answer, sink);
    return true;
}

// A late second reply to what was asked before must not find the job.
void RestAccount::wait(Job& job, Timestamp until, Outbox& outbox)
{
    job.tag = next_tag_++;
    job.again = until;
    outbox.wake_at(tools_->setup.id, until);
}

// A list that has begun, and the cancelling of everything, are not given up because of a full second.
bool RestAccount::may_wait(const Job& job)
{
    return job.kind == RequestKind::cancel_all || job.pages > 0 || job.step == Step::fill_order ||
           job.step == Step::fill_orders;
}

// True: the request goes out once more, now or later; else the answer is the job's.
bool RestAccount::goes_again(Job& job, Answer& answer, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (job.call.open) return false;
    if (answer.status == 401) return token_refused(job, answer, now, sink, outbox);
    if (proves_token(answer.status)) tools_->taken_at = now;
    if (answer.status == 403 && answer.code == "PERMISSION_DENIED") {
        // An order may be refused for its product's sake; what cannot even be read lacks a right.
        if (!job.call.post) answer.verdict = {Outcome::key_trouble, RejectReason::permission};
        news_.suspect = true;
    }
    if (answer.verdict.outcome != Outcome::rate_limited || !may_wait(job)) return false;
    const Duration pause = std::max(answer.retry_after, kWaitUsual);
    if (pause > kWaitMost || ++job.waits > kWaitsMax) return false;
    wait(job, now + pause, outbox);
    return true;
}

// Nothing was executed. The venue refuses good tokens now and then: a question or a cancel is sent once more
// at once; what has a price is not, it was for that moment. The question about the key is asked until a row
// of refusals is long enough to mean something.
bool RestAccount::token_refused(Job& job, Answer& answer, Timestamp now, FactSink& sink, Outbox& outbox)
{
    const bool asks_key = job.kind == RequestKind::session || job.kind == RequestKind::key_info;
    const bool taken = job.refused != 0 && tools_->taken_at > job.refused_since;  // another token, meanwhile
    if (job.refused == 0 || (asks_key && taken)) {
        job.refused = 0;
        job.refused_since = now;
    }
    ++job.refused;
    if (asks_key) {
        if (job.refused < job.patience && ++job.waits <= kWaitsMax) {
            wait(job, now + refusal_pause(job.refused), outbox);
            return true;
        }
        answer.verdict = taken ? Verdict{} : tools_->judge_refusals(now);
        // Before a session nobody has asked for the clock: then the refusals are all there is to tell.
        if (job.kind == RequestKind::key_info && answer.verdict.outcome == Outcome::unknown && !taken)
            answer.verdict = {Outcome::key_trouble, RejectReason::permission};
        const bool ed25519 = tools_->setup.credentials->signer->algorithm() == KeyAlgorithm::ed25519;
        answer.text = answer.verdict.reason == RejectReason::clock
                          ? "refused with one token after another, and this machine's clock is off"
                      : ed25519
                          ? "refused with one token after another (a clock that is off would do that; and "
                            "Ed25519 keys are not taken everywhere: make an ECDSA key)"
                          : "refused with one token after another (a clock that is off would do that, too)";
        return false;
    }
    const bool priced = job.kind == RequestKind::place || job.kind == RequestKind::amend;
    if (!priced && job.refused == 1) {
        transmit(job, now, sink, outbox);
        return true;
    }
    news_.suspect = true;
    return false;
}

bool RestAccount::on_http(const HttpReply& reply, Timestamp now, FactSink& sink, Outbox& outbox)
{
    Job* const job = find_job(reply.tag);
    if (job == nullptr) return false;
    Answer answer = read_answer(tools_->parser, reply);
    if (!goes_again(*job, answer, now, sink, outbox)) answered(*job, answer, reply, now, sink, outbox);
    return true;
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
        if (job.withheld)
            end.text = "the venue wants a proof token of its owner before it tells all (EU SCA)";
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

Timestamp RestAccount::on_wake(Timestamp now, FactSink& sink, Outbox& outbox)
{
    std::vector<std::uint64_t> late;
    std::vector<std::uint64_t> due;
    for (const Job& job : jobs_) {
        if (job.again.known() && now >= job.again) due.push_back(job.tag);
        if (!job.again.known() && now >= job.sent + kAnswerMax) late.push_back(job.tag);
    }
    for (const std::uint64_t tag : due) {
        if (Job* const job = find_job(tag)) transmit(*job, now, sink, outbox);
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
    for (const Job& job : jobs_) earliest(job.again.known() ? job.again : job.sent + kAnswerMax);
    for (const Chase& chase : chases_) {
        if (!chase.asking) earliest(chase.due);
    }
    return next;
}

}  // namespace arb::coinbase
