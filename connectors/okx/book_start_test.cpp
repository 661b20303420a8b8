// A subscription that is confirmed and brings changes alone: the snapshot comes by REST and the changes join
// it.
#include <gtest/gtest.h>

#include "connectors/okx/okx.hpp"
#include "connectors/okx/test_support.hpp"

namespace arb::okx::test {
namespace {

constexpr ConnectionId kSocket{3};

Timestamp after(std::int64_t ms)
{
    return Timestamp{1'790'000'000'000'000'000} + milliseconds(ms);
}

class OkxBookStart : public ::testing::Test {
  protected:
    OkxBookStart()
    {
        venue_->plan(std::vector<ListingId>{kSpot});
        venue_->on_open(kSocket, "wss://ws.okx.com/ws/v5/public", after(0), sink_, wishes_);
    }
    void frame_in(std::string_view text, std::int64_t ms = 10)
    {
        venue_->on_frame(kSocket, buffer_.assign(text), after(ms), sink_, wishes_);
    }
    void confirm()
    {
        frame_in(R"({"event":"subscribe","arg":{"channel":"books","instId":"BTC-USDT"},"connId":"a"})");
    }
    void change(int previous, int sequence, std::int64_t ms = 10)
    {
        frame_in(
            R"({"arg":{"channel":"books","instId":"BTC-USDT"},"action":"update","data":[{"asks":[],"bids":)"
            R"([["1","1","0","1"]],"ts":"1","checksum":0,"prevSeqId":)" +
                std::to_string(previous) + R"(,"seqId":)" + std::to_string(sequence) + "}]}",
            ms);
    }
    void snapshot(int sequence, std::int64_t ms = 20)
    {
        const std::string body =
            R"({"code":"0","msg":"","data":[{"asks":[["2","1","0","1"]],"bids":[["1","5","0","1"]],)"
            R"("ts":"1","seqId":)" +
            std::to_string(sequence) + "}]}";
        venue_->on_http({kUrl, 200, buffer_.assign(body)}, after(ms), sink_, wishes_);
    }
    /// Snapshots as "=105", changes as "100>105".
    std::string told() const
    {
        std::string text;
        for (const SeenBook& b : sink_.books) {
            text += text.empty() ? "" : " ";
            if (!b.update.snapshot) text += std::to_string(b.update.sequence_previous);
            text += (b.update.snapshot ? "=" : ">") + std::to_string(b.update.sequence_last);
        }
        return text;
    }

    static constexpr std::string_view kUrl = "https://www.okx.com/api/v5/market/books?instId=BTC-USDT&sz=400";
    const InstrumentTable table_ = table();
    std::unique_ptr<Venue> venue_ = type().make({VenueId{0}, &table_, 0});
    Sink sink_;
    Wishes wishes_;
    PaddedBuffer buffer_;
};

TEST_F(OkxBookStart, changes_wait_for_a_snapshot_that_they_join)
{
    confirm();
    change(100, 105);
    ASSERT_EQ(wishes_.requests.size(), 1U);
    EXPECT_EQ(wishes_.requests[0].url, kUrl);
    EXPECT_EQ(told(), "");
    change(105, 107);
    snapshot(103);
    EXPECT_EQ(told(), "=103 103>105 105>107");
    change(107, 109);
    EXPECT_EQ(told(), "=103 103>105 105>107 107>109");
    EXPECT_EQ(wishes_.requests.size(), 1U);
}

TEST_F(OkxBookStart, a_snapshot_that_is_too_old_is_asked_for_again)
{
    confirm();
    change(100, 105);
    snapshot(99);
    EXPECT_EQ(told(), "");
    venue_->on_wake(after(100), sink_, wishes_);
    EXPECT_EQ(wishes_.requests.size(), 1U);
    venue_->on_wake(after(320), sink_, wishes_);
    ASSERT_EQ(wishes_.requests.size(), 2U);
    snapshot(105, 330);
    EXPECT_EQ(told(), "=105") << "what the snapshot holds is not applied again";
    change(105, 106, 340);
    EXPECT_EQ(told(), "=105 105>106");
}

TEST_F(OkxBookStart, a_snapshot_that_never_comes_is_asked_for_again)
{
    confirm();
    change(100, 105);
    venue_->on_wake(after(4'000), sink_, wishes_);
    EXPECT_EQ(wishes_.requests.size(), 1U);
    venue_->on_wake(after(5'010), sink_, wishes_);
    EXPECT_EQ(wishes_.requests.size(), 2U);
    change(105, 106, 5'020);
    snapshot(200, 5'030);
    EXPECT_EQ(told(), "=200");
    change(300, 301, 5'040);
    EXPECT_EQ(told(), "=200 300>301") << "a hole is left to the judge of the book";
}

TEST_F(OkxBookStart, a_snapshot_on_the_socket_asks_for_nothing)
{
    confirm();
    frame_in(replaced(frame("books_snapshot"), "BTC-USDT", "BTC-USDT"));
    change(1, 2);
    EXPECT_EQ(sink_.books.size(), 2U);
    EXPECT_TRUE(wishes_.requests.empty());
    // A fresh book asked for: changes of the old subscription are under way until the new one is confirmed.
    venue_->resync(kSpot, after(1'000), wishes_);
    change(2, 3);
    EXPECT_EQ(sink_.books.size(), 3U);
    confirm();
    change(3, 4);
    EXPECT_EQ(sink_.books.size(), 3U);
    EXPECT_EQ(wishes_.requests.size(), 1U);
    frame_in(frame("books_snapshot"));
    EXPECT_EQ(sink_.books.size(), 4U) << "it came after all";
    change(4, 5);
    EXPECT_EQ(sink_.books.size(), 5U);
}

TEST_F(OkxBookStart, a_connection_that_ends_forgets_what_waits)
{
    confirm();
    change(100, 105);
    venue_->on_close(kSocket, after(30), sink_, wishes_);
    venue_->on_wake(after(6'000), sink_, wishes_);
    EXPECT_EQ(wishes_.requests.size(), 1U);
    snapshot(105, 6'010);
    EXPECT_EQ(told(), "=105") << "an answer to nobody is what it is";
}

}  // namespace
}  // namespace arb::okx::test
