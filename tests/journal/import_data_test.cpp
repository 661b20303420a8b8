// The importers over real recordings, where they are present: how many records there must be, and the gaps
// between two venues that were counted on the tables themselves.
#include <cstdlib>

#include "tests/journal/support.hpp"

namespace arb {
namespace {

using test::FakeDirectory;
using test::Folder;

/// Empty when the file is not there.
std::string data_file(const std::string& name)
{
    const char* folder = std::getenv("ARBITER_DATA");
    const std::filesystem::path root =
        folder != nullptr ? folder : std::filesystem::path(ARBITER_SOURCE_DIR) / "../shared/data";
    const std::filesystem::path path = root / "multi_venue" / name;
    return std::filesystem::exists(path) ? path.string() : std::string();
}

TEST(ImportData, link_usdt_on_two_venues)
{
    const Folder folder;
    const FakeDirectory directory;
    std::vector<JournalReader> readers;
    for (const std::string venue : {"bnc", "hb"}) {
        ImportRequest request;
        request.format = "book-csv";
        request.inputs = {data_file("link_usdt_2021-08-20_" + venue + ".csv.zst")};
        if (request.inputs[0].empty()) GTEST_SKIP() << "no real recordings here (set ARBITER_DATA)";
        request.output = folder.at(venue + ".arb");
        request.venue = venue;
        request.instrument = "LINK/USDT";
        const Result<ImportSummary> result = run_import(request, directory);
        ASSERT_TRUE(result) << result.error().message;
        EXPECT_EQ(result->records, 7200U);
        readers.push_back(std::move(JournalReader::open(request.output).value()));
    }
    const Decimal tick_a = readers[0].header().venues[0].definitions[0].tick;
    const Decimal tick_b = readers[1].header().venues[0].definitions[0].tick;
    EXPECT_EQ(tick_a.text(), "0.001");
    EXPECT_EQ(tick_b.text(), "0.0001");
    int sold_at_a = 0, sold_at_b = 0;
    for (int row = 0; row < 7200; ++row) {
        const Record* a = readers[0].next();
        const Record* b = readers[1].next();
        ASSERT_TRUE(a != nullptr && b != nullptr);
        ASSERT_EQ(a->time, b->time);
        if (a->bids[0].price * 10 > b->asks[0].price) ++sold_at_a;
        if (b->bids[0].price > a->asks[0].price * 10) ++sold_at_b;
    }
    EXPECT_EQ(sold_at_a, 670);
    EXPECT_EQ(sold_at_b, 669);
}

TEST(ImportData, raw_frames_of_three_markets)
{
    const Folder folder;
    const FakeDirectory directory;
    std::uint64_t lines = 0;
    for (const std::string name : {"spot_btcusdt", "usdm_btcusdt", "coinm_btcusd_perp"}) {
        ImportRequest request;
        request.format = "hftbacktest-raw";
        request.inputs = {data_file("binance_" + name + "_20240808.txt.zst")};
        if (request.inputs[0].empty()) GTEST_SKIP() << "no real recordings here (set ARBITER_DATA)";
        request.output = folder.at(name + ".arb");
        request.venue = "fake";
        const Result<ImportSummary> result = run_import(request, directory);
        ASSERT_TRUE(result) << result.error().message;
        EXPECT_EQ(result->records, result->frames + 2) << "one open and one snapshot beside the frames";
        lines += result->frames + 1;
        directory.log.clear();
    }
    EXPECT_EQ(lines, 183'473U);
}

}  // namespace
}  // namespace arb
