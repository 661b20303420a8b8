// What Kraken's REST replies say of orders and fills. A row that cannot be read or
// placed is counted and makes the answer incomplete: whoever asked must not take it for the whole truth.
#include <algorithm>

#include <fmt/format.h>

#include "connectors/kraken/account.hpp"

namespace arb::kraken {
namespace {

constexpr std::size_t kPage = 50;        // trades and closed orders a reply
constexpr std::size_t kOwnersMost = 50;  // orders a question
constexpr std::size_t kPairsAsked = 64;

OrderStatus order_status_of(std::string_view text, bool& known)
{
    known = true;
    if (text == "pending") return OrderStatus::pending;
    if (text == "open") return OrderStatus::working;
    if (text == "closed") return OrderStatus::filled;
    if (text == "canceled" || text == "expired") return OrderStatus::cancelled;
    known = false;
    return OrderStatus::pending;
}

}  // namespace

bool Account::read_result(Question& question, const Json& result, Timestamp now, FactSink& sink,
                          Outbox& outbox)
{
    switch (question.asker) {
        case Asker::engine:
            break;
        case Asker::orders:
            read_wanted(question, result, now, sink, outbox);
            return false;
        case Asker::assets:
        case Asker::pair:
            read_names(question, result);
            return false;
    }
    switch (question.kind) {
        case RequestKind::session:
            return read_token(question, result, now, sink, outbox);
        case RequestKind::query_order:
        case RequestKind::open_orders:
            return read_orders(question, result, now, sink, outbox);
        case RequestKind::fills:
            return read_trades(question, result, now, sink, outbox);
        case RequestKind::balances:
            read_balances(question, result, sink);
            return true;
        case RequestKind::fees:
            return read_fees(question, result, now, sink, outbox);
        default:
            return true;
    }
}

bool Account::go_on_after(Question& question, Verdict verdict, std::string_view error, Timestamp now,
                          FactSink& sink, Outbox& outbox)
{
    if (verdict.outcome != Outcome::refused || question.asker != Asker::engine) return false;
    if (question.step == Step::by_id) {
        // The venue does not know its own id: what it knows by ours decides.
        OrderReference order = question.order;
        Question next;
        next.kind = RequestKind::query_order;
        next.order = order;
        next.copies = question.copies;
        next.path = "/0/private/OpenOrders";
        next.body = fmt::format("&cl_ord_id={}", client_order_id(order.order).view());
        ask(std::move(next), now, outbox);
        return true;
    }
    if (question.step == Step::owners) {
        // One id spoils the answer about all of the batch: fewer, down to the one.
        if (question.batch > 1) {
            question.batch = (std::min(question.batch, question.orders.size()) + 1) / 2;
        } else {
            undecoded(UndecodedReason::missing_field, question.orders.front(), sink);
            question.orders.erase(question.orders.begin());
            question.batch = kOwnersMost;
        }
        if (ask_owners(question, now, outbox)) return true;
        place_fills(question, sink);
        conclude(question, {Outcome::done, RejectReason::none}, {}, question.is_whole, now, sink, outbox);
        return true;
    }
    return question.kind == RequestKind::fees && split_fees(question, error, now, sink, outbox);
}

// The listing under that name; nullptr: none of ours. What nobody knows makes the answer incomplete, and the
// venue is asked which pair it is.
const Listing* Account::listing_of(std::string_view pair, Question& question, Timestamp now, FactSink& sink,
                                   Outbox& outbox)
{
    const Listing* listing = pairs_.find(pair);
    if (listing != nullptr || pairs_.is_elsewhere(pair)) return listing;
    question.is_whole = false;
    undecoded(UndecodedReason::unknown_instrument, pair, sink);
    const bool is_asked = std::find(asked_pairs_.begin(), asked_pairs_.end(), pair) != asked_pairs_.end();
    const bool is_name =
        !pair.empty() && pair.size() < 40 && std::all_of(pair.begin(), pair.end(), [](char c) {
            return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.';
        });
    if (is_asked || !is_name || asked_pairs_.size() >= kPairsAsked) return nullptr;
    asked_pairs_.emplace_back(pair);
    Question names;
    names.asker = Asker::pair;
    names.path = fmt::format("/0/public/AssetPairs?pair={}", pair);
    names.orders = {std::string(pair)};
    ask_public(std::move(names), now, outbox);
    return nullptr;
}

bool Account::read_order(std::string_view id, const Json& entry, Question& question, Timestamp now,
                         FactSink& sink, Outbox& outbox)
{
    AccountFields fields(entry);
    Json description;
    if (entry["descr"].get(description) != simdjson::SUCCESS) {
        question.is_whole = false;
        undecoded(UndecodedReason::missing_field, id, sink);
        return false;
    }
    AccountFields words(description);
    KnownOrder& known = orders_.at(id);
    OrderReport report;
    report.client_id = fields.text("cl_ord_id", false);
    if (!report.client_id.empty() || !known.has_owner) {
        known.order = parse_client_order_id(report.client_id).value_or(kForeignOrder);
        known.has_owner = true;
    }
    report.order = known.order;
    const Listing* l = listing_of(words.text("pair", false), question, now, sink, outbox);
    known.is_elsewhere = pairs_.is_elsewhere(words.text("pair", false));
    if (l == nullptr) return false;
    known.listing = report.listing = l->id;
    known.has_side = true;
    known.side = report.side = words.text("type", false) == "sell" ? Side::sell : Side::buy;
    report.source = ReportSource::query;
    report.venue_id = id;
    // Of a stop the first price is its trigger, and a trailing one is no number: such orders are not ours,
    // and their limit matters to nobody.
    const std::string_view kind = words.text("ordertype", false);
    AccountFields limit(description);
    report.price = limit.price(kind.ends_with("-limit") ? "price2" : "price", *l, false);
    if (!limit.ok()) report.price = {};
    if (!limit.ok() && report.order != kForeignOrder) fields.fail();
    known.price = report.price;
    known.quantity = report.quantity = fields.quantity("vol", *l);
    report.has_filled = true;
    report.filled = fields.quantity("vol_exec", *l);
    bool status_known = false;
    report.status = order_status_of(fields.text("status"), status_known);
    if (report.status == OrderStatus::cancelled) report.reason = end_reason(fields.text("reason", false));
    if (!fields.ok() || !status_known) {
        question.is_whole = false;
        undecoded(status_known ? UndecodedReason::bad_number : UndecodedReason::unknown_message, id, sink);
        return report.order == question.order.order;
    }
    sink.on_order_report(report);
    return report.order == question.order.order;
}

bool Account::read_orders(Question& question, const Json& result, Timestamp now, FactSink& sink,
                          Outbox& outbox)
{
    const bool by_id = question.step == Step::by_id;
    Json list = result;
    simdjson::dom::object orders;
    if ((!by_id &&
         result[question.step == Step::closed ? "closed" : "open"].get(list) != simdjson::SUCCESS) ||
        list.get(orders) != simdjson::SUCCESS) {
        question.is_whole = false;
        return true;
    }
    if (by_id) {
        // It was told under this id that the order is ours.
        KnownOrder& known = orders_.at(question.orders.front());
        known.order = question.order.order;
        known.has_owner = true;
    }
    // More rows than these: what is asked for may be among the others.
    if (question.step == Step::closed &&
        AccountFields(result).integer("count", false) > static_cast<std::int64_t>(orders.size()))
        question.is_whole = false;
    bool is_found = false;
    for (const auto& [id, entry] : orders)
        is_found = read_order(id, entry, question, now, sink, outbox) || is_found;
    // What could not be read may be the very order: its absence is not proved.
    if (question.kind != RequestKind::query_order || is_found || !question.is_whole) return true;
    if (question.step != Step::closed) {
        Question next;
        next.kind = question.kind;
        next.order = question.order;
        next.copies = question.copies;
        next.step = by_id ? Step::first : Step::closed;
        next.path = by_id ? "/0/private/OpenOrders" : "/0/private/ClosedOrders";
        next.body = fmt::format("&cl_ord_id={}", client_order_id(question.order.order).view());
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

// Orders of which the stream told too little.
void Account::read_wanted(Question& question, const Json& result, Timestamp now, FactSink& sink,
                          Outbox& outbox)
{
    std::vector<std::string> lost;
    simdjson::dom::object orders;
    if (result.get(orders) == simdjson::SUCCESS) {
        for (const auto& [id, entry] : orders) {
            question.is_whole = true;
            (void)read_order(id, entry, question, now, sink, outbox);
            if (!question.is_whole) lost.emplace_back(id);
        }
    }
    for (const std::string& id : question.orders) {
        const KnownOrder* known = orders_.find(id);
        const bool is_known =
            known != nullptr && known->has_owner && (known->listing != kNoListing || known->is_elsewhere);
        if (std::find(lost.begin(), lost.end(), id) != lost.end()) continue;
        if (is_known)
            release(id, true, now, sink, outbox);
        else
            lost.push_back(id);
    }
    question.orders = std::move(lost);
    conclude_own(question, {}, {}, now, sink, outbox);
}

void Account::read_trade(std::string_view id, const Json& entry, Question& question, Timestamp now,
                         FactSink& sink, Outbox& outbox)
{
    AccountFields fields(entry);
    const Listing* l = listing_of(fields.text("pair", false), question, now, sink, outbox);
    if (l == nullptr) return;
    Homeless fill;
    fill.report.listing = l->id;
    fill.report.source = ReportSource::query;
    const std::string_view side = fields.text("type");
    if (side != "buy" && side != "sell") fields.fail();
    fill.report.side = side == "sell" ? Side::sell : Side::buy;
    fill.report.price = fields.price("price", *l);
    fill.report.quantity = fields.quantity("vol", *l);
    fill.report.maker = fields.flag("maker");
    fill.report.has_fee = !fields.text("fee").empty();
    fill.report.fee = fields.amount("fee");
    const ScaledNumber time = parse_scaled(fields.text("time", false), 9);
    if (time.error == DecimalError::none) fill.report.venue_time = {time.value};
    fill.fee_asset = setup_.table->instrument(l->instrument).quote;
    fill.trade_id = std::string(id);
    fill.venue_id = std::string(fields.text("ordertxid"));
    if (fields.ok() && !fill.report.quantity.zero() && !id.empty()) {
        question.fills.push_back(std::move(fill));
        return;
    }
    question.is_whole = false;
    undecoded(UndecodedReason::bad_number, id, sink);
}

// A trade names the venue's order id alone; whose it is is looked up where we do not know.
bool Account::read_trades(Question& question, const Json& result, Timestamp now, FactSink& sink,
                          Outbox& outbox)
{
    if (question.step == Step::owners) {
        read_owners(question, result);
    } else {
        simdjson::dom::object trades;
        if (result["trades"].get(trades) != simdjson::SUCCESS) {
            question.is_whole = false;
        } else {
            for (const auto& [id, entry] : trades) read_trade(id, entry, question, now, sink, outbox);
            const std::int64_t count = AccountFields(result).integer("count", false);
            question.offset += trades.size();
            const bool more =
                static_cast<std::int64_t>(question.offset) < count || (count == 0 && trades.size() >= kPage);
            if (more && trades.size() > 0) {
                ask(std::move(question), now, outbox);
                return false;
            }
            if (more) question.is_whole = false;
        }
        for (const Homeless& fill : question.fills) {
            const KnownOrder* known = orders_.find(fill.venue_id);
            const bool is_asked = std::find(question.orders.begin(), question.orders.end(), fill.venue_id) !=
                                  question.orders.end();
            if ((known == nullptr || !known->has_owner) && !is_asked)
                question.orders.push_back(fill.venue_id);
        }
    }
    if (ask_owners(question, now, outbox)) return false;
    place_fills(question, sink);
    return true;
}

bool Account::ask_owners(Question& question, Timestamp now, Outbox& outbox)
{
    if (question.orders.empty()) return false;
    question.step = Step::owners;
    question.offset = 0;
    question.path = "/0/private/QueryOrders";
    question.body = "&txid=";
    const std::size_t count = std::min({question.batch, question.orders.size(), kOwnersMost});
    for (std::size_t i = 0; i < count; ++i) question.body += (i == 0 ? "" : ",") + question.orders[i];
    ask(std::move(question), now, outbox);
    return true;
}

void Account::read_owners(Question& question, const Json& result)
{
    simdjson::dom::object orders;
    if (result.get(orders) == simdjson::SUCCESS) {
        for (const auto& [id, entry] : orders) {
            if (!entry.is_object()) continue;
            KnownOrder& known = orders_.at(id);
            if (known.has_owner) continue;
            known.order =
                parse_client_order_id(AccountFields(entry).text("cl_ord_id", false)).value_or(kForeignOrder);
            known.has_owner = true;
        }
    }
    // Asked for once: what it did not answer stays without an owner.
    const std::size_t count = std::min({question.batch, question.orders.size(), kOwnersMost});
    question.orders.erase(question.orders.begin(),
                          question.orders.begin() + static_cast<std::ptrdiff_t>(count));
}

// Whose order is not known is not told as a stranger's: the answer says that something is missing.
void Account::place_fills(Question& question, FactSink& sink)
{
    for (Homeless& fill : question.fills) {
        const KnownOrder* known = orders_.find(fill.venue_id);
        if (known == nullptr || !known->has_owner) {
            question.is_whole = false;
            continue;
        }
        fill.report.order = known->order;
        fill.report.trade_id = fill.trade_id;
        fill.report.venue_id = fill.venue_id;
        fill.report.fee_asset = fill.fee_asset;
        sink.on_fill_report(fill.report);
    }
    question.fills.clear();
}

}  // namespace arb::kraken
