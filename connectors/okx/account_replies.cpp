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
// How often in a row a job is told to slow down before it ends.
constexpr std::size_t kWaitsMax = 10;
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
    constexpr std::string_view kGone[] = {"51400", "51401", "51402", "51405", "51410",
                                          "51503", "51509", "51510", kNoOrder};
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
    // What is known already stays known: a question in parts goes on with the part that was not answered.
    const bool in_parts = job.answered || job.kind == RequestKind::fees;
    if (verdict.outcome == Outcome::rate_limited && in_parts && ++job.waits <= kWaitsMax) return Next::later;
    if (verdict.outcome == Outcome::refused && job.kind == RequestKind::fees)
        return skip_fees(job, verdict, code, text);
    if (verdict != kDone) return trouble(job, verdict, code, text);
    if (!listed) return trouble(job, {}, code, "the reply cannot be read");
    job.answered = true;
    job.waits = 0;
    return read_answer(job, data, now, sink);
}

Account::Next Account::read_answer(Job& job, const simdjson::dom::array& data, Timestamp now, FactSink& sink)
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
        case RequestKind::fills:
            return read_fills(job, data, now, sink);
        case RequestKind::balances:
            return read_balances(job, data, sink);
        case RequestKind::fees:
            return read_fees(job, data, sink);
        case RequestKind::session:
            return read_mode(job, data);
        default:
            return Next::over;
    }
}

// Right after a trade its fee may be an empty text: such a fill is told without one, and the list counts as
// incomplete, so that it is asked for again.
Account::Next Account::read_fills(Job& job, const simdjson::dom::array& data, Timestamp now,
                                  FactSink& sink) const
{
    for (const Json entry : data) {
        bool missing = false;
        job.complete = facts_.fill(entry, stamp(now), sink, missing) && job.complete;
        job.fee_missing = job.fee_missing || missing;
    }
    if (next_page(job, "billId", data) == Next::request) return Next::request;
    if (wants_history(job) && ++job.step < kKinds) {
        job.after.clear();
        return Next::request;
    }
    if (job.fee_missing) job.complete = false;
    return Next::over;
}

Account::Next Account::read_mode(Job& job, const simdjson::dom::array& data) const
{
    if (data.size() != 1) return trouble(job, {}, {}, "the account's settings cannot be read");
    const std::string wrong = read_account_mode(data.at(0).value_unsafe(), facts_.has_contracts(), job.mode);
    if (wrong.empty()) return Next::over;
    job.mode_wrong = true;
    return trouble(job, {Outcome::refused, RejectReason::permission}, {}, wrong);
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
        if (symbol.empty() || !plain(id)) job.complete = false;  // an order that nobody can cancel
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
    // Answers stand in the order of the request.
    std::size_t place = job.from;
    const std::size_t last = std::min(place + kBatch, job.to_cancel.size());
    if (place + data.size() != last) job.complete = false;
    bool slower = false;
    for (const Json entry : data) {
        AccountFields fields(entry);
        const std::string_view code = fields.text("sCode", false);
        const Verdict verdict = gone(code) ? kDone : judge(200, code);
        const std::size_t which = place++;
        if (verdict == kDone) continue;
        if (verdict.outcome == Outcome::rate_limited && which < last && job.waits < kWaitsMax) {
            job.to_cancel.push_back(std::string(job.to_cancel[which]));
            slower = true;
            continue;
        }
        // The first trouble is told; what can be cancelled is cancelled all the same.
        if (job.verdict == kDone) (void)trouble(job, verdict, code, fields.text("sMsg", false));
        job.complete = false;
    }
    job.waits = slower ? job.waits + 1 : 0;
    job.from = last;
    if (last == job.to_cancel.size()) return Next::over;
    return slower ? Next::later : Next::request;
}

Account::Next Account::read_balances(Job& job, const simdjson::dom::array& data, FactSink& sink) const
{
    if (job.step == 0) {
        // An account without money answers with an entry without details.
        if (data.size() == 0) return trouble(job, {}, {}, "an empty answer");
        for (const Json entry : data)
            job.complete = facts_.balances(entry, ReportSource::query, sink) && job.complete;
        if (!facts_.has_contracts()) return Next::over;
        job.seen.assign(setup_.table->listings().size(), false);
        job.step = 1;
        return Next::request;
    }
    for (const Json entry : data) {
        ListingId which = kNoListing;
        const bool read = facts_.position(entry, ReportSource::query, sink, which);
        if (which != kNoListing) job.seen[index(which)] = true;
        // A stranger's instrument is reported and takes nothing from the list.
        const bool strange = which == kNoListing && !AccountFields(entry).text("instId", false).empty();
        job.complete = (read || strange) && job.complete;
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
        return skip_fees(job, {}, {}, "the fee rates cannot be read");
    return ++job.step == job.listings.size() ? Next::over : Next::request;
}

// What is not told of one listing (the venue shows no rates of pairs without a fee) is told of the others.
Account::Next Account::skip_fees(Job& job, Verdict verdict, std::string_view code,
                                 std::string_view text) const
{
    if (job.verdict == kDone) (void)trouble(job, verdict, code, text);
    return ++job.step == job.listings.size() ? Next::over : Next::request;
}

}  // namespace arb::okx
