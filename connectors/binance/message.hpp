#pragma once
// One market-data message of Binance after reading: filled by QuickReader or by the general walk of Decoder,
// then handed on as a fact by Decoder alone. Prices and quantities are in the instrument's units, times in
// ns. The levels of a delta lie in the decoder's LevelLists. Also the names of the event's keys, found by
// length and first letter.
#include <array>
#include <cstdint>
#include <string_view>

#include "engine/base/instrument.hpp"
#include "engine/base/market_data.hpp"

namespace arb::binance {

enum class MessageKind : std::uint8_t { none, delta, quote, trade };

struct Message {
    MessageKind kind = MessageKind::none;
    bool buyer_is_maker = false;
    const Listing* listing = nullptr;
    std::uint64_t sequence_first = 0;
    std::uint64_t sequence_last = 0;
    std::uint64_t sequence_previous = 0;
    Timestamp event_time;  ///< E
    Timestamp match_time;  ///< T
    Level bid, ask;        ///< quote
    Level trade;

    Timestamp venue_time() const { return match_time.known() ? match_time : event_time; }
};

/// Keys of an event. The order is free; each is one bit of the set of keys seen.
enum class Key : std::uint8_t {
    other,
    event_type,      // e
    event_time,      // E
    match_time,      // T
    symbol,          // s
    first,           // U
    last,            // u
    previous,        // pu
    bid,             // b: bid levels, best bid price or the buyer's order id
    ask,             // a: ask levels, best ask price, the seller's order id or the aggregate trade's id
    bid_quantity,    // B
    ask_quantity,    // A
    price,           // p
    quantity,        // q
    maker,           // m
    number,          // t, f, l: ids that we do not need (each has its own bit below)
    number_first,    // f
    number_last,     // l
    best_match,      // M
    trade_kind,      // X
    pair,            // ps
    plain_quantity,  // nq
    symbol_type,     // st
    contract,        // cs: whether a contract trades
    count_,
};

constexpr std::uint32_t bit(Key key)
{
    return 1U << static_cast<unsigned>(key);
}

namespace detail {
constexpr std::array<Key, 256> make_letters()
{
    std::array<Key, 256> keys{};
    keys['e'] = Key::event_type;
    keys['E'] = Key::event_time;
    keys['T'] = Key::match_time;
    keys['s'] = Key::symbol;
    keys['U'] = Key::first;
    keys['u'] = Key::last;
    keys['b'] = Key::bid;
    keys['a'] = Key::ask;
    keys['B'] = Key::bid_quantity;
    keys['A'] = Key::ask_quantity;
    keys['p'] = Key::price;
    keys['q'] = Key::quantity;
    keys['m'] = Key::maker;
    keys['t'] = Key::number;
    keys['f'] = Key::number_first;
    keys['l'] = Key::number_last;
    keys['M'] = Key::best_match;
    keys['X'] = Key::trade_kind;
    return keys;
}
}  // namespace detail

inline constexpr std::array<Key, 256> kLetters = detail::make_letters();

inline Key key_of_letter(char letter)
{
    return kLetters[static_cast<unsigned char>(letter)];
}

inline Key key_of_pair(char first, char second)
{
    if (first == 'p') return second == 'u' ? Key::previous : second == 's' ? Key::pair : Key::other;
    if (first == 'n' && second == 'q') return Key::plain_quantity;
    if (first == 'c' && second == 's') return Key::contract;
    return first == 's' && second == 't' ? Key::symbol_type : Key::other;
}

/// Milliseconds, or microseconds where the stream was opened with timeUnit=MICROSECOND: told apart by size
/// (10^14 ms lies in the year 5138). False when it is neither.
inline bool time_of(std::uint64_t value, Timestamp& out)
{
    if (value < 100'000'000'000'000ULL) {
        if (value >= 9'000'000'000'000ULL) return false;
        out.ns = static_cast<std::int64_t>(value) * 1'000'000;
        return true;
    }
    if (value >= 9'000'000'000'000'000ULL) return false;
    out.ns = static_cast<std::int64_t>(value) * 1'000;
    return true;
}

/// Streams that send books other than the full diff book, in part in the same words: `<symbol>@depth20` (the
/// best levels only) and `<symbol>@rpiDepth` (with retail orders). They must not reach the book.
inline bool other_book_stream(std::string_view stream)
{
    const std::size_t at = stream.find('@');
    if (at == std::string_view::npos) return false;
    const std::string_view rest = stream.substr(at + 1);
    if (rest.starts_with("rpiDepth")) return true;
    return rest.size() > 5 && rest.starts_with("depth") && rest[5] >= '0' && rest[5] <= '9';
}

}  // namespace arb::binance
