#include "connectors/gate/trade_decoder.hpp"

#include "connectors/gate/book_decoder.hpp"
#include "engine/venue/json_walk.hpp"

namespace arb::gate {

TradeDecoder::TradeDecoder(VenueId venue, const InstrumentTable& table, bool spot)
    : venue_(venue), table_(&table), spot_(spot)
{
    trades_.reserve(kTradesMost);
}

void TradeDecoder::clear(PaddedText frame)
{
    end_ = frame.data + frame.size;
    stranger_ = {};
    trades_.clear();
    quote_ = {};
}

// Spot tells one trade, futures a list.
bool TradeDecoder::read_trades(const char* result, PaddedText frame)
{
    clear(frame);
    if (result == nullptr) return fail(UndecodedReason::missing_field);
    TextCursor cursor(result, end_);
    reason_ = UndecodedReason::malformed;
    if (cursor.peek('{')) return read_trade(cursor);
    if (!cursor.peek('[')) return fail(UndecodedReason::wrong_type);
    return read_array(cursor, [&] { return read_trade(cursor); });
}

bool TradeDecoder::read_trade(TextCursor& cursor)
{
    Trade trade;
    Fields fields;
    std::string_view side;
    const bool read = read_object(cursor, [&](std::string_view key) {
        if (key == "create_time_ms") return read_milliseconds(cursor, trade.venue_time, reason_);
        if (key == "price") return fields.price == nullptr && remember(cursor, fields.price);
        if (key == (spot_ ? "amount" : "size"))
            return fields.size == nullptr && remember(cursor, fields.size);
        if (key == (spot_ ? "currency_pair" : "contract")) return cursor.string(fields.symbol);
        if (spot_ && key == "side") return cursor.string(side);
        return cursor.skip_value();
    });
    if (!read) return false;
    if (fields.symbol.empty() || fields.price == nullptr || fields.size == nullptr ||
        !trade.venue_time.known() || (spot_ && side.empty())) {
        return fail(UndecodedReason::missing_field);
    }
    const Listing* const listing = table_->find_symbol(venue_, fields.symbol);
    if (listing == nullptr) {
        stranger_ = fields.symbol;
        return true;
    }
    trade.listing = listing->id;
    TextCursor price(fields.price, end_);
    if (!price.price(listing->wire, trade.price, reason_)) return false;
    if (spot_) {
        TextCursor size(fields.size, end_);
        if (!size.quantity(listing->wire, trade.quantity, reason_)) return false;
        if (side != "buy" && side != "sell") return fail(UndecodedReason::malformed);
        trade.aggressor = side == "sell" ? Side::sell : Side::buy;
    } else if (!read_signed_size(TextCursor(fields.size, end_), *listing, trade)) {
        return false;
    }
    if (trade.quantity.zero()) return fail(UndecodedReason::bad_quantity);
    if (trades_.size() == kTradesMost) return fail(UndecodedReason::too_many_levels);
    trades_.push_back(trade);
    return true;
}

// Contracts, above zero where the taker bought.
bool TradeDecoder::read_signed_size(TextCursor cursor, const Listing& listing, Trade& trade)
{
    std::int64_t size = 0;
    if (!cursor.decimal(listing.wire.quantity_decimals, size, reason_)) return false;
    trade.aggressor = size < 0 ? Side::sell : Side::buy;
    const bool overflows =
        __builtin_mul_overflow(size < 0 ? -size : size, listing.wire.quantity_factor, &trade.quantity.units);
    return !overflows || fail(UndecodedReason::bad_number);
}

bool TradeDecoder::read_quote(const char* result, PaddedText frame)
{
    clear(frame);
    if (result == nullptr) return fail(UndecodedReason::missing_field);
    TextCursor cursor(result, end_);
    if (!cursor.peek('{')) return fail(UndecodedReason::wrong_type);
    Fields fields;
    std::int64_t sequence = -1;
    reason_ = UndecodedReason::malformed;
    const bool read = read_object(cursor, [&](std::string_view key) {
        if (key == "t") return read_milliseconds(cursor, quote_.venue_time, reason_);
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
bool TradeDecoder::read_quote_side(const char* price, const char* size, const Listing& listing, Level& out)
{
    const auto is_empty = [this](const char* at) {
        TextCursor cursor(at, end_);
        return cursor.take('"') && cursor.peek('"');
    };
    if (is_empty(price) || is_empty(size)) return true;
    TextCursor size_at(size, end_);
    Level level;
    if (!size_at.quantity(listing.wire, level.quantity, reason_)) return false;
    if (level.quantity.zero()) return true;
    TextCursor price_at(price, end_);
    if (!price_at.price(listing.wire, level.price, reason_)) return false;
    out = level;
    return true;
}

void TradeDecoder::hand_on(Timestamp now, FactSink& sink)
{
    for (Trade& trade : trades_) {
        trade.receive_time = now;
        sink.on_trade(trade);
    }
    if (quote_.listing == kNoListing) return;
    quote_.receive_time = now;
    sink.on_quote(quote_);
}

}  // namespace arb::gate
