// What REST answers mean for the job that asked: facts, a further request, or its end.
#include <algorithm>

#include <fmt/format.h>

#include "connectors/okx/account.hpp"
#include "engine/venue/account_fields.hpp"

namespace arb::okx {
namespace {

constexpr Verdict kDone{Outcome::done, RejectReason::none};
constexpr std::size_t kPage = 100;
constexpr std::size_t kPagesMax = 500;
constexpr std::size_t kKinds = 3;
// "Order does not exist": the only answer that says so.
constexpr std::string_view kNoOrder = "51603";

bool plain(std::string_view text)
{
    return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    });
}

// A cancellation that comes too late has nothing left to do.
bool gone(std::string_view code)
{
    constexpr std::string_view kGone[] = {"51400", "51401", "51402", "51410", "51503", kNoOrder};
    return std::find(std::begin(kGone), std::end(kGone), code) != std::end(kGone);
}

}  // namespace

Account::Next Account::trouble(Job& job, Verdict verdict, std::string_view code, std::string_view text) const
{
    // A key that may not use the timer may still be good for the rest.
    if (job.kind == RequestKind::dead_man && verdict.outcome == Outcome::key_trouble)
        verdict = {Outcome::refused, verdict.reason};
    job.verdict = verdict;
    job.complete = false;
    job.code = code;
    job.text = text;
    return Next::over;
}

Account::Next Account::read(Job& job, const HttpReply& reply, Timestamp now, FactSink& sink)
{
    if (job.kind == RequestKind::key_info) return read_key(job, reply, sink);
    job.retry_after = reply.retry_after;
    if (reply.status == 0) {
        return trouble(job, reply.sent ? Verdict{} : Verdict{Outcome::refused, RejectReason::other}, {},
                       "no reply");
    }
    Json root;
    const bool readable =
        parser_.parse(reply.body.data, reply.body.size, false).get(root) == simdjson::SUCCESS &&
        root.is_object();
    std::string_view code, text;
    if (readable) {
        code = AccountFields(root).text("code", false);
        text = AccountFields(root).text("msg", false);
    }
    simdjson::dom::array data;
    const bool listed = readable && root["data"].get(data) == simdjson::SUCCESS;
    // "1" and "2": all or some of a batch failed; each item tells its own.
    if (job.kind == RequestKind::cancel_all && job.step > 0 && listed && data.size() > 0 &&
        reply.status < 300 && (code == "0" || code == "1" || code == "2"))
        return read_cancelled(job, data);
    if (job.kind == RequestKind::query_order && code == kNoOrder && reply.status < 500) {
        const ClientOrderId client = client_order_id(job.order.order);
        OrderReport report;
        report.order = job.order.order;
        report.listing = job.order.listing;
        report.status = OrderStatus::absent;
        report.source = ReportSource::query;
        if (job.order.order != kForeignOrder) report.client_id = client.view();
        sink.on_order_report(report);
        return Next::over;
    }
    const Verdict verdict = judge(reply.status, code);
    if (verdict != kDone) return trouble(job, verdict, code, text);
    if (!listed) return trouble(job, {}, code, "the reply cannot be read");
    return read_answer(job, data, now, sink);
}

Account::Next Account::read_answer(Job& job, const simdjson::dom::array& data, Timestamp now,
                                   FactSink& sink) const
{
    switch (job.kind) {
        case RequestKind::time:
            return read_time(job, data, now, sink);
        case RequestKind::query_order: {
            // Nothing, and yet no word that there is nothing.
            if (data.size() == 0) return trouble(job, {}, {}, "an empty answer");
            if (!facts_.order(data.at(0).value_unsafe(), ReportSource::query, sink))
                return trouble(job, {}, {}, "the order cannot be read");
            return Next::over;
        }
        case RequestKind::open_orders:
            for (const Json entry : data)
                job.complete = facts_.order(entry, ReportSource::query, sink) && job.complete;
            return next_page(job, "ordId", data);
        case RequestKind::cancel_all:
            return collect_orders(job, data);
        case RequestKind::fills: {
            for (const Json entry : data) job.complete = facts_.fill(entry, sink) && job.complete;
            if (next_page(job, "billId", data) == Next::request) return Next::request;
            if (!wants_history(job) || ++job.step == kKinds) return Next::over;
            job.after.clear();
            return Next::request;
        }
        case RequestKind::balances:
            return read_balances(job, data, sink);
        case RequestKind::fees:
            return read_fees(job, data, sink);
        default:
            return Next::over;
    }
}

// A full page has another one after it.
Account::Next Account::next_page(Job& job, std::string_view key, const simdjson::dom::array& data) const
{
    if (data.size() < kPage) return Next::over;
    const std::string last(AccountFields(data.at(data.size() - 1).value_unsafe()).text(key, false));
    if (!plain(last) || last == job.after || ++job.pages == kPagesMax) {
        job.complete = false;
        return Next::over;
    }
    job.after = last;
    return Next::request;
}

Account::Next Account::read_time(Job& job, const simdjson::dom::array& data, Timestamp now,
                                 FactSink& sink) const
{
    if (data.size() == 0) return trouble(job, {}, {}, "an empty answer");
    AccountFields fields(data.at(0).value_unsafe());
    const Timestamp time = fields.milliseconds_time("ts", true);
    if (!fields.ok() || !time.known()) return trouble(job, {}, {}, "the time cannot be read");
    sink.on_clock_sample(time, job.asked, now);
    return Next::over;
}

Account::Next Account::collect_orders(Job& job, const simdjson::dom::array& data) const
{
    for (const Json entry : data) {
        AccountFields fields(entry);
        const std::string_view symbol = fields.text("instId");
        const std::string_view id = fields.text("ordId");
        const Listing* listing = setup_.table->find_symbol(setup_.id, symbol);
        if (listing == nullptr || !plain(id) ||
            std::find(job.listings.begin(), job.listings.end(), listing->id) == job.listings.end())
            continue;
        job.to_cancel.push_back(fmt::format(R"({{"instId":"{}","ordId":"{}"}})", listing->symbol, id));
    }
    if (next_page(job, "ordId", data) == Next::request) return Next::request;
    if (job.to_cancel.empty()) return Next::over;
    job.step = 1;
    return Next::request;
}

Account::Next Account::read_cancelled(Job& job, const simdjson::dom::array& data) const
{
    for (const Json entry : data) {
        AccountFields fields(entry);
        const std::string_view code = fields.text("sCode", false);
        const Verdict verdict = gone(code) ? kDone : judge(200, code);
        if (verdict == kDone) continue;
        // The first trouble is told; what can be cancelled is cancelled all the same.
        if (job.verdict == kDone) (void)trouble(job, verdict, code, fields.text("sMsg", false));
        job.complete = false;
    }
    if (job.step * kBatch >= job.to_cancel.size()) return Next::over;
    ++job.step;
    return Next::request;
}

Account::Next Account::read_balances(Job& job, const simdjson::dom::array& data, FactSink& sink) const
{
    if (job.step == 0) {
        for (const Json entry : data)
            job.complete = facts_.balances(entry, ReportSource::query, sink) && job.complete;
        if (!facts_.has_contracts()) return Next::over;
        job.seen.assign(setup_.table->listings().size(), false);
        job.step = 1;
        return Next::request;
    }
    for (const Json entry : data) {
        ListingId which = kNoListing;
        // A stranger's instrument is reported and takes nothing from the list.
        (void)facts_.position(entry, ReportSource::query, sink, which);
        if (which != kNoListing) job.seen[index(which)] = true;
    }
    // Flat positions are left out of the answer.
    for (const Listing& listing : setup_.table->listings()) {
        const bool contract = setup_.table->instrument(listing.instrument).kind != InstrumentKind::spot;
        if (listing.venue == setup_.id && contract && !job.seen[index(listing.id)])
            facts_.flat(listing.id, sink);
    }
    return Next::over;
}

Account::Next Account::read_fees(Job& job, const simdjson::dom::array& data, FactSink& sink) const
{
    if (data.size() == 0 || !facts_.fees(data.at(0).value_unsafe(), job.listings[job.step], sink))
        return trouble(job, {}, {}, "the fee rates cannot be read");
    return ++job.step == job.listings.size() ? Next::over : Next::request;
}

}  // namespace arb::okx
