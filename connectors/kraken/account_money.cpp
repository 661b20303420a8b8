// What Kraken's REST replies say of balances and fees, and the names and tokens that it hands out.
#include <algorithm>

#include "connectors/kraken/account.hpp"

namespace arb::kraken {
namespace {

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

// Several ids may count one asset: what they hold together is told.
void Account::read_balances(Question& question, const Json& result, FactSink& sink)
{
    simdjson::dom::object entries;
    if (result.get(entries) != simdjson::SUCCESS) {
        question.is_whole = false;
        return;
    }
    std::map<std::string, Holding, std::less<>> holdings;
    rewarded_.clear();
    for (const auto& [id, entry] : entries) {
        AccountFields fields(entry);
        const Amount total = fields.amount("balance");
        // Credit is not our own money.
        const Amount held = fields.amount("hold_trade", false);
        const auto is_sane = [](Amount a) { return a.units < kHoldingMost && a.units > -kHoldingMost; };
        if (!fields.ok() || !is_sane(total) || !is_sane(held)) {
            question.is_whole = false;
            undecoded(UndecodedReason::bad_number, id, sink);
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

// The first group of listings that is still to be asked.
void Account::ask_fees(Question& question, Timestamp now, Outbox& outbox)
{
    question.path = "/0/private/TradeVolume";
    question.body = "&pair=";
    for (const ListingId id : question.pairs.front())
        question.body.append(question.body.back() == '=' ? "" : ",").append(pairs_.for_request(id));
    ask(std::move(question), now, outbox);
}

bool Account::read_fees(Question& question, const Json& result, Timestamp now, FactSink& sink, Outbox& outbox)
{
    simdjson::dom::object taker;
    std::vector<ListingId> told;
    if (result["fees"].get(taker) == simdjson::SUCCESS) {
        for (const auto& [name, entry] : taker) {
            const Listing* l = listing_of(name, question, now, sink, outbox);
            if (l == nullptr) continue;
            FeeReport report;
            report.listing = l->id;
            bool readable = read_percent(entry, report.taker);
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
    if (question.pairs.empty()) return true;
    for (const ListingId asked : question.pairs.front())
        question.is_whole = question.is_whole && std::find(told.begin(), told.end(), asked) != told.end();
    question.pairs.erase(question.pairs.begin());
    if (question.pairs.empty()) return true;
    ask_fees(question, now, outbox);
    return false;
}

// One pair that the venue does not know spoils the answer about all: by halves, down to the one.
bool Account::split_fees(Question& question, std::string_view error, Timestamp now, FactSink& sink,
                         Outbox& outbox)
{
    const bool of_pair = error.starts_with("EQuery:") || error.starts_with("EGeneral:Invalid arguments");
    if (!of_pair || question.pairs.empty()) return false;
    const std::vector<ListingId> group = std::move(question.pairs.front());
    question.pairs.erase(question.pairs.begin());
    if (group.size() > 1) {
        const auto middle = group.begin() + static_cast<std::ptrdiff_t>(group.size() / 2);
        question.pairs.emplace_back(group.begin(), middle);
        question.pairs.emplace_back(middle, group.end());
    } else if (question.pairs.empty() && question.is_whole) {
        return false;  // the only one: the refusal is the answer
    } else {
        question.is_whole = false;
        undecoded(UndecodedReason::venue_error, error, sink);
    }
    if (question.pairs.empty())
        conclude(question, {Outcome::done, RejectReason::none}, {}, false, now, sink, outbox);
    else
        ask_fees(question, now, outbox);
    return true;
}

bool Account::read_token(Question& question, const Json& result, Timestamp now, FactSink& sink,
                         Outbox& outbox)
{
    const std::string_view token = AccountFields(result).text("token", false);
    if (token.empty()) {
        conclude(question, {}, "the reply has no token", false, now, sink, outbox);
        return false;
    }
    token_ = std::string(token);
    token_made_ = now;
    if (is_open_ && !is_renewing_)
        arm_dead_man(now, outbox);  // a fresh one in time, for the connection that stands
    else
        outbox.connect(setup_.id, kAuthUrl);
    if (!assets_.known()) {
        Question names;
        names.asker = Asker::assets;
        names.path = "/0/public/Assets";
        ask_public(std::move(names), now, outbox);
    }
    return true;
}

void Account::read_names(const Question& question, const Json& result)
{
    simdjson::dom::object rows;
    if (result.get(rows) != simdjson::SUCCESS) return;
    for (const auto& [id, row] : rows) {
        AccountFields fields(row);
        if (question.asker == Asker::assets)
            assets_.learn(id, fields.text("altname", false));
        else if (rows.size() == 1)
            pairs_.learn(question.orders.front(), fields.text("wsname", false));
    }
}

}  // namespace arb::kraken
