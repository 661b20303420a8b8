#include "connectors/gate/decoder.hpp"

#include <tuple>

#include <gtest/gtest.h>

#include "connectors/gate/test_support.hpp"

namespace arb::gate::test {
namespace {

constexpr Timestamp kNow{1'790'000'000'999'000'000};
constexpr ConnectionId kConnection{7};

Timestamp ms(std::int64_t value)
{
    return {value * 1'000'000};
}

class GateDecoder : public ::testing::Test {
  protected:
    const InstrumentTable spot_table_ = table_of("spot");
    const InstrumentTable usdt_table_ = table_of("usdt");
    Decoder spot_{VenueId{0}, spot_table_};
    Decoder usdt_{VenueId{0}, usdt_table_};
    PaddedBuffer buffer_;
    Decoder::News news_ = Decoder::News::none;

    Heard decode(std::string_view text, Decoder& decoder)
    {
        Heard heard;
        news_ = decoder.decode(kConnection, buffer_.assign(text), kNow, heard);
        return heard;
    }
    Heard spot(std::string_view text) { return decode(text, spot_); }
    Heard usdt(std::string_view text) { return decode(text, usdt_); }
    /// One trouble and not a single fact.
    void expect_trouble(std::string_view text, UndecodedReason reason, ListingId listing)
    {
        const Heard heard = spot(text);
        EXPECT_EQ(heard.facts(), 0U) << text;
        ASSERT_EQ(heard.troubles.size(), 1U) << text;
        EXPECT_STREQ(name(heard.troubles[0].reason), name(reason)) << text;
        EXPECT_EQ(heard.troubles[0].listing, listing) << text;
    }
};

TEST_F(GateDecoder, AWholeBookReplacesAndSetsTheNumber)
{
    const Heard heard = spot(golden("book_full"));
    ASSERT_EQ(heard.books.size(), 1U);
    EXPECT_TRUE(heard.troubles.empty());
    const BookUpdate& book = heard.books[0].update;
    EXPECT_TRUE(book.snapshot);
    EXPECT_EQ(book.listing, kXrp);
    EXPECT_EQ(book.sequence_last, 9'649'549'324U);
    EXPECT_FALSE(book.has_previous);
    EXPECT_EQ(book.depth, 50U) << "what lies deeper is not maintained";
    EXPECT_EQ(book.venue_time, ms(1'777'275'365'213));
    EXPECT_EQ(book.receive_time, kNow);
    EXPECT_EQ(heard.books[0].bids, (std::vector<Level>{{{1414}, {1'397'899}}}));
    EXPECT_EQ(heard.books[0].asks, (std::vector<Level>{{{1415}, {17'344'926}}}));
}

TEST_F(GateDecoder, AChangeIsLinkedToTheNumberBeforeItsFirst)
{
    struct Row {
        const char* frame;
        std::uint64_t first, last;
        std::vector<Level> bids, asks;
    };
    for (const Row& row : {
             Row{"book_delta",
                 9'649'549'325,
                 9'649'549'327,
                 {{{1414}, {0}}, {{1413}, {25'500}}},
                 {{{1415}, {17'000'001}}}},
             Row{"book_delta_one_side", 9'649'549'328, 9'649'549'328, {}, {{{1416}, {3000}}}},
             Row{"book_delta_empty", 9'649'549'329, 9'649'549'330, {}, {}},
         }) {
        const Heard heard = spot(golden(row.frame));
        ASSERT_EQ(heard.books.size(), 1U) << row.frame;
        const BookUpdate& book = heard.books[0].update;
        EXPECT_FALSE(book.snapshot);
        EXPECT_EQ(book.sequence_first, row.first);
        EXPECT_EQ(book.sequence_last, row.last);
        EXPECT_TRUE(book.has_previous);
        EXPECT_EQ(book.sequence_previous, row.first - 1);
        EXPECT_EQ(heard.books[0].bids, row.bids);
        EXPECT_EQ(heard.books[0].asks, row.asks);
    }
}

TEST_F(GateDecoder, ContractsBecomeBaseAsset)
{
    const Heard heard = usdt(golden("book_full_usdt"));
    ASSERT_EQ(heard.books.size(), 1U);
    const Instrument& btc = usdt_table_.instrument_of(kBtc);
    EXPECT_EQ(btc.text(heard.books[0].bids.at(0).price), "104027.1");
    EXPECT_EQ(btc.text(heard.books[0].bids.at(0).quantity), "50.9392");
    EXPECT_EQ(heard.books[0].update.depth, 400U);
    const Heard bare = usdt(changed(golden("book_full_usdt"), "\"509392\"", "509392"));
    ASSERT_EQ(bare.books.size(), 1U) << "a server that does not know the header sends numbers";
    EXPECT_EQ(bare.books[0].bids, heard.books[0].bids);
}

// A part of a contract where the listing told of whole ones alone: nothing is rounded.
TEST_F(GateDecoder, PartsOfAContractAreReadWhereTheListingHasThem)
{
    const std::string text = golden("book_delta_usdt_decimal");
    const Heard whole = usdt(text);
    EXPECT_TRUE(whole.books.empty());
    EXPECT_EQ(whole.troubles,
              (std::vector<Heard::Trouble>{{UndecodedReason::too_precise, kBtc, "futures.obu"}}));
    ListingDefinition decimal = listing_of("usdt", "BTC", "0.1", "1", "0.0001");
    decimal.quantity_unit = *Decimal::parse("0.0001");
    const InstrumentTable table = InstrumentTable::build({{{"gate", "usdt"}, {decimal}}}).take();
    Decoder decoder(VenueId{0}, table);
    const Heard heard = decode(text, decoder);
    ASSERT_EQ(heard.books.size(), 1U);
    EXPECT_EQ(table.instrument_of(kBtc).text(heard.books[0].bids.at(0).quantity), "50.93925");
}

TEST_F(GateDecoder, TradesOfBothMarkets)
{
    const Heard spot_heard = spot(golden("trade"));
    ASSERT_EQ(spot_heard.trades.size(), 1U);
    EXPECT_EQ(spot_heard.trades[0].listing, kBtc);
    EXPECT_EQ(spot_heard.trades[0].price.units, 160'004);
    EXPECT_EQ(spot_heard.trades[0].quantity.units, 164'700);
    EXPECT_EQ(spot_heard.trades[0].aggressor, Side::sell);
    EXPECT_EQ(spot_heard.trades[0].venue_time.ns, 1'606'292'218'213'457'800);

    // A quarter of the second trade's contracts is told in halves: the listing counts whole ones.
    std::string text = golden("trades_usdt");
    EXPECT_EQ(usdt(text).troubles.size(), 1U);
    EXPECT_TRUE(usdt(text).trades.empty()) << "a frame is handed on wholly or not at all";
    text = changed(text, "\"2.5\"", "\"25\"");
    const Heard usdt_heard = usdt(text);
    ASSERT_EQ(usdt_heard.trades.size(), 2U);
    EXPECT_EQ(usdt_heard.trades[0].aggressor, Side::sell);
    EXPECT_EQ(usdt_table_.instrument_of(kBtc).text(usdt_heard.trades[0].quantity), "0.0108");
    EXPECT_EQ(usdt_heard.trades[0].venue_time, ms(1'545'136'464'123));
    EXPECT_EQ(usdt_heard.trades[1].listing, kXrp);
    EXPECT_EQ(usdt_heard.trades[1].aggressor, Side::buy);
    EXPECT_EQ(usdt_table_.instrument_of(kXrp).text(usdt_heard.trades[1].quantity), "250");
}

TEST_F(GateDecoder, BestQuotes)
{
    const Heard spot_heard = spot(golden("book_ticker"));
    ASSERT_EQ(spot_heard.quotes.size(), 1U);
    EXPECT_EQ(spot_heard.quotes[0].sequence, 48'733'182U);
    EXPECT_EQ(spot_heard.quotes[0].bid, (Level{{191'777}, {47'000}}));
    EXPECT_EQ(spot_heard.quotes[0].ask, (Level{{191'793}, {180'000}}));
    EXPECT_EQ(spot_heard.quotes[0].venue_time, ms(1'606'293'275'123));
    const Heard usdt_heard = usdt(golden("book_ticker_usdt"));
    ASSERT_EQ(usdt_heard.quotes.size(), 1U);
    EXPECT_EQ(usdt_table_.instrument_of(kBtc).text(usdt_heard.quotes[0].ask.quantity), "4.7061");
    const Heard one_sided =
        usdt(changed(golden("book_ticker_usdt"), R"("b":"54696.6","B":37000)", R"("b":"","B":0)"));
    ASSERT_EQ(one_sided.quotes.size(), 1U);
    EXPECT_EQ(one_sided.quotes[0].bid, Level{});
}

TEST_F(GateDecoder, RepliesPongsAndTheNotice)
{
    EXPECT_EQ(spot(golden("subscribed")).acknowledged,
              (std::vector<std::pair<ListingId, bool>>{{kBtc, true}, {kXrp, true}}));
    EXPECT_EQ(spot(golden("unsubscribed")).acknowledged,
              (std::vector<std::pair<ListingId, bool>>{{kBtc, false}}));
    const Heard pong = spot(golden("pong"));
    EXPECT_EQ(pong.facts() + pong.troubles.size(), 0U) << "whole seconds are no clock";
    EXPECT_EQ(spot(changed(golden("pong"), R"("channel")", R"("time_ms":1545404023123,"channel")")).times,
              std::vector<Timestamp>{ms(1'545'404'023'123)});
    EXPECT_EQ(news_, Decoder::News::none);
    const Heard notice = spot(golden("upgrade"));
    EXPECT_EQ(news_, Decoder::News::upgrade);
    EXPECT_EQ(notice.facts() + notice.troubles.size(), 0U);
    EXPECT_EQ(usdt(golden("tickers_usdt")).troubles.size(), 0U) << "of no use";
    // A recording holds the trading side's frames, too.
    for (
        const char* text :
        {R"({"request_id":"2","ack":true,"header":{"status":"200"},"data":{"result":{}}})",
         R"({"time_ms":1,"channel":"spot.balances","event":"subscribe","payload":null,"result":{"status":"success"}})",
         R"({"time_ms":1,"channel":"spot.orders","event":"update","result":[{"id":"1"}]})"}) {
        const Heard heard = spot(text);
        EXPECT_EQ(heard.facts() + heard.troubles.size(), 0U) << text;
    }
}

TEST_F(GateDecoder, RefusedSubscriptionsAreToldAndHandedBack)
{
    const Heard list = spot(golden("refused_list"));
    EXPECT_EQ(news_, Decoder::News::refused);
    EXPECT_EQ(list.troubles, (std::vector<Heard::Trouble>{{UndecodedReason::venue_error, kNoListing,
                                                           "unknown currency pair: LUNARLENS_USDT"}}));
    EXPECT_EQ(list.facts(), 0U);
    EXPECT_EQ(spot_.refusal().channel, "spot.trades");
    EXPECT_EQ(spot_.refusal().wanted, (std::vector<std::string_view>{"LUNARLENS_USDT", "ETH_USDT"}));
    EXPECT_FALSE(spot_.refusal().server_fault);
    (void)spot(golden("refused_server"));
    EXPECT_EQ(news_, Decoder::News::refused);
    EXPECT_TRUE(spot_.refusal().server_fault);
    // A stream that is subscribed already is what was wanted.
    const Heard twice = spot(golden("refused_twice"));
    EXPECT_EQ(news_, Decoder::News::none);
    EXPECT_EQ(twice.acknowledged, (std::vector<std::pair<ListingId, bool>>{{kBtc, true}}));
    EXPECT_TRUE(twice.troubles.empty());
    // What is no list of names cannot be asked for again; nor is the end of a stream.
    for (const char* payload : {R"({"x":1})", R"(["ob.BTC_USDT.50",7])", "5"}) {
        const Heard odd = spot(changed(golden("refused_server"), R"(["ob.BTC_USDT.50"])", payload));
        EXPECT_EQ(news_, Decoder::News::none) << payload;
        ASSERT_EQ(odd.troubles.size(), 1U) << payload;
        EXPECT_EQ(odd.troubles[0].reason, UndecodedReason::venue_error) << payload;
    }
    (void)spot(changed(golden("refused_server"), R"("event":"subscribe")", R"("event":"unsubscribe")"));
    EXPECT_EQ(news_, Decoder::News::none);
}

TEST_F(GateDecoder, WhatCannotBeReadIsToldWithItsReason)
{
    const std::string full = golden("book_full");
    const std::string delta = golden("book_delta");
    struct Row {
        const std::string& frame;
        const char *from, *to;
        UndecodedReason reason;
        ListingId listing;
    };
    for (const Row& row : {
             Row{full, R"("1.414")", R"("1.4145")", UndecodedReason::too_precise, kXrp},
             Row{full, R"("1.414")", R"("0")", UndecodedReason::bad_price, kXrp},
             Row{full, R"("1397.899")", R"("-1")", UndecodedReason::bad_quantity, kXrp},
             Row{full, R"("1397.899")", R"("1e5")", UndecodedReason::bad_number, kXrp},
             Row{full, R"("full":true)", R"("full":"true")", UndecodedReason::wrong_type, kXrp},
             Row{full, R"("full":true)", R"("full":1)", UndecodedReason::wrong_type, kXrp},
             Row{full, R"("u":9649549324)", R"("u":0)", UndecodedReason::bad_number, kXrp},
             Row{full, R"("u":9649549324,)", "", UndecodedReason::missing_field, kXrp},
             Row{full, R"("a":[["1.415","17344.926"]])", R"("x":1)", UndecodedReason::missing_field, kXrp},
             Row{full, R"("a":[["1.415","17344.926"]])", R"("a":null)", UndecodedReason::wrong_type, kXrp},
             Row{full, R"("s":"ob.XRP_USDT.50",)", "", UndecodedReason::missing_field, kNoListing},
             Row{full, R"("s":"ob.XRP_USDT.50")", R"("s":"ob.NEW_USDT.50")",
                 UndecodedReason::unknown_instrument, kNoListing},
             Row{full, R"("s":"ob.XRP_USDT.50")", R"("s":"ob.XRP_USDT.7")",
                 UndecodedReason::unknown_instrument, kNoListing},
             Row{delta, R"("U":9649549325,)", "", UndecodedReason::missing_field, kXrp},
             Row{delta, R"("U":9649549325)", R"("U":9649549328)", UndecodedReason::bad_number, kXrp},
             Row{delta, R"("U":9649549325)", R"("U":-3)", UndecodedReason::bad_number, kXrp},
             Row{delta, R"("U":9649549325)", R"("U":1,"U":9649549325)", UndecodedReason::malformed, kXrp},
             Row{delta, R"("channel":"spot.obu")", R"("channel":"futures.obu")",
                 UndecodedReason::unknown_message, kNoListing},
             Row{delta, R"("channel":"spot.obu")", R"("channel":"spot.order_book_update")",
                 UndecodedReason::unknown_message, kNoListing},
             Row{delta, R"("event":"update")", R"("event":"all")", UndecodedReason::unknown_message,
                 kNoListing},
             Row{delta, R"("event":"update")", R"("error":{"code":3,"message":"no"})",
                 UndecodedReason::venue_error, kNoListing},
             Row{delta, R"("event":"update"})", R"("event":"update")", UndecodedReason::malformed, kXrp},
             Row{delta, R"("event":"update"})", R"("event":"update"}{})", UndecodedReason::malformed, kXrp},
         }) {
        expect_trouble(changed(row.frame, row.from, row.to), row.reason, row.listing);
    }
    const std::string trade = golden("trade");
    expect_trouble(changed(trade, "sell", "none"), UndecodedReason::malformed, kNoListing);
    expect_trouble(changed(trade, R"("0.16470")", R"("0")"), UndecodedReason::bad_quantity, kNoListing);
    expect_trouble(changed(trade, R"("price":"16000.4",)", ""), UndecodedReason::missing_field, kNoListing);
    expect_trouble(changed(trade, "BTC_USDT", "NEW_USDT"), UndecodedReason::unknown_instrument, kNoListing);
    expect_trouble(R"({"type":"downgrade","msg":"?"})", UndecodedReason::unknown_message, kNoListing);
}

// A blank in front sends a frame to the general walk: it must say the same as the fast path.
TEST_F(GateDecoder, SurvivesEveryOneByteChange)
{
    const auto facts = [](const Heard& heard) {
        std::vector<std::tuple<ListingId, bool, std::uint64_t, std::uint64_t, std::uint64_t, std::int64_t,
                               std::uint32_t>>
            books;
        for (const Heard::Book& book : heard.books) {
            const BookUpdate& u = book.update;
            books.emplace_back(u.listing, u.snapshot, u.sequence_first, u.sequence_last, u.sequence_previous,
                               u.venue_time.ns, u.depth);
        }
        return books;
    };
    for (const char* name :
         {"book_delta", "book_full", "trade", "book_ticker", "subscribed", "refused_twice"}) {
        const std::string text = golden(name);
        for (std::size_t i = 0; i < text.size(); ++i) {
            for (const char c : std::string_view("\"{}[]:,\\ 09-.et\x00\x80", 18)) {
                std::string odd = text;
                odd[i] = c;
                const Heard quick = spot(odd);
                const Heard general = spot(" " + odd);
                ASSERT_EQ(facts(quick), facts(general)) << odd;
                ASSERT_EQ(quick.troubles, general.troubles) << odd;
                ASSERT_LE(quick.books.size() + quick.troubles.size(), 1U) << odd;
                for (std::size_t b = 0; b < quick.books.size(); ++b) {
                    ASSERT_EQ(quick.books[b].bids, general.books[b].bids) << odd;
                    ASSERT_EQ(quick.books[b].asks, general.books[b].asks) << odd;
                }
            }
        }
    }
}

}  // namespace
}  // namespace arb::gate::test
