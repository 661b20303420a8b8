// Escaped once: the zeros that a venue writes behind an instrument's own decimals were multiplied in, which
// overflows for numbers near 10^18; they are appended as characters.
#include <gtest/gtest.h>

#include "engine/market/book_checksum.hpp"
#include "tests/market/support.hpp"

namespace arb {
namespace {

TEST(Regression, zeros_of_a_checksum_are_not_multiplied_in)
{
    const InstrumentTable table = test::one_listing();
    BookChecksum checksum(table.instruments()[0], table.listings()[0]);
    OrderBook book;
    const test::Levels bids{test::level(999'999'999'999'999'998, 123'456'789'012'345'678)};
    const test::Levels asks{test::level(999'999'999'999'999'999, 7)};
    ASSERT_TRUE(book.assign(bids, asks));
    // crc32("999999999999999999000" "700" "999999999999999998000" "12345678901234567800")
    EXPECT_EQ(checksum.kraken(book, {3, 2}), 0x34094a3eU);
}

}  // namespace
}  // namespace arb
