#pragma once
// A connector for tests of live trading: what it is asked goes to a FakeExchange, and a frame is a few lines
// of words that become facts, so that facts come inside an input as in production. Header only, one thread.
//   up|down CHANNEL          clock OFFSET_MS ROUND_TRIP_MS       book LISTING BID ASK      fee LISTING BPS
//   order ID LISTING STATUS [FILLED] [at PRICE] [as VENUE_ID]    balance ASSET TOTAL       stream ASSET TOTAL
//   fill ID LISTING SIDE PRICE QUANTITY TRADE FEE FEE_ASSET [NS] [as VENUE_ID]
//   end KIND OUTCOME [ID] [cut] [reason R] [wait
//   MS]
#include <sstream>
#include <string>
#include <vector>

#include "tests/pipeline/fake_exchange.hpp"

namespace arb::test {

/// Money to the last of its eighteen decimals, which do not fit a Decimal together with a large sum.
inline Amount exact(std::string_view text)
{
    const bool negative = text.starts_with('-');
    if (negative) text.remove_prefix(1);
    Amount sum;
    unsigned decimals = 0;
    bool point = false;
    for (const char c : text) {
        if (c != '.') sum.units = sum.units * 10 + (c - '0');
        decimals += point ? 1 : 0;
        point |= c == '.';
    }
    for (; decimals < kAmountDecimals; ++decimals) sum.units *= 10;
    return negative ? -sum : sum;
}

class ScriptedVenue final : public Venue {
  public:
    /// Once `alive` is false nothing leaves any more: the process is dead.
    ScriptedVenue(const InstrumentTable& table, FakeExchange& exchange, const bool& alive)
        : table_(&table), exchange_(&exchange), alive_(&alive)
    {
    }
    SequenceRule sequence_rule(const Listing&) const override { return {}; }
    std::vector<ConnectionPlan> plan(std::span<const ListingId>) override { return {}; }
    void on_open(ConnectionId, std::string_view, Timestamp, FactSink&, Outbox&) override {}
    void on_http(const HttpReply&, Timestamp, FactSink&, Outbox&) override {}
    void on_close(ConnectionId, Timestamp, FactSink&, Outbox&) override {}
    void on_wake(Timestamp, FactSink&, Outbox&) override {}
    void resync(ListingId, Timestamp, Outbox&) override {}
    void on_frame(ConnectionId, PaddedText frame, Timestamp now, FactSink& sink, Outbox&) override
    {
        read_all(frame.view(), now, sink);
    }

    TradingFeatures trading_features() const override { return exchange_->features; }
    void start_session(Timestamp now, FactSink& sink, Outbox&) override
    {
        ask({RequestKind::session, now}, sink);
    }
    void send_order(const ApprovedOrder& order, Timestamp now, FactSink& sink, Outbox&) override
    {
        if (!*alive_) return;
        const std::size_t before = exchange_->messages.size();
        exchange_->on_order(order, now);
        const auto found = exchange_->orders.find(order.id());
        const bool refused = found != exchange_->orders.end() && found->second.refused;
        if (refused) answer_at_once(before, now, sink);
    }
    void amend_order(const OrderReference& order, const ApprovedAmend& amend, Timestamp now, FactSink& sink,
                     Outbox&) override
    {
        ask({RequestKind::amend, now, order.order, amend.intent()}, sink);
    }
    void cancel_order(const OrderReference& order, Timestamp now, FactSink& sink, Outbox&) override
    {
        ask({RequestKind::cancel, now, order.order}, sink);
    }
    void cancel_all(std::span<const ListingId> listings, Timestamp now, FactSink& sink, Outbox&) override
    {
        ask({RequestKind::cancel_all, now, {}, {}, copy(listings)}, sink);
    }
    void query_order(const OrderReference& order, Timestamp now, FactSink& sink, Outbox&) override
    {
        ask({RequestKind::query_order, now, order.order}, sink);
    }
    void query_open_orders(std::span<const ListingId> listings, Timestamp now, FactSink& sink,
                           Outbox&) override
    {
        ask({RequestKind::open_orders, now, {}, {}, copy(listings)}, sink);
    }
    void query_fills(std::span<const ListingId> listings, Timestamp since, Timestamp now, FactSink& sink,
                     Outbox&) override
    {
        ask({RequestKind::fills, now, {}, {}, copy(listings), since}, sink);
    }
    void query_balances(Timestamp now, FactSink& sink, Outbox&) override
    {
        ask({RequestKind::balances, now}, sink);
    }
    void query_fees(std::span<const ListingId> listings, Timestamp now, FactSink& sink, Outbox&) override
    {
        ask({RequestKind::fees, now, {}, {}, copy(listings)}, sink);
    }
    void query_time(Timestamp now, FactSink& sink, Outbox&) override { ask({RequestKind::time, now}, sink); }
    void query_key(Timestamp now, FactSink& sink, Outbox&) override
    {
        ask({RequestKind::key_info, now}, sink);
    }

  private:
    static std::vector<ListingId> copy(std::span<const ListingId> listings)
    {
        return {listings.begin(), listings.end()};
    }
    void ask(const Call& call, FactSink& sink)
    {
        if (!*alive_) return;
        const std::size_t before = exchange_->messages.size();
        exchange_->on_call(call);
        if (call.kind != RequestKind::session) answer_at_once(before, call.time, sink);
    }
    void answer_at_once(std::size_t before, Timestamp now, FactSink& sink)
    {
        if (!exchange_->at_once || exchange_->messages.size() == before) return;
        const std::string words = exchange_->messages.back().words;
        exchange_->messages.pop_back();
        read_all(words, now, sink);
    }
    void read_all(std::string_view words, Timestamp now, FactSink& sink)
    {
        std::istringstream lines{std::string(words)};
        for (std::string line; std::getline(lines, line);) read(line, now, sink);
    }
    template <class Id>
    static Id id_of(std::istream& words)
    {
        std::uint64_t value = 0;
        words >> value;
        return static_cast<Id>(value);
    }
    static std::string next(std::istream& words)
    {
        std::string word;
        words >> word;
        return word;
    }
    /// The value of that name.
    template <class Enum>
    static Enum named(const std::string& word, std::size_t count)
    {
        for (std::size_t i = 0; i < count; ++i) {
            if (word == name(static_cast<Enum>(i))) return static_cast<Enum>(i);
        }
        ENSURE(false, "a test writes a word that exists");
        return {};
    }
    Price price(ListingId listing, const std::string& text) const
    {
        return {parse_scaled(text, table_->instrument_of(listing).price_decimals).value};
    }
    Quantity quantity(ListingId listing, const std::string& text) const
    {
        return {parse_scaled(text, table_->instrument_of(listing).quantity_decimals).value};
    }

    void read(const std::string& line, Timestamp now, FactSink& sink)
    {
        std::istringstream words(line);
        const std::string what = next(words);
        if (what == "up" || what == "down") {
            sink.on_channel(named<Channel>(next(words), 2), what == "up");
        } else if (what == "clock") {
            std::int64_t offset = 0, round_trip = 0;
            words >> offset >> round_trip;
            const Timestamp sent = now - milliseconds(round_trip);
            sink.on_clock_sample(sent + milliseconds(round_trip / 2 + offset), sent, now);
        } else if (what == "book") {
            read_book(words, now, sink);
        } else if (what == "order") {
            read_order(words, sink);
        } else if (what == "fill") {
            read_fill(words, now, sink);
        } else if (what == "balance" || what == "stream") {
            const std::string asset = next(words);
            BalanceReport report;
            report.asset = asset;
            report.has_total = true;
            report.total = exact(next(words));
            report.source = what == "balance" ? ReportSource::query : ReportSource::stream;
            sink.on_balance_report(report);
        } else if (what == "fee") {
            FeeReport report;
            report.listing = id_of<ListingId>(words);
            report.taker = report.maker = bps(std::stoll(next(words)));
            sink.on_fee_report(report);
        } else if (what == "end") {
            read_end(words, sink);
        } else {
            ENSURE(what == "nothing", "a test writes a word that exists");
        }
    }
    void read_book(std::istream& words, Timestamp now, FactSink& sink)
    {
        BookUpdate update;
        update.listing = id_of<ListingId>(words);
        update.snapshot = true;
        update.receive_time = now;
        const Level bids[] = {{price(update.listing, next(words)), quantity(update.listing, "100000")}};
        const Level asks[] = {{price(update.listing, next(words)), quantity(update.listing, "100000")}};
        update.bids = bids;
        update.asks = asks;
        sink.on_book(update);
    }
    /// What stands behind `as`; empty: nothing.
    static std::string venue_id_of(std::istream& words, bool as)
    {
        if (as || next(words) == "as") return next(words);
        return {};
    }
    void read_order(std::istream& words, FactSink& sink)
    {
        OrderReport report;
        report.order = id_of<OrderId>(words);
        report.listing = id_of<ListingId>(words);
        report.status = named<OrderStatus>(next(words), 6);
        std::string filled = next(words);
        std::string word = filled == "as" ? filled : next(words);
        if (filled == "as") filled.clear();
        if (word == "at") {
            report.price = price(report.listing, next(words));
            word = next(words);
        }
        const std::string venue_id = word == "as" ? next(words) : std::string();
        report.venue_id = venue_id.empty() ? std::string_view("V1") : venue_id;
        report.has_filled = !filled.empty();
        if (report.has_filled) report.filled = quantity(report.listing, filled);
        if (report.status == OrderStatus::rejected) report.reason = RejectReason::balance;
        sink.on_order_report(report);
    }
    void read_fill(std::istream& words, Timestamp now, FactSink& sink)
    {
        FillReport report;
        report.order = id_of<OrderId>(words);
        report.listing = id_of<ListingId>(words);
        report.side = next(words) == "buy" ? Side::buy : Side::sell;
        report.price = price(report.listing, next(words));
        report.quantity = quantity(report.listing, next(words));
        const std::string trade = next(words);
        report.trade_id = trade;
        report.has_fee = true;
        report.fee = exact(next(words));
        const std::string asset = next(words);
        report.fee_asset = asset;
        const std::string time = next(words);
        const std::string venue_id = venue_id_of(words, time == "as");
        report.venue_id = venue_id;
        report.venue_time = time.empty() || time == "as" ? now : Timestamp{std::stoll(time)};
        sink.on_fill_report(report);
    }
    static void read_end(std::istream& words, FactSink& sink)
    {
        RequestEnd end;
        end.kind = named<RequestKind>(next(words), static_cast<std::size_t>(RequestKind::count_));
        end.outcome = named<Outcome>(next(words), static_cast<std::size_t>(Outcome::count_));
        if (end.outcome == Outcome::refused) end.reason = RejectReason::balance;
        for (std::string word = next(words); !word.empty(); word = next(words)) {
            if (word == "cut")
                end.complete = false;
            else if (word == "reason")
                end.reason = named<RejectReason>(next(words), static_cast<std::size_t>(RejectReason::count_));
            else if (word == "wait")
                end.retry_after = milliseconds(std::stoll(next(words)));
            else
                end.order = static_cast<OrderId>(std::stoull(word));
        }
        sink.on_request_end(end);
    }

    const InstrumentTable* table_;
    FakeExchange* exchange_;
    const bool* alive_;
};

}  // namespace arb::test
