// What the emulator writes, the connector must read back: the books that the venue maintains, trades, and its
// manners.
#include "connectors/gate/emulator.hpp"

#include <map>

#include <gtest/gtest.h>

#include "connectors/gate/decoder.hpp"
#include "connectors/gate/gate.hpp"
#include "connectors/gate/test_support.hpp"
#include "engine/market/book_builder.hpp"

namespace arb::gate::test {
namespace {

constexpr Timestamp kBegin{1'700'000'000'250'000'000};

class GateEmulatorTest : public ::testing::TestWithParam<const char*> {
  protected:
    using Depth = std::map<std::int64_t, std::int64_t>;  // by ticks, bids below zero: best first

    void SetUp() override
    {
        for (std::int64_t i = 0; i < 120; ++i) {
            bids_[-(20'000 - i)] = 5 + i;
            asks_[20'001 + i] = 7 + i;
        }
    }
    std::vector<Level> levels(const Depth& side, std::size_t most) const
    {
        std::vector<Level> all;
        for (const auto& [ticks, lots] : side) {
            if (all.size() == most) break;
            all.push_back({{listing_.tick.units * std::abs(ticks)}, {listing_.lot.units * lots}});
        }
        return all;
    }
    /// Frames to facts, facts to the book.
    void deliver(const std::vector<VenueMessage>& messages)
    {
        for (const VenueMessage& message : messages) {
            PaddedBuffer buffer(message.text);
            const std::size_t before = heard_.books.size();
            decoder_.decode(ConnectionId{1}, buffer.text_of(), kBegin, heard_);
            for (std::size_t i = before; i < heard_.books.size(); ++i) {
                BookUpdate update = heard_.books[i].update;
                update.bids = heard_.books[i].bids;
                update.asks = heard_.books[i].asks;
                book_.apply(update);
            }
        }
    }
    template <class BookSide>
    static std::vector<Level> kept(const BookSide& side)
    {
        std::vector<Level> all;
        for (std::size_t i = 0; i < side.size(); ++i) all.push_back(side.at_rank(i));
        return all;
    }

    InstrumentTable table_ = table_of(GetParam());
    const Listing& listing_ = table_.listing(kXrp);
    const Instrument& instrument_ = table_.instrument_of(kXrp);
    std::unique_ptr<Emulator> emulator_ = make_emulator(GetParam());
    std::unique_ptr<Venue> venue_ = type().make({VenueId{0}, &table_, 0});
    Decoder decoder_{VenueId{0}, table_};
    BookBuilder book_{instrument_, listing_, venue_->sequence_rule(listing_), {}};
    Heard heard_;
    Depth bids_, asks_;
};

TEST_P(GateEmulatorTest, ADeepBookStaysInStep)
{
    std::uint64_t state = 12'345;  // a fixed sequence of a linear congruential generator
    const auto draw = [&state](std::uint64_t below) {
        state = state * 6'364'136'223'846'793'005ULL + 1'442'695'040'888'963'407ULL;
        return static_cast<std::int64_t>((state >> 33) % below);
    };
    std::vector<VenueMessage> out;
    std::vector<Level> all_bids = levels(bids_, 999), all_asks = levels(asks_, 999);
    emulator_->subscribe(instrument_, listing_, {all_bids, all_asks}, kBegin, out);
    for (int step = 0; step < 300; ++step) {
        Depth& side = draw(2) == 0 ? bids_ : asks_;
        auto at = side.begin();
        std::advance(at, draw(side.size()));
        // New levels come behind the best one, so that the sides never meet.
        if (draw(3) == 0)
            side[side.begin()->first + draw(140)] = 1 + draw(1000);
        else if (side.size() > 60)
            side.erase(at);
        all_bids = levels(bids_, 999);
        all_asks = levels(asks_, 999);
        emulator_->change(instrument_, listing_, {}, {}, {all_bids, all_asks}, kBegin + milliseconds(step),
                          out);
        deliver(out);
        out.clear();
        ASSERT_EQ(kept(book_.book().bids()), levels(bids_, 50)) << "step " << step;
        ASSERT_EQ(kept(book_.book().asks()), levels(asks_, 50)) << "step " << step;
    }
    EXPECT_EQ(book_.stats().gaps, 0U);
    EXPECT_GT(book_.stats().snapshots, 3U) << "a whole book comes again now and then";
    EXPECT_GT(book_.stats().applied, 200U);
    EXPECT_TRUE(heard_.troubles.empty());
}

TEST_P(GateEmulatorTest, EverySecondBookComesBeforeItsReply)
{
    const std::vector<Level> bids = levels(bids_, 3), asks = levels(asks_, 3);
    for (const bool book_first : {false, true, false}) {
        std::vector<VenueMessage> out;
        emulator_->subscribe(instrument_, listing_, {bids, asks}, kBegin, out);
        ASSERT_EQ(out.size(), 3U);
        EXPECT_EQ(out[0].text.find(R"("full":true)") != std::string::npos, book_first);
        heard_ = {};
        deliver(out);
        EXPECT_TRUE(book_.valid());
        EXPECT_EQ(heard_.acknowledged, (std::vector<std::pair<ListingId, bool>>{{kXrp, true}, {kXrp, true}}));
    }
}

TEST_P(GateEmulatorTest, TradesSurviveTheWire)
{
    Trade trade;
    trade.listing = kXrp;
    trade.price = levels(asks_, 1)[0].price;
    trade.quantity = levels(asks_, 1)[0].quantity;
    trade.aggressor = Side::sell;
    trade.venue_time = kBegin;
    std::vector<VenueMessage> out;
    emulator_->trade(instrument_, listing_, trade, out);
    deliver(out);
    ASSERT_EQ(heard_.trades.size(), 1U);
    EXPECT_EQ(heard_.trades[0].price, trade.price);
    EXPECT_EQ(heard_.trades[0].quantity, trade.quantity);
    EXPECT_EQ(heard_.trades[0].aggressor, trade.aggressor);
    EXPECT_EQ(heard_.trades[0].venue_time, kBegin);
}

INSTANTIATE_TEST_SUITE_P(Markets, GateEmulatorTest, ::testing::Values("spot", "usdt"),
                         [](const auto& market) { return std::string(market.param); });

}  // namespace
}  // namespace arb::gate::test
