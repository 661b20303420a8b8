// What Kraken says a key may do: one question by REST, which needs no session. Also the end of questions that
// nobody answers or that the signer did not sign.
#include <algorithm>

#include <fmt/format.h>

#include "connectors/kraken/account.hpp"
#include "connectors/kraken/key_report.hpp"

namespace arb::kraken {
namespace {

KeyAnswer key_answer(Verdict verdict, int status, std::string_view error, bool readable)
{
    if (verdict.outcome == Outcome::key_trouble && verdict.reason != RejectReason::clock)
        return KeyAnswer::refused;
    if (status == 404 || status == 405 || error.starts_with("EGeneral:Unknown method"))
        return KeyAnswer::absent;
    return status == 200 && !readable ? KeyAnswer::unreadable : KeyAnswer::none;
}

}  // namespace

void Account::query_key(Timestamp now, Outbox& outbox)
{
    Question question;
    question.kind = RequestKind::key_info;
    question.path = "/0/private/GetApiKeyInfo";
    ask(std::move(question), now, outbox);
}

void Account::read_key(Question& question, const HttpReply& reply, Timestamp now, FactSink& sink,
                       Outbox& outbox)
{
    if (reply.status == 0) {
        conclude(question, reply.sent ? Verdict{} : Verdict{Outcome::refused, RejectReason::other},
                 "no reply", false, now, sink, outbox);
        return;
    }
    Json root;
    simdjson::dom::array errors;
    std::string_view error;
    bool readable = parser_.parse(reply.body.data, reply.body.size, false).get(root) == simdjson::SUCCESS &&
                    root.is_object() && root["error"].get(errors) == simdjson::SUCCESS;
    if (readable && errors.size() > 0)
        readable = errors.at(0).get(error) == simdjson::SUCCESS && !error.empty();
    const Verdict verdict =
        readable ? judge(reply.status, error) : judge(reply.status == 200 ? 500 : reply.status, "?");
    if (ask_again(question, verdict, error, now, outbox)) return;
    if (verdict.outcome == Outcome::done) {
        KeyTexts texts;
        KeyReport report = read_key_report(reply.body.view(), texts);
        question.key_answer = report.answer;
        if (report.answer != KeyAnswer::told) {
            conclude(question, {}, report.text, false, now, sink, outbox);
            return;
        }
        report.label = setup_.credentials->label;
        sink.on_key_report(report);
        conclude(question, verdict, {}, true, now, sink, outbox);
        return;
    }
    question.key_answer = key_answer(verdict, reply.status, error, readable);
    if (reply.status == 200) question.retry_after = std::max(question.retry_after, told_pause(error, now));
    std::string why(error);
    if (question.key_answer == KeyAnswer::unreadable)
        why = "the reply has no list of errors";
    else if (why.empty())
        why = fmt::format("HTTP status {}", reply.status);
    conclude(question, verdict, why, false, now, sink, outbox);
}

// Each other end of the question than a readable answer.
void Account::tell_no_key(const Question& question, std::string_view text, FactSink& sink) const
{
    KeyReport report;
    report.label = setup_.credentials->label;
    report.answer = question.key_answer;
    report.text = text;
    sink.on_key_report(report);
}

void Account::wake_questions(Timestamp now, FactSink& sink, Outbox& outbox)
{
    for (std::size_t i = 0; i < questions_.size();) {
        const Question& waiting = questions_[i];
        const bool late = waiting.tag != 0 && now >= waiting.due;
        if (!waiting.refused && !late) {
            if (waiting.tag != 0 || waiting.not_before > now)
                outbox.wake_at(setup_.id, waiting.tag != 0 ? waiting.due : waiting.not_before);
            ++i;
            continue;
        }
        const Question question = std::move(questions_[i]);
        questions_.erase(questions_.begin() + static_cast<std::ptrdiff_t>(i));
        if (question.kind == RequestKind::session && question.asker == Asker::engine) asking_token_ = false;
        if (question.refused)
            conclude(question, {Outcome::refused, RejectReason::permission}, "the signer refused", false, now,
                     sink, outbox);
        else
            conclude(question, {}, "no answer within 5 s", false, now, sink, outbox);
    }
    pump(now, outbox);
}

}  // namespace arb::kraken
