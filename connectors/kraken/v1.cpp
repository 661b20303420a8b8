#include "connectors/kraken/v1.hpp"

#include <array>
#include <charconv>
#include <utility>

#include "connectors/kraken/symbols.hpp"
#include "engine/venue/json_walk.hpp"

namespace arb::kraken {
namespace {

using simdjson::error_code;
namespace ondemand = simdjson::ondemand;

// "book-1000" names the depth; plain "book" tells nothing.
std::uint32_t depth_of(std::string_view channel)
{
    std::uint32_t depth = 0;
    const std::size_t dash = channel.find('-');
    if (dash == std::string_view::npos) return 0;
    const char* end = channel.data() + channel.size();
    const auto [stop, error] = std::from_chars(channel.data() + dash + 1, end, depth);
    return error == std::errc{} && stop == end && depth <= kLevelsMax ? depth : 0;
}

// ["price", whole lot volume, "lot volume"] of a ticker's a and b.
bool read_ticker_side(TextCursor& cursor, const WireScale& scale, Level& out, UndecodedReason& reason)
{
    if (!cursor.take('[') || !cursor.price(scale, out.price, reason) || !cursor.take(',') ||
        !cursor.skip_value() || !cursor.take(',') || !cursor.quantity(scale, out.quantity, reason)) {
        return false;
    }
    while (!cursor.take(']')) {
        if (!cursor.take(',') || !cursor.skip_value()) return false;
    }
    return true;
}

// ["price","volume","time","b" or "s",order type,misc]
bool read_v1_trade(TextCursor& cursor, const WireScale& scale, Trade& out, UndecodedReason& reason)
{
    std::string_view side;
    if (!cursor.take('[') || !cursor.price(scale, out.price, reason) || !cursor.take(',') ||
        !cursor.quantity(scale, out.quantity, reason) || !cursor.take(',') ||
        !cursor.decimal(9, out.venue_time.ns, reason) || !cursor.take(',') || !cursor.string(side)) {
        return false;
    }
    out.aggressor = side == "b" ? Side::buy : Side::sell;
    while (!cursor.take(']')) {
        if (!cursor.take(',') || !cursor.skip_value()) return false;
    }
    return side == "b" || side == "s";
}

}  // namespace

V1Decoder::V1Decoder(const VenueSetup& setup, Books& books, simdjson::ondemand::parser& parser)
    : venue_(setup.id), table_(*setup.table), books_(books), parser_(parser)
{
    trades_.reserve(1024);
}

void V1Decoder::decode(PaddedText frame, const FrameInput& input, FactSink& sink)
{
    std::array<Element, kElementsMax> elements;
    std::size_t count = 0;
    ondemand::document document;
    ondemand::array array;
    error_code error = parser_.iterate(frame.data, frame.size, frame.size + kTextPadding).get(document);
    if (!error) error = document.get_array().get(array);
    if (!error) {
        for (auto item : array) {
            ondemand::value value;
            error = std::move(item).get(value);
            if (!error && count == kElementsMax) error = error_code::CAPACITY;
            if (error) break;
            Element& element = elements[count++];
            element.at = value.raw_json_token().data();
            element.is_text = *element.at == '"';
            if (element.is_text) error = value.get_string().get(element.text);
            if (error) break;
        }
    }
    if (!error && document.current_location().error() != error_code::OUT_OF_BOUNDS)
        error = error_code::TRAILING_CONTENT;
    if (error) {
        sink.on_undecoded({UndecodedReason::malformed, kNoListing, input.connection, {}});
        return;
    }
    const bool shaped = count >= 4 && elements[count - 1].is_text && elements[count - 2].is_text;
    if (!shaped) {
        sink.on_undecoded({UndecodedReason::missing_field, kNoListing, input.connection, {}});
        return;
    }
    const std::string_view channel = elements[count - 2].text;
    if (channel.starts_with("ohlc") || channel == "spread") return;
    SymbolBuffer buffer;
    const std::string_view symbol = modern_symbol(elements[count - 1].text, buffer);
    const bool book = channel.starts_with("book");
    if (!book && channel != "trade" && channel != "ticker") {
        sink.on_undecoded({UndecodedReason::unknown_message, kNoListing, input.connection, channel});
        return;
    }
    const Listing* listing = table_.find_symbol(venue_, symbol);
    if (listing == nullptr) {
        sink.on_undecoded({UndecodedReason::unknown_instrument, kNoListing, input.connection, symbol});
        return;
    }
    if (book)
        decode_book({elements.data() + 1, count - 3}, channel, *listing, input, sink);
    else if (channel == "trade")
        decode_trades(elements[1], *listing, input, sink);
    else
        decode_ticker(elements[1], *listing, input, sink);
}

// An update of both sides comes as two maps, the checksum in the last: one change of one book.
void V1Decoder::decode_book(std::span<const Element> payload, std::string_view channel,
                            const Listing& listing, const FrameInput& input, FactSink& sink)
{
    if (const std::uint32_t depth = depth_of(channel); depth != 0) books_.set_depth(listing.id, depth);
    books_.clear();
    BookEvent event;
    event.listing = &listing;
    for (const Element& map : payload) {
        TextCursor cursor(map.at, input.end);
        if (!cursor.peek('{')) event.reason = UndecodedReason::wrong_type;
        event.failed = event.failed || !read_book(cursor, input, event);
    }
    if (!event.failed && event.bids.at == nullptr && event.asks.at == nullptr) {
        event.failed = true;
        event.reason = UndecodedReason::missing_field;
    }
    books_.tell(event, input, sink);
}

bool V1Decoder::read_book(TextCursor& cursor, const FrameInput& input, BookEvent& event)
{
    return read_object(cursor, [&](std::string_view key) {
        const bool bids = key == "b" || key == "bs";
        if (bids || key == "a" || key == "as") {
            BookSide& side = event.side(bids);
            const bool snapshot = key.size() == 2;
            const bool first = event.bids.at == nullptr && event.asks.at == nullptr;
            if (side.at != nullptr || (!first && snapshot != event.snapshot)) return false;
            event.snapshot = snapshot;
            side.at = cursor.at();
            LevelList& list = books_.levels(bids);
            const bool read = read_arrays(cursor, event.listing->wire, list, event.wording, event.reason);
            side.end = list.size();
            return read;
        }
        if (key == "c") return !event.has_checksum && read_checksum(cursor, input, event);
        return cursor.skip_value();
    });
}

void V1Decoder::decode_trades(const Element& payload, const Listing& listing, const FrameInput& input,
                              FactSink& sink)
{
    trades_.clear();
    UndecodedReason reason = UndecodedReason::malformed;
    TextCursor cursor(payload.at, input.end);
    const bool read = read_array(cursor, [&] {
        Trade trade;
        if (!read_v1_trade(cursor, listing.wire, trade, reason)) return false;
        trade.listing = listing.id;
        trade.receive_time = input.now;
        trades_.push_back(trade);
        return true;
    });
    if (!read) {
        sink.on_undecoded({reason, kNoListing, input.connection, listing.symbol});
        return;
    }
    for (const Trade& trade : trades_) sink.on_trade(trade);
}

void V1Decoder::decode_ticker(const Element& payload, const Listing& listing, const FrameInput& input,
                              FactSink& sink)
{
    BestQuote quote;
    UndecodedReason reason = UndecodedReason::malformed;
    TextCursor cursor(payload.at, input.end);
    const bool read = read_object(cursor, [&](std::string_view key) {
        if (key == "b") return read_ticker_side(cursor, listing.wire, quote.bid, reason);
        if (key == "a") return read_ticker_side(cursor, listing.wire, quote.ask, reason);
        return cursor.skip_value();
    });
    if (!read) {
        sink.on_undecoded({reason, kNoListing, input.connection, listing.symbol});
        return;
    }
    quote.listing = listing.id;
    quote.receive_time = input.now;
    sink.on_quote(quote);
}

}  // namespace arb::kraken
