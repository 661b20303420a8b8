#include "connectors/kraken/questions.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "connectors/kraken/errors.hpp"
#include "connectors/kraken/signer.hpp"
#include "engine/venue/quoted_numbers.hpp"

namespace arb::kraken {
namespace {

constexpr std::string_view kBase = "https://api.kraken.com";
// A trade stands in the list so long after it at the latest, by a clock that is not ours.
constexpr Duration kListedLate = seconds(15);
constexpr std::size_t kNonceTries = 2;
constexpr std::size_t kPage = 50;        // trades a reply
constexpr std::size_t kIdsMost = 50;     // orders a question
constexpr std::size_t kFillsOwners = 1;  // the step of fills that asks whose orders they belong to

// Where an order is looked for, one after the other.
enum OrderStep : std::size_t { kById, kOpen, kClosed, kOrderSteps };
constexpr std::string_view kOrderLists[] = {"", "open", "closed"};

struct Notes final : InquiryNotes {
    explicit Notes(std::size_t most) : batch(most) {}
    std::size_t batch;             // how many names (ids, pairs) go into one request
    std::size_t sent = 0;          // how many did
    std::vector<Homeless> trades;  // read, not told yet
    std::size_t offset = 0;        // how many of them pages have held
    Timestamp asked;               // when the first page left
};

Notes& notes_of(const Inquiry& q)
{
    return static_cast<Notes&>(*q.notes);
}

// Pairs as many as there are.
std::size_t batch_most(const Inquiry& q)
{
    return q.kind == RequestKind::fees ? SIZE_MAX : kIdsMost;
}

std::size_t batch_of(const Inquiry& q)
{
    return std::min(notes_of(q).batch, q.kind == RequestKind::fees ? q.listings.size() : q.ids.size());
}

template <class Names>
void drop_first(Names& names, std::size_t count)
{
    names.erase(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(count));
}

// Not kept waiting for what the venue's counter allows, and sent first. So is what needs no key: it asks for
// names as part of the session.
bool is_urgent(RequestKind kind)
{
    return kind == RequestKind::key_info || kind == RequestKind::session || kind == RequestKind::cancel ||
           kind == RequestKind::cancel_all;
}

// What it adds to the venue's counter.
std::int64_t cost(const Inquiry& q, const Ask& ask)
{
    if (q.is_public || q.kind == RequestKind::cancel || q.kind == RequestKind::cancel_all) return 0;
    return ask.path.ends_with("TradesHistory") || ask.path.ends_with("ClosedOrders") ? kRestHistory : 1;
}

// Texts that begin with W are warnings.
std::string_view first_error(const simdjson::dom::array& errors)
{
    for (const simdjson::dom::element entry : errors) {
        std::string_view text;
        if (entry.get(text) != simdjson::SUCCESS || text.empty()) return "?";
        if (text.front() != 'W') return text;
    }
    return {};
}

}  // namespace

// While one private question is out no other may leave: an answer that is lost holds up all the rest for so
// long.
InquiryRules inquiry_rules()
{
    InquiryRules rules;
    rules.code_name = "list of errors";
    rules.has_codes = false;
    rules.answer_max = rules.slow_down = seconds(5);
    rules.waits_max = 6;
    rules.in_order = true;
    return rules;
}

void Questions::fill_in(Inquiry& q)
{
    q.notes = std::make_unique<Notes>(batch_most(q));
    const bool one = q.kind == RequestKind::query_order;
    if (one && is_plain_id(q.order.venue_id)) q.ids = {std::string(q.order.venue_id)};
    if (q.kind == RequestKind::open_orders || (one && q.ids.empty())) q.step = kOpen;
}

Inquiry Questions::names_of(std::string pair)
{
    Inquiry q(RequestKind::session);
    q.own = q.is_public = true;
    if (!pair.empty()) q.ids.push_back(std::move(pair));
    return q;
}

std::vector<Inquiry> Questions::own_questions()
{
    std::vector<Inquiry> all;
    for (std::string& pair : rows_->take_unknown()) all.push_back(names_of(std::move(pair)));
    return all;
}

// A page costs four seconds of the counter and holds fifty trades: what whole lists have told is not asked
// for again, however far back the question goes.
std::string Questions::fills_body(const Inquiry& q) const
{
    const bool told = told_until_.known() && told_from_ <= q.since && q.since < told_until_;
    const Timestamp from = told ? std::max(q.since, told_until_ - kListedLate) : q.since;
    // `start` is exclusive and in seconds. Consolidated rows would have ids and sizes that the stream never
    // told.
    return fmt::format("&start={}&consolidate_taker=false{}{}",
                       std::max<std::int64_t>(from.ns / 1'000'000'000 - 1, 0),
                       q.cursor.empty() ? "" : "&ofs=", q.cursor);
}

std::string Questions::first_names(const Inquiry& q) const
{
    std::string text;
    for (std::size_t i = 0; i < batch_of(q); ++i) {
        if (i > 0) text += ',';
        text += q.kind == RequestKind::fees ? rows_->for_request(q.listings[i]) : std::string_view(q.ids[i]);
    }
    return text;
}

Ask Questions::ask(const Inquiry& q)
{
    Ask ask;
    const auto post = [&](std::string_view name, std::string body = {}) {
        ask.method = "POST";
        ask.path = fmt::format("/0/private/{}", name);
        ask.body = std::move(body);
        return ask;
    };
    const std::string by_client = fmt::format("&cl_ord_id={}", client_order_id(q.order.order).view());
    switch (q.kind) {
        case RequestKind::key_info:
            return post("GetApiKeyInfo");
        case RequestKind::cancel:
            return post("CancelOrder", by_client);
        case RequestKind::cancel_all:
            return post("CancelAll");
        case RequestKind::open_orders:
            return post("OpenOrders");
        case RequestKind::query_order:
            if (q.step == kById) return post("QueryOrders", "&txid=" + first_names(q));
            return post(q.step == kOpen ? "OpenOrders" : "ClosedOrders", by_client);
        case RequestKind::fills:
            if (q.step == kFillsOwners) return post("QueryOrders", "&txid=" + first_names(q));
            return post("TradesHistory", fills_body(q));
        case RequestKind::balances:
            return post("BalanceEx");
        case RequestKind::fees:
            return post("TradeVolume", "&pair=" + first_names(q));
        default:
            ask.secret_reply = !q.is_public;
            if (!q.is_public) return post("GetWebSocketsToken");
            ask.is_signed = false;
            ask.path = q.ids.empty() ? "/0/public/Assets" : "/0/public/AssetPairs?pair=" + q.ids.front();
            return ask;
    }
}

bool Questions::sign(const Ask& ask, Timestamp venue_now, HttpRequest& out)
{
    out.url = std::string(kBase) + ask.path;
    if (!ask.is_signed) return true;
    // Always larger than the one before, also after a restart: it is the time.
    last_nonce_ = std::max(venue_now.ns, last_nonce_ + 1);
    const std::string nonce = fmt::format("{}", last_nonce_);
    out.body = "nonce=" + nonce + ask.body;
    std::string signature = sign_request(*setup_.credentials, ask.path, nonce, out.body);
    const bool good = !signature.empty();
    out.headers = {{"API-Key", setup_.credentials->key_id},
                   {"API-Sign", std::move(signature)},
                   {"Content-Type", "application/x-www-form-urlencoded"}};
    return good;
}

// What a key may do is written in texts and whole numbers, and read as it is.
Envelope Questions::open(const Inquiry& q, const HttpReply& reply)
{
    const bool key = q.kind == RequestKind::key_info;
    const std::string_view text = key ? reply.body.view() : quote_numbers(reply.body.view(), quoted_);
    Envelope envelope;
    Json root;
    simdjson::dom::array errors;
    const bool readable = parser_.parse(text.data(), text.size(), false).get(root) == simdjson::SUCCESS &&
                          root["error"].get(errors) == simdjson::SUCCESS;
    const std::string_view error = readable ? first_error(errors) : std::string_view();
    envelope.verdict =
        readable ? judge(reply.status, error) : judge(reply.status == 200 ? 500 : reply.status, "?");
    if (!key || error != "?") envelope.text = error;
    envelope.is_unknown = error.starts_with("EGeneral:Unknown method");
    envelope.has_data = readable && root["result"].get(envelope.data) == simdjson::SUCCESS;
    return envelope;
}

// A nonce that came out of order was not looked at.
std::optional<Next> Questions::sends_anew(Inquiry& q, Envelope& envelope, Timestamp now)
{
    const std::string_view error = envelope.text;
    if (error.starts_with("EAPI:Rate limit exceeded")) rest_.raise_to(tier_.rest_most, now);
    // Where a gate before the venue refused, its header tells how long.
    if (envelope.status == 200) q.retry_after = std::max(q.retry_after, told_pause(error, now));
    if (!error.starts_with("EAPI:Invalid nonce") || q.tries >= kNonceTries) return std::nullopt;
    ++q.tries;
    return Next::again;
}

Timestamp Questions::leaves_at(const Inquiry& q, const Ask& ask, Timestamp now)
{
    return is_urgent(q.kind) ? now : now + rest_.wait(cost(q, ask), tier_.rest_most, now);
}

void Questions::on_sent(const Inquiry& q, const Ask& ask, Timestamp now)
{
    if (q.is_public) return;
    notes_of(q).sent = batch_of(q);
    rest_.add(cost(q, ask), now);
    sent_kind_ = q.kind;
}

// The oldest, but kinds in turn: what was asked for many orders must not keep the one question about money
// waiting for all of them.
bool Questions::goes_before(const Inquiry& q, const Inquiry& older) const
{
    if (is_urgent(q.kind) != is_urgent(older.kind)) return is_urgent(q.kind);
    return older.kind == sent_kind_ && q.kind != sent_kind_;
}

bool Questions::is_same(const Inquiry& a, const Inquiry& b) const
{
    const bool one = a.kind == RequestKind::query_order;
    // Each question about the key has a report of its own.
    if (a.kind == RequestKind::key_info) return false;
    return !a.own && !b.own && a.kind == b.kind && a.order.order == b.order.order && (!one || a.ids == b.ids);
}

Next Questions::on_refusal(Inquiry& q, const Envelope& envelope, FactSink& sink)
{
    const std::string_view error = envelope.text;
    const bool told = envelope.verdict.outcome == Outcome::refused && !envelope.is_silent && !q.own;
    // The venue does not know its own id: what it knows by ours decides.
    if (told && q.kind == RequestKind::query_order && q.step == kById)
        return Inquiries::next_step(q, kOrderSteps);
    const bool of_pair = q.kind == RequestKind::fees &&
                         (error.starts_with("EQuery:") || error.starts_with("EGeneral:Invalid arguments"));
    // Of the only pair the refusal is the answer.
    const bool only = q.listings.size() == 1 && q.complete;
    if (told && ((of_pair && !only) || (q.kind == RequestKind::fills && q.step == kFillsOwners)))
        return split(q, error, sink);
    return Inquiries::trouble(q, envelope.verdict, {}, error);
}

// One id or pair that the venue does not know spoils the answer about all: fewer, down to the one, which is
// left out.
Next Questions::split(Inquiry& q, std::string_view error, FactSink& sink)
{
    Notes& notes = notes_of(q);
    q.answered = true;
    if (notes.sent > 1) {
        notes.batch = (notes.sent + 1) / 2;
        return Next::again;
    }
    notes.batch = batch_most(q);
    q.complete = false;
    if (q.kind == RequestKind::fees)
        RestRows::undecoded(UndecodedReason::venue_error, error, sink);
    else
        RestRows::undecoded(UndecodedReason::missing_field, q.ids.front(), sink);
    return next_names(q, sink);
}

// What was asked for is over, answered or not. When no owner is left to be asked for, the trades are told.
Next Questions::next_names(Inquiry& q, FactSink& sink)
{
    const Notes& notes = notes_of(q);
    if (q.kind == RequestKind::fees) {
        drop_first(q.listings, notes.sent);
        return q.listings.empty() ? Next::over : Next::again;
    }
    drop_first(q.ids, notes.sent);
    return q.ids.empty() ? tell_trades(q, sink) : Next::again;
}

Next Questions::read(Inquiry& q, const Envelope& envelope, FactSink& sink)
{
    const Json& result = envelope.data;
    if (q.is_public) {
        rows_->names(result, q.ids);
        return Next::over;
    }
    switch (q.kind) {
        case RequestKind::query_order:
            if (!q.own) return read_orders(q, result, sink);
            rows_->wanted(result, q, sink);
            return Next::over;
        case RequestKind::open_orders:
            return read_orders(q, result, sink);
        case RequestKind::fills:
            if (q.step != kFillsOwners) return read_trades(q, result, sink);
            rows_->owners(result);
            return next_names(q, sink);
        case RequestKind::balances:
            rows_->balances(result, q, sink);
            return Next::over;
        case RequestKind::fees:
            rows_->fees(result, std::span(q.listings).first(notes_of(q).sent), q, sink);
            return next_names(q, sink);
        case RequestKind::session:
            token_ = std::string(AccountFields(result).text("token", false));
            if (token_.empty()) return Inquiries::trouble(q, {}, {}, "the reply has no token");
            return Next::over;
        default:
            return Next::over;
    }
}

Next Questions::read_orders(Inquiry& q, const Json& result, FactSink& sink)
{
    Json list = result;
    simdjson::dom::object rows;
    if ((q.step != kById && result[kOrderLists[q.step]].get(list) != simdjson::SUCCESS) ||
        list.get(rows) != simdjson::SUCCESS) {
        q.complete = false;
        return Next::over;
    }
    if (q.step == kById) {
        // It was told under this id that the order is ours.
        KnownOrder& known = orders_->at(q.ids.front());
        known.order = q.order.order;
        known.has_owner = true;
    }
    // More rows than these: what is asked for may be among the others.
    if (q.step == kClosed &&
        AccountFields(result).integer("count", false) > static_cast<std::int64_t>(rows.size()))
        q.complete = false;
    bool is_found = false;
    for (const auto& [id, row] : rows) is_found = rows_->order(id, row, q, sink) || is_found;
    // What could not be read may be the very order: its absence is not proved.
    if (q.kind != RequestKind::query_order || is_found || !q.complete) return Next::over;
    const Next next = Inquiries::next_step(q, kOrderSteps);
    if (next == Next::over) Inquiries::tell_absent(q, sink);
    return next;
}

// A trade names the venue's order id alone; whose it is is looked up where we do not know.
Next Questions::read_trades(Inquiry& q, const Json& result, FactSink& sink)
{
    Notes& notes = notes_of(q);
    if (q.cursor.empty()) notes.asked = q.asked;
    simdjson::dom::object rows;
    if (result["trades"].get(rows) != simdjson::SUCCESS) {
        q.complete = false;
    } else {
        for (const auto& [id, row] : rows) rows_->trade(id, row, q, notes.trades, sink);
        const std::int64_t count = AccountFields(result).integer("count", false);
        notes.offset += rows.size();
        const bool more =
            static_cast<std::int64_t>(notes.offset) < count || (count == 0 && rows.size() >= kPage);
        const std::string mark = rows.size() > 0 ? fmt::format("{}", notes.offset) : std::string();
        if (Inquiries::next_page(q, mark, more) == Next::again) return Next::again;
    }
    q.ids = rows_->without_owner(notes.trades);
    q.step = kFillsOwners;
    return q.ids.empty() ? tell_trades(q, sink) : Next::again;
}

Next Questions::tell_trades(Inquiry& q, FactSink& sink)
{
    const Notes& notes = notes_of(q);
    rows_->place(notes.trades, q, sink);
    if (!q.complete) return Next::over;
    if (!told_until_.known() || q.since < told_from_ || q.since > told_until_) told_from_ = q.since;
    told_until_ = std::max(told_until_, notes.asked);
    return Next::over;
}

}  // namespace arb::kraken
