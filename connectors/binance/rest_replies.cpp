// Replies to the trading half's REST requests: errors judged, objects decoded, batches continued.
#include <algorithm>

#include "connectors/binance/key_report.hpp"
#include "connectors/binance/private_words.hpp"
#include "connectors/binance/rest_account.hpp"

namespace arb::binance {

namespace dom = simdjson::dom;

namespace {

constexpr std::size_t kFillsPageFull = 1'000;
constexpr std::int64_t kNoSuchOrder = -2013;
constexpr std::int64_t kArchived = -2026;
constexpr std::int64_t kNothingToCancel = -2011;
constexpr std::string_view kTimeKey = "serverTime";
constexpr Duration kModeAgain = seconds(5);
constexpr Duration kHedgeAgain = seconds(60);

}  // namespace

bool RestAccount::on_http(const HttpReply& http, Timestamp now, FactSink& sink, Outbox& outbox,
                          std::optional<ListenKeyReply>& listen_key)
{
    const auto found = std::find_if(calls_.begin(), calls_.end(),
                                    [&](const Call& c) { return http.tag != 0 && c.tag == http.tag; });
    // A late answer to a request that was given up is ours all the same.
    if (found == calls_.end()) return http.tag != 0 && http.tag < next_tag_;
    const Call call = *found;
    calls_.erase(found);
    heed(call.kind == Kind::key_info ? *tools_->key_pool : *tools_->pool, http, now);
    reply(call, http, now, sink, outbox, listen_key);
    return true;
}

void RestAccount::reply(const Call& call, const HttpReply& http, Timestamp now, FactSink& sink,
                        Outbox& outbox, std::optional<ListenKeyReply>& listen_key)
{
    dom::element body;
    const bool whole = http.body.data != nullptr && http.body.size > 0 &&
                       !tools_->parser.parse(http.body.data, http.body.size, false).get(body);
    Refusal refusal;
    if (http.status == 0 && !http.sent) {
        refusal.verdict = {Outcome::refused, RejectReason::other};
    } else if (http.status == 200 && whole) {
        refusal.verdict = {Outcome::done, RejectReason::none};
    } else if (http.status != 200) {
        refusal = read_refusal(http.status, whole ? &body : nullptr);
    }
    if (http.retry_after > Duration{}) refusal.retry_after = http.retry_after;
    switch (call.kind) {
        case Kind::time:
        case Kind::time_untold:
            return time_reply(call, body, refusal, now, sink);
        case Kind::key_info:
            return key_info_reply(http, refusal, sink);
        case Kind::query_order:
        case Kind::cancel_order:
            return order_reply(call, body, refusal, sink);
        case Kind::position_mode:
            return position_mode_reply(body, refusal, now, sink, outbox);
        case Kind::dead_man:
            return tools_->end(RequestKind::dead_man, refusal.verdict, sink, kForeignOrder, refusal);
        case Kind::listen_key:
        case Kind::renew_key:
            return key_reply(call, body, refusal, listen_key);
        case Kind::lookup:
        case Kind::batch:
            break;
    }
    Batch* const batch = find_batch(call.batch);
    if (batch != nullptr) batch_reply(*batch, call, body, http, refusal, now, sink, outbox);
}

void RestAccount::time_reply(const Call& call, dom::element body, const Refusal& refusal, Timestamp now,
                             FactSink& sink)
{
    Verdict verdict = refusal.verdict;
    dom::object object;
    if (verdict.outcome == Outcome::done && !body.get_object().get(object)) {
        PrivateFields fields(object);
        const Timestamp time = fields.time(kTimeKey);
        if (fields.ok())
            sink.on_clock_sample(time, call.sent, now);
        else
            verdict = {Outcome::unknown, RejectReason::none};
    } else if (verdict.outcome == Outcome::done) {
        verdict = {Outcome::unknown, RejectReason::none};
    }
    if (call.kind == Kind::time) tools_->end(RequestKind::time, verdict, sink, kForeignOrder, refusal);
}

// Orders without a position side are refused in hedge mode (-4061), so none is sent before the mode is known.
void RestAccount::position_mode_reply(dom::element body, const Refusal& refusal, Timestamp now,
                                      FactSink& sink, Outbox& outbox)
{
    dom::object object;
    bool hedge = false;
    const bool told = refusal.verdict.outcome == Outcome::done && !body.get_object().get(object) &&
                      !object["dualSidePosition"].get_bool().get(hedge);
    if (told) tools_->mode = hedge ? PositionMode::hedge : PositionMode::one_way;
    if (told && !hedge) {
        hedge_told_ = false;
        return;
    }
    if (!told) {
        const Verdict verdict = refusal.verdict.outcome == Outcome::done ? Verdict{} : refusal.verdict;
        tools_->end(RequestKind::session, verdict, sink, kForeignOrder, refusal);
        if (verdict.outcome == Outcome::key_trouble) return;
    } else {
        tell_hedge(sink);
    }
    const Duration pause = told ? kHedgeAgain : kModeAgain;
    mode_again_ = now + std::max(pause, refusal.retry_after);
    outbox.wake_at(tools_->setup.id, mode_again_);
}

void RestAccount::tell_hedge(FactSink& sink)
{
    if (hedge_told_) return;
    hedge_told_ = true;
    Refusal refusal;
    refusal.text =
        "the account is in hedge mode, where no order of ours fits; close its positions and orders, then set "
        "Position Mode to One-way in the preferences of Binance Futures: it is asked again every minute";
    tools_->end(RequestKind::session, {Outcome::refused, RejectReason::permission}, sink, kForeignOrder,
                refusal);
}

void RestAccount::key_info_reply(const HttpReply& http, Refusal refusal, FactSink& sink)
{
    std::string words;
    KeyReport report = http.status == 200 ? read_key_report(tools_->market, http.body.view(), words)
                                          : key_refusal(http.status, refusal, words);
    report.label = tools_->setup.credentials->label;
    sink.on_key_report(report);
    if (http.status == 200) {
        const bool told = report.answer == KeyAnswer::told;
        refusal.text = report.text;
        refusal.verdict = told ? Verdict{Outcome::done, RejectReason::none} : Verdict{};
    }
    tools_->end(RequestKind::key_info, refusal.verdict, sink, kForeignOrder, refusal);
}

void RestAccount::order_reply(const Call& call, dom::element body, Refusal refusal, FactSink& sink)
{
    const bool query = call.kind == Kind::query_order;
    // Spot: archived, which happens to orders that ended without a fill long ago.
    const bool archived =
        query && tools_->market == Market::spot && refusal.code == kArchived && call.order != kForeignOrder;
    if (archived || (query && refusal.code == kNoSuchOrder && refusal.verdict.outcome == Outcome::refused)) {
        const ClientOrderId client = client_order_id(call.order);
        OrderReport report;
        report.order = call.order;
        report.listing = call.listing;
        report.status = archived ? OrderStatus::cancelled : OrderStatus::absent;
        report.has_filled = archived;
        report.source = ReportSource::query;
        report.client_id = client.view();
        sink.on_order_report(report);
        refusal.verdict = {Outcome::done, RejectReason::none};
    } else if (refusal.verdict.outcome == Outcome::done) {
        dom::object object;
        const ReportSource source = query ? ReportSource::query : ReportSource::reply;
        if (body.get_object().get(object) || !tools_->decoder.order(object, source, sink))
            refusal.verdict = {Outcome::unknown, RejectReason::none};
    }
    tools_->end(query ? RequestKind::query_order : RequestKind::cancel, refusal.verdict, sink, call.order,
                refusal);
}

void RestAccount::key_reply(const Call& call, dom::element body, const Refusal& refusal,
                            std::optional<ListenKeyReply>& listen_key)
{
    ListenKeyReply result;
    result.renewal = call.kind == Kind::renew_key;
    result.refusal = refusal;
    dom::object object;
    std::string_view key;
    if (refusal.verdict.outcome == Outcome::done && !body.get_object().get(object) &&
        !object["listenKey"].get_string().get(key))
        result.key = key;
    // The text lives in the parser's memory, which the next reply overwrites.
    text_ = refusal.text;
    result.refusal.text = text_;
    listen_key = std::move(result);
}

// Many orders at once, from the lowest number on; what the list does not have is asked for one by one.
bool RestAccount::lookup_list(Batch& batch, dom::element body, const Refusal& refusal)
{
    dom::array array;
    if (refusal.verdict.outcome != Outcome::done || body.get_array().get(array)) return false;
    for (const auto element : array) {
        std::int64_t number = 0;
        std::string_view client;
        if (element["orderId"].get_int64().get(number) || element["clientOrderId"].get_string().get(client))
            continue;
        const auto wanted = std::find(batch.lookups.begin(), batch.lookups.end(), number);
        if (wanted == batch.lookups.end()) continue;
        batch.lookups.erase(wanted);
        batch.orders[number] = our_order(client);
        tools_->decoder.remember(number, batch.orders[number]);
    }
    return true;
}

bool RestAccount::lookup_reply(Batch& batch, const Call& call, dom::element body, const Refusal& refusal)
{
    if (call.number == 0) return lookup_list(batch, body, refusal);
    dom::object object;
    std::string_view client;
    OrderId order = kForeignOrder;
    if (refusal.verdict.outcome == Outcome::done && !body.get_object().get(object) &&
        !object["clientOrderId"].get_string().get(client))
        order = our_order(client);
    else if (refusal.code != kNoSuchOrder)
        return false;
    tools_->decoder.remember(call.number, order);
    batch.orders[call.number] = order;
    if (!batch.lookups.empty()) batch.lookups.pop_back();
    return true;
}

void RestAccount::batch_reply(Batch& batch, const Call& call, dom::element body, const HttpReply& http,
                              const Refusal& refusal, Timestamp now, FactSink& sink, Outbox& outbox)
{
    bool good = refusal.verdict.outcome == Outcome::done;
    const bool nothing = batch.kind == RequestKind::cancel_all && refusal.code == kNothingToCancel;
    if (call.kind == Kind::lookup) {
        // Without an answer the page's fills could be taken for a stranger's: the batch ends here.
        good = lookup_reply(batch, call, body, refusal);
        if (good && batch.lookups.empty()) hand_on_page(batch, now, sink);
    } else if (good && batch.kind == RequestKind::fills) {
        keep_page(batch, body, http.body.view());
        if (batch.lookups.empty()) hand_on_page(batch, now, sink);
    } else if (good || nothing) {
        if (good && !read_list(batch, body, sink)) batch.complete = false;
        good = true;
        next_listing(batch);
    }
    if (!good) {
        batch.verdict = refusal.verdict.outcome == Outcome::done ? Verdict{} : refusal.verdict;
        batch.code = refusal.code;
        batch.text = refusal.text;
        batch.retry_after = refusal.retry_after;
        batch.complete = false;
        // What can be cancelled is cancelled, also behind a listing that fails; not into a ban.
        const bool go_on =
            batch.kind == RequestKind::cancel_all &&
            (refusal.verdict.outcome == Outcome::refused || refusal.verdict.outcome == Outcome::unknown);
        if (!go_on) return finish(batch.id, now, sink, outbox);
        next_listing(batch);
    }
    advance(batch, now, sink, outbox);
}

// A reply that lists orders, or tells fees or balances; false when a part of it could not be read.
bool RestAccount::read_list(Batch& batch, dom::element body, FactSink& sink)
{
    dom::array array;
    dom::object object;
    if (batch.kind == RequestKind::balances) return read_balances(batch, body, sink);
    if (batch.kind == RequestKind::fees)
        return !body.get_object().get(object) &&
               tools_->decoder.fees(object, batch.listings[batch.next], sink);
    // USD-M answers "cancel all" with a sentence only; the stream tells the orders.
    if (batch.kind == RequestKind::cancel_all && tools_->market == Market::usdm) return true;
    if (body.get_array().get(array)) return false;
    bool whole = true;
    const ReportSource source =
        batch.kind == RequestKind::cancel_all ? ReportSource::reply : ReportSource::query;
    for (const auto element : array) {
        if (element.get_object().get(object)) {
            whole = false;
            continue;
        }
        // A cancelled list of orders (which we never send) comes with its orders inside.
        dom::array reports;
        if (object["orderReports"].get_array().get(reports)) {
            whole = tools_->decoder.order(object, source, sink) && whole;
            continue;
        }
        for (const auto report : reports)
            whole = !report.get_object().get(object) && tools_->decoder.order(object, source, sink) && whole;
    }
    return whole;
}

bool RestAccount::read_balances(Batch& batch, dom::element body, FactSink& sink)
{
    dom::array array;
    dom::object object;
    bool whole = true;
    if (tools_->market == Market::spot) {
        if (body.get_object().get(object) || object["balances"].get_array().get(array)) return false;
    } else if (body.get_array().get(array)) {
        return false;
    }
    const bool positions = tools_->market == Market::usdm && batch.next == 1;
    std::vector<ListingId> told;
    if (positions) tools_->decoder.forget_positions();
    for (const auto element : array) {
        bool good = !element.get_object().get(object);
        ListingId listing = kNoListing;
        if (good && positions)
            good = tools_->decoder.position(object, sink, listing);
        else if (good)
            good = tools_->market == Market::spot ? tools_->decoder.spot_balance(object, sink)
                                                  : tools_->decoder.futures_balance(object, sink);
        if (listing != kNoListing && std::find(told.begin(), told.end(), listing) == told.end())
            told.push_back(listing);
        whole = whole && good;
    }
    for (const ListingId listing : told)
        tools_->decoder.report_position(listing, ReportSource::query, {}, sink);
    if (!positions || !whole) return whole;
    // Version 3 of positionRisk leaves flat positions out.
    for (const Listing& listing : tools_->setup.table->listings()) {
        if (listing.venue != tools_->setup.id ||
            std::find(told.begin(), told.end(), listing.id) != told.end())
            continue;
        BalanceReport flat;
        flat.asset = tools_->setup.table->instrument_of(listing.id).name;
        flat.has_total = true;
        flat.source = ReportSource::query;
        sink.on_balance_report(flat);
    }
    return whole;
}

// Trades name their order by the venue's number only. The page waits until all of them are known.
void RestAccount::keep_page(Batch& batch, dom::element body, std::string_view text)
{
    batch.page = text;
    batch.lookups.clear();
    batch.listed = false;
    batch.orders.clear();
    dom::array array;
    if (body.get_array().get(array)) return;
    for (const auto element : array) {
        std::int64_t order = 0;
        if (element["orderId"].get_int64().get(order) || batch.orders.count(order) > 0) continue;
        if (const auto known = tools_->decoder.known().find(order)) {
            batch.orders[order] = *known;
            continue;
        }
        const bool listed =
            std::find(batch.lookups.begin(), batch.lookups.end(), order) != batch.lookups.end();
        if (!listed) batch.lookups.push_back(order);
    }
}

void RestAccount::hand_on_page(Batch& batch, Timestamp now, FactSink& sink)
{
    const PaddedBuffer page(batch.page);
    batch.page.clear();
    dom::array array;
    std::size_t count = 0;
    std::int64_t last = -1;
    if (tools_->parser.parse(page.text_of().data, page.text_of().size, false).get_array().get(array)) {
        batch.complete = false;
        return next_listing(batch);
    }
    for (const auto element : array) {
        dom::object object;
        std::int64_t id = -1;
        std::int64_t number = -1;
        ++count;
        const bool numbered = !element["orderId"].get_int64().get(number);
        const auto order = numbered ? batch.orders.find(number) : batch.orders.end();
        // A fill whose order could not be told is left out rather than called a stranger's.
        if (order == batch.orders.end() || element.get_object().get(object) ||
            !tools_->decoder.trade(object, order->second, sink, id))
            batch.complete = false;
        last = std::max(last, id);
    }
    if (count >= kFillsPageFull && last >= batch.from_id && last >= 0) {
        batch.from_id = last + 1;
        return;
    }
    const Duration window = seconds(tools_->market == Market::spot ? 86'400 : 7 * 86'400);
    batch.window = batch.window + window;
    // Pages by id run to the newest trade; windows of time are walked up to now.
    if (batch.from_id >= 0 || batch.window > now + tools_->offset) next_listing(batch);
}

}  // namespace arb::binance
