#include "engine/market/book_checksum.hpp"

#include <algorithm>
#include <cstring>

#include <libdeflate.h>

namespace arb {
namespace {

constexpr std::size_t kKrakenDepth = 10;
constexpr std::size_t kOkxDepth = 25;
// No venue writes more zeros than this behind an instrument's own decimals.
constexpr unsigned kZerosMax = 10;

std::uint32_t crc32_of(const char* begin, const char* end)
{
    return libdeflate_crc32(0, begin, static_cast<std::size_t>(end - begin));
}

// value x 10^-from as its digits stand when written with `to` decimals: zeros are appended as characters,
// because a product could overflow.
std::size_t print_digits(std::int64_t value, unsigned from, unsigned to, char* out)
{
    auto plain = static_cast<std::uint64_t>(value);
    if (from > to) plain /= static_cast<std::uint64_t>(power_of_ten(from - to));
    std::size_t length = print_integer(plain, out);
    for (unsigned i = from; i < to && i < from + kZerosMax; ++i) out[length++] = '0';
    return length;
}

}  // namespace

BookChecksum::BookChecksum(const Instrument& instrument, const Listing& listing)
    : slot_shift_(
          static_cast<unsigned>(__builtin_ctzll(static_cast<unsigned long long>(listing.price_step.units)))),
      price_decimals_(instrument.price_decimals),
      quantity_decimals_(instrument.quantity_decimals),
      wire_quantity_decimals_(listing.wire.quantity_decimals),
      quantity_factor_(listing.wire.quantity_factor)
{
}

template <class Print>
char* BookChecksum::put(char* out, std::array<Digits, kSlots>& side, const Level& level, Print print)
{
    Digits& digits = side[(static_cast<std::uint64_t>(level.price.units) >> slot_shift_) % kSlots];
    if (digits.level != level) {
        digits.level = level;
        digits.length = static_cast<std::uint8_t>((this->*print)(level, digits.text.data()));
    }
    // A fixed-size copy is one instruction or two; the next level overwrites what is too much.
    std::memcpy(out, digits.text.data(), kTextMax);
    return out + digits.length;
}

std::size_t BookChecksum::print_plain(const Level& level, char* out) const
{
    std::size_t length = print_digits(level.price.units, price_decimals_, text_.price, out);
    length += print_digits(level.quantity.units, quantity_decimals_, text_.quantity, out + length);
    return length;
}

std::size_t BookChecksum::print_short(const Level& level, char* out) const
{
    std::size_t length = print_scaled_short(level.price.units, price_decimals_, out);
    out[length++] = ':';
    length +=
        print_scaled_short(level.quantity.units / quantity_factor_, wire_quantity_decimals_, out + length);
    out[length++] = ':';
    return length;
}

std::uint32_t BookChecksum::kraken(const OrderBook& book, TextDecimals text)
{
    if (text.price != text_.price || text.quantity != text_.quantity) {
        text_ = text;
        bids_.fill({});
        asks_.fill({});
    }
    char buffer[(2 * kKrakenDepth + 1) * kTextMax];
    char* out = buffer;
    for (std::size_t i = 0; i < std::min(book.asks().size(), kKrakenDepth); ++i) {
        out = put(out, asks_, book.asks().at_rank(i), &BookChecksum::print_plain);
    }
    for (std::size_t i = 0; i < std::min(book.bids().size(), kKrakenDepth); ++i) {
        out = put(out, bids_, book.bids().at_rank(i), &BookChecksum::print_plain);
    }
    return crc32_of(buffer, out);
}

std::uint32_t BookChecksum::okx(const OrderBook& book)
{
    char buffer[(2 * kOkxDepth + 1) * kTextMax];
    char* out = buffer;
    for (std::size_t i = 0; i < kOkxDepth; ++i) {
        if (i < book.bids().size()) out = put(out, bids_, book.bids().at_rank(i), &BookChecksum::print_short);
        if (i < book.asks().size()) out = put(out, asks_, book.asks().at_rank(i), &BookChecksum::print_short);
    }
    return crc32_of(buffer, out == buffer ? out : out - 1);  // without the last colon
}

}  // namespace arb
