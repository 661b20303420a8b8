// Trades and best quotes of the decoder, and what it hands on once a frame has been read to its end.
#include "connectors/gate/decoder.hpp"
#include "engine/venue/json_walk.hpp"

namespace arb::gate {

// Spot tells one trade, futures a list.
bool Decoder::read_trades()
{
    trades_.clear();
    if (envelope_.result == nullptr) return fail(UndecodedReason::missing_field);
    TextCursor cursor(envelope_.result, frame_.data + frame_.size);
    reason_ = UndecodedReason::malformed;
    if (cursor.peek('{')) return read_trade(cursor);
    if (!cursor.peek('[')) return fail(UndecodedReason::wrong_type);
    return read_array(cursor, [&] { return read_trade(cursor); });
}

bool Decoder::read_trade(TextCursor& cursor)
{
    Trade trade;
    Fields fields;
    std::string_view side;
    const bool spot = prefix_ == "spot.";
    const bool read = read_object(cursor, [&](std::string_view key) {
        if (key == "create_time_ms") return read_time(cursor, trade.venue_time);
        if (key == "price") return fields.price == nullptr && remember(cursor, fields.price);
        if (key == (spot ? "amount" : "size")) return fields.size == nullptr && remember(cursor, fields.size);
        if (key == (spot ? "currency_pair" : "contract")) return cursor.string(fields.symbol);
        if (spot && key == "side") return cursor.string(side);
        return cursor.skip_value();
    });
    if (!read) return false;
    if (fields.symbol.empty() || fields.price == nullptr || fields.size == nullptr ||
        !trade.venue_time.known() || (spot && side.empty())) {
        return fail(UndecodedReason::missing_field);
    }
    const Listing* const listing = table_->find_symbol(venue_, fields.symbol);
    if (listing == nullptr) {
        stranger_ = fields.symbol;
        return true;
    }
    const char* const end = frame_.data + frame_.size;
    trade.listing = listing->id;
    TextCursor price(fields.price, end);
    if (!price.price(listing->wire, trade.price, reason_)) return false;
    if (spot) {
        TextCursor size(fields.size, end);
        if (!size.quantity(listing->wire, trade.quantity, reason_)) return false;
        if (side != "buy" && side != "sell") return fail(UndecodedReason::malformed);
        trade.aggressor = side == "sell" ? Side::sell : Side::buy;
    } else if (!read_signed_size(TextCursor(fields.size, end), *listing, trade)) {
        return false;
    }
    if (trade.quantity.zero()) return fail(UndecodedReason::bad_quantity);
    if (trades_.size() == kTradesMost) return fail(UndecodedReason::too_many_levels);
    trades_.push_back(trade);
    return true;
}

// Contracts, above zero where the taker bought.
bool Decoder::read_signed_size(TextCursor cursor, const Listing& listing, Trade& trade)
{
    std::int64_t size = 0;
    if (!cursor.decimal(listing.wire.quantity_decimals, size, reason_)) return false;
    trade.aggressor = size < 0 ? Side::sell : Side::buy;
    const bool overflows =
        __builtin_mul_overflow(size < 0 ? -size : size, listing.wire.quantity_factor, &trade.quantity.units);
    return !overflows || fail(UndecodedReason::bad_number);
}

bool Decoder::read_ticker()
{
    quote_ = {};
    if (envelope_.result == nullptr) return fail(UndecodedReason::missing_field);
    TextCursor cursor(envelope_.result, frame_.data + frame_.size);
    if (!cursor.peek('{')) return fail(UndecodedReason::wrong_type);
    Fields fields;
    std::int64_t sequence = -1;
    reason_ = UndecodedReason::malformed;
    const bool read = read_object(cursor, [&](std::string_view key) {
        if (key == "t") return read_time(cursor, quote_.venue_time);
        if (key == "u") return cursor.decimal(0, sequence, reason_);
        if (key == "s") return cursor.string(fields.symbol);
        if (key == "b") return remember(cursor, fields.bid);
        if (key == "B") return remember(cursor, fields.bid_size);
        if (key == "a") return remember(cursor, fields.ask);
        if (key == "A") return remember(cursor, fields.ask_size);
        return cursor.skip_value();
    });
    if (!read) return false;
    if (fields.symbol.empty() || sequence < 0 || fields.bid == nullptr || fields.bid_size == nullptr ||
        fields.ask == nullptr || fields.ask_size == nullptr) {
        return fail(UndecodedReason::missing_field);
    }
    const Listing* const listing = table_->find_symbol(venue_, fields.symbol);
    if (listing == nullptr) {
        stranger_ = fields.symbol;
        return true;
    }
    quote_.listing = listing->id;
    quote_.sequence = static_cast<std::uint64_t>(sequence);
    return read_quote_side(fields.bid, fields.bid_size, *listing, quote_.bid) &&
           read_quote_side(fields.ask, fields.ask_size, *listing, quote_.ask);
}

// How a side without orders looks is not documented: an empty text and a size of zero are both taken for one.
bool Decoder::read_quote_side(const char* price, const char* size, const Listing& listing, Level& out)
{
    const char* const end = frame_.data + frame_.size;
    const auto is_empty = [end](const char* at) {
        TextCursor cursor(at, end);
        return cursor.take('"') && cursor.peek('"');
    };
    if (is_empty(price) || is_empty(size)) return true;
    TextCursor size_at(size, end);
    Level level;
    if (!size_at.quantity(listing.wire, level.quantity, reason_)) return false;
    if (level.quantity.zero()) return true;
    TextCursor price_at(price, end);
    if (!price_at.price(listing.wire, level.price, reason_)) return false;
    out = level;
    return true;
}

void Decoder::hand_on_data(ConnectionId connection, Timestamp now, FactSink& sink)
{
    const Envelope& e = envelope_;
    const Content kind = content();
    if (kind == Content::unknown || (!e.event.empty() && e.event != "update")) {
        sink.on_undecoded({UndecodedReason::unknown_message, kNoListing, connection, e.channel});
        return;
    }
    if (kind == Content::quiet) return;
    const bool read = kind == Content::book     ? read_book()
                      : kind == Content::trades ? read_trades()
                                                : read_ticker();
    if (!read) {
        const bool book = kind == Content::book;
        // Trades and quotes are no books: what they are about stays as it is.
        sink.on_undecoded({reason_, book ? listing_in_doubt() : kNoListing, connection, e.channel});
        return;
    }
    if (kind == Content::book && book_.listing == nullptr) stranger_ = book_.stream;
    if (!stranger_.empty())
        sink.on_undecoded({UndecodedReason::unknown_instrument, kNoListing, connection, stranger_});
    if (kind == Content::book && book_.listing != nullptr) hand_on_book(now, sink);
    if (kind == Content::trades) {
        for (Trade& trade : trades_) {
            trade.receive_time = now;
            sink.on_trade(trade);
        }
    }
    if (kind == Content::ticker && quote_.listing != kNoListing) {
        quote_.receive_time = now;
        sink.on_quote(quote_);
    }
}

void Decoder::hand_on_book(Timestamp now, FactSink& sink) const
{
    BookUpdate update;
    update.listing = book_.listing->id;
    update.snapshot = book_.full;
    update.sequence_last = static_cast<std::uint64_t>(book_.last);
    // A change begins at the number behind the one that it follows.
    if (!book_.full) {
        update.sequence_first = static_cast<std::uint64_t>(book_.first);
        update.sequence_previous = update.sequence_first - 1;
        update.has_previous = true;
    }
    update.depth = book_.depth;
    update.venue_time = book_.time;
    update.receive_time = now;
    update.bids = bids_.view();
    update.asks = asks_.view();
    sink.on_book(update);
}

Decoder::News Decoder::hand_on_reply(ConnectionId connection, FactSink& sink)
{
    const Envelope& e = envelope_;
    const bool subscribed = e.event == "subscribe";
    if (content() == Content::quiet) return News::none;
    if (!read_payload()) {
        const auto reason = e.failed ? UndecodedReason::venue_error : reason_;
        sink.on_undecoded({reason, kNoListing, connection, e.text});
        return News::none;
    }
    // "Alert sub": the stream is subscribed already.
    constexpr std::string_view kAlready = "Alert sub";
    const bool already = subscribed && e.code == 2 && refusal_.wanted.size() == 1 &&
                         e.text.substr(0, kAlready.size()) == kAlready;
    if (e.failed && !already) {
        sink.on_undecoded({UndecodedReason::venue_error, kNoListing, connection, e.text});
        constexpr std::int64_t kServerFault = 3;
        refusal_.channel = e.channel;
        refusal_.server_fault = e.code == kServerFault;
        return subscribed ? News::refused : News::none;
    }
    for (const std::string_view name : refusal_.wanted) {
        std::uint32_t depth = 0;
        const std::string_view stream = symbol_of_stream(name, depth);
        const Listing* const listing = table_->find_symbol(venue_, stream.empty() ? name : stream);
        sink.on_acknowledged(connection, listing == nullptr ? kNoListing : listing->id, subscribed);
    }
    return News::none;
}

// Which book the unreadable frame was about. A frame cut short may not have shown it to the reader, so its
// text is searched: better one book too many in doubt than a lost change unnoticed.
ListingId Decoder::listing_in_doubt() const
{
    if (book_.listing != nullptr) return book_.listing->id;
    std::string_view text = frame_.view();
    constexpr std::string_view kMember = R"("s":"ob.)";
    const std::size_t at = text.find(kMember);
    if (at == std::string_view::npos) return kNoListing;
    text.remove_prefix(at + kMember.size() - 3);
    const std::size_t quote = text.find('"');
    if (quote == std::string_view::npos) return kNoListing;  // half a name may be another one's
    std::uint32_t depth = 0;
    const std::string_view symbol = symbol_of_stream(text.substr(0, quote), depth);
    const Listing* const listing = symbol.empty() ? nullptr : table_->find_symbol(venue_, symbol);
    return listing == nullptr ? kNoListing : listing->id;
}

}  // namespace arb::gate
