#include "engine/connect/inquiries.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/connect/request_end.hpp"

namespace arb {
namespace {

// A list that is longer is cut, and said to be.
constexpr std::size_t kPagesMax = 500;
constexpr std::size_t kMarkMost = 1024;

}  // namespace

bool is_plain_id(std::string_view text)
{
    return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
               c == '_';
    });
}

Next Inquiries::trouble(Inquiry& inquiry, Verdict verdict, std::string_view code, std::string_view text)
{
    // A key that may not use the timer may still be good for the rest.
    if (inquiry.kind == RequestKind::dead_man && verdict.outcome == Outcome::key_trouble)
        verdict = {Outcome::refused, verdict.reason};
    inquiry.complete = false;
    if (!inquiry.verdict.done()) return Next::over;
    inquiry.verdict = verdict;
    inquiry.code = code;
    inquiry.text = text;
    return Next::over;
}

Next InquiryProtocol::on_refusal(Inquiry& inquiry, const Envelope& envelope, FactSink&)
{
    const Verdict verdict = envelope.verdict;
    const Next next = Inquiries::trouble(inquiry, verdict, envelope.code, envelope.text);
    const bool one = inquiry.kind == RequestKind::fees && verdict.outcome == Outcome::refused;
    return one && !envelope.is_silent ? Inquiries::next_step(inquiry, parts(inquiry)) : next;
}

void Inquiries::tell_absent(const Inquiry& inquiry, FactSink& sink, OrderStatus status)
{
    const ClientOrderId client = client_order_id(inquiry.order.order);
    OrderReport report;
    report.order = inquiry.order.order;
    report.listing = inquiry.order.listing;
    report.status = status;
    report.has_filled = status != OrderStatus::absent;
    report.source = ReportSource::query;
    if (report.order != kForeignOrder) report.client_id = client.view();
    sink.on_order_report(report);
}

Next Inquiries::next_step(Inquiry& inquiry, std::size_t count)
{
    inquiry.cursor.clear();
    inquiry.pages = 0;
    inquiry.window = inquiry.since;
    return ++inquiry.step < count ? Next::again : Next::over;
}

Next Inquiries::next_page(Inquiry& inquiry, std::string_view mark, bool full)
{
    if (!full) return Next::over;
    if (mark.empty() || mark.size() > kMarkMost || mark == inquiry.cursor || ++inquiry.pages == kPagesMax) {
        inquiry.complete = false;
        return Next::over;
    }
    inquiry.cursor = mark;
    return Next::again;
}

bool Inquiries::is_out(RequestKind kind) const
{
    return std::any_of(out_.begin(), out_.end(), [&](const Inquiry& i) { return i.kind == kind; });
}

void Inquiries::begin(Inquiry inquiry, Timestamp now, FactSink& sink, Outbox& outbox)
{
    // The text behind the reference is good only during this call.
    if (inquiry.order.order == kForeignOrder && is_plain_id(inquiry.order.venue_id))
        inquiry.venue_id = inquiry.order.venue_id;
    inquiry.order.venue_id = {};
    inquiry.window = inquiry.since;
    if (protocol_->parts(inquiry) == 0) return conclude(inquiry, now, sink, outbox);
    if (inquiry.kind == RequestKind::fees && join_fees(inquiry)) return;
    if (join_same(inquiry)) return;
    ask(std::move(inquiry), now, sink, outbox);
}

bool Inquiries::join_fees(const Inquiry& inquiry)
{
    for (Inquiry& running : out_) {
        if (running.kind != RequestKind::fees) continue;
        running.askers += inquiry.askers;
        for (const ListingId listing : inquiry.listings) {
            if (std::find(running.listings.begin(), running.listings.end(), listing) ==
                running.listings.end())
                running.listings.push_back(listing);
        }
        return true;
    }
    return false;
}

bool Inquiries::join_same(const Inquiry& inquiry)
{
    for (Inquiry& waiting : out_) {
        if (waiting.begun || waiting.own != inquiry.own || !protocol_->is_same(waiting, inquiry)) continue;
        waiting.since = waiting.window = std::min(waiting.since, inquiry.since);
        // A question that was cut when it was asked is not whole for sharing the answer.
        waiting.complete = waiting.complete && inquiry.complete;
        waiting.askers += inquiry.askers;
        return true;
    }
    return false;
}

void Inquiries::ask(Inquiry inquiry, Timestamp now, FactSink& sink, Outbox& outbox)
{
    inquiry.tag = 0;
    inquiry.due = now;
    out_.push_back(std::move(inquiry));
    pump(now, sink, outbox);
}

bool Inquiries::may_go(const Inquiry& inquiry, Timestamp now) const
{
    if (inquiry.tag != 0 || inquiry.due > now) return false;
    return std::none_of(out_.begin(), out_.end(), [&](const Inquiry& other) {
        if (rules_.in_order && !inquiry.is_public && !other.is_public && other.tag != 0) return true;
        return !inquiry.begun && other.begun && protocol_->is_same(other, inquiry);
    });
}

// What may leave leaves. Where requests go one by one, the next in turn keeps its place while it waits for a
// counter: what costs little would keep back for ever what costs much.
void Inquiries::pump(Timestamp now, FactSink& sink, Outbox& outbox)
{
    for (;;) {
        auto next = out_.end();
        for (auto i = out_.begin(); i != out_.end(); ++i) {
            if (may_go(*i, now) && (next == out_.end() || protocol_->goes_before(*i, *next))) next = i;
        }
        if (next == out_.end()) return;
        Inquiry inquiry = std::move(*next);
        const auto place = next - out_.begin();
        out_.erase(next);
        inquiry.asked = now;
        inquiry.venue_asked = now + offset_;
        const Ask ask = protocol_->ask(inquiry);
        const Timestamp at = leaves_at(inquiry, ask, now);
        if (at <= now) {
            send(std::move(inquiry), ask, now, sink, outbox);
        } else if (at - now > rules_.wait_most) {
            inquiry.retry_after = at - now;
            (void)trouble(inquiry, {Outcome::rate_limited, RejectReason::rate_limited}, {}, rules_.wait_text);
            conclude(inquiry, now, sink, outbox);
        } else if (rules_.in_order && !inquiry.is_public) {
            out_.insert(out_.begin() + place, std::move(inquiry));
            outbox.wake_at(setup_.id, at);
            return;
        } else {
            wait(std::move(inquiry), at, outbox);
        }
    }
}

Timestamp Inquiries::leaves_at(const Inquiry& inquiry, const Ask& ask, Timestamp now)
{
    if (inquiry.kind == RequestKind::fees && !fees_sent_.empty()) {
        const Timestamp oldest = fees_sent_[fees_next_];
        if (oldest.known() && now - oldest < rules_.fees_window) return oldest + rules_.fees_window;
    }
    return protocol_->leaves_at(inquiry, ask, now);
}

void Inquiries::note_sent(const Inquiry& inquiry, const Ask& ask, Timestamp now)
{
    protocol_->on_sent(inquiry, ask, now);
    if (inquiry.kind != RequestKind::fees || fees_sent_.empty()) return;
    fees_sent_[fees_next_] = now;
    fees_next_ = (fees_next_ + 1) % fees_sent_.size();
}

void Inquiries::send(Inquiry inquiry, const Ask& ask, Timestamp now, FactSink& sink, Outbox& outbox)
{
    HttpRequest request;
    if (!protocol_->sign(ask, inquiry.venue_asked, request)) {
        (void)trouble(inquiry, protocol_->on_signer_refusal(inquiry), {}, "the signer refused");
        return conclude(inquiry, now, sink, outbox);
    }
    request.venue = setup_.id;
    request.method = ask.method;
    request.is_signed = ask.is_signed;
    request.secret_reply = ask.secret_reply;
    request.tag = inquiry.tag = next_tag_++;
    inquiry.begun = true;
    note_sent(inquiry, ask, now);
    if (ask.is_signed) outbox.used_key(setup_.id, ask.endpoint.empty() ? ask.path : ask.endpoint);
    out_.push_back(std::move(inquiry));
    outbox.request(request);
    outbox.wake_at(setup_.id, now + rules_.answer_max);
}

// It goes on where it stands.
void Inquiries::wait(Inquiry inquiry, Timestamp due, Outbox& outbox)
{
    inquiry.tag = 0;
    inquiry.due = due;
    out_.push_back(std::move(inquiry));
    outbox.wake_at(setup_.id, due);
}

bool Inquiries::on_http(const HttpReply& reply, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (reply.tag == 0 || reply.tag >= next_tag_) return false;
    const auto found =
        std::find_if(out_.begin(), out_.end(), [&](const Inquiry& i) { return i.tag == reply.tag; });
    if (found == out_.end()) return true;  // its time was over
    Inquiry inquiry = std::move(*found);
    out_.erase(found);
    inquiry.may_wait = inquiry.waits < rules_.waits_max;
    protocol_->on_reply(inquiry, reply, now);
    const Next next = answer(inquiry, reply, now, sink);
    for (Inquiry& own : protocol_->own_questions()) begin(std::move(own), now, sink, outbox);
    go_on(std::move(inquiry), next, now, sink, outbox);
    pump(now, sink, outbox);
    return true;
}

void Inquiries::go_on(Inquiry inquiry, Next next, Timestamp now, FactSink& sink, Outbox& outbox)
{
    inquiry.waits = next == Next::later ? inquiry.waits + 1 : 0;
    if (next == Next::again)
        ask(std::move(inquiry), now, sink, outbox);
    else if (next == Next::later)
        wait(std::move(inquiry), now + std::max(inquiry.retry_after, rules_.slow_down), outbox);
    else
        conclude(inquiry, now, sink, outbox);
}

Next Inquiries::answer_none(Inquiry& inquiry, Verdict verdict, std::string_view text, FactSink& sink)
{
    Envelope envelope;
    envelope.verdict = verdict;
    envelope.text = text;
    envelope.is_silent = true;
    return protocol_->on_refusal(inquiry, envelope, sink);
}

Next Inquiries::answer(Inquiry& inquiry, const HttpReply& reply, Timestamp now, FactSink& sink)
{
    inquiry.retry_after = reply.retry_after;
    if (reply.status == 0) {
        return answer_none(inquiry, reply.sent ? Verdict{} : Verdict{Outcome::refused, RejectReason::other},
                           "no reply", sink);
    }
    Envelope envelope = protocol_->open(inquiry, reply);
    envelope.status = reply.status;
    if (inquiry.retry_after == Duration{}) inquiry.retry_after = envelope.retry_after;
    if (const std::optional<Next> anew = protocol_->sends_anew(inquiry, envelope, now)) return *anew;
    const Verdict verdict = envelope.verdict;
    if (inquiry.kind == RequestKind::key_info) return answer_key(inquiry, reply, envelope, sink);
    if (verdict.outcome == Outcome::rate_limited && inquiry.may_wait && protocol_->is_patient(inquiry))
        return Next::later;
    if (!verdict.done()) return protocol_->on_refusal(inquiry, envelope, sink);
    const bool time = inquiry.kind == RequestKind::time;
    if (!envelope.has_data || (time && !envelope.venue_time.known())) {
        envelope.verdict = {};
        envelope.text = time ? "the time cannot be read" : "the reply cannot be read";
        return protocol_->on_refusal(inquiry, envelope, sink);
    }
    inquiry.answered = true;
    if (!time) return protocol_->read(inquiry, envelope, sink);
    sink.on_clock_sample(envelope.venue_time, inquiry.asked, now);
    return Next::over;
}

Next Inquiries::answer_key(Inquiry& inquiry, const HttpReply& reply, const Envelope& envelope, FactSink& sink)
{
    const Verdict verdict = envelope.verdict;
    if (verdict.done()) {
        KeyTexts texts;
        KeyReport report = protocol_->read_key(reply.body.view(), texts);
        inquiry.key_answer = report.answer;
        if (report.answer != KeyAnswer::told) return trouble(inquiry, {}, {}, report.text);
        report.label = setup_.credentials->label;
        sink.on_key_report(report);
        return Next::over;
    }
    // A key that may not ask is not taken here either, though the venue knows it.
    const bool refused = (verdict.outcome == Outcome::key_trouble && verdict.reason != RejectReason::clock &&
                          reply.status < 500) ||
                         verdict == Verdict{Outcome::refused, RejectReason::permission};
    const bool absent = reply.status == 404 || reply.status == 405 || envelope.is_unknown;
    const bool unreadable = reply.status == 200 && (rules_.has_codes ? envelope.code : envelope.text).empty();
    const KeyAnswer judged = refused      ? KeyAnswer::refused
                             : absent     ? KeyAnswer::absent
                             : unreadable ? KeyAnswer::unreadable
                                          : KeyAnswer::none;
    inquiry.key_answer = envelope.key_answer.value_or(judged);
    if (!envelope.key_answer && judged == KeyAnswer::unreadable)
        return trouble(inquiry, verdict, {}, fmt::format("the reply has no {}", rules_.code_name));
    if (!envelope.text.empty()) return trouble(inquiry, verdict, envelope.code, envelope.text);
    return trouble(inquiry, verdict, envelope.code, fmt::format("HTTP status {}", reply.status));
}

void Inquiries::conclude(const Inquiry& inquiry, Timestamp now, FactSink& sink, Outbox& outbox) const
{
    if (inquiry.kind == RequestKind::key_info && inquiry.key_answer != KeyAnswer::told) {
        KeyReport report;
        report.label = setup_.credentials->label;
        report.answer = inquiry.key_answer;
        report.text = inquiry.text;
        sink.on_key_report(report);
    }
    if (inquiry.own) return own_end_(inquiry, now, sink, outbox);
    for (std::size_t i = 0; i < inquiry.askers; ++i) {
        tell_request_end(inquiry.kind, inquiry.verdict, inquiry.order.order, inquiry.code, inquiry.text, sink,
                         inquiry.complete, inquiry.retry_after);
    }
}

// Whatever is over may move all the others, so each is looked for anew, and those that stay are seen to last.
void Inquiries::on_wake(Timestamp now, FactSink& sink, Outbox& outbox)
{
    const auto is_late = [&](const Inquiry& i) { return i.tag != 0 && now >= i.asked + rules_.answer_max; };
    for (auto late = std::find_if(out_.begin(), out_.end(), is_late); late != out_.end();
         late = std::find_if(out_.begin(), out_.end(), is_late)) {
        Inquiry inquiry = std::move(*late);
        out_.erase(late);
        const std::string text = fmt::format("no answer within {} s", rules_.answer_max.ns / seconds(1).ns);
        inquiry.retry_after = {};
        const Next next = answer_none(inquiry, {}, text, sink);
        go_on(std::move(inquiry), next, now, sink, outbox);
    }
    pump(now, sink, outbox);
    for (const Inquiry& inquiry : out_) {
        const Timestamp due = inquiry.tag == 0 ? inquiry.due : inquiry.asked + rules_.answer_max;
        if (due > now) outbox.wake_at(setup_.id, due);
    }
}

void tell_flat_positions(const VenueSetup& setup, const std::vector<bool>& seen, FactSink& sink)
{
    for (const Listing& listing : setup.table->listings()) {
        const Instrument& instrument = setup.table->instrument(listing.instrument);
        if (listing.venue != setup.id || instrument.kind == InstrumentKind::spot || seen[index(listing.id)])
            continue;
        BalanceReport report;
        report.asset = instrument.name;
        report.has_total = true;
        report.source = ReportSource::query;
        sink.on_balance_report(report);
    }
}

}  // namespace arb
