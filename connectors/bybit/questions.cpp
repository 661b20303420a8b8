#include "connectors/bybit/questions.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "connectors/bybit/key_report.hpp"
#include "connectors/bybit/private_fields.hpp"
#include "engine/base/client_order_id.hpp"

namespace arb::bybit {
namespace {

// "Get Trade History": at most seven days between start and end.
constexpr Duration kFillsSpan = seconds(7 * 86'400);
// An order is looked for among the open ones, the latest that ended, then the history: in this order none
// slips through while it ends.
constexpr std::size_t kOrderLists = 3;
// No such path.
constexpr std::int64_t kNoOperation = 10404;

std::int64_t ms(Timestamp time)
{
    return time.ns / 1'000'000;
}

Rate rate_of(std::string_view text, bool& good)
{
    constexpr unsigned kRateDecimals = 8;
    const ScaledNumber number = parse_scaled(text, kRateDecimals);
    good = good && number.error == DecimalError::none;
    return {number.value};
}

Timestamp nanoseconds_of(const simdjson::dom::object& result)
{
    PrivateFields fields(result);
    const std::string_view digits = fields.text("timeNano");
    std::int64_t ns = 0;
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), ns);
    const bool good = fields.ok() && parsed.ec == std::errc{} && parsed.ptr == digits.data() + digits.size();
    return {good && ns > 0 ? ns : 0};
}

}  // namespace

// Requests are counted by the second, and a refusal is waited out a few times. Fee rates may be asked for
// five times a second.
InquiryRules inquiry_rules()
{
    InquiryRules rules;
    rules.code_name = "retCode";
    rules.slow_down = milliseconds(1100);
    rules.waits_max = 4;
    rules.fees_most = 1;
    rules.fees_window = milliseconds(250);
    return rules;
}

void Questions::fill_in(Inquiry& q) const
{
    std::erase_if(q.listings, [&](ListingId id) { return !tools_->mine(id); });
    if (q.kind != RequestKind::balances || tools_->encoder.spot()) return;
    for (const Listing& listing : tools_->setup.table->listings()) {
        if (listing.venue != tools_->setup.id) continue;
        if (!one_way_) q.listings.push_back(listing.id);
        const std::string& coin = tools_->setup.table->instrument(listing.instrument).quote;
        if (std::find(q.ids.begin(), q.ids.end(), coin) == q.ids.end()) q.ids.push_back(coin);
    }
}

std::size_t Questions::parts(const Inquiry& q) const
{
    switch (q.kind) {
        case RequestKind::query_order:
            return kOrderLists;
        case RequestKind::balances:
            return 1 + (q.listings.empty() ? q.ids.size() : q.listings.size());
        case RequestKind::fees:
            // One answer for all; behind it, `listings` are those that it left out.
            return q.step == 0 && q.listings.empty() && !q.answered ? 0 : 1 + q.listings.size();
        case RequestKind::cancel_all:
        case RequestKind::open_orders:
        case RequestKind::fills:
            return q.listings.size();
        default:
            return 1;
    }
}

std::string Questions::fills_query(const Inquiry& q) const
{
    std::string query = fmt::format("category={}&symbol={}&startTime={}", tools_->encoder.category(),
                                    symbol(q.listings[q.step]), ms(q.window));
    // A start alone means a span of seven days from there.
    if (q.window + kFillsSpan < q.venue_asked) query += fmt::format("&endTime={}", ms(q.window + kFillsSpan));
    return query + "&limit=100";
}

Ask Questions::ask(const Inquiry& q)
{
    Ask ask;
    ask.query = fmt::format("category={}", tools_->encoder.category());
    switch (q.kind) {
        case RequestKind::key_info:
        case RequestKind::session:
            ask.path = "/v5/user/query-api";
            ask.query.clear();
            break;
        case RequestKind::cancel:
        case RequestKind::cancel_all:
            ask.method = "POST";
            ask.query.clear();
            ask.path = q.kind == RequestKind::cancel ? "/v5/order/cancel" : "/v5/order/cancel-all";
            ask.body = q.kind == RequestKind::cancel ? tools_->encoder.cancel_body(q.order)
                                                     : tools_->encoder.cancel_all_body(q.listings[q.step]);
            break;
        case RequestKind::query_order:
            ask.path = q.step < 2 ? "/v5/order/realtime" : "/v5/order/history";
            ask.query += fmt::format("&symbol={}&orderLinkId={}", symbol(q.order.listing),
                                     client_order_id(q.order.order).view());
            if (q.step < 2) ask.query += fmt::format("&openOnly={}", q.step);
            break;
        case RequestKind::open_orders:
            ask.path = "/v5/order/realtime";
            ask.query += fmt::format("&symbol={}&openOnly=0&limit=50", symbol(q.listings[q.step]));
            break;
        case RequestKind::fills:
            ask.path = "/v5/execution/list";
            ask.query = fills_query(q);
            break;
        case RequestKind::fees:
            ask.path = "/v5/account/fee-rate";
            if (q.step > 0) ask.query += fmt::format("&symbol={}", symbol(q.listings[q.step - 1]));
            break;
        case RequestKind::balances:
            ask.path = q.step == 0 ? "/v5/account/wallet-balance" : "/v5/position/list";
            if (q.step == 0)
                ask.query = "accountType=UNIFIED";
            else if (!q.listings
                          .empty())  // of one symbol flat positions are told, too, and with them its mode
                ask.query += fmt::format("&symbol={}", symbol(q.listings[q.step - 1]));
            else
                ask.query += fmt::format("&settleCoin={}&limit=200", q.ids[q.step - 1]);
            break;
        default:
            ask.path = "/v5/market/time";
            ask.query.clear();
            ask.is_signed = false;
    }
    add_cursor(ask.query, q.cursor);
    return ask;
}

bool Questions::sign(const Ask& ask, Timestamp venue_now, HttpRequest& out)
{
    Encoder& encoder = tools_->encoder;
    std::optional<HttpRequest> request;
    if (!ask.is_signed)
        request = encoder.get_public(ask.path);
    else if (ask.method == "POST")
        request = encoder.post(ask.path, ask.body, ms(venue_now));
    else
        request = encoder.get(ask.path, ask.query, ms(venue_now));
    if (!request) return false;
    out = std::move(*request);
    return true;
}

// HTTP says 200 for errors, so retCode decides; with another status the body may still hold one.
Envelope Questions::open(const Inquiry& q, const HttpReply& reply)
{
    Envelope envelope;
    simdjson::dom::object root;
    std::int64_t code = 0;
    const bool readable =
        tools_->read(reply.body, root) && root.at_key("retCode").get(code) == simdjson::SUCCESS;
    if (readable) {
        PrivateFields fields(root);
        if (code != 0) envelope.code = {code_.data(), print_scaled(code, 0, code_.data())};
        envelope.text = fields.text("retMsg");
        std::int64_t time = 0;
        if (root.at_key("time").get(time) == simdjson::SUCCESS && time > 0 && time < INT64_MAX / 1'000'000)
            envelope.venue_time = {time * 1'000'000};
        envelope.has_data =
            root.at_key("result").get(envelope.data) == simdjson::SUCCESS && envelope.data.is_object();
    }
    if (readable && (reply.status == 200 || code != 0)) envelope.verdict = verdict_of(code, envelope.text);
    if (reply.status != 200 && envelope.verdict.outcome == Outcome::unknown)
        envelope.verdict = verdict_of_status(reply.status, reply.sent);
    envelope.is_unknown = code == kNoOperation;
    // "Rate Limit": after a 403 everything rests for ten minutes.
    if (reply.status == 403) envelope.retry_after = seconds(600);
    if (q.kind == RequestKind::time && envelope.has_data)
        envelope.venue_time = nanoseconds_of(envelope.data.get_object().value_unsafe());
    if (q.kind == RequestKind::cancel) envelope.has_data = true;  // an acknowledgement alone
    return envelope;
}

KeyReport Questions::read_key(std::string_view body, KeyTexts& texts)
{
    return read_key_report(body, tools_->encoder.spot(), texts);
}

// Whoever asks for a time, a key or one cancellation has a pace of their own.
bool Questions::is_patient(const Inquiry& q) const
{
    return q.kind != RequestKind::time && q.kind != RequestKind::cancel && q.kind != RequestKind::session;
}

Next Questions::on_refusal(Inquiry& q, const Envelope& envelope, FactSink& sink)
{
    const Verdict verdict = envelope.verdict;
    std::int64_t code = 0;
    (void)std::from_chars(envelope.code.data(), envelope.code.data() + envelope.code.size(), code);
    // "No such order" is an answer of one of the three lists that are asked in turn.
    if (q.kind == RequestKind::query_order && says_absent(code)) return next_list(q, sink);
    // Asked for one by one, should an answer for all not be to be had.
    if (q.kind == RequestKind::fees && q.step == 0 && verdict.outcome == Outcome::refused &&
        !envelope.is_silent)
        return Inquiries::next_step(q, parts(q));
    const Next next = Inquiries::trouble(q, verdict, envelope.code, envelope.text);
    // Cancelling goes on: what can be cancelled shall be.
    const bool shut = verdict.outcome == Outcome::banned || verdict.outcome == Outcome::key_trouble;
    return q.kind == RequestKind::cancel_all && !shut ? Inquiries::next_step(q, parts(q)) : next;
}

Next Questions::read(Inquiry& q, const Envelope& envelope, FactSink& sink)
{
    if (q.kind == RequestKind::cancel || q.kind == RequestKind::session) return Next::over;
    const simdjson::dom::object result = envelope.data.get_object().value_unsafe();
    PrivateFields fields(result);
    if (q.kind == RequestKind::cancel_all) {
        // Spot alone tells it.
        if (fields.text("success") == "0")
            (void)Inquiries::trouble(q, {}, {}, "not every order was cancelled");
        return Inquiries::next_step(q, parts(q));
    }
    JsonList list;
    if (result.at_key("list").get(list) != simdjson::SUCCESS) {
        Envelope unreadable;
        unreadable.text = "the reply cannot be read";
        return on_refusal(q, unreadable, sink);
    }
    const std::string_view cursor = list.size() > 0 ? fields.text("nextPageCursor") : std::string_view();
    switch (q.kind) {
        case RequestKind::query_order:
        case RequestKind::open_orders:
            return read_orders(q, list, cursor, sink);
        case RequestKind::fills:
            return read_fills(q, list, cursor, sink);
        case RequestKind::fees:
            return read_fees(q, list, cursor, sink);
        default:
            break;
    }
    if (q.step > 0) return read_positions(q, list, envelope, cursor, sink);
    for (const Json entry : list) {
        q.complete =
            tools_->decoder.wallet(entry, ReportSource::query, envelope.venue_time, kNoConnection, sink) &&
            q.complete;
    }
    if (!cursor.empty()) return Inquiries::next_page(q, cursor, true);
    return Inquiries::next_step(q, parts(q));
}

Next Questions::next_list(Inquiry& q, FactSink& sink) const
{
    const Next next = Inquiries::next_step(q, kOrderLists);
    // What could not be read may be the very order: its absence is not proved.
    if (next == Next::over && q.complete) Inquiries::tell_absent(q, sink);
    return next;
}

Next Questions::read_orders(Inquiry& q, const JsonList& list, std::string_view cursor, FactSink& sink)
{
    for (const Json entry : list)
        q.complete = tools_->decoder.order(entry, ReportSource::query, kNoConnection, sink) && q.complete;
    if (q.kind == RequestKind::query_order) return list.size() > 0 ? Next::over : next_list(q, sink);
    if (!cursor.empty()) return Inquiries::next_page(q, cursor, true);
    return Inquiries::next_step(q, parts(q));
}

Next Questions::read_fills(Inquiry& q, const JsonList& list, std::string_view cursor, FactSink& sink)
{
    for (const Json entry : list)
        q.complete = tools_->decoder.execution(entry, ReportSource::query, kNoConnection, sink) && q.complete;
    if (!cursor.empty() && Inquiries::next_page(q, cursor, true) == Next::again) return Next::again;
    return next_span(q);
}

Next Questions::next_span(Inquiry& q) const
{
    if (q.window + kFillsSpan >= q.venue_asked) return Inquiries::next_step(q, parts(q));
    q.window = q.window + kFillsSpan;
    q.cursor.clear();
    q.pages = 0;
    return Next::again;
}

Next Questions::read_positions(Inquiry& q, const JsonList& list, const Envelope& envelope,
                               std::string_view cursor, FactSink& sink)
{
    for (const Json entry : list) tools_->decoder.note_side(entry);
    for (const Json entry : list) {
        const bool good =
            tools_->decoder.position(entry, ReportSource::query, envelope.venue_time, kNoConnection, sink);
        q.complete = good && q.complete;
        if (good && is_hedged(q, entry)) return Next::over;
    }
    if (!cursor.empty() && Inquiries::next_page(q, cursor, true) == Next::again) return Next::again;
    const Next next = Inquiries::next_step(q, parts(q));
    if (next == Next::over && !q.listings.empty() && q.complete) {
        one_way_ = true;
        tools_->hedged = false;
    }
    return next;
}

// Our orders belong to the one position of one-way mode; in hedge mode the venue refuses every one of them.
bool Questions::is_hedged(Inquiry& q, const Json& entry)
{
    simdjson::dom::object object;
    std::int64_t side = 0;
    if (entry.get(object) != simdjson::SUCCESS ||
        object.at_key("positionIdx").get(side) != simdjson::SUCCESS || side == 0)
        return false;
    const std::string_view name = PrivateFields(object).text("symbol");
    if (tools_->setup.table->find_symbol(tools_->setup.id, name) == nullptr) return false;
    tools_->hedged = true;
    (void)Inquiries::trouble(
        q, {Outcome::key_trouble, RejectReason::permission}, {},
        fmt::format("{} is in hedge mode, which holds two positions of one symbol: close them and cancel its "
                    "orders, choose one-way mode in the position mode of the contracts, and start again",
                    name));
    return true;
}

// An answer for the whole category tells hundreds of symbols; those it tells need not be asked for again.
Next Questions::read_fees(Inquiry& q, const JsonList& list, std::string_view cursor, FactSink& sink) const
{
    bool found = false;
    for (const Json entry : list) {
        simdjson::dom::object object;
        if (entry.get(object) != simdjson::SUCCESS) {
            q.complete = false;
            continue;
        }
        PrivateFields fields(object);
        const std::string_view name = fields.text("symbol");
        const auto wanted = std::find_if(q.listings.begin(), q.listings.end(),
                                         [&](ListingId id) { return symbol(id) == name; });
        bool good = true;
        FeeReport report;
        if (wanted != q.listings.end()) {
            found = true;
            report.listing = *wanted;
            report.maker = rate_of(fields.text("makerFeeRate"), good);
            report.taker = rate_of(fields.text("takerFeeRate"), good);
            if (q.step == 0) q.listings.erase(wanted);
        }
        good = good && fields.ok();
        q.complete = good && q.complete;
        if (good && report.listing != kNoListing) sink.on_fee_report(report);
    }
    // Of a single answer: the listing that was asked for has no rate.
    if (q.step > 0 && !found) q.complete = false;
    if (!cursor.empty() && Inquiries::next_page(q, cursor, true) == Next::again) return Next::again;
    return Inquiries::next_step(q, parts(q));
}

}  // namespace arb::bybit
