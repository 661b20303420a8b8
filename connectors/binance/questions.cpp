#include "connectors/binance/questions.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "connectors/binance/dead_man_timers.hpp"
#include "connectors/binance/key_report.hpp"
#include "connectors/binance/private_fields.hpp"

namespace arb::binance {

namespace dom = simdjson::dom;

namespace {

constexpr std::string_view kListenKeyPath = "/fapi/v1/listenKey";
constexpr std::string_view kNoSuchOrder = "-2013";
constexpr std::string_view kArchived = "-2026";
constexpr std::string_view kNothingToCancel = "-2011";
// Open orders of one symbol cost a weight of 6, of all symbols 80.
constexpr std::size_t kOneByOneMax = 12;

// What waits for weight, and is answered together with what asks the same.
bool is_list(RequestKind kind)
{
    return kind == RequestKind::open_orders || kind == RequestKind::fills || kind == RequestKind::balances ||
           kind == RequestKind::fees || kind == RequestKind::dead_man;
}

}  // namespace

InquiryRules inquiry_rules()
{
    InquiryRules rules;
    rules.answer_max = seconds(20);
    return rules;
}

Inquiry own_inquiry(OwnQuestion question)
{
    Inquiry inquiry(RequestKind::session);
    inquiry.own = true;
    inquiry.listings = {kNoListing};
    inquiry.notes = std::make_unique<OwnNotes>(question);
    return inquiry;
}

void Questions::fill_in(Inquiry& q, Timestamp now)
{
    std::erase_if(q.listings, [&](ListingId id) { return !tools_->mine(id); });
    switch (q.kind) {
        case RequestKind::cancel_all:
            break;
        case RequestKind::open_orders:
            // One request for every symbol.
            if (q.listings.size() > kOneByOneMax) q.listings = {kNoListing};
            break;
        case RequestKind::balances:
            // On USD-M positions are a second request.
            q.listings.assign(tools_->market == Market::spot ? 1 : 2, kNoListing);
            break;
        case RequestKind::fills:
            pages_.fill_in(q, now);
            break;
        case RequestKind::fees:
            if (q.listings == fees_of_) q.step = fees_next_;
            fees_of_.clear();
            break;
        default:
            q.listings = {q.order.listing};
    }
}

Ask Questions::ask(const Inquiry& q)
{
    Ask ask;
    const ListingId listing = q.listings[q.step];
    if (listing != kNoListing) ask.query = Encoder::symbol_query(tools_->listing(listing));
    switch (q.kind) {
        case RequestKind::key_info:
            ask.path = kKeyPath;
            break;
        case RequestKind::session: {
            const OwnQuestion what = own_notes(q).question;
            ask.path = what == OwnQuestion::position_mode ? "/fapi/v1/positionSide/dual" : kListenKeyPath;
            ask.secret_reply = what != OwnQuestion::position_mode;
            if (ask.secret_reply) ask.method = what == OwnQuestion::listen_key ? "POST" : "PUT";
            break;
        }
        case RequestKind::cancel:
            ask.method = "DELETE";
            [[fallthrough]];
        case RequestKind::query_order:
            ask.path = tools_->path("order");
            // A stranger's order has no id of ours.
            ask.query += q.order.order == kForeignOrder
                             ? fmt::format("&orderId={}", q.venue_id)
                             : fmt::format("&origClientOrderId={}", client_order_id(q.order.order).view());
            break;
        case RequestKind::cancel_all:
            ask.method = "DELETE";
            ask.path = tools_->path("openOrders", "allOpenOrders");
            break;
        case RequestKind::open_orders:
            ask.path = tools_->path("openOrders");
            break;
        case RequestKind::fills:
            pages_.ask(q, ask);
            break;
        case RequestKind::balances:
            ask.path = tools_->market == Market::spot ? "/api/v3/account"
                       : q.step == 0                  ? "/fapi/v3/balance"
                                                      : "/fapi/v3/positionRisk";
            break;
        case RequestKind::fees:
            ask.path = tools_->path("account/commission", "commissionRate");
            break;
        case RequestKind::dead_man:
            ask.method = "POST";
            ask.path = tools_->path("countdownCancelAll");
            ask.query += fmt::format("&countdownTime={}", kDeadManTimer.ns / 1'000'000);
            break;
        default:
            ask.path = tools_->path("time");
            ask.is_signed = false;
    }
    return ask;
}

bool Questions::sign(const Ask& ask, Timestamp venue_now, HttpRequest& out)
{
    const Encoder& encoder = tools_->encoder;
    const std::int64_t time = venue_now.ns / 1'000'000;
    std::optional<HttpRequest> request;
    if (!ask.is_signed)
        request = encoder.get(ask.path, ask.query);
    else if (ask.path == kListenKeyPath)
        request = encoder.keyed(ask.method, ask.path);
    else if (ask.path == kKeyPath)
        request = encoder.key_request(ask.path, time);
    else
        request = encoder.signed_request(ask.method, ask.path, ask.query, time);
    if (!request) return false;
    out = std::move(*request);
    out.count_header = kUsedWeight;
    return true;
}

RequestPool& Questions::pool_of(const Inquiry& q) const
{
    return q.kind == RequestKind::key_info ? *tools_->key_pool : *tools_->pool;
}

std::uint32_t Questions::weight_of(const Inquiry& q, const Ask& ask) const
{
    return request_weight(tools_->market, ask.method, ask.path, q.listings[q.step] == kNoListing);
}

// A question about one listing's fills is mostly about an order whose end is not known; it waits for nothing,
// and neither do cancelling and single questions.
Timestamp Questions::leaves_at(const Inquiry& q, const Ask& ask, Timestamp now)
{
    const bool urgent = !is_list(q.kind) || (q.kind == RequestKind::fills && q.listings.size() == 1);
    if (urgent) return now;
    const RequestPool& pool = *tools_->pool;
    const std::uint32_t most = q.kind == RequestKind::dead_man ? timers_most(pool) : lists_most(pool);
    return pool.next(weight_of(q, ask), most, now);
}

void Questions::on_sent(const Inquiry& q, const Ask& ask, Timestamp now)
{
    pool_of(q).spend(weight_of(q, ask), now);
}

void Questions::on_reply(const Inquiry& q, const HttpReply& reply, Timestamp now)
{
    heed(pool_of(q), reply, now);
}

bool Questions::is_same(const Inquiry& one, const Inquiry& other) const
{
    return is_list(one.kind) && one.kind == other.kind && one.listings == other.listings;
}

Envelope Questions::open(const Inquiry& q, const HttpReply& reply)
{
    Envelope envelope;
    body_ = reply.body;
    envelope.has_data =
        body_.size > 0 && !tools_->parser.parse(body_.data, body_.size, false).get(envelope.data);
    dom::object object;
    if (reply.status == 200) {
        // What a key may do has a reader of its own, which says what it misses.
        if (envelope.has_data || q.kind == RequestKind::key_info)
            envelope.verdict = {Outcome::done, RejectReason::none};
        if (q.kind != RequestKind::time || !envelope.has_data || envelope.data.get_object().get(object))
            return envelope;
        PrivateFields fields(object);
        const Timestamp time = fields.time("serverTime");
        if (fields.ok()) envelope.venue_time = time;
        return envelope;
    }
    const Refusal refusal = read_refusal(reply.status, envelope.has_data ? &envelope.data : nullptr);
    envelope.verdict = refusal.verdict;
    envelope.code = AccountTools::code_text(refusal.code, code_);
    envelope.text = refusal.text;
    envelope.retry_after = refusal.retry_after;
    if (q.kind == RequestKind::key_info) {
        envelope.key_answer = key_refusal(reply.status, refusal, words_).answer;
        envelope.text = words_;
    }
    return envelope;
}

KeyReport Questions::read_key(std::string_view body, KeyTexts& texts)
{
    return read_key_report(tools_->market, body, texts.text);
}

Next Questions::on_refusal(Inquiry& q, const Envelope& envelope, FactSink& sink)
{
    const Outcome outcome = envelope.verdict.outcome;
    const bool refused = outcome == Outcome::refused;
    switch (q.kind) {
        case RequestKind::query_order: {
            // Spot archives orders that ended without a fill long ago.
            const bool archived = tools_->market == Market::spot && envelope.code == kArchived &&
                                  q.order.order != kForeignOrder;
            if (!refused || (!archived && envelope.code != kNoSuchOrder)) break;
            Inquiries::tell_absent(q, sink, archived ? OrderStatus::cancelled : OrderStatus::absent);
            // Done, and told in the venue's words.
            q.code = envelope.code;
            q.text = envelope.text;
            return Next::over;
        }
        case RequestKind::cancel_all:
            if (envelope.code == kNothingToCancel) return Inquiries::next_step(q, parts(q));
            // What can be cancelled is cancelled, also behind a listing that fails; not into a ban. The last
            // failure is told: it says whether the venue still listens.
            q.verdict = {Outcome::done, RejectReason::none};
            (void)Inquiries::trouble(q, envelope.verdict, envelope.code, envelope.text);
            return refused || outcome == Outcome::unknown ? Inquiries::next_step(q, parts(q)) : Next::over;
        case RequestKind::fills:
            // A number that no order has belongs to a stranger.
            if (refused && envelope.code == kNoSuchOrder && FillPages::asks_order(q))
                return pages_.take_order(q, kForeignOrder, sink);
            break;
        case RequestKind::fees:
            if (outcome != Outcome::rate_limited && outcome != Outcome::banned) break;
            fees_of_ = q.listings;
            fees_next_ = q.step;
            break;
        default:
            break;
    }
    const Next next = Inquiries::trouble(q, envelope.verdict, envelope.code, envelope.text);
    if (is_list(q.kind) && q.kind != RequestKind::dead_man) return next;
    // A single answer is no list that could lack something. A timer needs no right beyond trading: a key that
    // is refused for it is good for nothing.
    q.verdict = envelope.verdict;
    q.complete = true;
    return next;
}

Next Questions::read(Inquiry& q, const Envelope& envelope, FactSink& sink)
{
    dom::object object;
    bool whole = true;
    switch (q.kind) {
        case RequestKind::session:
            return read_own(own_notes(q), q, envelope.data);
        case RequestKind::query_order:
        case RequestKind::cancel: {
            const ReportSource source =
                q.kind == RequestKind::cancel ? ReportSource::reply : ReportSource::query;
            if (!envelope.data.get_object().get(object) && tools_->replies.order(object, source, sink))
                return Next::over;
            Envelope unreadable;
            unreadable.text = "the order cannot be read";
            return on_refusal(q, unreadable, sink);
        }
        case RequestKind::fills:
            return pages_.read(q, envelope.data, body_, sink);
        case RequestKind::cancel_all:
        case RequestKind::open_orders:
            whole = read_orders(q, envelope.data, sink);
            break;
        case RequestKind::balances:
            whole = q.step == 0 ? read_balances(envelope.data, sink) : read_positions(envelope.data, sink);
            break;
        case RequestKind::fees:
            whole = !envelope.data.get_object().get(object) &&
                    tools_->replies.fees(object, q.listings[q.step], sink);
            break;
        default:
            break;
    }
    q.complete = q.complete && whole;
    return Inquiries::next_step(q, parts(q));
}

Next Questions::read_own(OwnNotes& notes, Inquiry& q, const Json& body) const
{
    bool hedge = false;
    std::string_view key;
    if (notes.question == OwnQuestion::position_mode) {
        if (body["dualSidePosition"].get_bool().get(hedge))
            return Inquiries::trouble(q, {}, {}, "the position mode cannot be read");
        notes.mode = hedge ? PositionMode::hedge : PositionMode::one_way;
    } else if (notes.question == OwnQuestion::listen_key) {
        if (body["listenKey"].get_string().get(key) || key.empty())
            return Inquiries::trouble(q, {}, {}, "the listen key cannot be read");
        notes.key = key;
    }
    return Next::over;
}

bool Questions::read_orders(const Inquiry& q, const Json& body, FactSink& sink)
{
    const bool query = q.kind == RequestKind::open_orders;
    // USD-M answers "cancel all" with a sentence only; the stream tells the orders.
    if (!query && tools_->market == Market::usdm) return true;
    dom::array array, reports;
    if (body.get_array().get(array)) return false;
    bool whole = true;
    const auto take = [&](const Json& order) {
        const ReportSource source = query ? ReportSource::query : ReportSource::reply;
        dom::object object;
        whole = !order.get_object().get(object) && tools_->replies.order(object, source, sink) && whole;
    };
    for (const Json entry : array) {
        // A cancelled list of orders (which we never send) comes with its orders inside.
        if (entry["orderReports"].get_array().get(reports)) {
            take(entry);
            continue;
        }
        for (const Json report : reports) take(report);
    }
    return whole;
}

bool Questions::read_balances(const Json& body, FactSink& sink)
{
    const bool spot = tools_->market == Market::spot;
    dom::array array;
    dom::object object;
    if ((spot ? body["balances"].get_array() : body.get_array()).get(array)) return false;
    bool whole = true;
    for (const Json entry : array) {
        whole = !entry.get_object().get(object) &&
                (spot ? tools_->replies.spot_balance(object, sink)
                      : tools_->replies.futures_balance(object, sink)) &&
                whole;
    }
    return whole;
}

bool Questions::read_positions(const Json& body, FactSink& sink)
{
    dom::array array;
    dom::object object;
    if (body.get_array().get(array)) return false;
    bool whole = true;
    std::vector<bool> seen(tools_->setup.table->listings().size(), false);
    tools_->memory.positions.forget();
    for (const Json entry : array) {
        ListingId listing = kNoListing;
        whole = !entry.get_object().get(object) && tools_->replies.position(object, sink, listing) && whole;
        if (listing != kNoListing) seen[index(listing)] = true;
    }
    for (const Listing& listing : tools_->setup.table->listings()) {
        if (seen[index(listing.id)])
            tools_->memory.positions.report(listing.id, ReportSource::query, {}, sink);
    }
    // Version 3 of positionRisk leaves flat positions out.
    if (whole) tell_flat_positions(tools_->setup, seen, sink);
    return whole;
}

}  // namespace arb::binance
