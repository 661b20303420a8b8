#include "connectors/coinbase/order_answers.hpp"

#include "connectors/coinbase/account_lists.hpp"

namespace arb::coinbase {
namespace {

namespace dom = simdjson::dom;

// {"error":..,"message":..} or {"errors":[{"id":..,"message":..}]}.
void read_refusal(dom::object body, Envelope& e)
{
    e.code = member_text(body, "error");
    e.text = member_text(body, "message");
    for (const char* key : {"error_details", "error_description"}) {
        if (e.text.empty()) e.text = member_text(body, key);
    }
    dom::object first;
    if (!e.code.empty() || body.at_key("errors").at(0).get_object().get(first)) return;
    e.code = member_text(first, "id");
    e.text = member_text(first, "message");
}

// One refusal is told in several words; the finest counts.
void take_word(std::string_view word, Verdict verdict, Envelope& e)
{
    if (verdict.outcome == Outcome::unknown) return;
    const bool first = e.verdict.outcome == Outcome::unknown;
    const bool finer =
        first || (e.verdict.reason == RejectReason::other && verdict.reason != RejectReason::other);
    if (!finer) return;
    e.code = word;
    e.verdict = verdict;
}

// "Create Order"
void read_place_refusal(dom::object body, Envelope& e)
{
    e.verdict = {};
    dom::object error;
    const bool detailed = !body.at_key("error_response").get_object().get(error);
    if (!detailed) error = body;
    e.code = member_text(error, detailed ? "error" : "failure_reason");
    e.text = member_text(error, "message");
    for (const char* key :
         {"new_order_failure_reason", "preview_failure_reason", "error", "failure_reason"}) {
        const std::string_view word = member_text(error, key);
        take_word(word, judge_not_created(word), e);
    }
    if (e.verdict.outcome == Outcome::unknown) e.verdict = judge_word(e.text);
}

void read_amend_reasons(dom::object error, Envelope& e)
{
    for (const char* key :
         {"edit_failure_reason", "preview_failure_reason", "edit_order_failure_reason", "error"}) {
        const std::string_view word = member_text(error, key);
        if (e.code.empty()) e.code = word;
        take_word(word, judge_word(word), e);
    }
    for (const char* key : {"message", "error_details"}) {
        if (e.text.empty()) e.text = member_text(error, key);
    }
}

// "Edit Order": its reasons come as a list, as one object, or as an error_response.
void read_amend_refusal(dom::object body, Envelope& e)
{
    e.verdict = {};
    dom::array list;
    dom::object one;
    if (!body.at_key("errors").get_array().get(list)) {
        for (const auto element : list) {
            if (!element.get_object().get(one)) read_amend_reasons(one, e);
        }
    } else if (!body.at_key("errors").get_object().get(one)) {
        read_amend_reasons(one, e);
    }
    if (!body.at_key("error_response").get_object().get(one)) read_amend_reasons(one, e);
}

}  // namespace

Envelope read_answer(simdjson::dom::parser& parser, const HttpReply& reply)
{
    Envelope e;
    e.verdict = judge_status(reply.status, reply.sent);
    dom::object body;
    e.has_data = reply.body.size != 0 && !parser.parse(reply.body.data, reply.body.size, false).get(e.data) &&
                 !e.data.get_object().get(body);
    if (!e.has_data) return e;
    if (reply.status == 200) {
        e.verdict = {Outcome::done, RejectReason::none};
        return e;
    }
    read_refusal(body, e);
    const bool asked_wrongly = reply.status >= 400 && reply.status < 500;
    if (asked_wrongly && e.verdict.outcome == Outcome::unknown) e.verdict = judge_word(e.code);
    return e;
}

Next OrderAnswers::placed(Inquiry& q, Object body, FactSink& sink) const
{
    // HTTP 200 either way.
    PrivateFields fields(body);
    const bool success = fields.flag("success");
    if (!fields.ok()) return cannot_read(q);
    if (!success) {
        Envelope e;
        read_place_refusal(body, e);
        return Inquiries::trouble(q, e.verdict, e.code, e.text);
    }
    const dom::object response = fields.inner("success_response");
    if (!fields.ok()) return cannot_read(q);
    PrivateFields inner(response);
    OrderReport report;
    report.venue_id = inner.text("order_id");
    report.client_id = inner.text("client_order_id", false);
    const bool other = !report.client_id.empty() && parse_client_order_id(report.client_id) != q.order.order;
    if (!plain_id(report.venue_id) || other) return cannot_read(q);
    report.order = q.order.order;
    report.listing = q.order.listing;
    report.source = ReportSource::reply;
    report.status = OrderStatus::pending;  // taken, no more is said
    report.side = inner.text("side", false) == "SELL" ? Side::sell : Side::buy;
    tools_->decoder.known().put(report.venue_id, report.order, report.listing);
    sink.on_order_report(report);
    return Next::over;
}

// Success says that the wish was taken, whatever reasons stand beside it. That the order has the price is
// told by the user channel.
Next OrderAnswers::amended(Inquiry& q, Object body) const
{
    PrivateFields fields(body);
    const bool success = fields.flag("success");
    dom::object response;
    const bool named = !body.at_key("success_response").get_object().get(response);
    const std::string_view id = named ? member_text(response, "order_id") : std::string_view();
    if (!fields.ok() || (success && !id.empty() && id != q.venue_id)) return cannot_read(q);
    if (success) return Next::over;
    Envelope e;
    read_amend_refusal(body, e);
    not_amended(q, e.verdict);
    return Inquiries::trouble(q, e.verdict, e.code, e.text);
}

void OrderAnswers::not_amended(const Inquiry& q, Verdict verdict) const
{
    KnownOrder* const known = tools_->decoder.known().find(q.venue_id);
    if (known != nullptr && verdict.outcome != Outcome::unknown) known->amending = {};
}

Next OrderAnswers::cancelled(Inquiry& q, Object body)
{
    dom::object result;
    if (body.at_key("results").at(0).get_object().get(result)) return cannot_read(q);
    PrivateFields fields(result);
    const bool success = fields.flag("success");
    const bool same = fields.text("order_id") == q.venue_id;
    if (!fields.ok() || !same) return cannot_read(q);
    if (success) return Next::over;
    const std::string_view word = fields.text("failure_reason", false);
    return Inquiries::trouble(q, judge_word(word), word, {});
}

std::span<const std::string> OrderAnswers::batch(const Inquiry& q)
{
    constexpr std::size_t kCancelsMax = 100;  // "Cancel Orders": ids in a request
    const std::span<const std::string> left = std::span(q.ids).subspan(q.ids_done);
    return left.first(std::min(left.size(), kCancelsMax));
}

Next OrderAnswers::batch_cancelled(Inquiry& q, Object body)
{
    PrivateFields fields(body);
    const dom::array results = fields.list("results");
    if (!fields.ok()) return cannot_read(q);
    const std::size_t asked = batch(q).size();
    q.complete = results.size() == asked && q.complete;
    for (const auto element : results) {
        bool success = false;
        if (element.at_key("success").get_bool().get(success) || !success) q.complete = false;
    }
    q.ids_done += asked;
    return q.ids_done < q.ids.size() ? Next::again : Next::over;
}

}  // namespace arb::coinbase
