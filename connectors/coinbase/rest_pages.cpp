// Replies that come in pages: orders, fills, accounts; and the orders that fills belong to.
#include <algorithm>

#include "connectors/coinbase/rest_account.hpp"

namespace arb::coinbase {
namespace {

namespace dom = simdjson::dom;

constexpr int kPagesMax = 2'000;
constexpr std::size_t kIdsMax = 10'000;

// What can still be cancelled; CANCEL_QUEUED is being cancelled already.
bool cancellable(std::string_view status)
{
    return status != "CANCEL_QUEUED" && status != "FILLED" && status != "CANCELLED" && status != "EXPIRED" &&
           status != "FAILED";
}

}  // namespace

// Takes the place of the next page over; false: that was the last one, or there may not be another.
bool RestAccount::next_page(Job& job, PrivateFields& fields, bool more)
{
    const std::string cursor(fields.text("cursor", false));
    // "a valid proof token is required to access this data": what came is not all there is.
    if (fields.flag("proof_token_required", false)) {
        job.withheld = true;
        job.complete = false;
    }
    if (!fields.ok()) {
        job.complete = false;
        return false;
    }
    if (!more || cursor.empty()) return false;
    if (cursor == job.cursor || ++job.pages >= kPagesMax) {
        job.complete = false;
        return false;
    }
    job.cursor = cursor;
    return true;
}

void RestAccount::order_reply(Job& job, Answer answer, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (job.told && answer.status == 404 && answer.verdict.outcome == Outcome::refused) {
        // Not there by its id; the client id in the list has the last word.
        job.step = Step::order_list;
        return ask_page(job, now, sink, outbox);
    }
    if (answer.done()) {
        PrivateFields fields(answer.body);
        const dom::object order = fields.inner("order");
        KnownOrder* entry = nullptr;
        if (!fields.ok() || tools_->decoder.history_order(order, sink, entry) != Reading::told)
            answer.verdict = {};
    }
    if (job.told) return finish(job, answer, sink);
    const std::string venue_id = job.venue_id;
    finish(job, answer, sink);
    ask_price(venue_id, now, sink, outbox);
}

// Lists of live orders take more than one round; false: that was the last.
bool RestAccount::next_round(Job& job)
{
    if (job.kind == RequestKind::query_order || job.round == Round::simple_app) return false;
    job.round = job.round == Round::open_alone ? Round::other_live : Round::simple_app;
    job.cursor.clear();
    job.pages = 0;
    return true;
}

void RestAccount::orders_page(Job& job, Answer answer, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (answer.status == 400 && answer.verdict.outcome == Outcome::refused) {
        if (job.kind != RequestKind::query_order && job.round == Round::live) {
            job.round = Round::open_alone;
            return ask_page(job, now, sink, outbox);
        }
        // No such app, no such orders.
        if (job.round == Round::simple_app) return listed(job, now, sink, outbox);
    }
    if (!answer.done()) return finish(job, answer, sink);
    PrivateFields fields(answer.body);
    const dom::array orders = fields.list("orders");
    if (!fields.ok()) {
        answer.verdict = {};
        return finish(job, answer, sink);
    }
    for (const auto element : orders) {
        dom::object order;
        if (element.get_object().get(order)) {
            job.complete = false;
            continue;
        }
        if (read_order(job, order, sink)) return done(job, sink);
    }
    const bool more = fields.flag("has_next", false);
    if (next_page(job, fields, more) || next_round(job)) return ask_page(job, now, sink, outbox);
    listed(job, now, sink, outbox);
}

// True: that was the order that a query looks for.
bool RestAccount::read_order(Job& job, dom::object order, FactSink& sink)
{
    PrivateFields fields(order);
    const std::string_view client_id = fields.text("client_order_id", false);
    const std::string_view product = fields.text("product_id", false);
    if (job.kind == RequestKind::query_order && parse_client_order_id(client_id) != job.order) {
        if (!fields.ok()) job.complete = false;
        return false;
    }
    const Listing* const listing = tools_->decoder.listing_of(
        product, fields.text("order_id", false), parse_client_order_id(client_id).value_or(kForeignOrder));
    const bool asked = listing != nullptr &&
                       std::find(job.listings.begin(), job.listings.end(), listing->id) != job.listings.end();
    if (listing != nullptr && !asked) return false;
    KnownOrder* entry = nullptr;
    const Reading reading = tools_->decoder.history_order(order, sink, entry);
    if (reading == Reading::unreadable) job.complete = false;
    if (reading != Reading::told) return false;
    if (job.kind == RequestKind::cancel_all && cancellable(fields.text("status", false))) {
        const std::string_view id = fields.text("order_id", false);
        if (plain_id(id) && job.ids.size() < kIdsMax)
            job.ids.emplace_back(id);
        else
            job.complete = false;
    }
    return job.kind == RequestKind::query_order;
}

// All pages of orders were read.
void RestAccount::listed(Job& job, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (job.kind == RequestKind::cancel_all) return send_cancels(job, now, sink, outbox);
    if (job.kind != RequestKind::query_order) return done(job, sink);
    if (!job.complete) return finish(job, {}, sink);
    OrderReport report;
    report.order = job.order;
    report.listing = job.listing;
    report.status = OrderStatus::absent;
    report.source = ReportSource::query;
    sink.on_order_report(report);
    done(job, sink);
}

void RestAccount::cancelled_page(Job& job, Answer answer, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (!answer.done()) return finish(job, answer, sink);
    PrivateFields fields(answer.body);
    const dom::array results = fields.list("results");
    if (!fields.ok()) {
        answer.verdict = {};
        return finish(job, answer, sink);
    }
    for (const auto element : results) {
        bool success = false;
        if (element.at_key("success").get_bool().get(success) || !success) job.complete = false;
    }
    send_cancels(job, now, sink, outbox);
}

void RestAccount::fills_page(Job& job, Answer answer, std::string_view body, Timestamp now, FactSink& sink,
                             Outbox& outbox)
{
    PrivateFields fields(answer.body);
    dom::array fills;
    if (answer.done()) {
        fills = fields.list("fills");
        if (!fields.ok()) answer.verdict = {};
    }
    if (!answer.done()) {
        if (!job.told) end_chase(job.venue_id, false, now, outbox);
        return finish(job, answer, sink);
    }
    job.ids.clear();
    for (const auto element : fills) {
        std::string_view id;
        if (element.at_key("order_id").get_string().get(id) || !plain_id(id)) continue;
        if (tools_->decoder.known().find(id) != nullptr) continue;
        std::string_view product;
        const bool named = !element.at_key("product_id").get_string().get(product);
        if (named && tools_->decoder.listing_of(product, id, kForeignOrder) == nullptr) continue;  // not ours
        if (std::find(job.ids.begin(), job.ids.end(), id) == job.ids.end()) job.ids.emplace_back(id);
    }
    if (job.ids.empty()) return tell_fills(job, answer.body, now, sink, outbox);
    // "List Fills" names orders by the venue's id alone: whose they are is asked first.
    job.page = body;
    job.left.clear();
    ask_owners(job, now, sink, outbox);
}

void RestAccount::owners_reply(Job& job, Answer answer, Timestamp now, FactSink& sink, Outbox& outbox)
{
    const std::size_t begin = job.ids.size() - std::min(job.ids.size(), kOwnersMax);
    dom::array orders;
    // A list that cannot be read names nobody's owner: each is asked for by its id.
    if (answer.done() && !answer.body.at_key("orders").get_array().get(orders)) {
        for (const auto element : orders) {
            dom::object order;
            std::string_view id;
            KnownOrder* entry = nullptr;
            if (element.get_object().get(order) || order.at_key("order_id").get_string().get(id)) continue;
            const auto asked =
                std::find(job.ids.begin() + static_cast<std::ptrdiff_t>(begin), job.ids.end(), id);
            if (asked == job.ids.end()) continue;
            // Elsewhere: of a product that is not configured, and so are its fills.
            if (tools_->decoder.history_order(order, sink, entry) == Reading::unreadable)
                job.complete = false;
            job.ids.erase(asked);
        }
    }
    // What the list leaves out (it hides orders of the simple app) is asked for by its id.
    for (; job.ids.size() > begin; job.ids.pop_back()) job.left.push_back(std::move(job.ids.back()));
    owners_told(job, now, sink, outbox);
}

void RestAccount::owners_told(Job& job, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (!job.ids.empty()) return ask_owners(job, now, sink, outbox);
    if (!job.left.empty()) {
        job.step = Step::fill_order;
        return ask_order(job, job.left.back(), now, sink, outbox);
    }
    const PaddedBuffer page(job.page);
    dom::object body;
    job.step = Step::fill_list;
    if (tools_->parser.parse(page.text_of().data, page.text_of().size, false).get_object().get(body)) {
        if (!job.told) end_chase(job.venue_id, false, now, outbox);
        return finish(job, {}, sink);
    }
    tell_fills(job, body, now, sink, outbox);
}

void RestAccount::fill_order_reply(Job& job, const Answer& answer, Timestamp now, FactSink& sink,
                                   Outbox& outbox)
{
    KnownOrder* entry = nullptr;
    if (answer.done()) {
        PrivateFields fields(answer.body);
        const dom::object order = fields.inner("order");
        const Reading reading =
            fields.ok() ? tools_->decoder.history_order(order, sink, entry) : Reading::unreadable;
        // Elsewhere: of a product that is not configured, and so are its fills.
        if (reading == Reading::unreadable) job.complete = false;
    } else {
        job.complete = false;
        if (answer.verdict.outcome == Outcome::key_trouble) news_.key_trouble = true;
    }
    job.left.pop_back();
    owners_told(job, now, sink, outbox);
}

// A fill whose order could not be learnt is not told: it would look like a stranger's.
void RestAccount::tell_fills(Job& job, dom::object body, Timestamp now, FactSink& sink, Outbox& outbox)
{
    PrivateFields fields(body);
    const dom::array fills = fields.list("fills");
    bool any = false;
    for (const auto element : fills) {
        any = true;
        dom::object fill;
        std::string_view id;
        std::string_view product;
        if (element.get_object().get(fill) || fill.at_key("order_id").get_string().get(id)) {
            job.complete = false;
            continue;
        }
        const bool named = !fill.at_key("product_id").get_string().get(product);
        if (named && tools_->decoder.listing_of(product, id, kForeignOrder) == nullptr) {
            // Of a product that is not configured: none of ours, and said.
            sink.on_undecoded({UndecodedReason::unknown_instrument, kNoListing, kNoConnection, product});
            continue;
        }
        Quantity size;
        Reading reading = Reading::unreadable;
        if (tools_->decoder.known().find(id) != nullptr) reading = tools_->decoder.fill(fill, sink, size);
        if (reading != Reading::told) job.complete = job.complete && reading == Reading::elsewhere;
        if (__builtin_add_overflow(job.sum.units, size.units, &job.sum.units)) job.complete = false;
    }
    job.page.clear();
    if (next_page(job, fields, any)) return ask_page(job, now, sink, outbox);
    if (!job.told) {
        KnownOrder* const order = tools_->decoder.known().find(job.venue_id);
        if (order != nullptr) order->counted = std::max(order->counted, job.sum);
        end_chase(job.venue_id, order == nullptr || order->counted >= order->told, now, outbox);
    }
    done(job, sink);
}

void RestAccount::accounts_page(Job& job, Answer answer, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (!answer.done()) return finish(job, answer, sink);
    PrivateFields fields(answer.body);
    const dom::array accounts = fields.list("accounts");
    if (!fields.ok()) {
        answer.verdict = {};
        return finish(job, answer, sink);
    }
    for (const auto element : accounts) {
        dom::object object;
        if (element.get_object().get(object)) {
            job.complete = false;
            continue;
        }
        PrivateFields account(object);
        const std::string_view currency = account.text("currency");
        PrivateFields available(account.inner("available_balance"));
        const Amount free = account.ok() ? available.amount("value") : Amount{};
        const bool has_hold = !object.at_key("hold").is_null() && !object.at_key("hold").error();
        PrivateFields hold(has_hold ? account.inner("hold") : object);
        const Amount held = has_hold && account.ok() ? hold.amount("value") : Amount{};
        if (!account.ok() || !available.ok() || !hold.ok() || currency.empty()) {
            job.complete = false;
            sink.on_undecoded({account.reason(), kNoListing, kNoConnection, currency});
            continue;
        }
        // More than one wallet of a currency adds up.
        auto& [total, spare] = job.balances[std::string(currency)];
        if (__builtin_add_overflow(total.units, free.units + held.units, &total.units) ||
            __builtin_add_overflow(spare.units, free.units, &spare.units))
            job.complete = false;
    }
    const bool more = fields.flag("has_next", false);
    if (next_page(job, fields, more)) return ask_page(job, now, sink, outbox);
    for (const auto& [asset, amounts] : job.balances) {
        BalanceReport report;
        report.asset = asset;
        report.has_total = report.has_free = true;
        report.total = amounts.first;
        report.free = amounts.second;
        report.source = ReportSource::query;
        sink.on_balance_report(report);
    }
    done(job, sink);
}

}  // namespace arb::coinbase
