#include "connectors/coinbase/account_lists.hpp"

#include <algorithm>

#include "engine/venue/encoding.hpp"

namespace arb::coinbase {
namespace {

namespace dom = simdjson::dom;

constexpr std::size_t kIdsMax = 10'000;
constexpr std::size_t kOwnersMax = 50;  // order ids in one question

// What can still be cancelled; CANCEL_QUEUED is being cancelled already.
bool cancellable(std::string_view status)
{
    return status != "CANCEL_QUEUED" && status != "FILLED" && status != "CANCELLED" && status != "EXPIRED" &&
           status != "FAILED";
}

Next turn_page(Inquiry& q, PrivateFields& fields, bool more)
{
    const std::string_view cursor = fields.text("cursor", false);
    // "a valid proof token is required to access this data": what came is not all there is.
    if (fields.flag("proof_token_required", false)) {
        q.text = "the venue wants a proof token of its owner before it tells all (EU SCA)";
        q.complete = false;
    }
    q.complete = fields.ok() && q.complete;
    return Inquiries::next_page(q, percent_encode(cursor), fields.ok() && more);
}

// More than one wallet of a currency adds up.
bool add_wallet(dom::element element, QuestionNotes& notes, FactSink& sink)
{
    dom::object object;
    if (element.get_object().get(object)) return false;
    PrivateFields account(object);
    const std::string_view currency = account.text("currency");
    PrivateFields available(account.inner("available_balance"));
    const Amount free = account.ok() ? available.amount("value") : Amount{};
    const bool has_hold = !object.at_key("hold").is_null() && !object.at_key("hold").error();
    PrivateFields hold(has_hold ? account.inner("hold") : object);
    const Amount held = has_hold && account.ok() ? hold.amount("value") : Amount{};
    if (!account.ok() || !available.ok() || !hold.ok() || currency.empty()) {
        sink.on_undecoded({account.reason(), kNoListing, kNoConnection, currency});
        return false;
    }
    auto& [total, spare] = notes.balances[std::string(currency)];
    return !__builtin_add_overflow(total.units, free.units + held.units, &total.units) &&
           !__builtin_add_overflow(spare.units, free.units, &spare.units);
}

}  // namespace

Next cannot_read(Inquiry& q)
{
    return Inquiries::trouble(q, {}, {}, "the reply cannot be read");
}

std::span<const std::string> owner_batch(const Inquiry& q)
{
    return std::span(q.ids).last(std::min(q.ids.size(), kOwnersMax));
}

Next AccountLists::begin_round(Inquiry& q, OrderRound round)
{
    q.step = round;
    q.cursor.clear();
    q.pages = 0;
    return Next::again;
}

Next AccountLists::order(Inquiry& q, Object body, FactSink& sink) const
{
    PrivateFields fields(body);
    const dom::object order = fields.inner("order");
    KnownOrder* entry = nullptr;
    const bool told = fields.ok() && tools_->decoder.history_order(order, sink, entry) == Reading::told;
    return told ? Next::over : cannot_read(q);
}

Next AccountLists::orders(Inquiry& q, Object body, FactSink& sink) const
{
    PrivateFields fields(body);
    const dom::array orders = fields.list("orders");
    if (!fields.ok()) return cannot_read(q);
    for (const auto element : orders) {
        dom::object order;
        if (element.get_object().get(order))
            q.complete = false;
        else if (take_order(q, order, sink))
            return Next::over;
    }
    const bool more = fields.flag("has_next", false);
    if (turn_page(q, fields, more) == Next::again) return Next::again;
    if (q.kind == RequestKind::query_order || q.step == kSimpleApp) return orders_over(q, sink);
    return begin_round(q, q.step == kOpenAlone ? kOtherLive : kSimpleApp);
}

Next AccountLists::orders_over(Inquiry& q, FactSink& sink)
{
    if (q.kind == RequestKind::cancel_all && !q.ids.empty()) return begin_round(q, kCancelling);
    if (q.kind != RequestKind::query_order) return Next::over;
    // What could not be read may be the very order: its absence is not proved.
    if (!q.complete) return Inquiries::trouble(q, {}, {}, std::string(q.text));
    Inquiries::tell_absent(q, sink);
    return Next::over;
}

// True: that was the order that a query looks for.
bool AccountLists::take_order(Inquiry& q, Object order, FactSink& sink) const
{
    PrivateFields fields(order);
    const bool searches = q.kind == RequestKind::query_order;
    const auto client_id = parse_client_order_id(fields.text("client_order_id", false));
    const std::string_view product = fields.text("product_id", false);
    if (searches && client_id != q.order.order) {
        q.complete = fields.ok() && q.complete;
        return false;
    }
    const Listing* const listing = tools_->decoder.listing_of(product, fields.text("order_id", false),
                                                              client_id.value_or(kForeignOrder));
    if (listing != nullptr &&
        std::find(q.listings.begin(), q.listings.end(), listing->id) == q.listings.end())
        return false;
    KnownOrder* entry = nullptr;
    const Reading reading = tools_->decoder.history_order(order, sink, entry);
    if (reading == Reading::unreadable) q.complete = false;
    if (reading != Reading::told) return false;
    if (q.kind == RequestKind::cancel_all && cancellable(fields.text("status", false))) {
        const std::string_view id = fields.text("order_id", false);
        if (plain_id(id) && q.ids.size() < kIdsMax)
            q.ids.emplace_back(id);
        else
            q.complete = false;
    }
    return searches;
}

// Of a product that is not configured: none of ours. Without a product nothing is known.
bool AccountLists::is_elsewhere(std::string_view product, std::string_view venue_id) const
{
    return !product.empty() && tools_->decoder.listing_of(product, venue_id, kForeignOrder) == nullptr;
}

// "List Fills" names orders by the venue's id alone: whose they are is asked first.
Next AccountLists::fills(Inquiry& q, Object body, std::string_view text, FactSink& sink) const
{
    PrivateFields fields(body);
    const dom::array fills = fields.list("fills");
    if (!fields.ok()) return cannot_read(q);
    q.ids.clear();
    for (const auto element : fills) {
        const std::string_view id = member_text(element, "order_id");
        if (!plain_id(id) || tools_->decoder.known().find(id) != nullptr) continue;
        if (is_elsewhere(member_text(element, "product_id"), id)) continue;
        if (std::find(q.ids.begin(), q.ids.end(), id) == q.ids.end()) q.ids.emplace_back(id);
    }
    if (q.ids.empty()) return tell_fills(q, body, sink);
    notes_of(q).page = text;
    return owners_over(q, sink);
}

Next AccountLists::owners(Inquiry& q, const Envelope& envelope, FactSink& sink) const
{
    const std::size_t begin = q.ids.size() - owner_batch(q).size();
    dom::array orders;
    // A list that cannot be read names nobody's owner: each is asked for by its id.
    if (envelope.verdict.done() && !envelope.data.at_key("orders").get_array().get(orders)) {
        for (const auto element : orders) {
            dom::object order;
            KnownOrder* entry = nullptr;
            if (element.get_object().get(order)) continue;
            const auto asked = std::find(q.ids.begin() + static_cast<std::ptrdiff_t>(begin), q.ids.end(),
                                         member_text(element, "order_id"));
            if (asked == q.ids.end()) continue;
            // Elsewhere: of a product that is not configured, and so are its fills.
            if (tools_->decoder.history_order(order, sink, entry) == Reading::unreadable) q.complete = false;
            q.ids.erase(asked);
        }
    }
    // What the list leaves out (it hides orders of the simple app) is asked for by its id.
    for (; q.ids.size() > begin; q.ids.pop_back()) notes_of(q).left.push_back(std::move(q.ids.back()));
    return owners_over(q, sink);
}

Next AccountLists::owner(Inquiry& q, const Envelope& envelope, FactSink& sink) const
{
    dom::object order;
    KnownOrder* entry = nullptr;
    const bool named = envelope.verdict.done() && !envelope.data.at_key("order").get_object().get(order);
    if (!named || tools_->decoder.history_order(order, sink, entry) == Reading::unreadable)
        q.complete = false;
    notes_of(q).left.pop_back();
    return owners_over(q, sink);
}

// Who is known is known: what is left is asked for, and then the page is told.
Next AccountLists::owners_over(Inquiry& q, FactSink& sink) const
{
    QuestionNotes& notes = notes_of(q);
    q.step = !q.ids.empty() ? kOwners : !notes.left.empty() ? kOwner : kFillPage;
    if (q.step != kFillPage) return Next::again;
    const PaddedBuffer page(notes.page);
    const PaddedText text = page.text_of();
    dom::object body;
    if (tools_->parser.parse(text.data, text.size, false).get_object().get(body)) return cannot_read(q);
    return tell_fills(q, body, sink);
}

// A fill whose order could not be learnt is not told: it would look like a stranger's.
Next AccountLists::tell_fills(Inquiry& q, Object body, FactSink& sink) const
{
    PrivateFields fields(body);
    QuestionNotes& notes = notes_of(q);
    bool any = false;
    for (const auto element : fields.list("fills")) {
        any = true;
        dom::object fill;
        const std::string_view id = member_text(element, "order_id");
        if (id.empty() || element.get_object().get(fill)) {
            q.complete = false;
            continue;
        }
        if (const std::string_view product = member_text(element, "product_id"); is_elsewhere(product, id)) {
            sink.on_undecoded({UndecodedReason::unknown_instrument, kNoListing, kNoConnection, product});
            continue;
        }
        Quantity size;
        Reading reading = Reading::unreadable;
        if (tools_->decoder.known().find(id) != nullptr) reading = tools_->decoder.fill(fill, sink, size);
        if (reading == Reading::unreadable ||
            __builtin_add_overflow(notes.sum.units, size.units, &notes.sum.units))
            q.complete = false;
    }
    notes.page.clear();
    return turn_page(q, fields, any && !fields.text("cursor", false).empty());
}

Next AccountLists::accounts(Inquiry& q, Object body, FactSink& sink)
{
    PrivateFields fields(body);
    const dom::array accounts = fields.list("accounts");
    if (!fields.ok()) return cannot_read(q);
    for (const auto element : accounts) q.complete = add_wallet(element, notes_of(q), sink) && q.complete;
    const bool more = fields.flag("has_next", false);
    if (turn_page(q, fields, more) == Next::again) return Next::again;
    for (const auto& [asset, amounts] : notes_of(q).balances) {
        BalanceReport report;
        report.asset = asset;
        report.has_total = report.has_free = true;
        report.total = amounts.first;
        report.free = amounts.second;
        report.source = ReportSource::query;
        sink.on_balance_report(report);
    }
    return Next::over;
}

Next AccountLists::fees(Inquiry& q, Object body, FactSink& sink)
{
    PrivateFields fields(body);
    const dom::object tier = fields.inner("fee_tier");
    if (!fields.ok()) return cannot_read(q);
    PrivateFields rates(tier);
    const ScaledNumber maker = parse_scaled(rates.text("maker_fee_rate"), 8);
    const ScaledNumber taker = parse_scaled(rates.text("taker_fee_rate"), 8);
    if (maker.error != DecimalError::none || taker.error != DecimalError::none) return cannot_read(q);
    for (const ListingId id : q.listings) {
        FeeReport report;
        report.listing = id;
        report.maker = {maker.value};
        report.taker = {taker.value};
        sink.on_fee_report(report);
    }
    return Next::over;
}

}  // namespace arb::coinbase
