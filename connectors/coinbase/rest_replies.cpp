// What REST replies mean: how a request went, and the replies of single requests.
#include "connectors/coinbase/key_report.hpp"
#include "connectors/coinbase/rest_account.hpp"

namespace arb::coinbase {
namespace {

namespace dom = simdjson::dom;

std::string_view reply_text(dom::object object, std::string_view key)
{
    std::string_view text;
    return object.at_key(key).get_string().get(text) ? std::string_view() : text;
}

// {"error":..,"message":..} or {"errors":[{"id":..,"message":..}]}.
void read_refusal(dom::object body, Answer& answer)
{
    answer.code = reply_text(body, "error");
    answer.text = reply_text(body, "message");
    for (const char* key : {"error_details", "error_description"}) {
        if (answer.text.empty()) answer.text = reply_text(body, key);
    }
    dom::object first;
    if (!answer.code.empty() || body.at_key("errors").at(0).get_object().get(first)) return;
    answer.code = reply_text(first, "id");
    answer.text = reply_text(first, "message");
}

// One refusal is told in several words; the finest counts.
void take_word(std::string_view word, Verdict verdict, Answer& answer)
{
    if (verdict.outcome == Outcome::unknown) return;
    const bool first = answer.verdict.outcome == Outcome::unknown;
    const bool finer =
        first || (answer.verdict.reason == RejectReason::other && verdict.reason != RejectReason::other);
    if (!finer) return;
    answer.code = word;
    answer.verdict = verdict;
}

// "Create Order"
void read_place_refusal(dom::object body, Answer& answer)
{
    answer.verdict = {};
    dom::object error;
    const bool detailed = !body.at_key("error_response").get_object().get(error);
    if (!detailed) error = body;
    answer.code = reply_text(error, detailed ? "error" : "failure_reason");
    answer.text = reply_text(error, "message");
    for (const char* key :
         {"new_order_failure_reason", "preview_failure_reason", "error", "failure_reason"}) {
        const std::string_view word = reply_text(error, key);
        take_word(word, judge_not_created(word), answer);
    }
    if (answer.verdict.outcome == Outcome::unknown) answer.verdict = judge_word(answer.text);
}

void read_amend_reasons(dom::object error, Answer& answer)
{
    for (const char* key :
         {"edit_failure_reason", "preview_failure_reason", "edit_order_failure_reason", "error"}) {
        const std::string_view word = reply_text(error, key);
        if (answer.code.empty()) answer.code = word;
        take_word(word, judge_word(word), answer);
    }
    for (const char* key : {"message", "error_details"}) {
        if (answer.text.empty()) answer.text = reply_text(error, key);
    }
}

// "Edit Order": its reasons come as a list, as one object, or as an error_response.
void read_amend_refusal(dom::object body, Answer& answer)
{
    answer.verdict = {};
    dom::array list;
    dom::object one;
    if (!body.at_key("errors").get_array().get(list)) {
        for (const auto element : list) {
            if (!element.get_object().get(one)) read_amend_reasons(one, answer);
        }
    } else if (!body.at_key("errors").get_object().get(one)) {
        read_amend_reasons(one, answer);
    }
    if (!body.at_key("error_response").get_object().get(one)) read_amend_reasons(one, answer);
}

}  // namespace

Answer read_answer(simdjson::dom::parser& parser, const HttpReply& reply)
{
    Answer answer;
    answer.status = reply.status;
    answer.retry_after = reply.retry_after;
    answer.verdict = judge_status(reply.status, reply.sent);
    dom::element body;
    const bool readable = reply.body.size != 0 &&
                          !parser.parse(reply.body.data, reply.body.size, false).get(body) &&
                          !body.get_object().get(answer.body);
    if (!readable) return answer;
    if (reply.status == 200) {
        answer.verdict = {Outcome::done, RejectReason::none};
        return answer;
    }
    read_refusal(answer.body, answer);
    const bool asked_wrongly = reply.status >= 400 && reply.status < 500;
    if (asked_wrongly && answer.verdict.outcome == Outcome::unknown) answer.verdict = judge_word(answer.code);
    return answer;
}

void RestAccount::answered(Job& job, const Answer& answer, const HttpReply& reply, Timestamp now,
                           FactSink& sink, Outbox& outbox)
{
    switch (job.step) {
        case Step::order_by_id:
            return order_reply(job, answer, now, sink, outbox);
        case Step::order_list:
            return orders_page(job, answer, now, sink, outbox);
        case Step::cancel_list:
            return cancelled_page(job, answer, now, sink, outbox);
        case Step::fill_list:
            return fills_page(job, answer, reply.body.view(), now, sink, outbox);
        case Step::fill_orders:
            return owners_reply(job, answer, now, sink, outbox);
        case Step::fill_order:
            return fill_order_reply(job, answer, now, sink, outbox);
        case Step::account_list:
            return accounts_page(job, answer, now, sink, outbox);
        case Step::single:
            break;
    }
    if (job.kind == RequestKind::time) return time_reply(job, answer, now, sink);
    if (job.kind == RequestKind::session) return key_reply(job, answer, sink);
    if (job.kind == RequestKind::key_info) return key_info_reply(job, answer, reply, sink);
    if (job.kind == RequestKind::place) return place_reply(job, answer, sink);
    if (job.kind == RequestKind::amend) return amend_reply(job, answer, sink);
    if (job.kind == RequestKind::cancel) return cancel_reply(job, answer, sink);
    fees_reply(job, answer, sink);
}

void RestAccount::time_reply(Job& job, const Answer& told, Timestamp now, FactSink& sink)
{
    Answer answer = told;
    if (answer.done()) {
        // "Get Server Time": epochMillis in quotes.
        const ScaledNumber ms = parse_scaled(reply_text(answer.body, "epochMillis"), 0);
        const bool sane = ms.error == DecimalError::none && ms.value > 0 && ms.value < INT64_MAX / 1'000'000;
        if (sane) {
            const Timestamp there{ms.value * 1'000'000};
            tools_->clock = {now, there - (job.sent + Duration{(now - job.sent).ns / 2})};
            sink.on_clock_sample(there, job.sent, now);
        } else {
            answer.verdict = {};
        }
    }
    finish(job, answer, sink);
}

void RestAccount::key_reply(Job& job, const Answer& told, FactSink& sink)
{
    Answer answer = told;
    if (answer.done()) {
        PrivateFields fields(answer.body);
        const bool view = fields.flag("can_view");
        const bool trade = fields.flag("can_trade");
        const bool transfer = fields.flag("can_transfer");
        if (!fields.ok()) {
            answer.verdict = {};
        } else if (const bool orders = tools_->wants(Channel::order_entry);
                   (transfer && orders) || !view || (!trade && orders)) {
            // Money could leave with such a key: not used, however able it is.
            answer.verdict = {Outcome::key_trouble, RejectReason::permission};
            answer.code = transfer && orders ? "can_transfer" : view ? "can_trade" : "can_view";
            answer.text = transfer && orders ? "the key may transfer money away: make one that cannot"
                                             : "the key lacks a permission";
        }
    }
    finish(job, answer, sink);
}

void RestAccount::key_info_reply(Job& job, Answer answer, const HttpReply& reply, FactSink& sink)
{
    std::string words;
    KeyReport report = reply.status == 200 ? read_key_report(reply.body.view(), words)
                                           : key_refusal(reply.status, answer, words);
    // A clock that is off says nothing of the key, nor do refusals among tokens that are taken.
    const bool doubtful = reply.status == 401 && answer.verdict.outcome != Outcome::key_trouble;
    if (doubtful || answer.verdict.reason == RejectReason::clock) report.answer = KeyAnswer::none;
    tell_key(report, sink);
    if (reply.status == 200) {
        const bool told = report.answer == KeyAnswer::told;
        answer.verdict = told ? Verdict{Outcome::done, RejectReason::none} : Verdict{};
        answer.text = report.text;
    }
    finish(job, answer, sink);
}

void RestAccount::place_reply(Job& job, Answer answer, FactSink& sink)
{
    if (!answer.done()) return finish(job, answer, sink);
    // HTTP 200 either way.
    PrivateFields fields(answer.body);
    const bool success = fields.flag("success");
    if (!fields.ok()) {
        answer.verdict = {};
    } else if (!success) {
        read_place_refusal(answer.body, answer);
    } else {
        PrivateFields inner(fields.inner("success_response"));
        OrderReport report;
        report.venue_id = fields.ok() ? inner.text("order_id") : std::string_view();
        report.client_id = fields.ok() ? inner.text("client_order_id", false) : std::string_view();
        const bool other = !report.client_id.empty() && parse_client_order_id(report.client_id) != job.order;
        if (!plain_id(report.venue_id) || other) {
            answer.verdict = {};
        } else {
            report.order = job.order;
            report.listing = job.listing;
            report.source = ReportSource::reply;
            report.status = OrderStatus::pending;  // taken, no more is said
            report.side = inner.text("side", false) == "SELL" ? Side::sell : Side::buy;
            tools_->decoder.known().put(report.venue_id, job.order, job.listing);
            sink.on_order_report(report);
        }
    }
    finish(job, answer, sink);
}

// Success says that the wish was taken, whatever reasons stand beside it. That the order has the price is
// told by the user channel.
void RestAccount::amend_reply(Job& job, Answer answer, FactSink& sink)
{
    if (answer.done()) {
        PrivateFields fields(answer.body);
        const bool success = fields.flag("success");
        dom::object response;
        const bool named = !answer.body.at_key("success_response").get_object().get(response);
        const std::string_view id = named ? reply_text(response, "order_id") : std::string_view();
        if (!fields.ok() || (success && !id.empty() && id != job.venue_id))
            answer.verdict = {};
        else if (!success)
            read_amend_refusal(answer.body, answer);
    }
    KnownOrder* const known = tools_->decoder.known().find(job.venue_id);
    const bool open = answer.done() || answer.verdict.outcome == Outcome::unknown;
    if (known != nullptr && !open) known->amending = {};
    finish(job, answer, sink);
}

void RestAccount::cancel_reply(Job& job, Answer answer, FactSink& sink)
{
    if (!answer.done()) return finish(job, answer, sink);
    dom::object result;
    answer.verdict = {};
    if (answer.body.at_key("results").at(0).get_object().get(result)) return finish(job, answer, sink);
    PrivateFields fields(result);
    const bool success = fields.flag("success");
    const bool same = fields.text("order_id") == job.venue_id;
    if (fields.ok() && same) {
        answer.code = success ? std::string_view() : fields.text("failure_reason", false);
        answer.verdict = success ? Verdict{Outcome::done, RejectReason::none} : judge_word(answer.code);
    }
    finish(job, answer, sink);
}

void RestAccount::fees_reply(Job& job, Answer answer, FactSink& sink)
{
    if (answer.done()) {
        PrivateFields fields(answer.body);
        const dom::object tier = fields.inner("fee_tier");
        const auto rate = [&](std::string_view key) {
            const ScaledNumber number =
                parse_scaled(fields.ok() ? reply_text(tier, key) : std::string_view(), 8);
            if (number.error != DecimalError::none) fields.fail(UndecodedReason::bad_number);
            return Rate{number.value};
        };
        FeeReport report;
        report.maker = rate("maker_fee_rate");
        report.taker = rate("taker_fee_rate");
        if (!fields.ok()) answer.verdict = {};
        for (const ListingId id : job.listings) {
            report.listing = id;
            if (fields.ok()) sink.on_fee_report(report);
        }
    }
    finish(job, answer, sink);
}

}  // namespace arb::coinbase
