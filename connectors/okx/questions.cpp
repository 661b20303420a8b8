#include "connectors/okx/questions.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "connectors/okx/errors.hpp"
#include "connectors/okx/key_report.hpp"
#include "connectors/okx/signer.hpp"

namespace arb::okx {
namespace {

constexpr std::string_view kBase = "https://www.okx.com";
constexpr std::size_t kPage = 100;
constexpr std::size_t kBatch = 20;  // orders in one batch cancellation
// "Cancel All After": 10 to 120 s.
constexpr std::string_view kDeadManSeconds = "60";
// "Get transaction details (last 3 days)". Older fills have another address, which must be asked for each
// kind of instrument on its own.
constexpr Duration kRecentFills = seconds(3 * 86'400 - 3'600);
constexpr std::string_view kKinds[] = {"SPOT", "SWAP", "FUTURES"};
// "Order does not exist": the only answer that says so.
constexpr std::string_view kNoOrder = "51603";

std::string_view type_text(const Listing& listing)
{
    return kKinds[listing.market == "swap" ? 1 : listing.market == "futures" ? 2 : 0];
}

std::string fee_query(const Listing& listing)
{
    const bool spot = type_text(listing) == "SPOT";
    const std::string family = listing.symbol.substr(0, listing.symbol.rfind('-'));
    return fmt::format("instType={}&{}={}", type_text(listing), spot ? "instId" : "instFamily",
                       spot ? listing.symbol : family);
}

bool wants_history(const Inquiry& inquiry)
{
    return inquiry.venue_asked - inquiry.since >= kRecentFills;
}

// A cancellation that comes too late has nothing left to do.
bool gone(std::string_view code)
{
    constexpr std::string_view kGone[] = {"51400", "51401", "51402", "51405", "51410",
                                          "51503", "51509", "51510", kNoOrder};
    return std::find(std::begin(kGone), std::end(kGone), code) != std::end(kGone);
}

// A full page has another one behind it; `key` is the member that marks the place.
Next page(Inquiry& q, std::string_view key, const simdjson::dom::array& data)
{
    const bool full = data.size() >= kPage;
    std::string_view mark;
    if (full) mark = AccountFields(data.at(data.size() - 1).value_unsafe()).text(key, false);
    return Inquiries::next_page(q, is_plain_id(mark) ? mark : std::string_view(), full);
}

}  // namespace

InquiryRules inquiry_rules()
{
    InquiryRules rules;
    rules.slow_down = seconds(2);  // the venue counts in spans of 2 s
    rules.fees_most = 4;
    rules.fees_window = milliseconds(2200);
    return rules;
}

Ask Questions::ask(const Inquiry& q)
{
    Ask ask;
    const std::string page = q.cursor.empty() ? std::string() : "&after=" + q.cursor;
    const auto get = [&](std::string_view path, std::string query) {
        ask.path = path;
        ask.query = std::move(query);
    };
    const auto post = [&](std::string_view path, std::string body) {
        ask.method = "POST";
        ask.path = path;
        ask.body = std::move(body);
    };
    switch (q.kind) {
        case RequestKind::query_order: {
            const bool ours = q.order.order != kForeignOrder;
            const ClientOrderId client = client_order_id(q.order.order);
            get("/api/v5/trade/order",
                fmt::format("instId={}&{}={}", setup_.table->listing(q.order.listing).symbol,
                            ours ? "clOrdId" : "ordId", ours ? client.view() : std::string_view(q.venue_id)));
            break;
        }
        case RequestKind::cancel_all:
            if (q.step > 0) {
                // No more than a batch; what was told to slow down stands again at the list's end.
                const auto first = q.ids.begin() + static_cast<std::ptrdiff_t>(q.ids_done);
                const auto last =
                    first + static_cast<std::ptrdiff_t>(std::min(kBatch, q.ids.size() - q.ids_done));
                post("/api/v5/trade/cancel-batch-orders", fmt::format("[{}]", fmt::join(first, last, ",")));
                break;
            }
            [[fallthrough]];
        case RequestKind::open_orders:
            get("/api/v5/trade/orders-pending", "limit=100" + page);
            break;
        case RequestKind::fills: {
            const std::int64_t begin = q.since.ns / 1'000'000;
            if (wants_history(q))
                get("/api/v5/trade/fills-history",
                    fmt::format("instType={}&begin={}&limit=100{}", kKinds[q.step], begin, page));
            else
                get("/api/v5/trade/fills", fmt::format("begin={}&limit=100{}", begin, page));
            break;
        }
        case RequestKind::balances:
            get(q.step == 0 ? "/api/v5/account/balance" : "/api/v5/account/positions", {});
            break;
        case RequestKind::fees:
            get("/api/v5/account/trade-fee", fee_query(setup_.table->listing(q.listings[q.step])));
            break;
        case RequestKind::dead_man:
            post("/api/v5/trade/cancel-all-after",
                 fmt::format(R"({{"timeOut":"{}","tag":"{}"}})", kDeadManSeconds, kOrderTag));
            break;
        case RequestKind::session:
            mode_ = {};
            [[fallthrough]];
        case RequestKind::key_info:
            get("/api/v5/account/config", {});
            break;
        default:
            get("/api/v5/public/time", {});
            ask.is_signed = false;
    }
    return ask;
}

bool Questions::sign(const Ask& ask, Timestamp venue_now, HttpRequest& out)
{
    const std::string path = ask.query.empty() ? ask.path : ask.path + "?" + ask.query;
    out.url = std::string(kBase) + path;
    out.body = ask.body;
    if (!ask.is_signed) return true;
    const std::string time = iso_time(venue_now);
    const auto phrase = setup_.credentials->passphrase.bytes();
    std::string signature = sign_request(*setup_.credentials, time, ask.method, path, ask.body);
    const bool good = !signature.empty();
    out.headers = {{"OK-ACCESS-KEY", setup_.credentials->key_id},
                   {"OK-ACCESS-SIGN", std::move(signature)},
                   {"OK-ACCESS-TIMESTAMP", time},
                   {"OK-ACCESS-PASSPHRASE", std::string(phrase.begin(), phrase.end())},
                   {"Content-Type", "application/json"}};
    return good;
}

Envelope Questions::open(const Inquiry& q, const HttpReply& reply)
{
    Envelope envelope;
    Json root;
    if (parser_.parse(reply.body.data, reply.body.size, false).get(root) == simdjson::SUCCESS &&
        root.is_object()) {
        AccountFields fields(root);
        envelope.code = fields.text("code", false);
        envelope.text = fields.text("msg", false);
        envelope.has_data = root["data"].get(envelope.data) == simdjson::SUCCESS && envelope.data.is_array();
    }
    envelope.verdict = judge(reply.status, envelope.code);
    // "1" and "2": all or some of a batch failed; each item tells its own.
    const bool batch = q.kind == RequestKind::cancel_all && q.step > 0 && envelope.has_data;
    if (batch && reply.status < 300 && (envelope.code == "1" || envelope.code == "2"))
        envelope.verdict = {Outcome::done, RejectReason::none};
    Json first;
    if (q.kind == RequestKind::time && envelope.has_data &&
        envelope.data.at(0).get(first) == simdjson::SUCCESS)
        envelope.venue_time = AccountFields(first).milliseconds_time("ts");
    return envelope;
}

KeyReport Questions::read_key(std::string_view body, KeyTexts& texts)
{
    return read_key_report(body, texts);
}

Next Questions::on_refusal(Inquiry& q, const Envelope& envelope, FactSink& sink)
{
    const bool told = envelope.verdict.outcome == Outcome::refused && envelope.code == kNoOrder;
    if (q.kind != RequestKind::query_order || !told) return InquiryProtocol::on_refusal(q, envelope, sink);
    Inquiries::tell_absent(q, sink);
    return Next::over;
}

Next Questions::read(Inquiry& q, const Envelope& envelope, FactSink& sink)
{
    const JsonList data = envelope.data.get_array().value_unsafe();
    switch (q.kind) {
        case RequestKind::query_order:
            // Nothing, and yet no word that there is nothing.
            if (data.size() == 0) return Inquiries::trouble(q, {}, {}, "an empty answer");
            if (!facts_->order(data.at(0).value_unsafe(), ReportSource::query, sink))
                return Inquiries::trouble(q, {}, {}, "the order cannot be read");
            return Next::over;
        case RequestKind::open_orders:
            for (const Json entry : data)
                q.complete = facts_->order(entry, ReportSource::query, sink) && q.complete;
            return page(q, "ordId", data);
        case RequestKind::cancel_all:
            return q.step == 0 ? collect_orders(q, data) : read_cancelled(q, data);
        case RequestKind::fills:
            return read_fills(q, data, sink);
        case RequestKind::balances:
            return q.step == 0 ? read_balances(q, data, sink) : read_positions(q, data, sink);
        case RequestKind::fees:
            return read_fees(q, data, sink);
        case RequestKind::session:
            return read_mode(q, data);
        default:
            return Next::over;
    }
}

Next Questions::read_mode(Inquiry& q, const JsonList& data)
{
    mode_ = {};
    if (data.size() != 1) return Inquiries::trouble(q, {}, {}, "the account's settings cannot be read");
    const std::string wrong =
        read_account_mode(data.at(0).value_unsafe(), facts_->has_contracts(), mode_.mode);
    if (wrong.empty()) return Next::over;
    mode_.wrong = true;
    return Inquiries::trouble(q, {Outcome::refused, RejectReason::permission}, {}, wrong);
}

// Right after a trade its fee may be an empty text: such a fill is told without one, and the list counts as
// incomplete, so that it is asked for again.
Next Questions::read_fills(Inquiry& q, const JsonList& data, FactSink& sink) const
{
    for (const Json entry : data) {
        bool missing = false;
        q.complete = facts_->fill(entry, q.venue_asked, sink, missing) && !missing && q.complete;
    }
    if (page(q, "billId", data) == Next::again) return Next::again;
    return wants_history(q) ? Inquiries::next_step(q, std::size(kKinds)) : Next::over;
}

Next Questions::read_balances(Inquiry& q, const JsonList& data, FactSink& sink) const
{
    // An account without money answers with an entry without details.
    if (data.size() == 0) return Inquiries::trouble(q, {}, {}, "an empty answer");
    for (const Json entry : data)
        q.complete = facts_->balances(entry, ReportSource::query, sink) && q.complete;
    return facts_->has_contracts() ? Inquiries::next_step(q, 2) : Next::over;
}

Next Questions::read_positions(Inquiry& q, const JsonList& data, FactSink& sink) const
{
    std::vector<bool> seen(setup_.table->listings().size(), false);
    bool whole = true;
    for (const Json entry : data) {
        ListingId which = kNoListing;
        const bool read = facts_->position(entry, ReportSource::query, sink, which);
        if (which != kNoListing) seen[index(which)] = true;
        // A stranger's instrument is reported and takes nothing from the list.
        const bool strange = which == kNoListing && !AccountFields(entry).text("instId", false).empty();
        whole = (read || strange) && whole;
    }
    // What could not be read may be the position of any of them.
    if (whole) tell_flat_positions(setup_, seen, sink);
    q.complete = whole && q.complete;
    return Next::over;
}

// The venue shows no rates of pairs without a fee: what is not told of one is told of the others.
Next Questions::read_fees(Inquiry& q, const JsonList& data, FactSink& sink) const
{
    const bool read = data.size() > 0 && facts_->fees(data.at(0).value_unsafe(), q.listings[q.step], sink);
    if (!read) (void)Inquiries::trouble(q, {}, {}, "the fee rates cannot be read");
    return Inquiries::next_step(q, q.listings.size());
}

// There is no cancel-all for ordinary orders: what is open is listed, then cancelled in batches.
Next Questions::collect_orders(Inquiry& q, const JsonList& data) const
{
    for (const Json entry : data) {
        AccountFields fields(entry);
        const std::string_view symbol = fields.text("instId");
        const std::string_view id = fields.text("ordId");
        if (symbol.empty() || !is_plain_id(id)) q.complete = false;  // an order that nobody can cancel
        const Listing* listing = setup_.table->find_symbol(setup_.id, symbol);
        if (listing == nullptr || !is_plain_id(id) ||
            std::find(q.listings.begin(), q.listings.end(), listing->id) == q.listings.end())
            continue;
        q.ids.push_back(fmt::format(R"({{"instId":"{}","ordId":"{}"}})", listing->symbol, id));
    }
    if (page(q, "ordId", data) == Next::again) return Next::again;
    q.step = 1;
    return q.ids.empty() ? Next::over : Next::again;
}

// Answers stand in the order of the request.
Next Questions::read_cancelled(Inquiry& q, const JsonList& data) const
{
    const std::size_t last = std::min(q.ids_done + kBatch, q.ids.size());
    if (q.ids_done + data.size() != last) q.complete = false;
    std::size_t place = q.ids_done;
    bool slower = false;
    for (const Json entry : data) {
        AccountFields fields(entry);
        const std::string_view code = fields.text("sCode", false);
        const std::size_t which = place++;
        const Verdict verdict = judge(200, code);
        if (verdict.done() || gone(code)) continue;
        if (verdict.outcome == Outcome::rate_limited && which < last && q.may_wait) {
            q.ids.push_back(std::string(q.ids[which]));
            slower = true;
            continue;
        }
        // The first trouble is told; what can be cancelled is cancelled all the same.
        (void)Inquiries::trouble(q, verdict, code, fields.text("sMsg", false));
    }
    q.ids_done = last;
    if (last == q.ids.size()) return Next::over;
    return slower ? Next::later : Next::again;
}

}  // namespace arb::okx
