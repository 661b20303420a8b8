// OKX's account by REST, and the facts of orders, fills and balances wherever they come from.
#include <algorithm>

#include <fmt/format.h>

#include "connectors/okx/account.hpp"
#include "connectors/okx/signer.hpp"

namespace arb::okx {
namespace {

constexpr std::string_view kBase = "https://www.okx.com";
constexpr Duration kDeadManRefresh = seconds(15);
constexpr std::string_view kDeadManBody = R"({"timeOut":"60"})";
constexpr std::size_t kPage = 100;

OrderStatus status_of(std::string_view state, bool& known)
{
    known = true;
    if (state == "live" || state == "partially_filled") return OrderStatus::working;
    if (state == "filled") return OrderStatus::filled;
    if (state == "canceled" || state == "mmp_canceled") return OrderStatus::cancelled;
    known = false;
    return OrderStatus::pending;
}

OrderId ours(std::string_view client_id)
{
    return parse_client_order_id(client_id).value_or(kForeignOrder);
}

}  // namespace

HttpRequest Account::signed_request(const std::string& method, const std::string& path,
                                    const std::string& body, Timestamp now) const
{
    HttpRequest request;
    request.venue = setup_.id;
    request.method = method;
    request.url = std::string(kBase) + path;
    request.body = body;
    request.is_signed = true;
    const std::string time = iso_time(stamp(now));
    const auto phrase = setup_.credentials->passphrase.bytes();
    request.headers = {{"OK-ACCESS-KEY", setup_.credentials->key_id},
                       {"OK-ACCESS-SIGN", sign_request(*setup_.credentials, time, method, path, body)},
                       {"OK-ACCESS-TIMESTAMP", time},
                       {"OK-ACCESS-PASSPHRASE", std::string(phrase.begin(), phrase.end())},
                       {"Content-Type", "application/json"}};
    return request;
}

void Account::ask(Question question, std::string_view page, Timestamp now, Outbox& outbox)
{
    question.tag = next_tag_++;
    question.asked = now;
    HttpRequest request = signed_request("GET", question.path + std::string(page), {}, now);
    request.tag = question.tag;
    outbox.used_key(setup_.id, std::string_view(question.path).substr(0, question.path.find('?')));
    questions_.push_back(std::move(question));
    outbox.request(request);
}

void Account::post(Question question, const std::string& body, Timestamp now, Outbox& outbox)
{
    question.tag = next_tag_++;
    question.asked = now;
    HttpRequest request = signed_request("POST", question.path, body, now);
    request.tag = question.tag;
    outbox.used_key(setup_.id, question.path);
    questions_.push_back(std::move(question));
    outbox.request(request);
}

void Account::query_time(Timestamp now, Outbox& outbox)
{
    Question question;
    question.kind = RequestKind::time;
    question.tag = next_tag_++;
    question.asked = now;
    question.path = "/api/v5/public/time";
    HttpRequest request;
    request.venue = setup_.id;
    request.tag = question.tag;
    request.url = std::string(kBase) + question.path;
    questions_.push_back(std::move(question));
    outbox.request(request);
}

void Account::query_order(const OrderReference& order, Timestamp now, Outbox& outbox)
{
    Question question;
    question.kind = RequestKind::query_order;
    question.order = order.order;
    question.listing = order.listing;
    question.path =
        fmt::format("/api/v5/trade/order?instId={}&clOrdId={}", setup_.table->listing(order.listing).symbol,
                    client_order_id(order.order).view());
    ask(std::move(question), {}, now, outbox);
}

void Account::query_open_orders(Timestamp now, Outbox& outbox)
{
    Question question;
    question.kind = RequestKind::open_orders;
    question.path = "/api/v5/trade/orders-pending?limit=100";
    ask(std::move(question), {}, now, outbox);
}

void Account::query_fills(Timestamp since, Timestamp now, Outbox& outbox)
{
    Question question;
    question.kind = RequestKind::fills;
    question.path = fmt::format("/api/v5/trade/fills?begin={}&limit=100", stamp(since).ns / 1'000'000);
    ask(std::move(question), {}, now, outbox);
}

void Account::query_balances(Timestamp now, Outbox& outbox)
{
    Question question;
    question.kind = RequestKind::balances;
    question.path = "/api/v5/account/balance";
    ask(std::move(question), {}, now, outbox);
}

void Account::query_fees(std::span<const ListingId> listings, Timestamp now, FactSink& sink, Outbox& outbox)
{
    fees_open_ += listings.size();
    if (listings.empty()) end(RequestKind::fees, {Outcome::done, RejectReason::none}, kForeignOrder, sink);
    for (const ListingId id : listings) {
        const Listing& l = setup_.table->listing(id);
        Question question;
        question.kind = RequestKind::fees;
        question.listing = id;
        question.path =
            fmt::format("/api/v5/account/trade-fee?instType={}&{}={}", l.market == "spot" ? "SPOT" : "SWAP",
                        l.market == "spot" ? "instId" : "instFamily",
                        l.market == "spot" ? l.symbol : l.symbol.substr(0, l.symbol.rfind('-')));
        ask(std::move(question), {}, now, outbox);
    }
}

void Account::arm_dead_man(Timestamp now, Outbox& outbox)
{
    dead_man_due_ = now + kDeadManRefresh;
    Question question;
    question.kind = RequestKind::dead_man;
    question.told = false;
    question.path = "/api/v5/trade/cancel-all-after";
    post(std::move(question), std::string(kDeadManBody), now, outbox);
    outbox.wake_at(setup_.id, dead_man_due_);
}

// There is no cancel-all for ordinary orders: what is open is listed, then cancelled one by one.
void Account::cancel_all(Timestamp now, FactSink&, Outbox& outbox)
{
    Question question;
    question.kind = RequestKind::cancel_all;
    question.path = "/api/v5/trade/orders-pending?limit=100";
    ask(std::move(question), {}, now, outbox);
}

bool Account::on_http(const HttpReply& reply, Timestamp now, FactSink& sink, Outbox& outbox)
{
    const auto found = std::find_if(questions_.begin(), questions_.end(),
                                    [&](const Question& q) { return reply.tag != 0 && q.tag == reply.tag; });
    if (found == questions_.end()) return false;
    const Question question = std::move(*found);
    questions_.erase(found);
    const auto over = [&](Verdict verdict, std::string_view code, std::string_view text, bool complete) {
        if (question.kind == RequestKind::fees && --fees_open_ > 0 && verdict.outcome == Outcome::done)
            return;
        if (question.told)
            end(question.kind, verdict, question.order, sink, code, text, complete, reply.retry_after);
    };
    if (reply.status == 0) {
        over(reply.sent ? Verdict{} : Verdict{Outcome::refused, RejectReason::other}, {}, "no reply", false);
        return true;
    }
    Json root;
    const bool readable =
        parser_.parse(reply.body.data, reply.body.size, false).get(root) == simdjson::SUCCESS &&
        root.is_object();
    const std::string code(readable ? AccountFields(root).text("code", false) : std::string_view());
    const std::string_view text = readable ? AccountFields(root).text("msg", false) : std::string_view();
    const Verdict verdict = judge(reply.status, code);
    // "Order does not exist" answers the question; it is no refusal of it.
    if (question.kind == RequestKind::query_order && (code == "51603" || code == "51001")) {
        OrderReport report;
        report.order = question.order;
        report.listing = question.listing;
        report.status = OrderStatus::absent;
        report.source = ReportSource::query;
        sink.on_order_report(report);
        over({Outcome::done, RejectReason::none}, code, text, true);
        return true;
    }
    Json data;
    if (verdict.outcome != Outcome::done || root["data"].get(data) != simdjson::SUCCESS || !data.is_array()) {
        over(verdict.outcome == Outcome::done ? Verdict{} : verdict, code, text, false);
        return true;
    }
    if (read_answer(question, data, reply, now, sink, outbox)) over(verdict, {}, {}, true);
    return true;
}

void Account::next_page(const Question& question, std::string_view key, const Json& data, Timestamp now,
                        Outbox& outbox)
{
    const simdjson::dom::array entries = data.get_array().value_unsafe();
    AccountFields last(entries.at(entries.size() - 1).value_unsafe());
    Question next = question;
    ask(std::move(next), "&after=" + std::string(last.text(key, false)), now, outbox);
}

// False: a further page was asked for.
bool Account::read_answer(const Question& question, const Json& data, const HttpReply&, Timestamp now,
                          FactSink& sink, Outbox& outbox)
{
    const simdjson::dom::array entries = data.get_array().value_unsafe();
    switch (question.kind) {
        case RequestKind::time:
            if (entries.size() > 0) {
                const Timestamp time = AccountFields(entries.at(0).value_unsafe()).milliseconds_time("ts");
                if (time.known()) sink.on_clock_sample(time, question.asked, now);
            }
            return true;
        case RequestKind::query_order:
        case RequestKind::open_orders:
            for (const Json entry : entries) read_order(entry, ReportSource::query, sink);
            if (question.kind == RequestKind::open_orders && entries.size() >= kPage) {
                next_page(question, "ordId", data, now, outbox);
                return false;
            }
            return true;
        case RequestKind::cancel_all: {
            std::string body;
            for (const Json entry : entries) {
                AccountFields fields(entry);
                fmt::format_to(std::back_inserter(body), R"({}{{"instId":"{}","ordId":"{}"}})",
                               body.empty() ? "" : ",", fields.text("instId", false),
                               fields.text("ordId", false));
                if (body.size() < 1400) continue;  // at most 20 orders a request
                Question batch;
                batch.kind = RequestKind::cancel_all;
                batch.told = false;
                batch.path = "/api/v5/trade/cancel-batch-orders";
                post(std::move(batch), "[" + body + "]", now, outbox);
                body.clear();
            }
            if (question.path.find("cancel-batch") != std::string::npos || body.empty()) return true;
            Question batch;
            batch.kind = RequestKind::cancel_all;
            batch.path = "/api/v5/trade/cancel-batch-orders";
            post(std::move(batch), "[" + body + "]", now, outbox);
            return false;
        }
        case RequestKind::fills:
            for (const Json entry : entries) read_fill(entry, ReportSource::query, sink, false);
            if (entries.size() >= kPage) {
                next_page(question, "billId", data, now, outbox);
                return false;
            }
            return true;
        case RequestKind::balances:
            for (const Json entry : entries) read_balances(entry, ReportSource::query, sink);
            return true;
        case RequestKind::fees:
            for (const Json entry : entries) {
                AccountFields fields(entry);
                const auto rate = [&](std::string_view key) {
                    // Negative: we pay.
                    const ScaledNumber n = parse_scaled(fields.text(key, false), 8);
                    return Rate{-n.value};
                };
                sink.on_fee_report({question.listing, rate("maker"), rate("taker")});
            }
            return true;
        default:
            return true;
    }
}

void Account::on_data(const Json& message, FactSink& sink)
{
    Json argument;
    simdjson::dom::array data;
    if (message["arg"].get(argument) != simdjson::SUCCESS || message["data"].get(data) != simdjson::SUCCESS) {
        sink.on_undecoded({UndecodedReason::unknown_message, kNoListing, connection_, {}});
        return;
    }
    const std::string_view channel = AccountFields(argument).text("channel", false);
    for (const Json entry : data) {
        if (channel == "orders") {
            read_fill(entry, ReportSource::stream, sink, true);
            read_order(entry, ReportSource::stream, sink);
        } else if (channel == "account") {
            read_balances(entry, ReportSource::stream, sink);
        }
    }
}

void Account::read_order(const Json& entry, ReportSource source, FactSink& sink)
{
    AccountFields fields(entry);
    const std::string_view symbol = fields.text("instId");
    const Listing* l = listing(symbol);
    bool known = false;
    OrderReport report;
    report.status = status_of(fields.text("state"), known);
    if (l == nullptr || !known) {
        sink.on_undecoded(
            {l == nullptr ? UndecodedReason::unknown_instrument : UndecodedReason::unknown_message,
             kNoListing, connection_, symbol});
        return;
    }
    report.listing = l->id;
    report.client_id = fields.text("clOrdId", false);
    report.order = ours(report.client_id);
    report.source = source;
    report.has_filled = true;
    report.filled = fields.quantity("accFillSz", *l);
    report.side = fields.text("side") == "sell" ? Side::sell : Side::buy;
    report.price = fields.price("px", *l, false);
    report.quantity = fields.quantity("sz", *l);
    report.venue_id = fields.text("ordId");
    report.venue_time = fields.milliseconds_time("uTime");
    if (report.status == OrderStatus::cancelled)
        report.reason = end_reason(fields.text("cancelSource", false));
    if (!fields.ok()) {
        sink.on_undecoded({UndecodedReason::bad_number, kNoListing, connection_, {}});
        return;
    }
    sink.on_order_report(report);
}

// Order news carries the fill that caused it; the list of fills has the same under other names.
void Account::read_fill(const Json& entry, ReportSource source, FactSink& sink, bool from_order)
{
    AccountFields fields(entry);
    const std::string_view trade = fields.text("tradeId", false);
    const Listing* l = listing(fields.text("instId"));
    if (trade.empty() || l == nullptr) return;
    FillReport report;
    report.listing = l->id;
    report.order = ours(fields.text("clOrdId", false));
    report.source = source;
    report.side = fields.text("side") == "sell" ? Side::sell : Side::buy;
    report.price = fields.price("fillPx", *l);
    report.quantity = fields.quantity("fillSz", *l);
    report.maker = fields.text("execType", false) == "M";
    const std::string_view fee_key = from_order ? "fillFee" : "fee";
    report.has_fee = fields.has(fee_key) && !fields.text(fee_key, false).empty();
    // Negative: charged.
    if (report.has_fee) report.fee = -fields.amount(fee_key);
    report.fee_asset = fields.text(from_order ? "fillFeeCcy" : "feeCcy", false);
    report.trade_id = trade;
    report.venue_id = fields.text("ordId", false);
    report.venue_time = fields.milliseconds_time(from_order ? "fillTime" : "ts");
    if (!fields.ok()) {
        sink.on_undecoded({UndecodedReason::bad_number, kNoListing, connection_, {}});
        return;
    }
    if (report.quantity > Quantity{}) sink.on_fill_report(report);
}

void Account::read_balances(const Json& entry, ReportSource source, FactSink& sink)
{
    simdjson::dom::array details;
    if (entry["details"].get(details) != simdjson::SUCCESS) return;
    for (const Json detail : details) {
        AccountFields fields(detail);
        BalanceReport report;
        report.asset = fields.text("ccy");
        report.has_total = fields.has("cashBal");
        report.total = fields.amount("cashBal", false);
        report.has_free = fields.has("availBal");
        report.free = fields.amount("availBal", false);
        report.source = source;
        report.venue_time = fields.milliseconds_time("uTime");
        if (fields.ok()) sink.on_balance_report(report);
    }
}

}  // namespace arb::okx
