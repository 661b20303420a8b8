// Real captures of every venue, imported and audited: joins, gaps, checksums and the final books are what
// the data is known to hold. Book hashes are golden and equal in every build.
#include "tests/replay/support.hpp"

namespace arb {
namespace {

class Captures : public test::CaptureTest {
  protected:
    AuditResult audit(const std::string& name) { return test::audit_of({import_capture(name)}); }
};

struct Sums {
    std::uint64_t snapshots = 0, deltas = 0, checksums_ok = 0;
};

// What holds for every book of every capture: valid at the end, no gap, never crossed, no bad checksum.
Sums expect_whole(const AuditResult& result, std::size_t books)
{
    EXPECT_EQ(result.books.size(), books);
    EXPECT_EQ(result.undecoded, 0U);
    EXPECT_TRUE(result.undecoded_by_reason.empty());
    Sums sums;
    for (const AuditBook& book : result.books) {
        const std::string name = book.venue + " " + book.symbol;
        EXPECT_TRUE(book.valid) << name << " is " << book.state;
        EXPECT_EQ(book.gaps, 0U) << name;
        EXPECT_EQ(book.resyncs, 0U) << name;
        EXPECT_EQ(book.checksums_bad, 0U) << name;
        EXPECT_EQ(book.crossed, 0U) << name;
        EXPECT_GT(book.deltas, 0U) << name;
        EXPECT_FALSE(book.best_bid.empty()) << name;
        EXPECT_FALSE(book.best_ask.empty()) << name;
        sums.snapshots += book.snapshots;
        sums.deltas += book.deltas;
        sums.checksums_ok += book.checksums_ok;
    }
    return sums;
}

const AuditBook& book_of(const AuditResult& result, std::string_view market, std::string_view symbol)
{
    for (const AuditBook& book : result.books) {
        if (book.market == market && book.symbol == symbol) return book;
    }
    ADD_FAILURE() << "no book of " << symbol;
    static const AuditBook none;
    return none;
}

TEST_F(Captures, binance_spot_joins_4_of_4)
{
    const AuditResult result = audit("binance");
    EXPECT_EQ(expect_whole(result, 4).snapshots, 4U);
    EXPECT_EQ(book_of(result, "spot", "NKNUSDT").book_hash, 0x6be976eaf9a78396U);
    EXPECT_EQ(book_of(result, "spot", "LRCBTC").book_hash, 0x9531fb71c75ead7bU);
}

TEST_F(Captures, binance_usdm_joins_4_of_4)
{
    const AuditResult result = audit("binance_usdm");
    EXPECT_EQ(expect_whole(result, 4).snapshots, 4U);
    EXPECT_EQ(book_of(result, "usdm", "SUSHIUSDT").book_hash, 0xffaa272e573c1cd0U);
}

TEST_F(Captures, binance_coinm_joins_10_of_10)
{
    const AuditResult result = audit("binance_coinm");
    EXPECT_EQ(expect_whole(result, 10).snapshots, 10U);
    EXPECT_EQ(book_of(result, "coinm", "ETHUSD_210924").book_hash, 0xc817ebdb731c4629U);
}

TEST_F(Captures, coinbase_keeps_the_full_depth_without_a_gap)
{
    const AuditResult result = audit("coinbase");
    EXPECT_EQ(expect_whole(result, 2).snapshots, 2U);
    const AuditBook& btc = book_of(result, "spot", "BTC-USD");
    EXPECT_EQ(btc.levels_bid, 18'769U);
    EXPECT_EQ(btc.levels_ask, 27'238U);
    EXPECT_EQ(btc.book_hash, 0x20b592a960d30105U);
    EXPECT_GT(book_of(result, "spot", "ETH-USD").levels_ask, 16'000U);
}

TEST_F(Captures, kraken_v1_has_4269_of_4269_checksums)
{
    const AuditResult result = audit("kraken_v1");
    const Sums sums = expect_whole(result, 10);
    EXPECT_EQ(sums.deltas, 4'269U);
    EXPECT_EQ(sums.checksums_ok, 4'269U);
    EXPECT_EQ(book_of(result, "spot", "ADA/BTC").book_hash, 0x3fae55136f9580a9U);
}

TEST_F(Captures, kraken_v2_has_the_same_books_and_ten_snapshot_checksums_more)
{
    const AuditResult result = audit("kraken_v2_enveloped");
    const Sums sums = expect_whole(result, 10);
    EXPECT_EQ(sums.snapshots, 10U);
    EXPECT_EQ(sums.deltas, 4'269U);
    EXPECT_EQ(sums.checksums_ok, 4'279U);
    const AuditResult old = audit("kraken_v1");
    for (const AuditBook& book : old.books) {
        EXPECT_EQ(book_of(result, book.market, book.symbol).book_hash, book.book_hash) << book.symbol;
    }
}

TEST_F(Captures, okx_has_290_of_290_checksums)
{
    const AuditResult result = audit("okx");
    EXPECT_EQ(expect_whole(result, 3).checksums_ok, 290U);
    EXPECT_EQ(book_of(result, "spot", "BTC-USDT").book_hash, 0xb2f893b566f2f23dU);
}

TEST_F(Captures, bybit_has_2142_deltas_without_a_gap)
{
    const AuditResult result = audit("bybit");
    EXPECT_EQ(expect_whole(result, 6).deltas, 2'142U);
    EXPECT_EQ(book_of(result, "linear", "BTCUSDT").book_hash, 0xc84ac8986d2909c1U);
    EXPECT_EQ(book_of(result, "spot", "BTCUSDT").book_hash, 0x8a8354a2b28bf154U);
}

TEST_F(Captures, three_binance_markets_of_one_night)
{
    const AuditResult result =
        test::audit_of({import_binance("spot", "btcusdt"), import_binance("usdm", "btcusdt"),
                        import_binance("coinm", "btcusd_perp")});
    const Sums sums = expect_whole(result, 3);
    EXPECT_EQ(sums.snapshots, 3U);
    EXPECT_EQ(result.frames + sums.snapshots, 183'473U);  // a line is a frame or a REST snapshot
    EXPECT_EQ(book_of(result, "spot", "BTCUSDT").book_hash, 0xcd4c57f14061b33bU);
    EXPECT_EQ(book_of(result, "usdm", "BTCUSDT").book_hash, 0xd83af8fc4cff590dU);
    EXPECT_EQ(book_of(result, "coinm", "BTCUSD_PERP").book_hash, 0x861439695fb8325eU);
    // The recorder's clock ran behind the exchange's.
    for (const AuditBook& book : result.books)
        EXPECT_LT(book.offset_median_ns, -1'000'000'000) << book.market;
}

}  // namespace
}  // namespace arb
