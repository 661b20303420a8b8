// Books, trades and quotes allocate nothing once warm, on the fast path and on the general walk.
#include "connectors/gate/gate.hpp"

#include <gtest/gtest.h>

#include "connectors/gate/test_support.hpp"
#include "tests/support/allocation_counter.hpp"
#include "tests/support/quiet.hpp"

namespace arb::gate::test {
namespace {

struct NoWishes final : Outbox {
    void send(ConnectionId, std::string_view) override {}
    void request(const HttpRequest&) override {}
    void wake_at(VenueId, Timestamp) override {}
    void reconnect(ConnectionId, std::string_view) override {}
};

struct BookCount final : TradingSink {
    std::size_t facts = 0, troubles = 0;
    void on_book(const BookUpdate&) override { ++facts; }
    void on_trade(const Trade&) override { ++facts; }
    void on_quote(const BestQuote&) override { ++facts; }
    void on_undecoded(const Undecoded&) override { ++troubles; }
};

TEST(GateNoAllocation, FramesOfMarketDataAllocateNothing)
{
    const InstrumentTable table = table_of("spot");
    const auto venue = type().make({VenueId{0}, &table, 0});
    BookCount sink;
    NoWishes outbox;
    const Timestamp now{1'790'000'000'000'000'000};
    venue->plan(std::vector<ListingId>{kBtc, kXrp});
    venue->on_open(ConnectionId{0}, type().stream_url("spot"), now, sink, outbox);
    std::vector<PaddedBuffer> frames;
    for (const char* name : {"book_full", "book_delta", "book_delta_one_side", "trade", "book_ticker"}) {
        frames.emplace_back(golden(name));
        frames.emplace_back(" " + golden(name));  // the general walk
    }
    const auto feed = [&] {
        for (const PaddedBuffer& frame : frames)
            venue->on_frame(ConnectionId{0}, frame.text_of(), now, sink, outbox);
    };
    feed();
    const auto before = arb::test::allocations.load();
    for (int i = 0; i < 20; ++i) feed();
    EXPECT_EQ(arb::test::allocations.load(), before);
    EXPECT_EQ(sink.facts, 21 * frames.size());
    EXPECT_EQ(sink.troubles, 0U);
}

}  // namespace
}  // namespace arb::gate::test
