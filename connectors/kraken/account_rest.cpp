// Kraken's account by REST: tokens, orders, fills with the orders they belong to, balances, fees.
#include <algorithm>

#include <fmt/format.h>

#include "connectors/kraken/account.hpp"
#include "connectors/kraken/quoted.hpp"
#include "connectors/kraken/signer.hpp"
#include "connectors/kraken/symbols.hpp"

namespace arb::kraken {
namespace {

constexpr std::string_view kBase = "https://api.kraken.com";
constexpr std::string_view kAuthSocketUrl = "wss://ws-auth.kraken.com/v2";
constexpr Duration kTokenAgain = seconds(5);
constexpr std::size_t kPage = 50;  // trades and closed orders a reply

/// ZUSD, XXBT, XBT.F: the letter in front, the old names and the suffix of holdings go.
std::string_view asset_of(std::string_view name)
{
    if (name.size() == 4 && (name[0] == 'X' || name[0] == 'Z') && name != "ZETA") name.remove_prefix(1);
    return modern_asset(name);
}

}  // namespace

void Account::ask(Question question, Timestamp now, Outbox& outbox)
{
    // Always larger than the one before, also after a restart: it is the time.
    last_nonce_ = std::max(now.ns, last_nonce_ + 1);
    const std::string nonce = fmt::format("{}", last_nonce_);
    question.tag = next_tag_++;
    HttpRequest request;
    request.venue = setup_.id;
    request.tag = question.tag;
    request.method = "POST";
    request.url = std::string(kBase) + question.path;
    request.body = "nonce=" + nonce + question.body;
    if (question.offset > 0) request.body += fmt::format("&ofs={}", question.offset);
    std::string signature = sign_request(*setup_.credentials, question.path, nonce, request.body);
    if (signature.empty()) {
        // Nothing may leave; it is told with the next turn.
        question.refused = true;
        questions_.push_back(std::move(question));
        outbox.wake_at(setup_.id, now);
        return;
    }
    request.is_signed = true;
    request.secret_reply = question.kind == RequestKind::session;
    request.headers = {{"API-Key", setup_.credentials->key_id},
                       {"API-Sign", std::move(signature)},
                       {"Content-Type", "application/x-www-form-urlencoded"}};
    outbox.used_key(setup_.id, question.path);
    if (question.due.known()) outbox.wake_at(setup_.id, question.due);
    questions_.push_back(std::move(question));
    outbox.request(request);
}

void Account::ask_token(Timestamp now, Outbox& outbox)
{
    if (asking_token_) return;
    asking_token_ = true;
    Question question;
    question.path = "/0/private/GetWebSocketsToken";
    ask(std::move(question), now, outbox);
}

void Account::query_order(const OrderReference& order, Timestamp now, Outbox& outbox)
{
    Question question;
    question.kind = RequestKind::query_order;
    question.order = order;
    question.order.venue_id = {};
    question.path = "/0/private/OpenOrders";
    question.body = fmt::format("&cl_ord_id={}", client_order_id(order.order).view());
    ask(std::move(question), now, outbox);
}

void Account::query_open_orders(Timestamp now, Outbox& outbox)
{
    Question question;
    question.kind = RequestKind::open_orders;
    question.path = "/0/private/OpenOrders";
    ask(std::move(question), now, outbox);
}

void Account::query_fills(Timestamp since, Timestamp now, Outbox& outbox)
{
    Question question;
    question.kind = RequestKind::fills;
    question.since = since;
    question.path = "/0/private/TradesHistory";
    // `start` is exclusive and in seconds.
    question.body = fmt::format("&start={}", since.ns / 1'000'000'000 - 1);
    ask(std::move(question), now, outbox);
}

void Account::query_balances(Timestamp now, Outbox& outbox)
{
    Question question;
    question.kind = RequestKind::balances;
    question.path = "/0/private/BalanceEx";
    ask(std::move(question), now, outbox);
}

void Account::query_fees(std::span<const ListingId> listings, Timestamp now, FactSink& sink, Outbox& outbox)
{
    std::string pairs;
    for (const ListingId id : listings) {
        std::string name = setup_.table->listing(id).symbol;
        std::erase(name, '/');
        pairs += (pairs.empty() ? "" : ",") + name;
    }
    if (pairs.empty()) {
        end(RequestKind::fees, {Outcome::done, RejectReason::none}, kForeignOrder, sink);
        return;
    }
    Question question;
    question.kind = RequestKind::fees;
    question.path = "/0/private/TradeVolume";
    question.body = "&pair=" + pairs;
    ask(std::move(question), now, outbox);
}

void Account::conclude(const Question& question, Verdict verdict, std::string_view text, bool complete,
                       Timestamp now, FactSink& sink, Outbox& outbox)
{
    const bool session = question.kind == RequestKind::session;
    if (question.kind == RequestKind::fills && verdict.outcome != Outcome::done) homeless_.clear();
    if (session && verdict.outcome != Outcome::done && verdict.outcome != Outcome::key_trouble) {
        token_again_ = now + std::max(kTokenAgain, question.retry_after);
        outbox.wake_at(setup_.id, token_again_);
    }
    if (session && verdict.outcome == Outcome::done) return;  // ends when subscribed
    if (question.kind == RequestKind::key_info && question.key_answer != KeyAnswer::told)
        tell_no_key(question, text, sink);
    end(question.kind, verdict, question.order.order, sink, text, complete, question.retry_after);
}

bool Account::on_http(const HttpReply& reply, Timestamp now, FactSink& sink, Outbox& outbox)
{
    const auto found = std::find_if(questions_.begin(), questions_.end(),
                                    [&](const Question& q) { return reply.tag != 0 && q.tag == reply.tag; });
    if (found == questions_.end()) return false;
    Question question = std::move(*found);
    questions_.erase(found);
    question.retry_after = reply.retry_after;
    if (question.kind == RequestKind::session) asking_token_ = false;
    if (question.kind == RequestKind::key_info) {
        read_key(question, reply, now, sink, outbox);
        return true;
    }
    const auto over = [&](Verdict verdict, std::string_view text, bool complete) {
        conclude(question, verdict, text, complete, now, sink, outbox);
    };
    if (reply.status == 0) {
        over(reply.sent ? Verdict{} : Verdict{Outcome::refused, RejectReason::other}, "no reply", false);
        return true;
    }
    const std::string_view text = quote_numbers(reply.body.view(), quoted_);
    Json root;
    simdjson::dom::array errors;
    const bool readable = parser_.parse(text.data(), text.size(), false).get(root) == simdjson::SUCCESS &&
                          root["error"].get(errors) == simdjson::SUCCESS;
    std::string_view error;
    if (readable && errors.size() > 0) (void)(errors.at(0).get(error) == simdjson::SUCCESS);
    const Verdict verdict =
        readable ? judge(reply.status, error) : judge(reply.status == 200 ? 500 : reply.status, "?");
    Json result;
    if (verdict.outcome != Outcome::done || root["result"].get(result) != simdjson::SUCCESS) {
        over(verdict.outcome == Outcome::done ? Verdict{} : verdict, error, false);
        return true;
    }
    if (read_result(question, result, now, sink, outbox)) over(verdict, {}, true);
    return true;
}

// False: a further request was made for it.
bool Account::read_result(const Question& question, const Json& result, Timestamp now, FactSink& sink,
                          Outbox& outbox)
{
    switch (question.kind) {
        case RequestKind::session:
            token_ = std::string(AccountFields(result).text("token", false));
            if (!token_.empty()) outbox.connect(setup_.id, kAuthSocketUrl);
            return true;
        case RequestKind::query_order:
        case RequestKind::open_orders:
            return read_orders(question, result, now, sink, outbox);
        case RequestKind::fills:
            return read_trades(question, result, now, sink, outbox);
        case RequestKind::balances: {
            simdjson::dom::object entries;
            if (result.get(entries) != simdjson::SUCCESS) return true;
            for (const auto& [name, entry] : entries) {
                AccountFields fields(entry);
                BalanceReport report;
                report.asset = asset_of(name);
                report.has_total = true;
                report.total = fields.amount("balance");
                report.source = ReportSource::query;
                if (fields.has("hold_trade")) {
                    report.has_free = true;
                    report.free = report.total - fields.amount("hold_trade");
                }
                if (fields.ok()) sink.on_balance_report(report);
            }
            return true;
        }
        case RequestKind::fees: {
            simdjson::dom::object taker;
            if (result["fees"].get(taker) != simdjson::SUCCESS) return true;
            for (const auto& [name, entry] : taker) {
                const Listing* l = by_altname(name);
                Json maker;
                if (l == nullptr || result["fees_maker"][name].get(maker) != simdjson::SUCCESS) continue;
                // In percent, with up to four decimals.
                const auto rate = [](const Json& e) {
                    return Rate{parse_scaled(AccountFields(e).text("fee", false), 6).value};
                };
                sink.on_fee_report({l->id, rate(maker), rate(entry)});
            }
            return true;
        }
        default:
            return true;
    }
}

void Account::read_order(std::string_view id, const Json& entry, FactSink& sink)
{
    AccountFields fields(entry);
    Json description;
    if (entry["descr"].get(description) != simdjson::SUCCESS) return;
    AccountFields words(description);
    const Listing* l = by_altname(words.text("pair", false));
    if (l == nullptr) return;
    OrderReport report;
    report.client_id = fields.text("cl_ord_id", false);
    report.order = parse_client_order_id(report.client_id).value_or(kForeignOrder);
    report.listing = l->id;
    report.source = ReportSource::query;
    report.venue_id = id;
    report.side = words.text("type", false) == "sell" ? Side::sell : Side::buy;
    report.price = words.price("price", *l, false);
    report.quantity = fields.quantity("vol", *l);
    report.has_filled = true;
    report.filled = fields.quantity("vol_exec", *l);
    const std::string_view status = fields.text("status");
    if (status == "pending")
        report.status = OrderStatus::pending;
    else if (status == "open")
        report.status = OrderStatus::working;
    else if (status == "closed")
        report.status = OrderStatus::filled;
    else if (status == "canceled" || status == "expired")
        report.status = OrderStatus::cancelled;
    else
        return;
    if (report.status == OrderStatus::cancelled) report.reason = end_reason(fields.text("reason", false));
    if (!fields.ok() || !words.ok()) return;
    remember(id, report.order);
    sink.on_order_report(report);
}

bool Account::read_orders(const Question& question, const Json& result, Timestamp now, FactSink& sink,
                          Outbox& outbox)
{
    simdjson::dom::object orders;
    if (result[question.closed ? "closed" : "open"].get(orders) != simdjson::SUCCESS) return true;
    for (const auto& [id, entry] : orders) read_order(id, entry, sink);
    if (question.kind != RequestKind::query_order || orders.size() > 0) return true;
    if (!question.closed) {
        Question next = question;
        next.closed = true;
        next.path = "/0/private/ClosedOrders";
        ask(std::move(next), now, outbox);
        return false;
    }
    OrderReport report;
    report.order = question.order.order;
    report.listing = question.order.listing;
    report.status = OrderStatus::absent;
    report.source = ReportSource::query;
    sink.on_order_report(report);
    return true;
}

// A trade names the venue's order id alone; whose it is is looked up where we do not know.
bool Account::read_trades(const Question& question, const Json& result, Timestamp now, FactSink& sink,
                          Outbox& outbox)
{
    if (question.closed) {
        simdjson::dom::object orders;
        if (result.get(orders) == simdjson::SUCCESS) {
            for (const auto& [id, entry] : orders)
                remember(id, parse_client_order_id(AccountFields(entry).text("cl_ord_id", false))
                                 .value_or(kForeignOrder));
        }
        place_fills(sink);
        return true;
    }
    simdjson::dom::object trades;
    if (result["trades"].get(trades) != simdjson::SUCCESS) return true;
    for (const auto& [id, entry] : trades) {
        AccountFields fields(entry);
        const Listing* l = by_altname(fields.text("pair", false));
        if (l == nullptr) continue;
        Homeless fill;
        fill.report.listing = l->id;
        fill.report.source = ReportSource::query;
        fill.report.side = fields.text("type", false) == "sell" ? Side::sell : Side::buy;
        fill.report.price = fields.price("price", *l);
        fill.report.quantity = fields.quantity("vol", *l);
        fill.report.maker = fields.flag("maker");
        fill.report.has_fee = true;
        fill.report.fee = fields.amount("fee");
        fill.fee_asset = setup_.table->instrument(l->instrument).quote;
        fill.trade_id = std::string(id);
        fill.venue_id = std::string(fields.text("ordertxid"));
        if (fields.ok()) homeless_.push_back(std::move(fill));
    }
    const std::int64_t count = AccountFields(result).integer("count", false);
    Question next = question;
    next.offset = question.offset + trades.size();
    if (trades.size() >= kPage && static_cast<std::int64_t>(next.offset) < count) {
        ask(std::move(next), now, outbox);
        return false;
    }
    std::string unknown;
    std::size_t asked = 0;
    for (const Homeless& fill : homeless_) {
        if (known_.find(fill.venue_id) != known_.end() || unknown.find(fill.venue_id) != std::string::npos ||
            asked == 50)
            continue;
        unknown += (unknown.empty() ? "" : ",") + fill.venue_id;
        ++asked;
    }
    if (unknown.empty()) {
        place_fills(sink);
        return true;
    }
    next.closed = true;
    next.offset = 0;
    next.path = "/0/private/QueryOrders";
    next.body = "&txid=" + unknown;
    ask(std::move(next), now, outbox);
    return false;
}

void Account::place_fills(FactSink& sink)
{
    for (Homeless& fill : homeless_) {
        const auto known = known_.find(fill.venue_id);
        if (known != known_.end()) fill.report.order = known->second;
        fill.report.trade_id = fill.trade_id;
        fill.report.venue_id = fill.venue_id;
        fill.report.fee_asset = fill.fee_asset;
        sink.on_fill_report(fill.report);
    }
    homeless_.clear();
}

}  // namespace arb::kraken
