#pragma once
// One invented exchange for tests of live trading: what truly happened there to our orders and our money,
// which outlives the engine that trades on it. It hears the calls of a ScriptedVenue, executes at the touch
// that the test set, and queues its answers as words (scripted_venue.hpp reads them back as facts); a test
// makes it slow, silent, lossy or wrong. Orders that may rest do, until the test fills them or a cancel
// comes. Two engines may share it: replies go to who asks, the stream's news to both. Header only, one
// thread, virtual time, instrument's units.
#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "engine/venue/venue.hpp"
#include "tests/support/trading_world.hpp"

namespace arb::test {

/// What the engine asked of a venue. `kind` session: start_session.
struct Call {
    RequestKind kind{};
    Timestamp time;
    OrderId order{};
    OrderIntent intent{};  ///< place, amend
    std::vector<ListingId> listings{};
    Timestamp since{};  ///< fills
};

/// How an order fares that was sent.
struct Fate {
    bool arrives = true;         ///< false: lost on the way, and nobody says so
    bool answers = true;         ///< false: neither reply nor stream tell of it
    bool refused = false;        ///< documented: balance
    bool word_first = false;     ///< the terminal word comes before the fills that it counts
    std::int64_t percent = 100;  ///< of the quantity, cut down to the lot
};

/// How a cancel fares.
struct CancelFate {
    bool arrives = true;            ///< false: lost on the way
    bool answers = true;            ///< false: it is done, and nobody says so
    std::int64_t filled_first = 0;  ///< per cent of the order that others take before it comes
};

/// How the change of an order's price fares.
struct AmendFate {
    bool arrives = true;   ///< false: lost on the way
    bool answers = true;   ///< false: it is done, and nobody says so
    bool refused = false;  ///< documented
};

class FakeExchange {
  public:
    struct Order {
        OrderIntent intent;
        Quantity filled;
        bool refused = false, rests = false;
    };
    struct Trade {
        std::string id;
        OrderId order{};
        OrderIntent intent;
        Price price;
        Quantity quantity;
        Amount fee;
        Timestamp time;
    };
    /// The account pays its fees from this coin, the same for each trade.
    struct Coin {
        std::string name;
        Amount fee;
    };
    struct Message {
        Timestamp due;
        std::string words;
    };
    struct Touch {
        std::string bid, ask;
    };

    FakeExchange(VenueId id, const InstrumentTable& table) : id_(id), table_(&table) {}

    // What a test may turn.
    std::function<Fate(const ApprovedOrder&)> fate = [](const ApprovedOrder&) { return Fate{}; };
    std::function<CancelFate(OrderId)> cancel_fate = [](OrderId) { return CancelFate{}; };
    std::function<AmendFate(OrderId)> amend_fate = [](OrderId) { return AmendFate{}; };
    std::set<RequestKind> silent;  ///< these are not answered
    bool dark = false;             ///< no channel stands up
    bool key_good = false;         ///< what it says when it is asked about the key
    std::optional<Coin> coin;
    std::function<bool(const Call&)> cut = [](const Call&) {
        return false;
    };                     ///< that list of fills lacks a page
    bool at_once = false;  ///< questions are answered, and orders refused, in the very call
    Duration delay = milliseconds(1);
    TradingFeatures features;

    // What is true.
    std::map<std::string, Amount> balances;
    std::map<OrderId, Order> orders;
    std::vector<Trade> trades;
    std::map<OrderId, ListingId> others;  ///< open orders that no engine here made, until they are cancelled
    std::map<ListingId, Touch> touch;
    std::vector<Call> calls;  ///< of all engines, in order
    std::vector<std::string>* history =
        nullptr;  ///< "VENUE KIND ORDER" of each call, where somebody keeps it
    unsigned sent_twice = 0;

    std::size_t count(RequestKind kind) const
    {
        return static_cast<std::size_t>(
            std::count_if(calls.begin(), calls.end(), [&](const Call& call) { return call.kind == kind; }));
    }
    const Call& last(RequestKind kind) const
    {
        const auto found =
            std::find_if(calls.rbegin(), calls.rend(), [&](const Call& call) { return call.kind == kind; });
        ENSURE(found != calls.rend(), "the venue was asked");
        return *found;
    }

    void say(std::string words, Timestamp due) { messages.push_back({due, std::move(words)}); }
    /// On the private stream of the account: whoever listens hears it.
    void stream(const std::string& words, Timestamp due)
    {
        say(words, due);
        if (shared) elsewhere.push_back({due, words});
    }
    /// From here on it speaks with the other of two engines.
    void turn() { std::swap(messages, elsewhere); }
    std::vector<Message> messages, elsewhere;
    bool shared = false;

    void on_call(const Call& call)
    {
        note(call);
        if (silent.count(call.kind) > 0) return;
        const Timestamp due = call.time + delay;
        switch (call.kind) {
            case RequestKind::session:
                if (!dark) say("up order_entry\nup private_stream\nend session done", due);
                break;
            case RequestKind::key_info:
                say(key_good ? "end key_info done" : "end key_info key_trouble", due);
                break;
            case RequestKind::time:
                say("clock 0 2\nend time done", due);
                break;
            case RequestKind::query_order:
                say(fmt::format("{}\nend query_order done {}", state_of(call.order), number(call.order)),
                    due);
                break;
            case RequestKind::fills:
                say(cut(call) ? "end fills done cut" : fills_of(call) + "end fills done", due);
                break;
            case RequestKind::balances:
                say(balances_text() + "end balances done", due);
                break;
            case RequestKind::fees:
                for (const ListingId listing : call.listings)
                    say(fmt::format("fee {} 10", index(listing)), due);
                say("end fees done", due);
                break;
            case RequestKind::open_orders:
                say(open_text(call) + others_text() + "end open_orders done", due);
                break;
            case RequestKind::amend:
                on_amend(call, due);
                break;
            case RequestKind::cancel:
                if (others.erase(call.order) > 0)
                    say(fmt::format("end cancel done {}", number(call.order)), due);
                else
                    on_cancel(call.order, call.time);
                break;
            case RequestKind::cancel_all:
                others.clear();
                for (const OrderId id : resting(call.listings)) end_resting(id, due);
                say("end cancel_all done", due);
                break;
            default:
                say(fmt::format("end {} done {}", name(call.kind), number(call.order)), due);
        }
    }
    void on_order(const ApprovedOrder& order, Timestamp now)
    {
        note({RequestKind::place, now, order.id(), order.intent()});
        const Fate fared = fate(order);
        if (!fared.arrives) return;
        if (orders.count(order.id()) > 0) {
            ++sent_twice;
            return;
        }
        Order& kept = orders[order.id()];
        kept = {order.intent(), {}, fared.refused, false};
        const Timestamp due = now + delay;
        if (fared.refused) {
            if (fared.answers) say(fmt::format("end place refused {}", number(order.id())), due);
            return;
        }
        if (!is_immediate(order.intent().time_in_force)) {
            rest(order.id(), kept, fared.answers, due);
            return;
        }
        const std::string fill = execute(order.id(), kept, fared.percent, now);
        if (!fared.answers) return;
        say(fmt::format("end place done {}", number(order.id())), due);
        const std::string word = state_of(order.id());
        stream(fared.word_first ? word : fill, due + milliseconds(1));
        stream(fared.word_first ? fill : word, due + milliseconds(2));
    }
    /// What rests in these listings; of all where none are named.
    std::vector<OrderId> resting(const std::vector<ListingId>& listings = {}) const
    {
        std::vector<OrderId> found;
        for (const auto& [id, order] : orders) {
            const bool wanted = listings.empty() || std::find(listings.begin(), listings.end(),
                                                              order.intent.listing) != listings.end();
            if (order.rests && wanted) found.push_back(id);
        }
        return found;
    }
    /// Others take so much of an order that rests, at its price. False: it does not, or that is no lot.
    bool fill_resting(OrderId id, std::int64_t percent, Timestamp now, bool told = true)
    {
        Order& order = orders[id];
        const std::int64_t lot = table_->listing(order.intent.listing).lot.units;
        const std::int64_t wanted = order.intent.quantity.units * percent / 100 / lot * lot;
        const Quantity part{std::min(wanted, order.intent.quantity.units - order.filled.units)};
        if (!order.rests || part.zero()) return false;
        const std::string fill = trade(id, order, order.intent.price, part, now);
        order.rests = order.filled != order.intent.quantity;
        if (!told) return true;
        stream(fill, now + delay);
        stream(state_of(id), now + delay + milliseconds(1));
        return true;
    }
    /// Something happens there that no engine asked for: a fill of this order, told to nobody.
    void fill_in_silence(OrderId order, const OrderIntent& intent, std::int64_t percent, Timestamp now)
    {
        Order& kept = orders[order];
        kept.intent = intent;
        (void)execute(order, kept, percent, now);
    }

    std::string others_text() const
    {
        std::string text;
        for (const auto& [order, listing] : others)
            text +=
                fmt::format("order {} {} working as R{}\n", number(order), index(listing), counter_of(order));
        return text;
    }
    /// The balances as words.
    std::string balances_text() const
    {
        std::string text;
        for (const auto& [asset, amount] : balances)
            text += fmt::format("balance {} {}\n", asset, amount.text());
        return text;
    }
    static std::uint64_t number(OrderId order) { return static_cast<std::uint64_t>(order); }
    /// Bought less sold since the beginning, in market terms of the one asset.
    Amount net(std::string_view base) const
    {
        Amount sum;
        for (const Trade& trade : trades) {
            const Instrument& instrument = table_->instrument_of(trade.intent.listing);
            if (instrument.base != base) continue;
            const Amount amount = instrument.amount(trade.quantity);
            sum += trade.intent.side == Side::buy ? amount : -amount;
        }
        return sum;
    }
    std::string fill_text(const Trade& trade) const
    {
        const Instrument& instrument = table_->instrument_of(trade.intent.listing);
        return fmt::format("fill {} {} {} {} {} {} {} {} {} as V1", number(trade.order),
                           index(trade.intent.listing), name(trade.intent.side), instrument.text(trade.price),
                           instrument.text(trade.quantity), trade.id, trade.fee.text(),
                           coin ? coin->name : instrument.quote, trade.time.ns);
    }
    std::string state_of(OrderId id) const
    {
        const auto found = orders.find(id);
        if (found == orders.end()) return fmt::format("order {} 0 absent", number(id));
        const Order& order = found->second;
        const Instrument& instrument = table_->instrument_of(order.intent.listing);
        const char* state = order.refused                           ? "rejected"
                            : order.rests                           ? "working"
                            : order.filled == order.intent.quantity ? "filled"
                                                                    : "cancelled";
        return fmt::format("order {} {} {} {} at {}", number(id), index(order.intent.listing), state,
                           instrument.text(order.filled), instrument.text(order.intent.price));
    }

  private:
    void note(const Call& call)
    {
        calls.push_back(call);
        if (history != nullptr)
            history->push_back(fmt::format("{} {} {}", index(id_), name(call.kind), number(call.order)));
    }
    void rest(OrderId id, Order& order, bool answers, Timestamp due)
    {
        const Touch& at = touch[order.intent.listing];
        const bool buy = order.intent.side == Side::buy;
        const Price other = price_of(order.intent.listing, buy ? at.ask : at.bid);
        order.refused = buy ? order.intent.price >= other : order.intent.price <= other;
        order.rests = !order.refused;
        if (!answers) return;
        say(fmt::format("end place {} {}", order.rests ? "done" : "refused", number(id)), due);
        if (order.rests) stream(state_of(id), due + milliseconds(1));
    }
    // One that would take now is refused, and stays as it is.
    void on_amend(const Call& call, Timestamp due)
    {
        const AmendFate fared = amend_fate(call.order);
        if (!fared.arrives) return;
        Order& order = orders[call.order];
        const Touch& at = touch[call.intent.listing];
        const bool buy = call.intent.side == Side::buy;
        const Price other = price_of(call.intent.listing, buy ? at.ask : at.bid);
        const bool takes = buy ? call.intent.price >= other : call.intent.price <= other;
        const bool refused = fared.refused || takes || !order.rests;
        if (!refused) order.intent.price = call.intent.price;
        if (!fared.answers) return;
        say(fmt::format("end amend {} {}", refused ? "refused" : "done", number(call.order)), due);
        if (!refused) stream(state_of(call.order), due + milliseconds(1));
    }
    void on_cancel(OrderId id, Timestamp now)
    {
        const CancelFate fared = cancel_fate(id);
        if (!fared.arrives) return;
        const Timestamp due = now + delay;
        if (orders.count(id) == 0) {
            say(fmt::format("end cancel refused {}", number(id)), due);
            return;
        }
        (void)fill_resting(id, fared.filled_first, now, fared.answers);
        if (!orders[id].rests) {
            if (fared.answers) say(fmt::format("end cancel refused {}", number(id)), due);
            return;
        }
        orders[id].rests = false;
        if (!fared.answers) return;
        say(fmt::format("end cancel done {}", number(id)), due);
        stream(state_of(id), due + milliseconds(1));
    }
    void end_resting(OrderId id, Timestamp due)
    {
        orders[id].rests = false;
        stream(state_of(id), due);
    }
    std::string open_text(const Call& call) const
    {
        std::string text;
        for (const OrderId id : resting(call.listings)) text += state_of(id) + "\n";
        return text;
    }
    Price price_of(ListingId listing, const std::string& text) const
    {
        return {parse_scaled(text, table_->instrument_of(listing).price_decimals).value};
    }
    std::string execute(OrderId id, Order& order, std::int64_t percent, Timestamp now)
    {
        const OrderIntent& intent = order.intent;
        const Touch& at = touch[intent.listing];
        const std::string& text = intent.side == Side::buy ? at.ask : at.bid;
        const Price price = price_of(intent.listing, text);
        const bool meets = intent.side == Side::buy ? intent.price >= price : intent.price <= price;
        const std::int64_t lot = table_->listing(intent.listing).lot.units;
        const std::int64_t units = intent.quantity.units * percent / 100 / lot * lot;
        if (text.empty() || !meets || units == 0) return "nothing";
        return trade(id, order, price, {units}, now);
    }
    std::string trade(OrderId id, Order& order, Price price, Quantity quantity, Timestamp now)
    {
        const OrderIntent& intent = order.intent;
        const Listing& listing = table_->listing(intent.listing);
        const Instrument& instrument = table_->instrument(listing.instrument);
        Trade trade{
            fmt::format("T{}-{}", index(id_), trades.size() + 1), id, intent, price, quantity, {}, now};
        const Amount notional = *instrument.notional(price, trade.quantity);
        trade.fee = coin ? coin->fee : apply_rate(notional, listing.fee_taker);
        const Amount amount = instrument.amount(trade.quantity);
        const bool buy = intent.side == Side::buy;
        const bool spot = instrument.kind == InstrumentKind::spot;
        balances[spot ? instrument.base : instrument.name] += buy ? amount : -amount;
        balances[instrument.quote] += buy ? -notional : notional;
        balances[coin ? coin->name : instrument.quote] -= trade.fee;
        order.filled = order.filled + trade.quantity;
        trades.push_back(trade);
        return fill_text(trade);
    }
    std::string fills_of(const Call& call) const
    {
        std::string text;
        for (const Trade& trade : trades) {
            const bool wanted = std::find(call.listings.begin(), call.listings.end(), trade.intent.listing) !=
                                call.listings.end();
            if (wanted && trade.time >= call.since) text += fill_text(trade) + "\n";
        }
        return text;
    }

    VenueId id_;
    const InstrumentTable* table_;
};

}  // namespace arb::test
