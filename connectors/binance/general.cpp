// The general half of Decoder: judges what a walk over the text has collected. It serves replies, errors,
// REST snapshots, and every market-data frame that QuickReader gave up on.
#include <algorithm>

#include "connectors/binance/decoder.hpp"
#include "connectors/binance/instruments.hpp"
#include "connectors/binance/walk.hpp"

namespace arb::binance {
namespace {

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

bool decimal_at(const char* at, const char* end, unsigned decimals, std::int64_t& out,
                UndecodedReason& reason)
{
    reason = UndecodedReason::missing_field;
    if (at == nullptr) return false;
    reason = UndecodedReason::wrong_type;
    if (*at != '"') return false;
    return TextCursor(at, end).decimal(decimals, out, reason);
}

bool quantity_at(const char* at, const char* end, const WireScale& scale, Quantity& out,
                 UndecodedReason& reason)
{
    std::int64_t units = 0;
    if (!decimal_at(at, end, scale.quantity_decimals, units, reason)) return false;
    reason = units < 0 ? UndecodedReason::bad_quantity : UndecodedReason::bad_number;
    return units >= 0 && !__builtin_mul_overflow(units, scale.quantity_factor, &out.units);
}

// Price and quantity of one side of a quote; an empty side is sent as zeros.
bool quote_side(const char* price, const char* quantity, const char* end, const WireScale& scale, Level& out,
                UndecodedReason& reason)
{
    if (!decimal_at(price, end, scale.price_decimals, out.price.units, reason) ||
        !quantity_at(quantity, end, scale, out.quantity, reason)) {
        return false;
    }
    reason = UndecodedReason::bad_price;
    return out.price.units > 0 || (out.price.units == 0 && out.quantity.zero());
}

// The text of a decimal cut behind its `decimals` digits.
bool cut_decimal(TextCursor& cursor, unsigned decimals, std::int64_t& out, UndecodedReason& reason)
{
    std::string_view text;
    reason = UndecodedReason::bad_number;
    if (!cursor.peek('"') || !cursor.string(text)) return false;
    const std::size_t point = text.find('.');
    if (point == std::string_view::npos) return false;
    const std::string_view cut = text.substr(0, decimals == 0 ? point : point + 1 + decimals);
    const ScaledNumber number = parse_scaled(cut, decimals);
    out = number.value;
    return number.error == DecimalError::none;
}

// One level behind its opening bracket. Where it is finer than the listing's units, the quantity is cut and a
// level with a finer price left out: such levels are old orders, mostly far from the market, and must not
// spoil the book.
bool read_level(TextCursor& cursor, const WireScale& scale, Level& level, bool& finer, bool& kept,
                UndecodedReason& reason)
{
    kept = cursor.price(scale, level.price, reason);
    if (!kept) {
        if (reason != UndecodedReason::too_precise ||
            !cut_decimal(cursor, scale.price_decimals, level.price.units, reason))
            return false;
        reason = UndecodedReason::bad_price;
        if (level.price.units < 0) return false;
        finer = true;
    }
    reason = UndecodedReason::malformed;
    if (!cursor.take(',')) return false;
    if (cursor.quantity(scale, level.quantity, reason)) return true;
    if (reason != UndecodedReason::too_precise ||
        !cut_decimal(cursor, scale.quantity_decimals, level.quantity.units, reason))
        return false;
    finer = true;
    reason = level.quantity.units < 0 ? UndecodedReason::bad_quantity : UndecodedReason::bad_number;
    return level.quantity.units >= 0 &&
           !__builtin_mul_overflow(level.quantity.units, scale.quantity_factor, &level.quantity.units);
}

bool side_at(const char* at, const char* end, const WireScale& scale, LevelList& out, std::size_t& finer,
             UndecodedReason& reason)
{
    reason = UndecodedReason::missing_field;
    if (at == nullptr) return false;
    reason = UndecodedReason::wrong_type;
    if (*at != '[') return false;
    TextCursor cursor(at, end);
    reason = UndecodedReason::malformed;
    if (!cursor.take('[')) return false;
    if (cursor.peek(']')) return cursor.take(']');
    do {
        Level level;
        bool fine = false;
        bool kept = true;
        reason = UndecodedReason::malformed;
        if (!cursor.take('[') || !read_level(cursor, scale, level, fine, kept, reason)) return false;
        reason = UndecodedReason::malformed;
        while (!cursor.take(']')) {
            if (!cursor.take(',') || !cursor.skip_value()) return false;
        }
        finer += fine ? 1 : 0;
        if (kept && !out.push(level)) {
            reason = UndecodedReason::too_many_levels;
            return false;
        }
    } while (cursor.take(','));
    return cursor.take(']');
}

}  // namespace

bool Decoder::read_levels(const Walk& walk, const Listing& listing, UndecodedReason& reason)
{
    finer_ = 0;
    bids_.clear();
    asks_.clear();
    return side_at(walk.bid, walk.end, listing.wire, bids_, finer_, reason) &&
           side_at(walk.ask, walk.end, listing.wire, asks_, finer_, reason);
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
    if (!read_message(walk, reason)) {
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

bool Decoder::read_message(Walk& walk, UndecodedReason& reason)
{
    Message& message = walk.message;
    const WireScale& scale = message.listing->wire;
    reason = UndecodedReason::missing_field;
    if (message.kind == MessageKind::delta) {
        return walk.has(Key::first) && walk.has(Key::last) && walk.has(Key::event_time) &&
               (market_ == Market::spot || walk.has(Key::previous)) &&
               read_levels(walk, *message.listing, reason);
    }
    if (message.kind == MessageKind::quote) {
        return walk.has(Key::last) &&
               quote_side(walk.bid, walk.bid_quantity, walk.end, scale, message.bid, reason) &&
               quote_side(walk.ask, walk.ask_quantity, walk.end, scale, message.ask, reason);
    }
    if (!walk.has(Key::maker) || !walk.has(Key::match_time) ||
        !decimal_at(walk.price, walk.end, scale.price_decimals, message.trade.price.units, reason) ||
        !quantity_at(walk.quantity, walk.end, scale, message.trade.quantity, reason)) {
        return false;
    }
    reason = message.trade.price.units <= 0 ? UndecodedReason::bad_price : UndecodedReason::bad_quantity;
    return message.trade.price.units > 0 && !message.trade.quantity.zero();
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
    if (!read_levels(walk, listing, reason)) return refuse(reason);
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

}  // namespace arb::binance
