#include "connectors/kraken/execution_news.hpp"

#include <algorithm>

#include "connectors/kraken/errors.hpp"
#include "connectors/kraken/symbols.hpp"

namespace arb::kraken {
namespace {

constexpr std::size_t kHeldMost = 512;
constexpr std::size_t kWantedMost = 512;
constexpr std::size_t kWantedBatch = 50;
constexpr Duration kReplyComes = milliseconds(100);  ///< of an order that is being placed, as a rule
constexpr Duration kWantedAgain = seconds(5);

struct StateWord {
    std::string_view text;
    OrderStatus status;
};
constexpr StateWord kStateWords[] = {
    {"pending_new", OrderStatus::pending},      {"new", OrderStatus::working},
    {"partially_filled", OrderStatus::working}, {"filled", OrderStatus::filled},
    {"canceled", OrderStatus::cancelled},       {"expired", OrderStatus::cancelled},
};

}  // namespace

void ExecutionNews::undecoded(UndecodedReason reason, std::string_view text, FactSink& sink) const
{
    sink.on_undecoded({reason, kNoListing, session_->connection(), text});
}

void ExecutionNews::read(std::string_view channel, simdjson::dom::array entries, bool snapshot, Timestamp now,
                         FactSink& sink, Outbox& outbox)
{
    for (const Json entry : entries) {
        if (channel == "executions")
            read_execution(entry, snapshot, now, sink, outbox);
        else if (channel == "balances")
            read_balance(entry, snapshot, sink);
    }
    if (!wanted_.empty()) ask_wanted(now, sink, outbox);
}

// What a message tells of the order itself, beside its news.
void ExecutionNews::learn(const Json& entry, KnownOrder& known, FactSink& sink)
{
    AccountFields fields(entry);
    const std::string_view symbol = fields.text("symbol", false);
    if (!symbol.empty()) {
        const Listing* l = setup_.table->find_symbol(setup_.id, symbol);
        known.is_elsewhere = l == nullptr;
        known.listing = l == nullptr ? kNoListing : l->id;
        if (l == nullptr) undecoded(UndecodedReason::unknown_instrument, symbol, sink);
    }
    if (known.is_elsewhere) return;
    if (known.listing == kNoListing && known.has_owner) {
        // The reply that names both has not come yet.
        if (const OrderFlight* const flight = entry_->placing(known.order); flight != nullptr) {
            known.listing = flight->listing;
            known.has_side = true;
            known.side = flight->side;
        }
    }
    if (known.listing != kNoListing) {
        AccountFields told(entry);
        const Listing& l = setup_.table->listing(known.listing);
        const std::string_view side = told.text("side", false);
        if (side == "sell" || side == "buy") {
            known.has_side = true;
            known.side = side == "sell" ? Side::sell : Side::buy;
        }
        if (told.has("order_qty")) known.quantity = told.quantity("order_qty", l, false);
        if (told.has("limit_price")) known.price = told.price("limit_price", l, false);
    }
}

void ExecutionNews::read_execution(const Json& entry, bool snapshot, Timestamp now, FactSink& sink,
                                   Outbox& outbox)
{
    AccountFields fields(entry);
    const std::string_view id = fields.text("order_id");
    if (id.empty()) {
        undecoded(UndecodedReason::missing_field, {}, sink);
        return;
    }
    KnownOrder& known = orders_->at(id);
    const std::string_view client = fields.text("cl_ord_id", false);
    if (!client.empty()) {
        known.order = parse_client_order_id(client).value_or(kForeignOrder);
        known.has_owner = true;
    }
    learn(entry, known, sink);
    if (known.is_elsewhere) return;
    // An order that comes into being while none of ours can be under way is somebody else's.
    const bool is_new = !snapshot && fields.text("exec_type", false) == "pending_new";
    const bool may_be_ours = setup_.scope == SessionScope::account || entry_->placed_lately(now);
    if (!known.has_owner && is_new && !may_be_ours) known.has_owner = true;
    if (!known.has_owner || known.listing == kNoListing) {
        hold(id, entry, !entry_->is_placing(known.listing), now, outbox);
        return;
    }
    release(id, false, now, sink, outbox);
    if (fields.text("exec_type", false) == "trade") read_fill(entry, known, now, sink, outbox);
    read_state(entry, known, now, sink, outbox);
}

void ExecutionNews::read_fill(const Json& entry, const KnownOrder& known, Timestamp now, FactSink& sink,
                              Outbox& outbox)
{
    AccountFields fields(entry);
    const Listing& l = setup_.table->listing(known.listing);
    FillReport fill;
    fill.order = known.order;
    fill.listing = l.id;
    fill.side = known.side;
    fill.price = fields.price("last_price", l);
    fill.quantity = fields.quantity("last_qty", l);
    fill.maker = fields.text("liquidity_ind", false) == "m";
    fill.trade_id = fields.text("exec_id");
    fill.venue_id = fields.text("order_id");
    fill.venue_time = parse_utc(fields.text("timestamp", false)).value_or(Timestamp{});
    // Without one whole fee it is told without any, and asked for.
    simdjson::dom::array fees;
    if (entry["fees"].get(fees) == simdjson::SUCCESS && fees.size() == 1) {
        AccountFields fee(fees.at(0).value_unsafe());
        fill.fee = fee.amount("qty");
        fill.fee_asset = modern_asset(fee.text("asset"));
        fill.has_fee = fee.ok() && !fill.fee_asset.empty();
    }
    if (fields.ok() && known.has_side && !fill.trade_id.empty() && !fill.quantity.zero()) {
        sink.on_fill_report(fill);
        return;
    }
    // What the order has filled in all is asked for; the engine then misses the fill and asks for that.
    undecoded(UndecodedReason::bad_number, fill.venue_id, sink);
    want(fill.venue_id, now, outbox);
}

void ExecutionNews::read_state(const Json& entry, const KnownOrder& known, Timestamp now, FactSink& sink,
                               Outbox& outbox)
{
    AccountFields fields(entry);
    const Listing& l = setup_.table->listing(known.listing);
    OrderReport report;
    report.order = known.order;
    report.listing = l.id;
    report.client_id = fields.text("cl_ord_id", false);
    report.venue_id = fields.text("order_id");
    report.side = known.side;
    report.has_filled = fields.has("cum_qty");
    report.filled = fields.quantity("cum_qty", l, false);
    report.quantity = known.quantity;
    report.price = known.price;
    report.venue_time = parse_utc(fields.text("timestamp", false)).value_or(Timestamp{});
    const std::string_view type = fields.text("exec_type", false);
    std::string_view text = fields.text("order_status", false);
    if (text.empty()) text = type;
    const auto word = std::find_if(std::begin(kStateWords), std::end(kStateWords),
                                   [&](const StateWord& w) { return w.text == text; });
    if (word != std::end(kStateWords) && fields.ok()) {
        report.status = word->status;
        if (report.status == OrderStatus::cancelled) report.reason = end_reason(fields.text("reason", false));
        sink.on_order_report(report);
        return;
    }
    // A word that nobody knows may be its end: the venue is asked in words that are known.
    undecoded(fields.ok() ? UndecodedReason::unknown_message : UndecodedReason::bad_number, text, sink);
    want(report.venue_id, now, outbox);
}

// The copy is kept as text: the frame is gone when the answer comes.
void ExecutionNews::hold(std::string_view id, const Json& entry, bool soon, Timestamp now, Outbox& outbox)
{
    if (held_.size() < kHeldMost) held_.push_back({std::string(id), simdjson::minify(entry)});
    want(id, soon ? now : now + kReplyComes, outbox);
}

void ExecutionNews::want(std::string_view id, Timestamp at, Outbox& outbox)
{
    const auto same = [&](const Wanted& w) { return w.id == id; };
    if (wanted_.size() >= kWantedMost || std::any_of(wanted_.begin(), wanted_.end(), same)) return;
    Wanted wanted;
    wanted.id = std::string(id);
    wanted.ask_at = at;
    wanted_.push_back(std::move(wanted));
    outbox.wake_at(setup_.id, at);
}

void ExecutionNews::ask_wanted(Timestamp now, FactSink& sink, Outbox& outbox)
{
    Inquiry inquiry(RequestKind::query_order);
    inquiry.own = true;
    for (std::size_t i = 0; i < wanted_.size();) {
        Wanted& wanted = wanted_[i];
        if (wanted.tries >= kWantedTries) {
            undecoded(UndecodedReason::missing_field, wanted.id, sink);
            std::erase_if(held_, [&](const Held& h) { return h.id == wanted.id; });
            wanted_.erase(wanted_.begin() + static_cast<std::ptrdiff_t>(i));
            continue;
        }
        ++i;
        if (wanted.is_asked || inquiry.ids.size() >= kWantedBatch ||
            (wanted.is_alone && !inquiry.ids.empty()))
            continue;
        if (wanted.ask_at > now) {
            outbox.wake_at(setup_.id, wanted.ask_at);
            continue;
        }
        wanted.is_asked = true;
        inquiry.ids.push_back(wanted.id);
        if (wanted.is_alone) break;
    }
    if (inquiry.ids.empty()) return;
    begin_question(*inquiries_, std::move(inquiry), now, sink, outbox);
}

void ExecutionNews::release(std::string_view id, bool fills_alone, Timestamp now, FactSink& sink,
                            Outbox& outbox)
{
    std::erase_if(wanted_, [&](const Wanted& w) { return w.id == id; });
    std::vector<std::string> entries;
    for (Held& held : held_) {
        if (held.id == id) entries.push_back(std::move(held.entry));
    }
    if (entries.empty()) return;
    const std::string name(id);
    std::erase_if(held_, [&](const Held& h) { return h.id == name; });
    for (const std::string& text : entries) {
        Json entry;
        if (held_parser_.parse(text).get(entry) != simdjson::SUCCESS) continue;
        const KnownOrder& known = orders_->at(name);
        if (!known.has_owner || known.listing == kNoListing) continue;
        if (AccountFields(entry).text("exec_type", false) == "trade")
            read_fill(entry, known, now, sink, outbox);
        if (!fills_alone) read_state(entry, known, now, sink, outbox);
    }
}

void ExecutionNews::read_balance(const Json& entry, bool snapshot, FactSink& sink)
{
    AccountFields fields(entry);
    BalanceReport report;
    report.asset = modern_asset(fields.text("asset"));
    report.has_total = true;
    // What is traded with lies in the main spot wallet. A snapshot's own figure adds all wallets up, an
    // update's is that of the wallet it names.
    const auto is_main = [](std::string_view type, std::string_view id) {
        return type == "spot" && (id.empty() || id == "main");
    };
    simdjson::dom::array wallets;
    if (snapshot && entry["wallets"].get(wallets) == simdjson::SUCCESS) {
        for (const Json wallet : wallets) {
            AccountFields told(wallet);
            if (!is_main(told.text("type"), told.text("id", false))) continue;
            report.total = told.amount("balance");
            if (!told.ok()) fields.fail();
        }
    } else {
        const std::string_view wallet = fields.text("wallet_type", false);
        if (!wallet.empty() && !is_main(wallet, fields.text("wallet_id", false))) return;
        report.total = fields.amount("balance");
    }
    if (!fields.ok() || report.asset.empty()) {
        undecoded(UndecodedReason::bad_number, report.asset, sink);
        return;
    }
    // With rewards beside it the stream's figure is not the whole: the query's stands.
    if (!rows_->is_rewarded(report.asset)) sink.on_balance_report(report);
}

// What is still wanted is asked for again, with the next turn: a signer that refuses does so at once.
void ExecutionNews::on_answer(const Inquiry& asked, Timestamp now, FactSink& sink, Outbox& outbox)
{
    const auto first_lost = asked.ids.begin() + static_cast<std::ptrdiff_t>(asked.ids_done);
    for (auto id = asked.ids.begin(); id != first_lost; ++id) release(*id, true, now, sink, outbox);
    const bool refused = asked.verdict.outcome == Outcome::refused;
    for (auto id = first_lost; id != asked.ids.end(); ++id) {
        const auto wanted = std::find_if(wanted_.begin(), wanted_.end(),
                                         [&](const Wanted& w) { return w.id == *id && w.is_asked; });
        if (wanted == wanted_.end()) continue;
        wanted->is_asked = false;
        ++wanted->tries;
        // One id that the venue does not know spoils the answer about all: each on its own.
        if (refused && asked.ids.size() > 1)
            wanted->is_alone = true;
        else
            wanted->ask_at = now + (refused ? Duration{} : std::max(kWantedAgain, asked.retry_after));
        if (refused && asked.ids.size() == 1) wanted->tries = kWantedTries;
    }
    if (!wanted_.empty()) outbox.wake_at(setup_.id, now);
}

}  // namespace arb::kraken
