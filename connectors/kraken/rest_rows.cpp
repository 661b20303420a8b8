#include "connectors/kraken/rest_rows.hpp"

#include <algorithm>
#include <map>

#include "connectors/kraken/errors.hpp"

namespace arb::kraken {
namespace {

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

// In percent, with up to six decimals; a rebate is negative.
bool read_percent(const simdjson::dom::element& row, Rate& out)
{
    const std::string_view text = AccountFields(row).text("fee", false);
    const ScaledNumber number = parse_scaled(text, 6);
    out = {number.value};
    return !text.empty() && number.error == DecimalError::none && number.value > -kRateOne &&
           number.value < kRateOne;
}

// More than any account holds: sums of what is less stay far within 128 bits, however many rows there are.
constexpr Int128 kHoldingMost = Int128{power_of_ten(15)} * power_of_ten(kAmountDecimals);

struct Holding {
    Amount total, free;
    bool has_free = true;
};

}  // namespace

bool RestRows::is_rewarded(std::string_view asset) const
{
    return std::find(rewarded_.begin(), rewarded_.end(), asset) != rewarded_.end();
}

// The listing under that name; nullptr: none of ours. What nobody knows is kept, for the venue to be asked.
const Listing* RestRows::listing_of(std::string_view pair, Inquiry& question, FactSink& sink)
{
    const Listing* listing = pairs_.find(pair);
    if (listing != nullptr || pairs_.is_elsewhere(pair)) return listing;
    spoil(question, UndecodedReason::unknown_instrument, pair, sink);
    const bool is_asked = std::find(asked_pairs_.begin(), asked_pairs_.end(), pair) != asked_pairs_.end();
    const bool is_name =
        !pair.empty() && pair.size() < 40 && std::all_of(pair.begin(), pair.end(), [](char c) {
            return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.';
        });
    if (is_asked || !is_name || asked_pairs_.size() >= kPairsAsked) return nullptr;
    asked_pairs_.emplace_back(pair);
    unknown_.emplace_back(pair);
    return nullptr;
}

bool RestRows::order(std::string_view id, const Json& row, Inquiry& question, FactSink& sink)
{
    AccountFields fields(row);
    Json description;
    if (row["descr"].get(description) != simdjson::SUCCESS) {
        spoil(question, UndecodedReason::missing_field, id, sink);
        return false;
    }
    AccountFields words(description);
    KnownOrder& known = orders_->at(id);
    OrderReport report;
    report.client_id = fields.text("cl_ord_id", false);
    if (!report.client_id.empty() || !known.has_owner) {
        known.order = parse_client_order_id(report.client_id).value_or(kForeignOrder);
        known.has_owner = true;
    }
    report.order = known.order;
    const std::string_view pair = words.text("pair", false);
    const Listing* l = listing_of(pair, question, sink);
    known.is_elsewhere = pairs_.is_elsewhere(pair);
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
    if (fields.ok() && status_known)
        sink.on_order_report(report);
    else
        spoil(question, status_known ? UndecodedReason::bad_number : UndecodedReason::unknown_message, id,
              sink);
    return report.order == question.order.order;
}

void RestRows::wanted(const Json& result, Inquiry& question, FactSink& sink)
{
    std::vector<std::string_view> lost;
    simdjson::dom::object rows;
    if (result.get(rows) == simdjson::SUCCESS) {
        for (const auto& [id, row] : rows) {
            question.complete = true;
            (void)order(id, row, question, sink);
            if (!question.complete) lost.push_back(id);
        }
    }
    std::vector<std::string>& ids = question.ids;
    const auto end = std::stable_partition(ids.begin(), ids.end(), [&](const std::string& id) {
        const KnownOrder* known = orders_->find(id);
        return known != nullptr && known->has_owner &&
               (known->listing != kNoListing || known->is_elsewhere) &&
               std::find(lost.begin(), lost.end(), id) == lost.end();
    });
    question.ids_done = static_cast<std::size_t>(end - ids.begin());
}

std::vector<std::string> RestRows::without_owner(const std::vector<Homeless>& trades) const
{
    std::vector<std::string> ids;
    for (const Homeless& trade : trades) {
        const KnownOrder* known = orders_->find(trade.venue_id);
        if ((known == nullptr || !known->has_owner) &&
            std::find(ids.begin(), ids.end(), trade.venue_id) == ids.end())
            ids.push_back(trade.venue_id);
    }
    return ids;
}

void RestRows::owners(const Json& result)
{
    simdjson::dom::object rows;
    if (result.get(rows) != simdjson::SUCCESS) return;
    for (const auto& [id, row] : rows) {
        if (!row.is_object()) continue;
        KnownOrder& known = orders_->at(id);
        if (known.has_owner) continue;
        known.order =
            parse_client_order_id(AccountFields(row).text("cl_ord_id", false)).value_or(kForeignOrder);
        known.has_owner = true;
    }
}

void RestRows::trade(std::string_view id, const Json& row, Inquiry& question, std::vector<Homeless>& out,
                     FactSink& sink)
{
    AccountFields fields(row);
    const Listing* l = listing_of(fields.text("pair", false), question, sink);
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
    if (fields.ok() && !fill.report.quantity.zero() && !id.empty())
        out.push_back(std::move(fill));
    else
        spoil(question, UndecodedReason::bad_number, id, sink);
}

void RestRows::place(const std::vector<Homeless>& trades, Inquiry& question, FactSink& sink) const
{
    for (const Homeless& fill : trades) {
        const KnownOrder* known = orders_->find(fill.venue_id);
        if (known == nullptr || !known->has_owner) {
            question.complete = false;
            continue;
        }
        FillReport report = fill.report;
        report.order = known->order;
        report.trade_id = fill.trade_id;
        report.venue_id = fill.venue_id;
        report.fee_asset = fill.fee_asset;
        sink.on_fill_report(report);
    }
}

// Several ids may count one asset: what they hold together is told.
void RestRows::balances(const Json& result, Inquiry& question, FactSink& sink)
{
    simdjson::dom::object rows;
    if (result.get(rows) != simdjson::SUCCESS) {
        question.complete = false;
        return;
    }
    std::map<std::string, Holding, std::less<>> holdings;
    rewarded_.clear();
    for (const auto& [id, row] : rows) {
        AccountFields fields(row);
        const Amount total = fields.amount("balance");
        // Credit is not our own money.
        const Amount held = fields.amount("hold_trade", false);
        const auto is_sane = [](Amount a) { return a.units < kHoldingMost && a.units > -kHoldingMost; };
        if (!fields.ok() || !is_sane(total) || !is_sane(held)) {
            spoil(question, UndecodedReason::bad_number, id, sink);
            continue;
        }
        const std::string asset(assets_.name_of(id));
        Holding& holding = holdings[asset];
        holding.total += total;
        holding.free += total - held;
        holding.has_free = holding.has_free && fields.has("hold_trade");
        if (id.ends_with(".F") && !total.zero()) rewarded_.push_back(asset);
    }
    for (const auto& [asset, holding] : holdings) {
        BalanceReport report;
        report.asset = asset;
        report.has_total = true;
        report.total = holding.total;
        report.has_free = holding.has_free;
        report.free = holding.free;
        report.source = ReportSource::query;
        sink.on_balance_report(report);
    }
}

void RestRows::fees(const Json& result, std::span<const ListingId> asked, Inquiry& question, FactSink& sink)
{
    simdjson::dom::object taker;
    std::vector<ListingId> told;
    if (result["fees"].get(taker) == simdjson::SUCCESS) {
        for (const auto& [name, row] : taker) {
            const Listing* l = listing_of(name, question, sink);
            if (l == nullptr) continue;
            FeeReport report;
            report.listing = l->id;
            bool readable = read_percent(row, report.taker);
            // A pair without a schedule of its own for makers: one fee for both.
            Json maker;
            report.maker = report.taker;
            if (result["fees_maker"][name].get(maker) == simdjson::SUCCESS)
                readable = read_percent(maker, report.maker) && readable;
            if (!readable) {
                undecoded(UndecodedReason::bad_number, name, sink);
                continue;
            }
            told.push_back(l->id);
            sink.on_fee_report(report);
        }
    }
    for (const ListingId listing : asked) {
        if (std::find(told.begin(), told.end(), listing) == told.end()) question.complete = false;
    }
}

void RestRows::names(const Json& result, const std::vector<std::string>& pair)
{
    simdjson::dom::object rows;
    if (result.get(rows) != simdjson::SUCCESS) return;
    for (const auto& [id, row] : rows) {
        AccountFields fields(row);
        if (pair.empty())
            assets_.learn(id, fields.text("altname", false));
        else if (rows.size() == 1)
            pairs_.learn(pair.front(), fields.text("wsname", false));
    }
}

}  // namespace arb::kraken
