// OKX's account by REST: each question is one job that asks one request at a time, page by page or part by
// part, and ends once.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "connectors/okx/account.hpp"
#include "connectors/okx/signer.hpp"
#include "engine/venue/account_fields.hpp"

namespace arb::okx {
namespace {

constexpr std::string_view kBase = "https://www.okx.com";
constexpr Duration kRestAnswerMax = seconds(10);
// "Cancel All After": 10 to 120 s; one request a second at most.
constexpr Duration kDeadManRefresh = seconds(15);
constexpr std::string_view kDeadManSeconds = "60";
// Told to slow down without a time: the venue counts in spans of 2 s.
constexpr Duration kSlowDown = seconds(2);
// "Get transaction details (last 3 days)"; what is older has another address, which wants a kind.
constexpr Duration kRecentFills = seconds(3 * 86'400 - 3'600);
constexpr std::string_view kInstrumentTypes[] = {"SPOT", "SWAP", "FUTURES"};

constexpr Verdict kReplyDone{Outcome::done, RejectReason::none};

std::string_view type_text(const Listing& listing)
{
    if (listing.market == "swap") return "SWAP";
    return listing.market == "futures" ? "FUTURES" : "SPOT";
}

bool plain_id(std::string_view text)
{
    return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    });
}

}  // namespace

HttpRequest Account::signed_request(std::string method, const std::string& path, std::string body,
                                    Timestamp now, bool& good) const
{
    HttpRequest request;
    request.venue = setup_.id;
    request.url = std::string(kBase) + path;
    request.is_signed = true;
    const std::string time = iso_time(stamp(now));
    const auto phrase = setup_.credentials->passphrase.bytes();
    std::string signature = sign_request(*setup_.credentials, time, method, path, body);
    good = !signature.empty();
    request.headers = {{"OK-ACCESS-KEY", setup_.credentials->key_id},
                       {"OK-ACCESS-SIGN", std::move(signature)},
                       {"OK-ACCESS-TIMESTAMP", time},
                       {"OK-ACCESS-PASSPHRASE", std::string(phrase.begin(), phrase.end())},
                       {"Content-Type", "application/json"}};
    request.method = std::move(method);
    request.body = std::move(body);
    return request;
}

bool Account::wants_history(const Job& job) const
{
    return stamp(job.asked) - job.since >= kRecentFills;
}

std::string Account::path_of(const Job& job) const
{
    const std::string page = job.after.empty() ? std::string() : "&after=" + job.after;
    switch (job.kind) {
        case RequestKind::query_order: {
            const std::string& symbol = setup_.table->listing(job.order.listing).symbol;
            if (job.order.order == kForeignOrder)
                return fmt::format("/api/v5/trade/order?instId={}&ordId={}", symbol, job.venue_id);
            return fmt::format("/api/v5/trade/order?instId={}&clOrdId={}", symbol,
                               client_order_id(job.order.order).view());
        }
        case RequestKind::open_orders:
        case RequestKind::cancel_all:
            return "/api/v5/trade/orders-pending?limit=100" + page;
        case RequestKind::fills: {
            const std::int64_t begin = job.since.ns / 1'000'000;
            if (!wants_history(job))
                return fmt::format("/api/v5/trade/fills?begin={}&limit=100{}", begin, page);
            return fmt::format("/api/v5/trade/fills-history?instType={}&begin={}&limit=100{}",
                               kInstrumentTypes[job.step], begin, page);
        }
        case RequestKind::balances:
            return job.step == 0 ? "/api/v5/account/balance" : "/api/v5/account/positions";
        case RequestKind::fees: {
            const Listing& l = setup_.table->listing(job.listings[job.step]);
            const std::string_view kind = type_text(l);
            return fmt::format("/api/v5/account/trade-fee?instType={}&{}={}", kind,
                               kind == "SPOT" ? "instId" : "instFamily",
                               kind == "SPOT" ? l.symbol : l.symbol.substr(0, l.symbol.rfind('-')));
        }
        case RequestKind::key_info:
        case RequestKind::session:
            return "/api/v5/account/config";
        default:
            return "/api/v5/public/time";
    }
}

HttpRequest Account::request_of(const Job& job, Timestamp now, std::string& endpoint, bool& good) const
{
    if (job.kind == RequestKind::dead_man) {
        endpoint = "/api/v5/trade/cancel-all-after";
        return signed_request("POST", endpoint,
                              fmt::format(R"({{"timeOut":"{}","tag":"{}"}})", kDeadManSeconds, kOrderTag),
                              now, good);
    }
    if (job.kind == RequestKind::cancel_all && job.step > 0) {
        endpoint = "/api/v5/trade/cancel-batch-orders";
        std::string body;
        const std::size_t first = job.from;
        for (std::size_t i = first; i < std::min(first + kBatch, job.to_cancel.size()); ++i)
            body += (i == first ? "" : ",") + job.to_cancel[i];
        return signed_request("POST", endpoint, "[" + body + "]", now, good);
    }
    const std::string path = path_of(job);
    endpoint = path.substr(0, path.find('?'));
    if (job.kind != RequestKind::time) return signed_request("GET", path, {}, now, good);
    HttpRequest request;
    request.venue = setup_.id;
    request.url = std::string(kBase) + path;
    good = true;
    return request;
}

void Account::begin(Job job, Timestamp now, FactSink& sink, Outbox& outbox)
{
    const bool nothing = job.kind == RequestKind::fees && job.listings.empty();
    if (nothing)
        finish(job, sink);
    else
        ask(std::move(job), now, sink, outbox);
}

void Account::ask(Job job, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (job.kind == RequestKind::fees) {
        Timestamp& oldest = fee_pace_.sent[fee_pace_.next];
        if (oldest.known() && now - oldest < FeePace::kWindow) {
            wait(std::move(job), oldest + FeePace::kWindow, outbox);
            return;
        }
        oldest = now;
        fee_pace_.next = (fee_pace_.next + 1) % fee_pace_.sent.size();
    }
    job.asked = now;
    job.tag = next_tag_++;
    std::string endpoint;
    bool good = false;
    HttpRequest request = request_of(job, now, endpoint, good);
    if (!good) {
        (void)trouble(job, {Outcome::refused, RejectReason::permission}, {}, "the signer refused");
        conclude(job, now, sink, outbox);
        return;
    }
    request.tag = job.tag;
    if (request.is_signed) outbox.used_key(setup_.id, endpoint);
    jobs_.push_back(std::move(job));
    outbox.request(request);
    outbox.wake_at(setup_.id, now + kRestAnswerMax);
}

// It goes on where it stands.
void Account::wait(Job job, Timestamp due, Outbox& outbox)
{
    job.tag = 0;
    job.due = due;
    jobs_.push_back(std::move(job));
    outbox.wake_at(setup_.id, due);
}

void Account::conclude(const Job& job, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (job.kind == RequestKind::session)
        on_mode(job, now, sink, outbox);
    else
        finish(job, sink);
}

void Account::finish(const Job& job, FactSink& sink) const
{
    if (job.kind == RequestKind::key_info && job.key_answer != KeyAnswer::told) tell_no_key(job, sink);
    RequestEnd e;
    e.kind = job.kind;
    e.outcome = job.verdict.outcome;
    e.reason = job.verdict.reason;
    e.order = job.order.order;
    e.complete = job.complete;
    e.retry_after = job.retry_after;
    e.code = job.verdict == kReplyDone ? std::string_view() : std::string_view(job.code);
    e.text = job.text;
    for (std::size_t i = 0; i < job.askers; ++i) sink.on_request_end(e);
}

void Account::query_time(Timestamp now, FactSink& sink, Outbox& outbox)
{
    begin({}, now, sink, outbox);
}

void Account::query_order(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox)
{
    Job job;
    job.kind = RequestKind::query_order;
    job.order = order;
    job.order.venue_id = {};  // the text is good only during this call
    if (order.order == kForeignOrder && plain_id(order.venue_id)) job.venue_id = order.venue_id;
    begin(std::move(job), now, sink, outbox);
}

void Account::query_open_orders(Timestamp now, FactSink& sink, Outbox& outbox)
{
    Job job;
    job.kind = RequestKind::open_orders;
    begin(std::move(job), now, sink, outbox);
}

void Account::query_fills(Timestamp since, Timestamp now, FactSink& sink, Outbox& outbox)
{
    Job job;
    job.kind = RequestKind::fills;
    job.since = since;
    begin(std::move(job), now, sink, outbox);
}

void Account::query_balances(Timestamp now, FactSink& sink, Outbox& outbox)
{
    Job job;
    job.kind = RequestKind::balances;
    begin(std::move(job), now, sink, outbox);
}

// The venue answers few of these, and whoever waits asks again: a question that is under way answers the new
// one as well, or it would never come to its end.
void Account::query_fees(std::span<const ListingId> listings, Timestamp now, FactSink& sink, Outbox& outbox)
{
    for (Job& running : jobs_) {
        if (running.kind != RequestKind::fees || listings.empty()) continue;
        ++running.askers;
        for (const ListingId listing : listings) {
            if (std::find(running.listings.begin(), running.listings.end(), listing) ==
                running.listings.end())
                running.listings.push_back(listing);
        }
        return;
    }
    Job job;
    job.kind = RequestKind::fees;
    job.listings.assign(listings.begin(), listings.end());
    begin(std::move(job), now, sink, outbox);
}

// There is no cancel-all for ordinary orders: what is open is listed, then cancelled in batches.
void Account::cancel_all(std::span<const ListingId> listings, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (!has_orders()) {
        end(RequestKind::cancel_all, {Outcome::refused, RejectReason::permission}, kForeignOrder, sink, {},
            "this key is for the account alone");
        return;
    }
    Job job;
    job.kind = RequestKind::cancel_all;
    job.listings.assign(listings.begin(), listings.end());
    begin(std::move(job), now, sink, outbox);
}

void Account::arm_dead_man(Timestamp now, FactSink& sink, Outbox& outbox)
{
    dead_man_due_ = now + kDeadManRefresh;
    Job job;
    job.kind = RequestKind::dead_man;
    begin(std::move(job), now, sink, outbox);
    outbox.wake_at(setup_.id, dead_man_due_);
}

bool Account::on_http(const HttpReply& reply, Timestamp now, FactSink& sink, Outbox& outbox)
{
    const auto found = std::find_if(jobs_.begin(), jobs_.end(),
                                    [&](const Job& job) { return reply.tag != 0 && job.tag == reply.tag; });
    // Tags are this half's alone; an unknown one is an answer that came too late.
    if (found == jobs_.end()) return reply.tag != 0;
    Job job = std::move(*found);
    jobs_.erase(found);
    switch (read(job, reply, now, sink)) {
        case Next::request:
            ask(std::move(job), now, sink, outbox);
            break;
        case Next::later:
            wait(std::move(job), now + std::max(reply.retry_after, kSlowDown), outbox);
            break;
        case Next::over:
            conclude(job, now, sink, outbox);
            break;
    }
    return true;
}

void Account::wake_jobs(Timestamp now, FactSink& sink, Outbox& outbox)
{
    for (std::size_t i = 0; i < jobs_.size();) {
        const bool waits = jobs_[i].tag == 0;
        const Timestamp due = waits ? jobs_[i].due : jobs_[i].asked + kRestAnswerMax;
        if (now < due) {
            outbox.wake_at(setup_.id, due);
            ++i;
            continue;
        }
        Job job = std::move(jobs_[i]);
        jobs_.erase(jobs_.begin() + static_cast<std::ptrdiff_t>(i));
        if (waits) {
            ask(std::move(job), now, sink, outbox);
            continue;
        }
        (void)trouble(job, {}, {}, "no answer within 10 s");
        conclude(job, now, sink, outbox);
    }
}

}  // namespace arb::okx
