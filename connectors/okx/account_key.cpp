// What OKX says a key may do: one question by REST, which needs no session.
#include <fmt/format.h>

#include "connectors/okx/account.hpp"
#include "connectors/okx/key_report.hpp"
#include "engine/venue/account_fields.hpp"

namespace arb::okx {
namespace {

constexpr Verdict kKeyDone{Outcome::done, RejectReason::none};

KeyAnswer key_answer(Verdict verdict, int status, bool coded)
{
    if (verdict.outcome == Outcome::key_trouble && verdict.reason != RejectReason::clock)
        return KeyAnswer::refused;
    // A key that may not ask is not taken here, though the venue knows it.
    if (verdict == Verdict{Outcome::refused, RejectReason::permission}) return KeyAnswer::refused;
    if (status == 404 || status == 405) return KeyAnswer::absent;
    return status == 200 && !coded ? KeyAnswer::unreadable : KeyAnswer::none;
}

}  // namespace

void Account::query_key(Timestamp now, FactSink& sink, Outbox& outbox)
{
    Job job;
    job.kind = RequestKind::key_info;
    begin(std::move(job), now, sink, outbox);
}

Account::Next Account::read_key(Job& job, const HttpReply& reply, FactSink& sink)
{
    job.retry_after = reply.retry_after;
    if (reply.status == 0) {
        return trouble(job, reply.sent ? Verdict{} : Verdict{Outcome::refused, RejectReason::other}, {},
                       "no reply");
    }
    Json root;
    std::string_view code, text;
    if (parser_.parse(reply.body.data, reply.body.size, false).get(root) == simdjson::SUCCESS &&
        root.is_object()) {
        code = AccountFields(root).text("code", false);
        text = AccountFields(root).text("msg", false);
    }
    const Verdict verdict = judge(reply.status, code);
    if (verdict == kKeyDone) {
        KeyTexts texts;
        KeyReport report = read_key_report(reply.body.view(), texts);
        job.key_answer = report.answer;
        if (report.answer != KeyAnswer::told) return trouble(job, {}, {}, report.text);
        report.label = setup_.credentials->label;
        sink.on_key_report(report);
        return Next::over;
    }
    job.key_answer = key_answer(verdict, reply.status, !code.empty());
    if (job.key_answer == KeyAnswer::unreadable) return trouble(job, verdict, code, "the reply has no code");
    if (!text.empty()) return trouble(job, verdict, code, text);
    return trouble(job, verdict, code, fmt::format("HTTP status {}", reply.status));
}

// Each other end of the question than a readable answer.
void Account::tell_no_key(const Job& job, FactSink& sink) const
{
    KeyReport report;
    report.label = setup_.credentials->label;
    report.answer = job.key_answer;
    report.text = job.text;
    sink.on_key_report(report);
}

}  // namespace arb::okx
