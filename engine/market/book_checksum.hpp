#pragma once
// The checksums venues put on their books, computed from integers. A level's digits are printed once and kept
// while the level stays among the best, so an update costs little more than its changed levels. Used by
// BookBuilder on the core thread; one object a book. No allocation.
// Sources: Kraken "Book Checksum v2" guide; OKX v5 "Checksum" (ended 2026-06, older recordings carry it).
#include <array>
#include <cstdint>

#include "engine/base/instrument.hpp"
#include "engine/market/order_book.hpp"

namespace arb {

class BookChecksum {
  public:
    /// `wire` and the instrument's decimals say how the venue writes numbers.
    BookChecksum(const Instrument& instrument, const Listing& listing);

    /// Kraken: asks then bids, ten best each, price digits then quantity digits as written with `text`
    /// decimals, point and leading zeros left out.
    std::uint32_t kraken(const OrderBook& book, TextDecimals text);
    /// OKX: 25 best, bid and ask in turn, "price:size" joined by ":", shortest digits, sizes in the venue's
    /// unit.
    std::uint32_t okx(const OrderBook& book);

  private:
    static constexpr std::size_t kSlots = 128;
    static constexpr std::size_t kTextMax = 63;
    struct alignas(16) Digits {
        Level level{{-1}, {-1}};
        std::uint8_t length = 0;
        std::array<char, kTextMax> text{};
    };
    template <class Print>
    char* put(char* out, std::array<Digits, kSlots>& side, const Level& level, Print print);
    std::size_t print_plain(const Level& level, char* out) const;
    std::size_t print_short(const Level& level, char* out) const;

    unsigned slot_shift_;  // the tick's trailing zero bits: neighbouring prices get neighbouring slots
    std::uint8_t price_decimals_;
    std::uint8_t quantity_decimals_;
    std::uint8_t wire_quantity_decimals_;
    std::int64_t quantity_factor_;
    TextDecimals text_;
    std::array<Digits, kSlots> bids_;
    std::array<Digits, kSlots> asks_;
};

}  // namespace arb
