#include "connectors/binance/quick_reader.hpp"

#include <cstring>

#include "engine/base/scan_decimal.hpp"

namespace arb::binance {
namespace {

// Each helper may look a few bytes past `end` (the frame's padding); `take`, which stands between any two
// values, checks that the walk has not left the frame.
bool is_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

bool take(const char*& at, const char* end, char c)
{
    while (__builtin_expect(*at != c, 0)) {
        if (!is_blank(*at) || at >= end) return false;
        ++at;
    }
    return ++at <= end;
}

void skip_blanks(const char*& at, const char* end)
{
    while (__builtin_expect(is_blank(*at), 0) && at < end) ++at;
}

// Up to eight digits at once (little-endian), as in "Quickly parsing eight digits" by D. Lemire.
bool eight_digits(const char* at, std::uint64_t& value)
{
    std::uint64_t text = 0;
    std::memcpy(&text, at, 8);
    if (((text & 0xF0F0F0F0F0F0F0F0ULL) | (((text + 0x0606060606060606ULL) & 0xF0F0F0F0F0F0F0F0ULL) >> 4)) !=
        0x3333333333333333ULL) {
        return false;
    }
    text = (text & 0x0F0F0F0F0F0F0F0FULL) * 2561 >> 8;
    text = (text & 0x00FF00FF00FF00FFULL) * 6553601 >> 16;
    value = (text & 0x0000FFFF0000FFFFULL) * 42949672960001ULL >> 32;
    return true;
}

// A JSON integer of at most 19 digits; the general walk judges longer ones.
bool read_unsigned(const char*& at, std::uint64_t& out)
{
    const char* const begin = at;
    std::uint64_t value = 0;
    std::uint64_t eight = 0;
    while (at - begin < 16 && eight_digits(at, eight)) {
        value = value * 100'000'000 + eight;
        at += 8;
    }
    while (*at >= '0' && *at <= '9' && at - begin < 20)
        value = value * 10 + static_cast<std::uint64_t>(*at++ - '0');
    const auto length = at - begin;
    out = value;
    return length > 0 && length < 20 && (*begin != '0' || length == 1);
}

// A string of printable ASCII without escapes; anything else is left to the general walk.
bool read_string(const char*& at, const char* end, std::string_view& out)
{
    if (*at != '"') return false;
    const char* const begin = ++at;
    while (at < end && *at != '"') {
        if (*at == '\\' || *at < ' ' || *at == 0x7f) return false;
        ++at;
    }
    out = {begin, static_cast<std::size_t>(at - begin)};
    return at++ < end;
}

bool read_decimal(const char*& at, unsigned decimals, std::int64_t& out)
{
    if (*at != '"') return false;
    const ScannedNumber number = scan_decimal(at + 1, decimals);
    if (number.error != DecimalError::none || *number.end != '"') return false;
    out = number.value;
    at = number.end + 1;
    return true;
}

bool read_quantity(const char*& at, const WireScale& scale, Quantity& out)
{
    return read_decimal(at, scale.quantity_decimals, out.units) &&
           (scale.quantity_factor == 1 ||
            !__builtin_mul_overflow(out.units, scale.quantity_factor, &out.units));
}

// [["price","quantity"],...] and nothing else in the pairs; other shapes are for read_pairs in the general
// walk.
bool read_levels(const char*& at, const char* end, const WireScale& scale, LevelList& out)
{
    if (!take(at, end, '[')) return false;
    skip_blanks(at, end);
    if (*at == ']') return take(at, end, ']');
    do {
        Level level;
        if (!take(at, end, '[')) return false;
        skip_blanks(at, end);
        if (!read_decimal(at, scale.price_decimals, level.price.units) || level.price.units <= 0 ||
            !take(at, end, ',')) {
            return false;
        }
        skip_blanks(at, end);
        if (!read_quantity(at, scale, level.quantity) || !take(at, end, ']') || !out.push(level))
            return false;
        skip_blanks(at, end);
    } while (*at == ',' && take(at, end, ','));
    return take(at, end, ']');
}

bool read_flag(const char*& at, bool& out)
{
    out = *at == 't';
    if (std::memcmp(at, out ? "true" : "false", out ? 4 : 5) != 0) return false;
    at += out ? 4 : 5;
    return true;
}

bool read_kind(const char*& at, MessageKind& kind)
{
    const auto is = [&at](const char* quoted, std::size_t size) {
        if (std::memcmp(at, quoted, size) != 0) return false;
        at += size;
        return true;
    };
    switch (at[1]) {
        case 'd':
            kind = MessageKind::delta;
            return is("\"depthUpdate\"", 13);
        case 'b':
            kind = MessageKind::quote;
            return is("\"bookTicker\"", 12);
        case 't':
            kind = MessageKind::trade;
            return is("\"trade\"", 7);
        case 'a':
            kind = MessageKind::trade;
            return is("\"aggTrade\"", 10);
        default:
            return false;
    }
}

}  // namespace

// The walk over one event: where it stands and what it has met.
struct QuickReader::Event {
    const char* at;
    const char* end;
    LevelList& bids;
    LevelList& asks;
    std::uint32_t seen = 0;
    // The two sides mean different things in different events: what they held.
    std::uint8_t level_sides = 0;
    std::uint8_t quote_sides = 0;
};

bool QuickReader::read_value(Key key, Event& event, Message& m) const
{
    const char*& at = event.at;
    std::uint64_t number = 0;
    std::string_view text;
    bool flag = false;
    const Listing* const listing = m.listing;
    switch (key) {
        case Key::event_type:
            return read_kind(at, m.kind);
        case Key::event_time:
            return read_unsigned(at, number) && time_of(number, m.event_time);
        case Key::match_time:
            return read_unsigned(at, number) && time_of(number, m.match_time);
        case Key::symbol:
            if (!read_string(at, event.end, text)) return false;
            m.listing = setup_.table->find_symbol(setup_.id, text);
            return m.listing != nullptr;
        case Key::first:
            return read_unsigned(at, m.sequence_first);
        case Key::last:
            return read_unsigned(at, m.sequence_last);
        case Key::previous:
            return read_unsigned(at, m.sequence_previous);
        case Key::bid:
        case Key::ask: {
            const auto side = static_cast<std::uint8_t>(key == Key::bid ? 1 : 2);
            if (*at == '"') {
                event.quote_sides |= side;
                return listing != nullptr &&
                       read_decimal(at, listing->wire.price_decimals,
                                    key == Key::bid ? m.bid.price.units : m.ask.price.units);
            }
            if (*at != '[') return read_unsigned(at, number);
            event.level_sides |= side;
            if (listing == nullptr) return false;
            return read_levels(at, event.end, listing->wire, key == Key::bid ? event.bids : event.asks);
        }
        case Key::bid_quantity:
            return listing != nullptr && read_quantity(at, listing->wire, m.bid.quantity);
        case Key::ask_quantity:
            return listing != nullptr && read_quantity(at, listing->wire, m.ask.quantity);
        case Key::price:
            return listing != nullptr && read_decimal(at, listing->wire.price_decimals, m.trade.price.units);
        case Key::quantity:
            return listing != nullptr && read_quantity(at, listing->wire, m.trade.quantity);
        case Key::maker:
            return read_flag(at, m.buyer_is_maker);
        case Key::best_match:
            return read_flag(at, flag);
        case Key::number:
        case Key::number_first:
        case Key::number_last:
        case Key::symbol_type:
            return read_unsigned(at, number);
        case Key::trade_kind:
            return read_string(at, event.end, text) && text == "MARKET";
        case Key::pair:
        case Key::plain_quantity:
            return read_string(at, event.end, text);
        case Key::contract:
        case Key::other:
        case Key::count_:
            break;
    }
    return false;
}

bool QuickReader::read_event(Event& event, Message& message) const
{
    const char*& at = event.at;
    if (!take(at, event.end, '{')) return false;
    do {
        skip_blanks(at, event.end);
        if (*at != '"') return false;
        Key key = Key::other;
        if (at[2] == '"') {
            key = key_of_letter(at[1]);
            at += 3;
        } else if (at[3] == '"') {
            key = key_of_pair(at[1], at[2]);
            at += 4;
        }
        if (key == Key::other || (event.seen & bit(key)) != 0 || !take(at, event.end, ':')) return false;
        event.seen |= bit(key);
        skip_blanks(at, event.end);
        if (!read_value(key, event, message)) return false;
        skip_blanks(at, event.end);
    } while (*at == ',' && take(at, event.end, ','));
    return take(at, event.end, '}');
}

bool QuickReader::read(PaddedText frame, Message& message, LevelList& bids, LevelList& asks) const
{
    Event event{frame.data, frame.data + frame.size, bids, asks};
    const char*& at = event.at;
    const char* const end = event.end;
    bool wrapped = false;
    if (frame.size > 24 && std::memcmp(at, "{\"stream\":", 10) == 0) {
        at += 10;
        std::string_view stream;
        skip_blanks(at, end);
        if (!read_string(at, end, stream) || other_book_stream(stream) || !take(at, end, ',')) return false;
        skip_blanks(at, end);
        if (end - at < 8 || std::memcmp(at, "\"data\"", 6) != 0) return false;
        at += 6;
        if (!take(at, end, ':')) return false;
        wrapped = true;
    }
    if (!read_event(event, message) || (wrapped && !take(at, end, '}'))) return false;
    skip_blanks(at, end);
    if (at != end) return false;

    // The spot bookTicker has no event type: its keys tell it.
    constexpr std::uint32_t kQuote = bit(Key::symbol) | bit(Key::last) | bit(Key::bid) |
                                     bit(Key::bid_quantity) | bit(Key::ask) | bit(Key::ask_quantity);
    constexpr std::uint32_t kDelta = bit(Key::symbol) | bit(Key::first) | bit(Key::last) | bit(Key::bid) |
                                     bit(Key::ask) | bit(Key::event_time);
    constexpr std::uint32_t kTrade =
        bit(Key::symbol) | bit(Key::price) | bit(Key::quantity) | bit(Key::maker) | bit(Key::match_time);
    const auto has = [&event](std::uint32_t keys) { return (event.seen & keys) == keys; };
    if (!has(bit(Key::event_type))) message.kind = MessageKind::quote;
    switch (message.kind) {
        case MessageKind::delta:
            return has(kDelta) && event.level_sides == 3 && (!futures_ || has(bit(Key::previous)));
        case MessageKind::quote:
            return has(kQuote) && event.quote_sides == 3 &&
                   (message.bid.quantity.zero() || message.bid.price.units > 0) &&
                   (message.ask.quantity.zero() || message.ask.price.units > 0);
        case MessageKind::trade:
            return has(kTrade) && event.level_sides == 0 && event.quote_sides == 0 &&
                   message.trade.price.units > 0 && message.trade.quantity.units > 0;
        case MessageKind::none:
            break;
    }
    return false;
}

}  // namespace arb::binance
