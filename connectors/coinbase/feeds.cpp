#include "connectors/coinbase/feeds.hpp"

#include "engine/venue/json_walk.hpp"

namespace arb::coinbase {
namespace {

bool read_text_at(const char* at, const char* end, std::string_view& out)
{
    TextCursor cursor(at, end);
    return cursor.string(out);
}

// An empty side of a book is written as "" or "0".
bool read_quote(const char* price_at, const char* quantity_at, const char* end, const WireScale& scale,
                Level& out, UndecodedReason& reason)
{
    out = {};
    if (price_at == nullptr || quantity_at == nullptr) return true;
    std::string_view text;
    if (read_text_at(price_at, end, text) && text.find_first_not_of("0.") == std::string_view::npos)
        return true;
    return read_level_at(price_at, quantity_at, end, scale, out, reason);
}

// The documented arrays in arrays: events[].<name>[].
template <class OnItem>
bool read_items(TextCursor& cursor, std::string_view name, bool skip_snapshots, OnItem&& on_item)
{
    const auto event = [&] {
        const char* items = nullptr;
        std::string_view type;
        const auto member = [&](std::string_view key) {
            if (key == "type") return cursor.string(type);
            if (key == name) return items == nullptr && remember(cursor, items);
            return cursor.skip_value();
        };
        if (!read_object(cursor, member)) return false;
        if (items == nullptr || (skip_snapshots && type == "snapshot")) return true;
        TextCursor inner(items, cursor.at());
        return read_array(inner, [&] { return on_item(inner); });
    };
    return read_array(cursor, event);
}

}  // namespace

Feeds::Feeds(const VenueSetup& setup, FrameProducts& products)
    : products_(products), acknowledged_(setup.table->listings().size())
{
    trades_.reserve(1024);
    states_.reserve(setup.table->listings().size());
}

void Feeds::forget(ConnectionId connection)
{
    for (Acknowledgement& mark : acknowledged_) {
        if (mark.connection == connection) mark = {};
    }
}

bool Feeds::decode(std::string_view channel, const char* events, const FrameInput& input, FactSink& sink)
{
    const bool trades = channel == "market_trades", tickers = channel == "ticker",
               states = channel == "status";
    if (!trades && !tickers && !states && channel != "subscriptions") return false;
    UndecodedReason reason = UndecodedReason::missing_field;
    bool read = false;
    if (events != nullptr) {
        TextCursor cursor(events, input.end);
        reason = states ? UndecodedReason::unknown_message : UndecodedReason::malformed;
        if (trades)
            read = read_trades(cursor, input, sink);
        else if (tickers)
            read = read_items(cursor, "tickers", false,
                              [&](TextCursor& at) { return read_ticker(at, input, sink); });
        else
            read = states ? read_states(cursor, input, sink) : read_subscriptions(cursor, input, sink);
    }
    if (!read) sink.on_undecoded({reason, kNoListing, input.connection, channel});
    return true;
}

// The snapshot lists trades from before the subscription: history, not news, and it may repeat after a
// reconnect.
bool Feeds::read_trades(TextCursor& cursor, const FrameInput& input, FactSink& sink)
{
    trades_.clear();
    const auto item = [&](TextCursor& at) { return read_trade(at, input, sink); };
    if (!read_items(cursor, "trades", true, item)) return false;
    for (const Trade& trade : trades_) sink.on_trade(trade);
    return true;
}

bool Feeds::read_trade(TextCursor& cursor, const FrameInput& input, FactSink& sink)
{
    std::string_view product, side, time;
    const char* price = nullptr;
    const char* size = nullptr;
    const auto member = [&](std::string_view key) {
        if (key == "product_id") return cursor.string(product);
        if (key == "price") return remember(cursor, price);
        if (key == "size") return remember(cursor, size);
        if (key == "side") return cursor.string(side);
        if (key == "time") return cursor.string(time);
        return cursor.skip_value();
    };
    if (!read_object(cursor, member)) return false;
    const auto report = [&](UndecodedReason reason, std::string_view text) {
        sink.on_undecoded({reason, kNoListing, input.connection, text});
        return true;
    };
    if (product.empty() || price == nullptr || size == nullptr)
        return report(UndecodedReason::missing_field, {});
    const Listing* listing = products_.listing_of(product);
    if (listing == nullptr && !products_.nobodys(product)) return true;
    if (listing == nullptr) return report(UndecodedReason::unknown_instrument, product);
    // market_trades: "side" is the maker's, so a resting SELL was lifted by a buyer.
    if (side != "BUY" && side != "SELL") return report(UndecodedReason::missing_field, side);
    Trade trade;
    Level level;
    UndecodedReason reason = UndecodedReason::malformed;
    if (!read_level_at(price, size, input.end, listing->wire, level, reason)) return report(reason, product);
    trade.listing = listing->id;
    trade.price = level.price;
    trade.quantity = level.quantity;
    trade.aggressor = side == "SELL" ? Side::buy : Side::sell;
    trade.venue_time = parse_utc(time).value_or(input.venue_time);
    trade.receive_time = input.now;
    trades_.push_back(trade);
    return true;
}

bool Feeds::read_ticker(TextCursor& cursor, const FrameInput& input, FactSink& sink)
{
    std::string_view product;
    const char* bid = nullptr;
    const char* bid_quantity = nullptr;
    const char* ask = nullptr;
    const char* ask_quantity = nullptr;
    const auto member = [&](std::string_view key) {
        if (key == "product_id") return cursor.string(product);
        if (key == "best_bid") return remember(cursor, bid);
        if (key == "best_bid_quantity") return remember(cursor, bid_quantity);
        if (key == "best_ask") return remember(cursor, ask);
        if (key == "best_ask_quantity") return remember(cursor, ask_quantity);
        return cursor.skip_value();
    };
    if (!read_object(cursor, member)) return false;
    const Listing* listing = products_.listing_of(product);
    if (listing == nullptr && !products_.nobodys(product)) return true;
    if (listing == nullptr) {
        sink.on_undecoded(
            {product.empty() ? UndecodedReason::missing_field : UndecodedReason::unknown_instrument,
             kNoListing, input.connection, product});
        return true;
    }
    BestQuote quote;
    UndecodedReason reason = UndecodedReason::malformed;
    if (!read_quote(bid, bid_quantity, input.end, listing->wire, quote.bid, reason) ||
        !read_quote(ask, ask_quantity, input.end, listing->wire, quote.ask, reason)) {
        sink.on_undecoded({reason, kNoListing, input.connection, product});
        return true;
    }
    if (quote.bid.quantity.zero() && quote.ask.quantity.zero()) return true;
    quote.listing = listing->id;
    quote.sequence = input.sequence;
    quote.venue_time = input.venue_time;
    quote.receive_time = input.now;
    sink.on_quote(quote);
    return true;
}

// Products come every few seconds, changed or not. What cannot be read there says nothing of books.
bool Feeds::read_states(TextCursor& cursor, const FrameInput& input, FactSink& sink)
{
    states_.clear();
    const auto item = [&](TextCursor& at) {
        State state;
        const auto member = [&](std::string_view key) {
            if (key == "id") return at.string(state.product);
            if (key == "status") return at.string(state.word);
            return at.skip_value();
        };
        if (!read_object(at, member)) return false;
        bool ours = false;
        products_.for_each(state.product, [&ours](const Listing&) { ours = true; });
        if (ours && states_.size() < states_.capacity()) states_.push_back(state);
        return true;
    };
    if (!read_items(cursor, "products", false, item)) return false;
    for (const State& state : states_) tell_state(state, input, sink);
    return true;
}

// Online is all that is said of a product that takes orders: whether it takes those that we send (post_only,
// cancel_only) is told by the list alone. A product of another account domain may say nothing.
void Feeds::tell_state(const State& state, const FrameInput& input, FactSink& sink) const
{
    if (state.word.empty()) return;
    const bool trades = state.word == "online";
    if (!trades && state.word != "offline" && state.word != "delisted")
        sink.on_undecoded({UndecodedReason::unknown_message, kNoListing, input.connection, state.word});
    const ListingStatus status = trades ? ListingStatus::trading : ListingStatus::halted;
    products_.for_each(state.product,
                       [&](const Listing& listing) { sink.on_listing_status(listing.id, status); });
}

void Feeds::acknowledge(const Listing& listing, ConnectionId connection, FactSink& sink)
{
    Acknowledgement& mark = acknowledged_[index(listing.id)];
    const bool known = mark.subscribed && mark.connection == connection;
    mark = {true, connection, round_};
    if (!known) sink.on_acknowledged(connection, listing.id, true);
}

// Each confirmation lists everything the connection is subscribed to: what is new was confirmed, what is gone
// has ended.
bool Feeds::read_subscriptions(TextCursor& cursor, const FrameInput& input, FactSink& sink)
{
    ++round_;
    bool told = false;
    const auto product = [&](TextCursor& at) {
        std::string_view symbol;
        if (!at.string(symbol)) return false;
        // What the recorder subscribed may not be configured here.
        products_.for_each(symbol, [&](const Listing& l) { acknowledge(l, input.connection, sink); });
        return true;
    };
    const auto channel = [&](std::string_view key) {
        if (key != "level2") return cursor.skip_value();
        return read_array(cursor, [&] { return product(cursor); });
    };
    const auto event = [&](std::string_view key) {
        if (key != "subscriptions") return cursor.skip_value();
        told = true;
        return read_object(cursor, channel);
    };
    if (!read_array(cursor, [&] { return read_object(cursor, event); })) return false;
    if (!told) return true;
    for (std::size_t i = 0; i < acknowledged_.size(); ++i) {
        Acknowledgement& mark = acknowledged_[i];
        if (!mark.subscribed || mark.connection != input.connection || mark.round == round_) continue;
        mark = {};
        sink.on_acknowledged(input.connection, static_cast<ListingId>(i), false);
    }
    return true;
}

}  // namespace arb::coinbase
