// What REST replies say: the envelope judged first, then lists, balances, fees and the time.
#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "connectors/bybit/private_fields.hpp"
#include "connectors/bybit/rest_account.hpp"

namespace arb::bybit {
namespace {

// Requests are counted per second; a refusal is waited out a few times.
constexpr unsigned kTriesMax = 5;
constexpr Duration kTryAgain = milliseconds(1100);

Rate rate_of(std::string_view text, bool& good)
{
    constexpr unsigned kRateDecimals = 8;
    const ScaledNumber number = parse_scaled(text, kRateDecimals);
    good = good && number.error == DecimalError::none;
    return {number.value};
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
    if (waits(job, judged, reply.retry_after, now)) return;
    // "No such order" is an answer of one of the three lists that are asked in turn.
    if (job.kind == RequestKind::query_order && says_absent(judged.code)) {
        advance(job, now);
        return;
    }
    // Asked for one by one, should an answer for all not be to be had.
    if (judged.verdict.outcome == Outcome::refused && job.kind == RequestKind::fees &&
        std::exchange(job.whole, false))
        return;
    job.retry_after = rest_after(reply);
    fail(job, judged.verdict, judged.code, judged.text);
}

// True: the same request is sent once more, later. Whoever asks for one order's end or a time has a pace of
// their own.
bool RestAccount::waits(Job& job, const Judged& judged, Duration wait, Timestamp now) const
{
    const bool list = job.kind != RequestKind::time && job.kind != RequestKind::cancel;
    if (!list || judged.verdict.outcome != Outcome::rate_limited || ++job.tries >= kTriesMax) return false;
    job.resume = now + std::max(wait, kTryAgain);
    return true;
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

// HTTP says 200 for errors, so retCode decides; with another status the body may still hold one.
RestAccount::Judged RestAccount::judge(const HttpReply& reply)
{
    Judged judged;
    simdjson::dom::object root;
    std::int64_t code = 0;
    const bool readable = reply.status != 0 && tools_->read(reply.body, root) &&
                          root.at_key("retCode").get(code) == simdjson::SUCCESS;
    if (readable) {
        PrivateFields fields(root);
        judged.readable = true;
        judged.code = code;
        judged.text = fields.text("retMsg");
        std::int64_t time = 0;
        if (root.at_key("time").get(time) == simdjson::SUCCESS && time > 0 && time < INT64_MAX / 1'000'000)
            judged.time = {time * 1'000'000};
        judged.has_result = root.at_key("result").get(judged.result) == simdjson::SUCCESS;
    }
    if (reply.status == 200) {
        if (readable) judged.verdict = verdict_of(code, judged.text);
        return judged;
    }
    if (readable && code != 0) judged.verdict = verdict_of(code, judged.text);
    if (judged.verdict.outcome == Outcome::unknown)
        judged.verdict = verdict_of_status(reply.status, reply.sent);
    return judged;
}

bool RestAccount::read(Job& job, const Judged& judged, Timestamp now, FactSink& sink)
{
    if (job.kind == RequestKind::cancel) return true;  // an acknowledgement alone
    if (!judged.has_result) return false;
    PrivateFields fields(judged.result);
    if (job.kind == RequestKind::time) {
        const std::string_view digits = fields.text("timeNano");
        std::int64_t ns = 0;
        const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), ns);
        if (!fields.ok() || parsed.ec != std::errc{} || parsed.ptr != digits.data() + digits.size() ||
            ns <= 0)
            return false;
        sink.on_clock_sample({ns}, job.sent, now);
        return true;
    }
    if (job.kind == RequestKind::cancel_all) {
        if (fields.text("success") != "0") return true;  // spot alone tells it
        fail(job, {}, 0, "not every order was cancelled");
        return false;
    }
    return read_list(job, judged, sink);
}

bool RestAccount::read_list(Job& job, const Judged& judged, FactSink& sink)
{
    simdjson::dom::array list;
    if (judged.result.at_key("list").get(list) != simdjson::SUCCESS) return false;
    if (job.kind == RequestKind::balances && job.next > 0) {
        for (const simdjson::dom::element entry : list) tools_->decoder.note_side(entry);
    }
    bool any = false;
    for (const simdjson::dom::element entry : list) {
        any = true;
        const bool good = read_entry(job, entry, judged.time, sink);
        job.complete = job.complete && good;
        if (job.verdict != kDone) return false;
    }
    PrivateFields fields(judged.result);
    if (job.kind == RequestKind::query_order) {
        if (job.found) job.next = steps(job);
    } else if (any) {
        job.cursor = fields.text("nextPageCursor");
    }
    if (job.kind != RequestKind::fees) return true;
    // False of a single answer: the listing that was asked for has no rate.
    const bool found = std::exchange(job.found, false);
    job.complete = job.complete && (job.whole || found);
    return true;
}

bool RestAccount::read_entry(Job& job, simdjson::dom::element entry, Timestamp time, FactSink& sink)
{
    PrivateDecoder& decoder = tools_->decoder;
    switch (job.kind) {
        case RequestKind::query_order:
        case RequestKind::open_orders:
            job.found = true;
            return decoder.order(entry, ReportSource::query, kNoConnection, sink);
        case RequestKind::fills:
            return decoder.execution(entry, ReportSource::query, kNoConnection, sink);
        case RequestKind::fees:
            return read_fee(job, entry, sink);
        case RequestKind::balances:
            if (job.next == 0) return decoder.wallet(entry, ReportSource::query, time, kNoConnection, sink);
            return read_position(job, entry, time, sink);
        default:
            return true;
    }
}

// Our orders belong to the one position of one-way mode; in hedge mode the venue refuses every one of them.
bool RestAccount::read_position(Job& job, simdjson::dom::element entry, Timestamp time, FactSink& sink)
{
    const bool good = tools_->decoder.position(entry, ReportSource::query, time, kNoConnection, sink);
    simdjson::dom::object object;
    std::int64_t side = 0;
    if (!good || entry.get(object) != simdjson::SUCCESS ||
        object.at_key("positionIdx").get(side) != simdjson::SUCCESS || side == 0)
        return good;
    PrivateFields fields(object);
    const std::string_view symbol = fields.text("symbol");
    if (tools_->setup.table->find_symbol(tools_->setup.id, symbol) == nullptr) return good;
    tools_->hedged = true;
    fail(
        job, {Outcome::key_trouble, RejectReason::permission}, 0,
        fmt::format("{} is in hedge mode, which holds two positions of one symbol: close them and cancel its "
                    "orders, choose one-way mode in the position mode of the contracts, and start again",
                    symbol));
    return false;
}

// An answer for the whole category tells hundreds of symbols; those it tells need not be asked for again.
bool RestAccount::read_fee(Job& job, simdjson::dom::element entry, FactSink& sink) const
{
    simdjson::dom::object object;
    if (entry.get(object) != simdjson::SUCCESS) return false;
    PrivateFields fields(object);
    const std::string_view symbol = fields.text("symbol");
    const auto wanted = std::find_if(job.listings.begin(), job.listings.end(), [&](ListingId id) {
        return tools_->setup.table->listing(id).symbol == symbol;
    });
    if (wanted == job.listings.end()) return fields.ok();
    bool good = true;
    FeeReport report;
    report.listing = *wanted;
    report.maker = rate_of(fields.text("makerFeeRate"), good);
    report.taker = rate_of(fields.text("takerFeeRate"), good);
    job.found = true;
    if (job.whole) job.listings.erase(wanted);
    if (!good || !fields.ok()) return false;
    sink.on_fee_report(report);
    return true;
}

}  // namespace arb::bybit
