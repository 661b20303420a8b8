#include "connectors/gate/gate.hpp"

#include <fstream>
#include <sstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "connectors/gate/test_support.hpp"
#include "engine/market/book_builder.hpp"

namespace arb::gate::test {

std::string golden(const std::string& name)
{
    std::ifstream file(ARBITER_SOURCE_DIR "/connectors/gate/frames/" + name + ".json");
    EXPECT_TRUE(file.good()) << "no golden frame " << name;
    std::ostringstream text;
    text << file.rdbuf();
    std::string frame = text.str();
    frame.erase(frame.find_last_not_of('\n') + 1);
    return frame;
}

std::string changed(std::string text, const std::string& from, const std::string& to)
{
    const std::size_t at = text.find(from);
    if (at == std::string::npos) {
        ADD_FAILURE() << "the text has no " << from;
        return text;
    }
    return text.replace(at, from.size(), to);
}

namespace {

constexpr ConnectionId kFeed{3};
constexpr ConnectionId kOther{4};

Timestamp second(std::int64_t s)
{
    return Timestamp{1'790'000'000'000'000'000} + seconds(s);
}

struct Asked final : Outbox {
    std::vector<std::string> sent;
    std::vector<Timestamp> wakes;
    std::vector<ConnectionId> reconnects;
    void send(ConnectionId connection, std::string_view text) override
    {
        sent.push_back(fmt::format("{} {}", index(connection), text));
    }
    void request(const HttpRequest&) override { ADD_FAILURE() << "market data asks nothing by REST"; }
    void wake_at(VenueId, Timestamp time) override { wakes.push_back(time); }
    void reconnect(ConnectionId connection, std::string_view) override { reconnects.push_back(connection); }
};

/// A venue with market data alone, on one connection.
class GateFeed : public ::testing::Test {
  protected:
    explicit GateFeed(std::string market = "spot") : table_(table_of(std::move(market))) {}

    void open(ConnectionId connection, std::int64_t s)
    {
        venue_->on_open(connection, type().stream_url(table_.venue(VenueId{0}).market), second(s), heard_,
                        asked_);
    }
    void frame(const std::string& text, std::int64_t s, ConnectionId connection = kFeed)
    {
        venue_->on_frame(connection, buffer_.assign(text), second(s), heard_, asked_);
    }
    std::vector<std::string> taken() { return std::exchange(asked_.sent, {}); }

    InstrumentTable table_;
    std::unique_ptr<Venue> venue_ = type().make({VenueId{0}, &table_, 0});
    Heard heard_;
    Asked asked_;
    PaddedBuffer buffer_;
};

class GateUsdtFeed : public GateFeed {
  protected:
    GateUsdtFeed() : GateFeed("usdt") {}
};

TEST_F(GateFeed, SubscribesBooksAndTradesInLists)
{
    const auto plans = venue_->plan(std::vector<ListingId>{kBtc, kXrp});
    ASSERT_EQ(plans.size(), 1U);
    EXPECT_EQ(plans[0].url, "wss://api.gateio.ws/ws/v4/");
    open(kFeed, 0);
    EXPECT_EQ(taken(),
              (std::vector<std::string>{R"(3 {"time":1790000000,"channel":"spot.obu","event":"subscribe",)"
                                        R"("payload":["ob.BTC_USDT.50","ob.XRP_USDT.50"]})",
                                        R"(3 {"time":1790000000,"channel":"spot.trades","event":"subscribe",)"
                                        R"("payload":["BTC_USDT","XRP_USDT"]})"}));
    open(kOther, 0);
    EXPECT_TRUE(taken().empty()) << "a second connection serves no plan";
    venue_->on_wake(second(15), heard_, asked_);
    EXPECT_EQ(taken(), (std::vector<std::string>{R"(3 {"time":1790000015,"channel":"spot.ping"})"}));
}

TEST_F(GateFeed, SpreadsManyListingsOverRequestsAndConnections)
{
    InstrumentTable::VenueListings gate{{"gate", "spot"}, {}};
    for (int i = 0; i < 130; ++i)
        gate.definitions.push_back(listing_of("spot", fmt::format("C{}", i), "0.1", "0.1"));
    table_ = InstrumentTable::build({gate}).take();
    venue_ = type().make({VenueId{0}, &table_, 0});
    std::vector<ListingId> all;
    for (const Listing& listing : table_.listings()) all.push_back(listing.id);
    ASSERT_EQ(venue_->plan(all).size(), 2U);
    open(kFeed, 0);
    const std::vector<std::string> first = taken();
    EXPECT_EQ(first.size(), 8U) << "100 listings, 25 in a request, books and trades";
    open(kOther, 0);
    EXPECT_EQ(taken().size(), 4U);
    venue_->on_close(kFeed, second(1), heard_, asked_);
    open(kFeed, 2);
    EXPECT_EQ(taken().size(), first.size()) << "its own listings again";
}

TEST_F(GateFeed, TheDepthChoosesTheStream)
{
    for (const auto& [depth, stream] : {std::pair{0U, "ob.BTC_USDT.50"},
                                        {1U, "ob.BTC_USDT.50"},
                                        {50U, "ob.BTC_USDT.50"},
                                        {51U, "ob.BTC_USDT.400"}}) {
        venue_ = type().make({VenueId{0}, &table_, depth});
        venue_->plan(std::vector<ListingId>{kBtc});
        open(kFeed, 0);
        EXPECT_NE(taken().at(0).find(stream), std::string::npos) << depth;
    }
}

TEST_F(GateUsdtFeed, SpeaksOfContractsAtItsOwnAddress)
{
    EXPECT_EQ(venue_->plan(std::vector<ListingId>{kBtc}).at(0).url, "wss://fx-ws.gateio.ws/v4/ws/usdt");
    open(kFeed, 0);
    EXPECT_EQ(taken().at(0), R"(3 {"time":1790000000,"channel":"futures.obu","event":"subscribe",)"
                             R"("payload":["ob.BTC_USDT.50"]})");
    venue_->on_wake(second(15), heard_, asked_);
    EXPECT_EQ(taken().at(0), R"(3 {"time":1790000015,"channel":"futures.ping"})");
    frame(golden("book_full_usdt"), 16);
    EXPECT_EQ(heard_.books.size(), 1U);
}

TEST_F(GateFeed, AFreshBookIsUnsubscribedAndSubscribed)
{
    venue_->plan(std::vector<ListingId>{kBtc});
    venue_->resync(kBtc, second(0), asked_);
    EXPECT_TRUE(taken().empty()) << "nothing is connected";
    open(kFeed, 0);
    (void)taken();
    venue_->resync(kBtc, second(9), asked_);
    EXPECT_EQ(
        taken(),
        (std::vector<std::string>{
            R"(3 {"time":1790000009,"channel":"spot.obu","event":"unsubscribe","payload":["ob.BTC_USDT.50"]})",
            R"(3 {"time":1790000009,"channel":"spot.obu","event":"subscribe","payload":["ob.BTC_USDT.50"]})"}));
}

TEST_F(GateFeed, AnAnnouncedEndAndSilenceLeaveTheConnectionOnce)
{
    venue_->plan(std::vector<ListingId>{kBtc});
    open(kFeed, 0);
    frame(golden("upgrade"), 1);
    frame(golden("upgrade"), 2);
    EXPECT_EQ(asked_.reconnects, std::vector<ConnectionId>{kFeed});
    venue_->on_close(kFeed, second(3), heard_, asked_);
    open(kFeed, 4);
    frame(golden("pong"), 20);
    venue_->on_wake(second(64), heard_, asked_);
    EXPECT_EQ(asked_.reconnects.size(), 1U) << "heard 44 s ago";
    venue_->on_wake(second(65), heard_, asked_);
    EXPECT_EQ(asked_.reconnects.size(), 2U);
}

// One bad pair refuses a list, and whether the good ones are subscribed is not told.
TEST_F(GateFeed, ARefusedListIsSubscribedPairByPairAndASinglePairNoMore)
{
    venue_->plan(std::vector<ListingId>{kBtc, kXrp});
    open(kFeed, 0);
    (void)taken();
    const std::string refused = golden("refused_list");
    frame(changed(refused, R"(["LUNARLENS_USDT","ETH_USDT"])", R"(["BTC_USDT","XRP_USDT","ETH_USDT"])"), 1);
    EXPECT_EQ(
        taken(),
        (std::vector<std::string>{
            R"(3 {"time":1790000001,"channel":"spot.trades","event":"subscribe","payload":["BTC_USDT"]})",
            R"(3 {"time":1790000001,"channel":"spot.trades","event":"subscribe","payload":["XRP_USDT"]})"}))
        << "a name that is none of ours is not sent back";
    frame(changed(refused, R"(["LUNARLENS_USDT","ETH_USDT"])", R"(["BTC_USDT"])"), 1);
    EXPECT_TRUE(taken().empty());
    for (const auto& [from, to] : {std::pair{R"("spot.trades")", R"("spot.candlesticks")"},
                                   {R"("ETH_USDT")", R"("XRP_USDT\",\"x")"}}) {
        frame(changed(refused, from, to), 1);
        EXPECT_TRUE(taken().empty()) << to;
    }
    // A stream of another depth is none that we subscribe.
    frame(
        changed(golden("refused_server"), R"(["ob.BTC_USDT.50"])", R"(["ob.BTC_USDT.400","ob.XRP_USDT.50"])"),
        1);
    EXPECT_EQ(taken().size(), 1U);
    frame(changed(refused, R"(["LUNARLENS_USDT","ETH_USDT"])", R"(["BTC_USDT","XRP_USDT"])"), 1, kOther);
    EXPECT_TRUE(taken().empty()) << "nobody's connection";
}

TEST_F(GateFeed, WhatTheServerFailedToDoIsAskedAgainLater)
{
    venue_->plan(std::vector<ListingId>{kBtc});
    open(kFeed, 0);
    (void)taken();
    frame(golden("refused_server"), 1);
    frame(golden("refused_server"), 1);
    venue_->on_wake(second(10), heard_, asked_);
    EXPECT_TRUE(taken().empty());
    EXPECT_EQ(asked_.wakes.back(), second(15)) << "the ping is due first";
    EXPECT_NE(std::find(asked_.wakes.begin(), asked_.wakes.end(), second(11)), asked_.wakes.end());
    venue_->on_wake(second(11), heard_, asked_);
    EXPECT_EQ(
        taken(),
        (std::vector<std::string>{
            R"(3 {"time":1790000011,"channel":"spot.obu","event":"subscribe","payload":["ob.BTC_USDT.50"]})"}))
        << "once";
    frame(golden("refused_server"), 12);
    venue_->on_close(kFeed, second(13), heard_, asked_);
    venue_->on_wake(second(40), heard_, asked_);
    EXPECT_TRUE(taken().empty()) << "a connection that is gone";
}

/// What the venue's frames do to a book, by its own rule.
TEST_F(GateFeed, BooksJoinByTheVenuesRules)
{
    const auto full = [](int id) {
        return fmt::format(
            R"({{"channel":"spot.obu","result":{{"t":1,"full":true,"s":"ob.XRP_USDT.50","u":{},)"
            R"("b":[["1.414","5"]],"a":[["1.416","5"]]}},"time_ms":2}})",
            id);
    };
    const auto change = [](int first, int last, const char* sides) {
        return fmt::format(
            R"({{"channel":"spot.obu","result":{{"t":1,"s":"ob.XRP_USDT.50","U":{},"u":{}{}}},"time_ms":2}})",
            first, last, sides);
    };
    struct Step {
        const char* what;
        std::string text;
        BookOutcome outcome;
        std::int64_t best_bid;  // 0: the book is not valid
    };
    const char* const better = R"(,"b":[["1.415","1"]])";
    const Step steps[] = {
        {"a change before any book is dropped", change(90, 99, better), BookOutcome::ignored, 0},
        {"the whole book, before its reply", full(100), BookOutcome::replaced, 1414},
        {"one from the past is a gap", change(100, 101, better), BookOutcome::gap, 0},
        {"nothing counts until the next book", change(102, 103, better), BookOutcome::ignored, 0},
        {"a whole book", full(200), BookOutcome::replaced, 1414},
        {"the next number", change(201, 205, better), BookOutcome::applied, 1415},
        {"nothing changed, the number did", change(206, 209, ""), BookOutcome::applied, 1415},
        {"an empty side", change(210, 210, R"(,"a":[],"b":[["1.415","0"]])"), BookOutcome::applied, 1414},
        {"a whole book at any time, with a smaller number", full(150), BookOutcome::replaced, 1414},
        {"and its next", change(151, 151, better), BookOutcome::applied, 1415},
        {"one left out", change(153, 154, ""), BookOutcome::gap, 0},
        {"a whole book mends it", full(300), BookOutcome::replaced, 1414},
    };
    BookBuilder book(table_.instrument_of(kXrp), table_.listing(kXrp),
                     venue_->sequence_rule(table_.listing(kXrp)), {});
    std::int64_t s = 0;
    for (const Step& step : steps) {
        SCOPED_TRACE(step.what);
        heard_.books.clear();
        frame(step.text, ++s);
        ASSERT_EQ(heard_.books.size(), 1U);
        const Heard::Book& said = heard_.books[0];
        BookUpdate update = said.update;
        update.bids = said.bids;
        update.asks = said.asks;
        EXPECT_EQ(book.apply(update), step.outcome);
        EXPECT_EQ(book.valid(), step.best_bid != 0);
        if (step.best_bid != 0) {
            EXPECT_EQ(book.book().bids().at_rank(0).price.units, step.best_bid);
        }
    }
    EXPECT_EQ(book.stats().gaps, 2U);
    EXPECT_TRUE(heard_.troubles.empty());
}

}  // namespace
}  // namespace arb::gate::test
