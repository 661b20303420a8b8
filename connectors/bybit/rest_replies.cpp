// What REST replies say: the envelope judged first, then lists, balances, fees and the time.
#include <charconv>

#include "connectors/bybit/private_fields.hpp"
#include "connectors/bybit/rest_account.hpp"

namespace arb::bybit {
namespace {

Rate rate_of(std::string_view text, bool& good)
{
    constexpr unsigned kRateDecimals = 8;
    const ScaledNumber number = parse_scaled(text, kRateDecimals);
    good = good && number.error == DecimalError::none;
    return {number.value};
}

}  // namespace

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
        if (readable) judged.verdict = verdict_of(code);
        return judged;
    }
    if (readable && code != 0) judged.verdict = verdict_of(code);
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
    bool any = false;
    for (const simdjson::dom::element entry : list) {
        any = true;
        bool good = true;
        switch (job.kind) {
            case RequestKind::query_order:
            case RequestKind::open_orders:
                good = tools_->decoder.order(entry, ReportSource::query, kNoConnection, sink);
                job.found = true;
                break;
            case RequestKind::fills:
                good = tools_->decoder.execution(entry, ReportSource::query, kNoConnection, sink);
                break;
            case RequestKind::fees:
                good = read_fee(job, entry, sink);
                break;
            case RequestKind::balances:
                good = job.next == 0 ? tools_->decoder.wallet(entry, ReportSource::query, judged.time,
                                                              kNoConnection, sink)
                                     : tools_->decoder.position(entry, ReportSource::query, judged.time,
                                                                kNoConnection, sink);
                break;
            default:
                break;
        }
        job.complete = job.complete && good;
    }
    PrivateFields fields(judged.result);
    if (job.kind == RequestKind::query_order) {
        if (job.found) job.next = steps(job);
    } else if (any) {
        job.cursor = fields.text("nextPageCursor");
    }
    return true;
}

bool RestAccount::read_fee(const Job& job, simdjson::dom::element entry, FactSink& sink)
{
    simdjson::dom::object object;
    if (entry.get(object) != simdjson::SUCCESS) return false;
    PrivateFields fields(object);
    const Listing& listing = tools_->setup.table->listing(job.listings[job.next]);
    if (fields.text("symbol") != listing.symbol) return true;
    bool good = true;
    FeeReport report;
    report.listing = listing.id;
    report.maker = rate_of(fields.text("makerFeeRate"), good);
    report.taker = rate_of(fields.text("takerFeeRate"), good);
    if (!good || !fields.ok()) return false;
    sink.on_fee_report(report);
    return true;
}

}  // namespace arb::bybit
