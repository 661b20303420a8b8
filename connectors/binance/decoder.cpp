#include "connectors/binance/decoder.hpp"

#include <algorithm>

#include "connectors/binance/instruments.hpp"
#include "connectors/binance/walk_values.hpp"

namespace arb::binance {
namespace {

int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// The value of symbol= in a query, percent-decoded: symbols may be non-ASCII since 2025-12.
void symbol_of_query(std::string_view url, std::string& out)
{
    out.clear();
    const std::size_t query = url.find('?');
    if (query == std::string_view::npos) return;
    url.remove_prefix(query + 1);
    while (!url.empty()) {
        const std::size_t length = std::min(url.find('&'), url.size());
        std::string_view field = url.substr(0, length);
        url.remove_prefix(std::min(length + 1, url.size()));
        if (!field.starts_with("symbol=")) continue;
        field.remove_prefix(7);
        for (std::size_t i = 0; i < field.size(); ++i) {
            const bool escaped = field[i] == '%' && i + 2 < field.size() && hex_digit(field[i + 1]) >= 0 &&
                                 hex_digit(field[i + 2]) >= 0;
            if (!escaped) {
                out.push_back(field[i]);
                continue;
            }
            out.push_back(static_cast<char>(hex_digit(field[i + 1]) * 16 + hex_digit(field[i + 2])));
            i += 2;
        }
        return;
    }
}

std::string_view path_end(std::string_view url)
{
    url = url.substr(0, url.find('?'));
    const std::size_t slash = url.rfind('/');
    return slash == std::string_view::npos ? url : url.substr(slash + 1);
}

MessageKind kind_of(const Walk& walk)
{
    if (!walk.has(Key::event_type)) {
        // Only the spot bookTicker has no event type.
        const bool quote = walk.has(Key::last) && walk.has(Key::bid_quantity) && !walk.has(Key::first);
        return quote ? MessageKind::quote : MessageKind::none;
    }
    if (walk.event_type == "depthUpdate") return MessageKind::delta;
    if (walk.event_type == "bookTicker") return MessageKind::quote;
    const bool trade = walk.event_type == "trade" || walk.event_type == "aggTrade";
    return trade ? MessageKind::trade : MessageKind::none;
}

// Public events that carry nothing for a book.
bool harmless(std::string_view event)
{
    static constexpr std::string_view kEvents[] = {
        "kline",           "continuous_kline", "24hrTicker",     "24hrMiniTicker",   "markPriceUpdate",
        "avgPrice",        "referencePrice",   "blockTrade",     "indexPriceUpdate", "indexPrice_kline",
        "markPrice_kline", "forceOrder",       "compositeIndex", "assetIndexUpdate", "1hTicker",
        "4hTicker",        "1dTicker"};
    return std::find(std::begin(kEvents), std::end(kEvents), event) != std::end(kEvents);
}

}  // namespace

Market market_of(std::string_view name)
{
    if (name == "usdm") return Market::usdm;
    return name == "coinm" ? Market::coinm : Market::spot;
}

std::uint32_t snapshot_limit(std::string_view url, Market market)
{
    const std::uint32_t usual = market == Market::spot ? 100 : 500;
    const std::size_t query = url.find('?');
    if (query == std::string_view::npos) return usual;
    std::size_t at = url.find("limit=", query);
    if (at == std::string_view::npos || (url[at - 1] != '?' && url[at - 1] != '&')) return usual;
    std::uint32_t limit = 0;
    for (at += 6; at < url.size() && url[at] >= '0' && url[at] <= '9' && limit < 100'000; ++at)
        limit = limit * 10 + static_cast<std::uint32_t>(url[at] - '0');
    return limit != 0 ? limit : usual;
}

Decoder::Decoder(const VenueSetup& setup)
    : setup_(setup),
      market_(market_of(setup.table->venue(setup.id).market)),
      quick_(setup, market_ != Market::spot),
      statuses_(setup.id, *setup.table)
{
    // Larger texts (REST snapshots) make it grow once. A failure shows again, as an error code, in iterate().
    [[maybe_unused]] const auto error = parser_.allocate(64 * 1024);
    stale_.reserve(128);
}

Control Decoder::frame(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink)
{
    Message message;
    bids_.clear();
    asks_.clear();
    if (__builtin_expect(quick_.read(frame, message, bids_, asks_), 1)) {
        hand_on(message, now, sink);
        return {};
    }
    const bool delta = message.kind == MessageKind::delta && message.listing != nullptr;
    return general(connection, frame, now, sink, delta ? message.listing->id : kNoListing);
}

Control Decoder::frame_general(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink)
{
    return general(connection, frame, now, sink, kNoListing);
}

void Decoder::hand_on(const Message& message, Timestamp now, FactSink& sink)
{
    const ListingId listing = message.listing->id;
    if (message.kind == MessageKind::quote) {
        BestQuote quote;
        quote.listing = listing;
        // An empty side is sent as zeros.
        if (!message.bid.quantity.zero()) quote.bid = message.bid;
        if (!message.ask.quantity.zero()) quote.ask = message.ask;
        quote.sequence = message.sequence_last;
        quote.venue_time = message.venue_time();
        quote.receive_time = now;
        sink.on_quote(quote);
    } else if (message.kind == MessageKind::trade) {
        Trade trade;
        trade.listing = listing;
        trade.price = message.trade.price;
        trade.quantity = message.trade.quantity;
        trade.aggressor = message.buyer_is_maker ? Side::sell : Side::buy;
        trade.venue_time = message.venue_time();
        trade.receive_time = now;
        sink.on_trade(trade);
    } else {
        BookUpdate update;
        update.listing = listing;
        update.sequence_first = message.sequence_first;
        update.sequence_last = message.sequence_last;
        update.has_previous = market_ != Market::spot;
        if (update.has_previous) update.sequence_previous = message.sequence_previous;
        update.venue_time = message.venue_time();
        update.receive_time = now;
        update.bids = bids_.view();
        update.asks = asks_.view();
        sink.on_book(update);
    }
}

Control Decoder::general(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink,
                         ListingId doubted)
{
    Walk walk;
    if (!walk_text(parser_, frame, walk)) {
        // The delta of a known book is lost: name the book if either walk got as far as its symbol.
        const Listing* listing =
            walk.event_type == "depthUpdate" ? setup_.table->find_symbol(setup_.id, walk.symbol) : nullptr;
        if (listing != nullptr) doubted = listing->id;
        sink.on_undecoded({UndecodedReason::malformed, doubted, connection, {}});
        return {};
    }
    if (walk.event_type == "serverShutdown") return {Control::Kind::shutdown, 0};
    if (!walk.has(Key::event_type) && !walk.has(Top::stream)) {
        if (walk.has(Top::error) || walk.has(Top::code)) {
            sink.on_undecoded({UndecodedReason::venue_error, kNoListing, connection, walk.error_text});
            return {Control::Kind::error, walk.id};
        }
        if (walk.has(Top::result)) return {Control::Kind::reply, walk.id};
    }
    if (other_book_stream(walk.stream) || (walk.data_is_list && walk.stream.starts_with('!'))) return {};
    judge_event(walk, connection, now, sink);
    return {};
}

void Decoder::judge_event(Walk& walk, ConnectionId connection, Timestamp now, FactSink& sink)
{
    Message& message = walk.message;
    Undecoded undecoded{UndecodedReason::unknown_message, kNoListing, connection, walk.event_type};
    const auto refuse = [&](UndecodedReason reason, std::string_view text = {}) {
        undecoded.reason = reason;
        undecoded.text = text;
        sink.on_undecoded(undecoded);
    };
    message.kind = kind_of(walk);
    if (message.kind == MessageKind::none) {
        if (walk.event_type == "contractInfo") return tell_contract(walk, connection, sink);
        if (harmless(walk.event_type)) return;
        const bool unread = walk.has(Key::event_type) && walk.event_type.empty() && walk.trouble;
        return refuse(unread ? walk.reason : UndecodedReason::unknown_message,
                      walk.event_type.empty() ? walk.stream : walk.event_type);
    }
    if (!walk.has(Key::symbol)) return refuse(UndecodedReason::missing_field);
    if (walk.symbol.empty() && walk.trouble) return refuse(walk.reason);
    message.listing = setup_.table->find_symbol(setup_.id, walk.symbol);
    if (message.listing == nullptr) return refuse(UndecodedReason::unknown_instrument, walk.symbol);
    if (message.kind == MessageKind::delta) undecoded.listing = message.listing->id;
    if (walk.trouble) return refuse(walk.reason);
    // Futures: X other than MARKET is the insurance fund or deleveraging, not a price of the book (0 for
    // "NA").
    if (message.kind == MessageKind::trade && walk.has(Key::trade_kind) && walk.trade_kind != "MARKET")
        return;
    UndecodedReason reason{};
    if (!read_message(walk, market_ != Market::spot, bids_, asks_, finer_, reason)) {
        const bool finer = reason == UndecodedReason::too_precise;
        return refuse(reason, finer ? stale_list(*message.listing) : std::string_view{});
    }
    hand_on(message, now, sink);
    if (message.kind == MessageKind::delta) tell_finer(*message.listing, connection, sink);
}

// Contracts of both futures markets come on either address: those of the other are nobody's here. What cannot
// be read says nothing of books, and nothing is risked on a word that nobody knows.
void Decoder::tell_contract(const Walk& walk, ConnectionId connection, FactSink& sink)
{
    const auto strange = [&](std::string_view text) {
        sink.on_undecoded({UndecodedReason::unknown_message, kNoListing, connection, text});
    };
    if (walk.symbol.empty()) return strange(walk.event_type);
    const Listing* const listing = setup_.table->find_symbol(setup_.id, walk.symbol);
    if (listing == nullptr) return;
    const ListingStatus status = status_of_word(walk.contract);
    if (status == ListingStatus::unknown) strange(walk.contract);
    statuses_.tell(listing->id, status == ListingStatus::trading, sink);
}

std::string_view Decoder::stale_list(const Listing& listing)
{
    stale_.assign(listing.symbol).append(": finer than its instrument list, which is stale");
    return stale_;
}

// Counted, and not as the trouble of a book: it stays good without these levels.
void Decoder::tell_finer(const Listing& listing, ConnectionId connection, FactSink& sink)
{
    if (finer_ == 0) return;
    sink.on_undecoded({UndecodedReason::too_precise, kNoListing, connection, stale_list(listing)});
}

void Decoder::snapshot(const Listing& listing, const HttpReply& reply, Timestamp now, FactSink& sink)
{
    Walk walk;
    const auto refuse = [&](UndecodedReason reason, std::string_view text = {}) {
        sink.on_undecoded({reason, listing.id, {}, text});
    };
    const bool whole = walk_text(parser_, reply.body, walk);
    if (reply.status != 200 || (whole && walk.has(Top::code))) {
        return refuse(UndecodedReason::venue_error, whole ? walk.error_text : std::string_view{});
    }
    if (!whole) return refuse(UndecodedReason::malformed);
    if (walk.trouble) return refuse(walk.reason);
    if (!walk.has(Top::last_update_id)) return refuse(UndecodedReason::missing_field);
    // COIN-M repeats the symbol in the body; a reply to another question must not become this book.
    if (walk.has(Top::symbol) && walk.symbol != listing.symbol) return refuse(UndecodedReason::malformed);
    UndecodedReason reason{};
    if (!read_sides(walk, listing.wire, bids_, asks_, finer_, reason)) return refuse(reason);
    BookUpdate update;
    update.listing = listing.id;
    update.snapshot = true;
    update.limit = snapshot_limit(reply.url, market_);
    // Recordings of others carry an address of ours; a thousand a side was the most for years.
    constexpr std::size_t kOldMost = 1000;
    if (bids_.view().size() == kOldMost && asks_.view().size() == kOldMost) update.limit = kOldMost;
    update.sequence_last = walk.last_update_id;
    update.venue_time = walk.message.venue_time();
    update.receive_time = now;
    update.bids = bids_.view();
    update.asks = asks_.view();
    sink.on_book(update);
    tell_finer(listing, {}, sink);
}

ListingId Decoder::http(const HttpReply& reply, Timestamp now, FactSink& sink)
{
    const std::string_view what = path_end(reply.url);
    if (what != "depth") {
        // Instrument lists, server times and fees are read elsewhere, at start.
        static constexpr std::string_view kKnown[] = {"exchangeInfo", "time", "ping", "premiumIndex",
                                                      "fundingInfo"};
        if (std::find(std::begin(kKnown), std::end(kKnown), what) == std::end(kKnown)) {
            sink.on_undecoded({UndecodedReason::unknown_message, kNoListing, {}, what});
        }
        return kNoListing;
    }
    symbol_of_query(reply.url, symbol_);
    const Listing* listing = setup_.table->find_symbol(setup_.id, symbol_);
    if (listing == nullptr) {
        sink.on_undecoded({UndecodedReason::unknown_instrument, kNoListing, {}, symbol_});
        return kNoListing;
    }
    snapshot(*listing, reply, now, sink);
    return listing->id;
}

}  // namespace arb::binance
